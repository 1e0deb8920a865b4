"""Create: prompts, options, sources, and the films that are made of them."""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from safetensors.torch import save_file
from tests.parity.toys import build
from tests.studio.conftest import BOTH_WAYS
from tests.studio.hands import Hand
from tests.studio.looking import axe, played, settled
from tests.studio.served import SIZE, STEPS, Films, Studio

from yozora.families import presets

PROMPT = "A green car drives left in the rain."
STILL = (40, 90, 160)
WAN = "wan2.1-t2v-1.3b"  # takes no pictures, and LoRAs


def opened(page: Page) -> None:
    page.goto("/")
    settled(page)


def button(page: Page | Locator, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def words(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Prompt", exact=True)


def make_cheap(page: Page, hand: Hand, seconds: str | None = "1", size: str = "224 × 128") -> None:
    """A small film of few steps; `seconds` None: as its source."""
    if seconds is not None:
        hand.choose(page.get_by_role("combobox", name="Size"), size)
        hand.fill(page.get_by_role("textbox", name="Seconds"), seconds)
    if not page.get_by_role("textbox", name="Steps").is_visible():
        hand.press(button(page, "More options"))
    hand.fill(page.get_by_role("textbox", name="Steps"), str(STEPS))


def result(page: Page) -> Locator:
    """The newest order."""
    return page.get_by_role("article").first


def plays(hand: Hand, film: Locator, seconds: float) -> None:
    """A film that was ordered is done, is started as one who looks would, and plays."""
    expect(film.locator("video")).to_be_visible(timeout=90_000)
    hand.press(film.get_by_role("button", name="Play"))
    played(film.locator("video"), seconds)


def options_of(studio: Studio, video_id: str) -> dict[str, Any]:
    found: dict[str, Any] = studio.call("GET", f"/v1/library/{video_id}")["options"]
    return found


@pytest.fixture
def still(tmp_path: Path) -> Path:
    path = tmp_path / "sea.png"
    Image.new("RGB", (224, 128), STILL).save(path, "PNG")
    return path


@pytest.mark.flow(8)
@pytest.mark.flow(9)
@pytest.mark.flow(10)
@pytest.mark.flow(18)
@pytest.mark.flow(23)
def test_variations_are_made_with_the_options(page: Page, hand: Hand, studio: Studio) -> None:
    opened(page)
    hand.fill(words(page), PROMPT)
    hand.choose(page.get_by_role("combobox", name="Camera"), "the camera pans left")
    hand.fill(page.get_by_role("combobox", name="Style"), "pixel art")
    page.keyboard.press("Escape")
    hand.choose(page.get_by_role("combobox", name="Aspect"), "9:16 tall")
    make_cheap(page, hand, size="128 × 224")
    hand.fill(page.get_by_role("textbox", name="Seed"), "11")
    hand.press(page.get_by_role("radiogroup", name="Variations").get_by_role("radio", name="2"))
    hand.press(button(page, "Make 2 films"))
    expect(result(page).get_by_text(re.compile("Next in the queue|In the queue|Being made")).first).to_be_visible()
    expect(result(page).get_by_text("Seed 12")).to_be_visible()
    page.reload()
    for seed in (11, 12):
        plays(hand, result(page).get_by_role("group", name=f"Seed {seed}"), 1)
    newest = studio.call("GET", "/v1/videos", params={"limit": 2})["data"]
    assert [options_of(studio, video["id"])["seed"] for video in newest] == [12, 11]
    assert {video["size"] for video in newest} == {"128x224"}
    assert options_of(studio, newest[0]["id"])["style"] == "pixel"
    assert newest[0]["prompt"].endswith(", the camera pans left")
    axe(page)


@pytest.mark.flow(21)
def test_unknown_words_are_marked_and_replaced(page: Page, hand: Hand) -> None:
    opened(page)
    hand.fill(words(page), "A red carr at nihgt")
    expect(page.locator("mark")).to_have_text(["carr", "nihgt"])
    expect(page.get_by_role("status").filter(has_text="The model does not know: carr, nihgt")).to_be_attached()
    hand.press(button(page, "Write car instead of carr"))
    expect(words(page)).to_have_value("A red car at nihgt")
    expect(page.locator("mark")).to_have_text(["nihgt"])
    hand.fill(words(page), "A dog on a bea")
    page.keyboard.type("c")
    expect(page.get_by_role("option", name="on a beach")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(words(page)).to_have_value("A dog on a beach ")
    hand.press(button(page, "Weather"))
    hand.press(page.get_by_role("menuitem", name="in the rain"))
    expect(words(page)).to_have_value("A dog on a beach in the rain ")


@pytest.mark.flow(22)
@pytest.mark.flow(11)
def test_a_reload_loses_nothing_and_changes_can_be_undone(page: Page, hand: Hand) -> None:
    opened(page)
    expect(page.get_by_text("Licence: Apache-2.0")).to_be_visible()
    hand.press(button(page, "What it can make"))
    expect(page.get_by_role("listitem").filter(has_text="Remix")).to_be_visible()
    hand.fill(words(page), PROMPT)
    page.wait_for_timeout(700)  # what follows is another step
    hand.fill(page.get_by_role("textbox", name="Seconds"), "3")
    page.reload()
    settled(page)
    expect(words(page)).to_have_value(PROMPT)
    expect(page.get_by_role("textbox", name="Seconds")).to_have_value("3")
    hand.press(button(page, "Clear"))
    expect(words(page)).to_have_value("")
    hand.press(button(page, "Undo"))
    expect(words(page)).to_have_value(PROMPT)
    hand.press(button(page, "Redo"))
    expect(words(page)).to_have_value("")


@pytest.mark.flow(13)
@pytest.mark.flow(14)
@BOTH_WAYS
def test_stills_are_the_first_and_the_last_frame(page: Page, hand: Hand, still: Path, studio: Studio) -> None:
    opened(page)
    hand.fill(words(page), "The sea.")
    if hand.keyboard:
        hand.upload(button(page, "Choose a file"), still)
    else:
        drop(page, page.get_by_role("group", name="Stills and clips"), still, "drop")
    expect(page.get_by_role("combobox", name="What it is")).to_have_value("First frame")
    drop(page, page.locator("body"), still.with_name("pasted.png"), "paste", still.read_bytes())
    expect(page.get_by_role("combobox", name="What it is").nth(1)).to_have_value("Last frame")
    make_cheap(page, hand)
    hand.press(button(page, "Make the film"))
    plays(hand, result(page), 1)
    content = studio.keys["own"].api.get(f"/v1/videos/{studio.newest()['id']}/content?variant=thumbnail")
    with Image.open(io.BytesIO(content.content)) as shown:
        near = shown.convert("RGB").resize((1, 1)).getpixel((0, 0))
    assert all(abs(one - other) < 40 for one, other in zip(near, STILL, strict=True)), near  # type: ignore[arg-type]
    page.goto(f"/films/{studio.newest()['id']}")
    expect(page.locator("main").get_by_text("Uploaded file")).to_have_count(2)


def drop(page: Page, target: Locator, path: Path, kind: str, data: bytes | None = None) -> None:
    """Drop or paste a file, as the browser tells a page of it."""
    said = {"bytes": list(data or path.read_bytes()), "name": path.name, "kind": kind}
    target.evaluate(
        """(element, {bytes, name, kind}) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], name, {type: "image/png"}));
          const event = kind === "drop"
            ? new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true})
            : new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
          element.dispatchEvent(event);
        }""",
        said,
    )


@pytest.mark.flow(15)
@pytest.mark.flow(16)
def test_a_clip_is_extended_and_remixed(page: Page, hand: Hand, films: Films) -> None:
    clip = films.film("clip", "/v1/videos", {"prompt": "A green bus drives right in a village.", "size": SIZE})
    opened(page)
    hand.press(button(page, "From the library"))
    hand.press(page.get_by_role("dialog").get_by_role("button", name=clip["prompt"]).last)
    use = page.get_by_role("combobox", name="What it is")
    expect(use).to_have_value("Extend after its end")
    hand.fill(words(page), PROMPT)
    hand.fill(page.get_by_role("textbox", name="Seconds to add"), "1")
    make_cheap(page, hand, None)
    hand.press(button(page, "Make the film"))
    plays(hand, result(page), 2)
    hand.choose(use, "Remix")
    hand.fill(words(page), "A car in the snow.")
    hand.press(button(page, "Make the film"))
    expect(page.get_by_role("article")).to_have_count(2)
    plays(hand, result(page), 1)


@pytest.mark.flow(17)
def test_a_still_becomes_a_character(page: Page, hand: Hand, still: Path, studio: Studio) -> None:
    opened(page)
    hand.upload(button(page, "Choose a file"), still)
    hand.choose(page.get_by_role("combobox", name="What it is"), "A character")
    hand.fill(page.get_by_role("textbox", name="Name of the character"), "Blue")
    hand.press(button(page, "Make the character"))
    expect(words(page)).to_have_value("@Blue")
    assert "Blue" in [each["name"] for each in studio.call("GET", "/v1/characters")["data"]]


@pytest.mark.flow(19)
def test_a_film_goes_on_after_a_reload_and_is_cancelled(page: Page, hand: Hand, studio: Studio) -> None:
    opened(page)
    hand.fill(words(page), PROMPT)
    hand.fill(page.get_by_role("textbox", name="Seconds"), "20")
    hand.press(button(page, "Make the film"))
    expect(button(result(page), "Cancel")).to_be_visible()
    page.reload()
    settled_but_busy(page)
    hand.press(button(result(page), "Cancel"))
    expect(result(page).get_by_text("Cancelled")).to_be_visible()
    assert studio.newest()["error"]["code"] == "cancelled"
    hand.press(button(result(page), "Hide this result"))
    expect(page.get_by_role("article")).to_have_count(0)


def settled_but_busy(page: Page) -> None:
    """Until the page has its heading: a film that is being made has a loader of its own."""
    expect(page.get_by_role("heading", level=1, name="Create")).to_be_visible()


@pytest.fixture
def with_lora(tmp_path: Path) -> Iterator[Studio]:
    """A server with a Wan at toy size, whose values are random, and a LoRA for it."""
    weights = tmp_path / "hub" / f"models--{str(presets.PRESETS[WAN].hub).replace('/', '--')}" / "snapshots" / "toy"
    transformer = build("2.1 T2V", weights).pipeline.transformer
    name, module = "blocks.0.ffn.net.0.proj", transformer.blocks[0].ffn.net[0].proj
    down, up = torch.full((1, module.in_features), 0.1), torch.full((module.out_features, 1), 0.1)
    (tmp_path / "loras").mkdir()
    ink = {f"transformer.{name}.lora_A.weight": down, f"transformer.{name}.lora_B.weight": up}
    save_file(ink, tmp_path / "loras" / "ink.safetensors")
    (tmp_path / "server.toml").write_text(f'models = ["mini", "{WAN}"]\nloras = "loras"\n')
    served = Studio(
        folder=tmp_path,
        options=("--config", str(tmp_path / "server.toml"), "--poll-ms", "100"),
        environment={"HF_HOME": str(tmp_path), "HF_HUB_CACHE": str(tmp_path / "hub")},
    )
    try:
        served.start()
        yield served
    finally:
        served.close()


@pytest.mark.flow(11, 12)
def test_what_a_model_cannot_do_is_grey_and_loras_are_chosen(
    open_page: Callable[..., Any], hand: Hand, with_lora: Studio, still: Path
) -> None:
    page = open_page(at=with_lora)
    hand = hand.on(page)
    opened(page)
    make_cheap(page, hand)
    hand.upload(button(page, "Choose a file"), still)
    expect(page.get_by_role("combobox", name="What it is")).to_have_value("First frame")
    hand.choose(page.get_by_role("combobox", name="Model"), WAN)
    why = f"{WAN} was not trained to be given a first frame."
    expect(page.get_by_role("alert").filter(has_text=why)).to_be_visible()
    hand.fill(words(page), "A red ball.")
    expect(button(page, "Make the film")).to_be_disabled()
    hand.press(button(page, "Remove sea.png"))
    hand.choose(page.get_by_role("combobox", name="LoRA"), "ink")
    expect(page.get_by_role("textbox", name="Strength of ink")).to_have_value("1")
    hand.press(button(page, "Make the film"))
    plays(hand, result(page), 1)
    made = options_of(with_lora, with_lora.newest()["id"])
    assert (made["model"], made["loras"][0]["name"]) == (WAN, "ink"), made
    page.close()  # before its server ends


@pytest.mark.flow(20)
def test_a_notification_opens_the_film(page: Page, hand: Hand, studio: Studio) -> None:
    opened(page)
    prompt = "A boat at sea, told of."
    said = {"prompt": prompt, "size": SIZE, "seconds": 1, "steps": STEPS}
    made = studio.call("POST", "/v1/videos", json=said)
    hand.press(page.get_by_role("navigation").get_by_role("link", name="Characters"))
    notice = page.get_by_role("alert").filter(has_text="The film is done")
    hand.press(notice.get_by_role("button", name=prompt))
    expect(page).to_have_url(re.compile(made["id"]))
