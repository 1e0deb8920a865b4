import json
import logging
import threading
from collections.abc import Iterator

import pytest

from yozora.server import logs

log = logging.getLogger("yozora.server.somewhere")


@pytest.fixture(autouse=True)
def root() -> Iterator[None]:
    """The log of the tests is as it was afterwards."""
    root = logging.getLogger()
    handlers, level = [*root.handlers], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_json_line_says_what_it_is_about(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json=True)
    with logs.about(request_id="req_1", owner="key_1", video=None):
        with logs.about(video="video_1"):
            log.info("stage %s", "done", extra={"stage": "denoise", "seconds": 1.234567})
        log.warning("after")
    log.info("outside")
    first, second, third = lines(capsys)
    assert first.pop("time").endswith("Z")  # type: ignore[attr-defined]
    assert first == {
        "level": "info",
        "logger": "yozora.server.somewhere",
        "message": "stage done",
        "request_id": "req_1",
        "owner": "key_1",
        "video": "video_1",
        "stage": "denoise",
        "seconds": 1.2346,
    }
    assert (second["level"], second["request_id"], "video" in second) == ("warning", "req_1", False)
    assert "request_id" not in third


def test_what_a_client_sent_is_never_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    for choice in (True, False):
        logs.configure(json=choice)
        log.info("prompt a\n12:00:00 info forged", extra={"model": "x\ny", "path": "/v1/vi deos"})
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_line_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    with logs.about(video="video_1"):
        log.info("stage done", extra={"stage": "two words", "seconds": 0.5, "empty": ""})
    said = capsys.readouterr().err
    assert said[8:] == ' info    stage done  video=video_1 stage="two words" seconds=0.5 empty=""\n'


def test_a_traceback_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json=True)
    try:
        raise ZeroDivisionError("by nought")
    except ZeroDivisionError:
        log.exception("broken")
    (line,) = lines(capsys)
    assert line["message"] == "broken"
    assert "ZeroDivisionError: by nought" in str(line["error"])


def test_configuring_twice_says_nothing_twice(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    logs.configure(json=True)
    log.info("once")
    logging.getLogger("alembic").info("never")
    assert [line["message"] for line in lines(capsys)] == ["once"]


def test_threads_are_about_their_own_things() -> None:
    seen: list[object] = []
    with logs.about(video="video_1"):
        thread = threading.Thread(target=lambda: seen.append(dict(logs.facts())))
        thread.start()
        thread.join()
        assert logs.facts() == {"video": "video_1"}
    assert seen == [{}]
