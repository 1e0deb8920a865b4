"""What whoever runs the server sees and does beyond keys, by the API and on the command line, and the trail of it."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient, WebSocketDenialResponse
from tests.server.app import client_of, error, made, make
from typer.testing import CliRunner

from yozora.cli.admin import admin as commands
from yozora.errors import UserError
from yozora.server.accounts import audit, keys
from yozora.server.http.service import Service
from yozora.server.store import tables
from yozora.server.store.database import now
from yozora.server.work import heartbeats, webhooks


@pytest.fixture
def me(client: TestClient, service: Service) -> str:
    """The id of the key of `client`."""
    with service.database.read() as connection:
        return str(connection.execute(sa.select(tables.keys.c.id).where(tables.keys.c.name == "me")).scalar_one())


@pytest.fixture
def boss(client: TestClient, service: Service) -> TestClient:
    """The same server with an administrator's key."""
    return with_scope(client, service, "admin")


def with_scope(client: TestClient, service: Service, *scopes: keys.Scope) -> TestClient:
    other = client_of(service, client, "other")
    secret = keys.create(service.database, " ".join(scopes), keys.Grant(scopes=scopes))[1]
    other.headers["authorization"] = f"Bearer {secret}"
    return other


@pytest.fixture
def run(service: Service) -> Callable[..., Any]:
    """`yozora admin ...` on the same installation: what it prints, as JSON."""
    where = ["--database", service.settings.database]

    def command(*words: str, storage: bool = False) -> Any:
        store = ["--storage", service.settings.storage] if storage else []
        done = CliRunner().invoke(commands, [*words, *where, *store, "--json"])
        if done.exception is not None:
            raise done.exception
        return json.loads(done.stdout)

    return command


def trail(service: Service) -> list[tuple[str, str, str | None]]:
    with service.database.read() as connection:
        rows, _ = audit.listed(connection, limit=100)
    return [(row.actor, row.action, row.target) for row in rows][::-1]


def test_scopes_say_what_a_key_may_do(client: TestClient, service: Service, boss: TestClient) -> None:
    reader, both = with_scope(client, service, "read"), with_scope(client, service, "create", "admin")
    for path in ("/v1/videos", "/v1/files", "/v1/models", "/v1/usage"):
        assert reader.get(path).status_code == boss.get(path).status_code == 200
    for other in (reader, boss):
        error(other.post("/v1/videos", json={"prompt": "x"}), 403, None, "insufficient_scope")
        said = error(other.delete("/v1/videos/video_1"), 403, None, "insufficient_scope")
        assert "does not have the scope 'create'" in said["message"]
        assert said["type"] == "permission_error"
    error(reader.post("/v1/provenance/verify", json={}), 400, "file")  # looks, and keeps nothing
    assert make(both)["status"] == "queued"
    assert both.get("/v1/admin/keys").status_code == boss.get("/v1/admin/keys").status_code == 200
    said = client.app.openapi()["paths"]  # type: ignore[attr-defined]
    calls = [(method, path) for path, methods in said.items() for method in methods if path.startswith("/v1/admin/")]
    assert len(calls) >= 14
    for method, path in calls:
        for other in (client, reader):
            error(other.request(method, path), 403, None, "insufficient_scope")


def test_a_live_session_makes_films_and_needs_the_scope(client: TestClient, service: Service) -> None:
    reader = with_scope(client, service, "read")
    headers = {"authorization": reader.headers["authorization"]}
    with (
        pytest.raises(WebSocketDenialResponse) as caught,
        client.websocket_connect("/v1/realtime/video", headers=headers),
    ):
        pass
    assert (caught.value.status_code, caught.value.json()["error"]["code"]) == (403, "insufficient_scope")


def test_without_keys_nobody_administers(client: TestClient, service: Service) -> None:
    object.__setattr__(service.settings, "insecure_no_auth", True)
    assert client.get("/v1/videos").status_code == 200
    error(client.get("/v1/admin/keys"), 403, None, "insufficient_scope")


def test_keys_by_the_api(boss: TestClient, client: TestClient, service: Service, me: str) -> None:
    asked = {"name": "guest", "scopes": "create", "limits": {"queued": 1}, "priority": 2, "expires_at": now() + 60}
    created = boss.post("/v1/admin/keys", json=asked).json()
    assert (created["scopes"], created["limits"], created["priority"]) == (["create"], {"queued": 1}, 2)
    guest = client_of(service, client, "x")
    guest.headers["authorization"] = f"Bearer {created['secret']}"
    make(guest)
    error(guest.post("/v1/videos", json={"prompt": "x"}), 429, None, "queue_full")
    changed = boss.post(f"/v1/admin/keys/{created['id']}", json={"limits": {}, "expires_at": 0}).json()
    assert (changed["limits"], changed["expires_at"], changed["priority"]) == ({}, None, 2)
    make(guest)
    assert boss.delete(f"/v1/admin/keys/{created['id']}").json()["revoked_at"] is not None
    waited = boss.get("/v1/admin/videos", params={"key": created["id"]}).json()["data"]
    assert [one["error"]["code"] for one in waited] == ["cancelled"] * 2
    error(guest.get("/v1/videos"), 401)
    listed = boss.get("/v1/admin/keys", params={"limit": 2}).json()
    rest = boss.get("/v1/admin/keys", params={"after": listed["last_id"]}).json()
    assert (len(listed["data"]), listed["has_more"], rest["has_more"]) == (2, True, False)
    assert me in {one["id"] for one in [*listed["data"], *rest["data"]]}
    assert created["secret"] not in boss.get("/v1/admin/keys").text
    keys.write_uses(service.database)
    assert boss.get(f"/v1/admin/keys/{me}").json()["last_used_at"] is None
    assert boss.get(f"/v1/admin/keys/{created['id']}").json()["last_used_at"] is not None
    error(boss.get("/v1/admin/keys/key_none"), 404)
    error(boss.delete("/v1/admin/keys/key_none"), 404)
    error(boss.post("/v1/admin/keys", json={"name": "x", "limits": {"seconds": 5}}), 400)
    error(boss.post("/v1/admin/keys", json={"name": "x", "scopes": ["all"]}), 400, "scopes")
    error(boss.post("/v1/admin/keys", json={"name": "x", "priority": 0}), 400, "priority")


def test_jobs_of_all_keys_are_listed_and_cancelled(
    client: TestClient, boss: TestClient, service: Service, me: str, run: Callable[..., Any]
) -> None:
    mine, other = make(client)["id"], make(client_of(service, client, "other"))["id"]
    third = make(client)["id"]
    page = boss.get("/v1/admin/videos").json()
    assert [one["id"] for one in page["data"]] == [third, other, mine]
    assert [one["id"] for one in run("jobs")] == [third, other, mine]
    assert {one["id"]: one["key"] for one in page["data"]}[mine] == me
    first = boss.get("/v1/admin/videos", params={"limit": 1}).json()
    rest = boss.get("/v1/admin/videos", params={"after": first["last_id"]}).json()
    assert [one["id"] for one in rest["data"]] == [other, mine]
    assert boss.post(f"/v1/admin/videos/{mine}/cancel").json()["error"]["code"] == "cancelled"
    assert run("cancel", other) == {"id": other, "status": "failed"}
    for query, found in (({"status": "queued"}, [third]), ({"key": me}, [third, mine]), ({"model": "mini"}, 3)):
        ids = [one["id"] for one in boss.get("/v1/admin/videos", params=query).json()["data"]]
        assert found in (ids, len(ids)), query
        words = [word for name, value in query.items() for word in (f"--{name}", value)]
        assert [one["id"] for one in run("jobs", *words)] == ids
    error(boss.post("/v1/admin/videos/video_none/cancel"), 404)
    error(boss.get("/v1/admin/videos", params={"status": "lost"}), 400, "status")
    for wrong in (("cancel", "video_none"), ("jobs", "--status", "lost")):
        with pytest.raises(UserError):
            run(*wrong)
    done = [one for one in trail(service) if one[1] == "video.cancel"]
    assert [one[2] for one in done] == [mine, other]
    assert done[0][0].startswith("key_")
    assert done[1][0] == audit.COMMAND_LINE


def test_a_worker_is_drained(boss: TestClient, service: Service, run: Callable[..., Any]) -> None:
    heartbeats.enter(service.database, "worker_a", heartbeats.Able(presets=("mini",), memory=5))
    (worker,) = boss.get("/v1/admin/workers").json()["data"]
    assert (worker["alive"], worker["draining"], worker["presets"], worker["video"]) == (True, False, ["mini"], None)
    assert boss.post("/v1/admin/workers/worker_a/drain").json()["draining"]
    assert heartbeats.beat(service.database, "worker_a", {})
    assert run("workers")[0]["draining"]
    run("drain", "worker_a", "--off")
    assert not heartbeats.beat(service.database, "worker_a", {})
    run("drain", "worker_a")
    assert not boss.post("/v1/admin/workers/worker_a/drain", json={"draining": False}).json()["draining"]
    error(boss.post("/v1/admin/workers/worker_none/drain"), 404)
    with pytest.raises(UserError):
        run("drain", "worker_none")
    assert [one[1] for one in trail(service) if one[2] == "worker_a"] == [
        "worker.drain",
        "worker.resume",
        "worker.drain",
        "worker.resume",
    ]


def hooked(service: Service, owner: str) -> str:
    """An event of the key that has failed for good."""
    with service.database.begin() as connection:
        webhook = webhooks.create(
            connection, owner, name="n", url="http://127.0.0.1:9/", events=["video.failed"], most=5
        )
        event = webhooks.event("video.failed", "video_1")
        name = service.queue.deliver(connection, owner, webhook, event)
        connection.execute(tables.deliveries.update().values(status="failed", reason="It answered with 500."))
        return name


def test_deliveries_of_all_keys(boss: TestClient, service: Service, me: str, run: Callable[..., Any]) -> None:
    name = hooked(service, me)
    (one,) = boss.get("/v1/admin/deliveries", params={"key": me, "status": "failed"}).json()["data"]
    assert (one["id"], one["key"], one["reason"]) == (name, me, "It answered with 500.")
    assert run("deliveries", "--status", "failed")[0]["reason"] == "It answered with 500."
    assert boss.post(f"/v1/admin/deliveries/{name}/redeliver").json()["status"] == "pending"
    assert run("redeliver", name)["status"] == "pending"
    with service.database.begin() as connection:
        connection.execute(tables.webhooks.delete())
    error(boss.post(f"/v1/admin/deliveries/{name}/redeliver"), 400, None, "webhook_deleted")
    with pytest.raises(UserError):
        run("redeliver", name)
    assert [one[1] for one in trail(service) if one[2] == name] == ["delivery.redeliver"] * 2


def belongings(client: TestClient, service: Service, me: str, png: bytes) -> tuple[str, str, str]:
    """A film, a file and a character of a key, and more."""
    film = made(client, service)
    sent = client.post("/v1/files", files={"file": ("../my picture.PNG", png)}, data={"purpose": "user_data"}).json()
    character = client.post("/v1/videos/characters", data={"name": "Rex"}, files={"video": ("a.png", png)}).json()
    hooked(service, me)
    return film, sent["id"], character["id"]


def test_all_of_a_key_is_given_out(
    client: TestClient, boss: TestClient, service: Service, me: str, png: bytes, run: Callable[..., Any], tmp_path: Path
) -> None:
    film, sent, character = belongings(client, service, me, png)
    theirs = made(client_of(service, client, "other"), service)
    wanted = {f"{kind}.json" for kind in ("key", "videos", "files", "characters", "webhooks", "deliveries", "batches")}
    wanted |= {"folders.json", "share_links.json", "posts.json", "exports.json"}
    wanted |= {"usage.json", f"videos/{film}.mp4", f"videos/{film}-thumbnail.webp", f"videos/{film}-spritesheet.jpg"}
    wanted |= {f"files/{sent}.png", f"characters/{character}.png"}
    answer = boss.get(f"/v1/admin/keys/{me}/export")
    assert answer.headers["content-type"] == "application/x-tar"
    with tarfile.open(fileobj=io.BytesIO(answer.content)) as archive:
        assert set(archive.getnames()) == wanted
        content = {name: archive.extractfile(name).read() for name in archive.getnames()}  # type: ignore[union-attr]
    assert content[f"files/{sent}.png"] == png
    assert content[f"videos/{film}.mp4"] == b"0123456789" * 100
    assert [one["id"] for one in json.loads(content["videos.json"])] == [film]
    assert json.loads(content["files.json"])[0]["filename"].endswith("my picture.PNG")
    everything = b"".join(content.values())
    assert b"whsec_" not in everything
    assert theirs.encode() not in everything
    assert run("export", me, str(tmp_path / "out"), storage=True)["files"] == len(wanted)
    for name in wanted - {"key.json"}:
        assert (tmp_path / "out" / name).read_bytes() == content[name], name
    run("export", me, str(tmp_path / "out.tar"), storage=True)
    with tarfile.open(tmp_path / "out.tar") as archive:
        assert set(archive.getnames()) == wanted
    for target, whose in (("out", me), ("out.tar", me), ("new", "key_none")):
        with pytest.raises(UserError):
            run("export", whose, str(tmp_path / target), storage=True)
    error(boss.get("/v1/admin/keys/key_none/export"), 404)


@pytest.mark.parametrize("way", ["api", "command line"])
def test_all_of_a_key_is_erased(
    client: TestClient, boss: TestClient, service: Service, me: str, png: bytes, run: Callable[..., Any], way: str
) -> None:
    film, *_ = belongings(client, service, me, png)
    make(client)  # waits
    other = client_of(service, client, "other")
    kept = made(other, service)
    with service.database.begin() as connection:
        row = connection.execute(sa.select(tables.videos).where(tables.videos.c.id == film)).one()
        service.queue.ended(connection, row.id, "video.completed")
    with pytest.raises(UserError, match="--yes"):
        run("erase", me, storage=True)
    gone = {"videos": 2, "files": 1, "characters": 1}
    if way == "api":
        said = boss.delete(f"/v1/admin/keys/{me}/data").json()
        assert said == {"id": me, "object": "key.erased", **gone}
    else:
        assert run("erase", me, "--yes", storage=True) == {"id": me, **gone}
        keys.forget(service.database)  # which takes a process three seconds
    assert {key.split("/")[1] for key in service.objects.keys("") if not key.startswith("probes")} == {kept}
    left = (tables.videos, tables.files, tables.characters, tables.webhooks, tables.deliveries, tables.shares)
    with service.database.read() as connection:
        for table in left:
            mine = sa.select(sa.func.count()).select_from(table).where(table.c.owner == me)
            assert connection.execute(mine).scalar_one() == 0, table.name
        assert connection.execute(sa.select(tables.usage.c.video)).scalars().all() == [film]
    error(client.get("/v1/videos"), 401)
    (key,) = [one for one in keys.listed(service.database) if one.id == me]
    assert (key.name, key.over) == ("erased", True)
    assert other.get(f"/v1/videos/{kept}/content").status_code == 200
    assert trail(service)[-1][1:] == ("key.erase", me)
    error(boss.delete("/v1/admin/keys/key_none/data"), 404)


def test_the_trail_says_who_did_what(boss: TestClient, service: Service, me: str, run: Callable[..., Any]) -> None:
    created = boss.post("/v1/admin/keys", json={"name": "guest"}).json()["id"]
    keys.revoke(service.database, created)
    page = boss.get("/v1/admin/audit", params={"target": created}).json()["data"]
    assert [(one["action"], one["target"]) for one in page] == [("key.revoke", created), ("key.create", created)]
    assert page[0]["actor"] == "command line"
    assert page[1]["details"]["name"] == "guest"
    assert [one["id"] for one in run("audit", "--target", created)] == [one["id"] for one in page]
    first = boss.get("/v1/admin/audit", params={"limit": 1}).json()
    after = boss.get("/v1/admin/audit", params={"limit": 1, "after": first["last_id"]}).json()
    assert [first["data"][0], after["data"][0]] == page
    assert me  # its making stands there too
    assert ("command line", "key.create", me) in trail(service)
    error(boss.get("/v1/admin/audit", params={"after": "x"}), 400, "after")


def test_usage_on_the_command_line(service: Service, me: str, run: Callable[..., Any]) -> None:
    row = {"video": "video_1", "owner": me, "model": "mini", "mode": "", "status": "completed", "seconds": 2.0}
    row |= {"width": 10, "height": 10, "steps": 1, "compute_seconds": 1.0, "energy_joules": 5.0}
    with service.database.begin() as connection:
        connection.execute(tables.usage.insert().values(**row, created_at=now(), ended_at=now()))
    (found,) = run("usage", "--by", "key,model")
    assert (found["key"], found["videos"], found["energy_joules"]) == (me, 1, 5.0)
    assert run("usage", "--since", "2026-01-01", "--until", "2026-01-02") == []
    where = ["--database", service.settings.database]
    table = CliRunner().invoke(commands, ["usage", "--by", "key", "--csv", *where]).stdout.splitlines()
    assert table[0] == "key,videos,seconds,megapixel_seconds,steps,compute_seconds,energy_joules"
    assert table[1].startswith(f"{me},1,2.0,")
    shown = CliRunner().invoke(commands, ["usage", *where]).stdout
    assert f"key={me}" in shown
    for wrong in (("--by", "colour"), ("--since", "soon")):
        with pytest.raises(UserError):
            run("usage", *wrong)
