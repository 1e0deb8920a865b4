"""Batches for the parser: worn renders with targets for the eye, and squares about actors, whole and broken.

Knows the shapes that the parser's parts take, but none of their weights.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from yozora.evaluate.close import squares
from yozora.evaluate.coded import Pair
from yozora.evaluate.data import TakeBatch
from yozora.evaluate.eye import CELL
from yozora.evaluate.melting import melt

BROKEN = 0.4  # of them are shown broken as well
CHANGED = 0.2  # of the contrast in a square: less is not called broken
BARE = 0.1  # and so many squares without an actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What the eye should see in M frames."""

    centre_MHW: Tensor  # 1 at centres, falling off about them
    weight_MHW: Tensor  # 0 where an actor is hardly in sight
    frame_N: Tensor  # of each actor in sight
    cell_N: Tensor  # index of its cell
    box_N4: Tensor  # as in `Glance`, the place within the cell in 0..1


def targets(rendered: TakeBatch, frames: Tensor) -> Targets:
    """Targets for the frames (indices into T) of every take, take after take."""
    box_MA4, seen_MA, hidden_MA = (
        of[:, frames].flatten(0, 1) for of in (rendered.box_BTA4, rendered.seen_BTA, rendered.hidden_BTA)
    )
    height, width = rendered.video_BTCHW.shape[-2] // CELL, rendered.video_BTCHW.shape[-1] // CELL
    scale = torch.tensor([width, height], dtype=torch.float32)
    place_MA2 = box_MA4[..., :2] * scale
    cell_MA2 = torch.minimum(place_MA2.floor().clamp_min(0), scale - 1)
    size_MA2 = (box_MA4[..., 2:] * scale).clamp_min(0.3)
    spread_MA = (0.13 * (size_MA2[..., 0] * size_MA2[..., 1]).sqrt()).clamp_min(0.5)
    x = torch.arange(width) - cell_MA2[..., 0, None]
    y = torch.arange(height) - cell_MA2[..., 1, None]
    hills = torch.exp(-(x[..., None, :] ** 2 + y[..., None] ** 2) / (2 * spread_MA[..., None, None] ** 2))  # M, A, H, W
    near = hills * hidden_MA[..., None, None]
    frame_N, actor_N = seen_MA.nonzero(as_tuple=True)
    cell = (cell_MA2[..., 1] * width + cell_MA2[..., 0]).long()
    within = (place_MA2 - cell_MA2).clamp(0, 1)
    return Targets(
        centre_MHW=(hills * seen_MA[..., None, None]).amax(1),
        weight_MHW=1.0 - (near.amax(1) > 0.1).float(),
        frame_N=frame_N,
        cell_N=cell[frame_N, actor_N],
        box_N4=torch.cat([within, size_MA2.log()], -1)[frame_N, actor_N],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Squares:
    """N squares; the first of them show whole actors."""

    pixels_NCHW: Tensor
    noun_N: Tensor  # of the whole ones
    color_N: Tensor  # of the whole ones; -1 in black and white
    melted_N: Tensor  # float32: 0 whole, 1 broken or no actor


def cut(rendered: TakeBatch, most: int, grey_B: Tensor, generator: torch.Generator) -> Squares:
    """Squares about up to `most` actors in sight, whole and broken, and some beside them. `grey_B`: takes in black and
    white."""
    frames_MCHW = rendered.video_BTCHW.flatten(0, 1)
    steps = rendered.video_BTCHW.shape[1]
    frame, actor = rendered.seen_BTA.flatten(0, 1).nonzero(as_tuple=True)
    some = torch.randperm(len(frame), generator=generator)[:most]
    frame, actor = frame[some], actor[some]
    box = rendered.box_BTA4.flatten(0, 1)[frame, actor]
    whole = squares(frames_MCHW, frame, jitter(box, generator))
    broken = int(BROKEN * len(box))
    near, far = _shift_boxes(box[:broken], 0.12, 0.7, generator), _shift_boxes(box[:broken], 1.2, 2.5, generator)
    takes = frame // steps
    then = takes[:broken] * steps + torch.randint(steps, (broken,), generator=generator)
    beside = squares(frames_MCHW, then, near)
    empty = squares(frames_MCHW, frame[:broken], far)
    worse = melt(whole[:broken], beside, empty, generator) if broken else whole[:0]
    worse = worse[changed(whole[:broken], worse) > CHANGED]
    bare = empty[: round(BARE * len(box))]
    clear = _clear(rendered, frame[: len(bare)], far[: len(bare)])
    pixels = torch.cat([whole, worse, bare[clear]])
    color = torch.where(grey_B[takes], -1, rendered.color_BA[takes, actor])
    return Squares(
        pixels_NCHW=pixels,
        noun_N=rendered.noun_BA[takes, actor],
        color_N=color,
        melted_N=(torch.arange(len(pixels)) >= len(whole)).float(),
    )


def cut_coded(pair: Pair, takes: Tensor, generator: torch.Generator) -> Squares:
    """Squares about the actors of these takes, whole and broken, in one frame each."""
    steps = pair.whole.video_BTCHW.shape[1]
    when = torch.randint(steps, (len(takes),), generator=generator)
    row, actor = pair.whole.seen_BTA[takes, when].nonzero(as_tuple=True)
    box = jitter(pair.whole.box_BTA4[takes[row], when[row], actor], generator)
    whole, broken = (squares(video[takes, when], row, box) for video in (pair.whole.video_BTCHW, pair.broken_BTCHW))
    worse = broken[changed(whole, broken) > CHANGED]
    return Squares(
        pixels_NCHW=torch.cat([whole, worse]),
        noun_N=pair.whole.noun_BA[takes[row], actor],
        color_N=torch.full((len(row),), -1),
        melted_N=(torch.arange(len(whole) + len(worse)) >= len(whole)).float(),
    )


def together(a: Squares, b: Squares) -> Squares:
    """Both, the whole ones of both first."""
    whole = [of.pixels_NCHW[: len(of.noun_N)] for of in (a, b)]
    rest = [of.pixels_NCHW[len(of.noun_N) :] for of in (a, b)]
    melted = [of.melted_N[: len(of.noun_N)] for of in (a, b)] + [of.melted_N[len(of.noun_N) :] for of in (a, b)]
    return Squares(
        pixels_NCHW=torch.cat([*whole, *rest]),
        noun_N=torch.cat([a.noun_N, b.noun_N]),
        color_N=torch.cat([a.color_N, b.color_N]),
        melted_N=torch.cat(melted),
    )


def changed(whole_NCHW: Tensor, broken_NCHW: Tensor) -> Tensor:
    """By how much the middle of each square differs, in standard deviations of the whole one."""
    inner = slice(10, -10)
    before, after = whole_NCHW[:, :, inner, inner], broken_NCHW[:, :, inner, inner]
    return (after - before).abs().mean((1, 2, 3)) / before.std((1, 2, 3)).clamp_min(0.02)


def jitter(box_N4: Tensor, generator: torch.Generator, amount: float = 0.06) -> Tensor:
    """Boxes about as exact as those of the eye."""
    off = amount * torch.randn(box_N4.shape, generator=generator)
    return torch.cat([box_N4[..., :2] + off[..., :2] * box_N4[..., 2:], box_N4[..., 2:] * off[..., 2:].exp()], -1)


def _shift_boxes(box_N4: Tensor, least: float, most: float, generator: torch.Generator) -> Tensor:
    """Boxes moved by so many of their sizes in any direction, but not out of the picture."""
    turn = 6.2832 * torch.rand(len(box_N4), generator=generator)
    far = least + (most - least) * torch.rand(len(box_N4), generator=generator)
    shift = torch.stack([turn.cos(), turn.sin()], 1) * far[:, None] * box_N4[:, 2:]
    place = box_N4[:, :2] + shift
    outside = (place < 0.05) | (place > 0.95)
    return torch.cat([torch.where(outside, box_N4[:, :2] - shift, place).clamp(0.02, 0.98), box_N4[:, 2:]], 1)


def _clear(rendered: TakeBatch, frame_N: Tensor, box_N4: Tensor) -> Tensor:
    """Whether no actor's centre is near."""
    there = rendered.box_BTA4.flatten(0, 1)[frame_N]
    known = (rendered.seen_BTA | rendered.hidden_BTA).flatten(0, 1)[frame_N]
    away = (there[..., :2] - box_N4[:, None, :2]).abs()
    touch = (away < 0.4 * (there[..., 2:] + box_N4[:, None, 2:])).all(-1)
    return ~(touch & known).any(1)
