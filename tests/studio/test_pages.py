"""What holds for every page: axe finds nothing, the console stays empty, it fits a phone, and it is there at once."""

import re
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.studio.conftest import DESKTOP, PHONE, View
from tests.studio.hands import Hand
from tests.studio.looking import at_rest, findings, overflow, settled
from tests.studio.served import Films, Studio
from tests.studio.shown import PAGES, Shown

LANGUAGES = {"en-US": ["en", "ltr"], "ar": ["ar", "rtl"]}
SIZES = (PHONE, (820, 1180), DESKTOP)
SCHEMES = ("light", "dark")
FIRST_PAINT = 1_000  # milliseconds
TRIES = 5
MOST_BYTES = 250_000  # of scripts and styles, as served
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


@pytest.fixture(params=PAGES, ids=lambda shown: shown.name)
def shown(request: pytest.FixtureRequest) -> Shown:
    found: Shown = request.param
    return found


def address(shown: Shown, films: Films) -> str:
    """Of a page with something on it: there are films, a character, and one film of a board."""
    if shown.key == "own":
        films.character()
    film = films.text()["id"] if "{film}" in shown.address else ""
    return shown.address.format(film=film, other=films.remix()["id"] if "{other}" in shown.address else "")


@pytest.mark.flow(79, 81)
@pytest.mark.parametrize("locale", LANGUAGES)
def test_axe_finds_nothing_and_a_page_fits(
    open_page: Callable[..., Any], films: Films, shown: Shown, locale: str
) -> None:
    page = open_page(View(key=shown.key, locale=locale), reuse=True)
    page.goto(address(shown, films))
    settled(page)
    page.watch.wait_for_quiet(page)
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == LANGUAGES[locale]
    found: list[str] = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)
        found += [f"{scheme}: {finding}" for finding in findings(page)]
    assert found == [], "\n".join(found)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        at_rest(page)
        assert overflow(page) == 0, width


@pytest.mark.flow(79)
def test_the_menu_of_a_phone_opens_pages(open_page: Callable[..., Any], hand: Hand) -> None:
    page = open_page(View(size=PHONE))
    on_phone = hand.on(page)
    page.goto("/")
    settled(page)
    on_phone.press(page.get_by_role("button", name="Menu"))
    on_phone.press(page.get_by_role("navigation").get_by_role("link", name="Characters"))
    expect(page.get_by_role("heading", level=1, name="Characters")).to_be_visible()
    expect(page.get_by_role("navigation")).not_to_be_in_viewport()


@pytest.mark.flow(7)
def test_the_menu_opens_every_page(page: Any, hand: Hand) -> None:
    page.goto("/")
    settled(page)
    for name in ("Board", "Library", "Characters", "Feed", "Create"):
        hand.press(page.get_by_role("navigation").get_by_role("link", name=name))
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
        expect(page).to_have_title(re.compile(name))
    expect(page.get_by_role("link", name="Operations")).to_have_count(0)


@pytest.mark.flow(7)
def test_operations_are_in_the_menu_of_an_operator(open_page: Callable[..., Any], hand: Hand) -> None:
    page = open_page(View(key="admin"))
    page.goto("/")
    hand.on(page).press(page.get_by_role("link", name="Operations"))
    expect(page.get_by_role("heading", level=1, name="Operations")).to_be_visible()


@pytest.mark.flow(6)
def test_an_unknown_address_leads_to_the_library(page: Any, hand: Hand, studio: Studio) -> None:
    page.goto("/nothing/here")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    hand.press(page.get_by_role("link", name="Open the library"))
    expect(page).to_have_url(f"{studio.url}/library")
    answer = studio.keys["own"].api.get("/v1/nothing", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json")


@pytest.mark.flow(82)
def test_the_first_paint_is_within_a_second(open_page: Callable[..., Any]) -> None:
    times = []
    for _ in range(TRIES):
        page = open_page()
        page.goto("/")
        settled(page)
        times.append(painted(page))
        page.close()
    assert median(times) < FIRST_PAINT, times


def painted(page: Page) -> float:
    """Milliseconds to the first contentful paint."""
    while (found := page.evaluate(PAINTED)) is None:
        page.wait_for_timeout(20)
    return float(found)


@pytest.mark.flow(83)
def test_scripts_and_styles_are_small(open_page: Callable[..., Any]) -> None:
    page = open_page()
    sizes, kinds = {}, {}
    network = page.context.new_cdp_session(page)
    network.on("Network.responseReceived", lambda said: kinds.update({said["requestId"]: said["type"]}))
    network.on("Network.loadingFinished", lambda said: sizes.update({said["requestId"]: said["encodedDataLength"]}))
    network.send("Network.enable")
    page.goto("/")
    settled(page)
    page.watch.wait_for_quiet(page)
    counted = [size for request, size in sizes.items() if kinds.get(request) in ("Script", "Stylesheet")]
    assert len(counted) >= 2
    assert sum(counted) <= MOST_BYTES
    print(f"{len(counted)} scripts and styles, {sum(counted):.0f} bytes")
