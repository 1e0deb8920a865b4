"""What weights are given of a film where known tokens are not how they were trained: channels, control, references.

A mode is painted twice over with the same painters: here in pixels instead of latents. A token of such a canvas holds
the pixels of its place, and whether each is known; what the weights take is encoded from that, as their reference
implementation does it. Knows no mode, no file and no prompt.

Names of shapes: as in `yozora.core.canvas`; F H W are frames, rows and columns of pixels, S patches of a picture.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from yozora.core.canvas import Canvas, Layout, patchify, picture, unpatchify
from yozora.core.painters import lead
from yozora.engine.encoding import ModelSource, as_bytes, standing
from yozora.engine.parts import ImageEncoder
from yozora.families.preset import Conditioning

Frames = NDArray[np.uint8]
Encode = Callable[[Tensor], Tensor]
"""Frames `[3, 4n + 1, H, W]` in -1..1 to latents `[c, n + 1, h, w]`, float32 on the CPU."""
PIXEL = 4
"""Numbers of a pixel: three colours in -1..1, and 1 where it is known."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conditions:
    """What the transformer gets beside the tokens of a canvas; None: nothing."""

    channels_NC: Tensor | None = None
    control_NC: Tensor | None = None
    image_BSD: Tensor | None = None


NONE = Conditions()


def pixel_layout(layout: Layout) -> Layout:
    """The layout of a canvas that holds pixels in the places of latents."""
    t, h, w = layout.stride
    return replace(layout, channels=PIXEL * t * h * w)


class Pixels:
    """A source as pixels in the places of latents, `[c, t, h, w]`; see `yozora.core.painters.Clip`."""

    def __init__(self, layout: Layout, source: ModelSource, count: int | None = None) -> None:
        self.layout, self.source, self.count = layout, source, count
        self.stride = layout.stride[0]

    @property
    def frames(self) -> int:
        return self.source.count if self.count is None else min(self.count, self.source.count)

    def first(self) -> "Pixels":
        return Pixels(self.layout, self.source, 1)

    def opening(self, *, whole: bool = False, head: int | None = None) -> Tensor:
        count = self.frames if head is None else min(self.frames, (head - 1) * self.stride + 1)
        last = count + -(count - 1) % self.stride if whole else count - (count - 1) % self.stride
        return self._folded(standing(self._first_frames(count), last), before=self.stride - 1)

    def ongoing(self, *, whole: bool = False, head: int | None = None) -> Tensor:
        count = self.frames if head is None else min(self.frames, head * self.stride)
        if count < self.stride:  # what is before them in their latent is not known
            return self._folded(self._first_frames(count), before=self.stride - count)
        last = count + -count % self.stride if whole else count - count % self.stride
        return self._folded(standing(self._first_frames(count), last))

    def closing(self, *, tail: int | None = None) -> Tensor:
        count = self.frames if tail is None else min(self.frames, (tail - 1) * self.stride + 1)
        frames = list(self.source.closing(count))
        standing_first = [frames[0]] * lead(len(frames), self.stride)
        return self._folded(iter([*standing_first, *frames]), before=self.stride - 1)

    def _first_frames(self, count: int) -> Iterator[Frames]:
        return islice(self.source.frames(), count)

    def _folded(self, frames: Iterator[Frames], before: int = 0) -> Tensor:
        """Frames as pixels of latents, after so many that are not known."""
        known_FHWC = torch.from_numpy(np.stack(list(frames))).float().div(127.5).sub(1.0)
        pixels = F.pad(known_FHWC, (0, 1), value=1.0).permute(3, 0, 1, 2)
        cells_NC = patchify(F.pad(pixels, (0, 0, 0, 0, before, 0)), self.layout.stride)
        folded: Tensor = cells_NC.T.unflatten(1, self._grid(pixels.shape[1] + before, *known_FHWC.shape[1:3]))
        return folded

    def _grid(self, frames: int, height: int, width: int) -> tuple[int, int, int]:
        t, h, w = self.layout.stride
        return frames // t, height // h, width // w


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WindowPixels:
    """A window's pixels: `frames_CFHW` in -1..1 with zeros where nothing is known, `free_FHW` 1.0 there, else 0.0."""

    frames_CFHW: Tensor
    free_FHW: Tensor


def unfolded(cells_CTHW: Tensor, layout: Layout) -> Tensor:
    """Pixels in the places of latents as frames `[4, F, H, W]` again."""
    return unpatchify(cells_CTHW.flatten(1).T, cells_CTHW.shape[1:], layout.stride)


def shown(window: Canvas, layout: Layout) -> WindowPixels:
    """What is known of a window of a canvas of pixels: of its first latent the last frame alone, as a film begins."""
    stride, first = layout.stride, layout.stride[0] - 1
    pixels = unfolded(picture(window, window.known_NC, layout.patch), layout)
    strength = window.strength_N[: window.picture_tokens].reshape(window.grid)
    kept = strength.eq(0)
    for axis, size in enumerate(a * b for a, b in zip(stride, layout.patch, strict=True)):
        kept = kept.repeat_interleave(size, dim=axis)
    known_FHW = (pixels[3] > 0.5) & kept
    return WindowPixels(
        frames_CFHW=(pixels[:3] * known_FHW)[:, first:],
        free_FHW=(~known_FHW).float()[first:],
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conditioner:
    """Turns windows of pixels into canvases of latents, and what is given beside them."""

    kind: Conditioning
    layout: Layout  # of latents
    encode: Encode
    images: ImageEncoder | None = None

    @property
    def pixels(self) -> Layout:
        """The layout of the canvases that it takes."""
        return pixel_layout(self.layout)

    def __call__(self, window: Canvas) -> tuple[Canvas, Conditions]:
        """The canvas to be filled: all of it is invented, or repainted at one strength, guided by the conditions."""
        seen = shown(window, self.pixels)
        canvas = self._clear_known(window)
        if self.kind == "channels":
            channels_NC = self._to_tokens(torch.cat((frame_mask(seen, self.layout), self.encode(seen.frames_CFHW))))
            return canvas, Conditions(channels_NC=channels_NC, image_BSD=self._images(seen))
        control = torch.cat((self._context(seen), control_mask(seen, self.layout)))
        control_NC = torch.cat([self._to_tokens(control), *self._references(window, control)])
        return canvas, Conditions(control_NC=control_NC)

    def _clear_known(self, window: Canvas) -> Canvas:
        N, strength_N = len(window.strength_N), torch.ones_like(window.strength_N)
        picture_N = window.strength_N[: window.picture_tokens]
        known_NC = torch.zeros(N, self.layout.token_channels)
        if bool(((picture_N > 0) & (picture_N < 1)).any()):
            pixels = unfolded(picture(window, window.known_NC, self.layout.patch), self.layout)
            latents = self.encode(pixels[:3, self.layout.stride[0] - 1 :])
            known_NC[: window.picture_tokens] = self._to_tokens(latents)
            strength_N[: window.picture_tokens] = picture_N
        return replace(window, known_NC=known_NC, strength_N=strength_N)

    def _to_tokens(self, latents_CTHW: Tensor) -> Tensor:
        return patchify(latents_CTHW, self.layout.patch)

    def _images(self, seen: WindowPixels) -> Tensor | None:
        """Features of the first frame, and of the last where it is known."""
        if self.images is None:
            return None
        known_F = seen.free_FHW.flatten(1).amax(1).eq(0)
        chosen = [0, -1] if len(known_F) > 1 and bool(known_F[-1]) else [0]
        return self.images.encode([as_bytes(seen.frames_CFHW[:, index]).permute(1, 2, 0).numpy() for index in chosen])

    def _context(self, seen: WindowPixels) -> Tensor:
        """Latents of what is kept, and of what is to be repainted, of which nothing is shown: `[2c, t, h, w]`."""
        return torch.cat((self.encode(seen.frames_CFHW), self.encode(torch.zeros_like(seen.frames_CFHW))))

    def _references(self, window: Canvas, control: Tensor) -> list[Tensor]:
        """Control of the tokens that inform the picture, each still of its size."""
        informs_NC = window.known_NC[window.picture_tokens :]
        size = window.grid[1] * window.grid[2]
        found = []
        for still_NC in informs_NC.split(size) if len(informs_NC) else ():
            pixels = unfolded(unpatchify(still_NC, (1, *window.grid[1:]), self.layout.patch), self.layout)
            latents = self.encode(pixels[:3, -1:])
            found.append(self._to_tokens(F.pad(latents, (0, 0, 0, 0, 0, 0, 0, len(control) - len(latents)))))
        return found


def frame_mask(seen: WindowPixels, layout: Layout) -> Tensor:
    """`[4, t, h, w]`: 1 where a latent's frame is known as a whole; its first latent's frame counts for all four
    (diffusers, `WanImageToVideoPipeline.prepare_latents`).
    """
    stride, h, w = layout.stride
    known_F = seen.free_FHW.flatten(1).amax(1).eq(0).float()
    four_TS: Tensor = torch.cat((known_F[:1].expand(stride), known_F[1:])).unflatten(0, (-1, stride))
    height, width = seen.free_FHW.shape[1] // h, seen.free_FHW.shape[2] // w
    return four_TS.T[:, :, None, None].expand(-1, -1, height, width)


def control_mask(seen: WindowPixels, layout: Layout) -> Tensor:
    """`[h * w, t, rows, columns]`: a latent's 8 x 8 pixels as channels, 1 where they are to be made; of its frames one
    is looked at, whichever nearest-exact interpolation takes (diffusers, `WanVACEPipeline.prepare_masks`).
    """
    _, h, w = layout.stride
    cells = seen.free_FHW.unflatten(2, (-1, w)).unflatten(1, (-1, h)).permute(2, 4, 0, 1, 3).flatten(0, 1)
    size = ((cells.shape[1] + layout.stride[0] - 1) // layout.stride[0], *cells.shape[2:])
    return F.interpolate(cells[None], size=size, mode="nearest-exact")[0]


def frames_as_pixels(frames: list[Frames], layout: Layout) -> Tensor:
    """Frames of a window, as they were decoded, as the tokens of its pixels; of the first latent one frame is known."""
    known = Pixels(layout, _Held(frames))
    return patchify(known.opening(), layout.patch)


@dataclass(frozen=True, slots=True)
class _Held:
    held: list[Frames]

    @property
    def count(self) -> int:
        return len(self.held)

    def frames(self) -> Iterator[Frames]:
        return iter(self.held)

    def closing(self, count: int) -> Iterator[Frames]:
        return iter(self.held[-count:])
