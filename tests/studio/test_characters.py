"""Characters: of what they are made, who may use them, and what is stopped when a consent is revoked."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from tests.studio.conftest import BOTH_WAYS, View
from tests.studio.hands import Hand
from tests.studio.looking import played, settled
from tests.studio.served import SIZE, STEPS, Films, Studio

ORDER = {"seconds": 1, "steps": STEPS, "size": SIZE}
CHOICES = ("Only me", "Keys that I name", "Everyone with a key", "No one, not even me")


def opened(page: Page) -> None:
    page.goto("/characters")
    settled(page)


def card(page: Page, name: str, whose: str = "yours") -> Locator:
    return page.get_by_role("article", name=f"@{name}, {whose}")


def picture(folder: Path) -> Path:
    path = folder / "boat.png"
    data = io.BytesIO()
    Image.new("RGB", (224, 128), (40, 90, 160)).save(data, "PNG")
    path.write_bytes(data.getvalue())
    return path


def new_character(studio: Studio, films: Films, name: str, key: str = "own", **consent: Any) -> str:
    """The id of a character of a film; of `second`, of a picture, because the film is not its own."""
    if key == "own":
        made = studio.call("POST", "/v1/videos/characters", json={"name": name, "video": {"id": films.text()["id"]}})
    else:
        file = {"video": ("boat.png", picture(studio.folder).read_bytes(), "image/png")}
        made = studio.call("POST", "/v1/videos/characters", key, data={"name": name}, files=file)
    if consent:
        studio.call("POST", f"/v1/videos/characters/{made['id']}/consent", key, json=consent)
    return str(made["id"])


def may_use(studio: Studio, key: str, character: str) -> bool:
    """Whether the server lists a character for a key."""
    return character in {one["id"] for one in studio.call("GET", "/v1/characters", key)["data"]}


@pytest.mark.flow(59)
@BOTH_WAYS
def test_a_character_of_a_picture_is_made_used_and_deleted(page: Page, hand: Hand, tmp_path: Path) -> None:
    opened(page)
    hand.press(page.get_by_role("button", name="New character"))
    dialog = page.get_by_role("dialog")
    hand.fill(dialog.get_by_role("textbox", name="Name"), "Boat")
    hand.upload(dialog.get_by_role("button", name="Picture or film"), picture(tmp_path))
    hand.press(dialog.get_by_role("button", name="Make the character"))
    made = card(page, "Boat")
    expect(made.get_by_role("img")).to_be_visible()
    hand.press(made.get_by_role("button", name="Use in a film"))
    expect(page).to_have_url(re.compile(r"\d/$"))
    stored = page.evaluate("Object.entries(localStorage).filter(([name]) => name.endsWith('.create')).join()")
    assert "@Boat" in stored
    page.evaluate(
        "Object.keys(localStorage).forEach((name) => name.endsWith('.create') && localStorage.removeItem(name))"
    )
    opened(page)
    hand.press(card(page, "Boat").get_by_role("button", name="Delete Boat"))
    hand.press(page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True))
    expect(card(page, "Boat")).to_have_count(0)


def save(page: Page, hand: Hand, choices: Locator) -> None:
    with page.expect_response(lambda answer: answer.url.endswith("/consent") and answer.request.method == "POST"):
        hand.press(choices.get_by_role("button", name="Save"))
    expect(choices.get_by_role("button", name="Save")).to_be_disabled()


@pytest.mark.flow(60)
def test_who_may_use_a_character_is_said_and_holds(page: Page, hand: Hand, studio: Studio, films: Films) -> None:
    character = new_character(studio, films, "Anna")
    opened(page)
    choices = card(page, "Anna")
    expect(choices.get_by_role("radio", name="Only me")).to_be_checked()
    assert not may_use(studio, "second", character)
    for choice, second, own in (
        ("Everyone with a key", True, True),
        (CHOICES[3], False, False),
        ("Only me", False, True),
    ):
        hand.press(choices.get_by_role("radio", name=choice))
        save(page, hand, choices)
        assert (may_use(studio, "second", character), may_use(studio, "own", character)) == (second, own)
    hand.press(choices.get_by_role("radio", name="Keys that I name"))
    hand.fill(choices.get_by_role("combobox", name="Ids of keys"), studio.keys["second"].id)
    page.keyboard.press("Enter")
    save(page, hand, choices)
    assert may_use(studio, "second", character)
    assert not may_use(studio, "admin", character)
    page.reload()
    expect(choices.get_by_role("radio", name="Keys that I name")).to_be_checked()
    expect(choices.get_by_text(studio.keys["second"].id)).to_be_visible()
    studio.call("DELETE", f"/v1/videos/characters/{character}")


@pytest.mark.flow(61)
def test_revoking_stops_films_and_lists_finished_ones(page: Page, hand: Hand, studio: Studio, films: Films) -> None:
    character = new_character(studio, films, "Kim", consent="everyone")
    order = {"prompt": "@Kim drives left.", "characters": [{"id": character}], **ORDER}
    finished = studio.completed(studio.call("POST", "/v1/videos", json=order)["id"])
    first = studio.call("POST", "/v1/videos", "second", json={**order, "steps": 40, "seconds": 4})
    waiting = studio.call("POST", "/v1/videos", "second", json=order)
    opened(page)
    hand.press(card(page, "Kim").get_by_role("button", name="Revoke now"))
    said = card(page, "Kim").get_by_role("status")
    expect(said).to_contain_text("2 films were stopped.")
    expect(card(page, "Kim").get_by_role("radio", name=CHOICES[3])).to_be_checked()
    for video in (first, waiting):
        ended = studio.call("GET", f"/v1/videos/{video['id']}", "second")
        assert (ended["status"], ended["error"]["code"]) == ("failed", "consent_revoked")
    hand.press(said.get_by_role("link", name="@Kim drives left."))
    expect(page).to_have_url(f"{studio.url}/films/{finished['id']}")
    page.locator("video").first.evaluate("(video) => { video.muted = true; return video.play(); }")
    played(page, seconds=1)
    studio.call("DELETE", f"/v1/videos/characters/{character}")


@pytest.mark.flow(62)
def test_of_two_characters_with_one_name_ones_own_comes_first(
    page: Page, hand: Hand, studio: Studio, films: Films
) -> None:
    own = new_character(studio, films, "Twin")
    other = new_character(studio, films, "Twin", "second", consent="everyone")
    opened(page)
    twins = page.get_by_role("article", name="@Twin")
    expect(twins).to_have_count(2)
    assert [twin.get_attribute("aria-label") for twin in twins.all()] == ["@Twin, yours", "@Twin, of another key"]
    expect(twins.nth(1)).to_contain_text("Prompts with @Twin mean your own.")
    expect(twins.nth(1).get_by_role("button", name="Use in a film")).to_have_count(0)
    hand.press(twins.first.get_by_role("button", name="Use in a film"))
    expect(page.get_by_role("heading", level=1, name="Create")).to_be_visible()
    order = {"prompt": "@Twin drives left.", "characters": [{"id": "@twin"}], **ORDER}
    made = studio.call("POST", "/v1/videos", json=order)
    lineage = studio.call("GET", f"/v1/videos/{made['id']}/lineage")
    assert own in {node["id"] for node in lineage["nodes"]}
    assert other not in {node["id"] for node in lineage["nodes"]}
    studio.call("POST", f"/v1/videos/{made['id']}/cancel")
    studio.call("DELETE", f"/v1/videos/characters/{own}")
    studio.call("DELETE", f"/v1/videos/characters/{other}", "second")


@pytest.mark.flow(63)
def test_the_server_refuses_a_character_that_one_may_not_use(
    open_page: Callable[..., Any], studio: Studio, films: Films
) -> None:
    character = films.character()["id"]
    page = open_page(View(key="second"))
    page.watch.expect("status of 404")
    opened(page)
    expect(page.get_by_role("article", name="@Rex")).to_have_count(0)
    refused = page.evaluate(
        """async (character) => {
          const { session } = await (await fetch("/v1/sessions")).json();
          const headers = { "content-type": "application/json", "yozora-csrf": session.csrf_token };
          const body = JSON.stringify({ prompt: "@Rex drives left.", characters: [{ id: character }] });
          const answer = await fetch("/v1/videos", { method: "POST", headers, body });
          return [answer.status, (await answer.json()).error.code];
        }""",
        character,
    )
    assert refused == [404, "not_found"]
    assert not studio.keys["second"].api.get(f"/v1/characters/{character}/picture").is_success
