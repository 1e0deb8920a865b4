"""The page of a film: its player, the tools that make other films of it, and what it says of where it comes from."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, Route, expect
from tests.studio.conftest import View
from tests.studio.hands import Hand
from tests.studio.looking import axe, played, settled
from tests.studio.served import STEPS, Films, Studio

from yozora import media
from yozora.films.film import Film, Sound

WITHOUT_WEBCODECS = "delete window.VideoDecoder;"
FRAME = 1 / 16  # seconds, of mini
RATES = """() => {
  window.rates = [];
  const video = document.querySelector("video");
  video.addEventListener("ratechange", () => window.rates.push(video.playbackRate));
}"""


@dataclass(frozen=True, kw_only=True)
class FilmPage:
    """The page of a film, and the hand that uses it."""

    page: Page
    hand: Hand

    def open(self, video: dict[str, Any], tool: str = "") -> None:
        self.page.goto(f"/films/{video['id']}" + (f"?tool={tool}" if tool else ""))
        settled(self.page)
        expect(self.place).to_have_text(re.compile(r"of \d\d"))  # of one, before the film is known

    @property
    def place(self) -> Locator:
        return self.page.get_by_text(re.compile(r"^Frame \d+ of"))

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def field(self, name: str) -> Locator:
        return self.page.get_by_label(name, exact=True)

    def order(self, action: str) -> None:
        """Four steps are enough; the film that was ordered opens by itself."""
        before = self.page.url.partition("?")[0]
        self.hand.press(self.button("More options"))
        self.hand.fill(self.field("Steps"), str(STEPS))
        self.hand.press(self.button(action))
        self.page.wait_for_url(lambda url: not url.startswith(before))

    def plays(self, seconds: float) -> None:
        """The film that is open, from its start."""
        opened = self.page.url.rpartition("/")[2]
        expect(self.page.locator(f"video[src*='{opened}']")).to_be_visible(timeout=90_000)
        expect(self.place).to_have_text(re.compile(r"of \d\d"))
        self.page.keyboard.press("Space")
        played(self.page, seconds)


@pytest.fixture
def film(page: Any, hand: Hand) -> FilmPage:
    return FilmPage(page=page, hand=hand)


@pytest.fixture
def pointer(page: Any) -> FilmPage:
    return FilmPage(page=page, hand=Hand(page=page, keyboard=False))


# --- the player


@pytest.mark.flow(45)
def test_keys_play_stop_and_step(film: FilmPage, films: Films, hand: Hand) -> None:
    film.open(films.text())
    page, place = film.page, film.place
    for key, shown in (("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2), ("Home", 1)):
        page.keyboard.press(key)
        expect(place).to_have_text(f"Frame {shown} of 17")
    page.keyboard.press("End")
    expect(place).to_have_text("Frame 17 of 17")
    page.keyboard.press("j")
    expect(place).not_to_have_text("Frame 17 of 17")
    page.keyboard.press("k")
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    played(page, 1)
    page.keyboard.press("Home")
    page.evaluate(RATES)  # what is shown of them is gone when the film has ended
    page.keyboard.press("l")
    page.keyboard.press("l")
    for _ in range(100):
        if 2 in page.evaluate("rates"):
            break
        page.wait_for_timeout(50)
    assert 2 in page.evaluate("rates")
    page.keyboard.press("k")
    page.keyboard.press("m")
    assert page.locator("video").evaluate("(v) => v.muted && v.paused")
    hand.press(film.button("Change the title"))
    before = place.inner_text()
    page.keyboard.type("l j")
    expect(film.field("Title")).to_have_value("l j")
    expect(place).to_have_text(before)


@pytest.mark.flow(45)
@pytest.mark.parametrize("has_webcodecs", [True, False])
def test_a_step_is_a_frame(open_page: Callable[..., Page], films: Films, has_webcodecs: bool) -> None:
    """With exact pictures, and with the element alone where the browser decodes nothing for pages."""
    page = open_page()
    pointer = FilmPage(page=page, hand=Hand(page=page, keyboard=False))
    if not has_webcodecs:
        page.add_init_script(WITHOUT_WEBCODECS)
    pointer.open(films.text())
    for step in (1, 2, 3):
        pointer.button("One frame on").click()
        expect(pointer.place).to_have_text(f"Frame {step + 1} of 17")
        at = pointer.page.locator("video").evaluate("(v) => v.currentTime")
        assert abs(at - (step + 0.5) * FRAME) < FRAME / 4
    expect(pointer.page.locator("canvas")).to_be_visible(visible=has_webcodecs)


# --- other films of it


@pytest.mark.flow(46)
def test_a_remix(film: FilmPage, films: Films, studio: Studio, hand: Hand) -> None:
    film.open(films.text(), "remix")
    hand.press(film.page.get_by_role("radio", name="Subtle"))
    hand.fill(film.field("What the film shows"), "A blue car drives left on a city street.")
    film.order("Make the remix")
    film.plays(1)
    made = studio.call("GET", f"/v1/library/{studio.newest()['id']}")
    assert (made["mode"], made["options"]["steps"]) == ("remix", STEPS)
    assert 0 < made["options"]["strength"] < 0.8
    hand.press(film.page.get_by_role("link", name="A red car drives left on a city street."))
    film.page.wait_for_url(f"**/films/{films.text()['id']}")


@pytest.mark.flow(47)
@pytest.mark.parametrize("where", ["After the end", "Before the beginning"])
def test_an_extension(film: FilmPage, films: Films, studio: Studio, hand: Hand, where: str) -> None:
    film.open(films.text(), "extend")
    hand.press(film.page.get_by_role("radio", name=where))
    hand.fill(film.field("Seconds to add"), "1")
    film.order("Extend the film")
    film.plays(2)
    made = studio.call("GET", f"/v1/library/{studio.newest()['id']}")
    assert made["options"].get("backward", False) == (where != "After the end")


@pytest.mark.flow(48)
def test_a_loop(film: FilmPage, films: Films, hand: Hand) -> None:
    film.open(films.text(), "loop")
    hand.fill(film.field("Seconds of the transition"), "0.5")
    film.order("Make the loop")
    film.plays(1.5)
    assert film.page.locator("video").evaluate("(v) => v.loop")


@pytest.mark.flow(49)
def test_a_blend(film: FilmPage, films: Films, hand: Hand) -> None:
    other = films.other()
    film.open(films.text(), "blend")
    hand.press(film.button("Choose a film"))
    hand.fill(film.field("Search films"), "blue boat on the sea at night")
    dialog = film.page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name=films.text()["prompt"])).to_have_count(0)
    hand.press(dialog.get_by_role("button", name=other["prompt"]).first)
    hand.fill(film.field("Seconds of the transition"), "0.5")
    film.order("Blend the films")
    film.plays(1.625)  # all frames of both but for the eight that meet


@pytest.mark.flow(50)
def test_a_recut_on_the_timeline(pointer: FilmPage, films: Films, studio: Studio) -> None:
    page = pointer.page
    pointer.open(films.text(), "recut")
    start, stop = pointer.field("Kept span 1: from, in seconds"), pointer.field("Kept span 1: to, in seconds")
    first = page.get_by_role("slider", name="Kept span 1: beginning")
    box = first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(0, box["y"] + 10, steps=4)
    page.mouse.up()
    expect(start).to_have_value("0 s")
    page.get_by_role("slider", name="Kept span 1: end").focus()
    before = stop.input_value()
    page.keyboard.press("ArrowLeft")
    expect(stop).not_to_have_value(before)
    stop.fill("0.5")
    expect(page.get_by_role("slider", name="Kept span 1: end")).to_have_attribute("aria-valuenow", "0.5")
    page.reload()
    settled(page)
    expect(stop).to_have_value("0.5 s")
    pointer.order("Re-cut the film")
    pointer.plays(1)
    assert studio.call("GET", f"/v1/library/{studio.newest()['id']}")["options"]["keep"] == [[0, 0.5]]


@pytest.mark.flow(50)
def test_spans_are_kept_by_keyboard(film: FilmPage, films: Films, hand: Hand) -> None:
    film.open(films.other(), "recut")
    hand.press(film.button("Keep another span"))
    expect(film.page.get_by_role("slider", name="Kept span 2: end")).to_be_visible()
    span = film.page.get_by_role("slider", name="Kept span 1", exact=True)
    hand.focus(span)
    before = span.get_attribute("aria-valuetext")
    film.page.keyboard.press("ArrowLeft")
    expect(span).not_to_have_attribute("aria-valuetext", before or "")
    hand.press(film.button("Do not keep span 2"))
    expect(film.page.get_by_role("slider", name="Kept span 2: end")).to_have_count(0)
    hand.press(film.button("Undo"))
    expect(film.page.get_by_role("slider", name="Kept span 2: end")).to_be_visible()


@pytest.mark.flow(51)
def test_a_region_is_drawn(pointer: FilmPage, films: Films) -> None:
    page = pointer.page
    pointer.open(films.text(), "edit")
    box = page.locator("video").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 2, box["y"] + 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5, steps=4)
    page.mouse.up()
    expect(pointer.field("Left, %")).to_have_value("0.3")
    expect(pointer.field("Width, %")).to_have_value("49.7")
    axe(page)


@pytest.mark.flow(51)
def test_an_edit_of_a_region(film: FilmPage, films: Films, studio: Studio, hand: Hand, tmp_path: Path) -> None:
    """What lies outside of it stays."""
    source = films.text()
    film.open(source, "edit")
    for side, percent in {"Left, %": 0, "Top, %": 0, "Width, %": 50, "Height, %": 60}.items():
        hand.fill(film.field(side), str(percent))
    hand.fill(film.field("What the film shows"), "A red car drives left under the moon.")
    film.order("Edit the film")
    film.plays(1)
    made = studio.newest()["id"]
    region = studio.call("GET", f"/v1/library/{made}")["options"]["region"]
    assert region == {"x": 0, "y": 0, "w": 0.5, "h": 0.6}
    before, after = (frames(studio, one, tmp_path) for one in (source["id"], made))
    changed = np.abs(after.astype(np.float32) - before).mean(axis=(0, 3))
    height, width = changed.shape
    assert changed[: int(0.5 * height), : int(0.4 * width)].mean() > 2
    assert changed[int(0.75 * height) :].mean() < 2
    assert changed[:, int(0.75 * width) :].mean() < 2


def frames(studio: Studio, video_id: str, folder: Path) -> np.ndarray:
    """Those of a film, [frames, height, width, 3] in 0..255."""
    path = folder / f"{video_id}.mp4"
    path.write_bytes(studio.keys["own"].api.get(f"/v1/videos/{video_id}/content").content)
    return media.read(path).frames


def test_one_card_again(film: FilmPage, films: Films, studio: Studio, hand: Hand) -> None:
    film.open(films.storyboard(), "retake")
    hand.choose(film.page.get_by_role("combobox", name="Card"), "2")
    expect(film.field("What the card shows")).to_have_value("A boat.")
    hand.fill(film.field("What the card shows"), "A red boat.")
    film.order("Retake the card")
    made = studio.call("GET", f"/v1/library/{studio.newest()['id']}")
    options = made["options"]
    assert (options["from"], options["to"], options["prompt"]) == (0.5, 1, "A red boat.")
    studio.call("POST", f"/v1/videos/{made['id']}/cancel")  # tests/studio/test_board.py looks at such a film


def test_what_a_model_cannot_do_is_grey(pointer: FilmPage, films: Films) -> None:
    def without_loops(route: Route) -> None:
        facts = route.fetch().json()
        for mode in facts["modes"]:
            if mode["mode"] == "loop":
                mode |= {"possible": False, "reason": "These weights make no loops."}
        route.fulfill(body=json.dumps(facts), content_type="application/json")

    pointer.page.route("**/v1/models/*", without_loops)
    pointer.open(films.text(), "loop")
    expect(pointer.page.get_by_text("These weights make no loops.", exact=True)).to_be_visible()
    expect(pointer.button("Make the loop")).to_be_disabled()
    expect(pointer.field("Seconds of the transition")).to_be_disabled()


# --- what becomes of it


@pytest.mark.flow(52)
def test_a_character_of_the_film(film: FilmPage, films: Films, studio: Studio, hand: Hand) -> None:
    film.open(films.text(), "character")
    hand.fill(film.field("Name"), "Milo")
    panel = film.page.get_by_role("region", name="Make a character")
    hand.press(panel.get_by_role("button", name="Make a character"))
    expect(film.page.get_by_text("@Milo can be named")).to_be_visible()
    (made,) = [one for one in studio.call("GET", "/v1/characters")["data"] if one["name"] == "Milo"]
    studio.call("DELETE", f"/v1/videos/characters/{made['id']}")


@pytest.mark.flow(53)
def test_finishing(film: FilmPage, films: Films, studio: Studio, hand: Hand) -> None:
    source = films.text()
    film.open(source, "finish")
    hand.fill(film.field("Width"), "112")
    hand.fill(film.field("Height"), "64")
    hand.fill(film.field("Frames a second"), "24")
    hand.focus(film.page.get_by_role("slider", name="Saturation"))
    film.page.keyboard.press("Home")
    hand.press(film.button("Finish the film"))
    film.page.wait_for_url(lambda url: source["id"] not in url, timeout=90_000)
    film.plays(1)
    sides = film.page.locator("video").evaluate("(v) => [v.videoWidth, v.videoHeight]")
    assert sides == [112, 64]


@pytest.mark.flow(54)
def test_downloads(film: FilmPage, films: Films, hand: Hand) -> None:
    film.open(films.text(), "download")
    kinds = {"WebM": b"\x1a\x45\xdf\xa3", "GIF": b"GIF89a", "Frames (PNG)": b"PK"}
    for name in kinds:
        hand.press(film.button(name))
        expect(film.page.get_by_role("button", name="Delete " + named(name))).to_be_visible()
    for name, begins in kinds.items():
        link = film.page.get_by_role("link", name="Download " + named(name))
        expect(link).to_be_visible(timeout=90_000)
        assert downloaded(film, link).startswith(begins)
    assert downloaded(film, film.page.get_by_role("link", name="MP4"))[4:8] == b"ftyp"


def named(button: str) -> str:
    """The name of the row of an export."""
    return "PNG (ZIP)" if button.startswith("Frames") else button


def downloaded(film: FilmPage, link: Locator) -> bytes:
    with film.page.expect_download() as found:
        film.hand.press(link)
    return found.value.path().read_bytes()


@pytest.mark.flow(55)
def test_a_timeline_for_premiere(film: FilmPage, films: Films, hand: Hand) -> None:
    film.open(films.storyboard(), "download")
    text = downloaded(film, film.page.get_by_role("link", name="Premiere XML")).decode()
    assert "<xmeml" in text
    assert "A boat." in text


@pytest.mark.flow(56)
def test_a_share_link(film: FilmPage, films: Films, open_page: Callable[..., Any], hand: Hand) -> None:
    film.open(films.text(), "share")
    hand.choose(film.page.get_by_role("combobox", name="The link ends after"), "One hour")
    hand.press(film.button("Make a link"))
    address = film.field("New link").input_value()
    guest = open_page(View(key=None))
    guest.goto(address)
    guest.locator("video").evaluate("(v) => v.play()")
    played(guest, 1)
    hand.press(film.page.get_by_role("button", name="Revoke the link"))
    expect(film.page.get_by_text("Open links")).to_have_count(0)
    guest.watch.expect("status of 404")
    guest.goto(address)
    expect(guest.get_by_text("was revoked")).to_be_visible()


@pytest.mark.flow(57)
def test_the_provenance(film: FilmPage, films: Films, hand: Hand) -> None:
    source, remix = films.text(), films.remix()
    film.open(remix)
    hand.press(film.button("Provenance"))
    panel = film.page.get_by_role("region", name="Provenance")
    expect(panel.get_by_text("Made and signed here")).to_be_visible(timeout=90_000)
    expect(panel.get_by_text("It is in the frames")).to_be_visible()
    for said in ("own", "Yozora films", "mini", "Remix"):
        expect(panel.get_by_text(said).first).to_be_visible()
    axe(film.page)
    hand.press(panel.get_by_role("link", name=source["prompt"]))
    film.page.wait_for_url(f"**/films/{source['id']}")


@pytest.fixture
def tone(studio: Studio, tmp_path: Path) -> dict[str, Any]:
    """A film of two seconds with a tone, as the API tells of it."""
    time = np.arange(32_000) / 16_000
    tone = (0.5 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
    clip = Film(frames=np.zeros((32, 64, 96, 3), np.uint8), fps=16.0, sound=Sound(samples=tone[:, None], rate=16_000))
    path = media.write(tmp_path / "tone.mp4", clip)
    sent = {"video": (path.name, path.read_bytes(), "video/mp4")}
    imported: dict[str, Any] = studio.call("POST", "/v1/library/import", files=sent)
    return imported


@pytest.mark.flow(58)
def test_the_wave_of_the_sound(pointer: FilmPage, tone: dict[str, Any]) -> None:
    pointer.open(tone)
    wave = pointer.page.get_by_test_id("waveform")
    expect(wave).to_be_visible()
    expect(wave).to_have_attribute("data-ready", "")
    box = wave.bounding_box()
    assert box is not None
    wave.click(position={"x": box["width"] * 0.5, "y": box["height"] / 2})
    expect(pointer.place).to_have_text(re.compile(r"^Frame (16|17|18) of 32"))


@pytest.mark.flow(58)
def test_a_point_of_the_sound_is_chosen_by_keyboard(film: FilmPage, tone: dict[str, Any], hand: Hand) -> None:
    film.open(tone)
    expect(film.page.get_by_test_id("waveform")).to_be_visible()
    hand.focus(film.page.get_by_role("slider", name="Position in the film"))
    film.page.keyboard.press("ArrowRight")
    expect(film.place).not_to_have_text(re.compile("^Frame 1 of 32"))


@pytest.mark.flow(38, 39, 44)
def test_a_film_is_renamed_put_away_and_deleted(
    film: FilmPage, hand: Hand, studio: Studio, open_page: Callable[..., Any]
) -> None:
    """And a second tab shows it."""
    said = {"prompt": "A boat.", "seconds": 0.25, "size": "64x64", "steps": 1}
    video = studio.completed(studio.call("POST", "/v1/videos", json=said)["id"])
    page, second = film.page, open_page(View())
    for each in (page, second):
        each.goto(f"/films/{video['id']}")
        settled(each)
    hand.press(film.button("Change the title"))
    hand.fill(film.field("Title"), "<b>Boat</b>")
    page.keyboard.press("Enter")
    expect(second.get_by_role("heading", name="<b>Boat</b>")).to_be_visible()
    hand.press(film.button("What can be done with the film"))
    hand.press(page.get_by_role("menuitem", name="Put into a folder"))
    hand.choose(page.get_by_role("combobox", name="Folder"), "A new folder")
    hand.fill(film.field("Name of the folder"), "Boats")
    hand.press(film.button("Save"))
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert studio.call("GET", f"/v1/library/{video['id']}")["folder_id"]
    hand.press(film.button("What can be done with the film"))
    hand.press(page.get_by_role("menuitem", name="Move to the trash"))
    expect(second.get_by_text("This film is in the trash")).to_be_visible()
    hand.press(film.button("Take it out"))
    expect(second.get_by_text("This film is in the trash")).to_have_count(0)
    hand.press(film.button("What can be done with the film"))
    hand.press(page.get_by_role("menuitem", name="Delete for ever"))
    hand.press(film.button("Delete"))
    expect(second.get_by_role("heading", name="There is no such page")).to_be_visible()
    page.wait_for_url("**/library")
