"""Every canvas that training paints is one that a mode could: its invariants hold, in films of any shape."""

import numpy as np
import pytest
import torch

from yozora.core.canvas import Canvas, blank, patchify
from yozora.train.canvases import DRAWN, Canvases, painted
from yozora.train.tasks import PAINTERS, WINDOW_PAINTERS, Painter, draw_strengths

GRIDS = [(3, 2, 2), (5, 2, 3), (9, 4, 7)]
ALL = {**{f"film: {name}": one for name, (one, _) in PAINTERS.items()}} | {
    f"window: {name}": one for name, (one, _) in WINDOW_PAINTERS.items()
}


def painting(painter: Painter, grid: tuple[int, int, int], seed: int) -> tuple[Canvas, torch.Tensor]:
    clip_CTHW = torch.randn(8, grid[0], 2 * grid[1], 2 * grid[2], generator=torch.Generator().manual_seed(seed))
    return painter(blank(grid, 32), clip_CTHW, np.random.default_rng(seed)), clip_CTHW


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("name", ALL)
def test_known_tokens_are_the_clips_and_the_others_are_empty(name: str, grid: tuple[int, int, int]) -> None:
    """Strength is 0 or 1, what is known is the clip exactly, what is not holds zeros, and nothing else was changed."""
    for seed in range(6):
        canvas, clip_CTHW = painting(ALL[name], grid, seed)
        plain = blank(grid, 32)
        known_N = canvas.strength_N == 0
        assert set(canvas.strength_N.tolist()) <= {0.0, 1.0}
        assert torch.equal(canvas.known_NC[known_N], patchify(clip_CTHW)[known_N])
        assert not canvas.known_NC[~known_N].any()
        assert (canvas.grid, canvas.prompts) == (plain.grid, plain.prompts)
        assert torch.equal(canvas.pos_N3, plain.pos_N3)
        assert torch.equal(canvas.reads_NP, plain.reads_NP)


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("name", [name for name in ALL if "around" not in name])
def test_something_is_left_to_invent(name: str, grid: tuple[int, int, int]) -> None:
    assert all((painting(ALL[name], grid, seed)[0].strength_N == 1).any() for seed in range(20))


@pytest.mark.parametrize("name", ALL)
def test_a_painter_paints_the_same_for_the_same_lots(name: str) -> None:
    one, again = (painting(ALL[name], GRIDS[1], 3)[0] for _ in range(2))
    assert torch.equal(one.strength_N, again.strength_N)
    assert torch.equal(one.known_NC, again.known_NC)


@pytest.mark.parametrize("painters", [PAINTERS, WINDOW_PAINTERS])
def test_painters_are_weighed(painters: dict[str, tuple[Painter, float]]) -> None:
    assert sum(weight for _, weight in painters.values()) == pytest.approx(1.0)
    assert all(weight > 0 for _, weight in painters.values())


@pytest.mark.parametrize("frames", [1, 2])
def test_what_is_too_short_for_a_neighbour_is_all_invented(frames: int) -> None:
    grid = (frames, 2, 3)
    strengths = draw_strengths(torch.randn(20, frames * 6, 32), grid, np.random.default_rng(0))
    assert (strengths == 1).all()


@pytest.mark.parametrize("grid", GRIDS)
def test_canvases_are_painted_once_for_each_grid(grid: tuple[int, int, int]) -> None:
    table = painted(grid, tuple(PAINTERS.items()))
    assert table is painted(grid, tuple(PAINTERS.items()))
    assert table.shape == (DRAWN, grid[0] * grid[1] * grid[2])
    assert table.min() >= 0
    assert table.max() == 1


def test_shares_of_canvases_leave_room_for_plain_films() -> None:
    usual = Canvases(frames=27)
    assert usual.characters + usual.openings + usual.windows < 1
    assert all(0 <= share <= 1 for share in (usual.stills, usual.windows, usual.drop, usual.unmoved))
