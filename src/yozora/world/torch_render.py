"""The renderer in torch: many scenes at once, on any device, the same pictures as render.py's.

What to draw comes from torch_plan.py, torch_paint.py draws it; here scenes are put together that can be drawn together,
and finished in their style. A processor plans, so that what it costs does not depend on the size of the picture.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from yozora.errors import UserError
from yozora.world import torch_finishes
from yozora.world.scene import Scene
from yozora.world.torch_paint import WORDS, Bank, FrameBuffer, Pass, Studio, bank_of
from yozora.world.torch_strokes import UNOWNED, Kind, SpriteKey, Stroke, StrokePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedBatch:
    """What was filmed, of all scenes, on the device; A: the most actors that a scene has."""

    frames_BTHWC: Tensor  # uint8
    masks_BATHW: Tensor  # bool, the pixels where each actor is what one sees; False for actors that a scene lacks
    tracks_BAT4: Tensor  # float32, x0, y0, x1, y1 of each whole cut-out in pixels, hidden or not; 0 where lacking
    depth_BA: Tensor  # int64, 0: drawn first, the farthest; -1 where lacking


PIXELS = 2**25
"""How many are drawn at once, about 150 bytes each."""


def render_batch(
    scenes: Sequence[Scene],
    *,
    width: int,
    height: int,
    frames: int,
    fps: float = 16.0,
    device: str | torch.device = "cpu",
    dtype: torch.dtype = torch.float32,
    variety: int | None = None,
) -> RenderedBatch:
    """Film scenes: `frames` frames of width x height at `fps` each, from second 0 on; agrees with render.render.

    dtype: of textures and pictures while drawing (float16, bfloat16 or float32). variety: how many stages differ for
    the same place, light and camera (a scene's stage is that of seed % variety), so that they can be kept from call to
    call; None: each seed has its own. Raises UserError without scenes or with a dtype that is none of these.
    """
    if not scenes:
        raise UserError("There is no scene to render.", "Pass at least one.", code="scenes_missing")
    if dtype not in WORDS:
        raise UserError(f"{dtype} is not supported.", f"Use {' or '.join(map(str, WORDS))}.", code="dtype_unsupported")
    studio = _studio(str(device), dtype, variety)
    seconds_T = (np.arange(frames) / fps).astype(np.float32)
    most = max(len(scene.actors) for scene in scenes)
    out = _unfilled(len(scenes), most, (frames, height, width), torch.device(device))
    together = max(1, PIXELS // (width * height * frames))
    for style in dict.fromkeys(scene.style for scene in scenes):
        alike = [index for index, scene in enumerate(scenes) if scene.style == style]
        for first in range(0, len(alike), together):
            chosen = alike[first : first + together]
            plans = [studio.planner.plan(scenes[index], width, height, seconds_T) for index in chosen]
            shooting = _Shooting(
                studio=studio,
                plans=plans,
                style=style,
                seeds=[scenes[index].seed for index in chosen],
                ticks=[int(second * 16 + 0.5) for second in seconds_T.tolist()],
            )
            shooting.into(out, chosen, max(1, PIXELS // (width * height)))
    return out


def _unfilled(scenes: int, actors: int, shape: tuple[int, int, int], device: torch.device) -> RenderedBatch:
    """A batch for so many scenes; shape: frames, height, width."""
    return RenderedBatch(
        frames_BTHWC=torch.empty((scenes, *shape, 3), dtype=torch.uint8, device=device),
        masks_BATHW=torch.zeros((scenes, actors, *shape), dtype=torch.bool, device=device),
        tracks_BAT4=torch.zeros((scenes, actors, shape[0], 4), device=device),
        depth_BA=torch.full((scenes, actors), -1, dtype=torch.int64, device=device),
    )


@lru_cache(maxsize=4)
def _studio(device: str, dtype: torch.dtype, variety: int | None) -> Studio:
    return Studio(device, dtype, variety)


# -------------------------------------------------------------------- film


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shooting:
    """Scenes of one style that are drawn together."""

    studio: Studio
    plans: list[StrokePlan]
    style: str
    seeds: list[int]
    ticks: list[int]  # of 1/16 s, for what flickers

    def into(self, out: RenderedBatch, chosen: Sequence[int], pixels: int) -> None:
        """Draw the scenes into the places `chosen` of a batch, about so many pixels at once."""
        bank = bank_of(self.plans, self.studio)
        _, frames, height, width, _ = out.frames_BTHWC.shape
        where = torch.tensor(chosen, device=self.studio.device)
        step = max(1, pixels // (width * height * len(chosen)))
        for first in range(0, frames, step):
            span = slice(first, min(frames, first + step))
            image_MHWC, owner_MHW = self._draw(span, bank)
            image_MHWC = (self._apply_style(image_MHWC.float(), span) * 255.0 + 0.5).clamp(0, 255).to(torch.uint8)
            if image_MHWC.shape[1:3] != (height, width):
                image_MHWC, owner_MHW = _enlarge(image_MHWC, height, width), _enlarge(owner_MHW, height, width)
            out.frames_BTHWC[where, span] = image_MHWC.unflatten(0, (len(chosen), -1))
            owner_BTHW = owner_MHW.unflatten(0, (len(chosen), -1))
            for actor in range(out.masks_BATHW.shape[1]):
                out.masks_BATHW[where, actor, span] = owner_BTHW == actor
        for index, plan in zip(chosen, self.plans, strict=True):
            out.depth_BA[index, : len(plan.depth_A)] = torch.from_numpy(plan.depth_A)
        self._track(out, where, bank)

    def _draw(self, span: slice, bank: Bank) -> tuple[Tensor, Tensor]:
        """Images [M, H, W, 3] before the style's finish, and who owns each pixel [M, H, W]."""
        width, height = self.plans[0].size
        shape = (len(self.plans) * (span.stop - span.start), height, width)
        canvas = FrameBuffer(
            image_MHWC=torch.zeros((*shape, 3), dtype=self.studio.dtype, device=self.studio.device),
            owner_MHW=torch.full(shape, UNOWNED, dtype=torch.int8, device=self.studio.device),
            bank=bank,
        )
        for work in self._passes(span, bank):
            canvas.draw(work)
        return canvas.image_MHWC, canvas.owner_MHW

    def _rows(self) -> Iterator[tuple[Kind, list[int], list[Stroke]]]:
        """Strokes that come at the same time, with the numbers of their scenes; those behind a pane by themselves."""
        for key in sorted({key for plan in self.plans for key in plan.strokes}):
            stacks = [plan.strokes.get(key, []) for plan in self.plans]
            for number in range(max(map(len, stacks))):
                who = [index for index, stack in enumerate(stacks) if len(stack) > number]
                for paned in (False, True):
                    part = [index for index in who if (stacks[index][number].pane is not None) == paned]
                    if part:
                        yield key[1], part, [stacks[index][number] for index in part]

    def _passes(self, span: slice, bank: Bank) -> list[Pass]:
        """All strokes, those of different scenes that come at the same time together; one upload for all."""
        frames, floats, ints = span.stop - span.start, _Cargo(np.float32), _Cargo(np.int32)
        passes = []
        for kind, part, strokes in self._rows():
            places_M8 = _placement_table(strokes, span, bank)
            across, down = places_M8[:, 1] - places_M8[:, 0], places_M8[:, 3] - places_M8[:, 2]
            if not np.any((across > 0) & (down > 0)):
                continue
            panes = [stroke.pane for stroke in strokes if stroke.pane is not None]
            pane_rows = np.concatenate([pane.numbers_TF[span] for pane in panes]) if panes else None
            paned = (
                None if pane_rows is None else (floats.add(pane_rows), ints.add(_placement_table(panes, span, bank)))
            )
            item_M = (np.array(part)[:, None] * frames + np.arange(frames)).ravel()
            passes.append(
                (
                    kind,
                    floats.add(np.concatenate([stroke.numbers_TF[span] for stroke in strokes])),
                    ints.add(places_M8),
                    ints.add(item_M),
                    len(part) == len(self.plans),
                    (int(across.max()), int(down.max())),
                    paned,
                )
            )
        floats.send(self.studio.device)
        ints.send(self.studio.device)
        return [
            Pass(
                kind=kind,
                numbers_MF=floats.take(numbers),
                places_M8=ints.take(places),
                item_M=ints.take(items).long(),
                everything=everything,
                span=extent,
                pane=None if pane is None else (floats.take(pane[0]), ints.take(pane[1])),
            )
            for kind, numbers, places, items, everything, extent, pane in passes
        ]

    def _track(self, out: RenderedBatch, where: Tensor, bank: Bank) -> None:
        _, frames, height, width, _ = out.frames_BTHWC.shape
        cast = out.masks_BATHW.shape[1]
        matrices = np.zeros((len(self.plans), cast, frames, 2, 3), np.float32)
        hulls = np.zeros((len(self.plans), cast, frames), np.int64)
        for index, plan in enumerate(self.plans):
            actors = len(plan.matrices_AT23)
            matrices[index, :actors] = plan.matrices_AT23
            for actor, textures in enumerate(plan.sprites_A):
                hulls[index, actor] = np.array(
                    [bank.hulls[key] for key in textures.unique if isinstance(key, SpriteKey)]
                )[textures.which_T]
        if not bank.hulls:
            return
        matrix = torch.from_numpy(matrices).to(self.studio.device)
        hull = bank.hull_KP2[torch.from_numpy(hulls).to(self.studio.device)]
        corners = hull @ matrix[..., :2].mT + matrix[..., 2][..., None, :]
        scale = torch.tensor((width / self.plans[0].size[0], height / self.plans[0].size[1]), device=self.studio.device)
        tracks_BAT4 = torch.cat((corners.amin(-2) * scale, corners.amax(-2) * scale), -1)
        out.tracks_BAT4[where] = tracks_BAT4 * (matrix != 0).any(-1).any(-1)[..., None]

    def _apply_style(self, image_MHWC: Tensor, span: slice) -> Tensor:
        """`finishes.finish` for all frames."""
        moments = [(seed, tick) for seed in self.seeds for tick in self.ticks[span]]
        return torch_finishes.finish(self.style, image_MHWC, moments)


class _Cargo:
    """Arrays that travel to a device together."""

    def __init__(self, dtype: type[np.generic]) -> None:
        self.dtype, self.parts, self.size = dtype, list[NDArray[Any]](), 0
        self.there = torch.empty(0)

    def add(self, part: NDArray[Any]) -> tuple[int, tuple[int, ...]]:
        """Pack an array; returns what `take` gives it back for."""
        self.parts.append(part.astype(self.dtype, copy=False).ravel())
        self.size += part.size
        return self.size - part.size, part.shape

    def send(self, device: torch.device) -> None:
        """Bring all of it there."""
        packed = np.concatenate(self.parts) if self.parts else np.zeros(0, self.dtype)
        self.there = torch.from_numpy(packed).to(device)

    def take(self, what: tuple[int, tuple[int, ...]]) -> Tensor:
        """The array, on the device."""
        first, shape = what
        return self.there[first : first + int(np.prod(shape))].view(shape)


def _placement_table(strokes: Sequence[Stroke], span: slice, bank: Bank) -> NDArray[np.int32]:
    out = np.zeros((len(strokes), span.stop - span.start, 8), np.int32)
    for place_T8, stroke in zip(out, strokes, strict=True):
        place_T8[:, :4] = stroke.bounds_T4[span]
        if stroke.textures is not None:
            table = np.array([bank.index[texture] for texture in stroke.textures.unique])
            place_T8[:, 4:] = table[stroke.textures.which_T[span]]
    return out.reshape(-1, 8)


# -------------------------------------------------------------------- styles


def _enlarge(image: Tensor, height: int, width: int) -> Tensor:
    """[M, h, w, ...] -> [M, height, width, ...] by repeating pixels."""
    rows = torch.arange(height, device=image.device) * image.shape[1] // height
    cols = torch.arange(width, device=image.device) * image.shape[2] // width
    return image[:, rows][:, :, cols]
