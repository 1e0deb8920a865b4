"""Signing in and out, and what a browser keeps of a key: nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.studio.conftest import View
from tests.studio.hands import Hand
from tests.studio.looking import settled
from tests.studio.served import Studio
from tests.studio.watching import stored

SIGNED_OUT = View(key=None)


@pytest.fixture
def page(open_page: Callable[..., Any]) -> Any:
    """A page of someone who is not signed in."""
    return open_page(SIGNED_OUT, reuse=True)


def is_signed_in(page: Any, name: str) -> bool:
    """Whether the server knows the browser as a key of this name."""
    session = page.evaluate("fetch('/v1/sessions/current').then((answer) => answer.json())")
    return bool(session["key_name"] == name)


def key_field(page: Any) -> Any:
    return page.get_by_role("textbox", name="Key")


@pytest.mark.flow(1)
def test_the_printed_link_opens_the_studio(page: Any, studio: Studio) -> None:
    studio.stop()
    studio.start()  # a link ends after 15 minutes, and works once
    page.goto(studio.printed_link())
    settled(page)
    assert "#" not in page.url
    expect(page.get_by_role("navigation")).to_contain_text("Create")
    page.reload()
    settled(page)
    expect(key_field(page)).to_have_count(0)


@pytest.mark.flow(2)
def test_a_link_signs_in_once(page: Any, studio: Studio, open_page: Callable[..., Any]) -> None:
    link = studio.link()
    page.goto(link)
    expect(page.get_by_role("navigation")).to_be_visible()
    assert is_signed_in(page, "own")
    other = open_page(SIGNED_OUT)
    other.watch.expect("status of 401")
    other.goto(link)
    expect(other.get_by_role("alert")).to_contain_text("link was used")
    expect(key_field(other)).to_be_visible()


@pytest.mark.flow(3, 85)
def test_a_key_signs_in_and_is_not_stored(page: Any, hand: Hand, studio: Studio) -> None:
    secret = studio.keys["second"].secret
    page.goto("/board")
    page.watch.expect("status of 401")
    hand.fill(key_field(page), f"{secret}x")
    hand.press(page.get_by_role("button", name="Sign in"))
    expect(page.get_by_role("alert")).to_have_count(1)
    expect(page.get_by_role("alert")).to_contain_text("key")
    hand.fill(key_field(page), secret)
    hand.press(page.get_by_role("button", name="Sign in"))
    expect(page.get_by_role("heading", name="Board")).to_be_visible()
    assert is_signed_in(page, "second")
    (cookie,) = page.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert page.evaluate("document.cookie") == ""
    assert secret not in stored(page.context, studio.url) + page.content() + page.url


@pytest.mark.flow(4)
def test_signing_out_ends_the_session(page: Any, hand: Hand, studio: Studio) -> None:
    page.goto(studio.link())
    hand.press(page.get_by_role("button", name="Account"))
    hand.press(page.get_by_role("menuitem", name="Sign out"))
    expect(key_field(page)).to_be_visible()
    page.goto("/library")
    expect(key_field(page)).to_be_visible()
