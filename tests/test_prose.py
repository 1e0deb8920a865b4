"""README.md, CHANGELOG.md and docs/*.md: sentences are short, and files and modules that they name exist."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.prose import MEAN_WORDS, mean_words, sentences, too_long, words

ROOT = Path(__file__).parents[1]
PAGES = [
    *(ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "clients" / "ai-sdk-provider" / "README.md"),
    *sorted((ROOT / "docs").glob("*.md")),
]
PHRASE = 10
"""A table cell of at most so many words is a sentence only where it ends with a full stop."""

KNOWN = {
    path.relative_to(ROOT).as_posix()
    for folder in ("benchmarks", "examples", "scripts", "src", "tests")
    for path in (ROOT / folder).rglob("*.py")
}
FOLDERS = ("", "src/", "src/yozora/", "src/yozora/server/", "src/yozora/evaluate/", "src/yozora/train/")
"""Where names of files on a page may begin."""

ROOM = re.compile(r"^(\w+/)\n((?:  .*\n)+)", re.MULTILINE)
LABELS = {"yozora.film", "yozora.db", "yozora.json", "yozora.video", "yozora.sequel"}
"""No modules: an assertion of content credentials, files, a method in TypeScript, and a mode that a page adds."""


def blocks(text: str) -> Iterator[str]:
    """The paragraphs, list items and sentences in table cells of a page of Markdown.

    Blocks of code, comments, pictures, headings and targets of links are no prose. Code in a line, and the name of a
    page, count as one word.
    """
    text = re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"<!--(?s:.*?)-->|^#.*$|^    \S.*$|!\[[^\]]*\]\([^)]*\)", "", text, flags=re.MULTILINE)
    text = re.sub(r"\[[\w/-]+\.md\]\([^)]*\)", "Page", text)
    text = re.sub(r"``[^\n]+?``|`[^`]*`", "Code", text)
    text = re.sub(r"(?<!\w)\*+(?=\w)|(?<=\w)\*+(?!\w)", "", text)
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )", text):
        if block.lstrip().startswith("|"):
            cells = [cell.strip() for line in block.splitlines() for cell in re.split(r"(?<!\\)\||<br>", line)]
            yield from (cell for cell in cells if cell.endswith(".") or words(cell) > PHRASE)
        else:
            yield block


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_sentences_are_short(page: Path) -> None:
    found = [one for block in blocks(page.read_text(encoding="utf-8")) for one in sentences(block)]
    assert not too_long(found)
    assert mean_words(found) <= MEAN_WORDS


def test_sentences_of_help_texts_are_short() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    entries = [
        re.sub(r"^ *-.*?\s{2,}|\[[^\]]*\]", "", entry)  # names of options, and their defaults
        for block in re.findall(r"^```text\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
        for entry in re.split(r"\n\s*\n|\n(?= {2}\S)", block.partition("\n\n")[2])
    ]
    found = [one for entry in entries for one in sentences(" ".join(entry.split()))]
    assert len(found) > 500
    assert not too_long(found)
    assert mean_words(found) <= MEAN_WORDS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_files_and_modules_that_are_named_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for written in re.findall(r"^# src/(\S+)\.py$", text, flags=re.MULTILINE):  # a new file, which the page writes
        text = text.replace(f"src/{written}.py", "").replace(written.replace("/", "."), "")
    named = set(re.findall(r"(?<![\w./*-])((?:\w+/)+\w+\.py)\b", text))
    assert not [name for name in named if not any(folder + name in KNOWN for folder in FOLDERS)]
    now = re.sub(r"^\| `yozora[\w.]+` \|", "|", text, flags=re.MULTILINE)  # without names of version 0.1
    modules = set(re.findall(r"(?<![\w./-])yozora(?:\.[a-z_]\w*)+", now)) - LABELS
    assert not [name for name in modules if not exists(name)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_pages_and_headings(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s:]+)\)", page.read_text(encoding="utf-8")):
        name, _, heading = target.partition("#")
        file = page.parent / name if name else page
        assert file.exists(), target
        assert not heading or heading in anchors(file.read_text(encoding="utf-8")), target


def anchors(text: str) -> set[str]:
    """What links may name of the headings of a page, as GitHub makes it of them."""
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def exists(name: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        folder = ROOT / "src" / Path(*parts[:end])
        if folder.is_dir() or folder.with_suffix(".py").is_file():
            file = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
            return end == len(parts) or bool(re.search(rf"\b{parts[end]}\b", file.read_text(encoding="utf-8")))
    return False


def test_the_files_of_each_room_on_the_architecture_page_exist() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    tree = page.split("### What each file does")[1].split("```")[1]
    named = [(room, name) for room, text in ROOM.findall(tree) for name in re.findall(r"\w+\.py", text)]
    assert len(named) > 70
    present = {
        (path.parts[0] + "/", path.name)
        for path in map(Path, (name[len("src/yozora/") :] for name in KNOWN if name.startswith("src/yozora/")))
    }
    assert not set(named) - present
