"""Make the archive of an installation, by its command line and its HTTP API.

    git worktree add OLD 4edfbca && cd OLD
    PYTHONPATH=$PWD/src:$PWD python .../tests/compatibility/installation.py TARGET.tar.xz

`installation-0.1.tar.xz` was made so, and stays as it is: later versions are tested with it. It holds

- `server.toml`, `server.db` and `objects/`: settings, database and storage of a server, which has made three films (of
  a prompt, of that film, and of a board with a character), has five to make, four steps each, and has failed to deliver
  the events of the three to a webhook; also keys, a character, an uploaded file, and a cancelled film;
- `home/`: the keys that sign and mark, how fast films were made, and a character of the command line;
- `board.yaml` and `still.png`, and the films that the command line made of them, of a prompt and of another film;
- `weights/`: a small model with random weights, and `toy.png`, the first frame of its film;
- `facts.json`: what the server said of all that. The key in it opens nothing but this server.
"""

import io
import json
import lzma
import sqlite3
import sys
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from tests.compatibility.running import SETTINGS, Server, served, until, yozora
from tests.conftest import save_toy

LEFT = ("log.txt",)  # not packed
SMALL = {"size": "64x64", "seconds": 0.5, "steps": 4}
HOOK = "http://127.0.0.1:19999/hook"  # nobody listens there
SAID = """\
database = "sqlite:///server.db"
storage = "objects"
private_webhooks = true
fetch_urls = false
poll_ms = 100
hosts = "127.0.0.1,localhost"
watts = 35
models = ["mini"]

[aliases]
"our-model" = "mini"

[limits]
queued = 50
requests_a_minute = 100000
creates_a_minute = 1000

[times]
deliver = 0.2
reap = 1

[provenance]
visible = "yozora"
"""
BOARD = """\
title: A day at the sea
style: watercolor
size: 64x64
fps: 16
seed: 7
negative_prompt: blurry
cards:
  - from: 0
    to: 0.5
    prompt: a red boat sailing left on the sea at sunset
    image: still.png
    camera: pan left
  - from: 0.5
    to: 1
    prompt: a white seagull flying right over the sea at sunset
    transition: flow
  - from: 1
    to: 1.5
    prompt: una mujer caminando por la playa de noche
    camera: zoom in
    style: noir
"""
CARDS = [
    {"from": 0, "to": 0.5, "prompt": "Rex walking left in a park", "camera": "pan left"},
    {"from": 0.5, "to": 1, "prompt": "a red car driving right", "transition": "flow", "style": "noir"},
]


def main(target: Path) -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / SETTINGS).write_text(SAID, encoding="utf-8")
        (folder / "board.yaml").write_text(BOARD, encoding="utf-8")
        draw_still(folder / "still.png")
        facts = fill_server(folder)
        (folder / "facts.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
        fill_folder(folder)
        pack(folder, target)
    print(f"{target}: {target.stat().st_size:,} bytes")
    return 0


def draw_still(path: Path) -> None:
    """A dog, more or less."""
    picture = Image.new("RGB", (64, 64), (120, 160, 210))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((18, 26, 48, 44), fill=(150, 90, 40))
    pen.ellipse((40, 18, 54, 32), fill=(150, 90, 40))
    picture.save(path)


def fill_server(folder: Path) -> dict[str, Any]:
    """Films, keys and all else of a server; what it says of them."""
    made = json.loads(yozora(folder, "keys", "create", "first", "--json"))
    yozora(folder, "keys", "create", "second", "--limit", "queued=3", "--scope", "read", "--expires", "9999d")
    gone = json.loads(yozora(folder, "keys", "create", "third", "--json"))
    yozora(folder, "keys", "revoke", gone["id"])
    facts: dict[str, Any] = {"key": made["secret"], "revoked": gone["secret"]}
    with served(folder, made["secret"], "--workers", "1") as server:
        facts |= finish(server, folder)
    with served(folder, made["secret"], "--workers", "0") as server:
        facts |= queue(server, folder, facts)
        facts |= listed(server, facts)
    facts["keys"] = json.loads(yozora(folder, "keys", "list", "--json"))
    return facts


def finish(server: Server, folder: Path) -> dict[str, Any]:
    """What is made before the server stops: ids by what they are."""
    still = ("still.png", (folder / "still.png").read_bytes(), "image/png")
    facts: dict[str, Any] = {"webhook": server.post("/webhooks", json={"url": HOOK})["id"]}
    facts["file"] = server.post("/files", data={"purpose": "vision"}, files={"file": still})["id"]
    facts["character"] = server.post("/videos/characters", data={"name": "Rex"}, files={"video": still})["id"]
    said = {"prompt": "a red car driving left on a city street", "seed": 3, **SMALL}
    first = server.post("/videos", json=said, headers={"idempotency-key": "once"})["id"]
    facts["once"] = said
    facts["finished"] = [server.ended(first)["id"]]
    longer = server.post("/videos/extensions", json={"video": {"id": first}, "seconds": 0.5, "steps": 4, "seed": 4})
    cast = [{"id": facts["character"]}]
    board = {"board": {"title": "Rex", "cards": CARDS}, "characters": cast, "size": "64x64", "steps": 4, "seed": 5}
    for video in (longer, server.post("/videos/storyboards", json=board)):
        facts["finished"].append(server.ended(video["id"])["id"])
    until(lambda: failed_once(folder), "deliveries to fail")
    return facts


def failed_once(folder: Path) -> bool:
    """Whether each of the three events was sent once, in vain."""
    with closing(sqlite3.connect(folder / "server.db")) as database:
        found = database.execute("SELECT attempts, status, worker FROM deliveries").fetchall()
    return len(found) == 3 and all(attempts >= 1 and worker is None for attempts, _, worker in found)


def queue(server: Server, folder: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """What is still to be made: ids of videos."""
    first, steps = facts["finished"][0], {"steps": 4, "model": "our-model"}
    still = ("still.png", (folder / "still.png").read_bytes(), "image/png")
    cast = [{"id": facts["character"]}]
    form = {"prompt": "a dog running right", "size": "64x64", "seconds": "0.5", "steps": "4", "guidance": "2"}
    queued = [
        server.post("/videos", json={"prompt": "a blue boat at sea", "style": "noir", "fps": 8, **SMALL, **steps}),
        server.post("/videos", data=form, files={"input_reference": still}),
        server.post("/videos/extensions", json={"video": {"id": first}, "backward": True, "seconds": 0.5, **steps}),
        server.post(f"/videos/{first}/remix", json={"prompt": "at night", "strength": "strong", **steps}),
        server.post(
            "/videos/storyboards", json={"board": {"cards": CARDS}, "characters": cast, "size": "64x64", **steps}
        ),
    ]
    cancelled = server.post("/videos", json={"prompt": "nobody wants it", **SMALL})
    server.post(f"/videos/{cancelled['id']}/cancel")
    return {"queued": [video["id"] for video in queued], "cancelled": cancelled["id"]}


def listed(server: Server, facts: dict[str, Any]) -> dict[str, Any]:
    """What the API answers when it is asked for all that, by the path."""
    videos = [*facts["finished"], *facts["queued"], facts["cancelled"]]
    paths = [f"/videos/{video}" for video in videos]
    paths += [f"/videos/characters/{facts['character']}", f"/webhooks/{facts['webhook']}", f"/files/{facts['file']}"]
    return {"answers": {path: server.get(path) for path in paths}}


def fill_folder(folder: Path) -> None:
    """Films that the command line makes."""
    small = ("--steps", "4", "--size", "64x64")
    yozora(folder, "character", "add", "Rex", "still.png", "--consent")
    yozora(folder, "generate", "@Rex walking left", *small, "--seconds", "0.5", "--seed", "5", "-o", "film.mp4")
    yozora(folder, "storyboard", "board.yaml", "--steps", "4", "-o", "board.mp4")
    yozora(folder, "extend", "film.mp4", "--seconds", "0.5", "--seed", "6", "--steps", "4", "-o", "longer.mp4")
    save_toy(folder / "weights")
    toy = ("--model", "weights", "--steps", "3", "--size", "64x64", "--seconds", "0.3", "--seed", "1")
    yozora(folder, "generate", "a red car", *toy, "-o", "toy.png")


def pack(folder: Path, target: Path) -> None:
    """A folder, its database as one file, without times and owners of files."""
    with closing(sqlite3.connect(folder / "server.db", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=DELETE")
        database.execute("VACUUM")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in LEFT):
            if path.name.startswith("server.db-"):
                continue
            info = tarfile.TarInfo(path.relative_to(folder).as_posix())
            info.size, info.mode = path.stat().st_size, 0o600
            with path.open("rb") as file:
                archive.addfile(info, file)
    target.write_bytes(lzma.compress(packed.getvalue(), preset=9))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
