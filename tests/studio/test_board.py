"""The board: cards of a storyboard, from a script or one by one, and the film that is made of them."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from tests.studio.conftest import BOTH_WAYS, View
from tests.studio.hands import Hand
from tests.studio.looking import played, settled
from tests.studio.served import SIZE, STEPS, Films, Studio

STRIP = "ol > li > button[aria-pressed]"
SCRIPT = "A red dog runs left in a park. Then a cat sleeps on the beach. Cut to: a blue boat at sea."


def opened(page: Page) -> None:
    page.goto("/board")
    settled(page)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def words(page: Page) -> Locator:
    return page.get_by_role("textbox", name="What the card shows")


def cards(page: Page) -> list[str]:
    """What a screen reader says of each card."""
    found = page.locator(STRIP).all()
    return [str(card.get_attribute("aria-label")) for card in found]


def make_cheap(page: Page, hand: Hand) -> None:
    """A small film of few steps."""
    hand.choose(page.get_by_role("combobox", name="Size"), "224x128")
    hand.fill(page.get_by_role("textbox", name="Steps"), str(STEPS))


def from_script(page: Page, hand: Hand, seconds: str = "3") -> None:
    opened(page)
    hand.press(button(page, "Begin with a script"))
    hand.fill(page.get_by_role("textbox", name="Script"), SCRIPT)
    hand.fill(page.get_by_role("textbox", name="Seconds in all"), seconds)
    hand.press(button(page, "Make cards"))
    expect(page.locator(STRIP)).to_have_count(3)


def upload(page: Page, hand: Hand, path: Path) -> None:
    hand.upload(button(page, "Choose a file"), path)
    expect(page.get_by_text(path.name)).to_be_visible()


@pytest.fixture
def still(tmp_path: Path) -> Path:
    path = tmp_path / "boat.png"
    data = io.BytesIO()
    Image.new("RGB", (224, 128), (40, 90, 160)).save(data, "PNG")
    path.write_bytes(data.getvalue())
    return path


@pytest.mark.flow(24)
def test_a_board_of_a_text_a_still_and_a_clip_is_filmed(
    page: Page, hand: Hand, studio: Studio, films: Films, still: Path
) -> None:
    clip = films.film("card", "/v1/videos", {"prompt": "A yellow balloon rises over a park.", "size": SIZE})
    opened(page)
    hand.press(button(page, "Add a card"))
    hand.fill(words(page), "A red car drives left on a city street.")
    hand.fill(page.get_by_role("textbox", name="Seconds", exact=True), "0.5")
    hand.press(button(page, "Add a card"))
    hand.fill(words(page), "A boat on the sea.")
    hand.press(page.get_by_role("radio", name="A still"))
    upload(page, hand, still)
    hand.fill(page.get_by_role("textbox", name="Seconds", exact=True), "0.5")
    hand.press(button(page, "Add a card"))
    hand.fill(words(page), "A car in the snow.")
    hand.press(page.get_by_role("radio", name="A clip"))
    hand.press(button(page, "From the library"))
    hand.press(page.get_by_role("dialog").get_by_role("button", name=clip["prompt"]).last)
    hand.fill(page.get_by_role("textbox", name="Seconds", exact=True), "1.5")
    make_cheap(page, hand)
    expect(page.locator("ol > li img")).to_have_count(2)  # the still was sent while the next card was made
    hand.press(button(page, "Make the film"))
    film = page.get_by_role("region", name="The film of the board")
    hand.press(film.get_by_role("button", name="Play"))
    played(film.locator("video"), 2.5)
    made = studio.newest()
    assert made["size"] == "224x128"
    lineage = studio.call("GET", f"/v1/videos/{made['id']}/lineage")
    assert clip["id"] in {node["id"] for node in lineage["nodes"]}


@pytest.mark.flow(29)
@pytest.mark.flow(28)
def test_a_script_becomes_cards_that_flow_or_are_cut(page: Page, hand: Hand) -> None:
    from_script(page, hand)
    first, second, third = cards(page)
    assert "A red dog runs left in a park" in first
    assert "a cat sleeps" in second
    assert "a blue boat at sea" in third
    hand.press(page.get_by_role("button", name="Card 2,"))
    expect(page.get_by_role("radio", name="Flow: the same take goes on")).to_be_checked()
    hand.press(page.get_by_role("button", name="Card 3,"))
    expect(page.get_by_role("radio", name="Cut: a new take")).to_be_checked()
    hand.press(page.get_by_role("radio", name="Flow: the same take goes on"))
    expect(page.get_by_role("radio", name="Flow: the same take goes on")).to_be_checked()


def drag(page: Page, handle: Locator, by: float) -> None:
    handle.scroll_into_view_if_needed()
    box: Any = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by / 2, y, steps=4)
    page.mouse.move(x + by, y, steps=4)
    page.mouse.up()


@pytest.mark.flow(25)
@pytest.mark.flow(26)
@BOTH_WAYS
def test_cards_are_ordered_and_stretched(page: Page, hand: Hand) -> None:
    from_script(page, hand, "5")
    handle, end = page.get_by_role("button", name="Move card 1"), page.get_by_role("slider", name="Length of card 1")
    if hand.keyboard:
        hand.focus(handle)
        for key in ("Space", "ArrowRight", "Space"):
            page.keyboard.press(key)
            page.wait_for_timeout(300)  # the card moves
    else:
        drag(page, handle, 150)
    expect(page.get_by_role("button", name="Card 2, 2.25 s: A red dog runs left in a park.")).to_be_visible()
    assert "a cat sleeps" in cards(page)[0]
    before = float(str(end.get_attribute("aria-valuenow")))
    if hand.keyboard:
        hand.focus(end)
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
    else:
        drag(page, end, 42)
    expect(end).to_have_attribute("aria-valuenow", f"{before + 0.5:g}")
    expect(page.get_by_text("5.5 s in all")).to_be_visible()
    hand.press(page.get_by_role("button", name="Card 1,"))
    hand.press(button(page, "Move the card later"))
    assert "A red dog" in cards(page)[0]


@pytest.mark.flow(27)
def test_one_card_is_previewed(page: Page, hand: Hand, studio: Studio) -> None:
    from_script(page, hand)
    hand.fill(page.get_by_role("textbox", name="Steps"), str(STEPS))
    hand.press(button(page, "Preview this card"))
    card = page.get_by_role("region", name="Card 1")
    hand.press(card.get_by_role("button", name="Play"))
    played(card.locator("video"), 1)
    assert "red dog" in studio.newest()["prompt"]
    expect(page.locator("ol > li").first.locator("img")).to_be_visible()


@pytest.mark.flow(31)
@pytest.mark.flow(33)
def test_a_board_is_exported_imported_undone_and_survives_a_reload(page: Page, hand: Hand, tmp_path: Path) -> None:
    from_script(page, hand)
    hand.fill(page.get_by_role("textbox", name="Title"), "A day")
    hand.choose(page.get_by_role("combobox", name="Camera"), "the camera pans left")
    before = cards(page)
    hand.press(button(page, "More"))
    with page.expect_download() as download:
        hand.press(page.get_by_role("menuitem", name="Export YAML"))
    path = tmp_path / "board.yaml"
    download.value.save_as(path)
    assert download.value.suggested_filename == "A day.yaml"
    assert "camera: pan left" in path.read_text(encoding="utf-8")
    page.reload()
    settled(page)
    assert cards(page) == before
    expect(page.get_by_role("textbox", name="Title")).to_have_value("A day")
    hand.press(button(page, "More"))
    hand.press(page.get_by_role("menuitem", name="New board"))
    expect(page.locator(STRIP)).to_have_count(0)
    hand.press(button(page, "More"))
    hand.upload(page.get_by_role("menuitem", name="Import YAML"), path)
    expect(page.locator(STRIP)).to_have_count(3)
    assert cards(page) == before
    hand.press(button(page, "Remove the card"))
    expect(page.locator(STRIP)).to_have_count(2)
    hand.press(button(page, "Undo"))
    expect(page.locator(STRIP)).to_have_count(3)
    hand.press(button(page, "Redo"))
    expect(page.locator(STRIP)).to_have_count(2)


def test_a_board_that_cannot_be_read_is_one_line(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "board.yaml"
    path.write_text("cards:\n- from: 0\n  to: 2\n  promt: a cat\n", encoding="utf-8")
    page.watch.expect("status of 400")  # type: ignore[attr-defined]
    opened(page)
    button(page, "More").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("menuitem", name="Import YAML").click()
    chooser.value.set_files(path)
    expect(page.get_by_role("alert")).to_contain_text("line 4")


@pytest.mark.flow(32)
def test_one_card_of_a_finished_film_is_made_again(page: Page, hand: Hand, studio: Studio) -> None:
    from_script(page, hand)
    make_cheap(page, hand)
    hand.press(button(page, "Make the film"))
    film = page.get_by_role("region", name="The film of the board")
    expect(button(page, "Make a card again")).to_be_visible(timeout=60_000)
    first = studio.newest()
    hand.press(button(page, "Make a card again"))
    hand.press(page.get_by_role("menuitem", name="2. a cat sleeps on the beach."))
    expect(button(page, "Make a card again")).to_have_count(0)
    hand.press(film.get_by_role("button", name="Play"))
    played(film.locator("video"), 3)
    again = studio.newest()
    assert again["id"] != first["id"]
    assert studio.call("GET", f"/v1/library/{again['id']}")["mode"] == "edit"


class Director(BaseHTTPRequestHandler):
    """A language model that answers any script with the same two cards."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        board = "cards:\n- {from: 0, to: 1, prompt: a storm at sea}\n- {from: 1, to: 2, prompt: a calm morning}\n"
        data = json.dumps({"choices": [{"message": {"role": "assistant", "content": board}}]}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


@pytest.fixture
def directed(tmp_path: Path) -> Iterator[Studio]:
    """A server that has a language model, and no worker."""
    model = ThreadingHTTPServer(("127.0.0.1", 0), Director)
    threading.Thread(target=model.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{model.server_port}/v1"
    served = Studio(folder=tmp_path, options=("--workers", "0", "--director", url, "--director-model", "writer"))
    try:
        served.start()
        yield served
    finally:
        served.close()
        model.shutdown()
        model.server_close()


@pytest.mark.flow(30)
def test_a_language_model_makes_the_cards(directed: Studio, open_page: Callable[..., Page], hand: Hand) -> None:
    page = open_page(View(key=None), at=directed)
    hand = hand.on(page)
    page.goto(directed.link())
    expect(page.get_by_role("navigation")).to_be_visible()
    opened(page)
    hand.press(button(page, "Begin with a script"))
    hand.fill(page.get_by_role("textbox", name="Script"), "Weather at sea, in two pictures.")
    hand.fill(page.get_by_role("textbox", name="Seconds in all"), "2")
    hand.press(page.get_by_role("radio", name="Language model"))
    hand.press(button(page, "Make cards"))
    expect(page.locator(STRIP)).to_have_count(2)
    assert "a storm at sea" in cards(page)[0]
