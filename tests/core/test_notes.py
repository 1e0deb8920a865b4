"""Lines on what of an order is not as it was said, or was chosen for whoever asked."""

import pytest
from tests.core.numbered import SIZE, source

from yozora.core.modes import StoryboardCard
from yozora.core.notes import order_notes
from yozora.core.options import ArgumentError
from yozora.core.order import Source
from yozora.core.ordering import ordered


def said(mode: str, *sources: Source, **requested: object) -> tuple[str, ...]:
    return order_notes(ordered(mode, "a car", {"seed": 1, **requested}, sources), requested)


CLIP = source("source", 33, title="in.mp4")  # 2.0625 s


@pytest.mark.parametrize(
    ("keep", "lines"),
    [
        ("0-1", ()),
        ("0-2.1", ()),  # rounded
        ("0-1, 1.5-9", ("in.mp4 has 2.06 s: 1.5-9 is kept up to its end",)),
        ([(0, 3)], ("in.mp4 has 2.06 s: 0-3 is kept up to its end",)),
    ],
)
def test_spans_beyond_the_clip_are_said(keep: object, lines: tuple[str, ...]) -> None:
    assert said("recut", CLIP, keep=keep) == lines


def test_spans_of_which_nothing_is_left_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"Second 3 is outside the clip. Use 0 to 2\.06"):
        said("recut", CLIP, keep="0-1, 3-4")


@pytest.mark.parametrize("name", ["stop", "to", "end"])
def test_an_edit_that_is_to_end_after_the_clip_does(name: str) -> None:
    assert said("edit", CLIP, **{name: 9}) == ("in.mp4 has 2.06 s: it is edited up to its end, not to 9",)
    assert said("edit", CLIP, **{name: 2}) == ()
    assert said("edit", CLIP) == ()


def board(*sources: Source, **requested: object) -> tuple[tuple[int, int], float, tuple[str, ...]]:
    """Size and rate of a board's film, and what is said of them."""
    cards = tuple(
        StoryboardCard(start=k, stop=k + 1, text="a car", source=k, still=not each.seconds)
        for k, each in enumerate(sources)
    )
    requested |= {"cards": cards}
    order = ordered("storyboard", None, requested, sources)
    return (order.request.width, order.request.height), order.request.fps, order_notes(order, requested)


PHOTO = source("card 1", 1, fps=0.0, width=4000, height=3000, title="photo.jpg")
SMALL = source("card 1", 1, fps=0.0, width=320, height=240, title="small.png")
FAST = source("card 2", 30, fps=30.0, width=640, height=360, title="fast.mp4")
SLOW = source("card 3", 24, fps=24.0, width=1280, height=720, title="slow.mp4")


def test_a_board_has_size_and_rate_of_its_first_clip_and_says_so() -> None:
    line = "the film takes the size and the rate from fast.mp4"
    assert board(PHOTO, FAST, SLOW) == ((640, 360), 30.0, (line,))
    assert board(FAST, PHOTO) == ((640, 360), 30.0, (line,))
    assert board(FAST) == board(FAST, FAST) == ((640, 360), 30.0, ())


def test_a_board_of_stills_has_the_size_of_the_first_and_the_model_s_rate() -> None:
    assert board(SMALL) == ((320, 240), 16.0, ())
    assert board(SMALL, PHOTO) == ((320, 240), 16.0, ("the film takes the size from small.png",))
    assert board(PHOTO, SMALL)[0] == (1662, 1246)


def test_what_was_asked_for_is_not_said() -> None:
    assert board(PHOTO, FAST, size=(128, 64)) == ((128, 64), 30.0, ("the film takes the rate from fast.mp4",))
    assert board(PHOTO, FAST, native=True)[2] == ()
    assert board(PHOTO, FAST, fps=12.0, size=(128, 64))[2] == ()


def test_a_blend_says_whose_size_and_rate_it_has() -> None:
    a, b = source("a", 33, title="a.mp4"), source("b", 60, fps=30.0, title="b.mp4")
    assert said("blend", a, b) == ("the film takes the size and the rate from a.mp4",)
    assert said("blend", a, b, **SIZE) == said("blend", a, b)
    assert said("blend", a, source("b", 33)) == ()


def test_a_first_picture_goes_before_a_film_that_is_the_last_one() -> None:
    first = source("image", 1, fps=0.0, width=320, height=240, title="a.png")
    assert said("generate", first, source("last", 33, title="b.mp4")) == ("the film takes the size from a.png",)


@pytest.mark.parametrize(
    ("requested", "lines"),
    [
        ({}, ()),
        ({"quality": "exact"}, ()),
        ({"quality": "fast"}, ("quality fast: some steps are estimated, so the film differs from an exact one",)),
        (
            {"quality": "fast", "steps": 7},
            ("quality fast has no effect, because films with fewer than 8 steps are exact",),
        ),
    ],
)
def test_a_film_that_is_not_exact_says_so(requested: dict[str, object], lines: tuple[str, ...]) -> None:
    assert said("extend", CLIP, **requested) == lines
