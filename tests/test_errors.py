"""Every error has a code of its own, the page of codes is current, and its texts are short, plain sentences."""

import pickle
import re
import runpy
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from tests import prose

from yozora.core.options import ArgumentError, about
from yozora.errors import ArgumentParser, UserError
from yozora.story.fields import FieldError, inside

ROOT = Path(__file__).parents[1]
DOCS = runpy.run_path(str(ROOT / "scripts" / "error_docs.py"))
CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST = 40  # letters of a code
ODD = r"(?<!there )is no|(?<!there )are no|holds|is not here|is not there|lies|gone|will not do|may not"
WRAPPED = {
    *("cli/admin.py", "core/options.py", "server/configuration.py", "server/work/scratch.py", "story/fields.py"),
}
"""Files in which an error is made of another one, and takes its code."""


@pytest.fixture(scope="module")
def raised() -> list[Any]:
    found: list[Any] = DOCS["raised"](DOCS["USER_ERRORS"])
    return found


def test_every_error_has_a_code(raised: list[Any]) -> None:
    assert len(raised) > 400
    without = {str(one.path.relative_to(DOCS["SOURCES"])) for one in raised if one.code is None}
    assert without == WRAPPED
    for one in raised:
        if one.code is not None:
            assert CODE.fullmatch(one.code), one
            assert len(one.code) <= LONGEST, one


def test_one_message_has_one_code(raised: list[Any]) -> None:
    """What is said in the same words is the same fault."""
    codes = defaultdict(set)
    for one in raised:
        for message in one.messages:
            if one.code is not None and re.search(r"[a-z]{3}", re.sub(r"\{.*?\}", "", message)):
                codes[message].add(one.code)
    assert {message: found for message, found in codes.items() if len(found) > 1} == {}


def test_the_page_of_codes_is_current() -> None:
    assert DOCS["PAGE"].read_text(encoding="utf-8") == DOCS["page"](), "run: make docs"


def test_texts_that_are_variables_are_found(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(
        'HINT = "Write it."\n\n'
        "def check(name, size):\n"
        '    what = "is a folder" if name else "is gone"\n'
        '    raise UserError(f"{name!r} {what}: {size:,} bytes.", HINT, code="file_odd")\n',
        encoding="utf-8",
    )
    (found,) = DOCS["raised"](DOCS["USER_ERRORS"], tmp_path)
    assert found.messages == ("{name} is a folder: {size} bytes.", "{name} is gone: {size} bytes.")
    assert (found.hints, found.code, found.line) == (("Write it.",), "file_odd", 5)


# --- texts


@pytest.fixture(scope="module")
def texts(raised: list[Any]) -> dict[str, str]:
    """Every text of an error with the place where it is, values replaced by a word."""
    found = {}
    for one in (*raised, *DOCS["raised"](DOCS["API_ERRORS"])):
        for text in (*one.messages, *one.hints):
            found[re.sub(r"\{[^{}]*\}", "value", text)] = f"{one.path.name}:{one.line}"
    return found


def test_sentences_are_short(texts: dict[str, str]) -> None:
    found = [sentence for text in texts for sentence in prose.sentences(text)]
    assert len(found) > 800
    assert prose.too_long(found) == []
    assert prose.mean_words(found) <= prose.MEAN_WORDS


def test_no_word_is_archaic_or_retired(texts: dict[str, str]) -> None:
    """The retired words of docs/words.txt, and turns that a reader with English as a second language reads twice."""
    lines = (ROOT / "docs" / "words.txt").read_text(encoding="utf-8").splitlines()
    retired = [line.partition(" = ")[0] for line in lines if " = " in line]
    odd = re.compile(rf"\b({'|'.join(map(re.escape, retired))}|{ODD})\b", re.IGNORECASE)
    assert {text: texts[text] for text in texts if odd.search(text)} == {}


# --- codes travel


def test_a_code_is_required() -> None:
    with pytest.raises(TypeError, match="code"):
        UserError("The file is gone.")  # type: ignore[call-arg] # that is what is tested


def test_an_error_that_is_said_of_an_argument_or_a_field_keeps_its_code() -> None:
    with pytest.raises(ArgumentError) as argument, about("size"):
        raise UserError("It is too small.", "Use 64x64.", code="size_small")
    assert (argument.value.argument, argument.value.code) == ("size", "size_small")
    with pytest.raises(FieldError) as outer, inside("cards[0]"):  # noqa: SIM117
        with inside("size"):
            raise UserError("It is too small.", "Use 64x64.", code="size_small")
    assert (outer.value.field, outer.value.code) == ("cards[0].size", "size_small")


@pytest.mark.parametrize(
    "error",
    [
        UserError("The file is gone.", "Name another one.", code="file_gone"),
        ArgumentError("size", "It is too small.", code="size_small"),
        FieldError("cards[0].to", "is missing.", "Write it.", code="field_missing"),
    ],
)
def test_errors_travel_between_processes(error: UserError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.__dict__) == (type(error), str(error), error.__dict__)


def test_a_parser_of_arguments_raises_it() -> None:
    with pytest.raises(UserError) as error:
        ArgumentParser(prog="train").parse_args(["--nothing"])
    assert error.value.code == "command_line_invalid"
    assert error.value.hint == "Try: train --help"
