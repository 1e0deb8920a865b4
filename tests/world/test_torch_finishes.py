"""Finishes of many frames agree with those of one."""

import numpy as np
import pytest
import torch

from yozora.world import finishes, torch_finishes
from yozora.world.styles import STYLES

MOMENTS = ((3, 0), (3, 7), (40, 2))


def frames(seed: int = 1) -> torch.Tensor:
    """Smooth pictures [M, H, W, 3]."""
    rows = torch.nn.functional.interpolate(
        torch.rand(len(MOMENTS), 3, 5, 7, generator=torch.Generator().manual_seed(seed)), (54, 96), mode="bilinear"
    )
    return rows.permute(0, 2, 3, 1).contiguous()


@pytest.mark.parametrize("style", STYLES)
def test_many_frames_are_finished_as_one_is(style: str) -> None:
    image_MHWC = frames()
    done = torch_finishes.finish(style, image_MHWC.clone(), MOMENTS).numpy()
    for image_HWC, finished_HWC, moment in zip(image_MHWC.numpy(), done, MOMENTS, strict=True):
        alone_3HW = finishes.finish(style, image_HWC.transpose(2, 0, 1).copy(), *moment)
        assert np.abs(alone_3HW.transpose(1, 2, 0) - finished_HWC).mean() < 2e-3


def test_what_has_no_finish_stays() -> None:
    image = frames()
    assert torch_finishes.finish("paper", image, MOMENTS) is image


def test_only_vintage_depends_on_the_moment() -> None:
    same = frames()[:1].expand(3, -1, -1, -1).contiguous()
    for style in STYLES:
        done = torch_finishes.finish(style, same.clone(), MOMENTS)
        assert bool((done[0] == done[2]).all()) == (style != "vintage")
