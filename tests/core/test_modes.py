"""Each mode paints the canvas that the table of the design says."""

from functools import partial

import pytest
import torch
from torch import Tensor

from yozora.core.canvas import Layout, blank, patchify
from yozora.core.modes import (
    BLEND_STRENGTH,
    MODES,
    Scene,
    begin_with,
    blend,
    edit,
    end_with,
    extend,
    image_to_video,
    lead,
    loop,
    recut,
    remix,
    storyboard,
    text_to_video,
)
from yozora.core.request import Request
from yozora.errors import UserError

REQUEST = Request(prompt="a red car", style="noir", width=128, height=64, seconds=1.0)
LAYOUT = Layout(channels=3)
GRID = (5, 2, 4)


class Given:
    """A clip of 4n + 1 frames in made-up latents: as a film begins, n + 1 of them, as it goes on, n."""

    def __init__(self, latents: int, seed: int = 0) -> None:
        drawn = torch.randn(3, 2 * latents - 1, 4, 8, generator=torch.Generator().manual_seed(seed))
        self.begins, self.goes_on = drawn[:, :latents], drawn[:, latents:] if latents > 1 else drawn + 1
        self.frames = 4 * latents - 3

    def opening(self, *, whole: bool = False) -> Tensor:
        return self.begins

    def ongoing(self, *, whole: bool = False) -> Tensor:
        return self.goes_on

    def closing(self) -> Tensor:
        return self.begins


def known(canvas: object) -> list[float]:
    """Strength of each latent frame, where its tokens have one."""
    strength_TN = canvas.strength_N.reshape(canvas.grid[0], -1)  # type: ignore[attr-defined]
    assert (strength_TN == strength_TN[:, :1]).all()
    return [round(s, 3) for s in strength_TN[:, 0].tolist()]


def test_text_to_video_invents_everything() -> None:
    (shot,) = text_to_video(REQUEST, LAYOUT)
    canvas = shot.canvas
    assert canvas.grid == GRID
    assert canvas.known_NC.shape == (40, 12)
    assert known(canvas) == [1] * 5
    assert canvas.prompts == ("a red car, noir",)
    assert canvas.reads_NP.all()
    assert (shot.first, shot.frames) == (0, None)


def test_image_to_video_keeps_the_first_and_perhaps_the_last_frame() -> None:
    first, last = Given(1), Given(1, seed=1)
    (shot,) = image_to_video(REQUEST, LAYOUT, [first])
    assert known(shot.canvas) == [0, 1, 1, 1, 1]
    assert torch.equal(shot.canvas.known_NC[:8], patchify(first.begins))
    (shot,) = image_to_video(REQUEST, LAYOUT, [first, last])
    assert known(shot.canvas) == [0, 1, 1, 1, 0]
    assert torch.equal(shot.canvas.known_NC[32:], patchify(last.goes_on))
    with pytest.raises(UserError, match="no time"):
        image_to_video(Request(prompt="x", width=128, height=64, seconds=0.3), LAYOUT, [first, last])


def test_an_extension_adds_the_seconds_asked_for() -> None:
    clip = Given(3)
    (shot,) = extend(REQUEST, LAYOUT, [clip])
    assert known(shot.canvas) == [0, 0, 0, 1, 1, 1, 1]
    assert torch.equal(shot.canvas.known_NC[:24], patchify(clip.begins))
    (shot,) = extend(REQUEST, LAYOUT, [clip], backward=True)
    assert known(shot.canvas) == [1, 1, 1, 1, 1, 0, 0]
    assert torch.equal(shot.canvas.known_NC[40:], patchify(clip.goes_on))


def test_a_loop_ends_where_it_begins() -> None:
    clip = Given(4)
    (shot,) = loop(REQUEST, LAYOUT, [clip], overlap=2)
    assert known(shot.canvas) == [0, 0, 0, 0, 1, 1, 1, 1, 0, 0]
    assert torch.equal(shot.canvas.known_NC[:32], patchify(clip.begins))
    assert torch.equal(shot.canvas.known_NC[-16:], patchify(clip.goes_on[:, :2]))
    assert (shot.first, shot.frames, shot.returns) == (0, 13 + 16, 2)


@pytest.mark.parametrize("frames", range(1, 10))
def test_a_clip_of_any_length_fills_its_latents(frames: int) -> None:
    assert (lead(frames, 4) + frames) % 4 == 1
    assert 0 <= lead(frames, 4) < 4


def test_a_blend_is_most_free_in_its_middle() -> None:
    a, b = Given(6), Given(7, seed=1)
    (shot,) = blend(Request(prompt="", width=128, height=64, seconds=0.75), LAYOUT, [a, b])
    assert known(shot.canvas) == [0, 0, 0, 0.45, BLEND_STRENGTH, 0.45, 0, 0, 0]
    middle = shot.canvas.known_NC[32:40]
    assert torch.allclose(middle, patchify((a.begins[:, 4:5] + b.goes_on[:, 1:2]) / 2))
    (shot,) = blend(REQUEST, LAYOUT, [a, b], prompts=("a car", "a boat"))
    assert shot.canvas.prompts == ("a car", "a boat")
    assert (shot.canvas.reads_NP.sum(1) == 1).all()
    with pytest.raises(UserError, match="too short"):
        blend(REQUEST, LAYOUT, [Given(4), b])


def test_a_remix_repaints_all_of_it() -> None:
    (shot,) = remix(REQUEST, LAYOUT, [Given(3)], strength=0.25)
    assert known(shot.canvas) == [0.25] * 3
    assert torch.equal(shot.canvas.known_NC, patchify(Given(3).begins))


def test_an_edit_frees_the_tokens_that_the_region_touches() -> None:
    (shot,) = edit(REQUEST, LAYOUT, [Given(5)], region=(0.3, 0.5, 0.3, 0.5), start=0.5, stop=0.7)
    free_THW = shot.canvas.strength_N.reshape(GRID) == 1
    assert free_THW.any(dim=2).any(dim=1).tolist() == [False, False, True, True, False]
    assert free_THW[2].tolist() == [[False] * 4, [False, True, True, False]]
    (shot,) = edit(REQUEST, LAYOUT, [Given(5)], region=(0, 0, 1, 1))
    assert known(shot.canvas) == [1] * 5


@pytest.mark.parametrize("region", [(0.5, 0, 0.6, 1), (-0.1, 0, 1, 1), (0, 0, 0, 1), (0, 0, float("nan"), 1)])
def test_a_region_lies_in_the_picture(region: tuple[float, float, float, float]) -> None:
    with pytest.raises(UserError, match="region"):
        edit(REQUEST, LAYOUT, [Given(5)], region=region)


def test_a_recut_keeps_spans_where_they_are() -> None:
    (shot,) = recut(REQUEST, LAYOUT, [Given(9)], keep=[(0, 0.5), (1.5, 2.0)])
    assert known(shot.canvas) == [0, 0, 0, 1, 1, 1, 0, 0, 0]
    for keep in ([], [(1.0, 1.0)], [(3.0, 4.0)], [(-1.0, 1.0)]):
        with pytest.raises(UserError):
            recut(REQUEST, LAYOUT, [Given(9)], keep=keep)


def test_a_storyboard_cuts_or_flows() -> None:
    still = Given(1)
    scenes = [
        Scene(start=0, stop=1, text="a car"),
        Scene(start=1, stop=2, text="a boat", clip=still),
        Scene(start=2, stop=2.5, text="a bird", flows=True),
    ]
    first, second = storyboard(REQUEST, LAYOUT, scenes=scenes)
    assert (first.canvas.grid[0], first.frames, second.canvas.grid[0], second.frames) == (5, 16, 7, 24)
    assert known(second.canvas) == [0, 1, 1, 1, 1, 1, 1]
    assert second.canvas.prompts == ("a boat", "a bird")
    assert second.canvas.reads_NP.reshape(7, 8, 2)[:, 0].tolist() == [[True, False]] * 4 + [[False, True]] * 3


def test_a_storyboard_of_one_card_is_text_to_video() -> None:
    (card,) = storyboard(REQUEST, LAYOUT, scenes=[Scene(start=0, stop=1, text=REQUEST.text)])
    (plain,) = text_to_video(REQUEST, LAYOUT)
    for name in ("known_NC", "strength_N", "pos_N3", "reads_NP"):
        assert torch.equal(getattr(card.canvas, name), getattr(plain.canvas, name))
    assert (card.canvas.prompts, card.frames) == (plain.canvas.prompts, plain.frames)


def test_the_helpers_of_training_paint_the_same() -> None:
    canvas = end_with(begin_with(blank(GRID, 12), Given(1).opening()), Given(3).ongoing())
    assert known(canvas) == [0, 1, 1, 0, 0]


@pytest.mark.parametrize(
    ("mode", "clips"), [("text", 1), ("image", 0), ("image", 3), ("loop", 2), ("extend", 0), ("blend", 1), ("remix", 2)]
)
def test_a_mode_says_what_it_is_made_of(mode: str, clips: int) -> None:
    with pytest.raises(UserError, match="take"):
        partial(MODES[mode])(REQUEST, LAYOUT, [Given(3)] * clips)
