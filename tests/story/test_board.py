"""Storyboards: what is read, what is refused and in which words, and what a prompt becomes."""

import math
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from yozora.errors import UserError
from yozora.story import board
from yozora.story.board import Board, Card, dump, load, parse, split
from yozora.story.fields import FieldError
from yozora.world.cameras import CAMERAS
from yozora.world.styles import STYLES

DOCS = (Path(__file__).parents[2] / "docs" / "storyboard.md").read_text(encoding="utf-8")
TWO = """\
cards:
  - from: 0
    to: 2
    prompt: a red dog
  - from: 2
    to: 4
    prompt: a blue cat
"""


def blocks(kind: str) -> list[str]:
    return [part.split("```")[0] for part in DOCS.split(f"```{kind}\n")[1:]]


def refusal(text: str, folder: Path | None = None) -> str:
    with pytest.raises(UserError) as caught:
        parse(text, folder, name="board.yaml")
    line = str(caught.value)
    assert "\n" not in line
    assert line.isprintable()
    return line


def problem_of(make: Callable[[], Board]) -> str | None:
    try:
        make()
    except UserError as error:
        return str(error)
    return None


def test_importing_needs_nothing_heavy() -> None:
    code = "import sys; from yozora.story import board, director; print({*sys.modules} & {'torch', 'numpy', 'av'})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_the_example_of_the_docs(tmp_path: Path) -> None:
    Image.new("RGB", (32, 32)).save(tmp_path / "boat.png")
    path = tmp_path / "board.yaml"
    path.write_text(blocks("yaml")[0], encoding="utf-8")
    made = load(path)
    assert (made.title, made.style, made.size, made.fps, made.seed) == (
        "A day at the sea",
        "watercolor",
        (224, 128),
        16,
        7,
    )
    assert made.negative_prompt == "blurry"
    assert made.seconds == 6
    assert [(card.start, card.stop) for card in made.cards] == [(0, 2), (2, 3.5), (3.5, 6)]
    assert [card.style for card in made.cards] == ["watercolor", "watercolor", "noir"]
    assert [card.camera for card in made.cards] == ["pan left", "", "zoom in"]
    assert [card.transition for card in made.cards] == ["cut", "flow", "cut"]
    assert [card.image for card in made.cards] == [tmp_path / "boat.png", None, None]
    assert made.cards[0].text in " ".join(DOCS.replace("*", "").split())
    assert parse(dump(made), None if made.cards[0].image is None else Path("/elsewhere")) == made


def test_the_errors_of_the_docs() -> None:
    late, gap, typo = blocks("text")[0].splitlines()
    assert refusal(TWO.replace("to: 4", "to: 3").replace("from: 2", "from: 4").replace("cards:", "cards: #\n")) == late
    assert refusal(TWO.replace("from: 2", "from: 4").replace("to: 4", "to: 5").replace("cards:", "#\ncards:")) == gap
    assert refusal(TWO.replace("prompt: a red", "promt: a red")) == typo


def test_the_split_and_the_python_of_the_docs(capsys: pytest.CaptureFixture[str]) -> None:
    prompt = DOCS.split('--from-prompt "')[1].split('"')[0]
    assert dump(split(prompt, 6)) == blocks("yaml")[1]
    exec(compile(blocks("python")[0], "docs/storyboard.md", "exec"), {})
    assert "a cat sleeps on the beach." in capsys.readouterr().out


def test_the_docs_name_every_field_camera_and_style() -> None:
    for word in (*board.BOARD_KEYS, *board.CARD_KEYS, *CAMERAS, *STYLES, *board.TRANSITIONS):
        assert f"`{word}`" in DOCS, word


def test_json_is_a_board_too() -> None:
    assert parse('{"cards": [{"from": 0, "to": 2.5, "prompt": "a \\"red\\" dog"}]}', None).cards[0].stop == 2.5


def test_the_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "board.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + TWO.replace("\n", "\r\n").encode())
    assert load(path) == parse(TWO, tmp_path)


WRONG: list[tuple[str, str]] = [
    ("", "board.yaml is empty"),
    ("# only a comment\n", "board.yaml is empty"),
    ("a red dog", "board.yaml, line 1: has no fields"),
    ("- from: 0", "board.yaml, line 1: has no fields"),
    ("title: x", "line 1, cards: is missing"),
    ("cards:", "line 1, cards: has no cards"),
    ("cards: []", "line 1, cards: has no cards"),
    ("cards: dogs", "line 1, cards: is not a list"),
    ("cards:\n  - a dog", "line 2, cards[0]: has no fields"),
    ("cards:\n  - {from: 0, to: 1}", "line 2, cards[0].prompt: is missing. Required: from, to, prompt."),
    ("cards:\n  - {from: 0, prompt: a}", "line 2, cards[0].to: is missing"),
    ("cards:\n  - {to: 0, prompt: a}", "line 2, cards[0].from: is missing"),
    (TWO + "titel: x", "line 8, titel: is not known. Did you mean title?"),
    (TWO + "zzzz: x", "line 8, zzzz: is not known. Use title, style,"),
    (TWO + "resolution: 224x128", "Did you mean size?"),
    (TWO + "    start: 3", "line 8, cards[1].start: is not known. Did you mean from?"),
    (TWO + "    End: 3", "line 8, cards[1].End: is not known. Did you mean to?"),
    (TWO + '"\\e[31m": x', "is not known"),
    (TWO + "    prompt: again", "line 8, cards[1].prompt: appears twice"),
    (TWO + "cards: []", "line 8, cards: appears twice"),
    (TWO + "? [a, b]\n: x", "a key is not text"),
    (TWO.replace("a red dog", "42"), "line 4, cards[0].prompt: '42' is a number, not text. Put it in quotes."),
    (TWO.replace("a red dog", "no"), "line 4, cards[0].prompt: 'no' is yes or no, not text"),
    (TWO.replace("a red dog", "2026-11-21"), "is a date, not text"),
    (TWO.replace("a red dog", ""), "line 4, cards[0].prompt: is empty"),
    (TWO.replace("a red dog", "''"), "line 4, cards[0].prompt: this card has no prompt. Describe"),
    (TWO.replace("a red dog", "[a, b]"), "line 4, cards[0].prompt: is a list, not text"),
    (TWO.replace("a red dog", "{a: b}"), "line 4, cards[0].prompt: is a mapping, not text"),
    (TWO.replace("a red dog", "a" * 32_001), "line 4, cards[0].prompt: The prompt has 32,001 characters"),
    (TWO.replace("a red dog", '"\\0"'), "cards[0].prompt: The prompt is not text"),
    (TWO.replace("a red dog", '"\\ud83d"'), "cards[0].prompt: The prompt is not text"),
    (TWO.replace("to: 4", "to: '4'"), "line 6, cards[1].to: '4' is text, not a plain number. Write it without quotes."),
    (TWO.replace("to: 4", "to: four"), "line 6, cards[1].to: 'four' is text, not a plain number"),
    (TWO.replace("to: 4", "to: 0:04"), "line 6, cards[1].to: '0:04' is text, not a plain number"),
    (TWO.replace("to: 4", "to: .nan"), "line 6, cards[1].to: '.nan' is"),
    (TWO.replace("to: 4", "to: .inf"), "line 6, cards[1].to: '.inf' is"),
    (TWO.replace("to: 4", "to: 1e999"), "line 6, cards[1].to: inf is not a time"),
    (TWO.replace("to: 4", f"to: {'9' * 5000}"), "is a number, not a plain number"),
    (TWO.replace("to: 4", "to: true"), "is yes or no, not a plain number"),
    (TWO.replace("to: 4", "to: [4]"), "is a list, not a number"),
    (TWO.replace("to: 4", "to:"), "line 6, cards[1].to: is empty"),
    (TWO.replace("from: 0", "from: -1"), "line 2, cards[0].from: -1 is not a time"),
    (TWO.replace("to: 2", "to: 0"), "line 3, cards[0].to: 0 equals from (0)"),
    (TWO.replace("to: 2", "to: 0.0001"), "line 3, cards[0].to: 0 equals from (0)"),
    (TWO.replace("to: 2", "to: 3"), "line 5, cards[1].from: 2 is before cards[0] ends. Use 3 or more."),
    (TWO.replace("from: 0", "from: 1"), "line 2, cards[0].from: no card covers seconds 0 to 1. Start the first"),
    (TWO.replace("to: 2", "to: 1.5"), "line 5, cards[1].from: no card covers seconds 1.5 to 2"),
    (
        "cards: [{from: 0, to: 2, prompt: a}, {from: 2, to: 4, prompt: b}, {from: 1, to: 2, prompt: c}]",
        "Sort the cards by time.",
    ),
    (TWO.replace("to: 4", "to: 601"), "line 6, cards[1].to: 601 seconds are out of range. Use up to 600."),
    (TWO + "size: 30x128", "line 8, size: The size 30x128 is out of range"),
    (TWO + "size: big", "line 8, size: 'big' is not a size"),
    (TWO + "size: [224, 128]", "line 8, size: is a list, not text"),
    (TWO + "fps: 0", "line 8, fps: 0 is out of range for frames a second"),
    (TWO + "fps: fast", "line 8, fps: 'fast' is text"),
    (TWO + "seed: -1", "line 8, seed: The seed -1 is out of range"),
    (TWO + "seed: 1.5", "line 8, seed: '1.5' is not a whole number"),
    (TWO + "title: |\n  a\n  b", "line 8, title: is too long or has several lines"),
    (TWO + f"title: {'a' * 201}", "line 8, title: is too long or has several lines"),
    (TWO + f"negative_prompt: {'a' * 32_001}", "line 8, negative_prompt: The negative prompt has"),
    (TWO + f"style: {'a' * 32_001}", "line 8, style: The style has"),
    (TWO + "    camera: dolly", f"line 8, cards[1].camera: 'dolly' is not known. Use one of: {', '.join(CAMERAS)}."),
    (TWO + "    transition: fade", "line 8, cards[1].transition: 'fade' is not known. Use cut or flow."),
    (
        TWO.replace("to: 2", "to: 2\n    transition: flow"),
        "line 4, cards[0].transition: must be cut here",
    ),
    (TWO + "    image: cat.png", "line 8, cards[1].image: this board cannot use files"),
    (TWO + "  bad indent: x", "not valid YAML"),
    (TWO + "title: a: b", "line 8: not valid YAML: mapping values are not allowed here"),
    (TWO + "title: 'a", "not valid YAML"),
    (TWO + "title: \ta", "not valid YAML"),
    (TWO + 'title: "\\UFFFFFFFF"', "not valid YAML: an escape sequence is not a character"),
    (TWO + "title: a\x07b", "line 8: control characters are not allowed"),
    (TWO + "---\n" + TWO, "line 8: not valid YAML: but found another document"),
    (TWO + "title: &a x", "line 8: not valid YAML: anchors (&) and aliases (*) are not read"),
    (TWO + "title: *a", "line 8: not valid YAML: anchors"),
    (TWO + "title: !!python/object/apply:os.system [true]", "line 8: not valid YAML: tags (!) are not read"),
    (TWO + "<<: {title: x}", "line 8, <<: is not known"),
    ("a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]", "line 1: not valid YAML: anchors"),
    ("[" * 5000, "not valid YAML"),
    ("cards: " + "[" * 20 + "]" * 20, "lists are nested too deep"),
    ("- " * 500 + "a", "lists are nested too deep"),
    (
        "cards:\n" + "".join(f"- {{from: {i}, to: {i + 1}, prompt: a}}\n" for i in range(65)),
        "cards: 65 cards are too many",
    ),
    ("a" * 262_145, "has more than 262,144 characters"),
]


@pytest.mark.parametrize(("text", "expected"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_said_in_one_line(text: str, expected: str) -> None:
    assert expected in refusal(text)


def test_a_huge_text_is_read_quickly() -> None:
    started = time.process_time()
    refusal("cards:\n" + "- {from: 0, to: 1, prompt: a}\n" * 400)
    assert time.process_time() - started < 3


def test_files_are_looked_for_beside_the_board(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "cat.png")
    (tmp_path / "film.mp4").write_bytes(b"")
    text = TWO.replace("to: 2", "to: 2\n    image: cat.png") + "    clip: ./x/../film.mp4\n"
    made = parse(text, tmp_path)
    assert [made.cards[0].image, made.cards[1].clip] == [tmp_path / "cat.png", tmp_path / "film.mp4"]
    assert parse(dump(made), tmp_path / "elsewhere") == made
    for name in ("dog.png", ".", "'a\\0b'", f"{'a' * 5000}", "https://example.org/cat.png"):
        assert "line 8, cards[1].image: no file" in refusal(TWO + f"    image: {name}", tmp_path)
    both = TWO + "    image: cat.png\n    clip: film.mp4"
    assert "line 9, cards[1].clip: this card also has an image" in refusal(both, tmp_path)


def no_file(path: Path) -> None:
    pass


def folder(path: Path) -> None:
    path.mkdir()


def garbage(path: Path) -> None:
    path.write_bytes(b"cards:\n\x89PNG\xff\xfe\x00")


def utf_16(path: Path) -> None:
    path.write_text(TWO, encoding="utf-16")


def huge(path: Path) -> None:
    path.write_bytes(b" " * (1 << 20))


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (no_file, "does not exist. Pass a YAML file"),
        (folder, "is a folder"),
        (garbage, "board.yaml, line 2: not UTF-8"),
        (utf_16, "board.yaml, line 1: not UTF-8"),
        (huge, "is larger than 256 KiB"),
    ],
)
def test_what_is_no_board_file(tmp_path: Path, make: Callable[[Path], None], expected: str) -> None:
    make(tmp_path / "board.yaml")
    with pytest.raises(UserError, match=expected.replace(".", r"\.")):
        load(tmp_path / "board.yaml")


def test_a_card_says_camera_and_style_in_its_language() -> None:
    for prompt, expected in (
        ("a red dog runs in a park.", "a red dog runs in a park, the camera zooms in, pixel art"),
        ("un perro corre en la playa", "un perro corre en la playa, la cámara se acerca, arte de píxeles"),
        ("一只狗在跑。", "一只狗在跑，镜头拉近，像素画"),
        ("كلب أحمر يجري.", "كلب أحمر يجري، الكاميرا تقترب، فن البكسل"),
    ):
        assert Card(start=0, stop=1, prompt=prompt, camera="zoom in", style="pixel").text == expected
    assert Card(start=0, stop=1, prompt=" a dog. ").text == "a dog."
    assert Card(start=0, stop=1, prompt="a dog.", style="Pixel").text == "a dog, pixel art"
    assert Card(start=0, stop=1, prompt="a dog.", style="like a Ukiyo-e print").text == "a dog, like a Ukiyo-e print"


def test_boards_made_in_python_are_checked_too() -> None:
    with pytest.raises(FieldError, match=r"^to: 3 is before from \(4\)") as caught:
        Card(start=4, stop=3, prompt="a dog")
    assert caught.value.field == "to"
    with pytest.raises(FieldError, match=r"^from: nan is not a time"):
        Card(start=math.nan, stop=3, prompt="a dog")
    with pytest.raises(FieldError, match=r"^cards\[0\]\.from: no card covers seconds 0 to 1"):
        Board(cards=(Card(start=1, stop=3, prompt="a dog"),))
    thirds = [Card(start=i / 3, stop=(i + 1) / 3, prompt="a dog") for i in range(3)]
    assert Board(cards=tuple(thirds)).seconds == 1


WORDS = st.text(min_size=1, max_size=40).filter(lambda text: text.strip() and "\0" not in text and text.isprintable())
CARDS = st.lists(
    st.tuples(
        st.integers(1, 9000),
        st.one_of(
            WORDS, st.sampled_from(["no", "1", "~", "a: b", "# x", "- a", "a\nb", "\x85\ufeff", "'\"", "😀👨‍👩‍👧"])
        ),
        st.sampled_from(["", *CAMERAS]),
        st.one_of(st.just(""), st.sampled_from(list(STYLES)), WORDS),
        st.sampled_from(board.TRANSITIONS),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=25, deadline=None)
@given(CARDS, WORDS, st.one_of(st.just(""), WORDS), st.one_of(st.none(), st.floats(1, 60)))
def test_what_is_written_reads_back_equal(
    cards: list[tuple[int, str, str, str, board.Transition]], title: str, style: str, fps: float | None
) -> None:
    made, now = [], 0
    for length, prompt, camera, own, transition in cards:
        start, now = now, now + length
        transition = transition if start else "cut"
        made.append(
            Card(
                start=start / 1000,
                stop=now / 1000,
                prompt=prompt if prompt.strip() else "a",
                camera=camera,
                style=own,
                transition=transition,
            )
        )
    written = Board(cards=tuple(made), title=title, style=style, fps=fps, seed=3, size=(64, 96), negative_prompt=style)
    assert parse(dump(written), None) == written


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*TWO.split(" "), *"\n {}[]'\"|?%\\\0", "  ", "- ", ": "])))
def test_any_text_is_a_board_or_one_line(parts: list[str]) -> None:
    text = "".join(part + ("" if part in "\n {}[]" else " ") for part in parts)
    problem = problem_of(lambda: parse(text, None))
    assert problem is None or "\n" not in problem


def test_cards_have_quarter_seconds_by_their_words() -> None:
    made = split("A dog. A very big red cat runs to the left in a park at night. Then a bird.", 8)
    lengths = [card.stop - card.start for card in made.cards]
    assert sum(lengths) == 8
    assert all(length >= 1 and (length * 4).is_integer() for length in lengths)
    assert lengths[1] > 2 * max(lengths[0], lengths[2])
    assert [card.transition for card in made.cards] == ["cut", "cut", "flow"]
    assert [card.stop for card in split("A dog. A cat. A bird.", 3).cards] == [1, 2, 3]
    assert [card.stop for card in split("A dog. A cat. A bird.", 3.1).cards] == [1, 2, 3.1]
    assert [card.stop for card in split("A dog.", 0.3).cards] == [0.3]


PARTS = ["a dog", "then a", "cut to", ".", "!", "\n", "1)", "猫。", "ثم", "in a park", "e.g.", "..."]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(PARTS)), st.integers(1, 300))
def test_any_prompt_makes_a_board_or_one_line(parts: list[str], halves: int) -> None:
    prompt, seconds = " ".join(parts), halves / 2
    problem = problem_of(lambda: split(prompt, seconds))
    if problem is None:
        made = split(prompt, seconds)
        assert made.seconds == seconds
        assert all(card.stop - card.start >= min(1, seconds) for card in made.cards)
    else:
        assert "\n" not in problem


def test_a_split_says_what_it_cannot_do() -> None:
    with pytest.raises(UserError, match=r"3 sentences need more than 2 seconds\. Ask for at least 3 seconds"):
        split("A dog. A cat. A bird.", 2)
    with pytest.raises(UserError, match="The prompt is empty"):
        split(" \n ", 4)
    with pytest.raises(UserError, match="nan seconds"):
        split("A dog.", math.nan)
    with pytest.raises(UserError, match="Use at most 64"):
        split("A dog. " * 65, 100)
