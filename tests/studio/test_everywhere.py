"""What is the same on all pages: language, colours, keyboard, and a server that is gone and comes back."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.studio.conftest import View
from tests.studio.hands import Hand
from tests.studio.looking import played, settled
from tests.studio.served import SIZE, STEPS, Films, Studio

GONE = r"net::ERR_|Failed to load resource"
FOCUS = """() => {
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
}"""
BACKGROUND = "getComputedStyle(document.body).backgroundColor"


@pytest.mark.flow(5)
def test_the_studio_behind_a_proxy(studio: Studio, films: Films, open_page: Callable[..., Any], hand: Hand) -> None:
    film = films.text()
    with studio.beside("--root-path", "/films") as below:
        page = open_page(View(key=None), at=below)
        code = studio.link().partition("#")[2]
        page.goto(f"/films/#{code}")
        expect(page.get_by_role("navigation")).to_be_visible()
        (cookie,) = page.context.cookies()
        assert cookie["path"] == "/films"
        hand.on(page).press(page.get_by_role("navigation").get_by_role("link", name="Library"))
        expect(page).to_have_url(f"{below.url}/films/library")
        page.reload()
        settled(page)
        page.goto(f"/films/films/{film['id']}")
        expect(page.get_by_text("Frame 1 of 17")).to_be_visible()
        page.keyboard.press("Space")
        played(page, seconds=1)
        page.close()  # before its server
        paths = [address.removeprefix(below.url) for address in page.watch.addresses]
        assert [path for path in paths if not path.startswith(("/films/", "blob:", "data:"))] == []


@pytest.mark.flow(77)
def test_colours_stay_as_they_were_chosen(page: Any, hand: Hand) -> None:
    page.goto("/")
    settled(page)
    light = page.evaluate(BACKGROUND)
    hand.press(page.get_by_role("button", name="Dark colours"))
    expect(page.get_by_role("button", name="Light colours")).to_be_visible()
    dark = page.evaluate(BACKGROUND)
    assert dark != light
    page.reload()
    settled(page)
    assert page.evaluate(BACKGROUND) == dark
    hand.press(page.get_by_role("button", name="Light colours"))
    expect(page.get_by_role("button", name="Dark colours")).to_be_visible()


@pytest.mark.flow(78)
def test_the_menu_can_be_skipped_and_the_focus_is_seen(page: Any, hand: Hand) -> None:
    page.goto("/library")
    settled(page)
    hand.focus(page.get_by_role("link", name="Skip to the content"))
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.reload()
    settled(page)
    for link in page.get_by_role("navigation").get_by_role("link").all():
        hand.focus(link)
        assert page.evaluate(FOCUS), link


@pytest.mark.flow(84)
def test_eight_tabs_follow_all_films_by_one_stream(page: Any, studio: Studio) -> None:
    """A browser has six connections to a host. Another tab takes the stream over when its tab is closed."""
    page.watch.expect(r"status of 404 .*variant=")  # of a picture that is asked for when its film is deleted
    tabs = [page, *(page.context.new_page() for _ in range(7))]
    for tab in tabs:
        tab.goto("/library")
        settled(tab)
    assert streams_of(page) == 1
    first = shown_everywhere(studio, tabs, "A red car one")
    page.close()
    tabs[1].wait_for_timeout(500)
    assert streams_of(page) == 2
    second = shown_everywhere(studio, tabs[1:], "A red car two")
    for video in (first, second):
        studio.completed(video)
        studio.call("DELETE", f"/v1/videos/{video}")
    for tab in tabs[1:]:
        expect(tab.get_by_text("A red car two", exact=True)).to_have_count(0)


def streams_of(page: Any) -> int:
    """How many streams of events the tabs of a browser have opened."""
    return sum(address.endswith("/events") for address in page.watch.addresses)


def shown_everywhere(studio: Studio, tabs: list[Any], prompt: str) -> str:
    """Order a film and see it in every tab. Its id."""
    said = {"prompt": prompt, "seconds": 1, "steps": STEPS, "size": SIZE}
    video: str = studio.call("POST", "/v1/videos", json=said)["id"]
    for tab in tabs:
        expect(tab.get_by_text(prompt).first).to_be_visible()
    return video


@pytest.mark.flow(80)
def test_a_page_goes_on_when_the_server_is_back(page: Any, studio: Studio, films: Films) -> None:
    films.text()
    page.watch.expect(GONE)
    page.goto("/library")
    settled(page)
    studio.stop()
    notice = page.get_by_text("The server does not answer")
    expect(notice).to_be_visible()
    studio.start()
    video = studio.call(
        "POST", "/v1/videos", json={"prompt": "A green bus", "seconds": 1, "steps": STEPS, "size": SIZE}
    )
    expect(notice).to_have_count(0)
    expect(page.get_by_text("A green bus").first).to_be_visible()
    studio.completed(video["id"])
    still_works(page)
    studio.call("DELETE", f"/v1/videos/{video['id']}")


def still_works(page: Page) -> None:
    """A write, too, is taken: the session is the same."""
    status = page.evaluate("fetch('/v1/sessions/current').then((answer) => answer.status)")
    assert status == 200
