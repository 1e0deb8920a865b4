"""A film in the making: a bag of spacetime tokens, and the three verbs that paint it.

Every creation mode paints a canvas with `paste`, `refer` and `say`; training paints random ones with the same verbs;
one sampler fills them all. A canvas knows no model, no noise and no file.

Latents are `[c, T, h, w]`; a token is one patch of them, its numbers in the order (c, p_t, p_h, p_w). The verbs take
latents either as an autoencoder gives them or already patched, `[C, T, H, W]` with the canvas's own C.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

Grid = tuple[int, int, int]
Triple = tuple[float, float, float]

PATCH: Grid = (1, 2, 2)
WHOLE: Grid = (1, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How frames become tokens: what a canvas must know of an autoencoder and a transformer."""

    channels: int = 48  # of the latents
    stride: Grid = (4, 16, 16)  # pixels to a latent, by frame, row and column
    patch: Grid = PATCH  # latents to a token

    def __post_init__(self) -> None:
        if min(self.channels, *self.stride, *self.patch) < 1:
            raise ValueError(f"channels, stride and patch are at least 1: {self}")

    @property
    def token_channels(self) -> int:
        """C, the numbers in one token."""
        return self.channels * math.prod(self.patch)

    def grid(self, frames: int, height: int, width: int) -> Grid:
        """The grid (T, H, W) of tokens of a film of `frames` frames of `height` x `width` pixels.

        A causal autoencoder's first latent is one frame and each later one is `stride[0]`: frames = stride * n + 1.
        """
        latent = ((frames - 1) // self.stride[0] + 1, height // self.stride[1], width // self.stride[2])
        rest = ((frames - 1) % self.stride[0], height % self.stride[1], width % self.stride[2])
        if min(frames, height, width) < 1 or any(rest) or any(n % p for n, p in zip(latent, self.patch, strict=True)):
            raise ValueError(f"{frames} frames of {width}x{height} do not fit stride {self.stride}, patch {self.patch}")
        return latent[0] // self.patch[0], latent[1] // self.patch[1], latent[2] // self.patch[2]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Canvas:
    """What is known at each token, how free it is, where it sits and which prompts condition it.

    Raises ValueError where shapes, ranges or devices disagree. Draw canvases on the CPU and move them once with `to`.
    """

    known_NC: Tensor  # float32, clean latent content; zeros where nothing is known
    strength_N: Tensor  # float32 in [0, 1]: 0 = keep exactly, 1 = invent, between = repaint from what is known
    pos_N3: Tensor  # float32: frame, row, column, in tokens and real-valued
    prompts: tuple[str, ...]
    reads_NP: Tensor  # bool: which prompts condition each token
    grid: Grid  # (T, H, W): the first T*H*W tokens are the picture, row by row; tokens after them only inform it

    def __post_init__(self) -> None:
        tensors = (self.known_NC, self.strength_N, self.pos_N3, self.reads_NP)
        N = self.known_NC.shape[0] if self.known_NC.dim() == 2 else -1
        shapes = [tuple(x.shape[1:]) if x.shape[:1] == (N,) else None for x in tensors]
        if shapes[1:] != [(), (3,), (len(self.prompts),)]:
            raise ValueError(
                f"a canvas of {len(self.prompts)} prompts has parts of {[tuple(x.shape) for x in tensors]}"
            )
        if [x.dtype for x in tensors] != [torch.float32] * 3 + [torch.bool]:
            raise ValueError(f"a canvas is float32 and its reads are bool, not {[x.dtype for x in tensors]}")
        if len({x.device for x in tensors}) > 1:
            raise ValueError(f"a canvas is on one device, not on {[str(x.device) for x in tensors]}")
        if min(self.grid) < 1 or math.prod(self.grid) > N:
            raise ValueError(f"a picture of {self.grid} tokens does not fit into {N} tokens")
        if not bool(((self.strength_N >= 0) & (self.strength_N <= 1)).all()):  # false for NaN, too
            raise ValueError("a strength is between 0 (keep) and 1 (invent)")
        if not bool(self.known_NC.isfinite().all() & self.pos_N3.isfinite().all()):
            raise ValueError("known content and positions are finite")

    @property
    def strength_T(self) -> Tensor:
        """Strength of the freest token of each frame of the picture: 0 where the whole frame is known."""
        return self.strength_N[: self.picture_tokens].reshape(self.grid[0], -1).amax(1)

    @property
    def picture_tokens(self) -> int:
        """T*H*W: how many of the N tokens are the picture."""
        return math.prod(self.grid)

    def to(self, device: torch.device | str) -> "Canvas":
        """The same canvas on another device."""
        return replace(
            self,
            known_NC=self.known_NC.to(device),
            strength_N=self.strength_N.to(device),
            pos_N3=self.pos_N3.to(device),
            reads_NP=self.reads_NP.to(device),
        )


def blank(grid: Grid, channels: int, *, spacing: Triple = (1.0, 1.0, 1.0), start: float = 0.0) -> Canvas:
    """A canvas on the CPU where nothing is known, everything is free and nothing is said.

    `channels` is C, the numbers in a token (`Layout.token_channels`). `spacing` is how far neighbouring tokens are
    apart by frame, row and column; (1, 1, 1) is the frame rate and the scale that the weights were trained at, and a
    film at half that rate has spacing (2, 1, 1): rate and size are data. `start` is the position of the first frame: a
    window into a longer film, whose first latent is none that stands for a single frame, starts at 1.
    """
    N = math.prod(grid)
    pos_N3 = lattice(grid) * torch.tensor(spacing)
    pos_N3[:, 0] += start
    return Canvas(
        known_NC=torch.zeros(N, channels),
        strength_N=torch.ones(N),
        pos_N3=pos_N3,
        prompts=(),
        reads_NP=torch.zeros(N, 0, dtype=torch.bool),
        grid=grid,
    )


def paste(
    canvas: Canvas, latents: Tensor, at: int = 0, strength: float | Tensor = 0.0, region: Tensor | None = None
) -> Canvas:
    """Lay latents on the picture from its token frame `at` on; they must cover its rows and columns.

    `strength` is how far they may be repainted: one number, or a tensor that broadcasts to the pasted [t, H, W] tokens.
    `region` (bool, broadcasts to the same) is where the paste lands; outside it the canvas stays as it was. So an edit
    inside a mask is `paste(paste(canvas, clip), clip, strength=0.7, region=mask)`.
    """
    tokens_NC, (t, H, W) = _to_tokens(canvas, latents)
    T = canvas.grid[0]
    if canvas.grid[1:] != (H, W) or not 0 <= at <= T - t:
        raise ValueError(f"{t}x{H}x{W} tokens at frame {at} do not fit on a picture of {canvas.grid}")
    device = canvas.strength_N.device
    pasted = torch.as_tensor(strength, dtype=torch.float32, device=device).expand(t, H, W).reshape(-1)
    lands = torch.as_tensor(True if region is None else region, dtype=torch.bool, device=device).expand(t, H, W)
    span, lands = slice(at * H * W, (at + t) * H * W), lands.reshape(-1)
    known_NC, strength_N = canvas.known_NC.clone(), canvas.strength_N.clone()
    known_NC[span] = torch.where(lands[:, None], tokens_NC, known_NC[span])
    strength_N[span] = torch.where(lands, pasted, strength_N[span])
    return replace(canvas, known_NC=known_NC, strength_N=strength_N)


def refer(canvas: Canvas, latents: Tensor, at: float) -> Canvas:
    """Append latents, of any size, as tokens that inform the picture and are kept exactly.

    `at` is the frame position of the first of them, real-valued, in the units of `pos_N3`: a still for the middle of a
    shot stands at that frame, an identity anywhere outside the film. They listen to every prompt said so far.
    """
    tokens_NC, grid = _to_tokens(canvas, latents)
    pos_N3 = lattice(grid).to(canvas.pos_N3.device)
    pos_N3[:, 0] += at
    N = len(tokens_NC)
    return replace(
        canvas,
        known_NC=torch.cat([canvas.known_NC, tokens_NC]),
        strength_N=torch.cat([canvas.strength_N, canvas.strength_N.new_zeros(N)]),
        pos_N3=torch.cat([canvas.pos_N3, pos_N3]),
        reads_NP=torch.cat([canvas.reads_NP, canvas.reads_NP.new_ones(N, len(canvas.prompts))]),
    )


def say(canvas: Canvas, prompt: str, span: tuple[int, int] | None = None) -> Canvas:
    """Condition tokens on a prompt, beside those that they have already.

    `span` is the token frames [first, last) of the picture that it conditions; without one, all. Tokens that only
    inform the picture are conditioned by every prompt.
    """
    T, H, W = canvas.grid
    first, last = span or (0, T)
    if not 0 <= first < last <= T:
        raise ValueError(f"frames {first} to {last} are not a span of a picture of {T} frames")
    reads_N1 = torch.ones_like(canvas.strength_N, dtype=torch.bool)[:, None]
    reads_N1[: first * H * W] = False
    reads_N1[last * H * W : canvas.picture_tokens] = False
    return replace(canvas, prompts=(*canvas.prompts, prompt), reads_NP=torch.cat([canvas.reads_NP, reads_N1], dim=1))


def picture(canvas: Canvas, tokens_NC: Tensor, patch: Sequence[int] = PATCH) -> Tensor:
    """The picture's tokens as latents `[c, T, h, w]` again; leading axes are kept, informing tokens are left out."""
    return unpatchify(tokens_NC[..., : canvas.picture_tokens, :], canvas.grid, patch)


def patchify(latents_CTHW: Tensor, patch: Sequence[int] = PATCH) -> Tensor:
    """Latents `[..., c, T, h, w]` as tokens `[..., N, C]`, C in the order (c, p_t, p_h, p_w), N frame by frame."""
    c, T, h, w = latents_CTHW.shape[-4:]
    t, y, x = patch
    if T % t or h % y or w % x:
        raise ValueError(f"latents of {T}x{h}x{w} do not divide into patches of {t}x{y}x{x}")
    cut = latents_CTHW.reshape(-1, c, T // t, t, h // y, y, w // x, x)
    tokens = cut.permute(0, 2, 4, 6, 1, 3, 5, 7)
    return tokens.reshape(*latents_CTHW.shape[:-4], -1, c * t * y * x)


def unpatchify(tokens_NC: Tensor, grid: Sequence[int], patch: Sequence[int] = PATCH) -> Tensor:
    """Tokens `[..., N, C]` of a grid (T, H, W) of patches as latents `[..., c, T, h, w]`: undoes `patchify`."""
    T, H, W = grid
    t, y, x = patch
    N, C = tokens_NC.shape[-2:]
    if N != T * H * W or C % (t * y * x):
        raise ValueError(f"{N} tokens of {C} numbers are not a picture of {T}x{H}x{W} patches of {t}x{y}x{x}")
    c = C // (t * y * x)
    cut = tokens_NC.reshape(-1, T, H, W, c, t, y, x).permute(0, 4, 1, 5, 2, 6, 3, 7)
    return cut.reshape(*tokens_NC.shape[:-2], c, T * t, H * y, W * x)


def lattice(grid: Sequence[int]) -> Tensor:
    """The positions `[N, 3]` (frame, row, column) of a grid of tokens, frame by frame."""
    axes = [torch.arange(n, dtype=torch.float32) for n in grid]
    return torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1).reshape(-1, 3)


def _to_tokens(canvas: Canvas, latents: Tensor) -> tuple[Tensor, Grid]:
    """Latents, or tokens laid out as `[C, T, H, W]`, as the canvas's tokens and their grid."""
    C = canvas.known_NC.shape[1]
    if latents.dim() != 4 or latents.shape[0] not in (C, C / math.prod(PATCH)):
        raise ValueError(f"latents of {tuple(latents.shape)} do not make tokens of {C} numbers")
    patch = WHOLE if latents.shape[0] == C else PATCH
    tokens_NC = patchify(latents.to(canvas.known_NC), patch)
    t, y, x = (n // p for n, p in zip(latents.shape[1:], patch, strict=True))
    return tokens_NC, (t, y, x)
