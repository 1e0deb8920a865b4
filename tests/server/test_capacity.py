"""Nobody starves anybody: gates between keys (rows 4 and 11), and long texts that never are in memory."""

import io
import json
import shutil
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from starlette.testclient import TestClient
from tests.server.app import error, job_of, settings_in

from yozora.server.accounts import keys
from yozora.server.bounds import Limits
from yozora.server.errors import ApiError
from yozora.server.http import body_parser, long_texts, runtime
from yozora.server.http.app import make_app
from yozora.server.http.capacity import Capacity, Gate
from yozora.server.http.long_texts import LONG, LongText, Texts
from yozora.server.http.service import Service
from yozora.server.safety import fetching, uploads

LIMITS = Limits(requests_a_minute=100_000, creates_a_minute=100_000, turn_seconds=0.2)
HOLDERS = 60  # calls at once: more than the event loop's default threads


def opened(folder: Path, template: Path, **choices: Any) -> TestClient:
    """A server with those settings, whose client has a key; to be entered."""
    shutil.copy(template, folder)
    app = make_app(settings_in(folder, **choices), migrate=False)
    secret = keys.create(app.state.service.database, "attacker")[1]
    return TestClient(app, headers={"authorization": f"Bearer {secret}"}, raise_server_exceptions=False)


def another(client: TestClient) -> dict[str, str]:
    """The header that says another key."""
    service: Service = client.app.state.service  # type: ignore[attr-defined]
    return {"authorization": f"Bearer {keys.create(service.database, 'other')[1]}"}


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a host that takes calls and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as host:
        yield host.getsockname()[1]


def meanwhile(attack: Callable[[], Any], wait: Callable[[], bool], ask: Callable[[], Any]) -> list[Any]:
    """What so many attacks were answered, of which some had to be under way when `ask` was called."""
    with ThreadPoolExecutor(HOLDERS) as pool:
        running = [pool.submit(attack) for _ in range(HOLDERS)]
        deadline = time.monotonic() + 60
        while not wait():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        ask()
        assert not all(one.done() for one in running)
        return [one.result() for one in running]


def test_row_4_silent_webhooks_keep_no_other_key_waiting(tmp_path: Path, template: Path, silent: int) -> None:
    """Row 4: the tests have threads and a bound of their own; what is too much is told to come again."""
    limits = replace(LIMITS, calls_at_once=8)
    with opened(tmp_path, template, limits=limits, private_webhooks=True) as client:
        service: Service = client.app.state.service  # type: ignore[attr-defined]
        other, over = another(client), threading.Event()
        answered: list[Any] = []
        hook = client.post("/v1/webhooks", json={"url": f"http://127.0.0.1:{silent}/"}).json()["id"]

        def ask() -> None:
            assert client.get("/v1/videos", headers=other).status_code == 200
            made = client.post("/v1/webhooks", json={"url": f"http://127.0.0.1:{silent}/"}, headers=other)
            assert made.status_code == 200  # there is room left for another key
            over.set()

        def attack() -> Any:
            answered.append(client.post(f"/v1/webhooks/{hook}/test", json={}))
            return answered[-1]

        def slow(*_: object, **__: object) -> Any:
            assert over.wait(60)
            raise ApiError(400, "It did not answer.", code="webhook_unreachable")

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("yozora.server.work.webhooks.deliver", slow)
            answers = meanwhile(attack, lambda: bool(answered) and service.capacity.calls.taken.total() == 4, ask)
    refused = [answer for answer in answers if answer.status_code == 429]
    assert 0 < len(refused) <= HOLDERS - 4
    assert {answer.headers["retry-after"] for answer in refused} == {"2"}
    error(refused[0], 429, None, "too_many_at_once")


def test_row_4_a_silent_guard_model_takes_no_threads(tmp_path: Path, template: Path, silent: int) -> None:
    """Row 4: while sixty prompts wait for it, everything else is answered."""
    (tmp_path / "policy.yaml").write_text(f"guard: {{url: 'http://127.0.0.1:{silent}/v1', seconds: 3}}")
    limits = replace(LIMITS, turn_seconds=30.0)
    with opened(tmp_path, template, limits=limits, policy=tmp_path / "policy.yaml") as client:
        service: Service = client.app.state.service  # type: ignore[attr-defined]
        other = another(client)

        def ask() -> None:
            assert client.get("/v1/videos", headers=other).status_code == 200

        def attack() -> Any:
            return client.post("/v1/videos", json={"prompt": "a cat"})

        answers = meanwhile(attack, lambda: service.capacity.guards.taken.total() >= 8, ask)
    assert {answer.json()["error"]["code"] for answer in answers} == {"moderation_unavailable"}


def test_row_4_many_pictures_of_one_key_leave_room_for_another(
    tmp_path: Path, template: Path, png: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 4: a key has half of the decoders."""
    over, look, inside = threading.Event(), uploads.inspect, []

    def slow(path: Path, limits: Limits) -> uploads.Looked:
        inside.append(threading.current_thread())
        assert len(inside) > 2 or over.wait(60)
        return look(path, limits)

    monkeypatch.setattr(uploads, "inspect", slow)
    with opened(tmp_path, template, limits=LIMITS) as client:
        other = another(client)

        def create(headers: dict[str, str]) -> Any:
            files = {"input_reference": ("a.png", png, "image/png")}
            return client.post("/v1/videos", data={"prompt": "a cat"}, files=files, headers=headers)

        def ask() -> None:
            assert create(other).status_code == 200
            over.set()

        answers = meanwhile(lambda: create({}), lambda: len(inside) == 2, ask)
    codes = [answer.status_code for answer in answers]
    assert set(codes) == {200, 429}
    assert codes.count(200) >= 2


def test_a_key_answers_for_so_many_requests_at_once() -> None:
    capacity = Capacity.of(Limits(requests_at_once=2))
    with capacity.request("a"), capacity.request("a"):
        with pytest.raises(ApiError) as caught, capacity.request("a"):
            pass
        with capacity.request("b"):
            pass
    assert (caught.value.status, caught.value.headers["retry-after-ms"]) == (429, "2000")
    assert not capacity.asking


def test_gates_let_in_in_turn_and_half_for_a_key() -> None:
    gate, order = Gate(4, timeout=10.0), []

    async def come(owner: str, weight: int, over: anyio.Event) -> None:
        async with gate.place(owner, weight):
            order.append((owner, weight))
            await over.wait()

    async def story() -> None:
        ends = [anyio.Event() for _ in range(6)]
        async with anyio.create_task_group() as tasks:
            for k, (owner, weight) in enumerate([("a", 1), ("a", 9), ("a", 1), ("b", 1), ("c", 2), ("b", 1)]):
                tasks.start_soon(come, owner, weight, ends[k])
                await anyio.wait_all_tasks_blocked()
            assert order == [("a", 1), ("b", 1), ("c", 2)]  # what is large waits until nothing else of its key is there
            ends[0].set()
            await anyio.wait_all_tasks_blocked()
            assert order[3:] == []  # it is its turn, and there is no room for it yet
            ends[4].set()
            await anyio.wait_all_tasks_blocked()
            assert order[3:] == [("a", 9), ("b", 1)]
            for end in ends:
                end.set()
        assert len(order) == 6
        assert not gate.line
        assert not gate.taken

    anyio.run(story)


def test_who_waits_too_long_or_leaves_takes_nothing() -> None:
    gate = Gate(2, timeout=0.05)

    async def story() -> None:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(gate.place("a"))
            with pytest.raises(ApiError) as caught:
                async with gate.place("a"):
                    pass
            assert caught.value.status == 429
            with anyio.move_on_after(0.01):
                async with gate.place("a"):
                    pass
            assert not gate.line
        assert not gate.taken

    anyio.run(story)


def read(data: bytes, folder: Path, most: int = 1 << 20) -> Any:
    return long_texts.load(io.BytesIO(data), Texts(folder=folder, most=most))


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("extra", [0, 1, 5, 65_531, 65_536, 200_000])
def test_row_11_long_texts_are_in_files_and_mean_the_same(tmp_path: Path, extra: int, ascii_only: bool) -> None:
    """Wherever a piece ends: in a plus that .NET escapes, in a slash that PHP does, in a character of four bytes."""
    text = "data:" + "ab+/" * (LONG // 4) + "x" * extra + '"\\\n山🎬' * 3 + "+" * 7
    said = {"a": [1, {"b": text}], "c": text[:1000], "d": text + "d"}
    data = json.dumps(said, ensure_ascii=ascii_only).replace("/", "\\/").replace("+", "\\u002B").encode()
    found = read(data, tmp_path)
    assert (found["a"][0], found["c"]) == (1, text[:1000])
    for long, meant in ((found["a"][1]["b"], text), (found["d"], text + "d")):
        assert isinstance(long, LongText)
        assert long.path.read_text(encoding="utf-8").replace("?", "") == meant.replace("?", "")
        assert long.bytes == len(meant.encode())
        assert long.head == meant[:1000]


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": "' + b"x" * (LONG + 9),
        b'{"a": "' + b"x" * (LONG + 9) + b'\\u12"}',
        b'{"a": "' + b"x" * (LONG + 9) + b"\\uZZZZ" + b"x" * 9 + b'"}',
        b'{"a": "' + b"x" * (LONG + 9) + b'\\q"}',
        b'{"a": "' + b"x" * (LONG + 9) + b'\n"}',
        b'{"a": "' + b"x" * (LONG + 9) + b"\\",
        b'{"a" "' + b"x" * (LONG + 9) + b'"}',
        b'{"a": [' + b"[]," * 10_000 + b"[]]}",
    ],
)
def test_long_texts_that_are_none(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(data, tmp_path)


def test_commas_in_a_text_are_no_parts(tmp_path: Path) -> None:
    assert read(json.dumps({"prompt": "," * 20_000}).encode(), tmp_path)["prompt"] == "," * 20_000


def test_what_is_left_is_small_or_refused(client: TestClient) -> None:
    """Row 11: a body of 30 MB that is no picture is not kept in memory either."""
    many = json.dumps({"prompt": "a cat", "x": ["y" * 100_000] * 100}).encode()
    answer = client.post("/v1/videos", content=many, headers={"content-type": "application/json"})
    error(answer, 413, None, "request_too_large")
    one = client.post("/v1/videos", json={"prompt": "y" * 3_000_000})
    assert "too long" in error(one, 400, "prompt")["message"]
    texts = client.post("/v1/videos", files=parts({f"x{k}": "y" * 400_000 for k in range(9)}))
    error(texts, 413, None, "request_too_large")


def parts(fields: dict[str, str]) -> dict[str, tuple[None, str]]:
    """Fields of a multipart form, none of which is a file."""
    return {name: (None, value) for name, value in fields.items()}


def large_png(png: bytes) -> bytes:
    """The same picture, with a comment of a megabyte that no decoder reads."""
    from tests.server.test_uploads import png_chunk

    return png[:33] + png_chunk(b"teSt", bytes(1 << 20)) + png[33:]


@pytest.mark.parametrize("way", ["json", "bare", "form", "json in a form"])
def test_a_large_data_url_is_a_picture(client: TestClient, service: Service, png: bytes, way: str) -> None:
    """Row 11: it goes from the socket to the disk, however it is sent."""
    picture = large_png(png)
    url = f"data:image/png;base64,{b64encode(picture).decode()}"
    fields: dict[str, Any] = {"prompt": "a cat", "size": "1280x720"}
    said: dict[str, Any] = {
        "json": {"json": {**fields, "input_reference": {"image_url": url}}},
        "bare": {"json": {**fields, "input_reference": url}},
        "form": {"files": parts({**fields, "input_reference[image_url]": url})},
        "json in a form": {"files": parts({**fields, "input_reference": json.dumps({"image_url": url})})},
    }[way]
    answer = client.post("/v1/videos", **said)
    assert answer.status_code == 200, answer.text
    (key,) = job_of(service, answer.json()["id"]).sources
    assert service.objects.get(key) == picture


@pytest.mark.parametrize("tail", ["A=", "äää", "A=AA", " "])
def test_a_long_text_that_is_no_data_url(tmp_path: Path, tail: str) -> None:
    path = tmp_path / "text"
    for head in ("data:image/png;base64,", "data:image/png,", "http://films/"):
        path.write_text(head + "AAAA" * 40_000 + (tail if head.endswith("base64,") else ""), encoding="utf-8")
        with pytest.raises(ApiError) as caught:
            fetching.save_data_url(path, tmp_path / "target", 1 << 20)
        assert (caught.value.status, caught.value.code) == (400, "invalid_url")
    path.write_text("data:image/png;base64," + "AAAA" * 40_000)
    with pytest.raises(ApiError, match="more than 1,000 characters"):
        fetching.save_data_url(path, tmp_path / "target", 1000)
    fetching.save_data_url(path, tmp_path / "target", 1 << 20)
    assert (tmp_path / "target").read_bytes() == bytes(120_000)


def test_a_long_text_has_the_same_fingerprint_in_every_spelling(tmp_path: Path) -> None:
    from tests.server.test_body_parser import form, raw

    text = "data:" + "a/+" * LONG
    plain = json.dumps({"a": text}).encode()
    spelled = [(plain, "application/json"), (plain.replace(b"/", b"\\/"), "application/json")]
    spelled.append((form(("a", text.encode())), body_parser.MULTIPART))
    limits, found = Limits(), set()
    for data, kind in spelled:
        with body_parser.parse(raw(data, kind), limits) as body:
            found.add(body.fingerprint("/v1/videos"))
    assert len(found) == 1


def test_row_11_memory_can_be_given_back() -> None:
    runtime.settle()
    runtime.trim()
