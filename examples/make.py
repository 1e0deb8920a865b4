"""Make a film with the official Python client: pip install openai; then python make.py "a dog runs" film.mp4.

The base URL and the key come from OPENAI_BASE_URL (http://127.0.0.1:8000/v1) and OPENAI_API_KEY (yozora keys create).
"""

import sys

from openai import OpenAI

prompt, path = sys.argv[1:]
client = OpenAI()
video = client.videos.create_and_poll(prompt=prompt, seconds="4", size="1280x720")
if video.error is not None:
    sys.exit(f"{video.error.code}: {video.error.message}")
client.videos.download_content(video.id).write_to_file(path)
print(video.id, path)
