"""Many pictures drawn at once in torch: textures in one bank of texels, quads that sample it, shadows and leaves.

Does the pixels' work of sprites.py, particles.py and render.py for the strokes of torch_plan.py. Knows no finishes.
Pictures are [..., 4] or [..., 3], premultiplied, in 0..1; M counts frames of any scenes.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from yozora.world import sprites
from yozora.world.paint import Floats
from yozora.world.torch_plan import Planner
from yozora.world.torch_strokes import KEEP, Kind, SpriteKey, StrokePlan

Index = dict[object, tuple[int, int, int, int]]  # texture -> first texel, stride, columns, rows
WORDS = {torch.float16: torch.int64, torch.bfloat16: torch.int64, torch.float32: torch.complex128}  # four numbers each


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Kept:
    """A picture on the device."""

    texels_N4: Tensor
    rows: int
    cols: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measures:
    """A cut-out in its own pixels: without pads, and the pads; and in those of its sprite: columns, and around it."""

    tall: int
    broad: int
    along: int
    across: int
    columns: int
    high: int
    side: int


class Studio:
    """What stays from call to call on a device: stages, cut-outs, tables of the styles."""

    def __init__(self, device: str, dtype: torch.dtype, variety: int | None) -> None:
        self.device, self.dtype = torch.device(device), dtype
        self.planner = Planner(self.keep, variety)
        self._sources: OrderedDict[tuple[object, ...], Tensor] = OrderedDict()

    def keep(self, image_4HW: Floats) -> _Kept:
        """Bring a picture to the device."""
        _, rows, cols = image_4HW.shape
        texels_4HW = torch.from_numpy(np.ascontiguousarray(image_4HW)).to(self.device)
        texels_N4 = texels_4HW.permute(1, 2, 0).reshape(-1, 4).to(self.dtype).contiguous()
        return _Kept(texels_N4=texels_N4, rows=rows, cols=cols)

    def source(self, key: SpriteKey) -> Tensor:
        """A cut-out as it comes [4, h, w]."""
        stored = self._stored(key)
        return stored if stored.is_floating_point() else stored.float() / 255

    def _stored(self, key: SpriteKey) -> Tensor:
        """A cut-out on the device; in bytes where it is posed, since there are many."""
        look = (key.noun, key.color, key.pose, key.variant, key.step)
        if look not in self._sources:
            planes = sprites._cropped(*look) if key.step == sprites.AS_DRAWN else sprites._posed(*look)
            self._sources[look] = torch.from_numpy(planes).to(self.device)
            if len(self._sources) > 16384:
                self._sources.popitem(last=False)
        return self._sources[look]

    def measure(self, key: SpriteKey) -> "_Measures":
        """How large a cut-out is and becomes."""
        _, rows, cols = self._stored(key).shape
        across, along = sprites.pads(key.noun, key.pose, key.variant, key.step)
        tall, broad = rows - 2 * along, cols - 2 * across
        high, side = key.around(tall, broad)
        return _Measures(
            tall=tall, broad=broad, along=along, across=across, columns=key.columns(broad / tall), high=high, side=side
        )


def _filter(axis_4K: Tensor, rows: int, cols: int) -> Tensor:
    """For axes (size in, size out, margin, pad): the triangle filters [K, rows, cols] of sprites._filter."""
    size_in_K, size_out_K, margin_K, pad_K = axis_4K.unbind()
    step_K11 = (size_in_K / size_out_K)[:, None, None]
    wide_K11 = step_K11.clamp(min=1.0)
    at_R = torch.arange(rows, device=step_K11.device, dtype=torch.float32)[:, None]
    centres_KR1 = (at_R - margin_K[:, None, None] + 0.5) * step_K11 - 0.5
    reach = int(torch.ceil(wide_K11.max() * 2.0)) + 1
    near_KR1 = torch.floor(centres_KR1) + torch.arange(-reach, reach + 1, device=step_K11.device)
    total_KR1 = (1 - (near_KR1 - centres_KR1).abs() / wide_K11).clamp(min=0).sum(-1, keepdim=True)
    away_KRC = torch.arange(cols, device=step_K11.device) - (centres_KR1 + pad_K[:, None, None])
    return (1 - away_KRC.abs() / wide_K11).clamp(min=0) / total_KR1


def _soft(size_K: Tensor, sigma_K: Tensor, rows: int) -> Tensor:
    """The Gaussian blurs [K, rows, rows] of sprites._soft, each for `size` rows."""
    at_R = torch.arange(rows, device=size_K.device)
    sigma_K11 = sigma_K.clamp(min=0.3)[:, None, None]
    weight_KRR = torch.exp(-0.5 * ((at_R[:, None] - at_R[None, :]) / sigma_K11) ** 2)
    weight_KRR = weight_KRR * (at_R < size_K[:, None])[:, None, :]
    return weight_KRR / weight_KRR.sum(-1).amax(-1)[:, None, None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cutouts:
    """Sprites of one padded size, with the outermost points (u, v) of what is opaque."""

    image_K4HW: Tensor
    hull_KP2: Tensor


def _side_by_side(images: Sequence[Tensor]) -> Tensor:
    """Pictures [4, h, w] of any size as one tensor [K, 4, H, W]; what is beyond them is empty."""
    tall, wide = max(image.shape[1] for image in images), max(image.shape[2] for image in images)
    out_K4HW = torch.zeros((len(images), 4, tall, wide), device=images[0].device)
    for number, image in enumerate(images):
        out_K4HW[number, :, : image.shape[1], : image.shape[2]] = image
    return out_K4HW


def _cutouts(keys: Sequence[SpriteKey], studio: Studio) -> _Cutouts:
    """sprites.sprite for many keys of one style."""
    sources = [studio.source(key) for key in keys]
    edge = keys[0].edge
    measures = [studio.measure(key) for key in keys]
    table = [
        (
            *(m.tall, key.size, m.high, m.along, m.broad, m.columns, m.side, m.across),
            *(key.picture, *key.light.actor, *key.light.lift),
        )
        for key, m in zip(keys, measures, strict=True)
    ]
    table_FK = torch.tensor(table, dtype=torch.float32).T.contiguous().to(studio.device)
    size_K, above_K, column_K, side_K, picture_K = (table_FK[row] for row in (1, 2, 5, 6, 8))
    source_K4HW = _side_by_side(sources)
    tall, wide = source_K4HW.shape[2:]
    rows = max(key.size + 2 * m.high for key, m in zip(keys, measures, strict=True))
    cols = max(m.columns + 2 * m.side for m in measures)
    down = _filter(table_FK[:4], rows, tall)[:, None]
    across = _filter(table_FK[4:8], cols, wide)[:, None].mT
    body = (down @ source_K4HW @ across).clamp(0, 1)
    alpha = body[:, 3:]
    actor_K3, lift_K3 = table_FK[9:12].T[..., None, None], table_FK[12:15].T[..., None, None]
    body = torch.cat((torch.minimum(body[:, :3] * actor_K3 + lift_K3 * alpha, alpha), alpha), 1)
    high_K, broad_K = size_K + 2 * above_K, column_K + 2 * side_K

    def blurred(sigma_K: Tensor) -> Tensor:
        return _soft(high_K, sigma_K, rows)[:, None] @ alpha @ _soft(broad_K, sigma_K, cols)[:, None].mT

    image = torch.zeros_like(body)
    if edge.shadow:
        image[:, 3:] = edge.shadow * blurred((0.012 * picture_K).clamp(min=1.0)).clamp(0, 1)
    if edge.alpha:
        rim_K = edge.width * picture_K
        band = (4.0 * blurred(rim_K)).clamp(0, 1) * edge.alpha * (rim_K > 0.3)[:, None, None, None]
        tone = torch.tensor(edge.color, device=studio.device)[:, None, None] * (0.25 + 0.75 * actor_K3)
        image = image * (1 - band) + torch.cat((tone * band, band), 1)
    image = image * (1 - alpha) + body
    foot_K2 = torch.stack((side_K + column_K / 2, above_K + size_K), 1)
    return _Cutouts(image_K4HW=image, hull_KP2=_hull(image[:, 3], foot_K2, high_K, broad_K) / size_K[:, None, None])


def _hull(alpha_KHW: Tensor, foot_K2: Tensor, high_K: Tensor, broad_K: Tensor) -> Tensor:
    """The outermost opaque points in 48 directions [K, 48, 2], in pixels from the foot."""
    rows, cols = alpha_KHW.shape[1:]
    row_H = torch.arange(rows, device=alpha_KHW.device, dtype=torch.float32)
    col_W = torch.arange(cols, device=alpha_KHW.device, dtype=torch.float32)
    inside = (row_H < high_K[:, None])[:, :, None] & (col_W < broad_K[:, None])[:, None, :]
    opaque = (alpha_KHW > 0.5) & inside
    left_KH = torch.where(opaque, col_W, torch.inf).amin(-1)
    right_KH = torch.where(opaque, col_W, -torch.inf).amax(-1)
    some_KP = opaque.any(-1).repeat(1, 2)
    x_KP = torch.cat((left_KH, right_KH), 1).nan_to_num(0, 0, 0) + 0.5 - foot_K2[:, :1]
    y_KP = (row_H.repeat(2) + 0.5)[None] - foot_K2[:, 1:]
    ways_P2 = torch.from_numpy(sprites._DIRECTIONS_P2).to(alpha_KHW.device)
    reach_KDP = x_KP[:, None] * ways_P2[:, :1] + y_KP[:, None] * ways_P2[:, 1:]
    best_KD = reach_KDP.masked_fill(~some_KP[:, None], -torch.inf).argmax(-1)
    spots_KD2 = torch.stack((x_KP.gather(1, best_KD), y_KP.gather(1, best_KD)), -1)
    return spots_KD2 + 0.5 * torch.sign(ways_P2.round(decimals=3))


# -------------------------------------------------------------------- drawing


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """The texels of everything that a batch needs, one word each, and where each texture is."""

    words_N: Tensor
    dtype: torch.dtype
    index: Index
    hulls: dict[SpriteKey, int]
    hull_KP2: Tensor


def bank_of(plans: Sequence[StrokePlan], studio: Studio) -> Bank:
    strokes = [stroke for plan in plans for some in plan.strokes.values() for stroke in some]
    strokes += [stroke.pane for stroke in strokes if stroke.pane is not None]
    kept = dict.fromkeys(texture for s in strokes if s.textures is not None for texture in s.textures.unique)
    index: Index = {}
    texels: list[Tensor] = []
    first = 0
    for texture in kept:
        if isinstance(texture, _Kept):
            index[texture] = (first, texture.cols, texture.cols, texture.rows)
            texels.append(texture.texels_N4)
            first += len(texture.texels_N4)
    keys = [texture for texture in kept if isinstance(texture, SpriteKey)]
    keys.sort(key=lambda key: key.size)
    hulls: dict[SpriteKey, int] = {}
    hull: list[Tensor] = []
    for start in range(0, len(keys), 64):
        part = keys[start : start + 64]
        made = _cutouts(part, studio)
        rows, cols = made.image_K4HW.shape[2:]
        texels.append(made.image_K4HW.permute(0, 2, 3, 1).reshape(-1, 4).to(studio.dtype))
        hull.append(made.hull_KP2)
        for key in part:
            m = studio.measure(key)
            index[key] = (first, cols, m.columns + 2 * m.side, key.size + 2 * m.high)
            hulls[key] = len(hulls)
            first += rows * cols
    return Bank(
        words_N=torch.cat(texels).view(WORDS[studio.dtype]).view(-1),
        dtype=studio.dtype,
        index=index,
        hulls=hulls,
        hull_KP2=torch.cat(hull) if hull else torch.zeros((0, 48, 2), device=studio.device),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """The pixels of M frames that a stroke may touch: one size for all, each where it is needed."""

    col_M1W: Tensor
    row_MH1: Tensor
    flat_MHW: Tensor | None  # numbers of the pixels; None: all pixels of all frames
    inside_MHW: Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One stroke of each of some scenes, frame by frame: M of them."""

    kind: Kind
    numbers_MF: Tensor
    places_M8: Tensor  # bounds x0, x1, y0, y1; texture: first texel, stride, columns, rows
    item_M: Tensor  # which frame of the canvas
    everything: bool  # these are all frames of the canvas, in order
    span: tuple[int, int]  # of the window: width, height
    pane: "tuple[Tensor, Tensor] | None"  # its numbers and places


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameBuffer:
    """M frames while they are drawn."""

    image_MHWC: Tensor
    owner_MHW: Tensor  # int8
    bank: Bank

    def draw(self, work: Pass) -> None:
        """One stroke everywhere."""
        window = self._clip_window(work)
        image = self.image_MHWC if window.flat_MHW is None else self.image_MHWC.view(-1, 3)[window.flat_MHW]
        if work.kind == "shadow":
            new = image * (1 - _shadow(work.numbers_MF, window).to(image.dtype))[..., None]
        elif work.kind == "leaf":
            cover = _leaf(work.numbers_MF, window).to(image.dtype)[..., None]
            cover = cover if work.pane is None else cover * self._sample(*work.pane, window)[..., :1]
            new = image + (work.numbers_MF[:, None, None, 9:].to(image.dtype) - image) * cover
        else:
            patch = self._sample(work.numbers_MF, work.places_M8, window, around=work.kind == "curtain")
            patch = patch if work.pane is None else patch * self._sample(*work.pane, window)[..., :1]
            new = image * (1 - patch[..., 3:]) + patch[..., :3]
            self._mark_owner(work.numbers_MF[:, None, None, 7], patch[..., 3], window)
        if window.flat_MHW is None:
            self.image_MHWC.copy_(new)
        else:
            self.image_MHWC.view(-1, 3)[window.flat_MHW] = new

    def _mark_owner(self, owner_M11: Tensor, alpha_MHW: Tensor, window: _Window) -> None:
        takes = (alpha_MHW > 0.5) & (owner_M11 != KEEP)
        flat = self.owner_MHW.view(-1)
        owner = self.owner_MHW if window.flat_MHW is None else flat[window.flat_MHW]
        owner = torch.where(takes, owner_M11.to(torch.int8), owner)
        if window.flat_MHW is None:
            self.owner_MHW.copy_(owner)
        else:
            flat[window.flat_MHW] = owner

    def _clip_window(self, work: Pass) -> _Window:
        height, width = self.owner_MHW.shape[1:]
        across, down = work.span
        x0, x1, y0, y1 = work.places_M8[:, :4, None, None].unbind(1)
        device = x0.device
        col = x0.clamp(max=width - across) + torch.arange(across, device=device, dtype=torch.int32)
        row = y0.clamp(max=height - down) + torch.arange(down, device=device, dtype=torch.int32)[:, None]
        inside = (col >= x0) & (col < x1) & (row >= y0) & (row < y1)
        whole = work.everything and (across, down) == (width, height)
        flat = None if whole else (work.item_M[:, None, None] * height + row) * width + col
        return _Window(col_M1W=col.float(), row_MH1=row.float(), flat_MHW=flat, inside_MHW=inside)

    def _sample(self, numbers_MF: Tensor, places_M8: Tensor, window: _Window, around: bool = False) -> Tensor:
        """Bilinear samples [M, H, W, 4] of each frame's texture; `around`: of one that repeats."""
        a, b, c, d, e, f, alpha = numbers_MF[:, :7, None, None].unbind(1)
        first, stride, cols, rows = places_M8[:, 4:, None, None].unbind(1)
        x = a * window.col_M1W + b * window.row_MH1 + c
        y = d * window.col_M1W + e * window.row_MH1 + f
        if around:
            x, y = x.remainder(cols - 1), y.remainder(rows - 1)
        x, y = x.clamp(min=0).minimum(cols - 1), y.clamp(min=0).minimum(rows - 1)
        col, row = x.int().minimum(cols - 2), y.int().minimum(rows - 2)
        right, below = (x - col)[..., None].to(self.bank.dtype), (y - row)[..., None].to(self.bank.dtype)
        at = (first + row * stride + col).view(-1)
        shape = (*x.shape, 4)

        def texels(at: Tensor) -> Tensor:
            return self.bank.words_N.index_select(0, at).view(self.bank.dtype).view(shape)

        upper = torch.lerp(texels(at), texels(at + 1), right)
        at = at + stride.expand(x.shape).reshape(-1)
        lower = torch.lerp(texels(at), texels(at + 1), right)
        return torch.lerp(upper, lower, below) * (alpha * window.inside_MHW)[..., None].to(self.bank.dtype)


def _shadow(numbers_MF: Tensor, window: _Window) -> Tensor:
    x, y, radius, strength = numbers_MF[:, :, None, None].unbind(1)
    across = torch.exp(-(((window.col_M1W + 0.5 - x) / radius) ** 2))
    along = torch.exp(-(((window.row_MH1 + 0.5 - y) / (radius * 0.22)) ** 2)) * strength
    return along * across * window.inside_MHW


def _leaf(numbers_MF: Tensor, window: _Window) -> Tensor:
    x, y, cos, sin, wide, high, k, bx, by = numbers_MF[:, :9, None, None].unbind(1)
    dx, dy = (window.col_M1W + 0.5 - bx) / k - x, (window.row_MH1 + 0.5 - by) / k - y
    a, b = (dx * cos + dy * sin) / wide, (dy * cos - dx * sin) / high
    return (0.5 - ((a * a + b * b).sqrt() - 1.0) * (high * k)).clamp(0, 1) * window.inside_MHW
