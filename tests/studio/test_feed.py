"""The feed: what keys publish to each other; remix, report, hide, take back."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.studio.conftest import View
from tests.studio.hands import Hand
from tests.studio.looking import played, settled
from tests.studio.served import Films, Studio


def opened(page: Page) -> None:
    page.goto("/feed")
    settled(page)


def tile(page: Page, film: dict[str, Any]) -> Locator:
    return page.get_by_role("main").get_by_role("button", name=f"Open {film['prompt']}")


def publish(studio: Studio, film: dict[str, Any]) -> dict[str, Any]:
    studio.call("POST", f"/v1/videos/{film['id']}/publish")
    return film


@pytest.mark.flow(70)
@pytest.mark.flow(71)
def test_a_film_is_published_played_and_remixed_by_another_key(
    page: Page, hand: Hand, open_page: Callable[..., Any], studio: Studio, films: Films
) -> None:
    film = films.text()
    page.goto(f"/films/{film['id']}?tool=publish")
    settled(page)
    hand.press(page.get_by_role("button", name="Publish", exact=True))
    expect(page.get_by_role("button", name="Take it back")).to_be_visible()
    other = open_page(View(key="second"))
    reader = hand.on(other)
    opened(other)
    reader.press(tile(other, film))
    dialog = other.get_by_role("dialog")
    played(dialog.locator("video"), seconds=1)
    reader.fill(dialog.get_by_role("textbox", name="What the film shows"), "A red car drives at night.")
    reader.press(dialog.get_by_role("button", name="Make the remix"))
    expect(other).to_have_url(re.compile("/films/video_"))
    made = studio.completed(studio.newest("second")["id"], "second")
    assert made["remixed_from_video_id"] == film["id"]
    other.locator("main video").first.evaluate("(video) => { video.muted = true; return video.play(); }")
    played(other.locator("main video").first, seconds=1)


@pytest.mark.flow(72)
def test_a_film_is_taken_back_or_hidden(
    page: Page, hand: Hand, open_page: Callable[..., Any], studio: Studio, films: Films
) -> None:
    mine, hidden = publish(studio, films.other()), publish(studio, films.remix())
    opened(page)
    expect(tile(page, mine)).to_contain_text("Yours")
    hand.press(tile(page, mine))
    expect(page.get_by_role("tab", name="Report")).to_have_count(0)
    hand.press(page.get_by_role("tab", name="Take back"))
    hand.press(page.get_by_role("button", name="Take it back"))
    expect(tile(page, mine)).to_have_count(0)
    boss = open_page(View(key="admin"))
    operator = hand.on(boss)
    opened(boss)
    expect(tile(boss, mine)).to_have_count(0)
    operator.press(tile(boss, hidden))
    operator.press(boss.get_by_role("tab", name="Hide"))
    operator.press(boss.get_by_role("button", name="Hide it from the feed"))
    expect(tile(boss, hidden)).to_have_count(0)
    page.reload()
    settled(page)
    expect(tile(page, hidden)).to_have_count(0)
    assert studio.call("GET", f"/v1/videos/{hidden['id']}")["status"] == "completed"
    studio.call("POST", f"/v1/admin/feed/{hidden['id']}", "admin", json={"hidden": False})


@pytest.mark.flow(73)
def test_a_film_of_the_feed_is_reported(
    hand: Hand, open_page: Callable[..., Any], studio: Studio, films: Films
) -> None:
    film = publish(studio, films.text())
    page = open_page(View(key="second"))
    reader = hand.on(page)
    opened(page)
    reader.press(tile(page, film))
    reader.press(page.get_by_role("tab", name="Report"))
    reader.fill(page.get_by_role("textbox", name="What is wrong with it"), "It shows <b>my</b> car.")
    reader.press(page.get_by_role("button", name="Send the report"))
    expect(page.get_by_role("status").filter(has_text="Thank you.")).to_be_visible()
    boss = open_page(View(key="admin"))
    boss.goto("/operations?show=reports")
    row = boss.get_by_role("row", name=film["prompt"])
    expect(row.get_by_text("It shows <b>my</b> car.")).to_be_visible()
    expect(row.get_by_text("second")).to_be_visible()


@pytest.mark.flow(74)
def test_a_server_without_a_feed(open_page: Callable[..., Any], studio: Studio) -> None:
    with studio.beside() as plain:
        page = open_page(View(key="second"), at=plain)
        page.goto("/feed")
        expect(page.get_by_role("heading", level=1, name="There is no such page")).to_be_visible()
        expect(page.get_by_role("navigation").get_by_role("link", name="Characters")).to_be_visible()
        expect(page.get_by_role("navigation").get_by_role("link", name="Feed")).to_have_count(0)
        page.close()  # before its server
