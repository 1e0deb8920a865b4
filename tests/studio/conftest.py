"""A real Chromium on a real server, with the weights of mini. Flows are listed in docs/studio.md.

What a flow needs: `page` (signed in, watched), `hand` (a keyboard, or a pointer), `studio` (server and keys) and
`films` (made once). `open_page(View(...))` opens others: another key, language, colour scheme or size.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn

import pytest
from tests.studio.served import Films, Studio

from yozora.server.http import pages
from yozora.server.http.service import COOKIE

ROOT = Path(__file__).parents[2]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--disable-gpu", "--mute-audio"]
LANGUAGES = ("ar", "zh")  # whose letters need fonts that a bare system does not have
TIMEOUT = 60_000  # milliseconds: the machine may be busy
collect_ignore = [] if os.environ.get("YOZORA_PICTURES") == "1" else ["test_pictures.py"]
KEYBOARD = "keyboard"
BOTH_WAYS = pytest.mark.parametrize("hand", ["pointer", KEYBOARD], indirect=True)
PHONE = (390, 844)
DESKTOP = (1280, 800)


@dataclass(frozen=True, kw_only=True)
class View:
    """Who looks at a page, and on what. `key`: one of `served.SCOPES`; None is not signed in."""

    key: str | None = "own"
    locale: str = "en-US"
    scheme: Literal["light", "dark"] = "light"
    size: tuple[int, int] = DESKTOP

    @property
    def phone(self) -> bool:
        return self.size[0] < 600


def missing(what: str) -> NoReturn:
    """Something that these tests need is not here: they are skipped, or fail where nothing may be skipped."""
    if os.environ.get("YOZORA_NO_SKIPS") == "1":
        pytest.fail(what)
    pytest.skip(what)


def browser_path() -> str:
    """Where Chromium is."""
    found = next((path for path in map(shutil.which, CHROMIUM) if path), None)
    return found or missing("Chromium is not installed (Debian and Ubuntu: apt install chromium)")


def need_fonts() -> None:
    """Skips where Arabic or Chinese would be drawn as empty boxes."""
    for language in LANGUAGES:
        command = ["fc-list", f":lang={language}", "family"]
        has_command = shutil.which(command[0]) is not None
        if not has_command or not subprocess.run(command, capture_output=True, check=True).stdout:
            missing(f"no font for the language {language} (apt install fonts-noto-core fonts-noto-cjk)")


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A server that runs. When all flows of this process are over, no key may stand in its log."""
    if not pages.are_built():
        missing("the studio's pages are not built (make studio)")
    browser_path()
    need_fonts()
    served = Studio(folder=tmp_path_factory.mktemp("studio"))
    try:
        served.start()
        yield served
    finally:
        served.close()
    log = served.log.read_text(encoding="utf-8")
    assert not [key.name for key in served.keys.values() if key.secret in log], "a key stands in the server's log"
    assert not [key.name for key in served.keys.values() if key.cookie in log], "a session stands in the server's log"
    assert "Traceback" not in log, log


@pytest.fixture(scope="session")
def films(studio: Studio) -> Films:
    return Films(studio=studio)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium. It ends with its file of tests: while it runs, no test in this process can use asyncio."""
    from playwright.sync_api import expect, sync_playwright

    path = browser_path()
    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def reused(browser: Any) -> Any:
    from tests.studio.reused import ReusedPages

    return ReusedPages()


@pytest.fixture
def open_page(
    browser: Any, reused: Any, studio: Studio, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Any]]:
    """Opens pages in contexts of their own, each with an empty cache. What no flow may do fails the test at its end.

    `at` is another server than `studio`; `reuse`: a page of an earlier flow will do; `more` goes to Playwright's
    `new_context`. `page.watch` says what to expect: `page.watch.expect("status of 401")`.
    """
    from tests.studio.reused import Use
    from tests.studio.watching import Watch

    opened: list[tuple[Any, Use | None]] = []

    def open_one(view: View = View(), at: Studio = studio, *, reuse: bool = False, **more: Any) -> Any:
        use = Use(at.url, view, hand_of(request)) if reuse else None
        page = use and reused.take(use)
        if page is None:
            page = new_page(view, at, **more)
        elif view.key is not None:
            page.context.add_cookies([cookie_of(at, view.key)])
        page.watch.forget()
        opened.append((page, use))
        return page

    def new_page(view: View, at: Studio, **more: Any) -> Any:
        width, height = view.size
        context = browser.new_context(
            base_url=at.url,
            locale=view.locale,
            color_scheme=view.scheme,
            viewport={"width": width, "height": height},
            has_touch=view.phone,
            is_mobile=view.phone,
            reduced_motion="reduce",
            **more,
        )
        if view.key is not None:
            context.add_cookies([cookie_of(at, view.key)])
        context.set_default_timeout(TIMEOUT)
        watch = Watch(context, at.url)
        page = context.new_page()
        page.watch = watch
        return page

    yield open_one
    problems: list[str] = []
    for page, use in opened:
        if page.context.pages:
            page.context.pages[0].evaluate("0")  # what has happened by now is told before it is answered
        problems += page.watch.problems(studio.secrets())
        failed = problems or getattr(request.node, "failed", False)
        if failed:
            keep_failure(page, request.node.name)
        if failed or use is None or page.is_closed():
            page.context.close()
        else:
            reused.give_back(use, page)
    assert problems == [], "\n".join(problems)


def hand_of(request: pytest.FixtureRequest) -> str:
    """How a flow uses its page; empty: as it likes. A page that tells of pointers tells it for ever."""
    if "hand" not in request.fixturenames:
        return ""
    chosen = getattr(request.node, "callspec", None)
    return str(chosen.params.get("hand", KEYBOARD) if chosen else KEYBOARD)


def cookie_of(studio: Studio, key: str) -> dict[str, Any]:
    """The session of a key, as the server sets it."""
    value = studio.keys[key].cookie
    return {"name": COOKIE, "value": value, "url": studio.url, "httpOnly": True, "sameSite": "Strict"}


def keep_failure(page: Any, name: str) -> None:
    """A picture of what a flow that failed saw last."""
    folder = ROOT / "build" / "studio"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{''.join(letter if letter.isalnum() else '_' for letter in name)}.png"
    if not page.is_closed():
        page.screenshot(path=path)
        print(f"{page.url} looked like {path.relative_to(ROOT)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    item.failed = getattr(item, "failed", False) or report.failed  # type: ignore[attr-defined] # for `open_page`
    return report


@pytest.fixture
def page(open_page: Callable[..., Any]) -> Any:
    """A page of the key `own` on a desktop, light and in English. No address is open yet: `page.goto("/")`."""
    return open_page(reuse=True)


@pytest.fixture
def hand(request: pytest.FixtureRequest, page: Any) -> Any:
    """How a flow uses `page`: by keyboard alone. One that is marked `BOTH_WAYS` runs a second time, with a pointer."""
    from tests.studio.hands import Hand

    return Hand(page=page, keyboard=hand_of(request) == KEYBOARD)
