"""Long canvases are covered by windows that see what was filled before them."""

from dataclasses import replace
from itertools import pairwise

import pytest
import torch

from yozora.core.canvas import Canvas, blank, paste, refer, say
from yozora.core.windows import Reach, cut, plan, seeds, settle

REACH = Reach(length=9, overlap=3)


def film(frames: int, *known: tuple[int, int]) -> Canvas:
    canvas = blank((frames, 2, 3), 4)
    for start, stop in known:
        canvas = paste(canvas, torch.randn(4, stop - start, 2, 3), at=start)
    return say(canvas, "a red car")


@pytest.mark.parametrize(
    ("frames", "known", "windows"),
    [
        (9, [], [(0, 9)]),
        (5, [], [(0, 5)]),
        (9, [(0, 9)], []),
        (19, [], [(0, 9), (6, 14), (11, 19)]),
        (20, [(0, 12)], [(9, 17), (12, 20)]),  # forward
        (20, [(12, 20)], [(7, 15), (2, 10), (0, 5)]),  # backward
        (16, [(0, 6), (10, 16)], [(4, 12)]),  # a gap of four between two and two
        (30, [(0, 9), (21, 30)], [(6, 14), (11, 17), (15, 23)]),  # the last has four to lead up to the end
        (14, [(0, 2), (4, 6), (9, 14)], [(0, 7), (4, 12)]),  # two gaps
    ],
)
def test_plan(frames: int, known: list[tuple[int, int]], windows: list[tuple[int, int]]) -> None:
    assert plan(film(frames, *known), REACH) == windows


@pytest.mark.parametrize("reach", [REACH, Reach(length=9, overlap=4)], ids=["3", "4"])
@pytest.mark.parametrize("frames", range(1, 60))
@pytest.mark.parametrize("known", [(), ((0, 4),), ("end",), ((0, 4), "end"), ((5, 9),)], ids=str)
def test_every_free_frame_is_filled_and_every_window_is_in_reach(
    frames: int, known: tuple[object, ...], reach: Reach
) -> None:
    spans = [(max(frames - 4, 0), frames) if span == "end" else span for span in known]
    canvas = film(frames, *[span for span in spans if isinstance(span, tuple) and span[1] <= frames])
    free = canvas.strength_N.reshape(frames, -1)[:, 0].tolist()
    for first, last in plan(canvas, reach):
        assert 0 <= first < last <= frames
        assert last - first <= reach.at(first)
        neighbours = [k for k in range(first, last) if free[k] == 0]
        assert first == 0 or len(neighbours) >= 2, "a later window starts from what is known"
        assert any(free[first:last])
        free[first:last] = [0.0] * (last - first)
    assert not any(free)


@pytest.mark.parametrize("before", [1, 2, 5])
@pytest.mark.parametrize("gap", range(1, 24))
@pytest.mark.parametrize("after", [1, 2, 5])
@pytest.mark.parametrize("overlap", [1, 2])
def test_the_shortest_windows_close_a_gap_of_any_size(before: int, gap: int, after: int, overlap: int) -> None:
    reach, frames = Reach(length=3 + overlap, overlap=overlap), before + gap + after
    canvas = film(frames, (0, before), (before + gap, frames))
    free = canvas.strength_N.reshape(frames, -1)[:, 0].tolist()
    for first, last in plan(canvas, reach):
        assert 0 <= first < last <= frames
        assert last - first <= reach.at(first)
        assert 0 in free[first:last], "it starts from what is known"
        assert any(free[first:last]), "it invents something"
        free[first:last] = [0.0] * (last - first)
    assert not any(free)


def test_a_film_from_nothing_may_begin_with_a_still() -> None:
    reach = replace(REACH, still=True)
    assert plan(film(9), reach) == [(0, 1), (0, 9)]
    assert plan(film(19), reach) == [(0, 1), (0, 9), (6, 14), (11, 19)]
    assert plan(film(1), reach) == [(0, 1)]
    assert plan(film(9, (0, 1)), reach) == [(0, 9)]
    repainted = replace(film(9), strength_N=torch.full_like(film(9).strength_N, 0.8))
    assert plan(repainted, reach) == [(0, 9)], "what is repainted is not invented"


def test_a_window_is_a_canvas_that_stands_at_the_beginning() -> None:
    canvas = say(film(20), "at night", span=(15, 20))
    window = cut(canvas, 6, 14)
    assert window.grid == (8, 2, 3)
    assert window.pos_N3[:, 0].unique().tolist() == list(range(1, 9))
    assert window.prompts == ("a red car",)
    assert cut(canvas, 11, 19).prompts == ("a red car", "at night")
    first = cut(canvas, 0, 9)
    assert torch.equal(first.pos_N3, film(9).pos_N3)


def test_later_windows_are_shown_how_the_film_began() -> None:
    canvas = film(20, (0, 6))
    window = cut(canvas, 6, 14, opening=-2.0)
    assert window.grid == (8, 2, 3)
    assert window.pos_N3[48:, 0].tolist() == [-2.0] * 6
    assert torch.equal(window.known_NC[48:], canvas.known_NC[:6])
    assert (window.strength_N[48:] == 0).all()
    assert len(cut(canvas, 0, 9, opening=-2.0).known_NC) == 54  # it sees it anyhow
    assert len(cut(film(20, (12, 20)), 7, 15, opening=-2.0).known_NC) == 48  # not known yet
    elsewhere = say(
        say(replace(canvas, prompts=(), reads_NP=torch.zeros(120, 0, dtype=torch.bool)), "a", (0, 6)), "b", (6, 20)
    )
    assert len(cut(elsewhere, 8, 16, opening=-2.0).known_NC) == 48  # another scene


def test_informing_tokens_come_along_when_it_is_their_time() -> None:
    canvas = refer(refer(film(20), torch.ones(4, 1, 2, 3), at=12.0), torch.ones(4, 1, 2, 3), at=-8.0)
    assert cut(canvas, 0, 9).pos_N3[54:, 0].tolist() == [-8.0] * 6
    assert cut(canvas, 11, 19).pos_N3[48:, 0].tolist() == [2.0] * 6 + [-8.0] * 6


def test_a_filled_window_is_known() -> None:
    canvas = film(20, (0, 4))
    made = torch.randn(8 * 6, 4)
    after = settle(canvas, 4, 12, made)
    assert torch.equal(after.known_NC[24:72], made)
    assert torch.equal(after.known_NC[:24], canvas.known_NC[:24])
    assert (after.strength_T == 0).tolist() == [True] * 12 + [False] * 8


def test_seeds_and_limits() -> None:
    assert seeds(7, 3)[0] == 7
    assert all(a != b for a, b in pairwise(seeds(2**63 - 1, 5)))
    assert max(seeds(2**63 - 1, 5)) < 2**63
    for length, overlap in ((6, 3), (3, 1), (4, 0)):
        with pytest.raises(ValueError, match="too short"):
            Reach(length=length, overlap=overlap)
