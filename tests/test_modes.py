"""Each mode paints the canvas that the table of the design says."""

import pytest
import torch

from yozora.canvas import Layout, blank, patchify
from yozora.errors import UserError
from yozora.modes import MODES, begin_with, end_with, image_to_video, loop, text_to_video
from yozora.request import Request

REQUEST = Request(prompt="a red car", style="noir", width=128, height=64, seconds=1.0)
LAYOUT = Layout(channels=3)
GRID = (5, 2, 4)


def clip(frames: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(3, frames, 4, 8, generator=torch.Generator().manual_seed(seed))


def test_text_to_video_invents_everything() -> None:
    canvas = text_to_video(REQUEST, LAYOUT)
    assert canvas.grid == GRID
    assert canvas.known_NC.shape == (40, 12)
    assert (canvas.strength_N == 1).all()
    assert canvas.prompts == ("a red car, noir",)
    assert canvas.reads_NP.all()


@pytest.mark.parametrize("frames", [1, 3])
def test_image_to_video_keeps_the_beginning(frames: int) -> None:
    canvas = image_to_video(REQUEST, LAYOUT, [clip(frames)])
    assert torch.equal(canvas.known_NC[: frames * 8], patchify(clip(frames)))
    assert (canvas.strength_N.reshape(5, 8) == 0).all(dim=1).tolist() == [n < frames for n in range(5)]
    assert canvas.prompts == ("a red car, noir",)


def test_loop_keeps_both_ends() -> None:
    tail, head = clip(1, seed=1), clip(2, seed=2)
    canvas = loop(REQUEST, LAYOUT, [tail, head])
    assert torch.equal(canvas.known_NC[:8], patchify(tail))
    assert torch.equal(canvas.known_NC[24:], patchify(head))
    assert canvas.strength_N.reshape(5, 8)[:, 0].tolist() == [0, 1, 1, 0, 0]


def test_the_helpers_of_training_paint_the_same() -> None:
    canvas = end_with(begin_with(blank(GRID, 12), clip(1)), clip(2))
    assert canvas.strength_N.reshape(5, 8)[:, 0].tolist() == [0, 1, 1, 0, 0]


@pytest.mark.parametrize(("mode", "clips"), [("text", 1), ("image", 0), ("image", 2), ("loop", 1)])
def test_a_mode_says_what_it_is_made_of(mode: str, clips: int) -> None:
    with pytest.raises(UserError, match="take"):
        MODES[mode](REQUEST, LAYOUT, [clip(1)] * clips)
