"""The moves that tokens are taught are those of the renderer."""

import numpy as np
import torch
from torch import nn

from yozora.canvas import lattice
from yozora.model.carry import Carrier, Sources
from yozora.train.data import to_video, way_of
from yozora.train.motion import moves
from yozora.world.render import render, ways
from yozora.world.scene import Actor, Scene

SCENE = Scene(
    seed=3,
    place="park",
    actors=(
        Actor(noun="dog", action="walk", direction="right", x=0.3, y=0.9, height=0.5, speed=1 / 7),
        Actor(noun="bus", action="stand", x=0.8, y=0.9, height=0.4),
    ),
)
GRID = (4, 4, 7)


def test_ways_lead_to_where_the_renderer_puts_cut_outs() -> None:
    take = render(SCENE, width=224, height=128, frames=13)
    way_AT23 = ways(SCENE, width=224, height=128, frames=13)
    middle_AT2 = way_AT23 @ np.array([0.0, -0.5, 1.0], np.float32)
    box_AT4 = take.tracks_AT4
    assert np.all((box_AT4[..., :2] < middle_AT2) & (middle_AT2 < box_AT4[..., 2:]))
    assert np.allclose((box_AT4[..., :2] + box_AT4[..., 2:]) / 2, middle_AT2, atol=6)


class Known(nn.Module):
    """Cuts out what the renderer says."""

    def __init__(self, mask_U1HW: torch.Tensor) -> None:
        super().__init__()
        self.mask_U1HW = mask_U1HW

    def forward(self, picture_U3HW: torch.Tensor) -> torch.Tensor:
        return (self.mask_U1HW - 0.5) * 100


def test_a_first_frame_that_is_carried_by_them_is_the_film() -> None:
    """Each actor by its own way; latents are blocks of 4x4x4 pixels as they are, so that tokens have 32 pixels."""
    take = render(SCENE, width=224, height=128, frames=13)
    video = to_video(take.frames_THWC)
    carrier = Carrier(192, (4, 4, 4), (1, 8, 8))
    for linear in (carrier.up, carrier.down):
        nn.init.eye_(linear.weight)
        nn.init.zeros_(linear.bias)
    carrier.cutter = Known(torch.from_numpy(take.masks_ATHW.any(0)[:1])[None].float())  # type: ignore[assignment]
    time_BN = (torch.arange(112) >= 28).float()[None]
    sources = Sources.of(time_BN, lattice(GRID))
    assert sources is not None
    true_GRQK23, weight_GRQ = moves([way_of(SCENE, GRID)], range(4), sources)
    move_BNK23 = torch.zeros(1, 112, 4, 2, 3)
    move_BNK23[0, 28:] = true_GRQK23.flatten(0, 2)
    first = video[:, :1].expand(-1, 4, -1, -1)
    tiles = [
        part.unflatten(3, (7, 32)).unflatten(2, (4, 32)).permute(2, 4, 0, 1, 3, 5).flatten(0, 1)
        for part in (first, *video[:, 1:].split(4, dim=1))
    ]
    x_BNC = torch.cat([carrier._tokens(tile) for tile in tiles])[None]
    stage = render(Scene(seed=3, place="park"), width=224, height=128, frames=1)
    behind = to_video(stage.frames_THWC).expand(-1, 4, -1, -1)
    behind_NC = carrier._tokens(
        behind.unflatten(3, (7, 32)).unflatten(2, (4, 32)).permute(2, 4, 0, 1, 3, 5).flatten(0, 1)
    )
    content_BNC, there_BN1 = carrier.show(carrier.lay(x_BNC, move_BNK23, sources), behind_NC.repeat(4, 1)[None])
    moved = take.masks_ATHW.any(0).any(0)
    assert moved.any()
    free = there_BN1[0, :, 0]
    still_NC = x_BNC[0, :28].repeat(4, 1)
    carried, left = ((of - x_BNC[0])[free].square().mean() for of in (content_BNC[0], still_NC))
    assert carried < 0.15 * left
    assert (weight_GRQ > 0.5).any()
    assert (weight_GRQ < 0.1).any()
