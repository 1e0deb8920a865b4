"""Write the server's OpenAPI document to a file: the studio's types are made from it."""

import json
import sys
from pathlib import Path

from yozora.server.http.app import document

if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document(), ensure_ascii=False, sort_keys=True))
