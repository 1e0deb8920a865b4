"""Random canvases: which tokens are known, and the times that follow."""

import numpy as np
import torch

from yozora.core.canvas import blank, patchify
from yozora.train.tasks import (
    PAINTERS,
    WINDOW_PAINTERS,
    draw_strengths,
    draw_times,
    known_around,
    known_between,
    known_end,
    known_ends,
    known_first,
)

GRID = (5, 2, 3)


def strengths_a_frame(painter_name: str, seed: int) -> list[float]:
    painter, _ = PAINTERS[painter_name]
    clip = torch.randn(48, 5, 4, 6)
    canvas = painter(blank(GRID, 192), clip, np.random.default_rng(seed))
    by_frame = canvas.strength_N.reshape(5, -1)
    assert (by_frame == by_frame[:, :1]).all()
    return by_frame[:, 0].tolist()


def test_painters_leave_something_to_invent_and_something_known() -> None:
    for seed in range(20):
        assert strengths_a_frame("text to video", seed) == [1] * 5
        assert strengths_a_frame("first frame", seed) == [0, 1, 1, 1, 1]
        start = strengths_a_frame("start", seed)
        assert start == sorted(start)
        assert 0 < sum(start) < 5
        end = strengths_a_frame("end", seed)
        assert end == sorted(end, reverse=True)
        assert 0 < sum(end) < 5
        ends = strengths_a_frame("ends", seed)
        assert ends[0] == 0 == ends[-1]
        assert sum(ends) > 0


def test_an_edit_frees_a_box() -> None:
    clip = torch.randn(48, 5, 4, 6)
    for seed in range(20):
        canvas = known_around(blank(GRID, 192), clip, np.random.default_rng(seed))
        free_THW = canvas.strength_N.reshape(GRID) == 1
        sides = [free_THW.amax(dim=[d for d in range(3) if d != axis]) for axis in range(3)]
        assert int(free_THW.sum()) == np.prod([int(side.sum()) for side in sides]) > 0
        assert torch.equal(canvas.known_NC[canvas.strength_N == 0], patchify(clip)[canvas.strength_N == 0])


def test_windows_always_know_something() -> None:
    strengths = draw_strengths(torch.randn(100, 30, 192), GRID, np.random.default_rng(0), WINDOW_PAINTERS)
    assert (strengths.amin(1) == 0).float().mean() > 0.9  # a box may be all of it
    assert (strengths.amax(1) == 1).all()


def test_known_tokens_hold_the_clip() -> None:
    clip = torch.randn(48, 5, 4, 6)
    canvas = known_between(blank(GRID, 192), clip, 1, 4)
    whole = known_first(blank(GRID, 192), clip, np.random.default_rng(0))
    assert torch.equal(canvas.known_NC[:6], whole.known_NC[:6])
    assert (canvas.known_NC[6:24] == 0).all()
    assert known_end(blank(GRID, 192), clip, np.random.default_rng(0)).strength_N[0] == 1
    assert known_ends(blank(GRID, 192), clip, np.random.default_rng(0)).strength_N[0] == 0


def test_strengths_mix_the_tasks_and_stills_are_all_invented() -> None:
    rng = np.random.default_rng(0)
    strengths = draw_strengths(torch.randn(200, 30, 192), GRID, rng)
    all_invented = (strengths == 1).all(1).float().mean()
    assert 0.15 < all_invented < 0.35
    assert (draw_strengths(torch.randn(4, 6, 192), (1, 2, 3), rng) == 1).all()


def test_some_frames_are_known_in_no_order_and_at_least_one_is_not() -> None:
    found = {tuple(strengths_a_frame("some", seed)) for seed in range(40)}
    assert len(found) > 8
    assert all(sum(strengths) > 0 for strengths in found)


def test_times_are_shifted_shared_or_independent_and_zero_where_known() -> None:
    ones, generator = torch.ones(400, 30), torch.Generator().manual_seed(0)
    t_BFN = draw_times(ones, 5, generator, shift=3.0, independent=0.3).reshape(400, 5, 6)
    assert ((t_BFN > 0) & (t_BFN < 1)).all()
    assert (t_BFN == t_BFN[..., :1]).all()
    shared = (t_BFN[:, :, 0] == t_BFN[:, :1, 0]).all(1).float().mean()
    assert 0.6 < shared < 0.8
    assert t_BFN.median() > 0.7  # 3 / (1 + 2 * 0.5) of a half
    assert (draw_times(ones * 0, 5, generator, shift=3.0, independent=0.3) == 0).all()


def test_a_still_has_one_time_and_a_known_frame_none() -> None:
    generator = torch.Generator().manual_seed(0)
    t_RN = draw_times(torch.ones(50, 6), 1, generator, shift=1.0, independent=1.0)
    assert (t_RN == t_RN[:, :1]).all()
    assert 0.35 < t_RN.median() < 0.65
    strength_RN = torch.tensor([0.0, 1.0, 0.5]).repeat_interleave(2).expand(50, -1)
    t_RTG = draw_times(strength_RN, 3, generator, shift=1.0, independent=0.0).unflatten(1, (3, 2))
    assert (t_RTG[:, 0] == 0).all()
    torch.testing.assert_close(t_RTG[:, 2], 0.5 * t_RTG[:, 1])
