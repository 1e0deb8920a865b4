"""The whole contract by the official Python client, whichever version runs this: `contract.py URL KEY FILM PICTURE`.

A program of its own, run by `test_contracts` in an environment that has `openai` and nothing of ours. Calls that a
version does not have yet are left out, and said at the end.
"""

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore")

import openai  # noqa: E402

SMALL: dict[str, Any] = {"seconds": "0.3", "size": "96x64"}


def main(url: str, key: str, film: Path, picture: Path) -> None:
    client, missing = openai.OpenAI(base_url=url, api_key=key, timeout=60), []
    videos = client.videos
    video = videos.create(prompt="a cat", model="sora-2", **SMALL)
    assert (video.object, video.size, video.seconds, video.model) == ("video", "96x64", "0.3", "sora-2"), video
    video = videos.poll(video.id, poll_interval_ms=100)
    assert (video.status, video.progress) == ("completed", 100), video
    assert videos.retrieve(video.id).completed_at
    kinds = {"video": b"ftyp", "thumbnail": b"WEBP", "spritesheet": b"\xff\xd8\xff"}
    for variant, mark in kinds.items():
        assert mark in videos.download_content(video.id, variant=variant).read()[:16], variant  # type: ignore[arg-type]

    scene = videos.create_and_poll(prompt="a cat", input_reference=picture, poll_interval_ms=100, **SMALL)
    assert scene.status == "completed", scene
    remix = videos.remix(video.id, prompt="a dog")
    assert remix.remixed_from_video_id == video.id
    made = [remix]
    clip: Any = {"video": film}
    if hasattr(videos, "edit"):
        made += [videos.edit(prompt="blue", **clip), videos.extend(prompt="on", seconds="0.3", **clip)]  # type: ignore[arg-type]
    else:
        missing.append("edit, extend")
    if hasattr(videos, "create_character"):
        character = videos.create_character(name="Mossy", **clip)
        assert videos.get_character(character.id or "").name == "Mossy"
        cast = {"characters": [{"id": character.id}]}
        made.append(videos.create(prompt="Mossy walks", extra_body=cast, **SMALL))
    else:
        missing.append("characters")
    assert {videos.poll(one.id, poll_interval_ms=100).status for one in made} == {"completed"}
    lists(client, [video.id, scene.id, *(one.id for one in made)])
    errors(client)
    rest(client, picture)
    print(f"openai {openai.__version__} passed; without: {', '.join(missing) or 'nothing'}")


def refused(kind: type[openai.APIStatusError], call: Callable[[], object]) -> openai.APIStatusError:
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"this was to be refused as {kind.__name__}")


def lists(client: openai.OpenAI, ids: list[str]) -> None:
    """Pages in both directions, and no video after it is deleted."""
    assert [one.id for one in client.videos.list(limit=2, order="asc")] == ids
    assert [one.id for one in client.videos.list(limit=2)] == ids[::-1]
    assert client.videos.delete(ids[0]).deleted
    error = refused(openai.NotFoundError, lambda: client.videos.retrieve(ids[0]))
    assert (error.code, error.type) == ("not_found", "not_found_error")


def errors(client: openai.OpenAI) -> None:
    error = refused(openai.BadRequestError, lambda: client.videos.create(prompt="x", size="1x1"))  # type: ignore[arg-type]
    assert (error.param, error.code) == ("size", "invalid_value")
    assert error.request_id
    blocked = client.videos.create_and_poll(prompt="a porn film")
    assert blocked.error
    assert blocked.error.code == "moderation_blocked"


def rest(client: openai.OpenAI, picture: Path) -> None:
    """What is served beside videos."""
    file = client.files.create(file=picture, purpose="vision")
    assert client.files.content(file.id).read() == picture.read_bytes()
    assert client.files.delete(file.id).deleted
    assert client.models.retrieve("sora-2").id in [one.id for one in client.models.list()]
    assert client.moderations.create(input=["a cat", "a porn film"]).results[1].flagged
    assert [*client.batches.list()] == []


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
