"""What people name becomes an order, with what it names beside it."""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from yozora.core.options import ArgumentError
from yozora.core.order import Order
from yozora.films import orders
from yozora.films.film import Film, Sound
from yozora.films.orders import LocalOrder, ask, ask_board, described, opened
from yozora.films.sheet import write_png
from yozora.story import characters
from yozora.story.board import Board, Card

Frames = NDArray[np.uint8]


@pytest.fixture
def clip(make_film: Callable[..., Film]) -> Film:
    """Two seconds of moving bars with a tone."""
    tone = np.sin(np.arange(2 * 8000) * 0.3).astype(np.float32)[:, None] * 0.5
    return replace(make_film(frames=33, height=64, width=96), sound=Sound(samples=tone, rate=8000))


@pytest.fixture
def file(clip: Film, tmp_path: Path) -> Path:
    return clip.save(tmp_path / "in.mp4")


class Place:
    """Somebody's own path."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return os.fspath(self.path)


# --- sources


def test_fault_5_a_picture_may_be_a_path_an_image_an_array_or_a_film(
    make_film: Callable[..., Film], tmp_path: Path
) -> None:
    still = make_film(frames=1)
    path = tmp_path / "a.png"
    write_png(path, still.frames[0])
    pil = Image.fromarray(still.frames[0])
    for value in (path, str(path), Place(path), still, pil, still.frames[0], still.frames, make_film(frames=5)):
        for slot in ("image", "last"):
            asked = ask("generate", "a car", {slot: value}, {"seed": 1})  # type: ignore[dict-item]
            (source,) = asked.order.sources
            assert (source.width, source.height, source.slot) == (96, 64, slot)
            (given,) = asked.sources
            if isinstance(given, Film):
                assert np.array_equal(given.frames[0], still.frames[0])
            else:
                assert given == path


def test_fault_5_a_clip_may_be_a_path_an_array_or_a_film(clip: Film, file: Path) -> None:
    for value in (file, str(file), Place(file), clip, clip.frames, Film(clip.frames, 16)):
        (source,) = ask("extend", None, {"source": value}, {"seed": 1}).order.sources  # type: ignore[dict-item]
        assert (source.width, source.height, source.fps, source.frames) == (96, 64, 16, 33)
        assert source.seconds == pytest.approx(33 / 16)
    for picture in (clip.frames[0], Image.fromarray(clip.frames[0])):
        with pytest.raises(ArgumentError, match="This is a picture, not a clip"):
            ask("extend", None, {"source": picture}, {})


def test_a_film_of_one_frame_is_a_clip(make_film: Callable[..., Film], tmp_path: Path) -> None:
    """Fault 1: clips of one frame too; a picture is one that says so."""
    short = make_film(frames=1)
    for value in (short, short.frames, short.save(tmp_path / "short.mp4")):
        (source,) = ask("extend", "a car", {"source": value}, {"seed": 1}).order.sources
        assert (source.seconds, source.frames) == (1 / 16, 1)


def test_what_is_seen_through_is_white() -> None:
    """A brother of fault 13: the hidden colour does not show."""
    clear = Image.new("RGBA", (8, 8), (200, 30, 30, 0))
    half = Image.new("RGBA", (8, 8), (0, 0, 0, 128))
    grey = Image.new("L", (8, 8), 77)
    for picture, value in ((clear, 255), (half, 127), (grey, 77)):
        film = opened("image", picture)
        assert isinstance(film, Film)
        assert (film.frames == value).all()


WRONG: list[Any] = [
    5,
    b"a.png",
    [1, 2],
    {},
    "",
    "a\0b",
    "missing.png",
    Path("missing.png"),
    np.zeros((4, 4), np.uint8),
    np.zeros((4, 4, 3), np.float32),
    np.zeros((4, 4, 4), np.uint8),
    np.zeros((0, 4, 3), np.uint8),
    np.zeros((1, 2, 4, 4, 3), np.uint8),
    Image.Image,
]


@pytest.mark.parametrize("value", WRONG, ids=lambda value: str(value)[:20])
@pytest.mark.parametrize("slot", ["image", "last", "cast"])
def test_fault_2_what_is_no_source_is_refused_by_name(value: Any, slot: str) -> None:
    """Fault 2: a last picture that was not there was passed over without a word."""
    sources = {} if slot == "cast" else {slot: value}
    with pytest.raises(ArgumentError) as refused:
        ask("generate", "a car", sources, {"cast": {"rex": value}} if slot == "cast" else {})
    assert refused.value.argument == slot
    assert refused.value.hint
    assert "\n" not in str(refused.value)


def test_a_damaged_picture_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[:-4000])
    with Image.open(path) as image, pytest.raises(ArgumentError, match="cannot be decoded"):
        ask("generate", "a car", {"image": image}, {})
    with pytest.raises(ArgumentError) as refused:
        ask("generate", "a car", {"image": path.with_name("none.png")}, {})
    assert refused.value.argument == "image"


def test_an_order_says_where_its_sources_are_and_what_they_were(clip: Film, file: Path) -> None:
    asked = ask("blend", None, {"a": file, "b": replace(clip, prompt="@rex runs")}, {"seconds": 1, "seed": 1})
    a, b = asked.order.sources
    assert (a.at, a.title, a.sounds, a.prompt) == (str(file), "in.mp4", True, "bars")
    assert a.sha256 == hashlib.sha256(file.read_bytes()).hexdigest() == orders.hashed(file)
    assert (b.at, b.title, b.sounds, b.prompt, b.sha256) == (
        "memory:1",
        "a film that was not saved",
        True,
        "rex runs",
        "",
    )
    assert asked.order.prompts == ("bars", "rex runs")
    assert Order.from_json(json.loads(json.dumps(asked.order.to_json()))) == asked.order


@pytest.mark.parametrize("prompt", ["a" * 40_000, "a\0b", "\ud800"])
def test_what_a_clip_says_of_itself_is_no_error(clip: Film, prompt: str) -> None:
    assert ask("extend", None, {"source": replace(clip, prompt=prompt)}, {}).order.request.prompt == ""


@pytest.mark.parametrize("fps", [1001.0, 1e9])
def test_a_film_of_an_impossible_rate_is_refused(clip: Film, fps: float) -> None:
    with pytest.raises(ArgumentError, match="fps is too high"):
        ask("extend", None, {"source": Film(clip.frames, fps)}, {})


def test_what_films_are_made_of_is_how_they_are_related(clip: Film, file: Path) -> None:
    def kin(asked: LocalOrder) -> list[tuple[str, str]]:
        return [(title, relation) for _, title, relation in asked.parents]

    unsaved = "a film that was not saved"
    assert kin(ask("generate", "a car", {}, {})) == []
    assert kin(ask("generate", "a car", {"image": file, "last": clip}, {})) == [
        ("in.mp4", "parentOf"),
        (unsaved, "componentOf"),
    ]
    assert kin(ask("blend", None, {"a": clip, "b": file}, {})) == [(unsaved, "parentOf"), ("in.mp4", "componentOf")]
    assert kin(ask("generate", "rex", {}, {"cast": {"rex": clip}})) == [("@rex", "componentOf")]
    card = Card(start=0, stop=1, prompt="a car", clip=file)
    assert kin(ask_board(Board(cards=(card,)), {})) == [("in.mp4", "componentOf")]


# --- models and characters


def test_a_model_may_be_a_folder(toy_folder: Path) -> None:
    for model in (toy_folder, str(toy_folder), Place(toy_folder)):
        assert ask("generate", "a car", {}, {"model": model}).order.request.model == str(toy_folder)
    for model in (7, b"mini", [], toy_folder / "none", toy_folder / "text.safetensors"):
        with pytest.raises(ArgumentError) as refused:
            ask("generate", "a car", {}, {"model": model})
        assert refused.value.argument == "model"


def test_a_cast_is_pictures_by_name(clip: Film, file: Path) -> None:
    asked = ask("generate", "rex and @REX", {}, {"cast": {"rex": clip}})
    (who,) = asked.order.characters
    assert (who.name, who.plain, who.title, asked.characters) == ("rex", True, "@rex", (clip,))
    asked = ask("generate", "rex", {}, {"cast": {"@rex": file}})
    assert (asked.order.characters[0].title, asked.order.characters[0].sha256) == ("@rex", orders.hashed(file))
    assert ask("generate", "a car", {}, {"cast": {}}).order.characters == ()


@pytest.mark.parametrize(
    "cast", [5, [], "rex", {5: "a.png"}, {"": "a.png"}, {"a\ud800": "a.png"}, {"x" * 101: "a"}], ids=str
)
def test_what_is_no_cast_is_refused(cast: Any) -> None:
    with pytest.raises(ArgumentError) as refused:
        ask("generate", "a car", {}, {"cast": cast})
    assert refused.value.argument == "cast"


def test_only_prompts_call_anybody(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOZORA_HOME", str(tmp_path / "home"))
    character = characters.add("rex", file, consent=True)
    asked = ask("generate", "@rex walking", {}, {"style": "like @banksy", "seed": 1})
    (who,) = asked.order.characters
    assert (who.name, who.plain, who.at, who.sha256) == (
        "rex",
        False,
        str(character.picture),
        orders.hashed(character.picture),
    )
    cards = [Card(start=k, stop=k + 1, prompt="a car " * 900) for k in range(6)]
    board = Board(cards=(*cards, Card(start=6, stop=7, prompt="@rex", style="as @banksy")))
    assert [who.name for who in ask_board(board, {"seed": 1}).order.characters] == ["rex"]
    assert ask("edit", "@rex", {"source": file}, {"region": (0, 0, 0.5, 0.5)}).characters == (character.picture,)
    for mode, sources in (("generate", {}), ("edit", {"source": file})):
        with pytest.raises(ArgumentError, match="character @max is not known") as refused:
            ask(mode, "@max", sources, {})
        assert refused.value.argument == "prompt"


# --- boards


def test_what_a_person_says_goes_before_the_board() -> None:
    cards = (Card(start=0, stop=1, prompt="a car"), Card(start=1, stop=2, prompt="a boat", style="pixel"))
    board = Board(cards=cards, seed=5, size=(96, 64), fps=8.0, negative_prompt="rain")
    request = ask_board(board, {}).order.request
    assert (request.seed, request.width, request.height, request.fps) == (5, 96, 64, 8.0)
    assert request.negative_prompt == "rain"
    requested = {"seed": 9, "width": 64, "height": 64, "fps": 4.0, "negative_prompt": "", "style": "Noir"}
    order = ask_board(board, requested).order
    request = order.request
    assert (request.seed, request.width, request.fps, request.negative_prompt) == (9, 64, 4.0, "rain")
    assert order.prompts == ("a car, black and white", "a boat, pixel art")
    assert ask_board(board, {"native": True}).order.request.fps == 16
    assert ask_board(board, {"resolution": "640x360"}).order.request.width == 640
    assert ask_board(board, {"duration": None}).order.request.seconds == 2


def test_a_card_s_image_may_be_a_film_too(clip: Film, file: Path) -> None:
    """A brother of fault 12: its first frame is the card's."""
    card = Card(start=0.0, stop=1.0, prompt="a car")
    for given in (clip, file):
        for still in (True, False):
            first = replace(card, image=given) if still else replace(card, clip=given)  # type: ignore[arg-type]
            order = ask_board(Board(cards=(first,)), {"seed": 1}).order
            assert order.options.cards[0].still is still
            assert order.sources[0].slot == "card 1"


@pytest.mark.parametrize(
    ("requested", "argument"), [({"seconds": 5}, "seconds"), ({"cards": ()}, "cards"), ({"style": 5}, "style")]
)
def test_fault_4_a_board_is_asked_for_what_it_takes(requested: dict[str, Any], argument: str) -> None:
    board = Board(cards=(Card(start=0, stop=1, prompt="a car"),))
    with pytest.raises(ArgumentError) as refused:
        ask_board(board, requested)
    assert refused.value.argument == argument


def test_transparency_that_is_lost_is_said(tmp_path: Path, file: Path) -> None:
    clear, opaque = Image.new("RGBA", (64, 64), (9, 9, 9, 0)), Image.new("RGBA", (64, 64), (9, 9, 9, 255))
    clear.save(tmp_path / "logo.png")
    clear.save(tmp_path / "logo.gif", save_all=True, append_images=[opaque], duration=60)
    line = "transparency is not supported; transparent areas become white"
    asked = ask("generate", "a car", {"image": tmp_path / "logo.png", "last": file}, {})
    assert f"logo.png: {line}" in asked.order_notes
    for mode in ("extend", "remix"):
        assert ask(mode, "a car", {"source": tmp_path / "logo.gif"}, {}).order_notes == (f"logo.gif: {line}",)
    assert ask("generate", "a car", {"image": clear}, {}).order_notes == (f"a film that was not saved: {line}",)
    assert ask("generate", "a car", {"image": opaque}, {}).order_notes == ()
    cards = (Card(start=0.0, stop=1.0, prompt="a dog", image=tmp_path / "logo.png"),)
    assert ask_board(Board(cards=cards), {}).order_notes == (f"logo.png: {line}",)


def test_a_card_that_shows_a_film_s_first_frame_has_a_picture(file: Path, make_film: Callable[..., Film]) -> None:
    slow = make_film(frames=9, fps=8.0).save(file.parent / "slow.mp4")
    cards = (
        Card(start=0.0, stop=1.0, prompt="a dog", image=file),
        Card(start=1.0, stop=2.0, prompt="a cat", clip=slow),
    )
    asked = ask_board(Board(cards=cards), {})
    assert [(each.seconds > 0, each.sounds) for each in asked.order.sources] == [(False, False), (True, False)]
    assert asked.order.request.fps == 8
    assert asked.order_notes == ("the film takes the size and the rate from slow.mp4",)
    sources = dict(zip(("card 1", "card 2"), asked.sources, strict=True))
    requested = {"cards": asked.order.options.cards, "seed": asked.order.request.seed}
    assert ask("storyboard", asked.order.request.prompt, sources, requested).order == asked.order


def test_notes_on_boards_are_those_on_their_cards() -> None:
    cards = (
        Card(start=0.0, stop=1.0, prompt="a dog", style="pixel"),
        Card(start=1.0, stop=2.0, prompt="a park, no dogs", style="noir"),
    )
    denied = "mini cannot leave out what a prompt names, so it is not asked for: no dogs"
    assert ask_board(Board(cards=cards), {}).notes == (denied,)
    assert ask("generate", "a dog, pixel art", {}, {"style": "noir"}).notes == (
        "mini has one style a film; the prompt names 2: noir, pixel",
    )


def test_a_source_is_described_as_it_is_seen(file: Path) -> None:
    source = described("source", file, 0)
    assert (source.width, source.height, source.fps, source.frames, source.sounds) == (96, 64, 16, 33, True)
