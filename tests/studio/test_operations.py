"""Operations: what the operator of a server sees of all keys, and what can be done about it."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.server.conftest import until
from tests.studio.conftest import View
from tests.studio.hands import Hand
from tests.studio.looking import settled
from tests.studio.served import SIZE, STEPS, Films, Studio

LONG = {"prompt": "A red dog runs left in a park.", "seconds": 4, "steps": 40, "size": SIZE}
WORKS = re.compile("Ready|Busy")  # a film of another flow may still be made


@pytest.fixture
def boss(open_page: Callable[..., Any]) -> Any:
    """A page of the operator."""
    return open_page(View(key="admin"), reuse=True)


def opened(page: Page, section: str = "overview") -> None:
    page.goto(f"/operations?show={section}")
    settled(page)


@contextmanager
def receiver() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The address of a webhook, and the events that it has received."""
    received: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.flow(64)
def test_the_queue_of_all_keys_is_seen_and_a_film_in_it_cancelled(hand: Hand, boss: Page, studio: Studio) -> None:
    first = studio.call("POST", "/v1/videos", json=LONG)
    until(lambda: studio.call("GET", f"/v1/videos/{first['id']}")["status"] == "in_progress", "the first film")
    waiting = studio.call("POST", "/v1/videos", "second", json={**LONG, "prompt": "A blue boat at sea."})
    opened(boss)
    overview = boss.get_by_role("region", name="Next in the queue")
    expect(overview.get_by_role("listitem")).to_contain_text("second")
    expect(boss.get_by_role("region", name="In the queue", exact=True)).to_contain_text("1")
    operator = hand.on(boss)
    operator.press(boss.get_by_role("link", name="In the queue", exact=True))
    row = boss.get_by_role("row", name="A blue boat at sea.")
    expect(row).to_contain_text("Place 1")
    expect(row).to_contain_text("second")
    operator.press(row.get_by_role("button", name="Cancel A blue boat"))
    expect(row).to_have_count(0)
    ended = studio.call("GET", f"/v1/videos/{waiting['id']}", "second")
    assert (ended["status"], ended["error"]["code"]) == ("failed", "cancelled")
    operator.press(boss.get_by_role("row", name=LONG["prompt"]).get_by_role("button", name="Cancel"))
    expect(boss.get_by_text("The queue is empty.")).to_be_visible()


@pytest.mark.flow(65)
@pytest.mark.flow(68)
def test_workers_stages_and_the_disk(hand: Hand, boss: Page, studio: Studio, films: Films) -> None:
    films.text()
    opened(boss)
    stages = boss.get_by_role("region", name="Stages of a film")
    for name in ("Encoding", "Denoising", "Decoding"):
        expect(stages.get_by_role("term").filter(has_text=name)).to_be_visible()
    expect(stages).to_contain_text("95 % within")
    disk = boss.get_by_role("region", name="Disk")
    expect(disk.get_by_text("are free")).to_be_visible()
    expect(disk.get_by_role("listitem").filter(has_text="Films")).to_contain_text(re.compile("[kM]B"))
    expect(boss.get_by_role("region", name="Workers")).to_contain_text("1")
    operator = hand.on(boss)
    operator.press(boss.get_by_role("tab", name="Workers"))
    row = boss.get_by_role("row").filter(has=boss.get_by_role("button", disabled=False))  # of one that is alive
    expect(row).to_contain_text(WORKS)
    operator.press(row.get_by_role("button", name="Take no new films"))
    expect(row).to_contain_text("Stopping")
    operator.press(row.get_by_role("button", name="Take films again"))
    expect(row).to_contain_text(WORKS)


@pytest.mark.flow(66)
def test_the_usage_of_each_key(hand: Hand, boss: Page, films: Films) -> None:
    films.text()
    opened(boss, "usage")
    operator = hand.on(boss)
    operator.choose(boss.get_by_role("combobox", name="Time"), "Today")
    row = boss.get_by_role("row", name="own")
    expect(row.first).to_be_visible()
    with boss.expect_download() as download:
        operator.press(boss.get_by_role("link", name="Download as CSV"))
    assert "own" not in download.value.suggested_filename
    with open(download.value.path(), encoding="utf-8") as file:
        assert "key" in file.readline()


@pytest.mark.flow(67)
def test_a_delivery_is_seen_and_sent_again(hand: Hand, boss: Page, studio: Studio) -> None:
    with receiver() as (address, received):
        hook = studio.call("POST", "/v1/webhooks", json={"url": address, "event_types": ["video.failed"]})
        video = studio.call("POST", "/v1/videos", json={**LONG, "steps": STEPS})
        studio.call("POST", f"/v1/videos/{video['id']}/cancel")
        until(lambda: len(received) == 1, "the event")
        opened(boss, "deliveries")
        row = boss.get_by_role("row", name="video.failed").first
        expect(row).to_contain_text("Delivered")
        hand.on(boss).press(row.get_by_role("button", name="Send again"))
        until(lambda: len(received) == 2, "the event again")
        assert received[0]["id"] == received[1]["id"]
        expect(row).to_contain_text("Delivered")
        studio.call("DELETE", f"/v1/webhooks/{hook['id']}")


@pytest.mark.flow(69)
def test_a_reported_film_is_hidden_and_shown_again(hand: Hand, boss: Page, studio: Studio, films: Films) -> None:
    film = films.other()
    studio.call("POST", f"/v1/videos/{film['id']}/publish")
    studio.call("POST", f"/v1/feed/{film['id']}/report", "second", json={"reason": "rude"})
    opened(boss, "reports")
    row = boss.get_by_role("row", name=film["prompt"])
    operator = hand.on(boss)
    operator.press(row.get_by_role("button", name="Hide from the feed"))
    expect(row).to_contain_text("Hidden")
    found = studio.call("GET", "/v1/feed", "second", params={"video": film["id"]})
    assert found["data"] == []
    operator.press(row.get_by_role("button", name="Show again"))
    operator.press(row.get_by_role("link", name=film["prompt"]))
    expect(boss.get_by_role("dialog").get_by_role("tab", name="Hide")).to_be_visible()


def test_operations_are_for_operators_alone(page: Page) -> None:
    page.goto("/operations")
    expect(page.get_by_role("heading", level=1, name="There is no such page")).to_be_visible()
