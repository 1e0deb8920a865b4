"""How an actor goes: fast or slowly, up and down, growing or not; what the camera adds to that is taken out first.

Knows neither pixels nor networks: it is given the way of an actor's box, and which move the camera is likely to make.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from yozora.world.cameras import CAMERAS, WIDEST, Camera

PACES = 14  # features of `paces`
_SPEEDS: tuple[Callable[[Camera], float], ...] = (
    lambda move: move.pan,
    lambda move: move.tilt,
    lambda move: max(0.0, move.zoom),
    lambda move: max(0.0, -move.zoom),
)


def steady(way_BT5: Tensor, camera_BV: Tensor, moves: Sequence[str], aspect_B: Tensor) -> Tensor:
    """The way as a camera at rest would see it, as near to everything as the world's own cameras are at rest.

    Args:
        way_BT5: centre x, y, width, height in 0..1 of the picture, and the seconds since the first frame.
        camera_BV: how likely each of the camera's `moves` is.
        aspect_B: width over height of the picture.
    """
    likely = [(CAMERAS[move], camera_BV[:, k, None]) for k, move in enumerate(moves)]
    time, aspect_B1 = way_BT5[..., 4], aspect_B[:, None]
    unit_B1 = (aspect_B1 * 9 / 16).sqrt().clamp_max(1.0)  # see `puppets.unit`
    pan_B1, tilt_B1, closer_B1, wider_B1 = (
        sum((speed_of(move) * share_B1 for move, share_B1 in likely), torch.zeros_like(aspect_B1))
        for speed_of in _SPEEDS
    )
    zoom = torch.exp(closer_B1 * time + wider_B1 * (WIDEST - time))
    right, down = pan_B1 * unit_B1 / aspect_B1 * time, tilt_B1 * unit_B1 * time
    x, y = (way_BT5[..., 0] - 0.5) / zoom + 0.5 + right, (way_BT5[..., 1] - 0.5) / zoom + 0.5 + down
    return torch.stack([x, y, way_BT5[..., 2] / zoom, way_BT5[..., 3] / zoom, time], -1)


def pace(way_BT5: Tensor) -> Tensor:
    """Of x, in picture widths a second `[B]`, right positive: the median from frame to frame, so that a frame or two
    in which an actor leaves the picture or is mistaken do not count. 0 where no time passes."""
    return _velocity(way_BT5)[..., 0].median(1).values


def paces(way_BT5: Tensor, aspect_B: Tensor) -> Tensor:
    """A steady way as features `[B, PACES]`: the pace in widths of the picture and in heights of the actor, how it
    strays from that, how its shape changes, and how long it is looked at."""
    time, place = way_BT5[..., 4], way_BT5[..., :2]
    passed = time - time.mean(1, keepdim=True)
    spread = (passed**2).sum(1, keepdim=True).clamp_min(0.05)
    slope_B2 = ((place - place.mean(1, keepdim=True)) * passed[..., None]).sum(1) / spread
    stray = place - slope_B2[:, None] * passed[..., None]
    velocity = _velocity(way_BT5)
    fast = torch.stack([pace(way_BT5), slope_B2[:, 0]], 1).abs()
    tall = way_BT5[..., 3].mean(1, keepdim=True).clamp_min(0.05)
    up = velocity[..., 1].abs().mean(1, keepdim=True)
    uneven = (velocity[..., 0] - pace(way_BT5)[:, None]).abs().mean(1, keepdim=True)
    size = way_BT5[..., 2:4].clamp_min(0.02).log()
    shape = torch.stack([size[..., 0].std(1), size[..., 1].std(1), (size[..., 0] - size[..., 1]).std(1)], 1)
    last = time[:, -1:]
    grown = (size[:, -1:, 1] - size[:, :1, 1]) / last.clamp_min(0.3)
    wide = tall / aspect_B[:, None]
    told = (8 * fast, fast / wide, 4 * up / tall, 2 * uneven / wide, 2 * (stray.amax(1) - stray.amin(1)) / tall)
    return torch.cat([*told, 4 * shape, 2 * grown, last / 2, 2 * tall], 1).clamp(-6, 6)


def _velocity(way_BT5: Tensor) -> Tensor:
    """Of the centre from frame to frame `[B, T - 1, 2]`, in widths and heights of the picture a second."""
    gap = (way_BT5[:, 1:, 4:] - way_BT5[:, :-1, 4:]).clamp_min(0.05)
    return (way_BT5[:, 1:, :2] - way_BT5[:, :-1, :2]) / gap
