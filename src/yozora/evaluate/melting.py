"""Figures as a weak model makes them: bent, torn, doubled, smeared, half gone or dissolved into the stage.

Works on squares of pixels `[N, 3, S, S]` float32 in 0..1, and knows nothing of what they show.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

KINDS = 10  # ways in which figures are broken


def melt(whole_NCHW: Tensor, beside_NCHW: Tensor, empty_NCHW: Tensor, generator: torch.Generator) -> Tensor:
    """Every square broken so that an eye sees it, in one way of `KINDS` or two.

    Args:
        whole_NCHW: squares about figures.
        beside_NCHW: squares of the same films that are off the figure, by a third of its size or more.
        empty_NCHW: squares of the same films away from the figure.
    """
    count = len(whole_NCHW)
    broken = whole_NCHW
    first = torch.randint(KINDS, (count,), generator=generator)
    again = torch.rand(count, generator=generator) < 0.5
    second = torch.where(again, torch.randint(KINDS, (count,), generator=generator), -1)
    for kind_N in (first, second):
        result = broken.clone()
        for kind in kind_N.unique().tolist():
            if kind < 0:
                continue
            here = kind_N == kind
            other = whole_NCHW[torch.randperm(count, generator=generator)][here]
            result[here] = _break(kind, broken[here], beside_NCHW[here], empty_NCHW[here], other, generator)
        broken = result
    return _soften_tiles(broken, generator)


def _break(kind: int, x: Tensor, beside: Tensor, empty: Tensor, other: Tensor, generator: torch.Generator) -> Tensor:
    if kind == 0:  # torn: some tiles show what belongs elsewhere
        return torch.lerp(x, beside, tiles(len(x), 0.3, 0.6, generator))
    if kind == 1:  # doubled
        return torch.lerp(x, beside, _draw_uniform(len(x), 0.35, 0.65, generator))
    if kind == 2:  # dissolved: shape and detail are gone, the colour stays
        return _dissolved(x, generator)
    if kind == 3:  # bent
        return displaced(x, (4, 8), _amounts(len(x), 0.16, 0.5, generator), generator)
    if kind == 4:  # half gone
        return torch.lerp(x, empty, tiles(len(x), 0.35, 0.65, generator))
    if kind == 5:  # shuffled
        return displaced(x, (4, 10), _amounts(len(x), 0.15, 0.6, generator), generator, torn=True)
    if kind == 6:  # two figures in one
        part = tiles(len(x), 0.4, 0.6, generator)
        even = _draw_uniform(len(x), 0.4, 0.6, generator)
        return torch.lerp(x, other, torch.where(_random_choice(len(x), 0.5, generator), part, even))
    if kind == 7:  # frayed: every part a little out of place
        return displaced(x, (10, 28), _amounts(len(x), 0.08, 0.22, generator), generator)
    if kind == 8:  # smeared along its way
        away = beside - x
        return x + away * tiles(len(x), 0.4, 0.8, generator) * _draw_uniform(len(x), 0.3, 0.6, generator)
    mixed = torch.lerp(_dissolved(x, generator), beside, tiles(len(x), 0.3, 0.6, generator))  # smeared on its way
    return torch.lerp(mixed, empty, _draw_uniform(len(x), 0.0, 0.5, generator))


def tiles(count: int, least: float, most: float, generator: torch.Generator, size: int = 64) -> Tensor:
    """Masks `[count, 1, size, size]` of square tiles, hard or soft; `least` to `most` of the middle is covered."""
    made = torch.empty(count, 1, size, size)
    for n in range(count):
        cells = int(torch.randint(3, 8, (1,), generator=generator))
        draws = torch.rand(cells * cells, generator=generator)
        if cells > 4:  # neighbouring tiles go together
            smooth = F.avg_pool2d(draws.view(1, 1, cells, cells), 3, 1, 1, count_include_pad=False)
            draws = (smooth + 0.25 * draws.view(1, 1, cells, cells)).flatten()
        share = least + (most - least) * float(torch.rand(1, generator=generator))
        on = (draws >= draws.quantile(1 - share)).float().view(1, 1, cells, cells)
        soft = bool(torch.rand(1, generator=generator) < 0.5)
        large = size + size // 4
        grown = F.interpolate(on, size=(large, large), mode="bilinear" if soft else "nearest")
        top, left = torch.randint(large - size, (2,), generator=generator).tolist()
        made[n] = grown[0, :, top : top + size, left : left + size]
    return made


def displaced(
    x_NCHW: Tensor, cells_of: tuple[int, int], amount_N: Tensor, generator: torch.Generator, torn: bool = False
) -> Tensor:
    """Bent by random displacements of up to `amount_N` of half a side, smooth or (torn) by tiles, on a grid of so many
    cells."""
    count, _, height, width = x_NCHW.shape
    cells = int(torch.randint(cells_of[0], cells_of[1] + 1, (1,), generator=generator))
    push = (2 * torch.rand(count, 2, cells, cells, generator=generator) - 1) * amount_N[:, None, None, None]
    mode, corners = ("nearest", None) if torn else ("bicubic", True)
    push = F.interpolate(push, size=(height, width), mode=mode, align_corners=corners)
    still = F.affine_grid(torch.eye(2, 3)[None], [1, 1, height, width], align_corners=False)
    grid = still + push.permute(0, 2, 3, 1)
    return F.grid_sample(x_NCHW, grid, mode="bilinear", padding_mode="border", align_corners=False)


def _dissolved(x: Tensor, generator: torch.Generator) -> Tensor:
    """Blurred beyond recognition where the figure is, with coarse noise in its place."""
    count, channels, size, _ = x.shape
    coarse = 6 if bool(torch.rand(1, generator=generator) < 0.5) else 10
    low = F.interpolate(F.adaptive_avg_pool2d(x, coarse), size=(size, size), mode="bilinear")
    noise = torch.zeros_like(x)
    for cells, level in ((size // 2, 0.10), (size // 4, 0.12), (size // 8, 0.08)):
        grain = torch.randn(count, channels, cells, cells, generator=generator)
        grain = grain.mean(1, keepdim=True) * 1.2 + 0.4 * grain
        grown = F.interpolate(grain, size=(size, size), mode="bilinear")
        noise += level * grown * _draw_uniform(count, 0.0, 1.0, generator)
    contrast = (x - low).abs().mean(1, keepdim=True)
    near = F.avg_pool2d(contrast, 9, 1, 4)
    near = near / near.amax((2, 3), keepdim=True).clamp_min(0.02)
    return torch.lerp(x, low, _draw_uniform(count, 0.5, 1.0, generator)) + noise * near.clamp(0.15, 1)


def _soften_tiles(x: Tensor, generator: torch.Generator) -> Tensor:
    """Now and then softened, so that no hard edge of a tile tells what was done."""
    size = x.shape[-1]
    small = F.interpolate(F.avg_pool2d(x, 2), size=(size, size), mode="bilinear")
    soft = _draw_uniform(len(x), 0.0, 1.0, generator) * _random_choice(len(x), 0.5, generator)
    grain = torch.randn(x.shape, generator=generator) * 0.03 * _draw_uniform(len(x), 0.0, 1.0, generator) ** 2
    return (torch.lerp(x, small, soft) + grain).clamp(0, 1)


def _draw_uniform(count: int, least: float, most: float, generator: torch.Generator) -> Tensor:
    return least + (most - least) * torch.rand(count, 1, 1, 1, generator=generator)


def _amounts(count: int, least: float, most: float, generator: torch.Generator) -> Tensor:
    return least + (most - least) * torch.rand(count, generator=generator)


def _random_choice(count: int, chance: float, generator: torch.Generator) -> Tensor:
    return torch.rand(count, 1, 1, 1, generator=generator) < chance
