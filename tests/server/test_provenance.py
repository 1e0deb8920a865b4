"""Films of the server say where they come from: signed, marked, told apart from others, and traced to their jobs."""

import re
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from tests.server.app import client_of, error, finish, make
from tests.server.conftest import Installation, Served

from yozora import media
from yozora.errors import UserError
from yozora.films.film import Film, Origin
from yozora.films.sheet import write_png
from yozora.provenance.marks import BACKENDS
from yozora.provenance.settings import MINING, Provenance
from yozora.provenance.stamp import stamp_of
from yozora.provenance.verify import EXIT_CODES
from yozora.server.configuration import configured
from yozora.server.http.service import Service
from yozora.server.store import migrations, tables
from yozora.server.store.database import open_database
from yozora.server.store.upgrades import HEAD, migrate, revision
from yozora.server.store.watermarks import of_owner, remember, trace
from yozora.server.work.preflight import preflight, shares_key

DOCS = Path(__file__).parents[2] / "docs"
MARK = 0x5F3A09C2E871


def test_an_older_database_keeps_its_marks(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'yozora.db'}"
    database = open_database(url)
    migrations.upgrade(database, "0002")
    row = {"id": "video_1", "owner": "me", "number": 1, "status": "completed", "created_at": 1, "model": "mini"}
    row |= {"size": "64x64", "seconds": "1", "job": {"mode": "loop"}, "fingerprint": "", "watermark": MARK}
    old = sa.Table("videos", sa.MetaData(), autoload_with=database.engine)
    with database.begin() as connection:
        connection.execute(old.insert().values(**row, progress=100, stopping=False, attempts=1))
    migrate(url)
    assert revision(url) == HEAD
    with database.read() as connection:
        found = connection.execute(sa.select(tables.videos)).one()
        (known,) = connection.execute(sa.select(tables.traces)).all()
    assert found.id == "video_1"
    assert tuple(known) == ("video_1", MARK, "me", "mini", "loop", 1, None)
    database.close()


def test_a_mark_leads_to_its_job(service: Service, client: TestClient) -> None:
    video = make(client, prompt="a cat\nin a hat")["id"]
    assert trace(service.database, MARK) == []
    marked(service, video, MARK)
    (found,) = trace(service.database, MARK)
    assert (found.video_id, found.key, found.mode, found.prompt) == (video, "me", "generate", "a cat\nin a hat")
    with service.database.read() as connection:
        assert of_owner(connection, found.owner, MARK) == video
        assert of_owner(connection, "somebody else", MARK) is None
        assert of_owner(connection, found.owner, MARK + 1) is None
    assert client.delete(f"/v1/videos/{video}").status_code == 200
    (found,) = trace(service.database, MARK)
    assert (found.video_id, found.key, found.prompt) == (video, "me", None)
    with service.database.read() as connection:
        assert of_owner(connection, found.owner, MARK) is None


def test_the_operator_asks_on_the_command_line(service: Service, client: TestClient) -> None:
    video = make(client)["id"]
    marked(service, video, MARK)
    done = yozora("db", "find-mark", "5F3A09C2E871", "--database", service.settings.database)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == video
    assert "by me (key_" in done.stdout
    done = yozora("db", "find-mark", "000000000001", "--database", service.settings.database)
    assert (done.returncode, done.stderr) == (1, "")
    done = yozora("db", "find-mark", "nonsense")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "neither a mark nor a film" in done.stderr


def test_a_worker_that_cannot_sign_says_so_and_makes_nothing(embedded: Installation) -> None:
    broken = embedded.folder / "provenance"
    broken.mkdir(mode=0o700)
    (broken / "authority.pem").write_text("no key")
    (broken / "authority.pem").chmod(0o600)
    with pytest.raises(UserError):
        preflight(embedded.settings.provenance, embedded.folder)
    video = embedded.ask()
    worker = embedded.worker()
    assert worker.wait() != 0
    assert "authority.pem" in worker.log.read_text()
    assert embedded.row(video).status == "queued"


def test_a_machine_with_another_key_is_noticed(service: Service, tmp_path: Path) -> None:
    here, there = Provenance(folder=tmp_path / "here"), Provenance(folder=tmp_path / "there")
    assert shares_key(service.database, replace(there, watermark=False))
    assert shares_key(service.database, here)
    assert not shares_key(service.database, there)
    assert shares_key(service.database, here)


def test_options_say_more_than_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOZORA_HOME", str(tmp_path))
    monkeypatch.setenv("YOZORA_PROVENANCE_VISIBLE", "of the house")
    monkeypatch.setenv("YOZORA_PROVENANCE_CREDENTIALS", "off")
    found = configured({"provenance.timestamp_url": "http://127.0.0.1:9"}).settings.provenance
    assert (found.credentials, found.watermark, found.visible) == (False, True, "of the house")
    assert (found.timestamp_url, found.folder) == ("http://127.0.0.1:9", tmp_path / "provenance")
    said = {"provenance.credentials": True, "provenance.watermark": False, "provenance.visible": "mine"}
    found = configured(said).settings.provenance
    assert (found.credentials, found.watermark, found.visible) == (True, False, "mine")


def test_states_are_told_apart(service: Service, client: TestClient, film: Film, tmp_path: Path) -> None:
    ours = made(tmp_path / "ours.mp4", film, service.settings.provenance)
    theirs = made(tmp_path / "theirs.mp4", film, Provenance(folder=tmp_path / "others", watermark=False))
    plain = media.write(tmp_path / "plain.mp4", film).read_bytes()
    changed = bytearray(ours)
    changed[len(changed) * 3 // 4] ^= 1
    files = {"intact": ours, "changed": bytes(changed), "foreign": theirs, "nothing": plain}
    assert {state: asked(client, data)["state"] for state, data in files.items()} == {state: state for state in files}
    picture = tmp_path / "nothing.png"
    write_png(picture, film.frames[0])
    assert asked(client, picture.read_bytes(), "nothing.png")["credentials"] is None


def test_only_its_owner_is_told_which_video_it_is(
    service: Service, client: TestClient, film: Film, tmp_path: Path
) -> None:
    video, path = make(client)["id"], tmp_path / "film.mp4"
    data = made(path, film, service.settings.provenance)
    assert asked(client, data)["video_id"] is None
    verdict = asked(client, data)
    marked(service, video, int(verdict["identifier"], 16), data)
    downloaded = client.get(f"/v1/videos/{video}/content").content
    assert downloaded == data
    assert asked(client, downloaded)["video_id"] == video
    with client_of(service, client, "other") as other:
        assert asked(other, downloaded) == verdict


def test_a_video_says_where_it_comes_from(service: Service, client: TestClient, film: Film, tmp_path: Path) -> None:
    video, address = make(client)["id"], "/v1/videos/{}/provenance"
    said = error(client.get(address.format(video)), 404, None, "content_not_ready")
    assert "queued" in said["message"]
    data = made(tmp_path / "film.mp4", film, service.settings.provenance)
    marked(service, video, MARK, data)
    limits = replace(service.settings.limits, upload_bytes=1000)
    object.__setattr__(service, "settings", replace(service.settings, limits=limits))
    verdict = client.get(address.format(video)).json()
    assert (verdict["state"], verdict["video_id"]) == ("intact", video)
    assert (verdict["credentials"]["signer"]["ours"], verdict["credentials"]["film"]["seed"]) == (True, 7)
    with client_of(service, client, "other") as other:
        error(other.get(address.format(video)), 404, None)
    service.objects.delete_under(f"videos/{video}/")
    error(client.get(address.format(video)), 404, None, "content_gone")


def test_a_mark_outlives_its_credentials(
    service: Service,
    client: TestClient,
    make_film: Callable[..., Film],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = replace(service.settings.provenance, watermark=True)
    film, video, path = make_film(frames=32, height=360, width=640), make(client)["id"], tmp_path / "film.mp4"
    marked(service, video, MARK, made(path, film, settings))
    bare = media.write(tmp_path / "bare.mp4", replace(film, frames=media.read(path).frames))
    verdict = asked(client, bare.read_bytes())
    assert (verdict["state"], verdict["identifier"], verdict["video_id"]) == ("stripped", f"{MARK:012x}", video)
    assert (verdict["credentials"], verdict["watermark"]["present"]) == (None, True)
    monkeypatch.setenv("YOZORA_PROVENANCE_FOLDER", str(settings.folder))
    done = yozora("db", "find-mark", str(bare), "--database", service.settings.database)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, video)


@pytest.mark.parametrize(
    "data",
    [b"", b"words", b"\0" * 4096, b"\x89PNG\r\n\x1a\n" + b"\xff" * 64, b"\0\0\0\x18ftypmp42" + b"\xff" * 999],
    ids=["empty", "text", "zeros", "picture", "film"],
)
def test_what_is_no_film_gets_one_line(client: TestClient, data: bytes) -> None:
    answer = client.post("/v1/provenance/verify", files={"file": ("film.mp4", data)})
    said = error(answer, 400, "file", "invalid_file")["message"]
    assert "\n" not in said
    assert "upload-" not in said
    assert "/" not in said


def test_what_is_not_taken(client: TestClient, service: Service, film: Film, tmp_path: Path) -> None:
    address = "/v1/provenance/verify"
    error(client.post(address, json={}), 400, "file", "missing_required_parameter")
    error(client.post(address, json={"file": "file_1"}), 400, "file")
    limits = replace(service.settings.limits, upload_bytes=1000)
    object.__setattr__(service, "settings", replace(service.settings, limits=limits))
    data = made(tmp_path / "film.mp4", film, service.settings.provenance)
    error(client.post(address, files={"file": ("film.mp4", data)}), 413, "file", "file_too_large")
    client.headers["authorization"] = "Bearer yz-none"
    error(client.post(address, files={"file": ("film.mp4", data)}), 401)


@pytest.fixture
def film(make_film: Callable[..., Film]) -> Film:
    return make_film(frames=16, height=128, width=224)


def made(path: Path, film: Film, settings: Provenance) -> bytes:
    """A film as a worker of that installation writes it."""
    origin = Origin(mode="text", model="toy", preset="", seed=7, prompt="bars", identifier=MARK, made=datetime.now(UTC))
    size = (film.frames.shape[2], film.frames.shape[1])
    return media.write(path, film, stamp_of(origin, size, film.fps, settings)).read_bytes()


@pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning")
def test_a_chain_of_films_keeps_all_its_credentials(server: Served, tmp_path: Path) -> None:
    small: Any = {"size": "96x64", "extra_body": {"steps": 2}}
    with openai.OpenAI(base_url=server.url, api_key=server.key, timeout=120.0) as client:
        videos = client.videos
        first = videos.create_and_poll(prompt="a red car", seconds=seconds("0.6"), **small)
        second = videos.poll(videos.remix(first.id, prompt="a blue car").id)
        sent = ("b.mp4", videos.download_content(second.id).read())
        third = videos.poll(videos.extend(prompt="a car", seconds=seconds("0.3"), video=sent).id)
        said = {"videos": [{"id": first.id}, {"id": third.id}], "seconds": "0.3"}
        last = videos.poll(client.post("/videos/blends", body=said, cast_to=dict)["id"])  # type: ignore[index, type-var]
        assert [one.status for one in (first, second, third, last)] == ["completed"] * 4, last.error
        film = videos.download_content(last.id).read()
        pictures = {
            name: videos.download_content(last.id, variant=name).read() for name in ("thumbnail", "spritesheet")
        }
    with httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {server.key}"}, timeout=120.0) as plain:
        address = f"/videos/{last.id}/content"
        parts = [plain.get(address, headers={"range": f"bytes={at}-{at + 999}"}) for at in range(0, len(film), 1000)]
        assert {part.status_code for part in parts} == {206}
        assert b"".join(part.content for part in parts) == film
        verdict = asked(plain, film)
        stills = {name: asked(plain, data) for name, data in pictures.items()}
    key = server.installation.row(last.id).file
    assert server.installation.objects.get(key) == film
    assert (verdict["state"], verdict["video_id"]) == ("intact", last.id)
    traced = trace(server.installation.database, int(verdict["identifier"], 16))
    assert [found.video_id for found in traced] == [last.id]
    assert verdict["credentials"]["film"]["mode"] == "blend"
    assert "prompt" not in verdict["credentials"]["film"]
    tree = [(first.id, []), (third.id, [("source 1", [(first.id, [])])])]
    assert lineage(verdict["credentials"]) == tree
    for name, found in stills.items():
        assert (found["state"], found["video_id"]) == ("intact", last.id), name
        assert lineage(found["credentials"]) == tree


def test_fault_17_a_character_keeps_the_line_of_its_film(
    service: Service, client: TestClient, film: Film, tmp_path: Path
) -> None:
    """Out of a video of one's own, out of a film that is sent, and out of a picture of a film that is sent."""
    ours = made(tmp_path / "ours.mp4", film, service.settings.provenance)
    video, still = make(client)["id"], made(tmp_path / "ours.png", film, service.settings.provenance)
    marked(service, video, MARK, ours)
    address, pictures = "/v1/videos/characters", {}
    for name, said in {
        video: {"json": {"name": "one", "video": {"id": video}}},
        "source": {"data": {"name": "two"}, "files": {"video": ("a.mp4", ours)}},
        "source of a picture": {"data": {"name": "three"}, "files": {"video": ("a.png", still)}},
    }.items():
        answer = client.post(address, **said)  # type: ignore[arg-type]
        pictures[name] = kept(service, answer)
        client.delete(f"{address}/{answer.json()['id']}")
    for name, data in pictures.items():
        verdict = asked(client, data, "still.png")
        assert (verdict["state"], verdict["credentials"]["film"]["second"]) == ("intact", 0), name
        assert lineage(verdict["credentials"]) == [(name.removesuffix(" of a picture"), [])]
        assert verdict["credentials"]["ancestors"][0]["credentials"]["film"]["mode"] == "text"


def kept(service: Service, answer: httpx.Response) -> bytes:
    """The picture of a character."""
    assert answer.status_code == 200, answer.text
    return service.objects.get(f"characters/{answer.json()['id']}.png")


def test_a_character_that_says_nothing_is_not_signed(service: Service, client: TestClient, png: bytes) -> None:
    answer = client.post("/v1/videos/characters", data={"name": "Fern"}, files={"video": ("a.png", png)})
    assert b"jumb" not in kept(service, answer)
    assert not service.settings.provenance.folder.exists()  # and no key is made for it


def test_fault_17_films_of_the_server_tell_what_their_characters_came_from(server: Served) -> None:
    headers = {"authorization": f"Bearer {server.key}"}
    small = {"seconds": "0.3", "size": "96x64", "steps": 1}
    with httpx.Client(base_url=server.url, headers=headers, timeout=120.0) as client:

        def video(**said: Any) -> tuple[str, bytes]:
            answer = client.post("/videos", json={**small, **said})
            assert answer.status_code == 200, answer.text
            assert server.installation.ended(answer.json()["id"]).status == "completed"
            return answer.json()["id"], client.get(f"/videos/{answer.json()['id']}/content").content

        first, _ = video(prompt="a red car")
        mossy = client.post("/videos/characters", json={"name": "Mossy", "video": {"id": first}}).json()
        _, film = video(prompt="Mossy walks", characters=[{"id": mossy["id"]}])
        thumbnail = client.get(f"/videos/{first}/content", params={"variant": "thumbnail"}).content
        sent = "data:image/webp;base64," + b64encode(thumbnail).decode()
        _, begun = video(prompt="a red car", input_reference={"image_url": sent})
        trees = [lineage(asked(client, data)["credentials"]) for data in (film, begun)]
    assert trees == [[("@Mossy", [(first, [])])], [("source 1", [])]]


def test_the_page_names_what_there_is() -> None:
    page = (DOCS / "provenance.md").read_text(encoding="utf-8")
    table = "".join(re.findall(r"^\| `.*$", page.split("## Settings")[1].split("\n## ")[0], re.MULTILINE))
    assert set(re.findall(r"`([a-z_]+)`", table)) - set(MINING) - set(BACKENDS) - {"es256"} == {
        one.name for one in fields(Provenance)
    }
    states = dict(re.findall(r"^\| `(\w+)` \| (\d) \|", page, re.MULTILINE))
    assert {state: int(code) for state, code in states.items()} == dict(EXIT_CODES)
    reference = (DOCS / "cli.md").read_text(encoding="utf-8")
    for option in set(re.findall(r"`(--[a-z-]+)", page)):
        assert re.search(rf"  (--[a-z-]+ / )?{option}\s", reference), option
    for command in set(re.findall(r"^yozora ((?:keys provenance|db) [a-z-]+)", page, re.MULTILINE)):
        assert f"yozora {command}" in reference, command
    for name, anchor in re.findall(r"\]\(([\w./-]*)#?([\w-]*)\)", page):
        there = (DOCS / name).read_text(encoding="utf-8") if name else page
        assert f"# {anchor}" in there.lower(), (name, anchor)


def seconds(said: str) -> Any:
    """Shorter than the client thinks that films can be."""
    return said


def asked(client: httpx.Client | TestClient, data: bytes, name: str = "film.mp4") -> dict[str, Any]:
    """What the server says of a file."""
    address = "/provenance/verify" if isinstance(client, httpx.Client) else "/v1/provenance/verify"
    answer = client.post(address, files={"file": (name, data)})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def lineage(credentials: dict[str, Any]) -> list[tuple[str, Any]]:
    """The ancestors by their titles."""
    return [(one["title"], lineage(one["credentials"])) for one in credentials["ancestors"]]  # each has some


def yozora(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "yozora", *arguments], capture_output=True, text=True)


def marked(service: Service, video: str, identifier: int, film: bytes = b"film") -> None:
    """A completed video whose frames carry that identifier."""
    finish(service, video, film)
    with service.database.begin() as connection:
        remember(connection, video, identifier)
