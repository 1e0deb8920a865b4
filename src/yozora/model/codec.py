"""Mini's video codec: every fourth frame a keyframe, coded as a still, and eight numbers a cell for what moves between.

A film of 4n + 1 frames becomes n + 1 latent frames. The first `still` channels of each are the latents of a picture
alone, its keyframe (the last of its four frames); the others are optical flow: how what is seen in the middle of the
four frames moves to its neighbours and to both keyframes. The three frames between two keyframes are drawn by warping
the pixels of both. So stills and films share one latent space, a still may be pasted at any latent frame, and what
moves stays as sharp as what stands. A film streams with one keyframe of memory. Knows nothing of prompts, canvases,
files or training.

Names of shapes: B batch, N latent frames, H W rows and columns of pixels, h w of cells of 8 x 8 pixels, Z latent
channels, P pairs of neighbouring keyframes (of all films together).

Sources: flow by correlation and refinement with warped pictures as in PWC-Net (arXiv 1709.02371); frames between two
others by flows to both and weights of the warped pictures as in Super SloMo (arXiv 1712.00080).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

COLOURS = 3
CELL = 8  # pixels along the side of a cell
STEP = 4  # frames a latent
BETWEEN = STEP - 1
OFFSETS = (-2, -1, 1, 2)  # frames from the middle one to the first keyframe, its neighbours and the second keyframe
FLOW = 2 * len(OFFSETS)  # numbers of flow a cell
REACH = 3  # cells that a match may be away
AT_ONCE = 4  # latent frames that are decoded together
FINE = 4  # pixels along the side of what is predicted where frames are drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class CodecConfig:
    """Sizes of a `KeyframeCodec`.

    still: latent channels of a keyframe. mean, spread: of each latent channel, keyframe and flow; `encode` and `decode`
    speak normalised latents, (raw - mean) / spread.
    """

    still: int = 16
    mean: tuple[float, ...] = (0.0,) * (16 + FLOW)
    spread: tuple[float, ...] = (1.0,) * (16 + FLOW)
    encoder: tuple[int, int] = (128, 3)  # channels and blocks, on cells
    decoder: tuple[int, int] = (192, 4)
    decoder_fine: tuple[int, int] = (96, 3)  # the same on cells of half the size
    estimator: tuple[int, int] = (96, 3)
    refiner: tuple[int, int] = (96, 2)
    refinements: int = 3
    drawing: tuple[int, int] = (48, 2)  # channels and blocks on squares of 4 x 4 pixels
    drawing_wide: tuple[int, int] = (80, 3)  # on squares twice as large

    def __post_init__(self) -> None:
        for name in (
            "mean",
            "spread",
            "encoder",
            "decoder",
            "decoder_fine",
            "estimator",
            "refiner",
            "drawing",
            "drawing_wide",
        ):
            object.__setattr__(self, name, tuple(getattr(self, name)))  # lists, when they come out of a file's JSON
        if len(self.mean) != self.z or len(self.spread) != self.z:
            raise ValueError(f"mean and spread name {len(self.mean)} and {len(self.spread)} channels of {self.z}")
        if min(self.spread) <= 0:
            raise ValueError("the spread of every latent channel is above 0")

    @property
    def z(self) -> int:
        """Latent channels."""
        return self.still + FLOW

    @property
    def stride(self) -> tuple[int, int, int]:
        """Frames, rows and columns of pixels a latent."""
        return STEP, CELL, CELL


class ChannelNorm(nn.Module):
    """RMS norm over the channels of each place: what is near a border of the picture, or of a tile, does not matter."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels, 1, 1))

    def forward(self, x_BCHW: Tensor) -> Tensor:
        scale_B1HW = torch.rsqrt(x_BCHW.float().square().mean(1, keepdim=True) + 1e-6)
        return x_BCHW * scale_B1HW.to(x_BCHW.dtype) * self.weight.to(x_BCHW.dtype)


class ConvBlock(nn.Module):
    """Residual: norm and convolution, twice, the second one zero at the start."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = ChannelNorm(channels), nn.Conv2d(channels, channels, 3, padding=1)
        self.norm2, self.conv2 = ChannelNorm(channels), nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.bias)  # type: ignore[arg-type] # a convolution has one unless it is told otherwise

    def forward(self, x_BCHW: Tensor) -> Tensor:
        h_BCHW = self.conv1(F.silu(self.norm1(x_BCHW)))
        y_BCHW: Tensor = x_BCHW + self.conv2(F.silu(self.norm2(h_BCHW)))
        return y_BCHW


class StillBlock(ConvBlock):
    """A `ConvBlock` with one more convolution, of each place alone, in the middle."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.norm3, self.mix = ChannelNorm(channels), nn.Conv2d(channels, channels, 1)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        h_BCHW = self.conv1(F.silu(self.norm1(x_BCHW)))
        h_BCHW = h_BCHW + self.mix(F.silu(self.norm3(h_BCHW)))
        y_BCHW: Tensor = x_BCHW + self.conv2(F.silu(self.norm2(h_BCHW)))
        return y_BCHW


class StillEncoder(nn.Module):
    """Pictures to raw latents: a linear map of blocks of 8 x 8 pixels, and a network that corrects it."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        width, count = config.encoder
        pixels = COLOURS * CELL**2
        self.linear = nn.Conv2d(pixels, config.still, 1)
        self.first = nn.Conv2d(pixels, width, 1)
        self.blocks = nn.ModuleList(StillBlock(width) for _ in range(count))
        self.norm, self.last = ChannelNorm(width), nn.Conv2d(width, config.still, 3, padding=1)
        _silence(self.last)

    def forward(self, picture_B3HW: Tensor) -> Tensor:
        """Pictures in -1..1 to ``[B, still, h, w]``."""
        pixels_BChw = F.pixel_unshuffle(picture_B3HW, CELL)
        x_BChw = self.first(pixels_BChw)
        for block in self.blocks:
            x_BChw = block(x_BChw)
        z_BZhw: Tensor = self.linear(pixels_BChw) + self.last(F.silu(self.norm(x_BChw)))
        return z_BZhw


class StillDecoder(nn.Module):
    """Raw latents to pictures: the linear map back, and a network on cells, then on quarters of cells."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        (wide, count), (fine, count_fine) = config.decoder, config.decoder_fine
        self.linear = nn.Conv2d(config.still, COLOURS * CELL**2, 1)
        self.first = nn.Conv2d(config.still, wide, 3, padding=1)
        self.blocks = nn.ModuleList(StillBlock(wide) for _ in range(count))
        self.up = nn.Conv2d(wide, 4 * fine, 1)
        self.fine_blocks = nn.ModuleList(StillBlock(fine) for _ in range(count_fine))
        self.norm, self.last = ChannelNorm(fine), nn.Conv2d(fine, COLOURS * FINE**2, 3, padding=1)
        _silence(self.last)

    def forward(self, z_BZhw: Tensor) -> Tensor:
        """``[B, still, h, w]`` to pictures, not clamped."""
        x_BChw = self.first(z_BZhw)
        for block in self.blocks:
            x_BChw = block(x_BChw)
        x_BChw = F.pixel_shuffle(self.up(x_BChw), CELL // FINE)
        for block in self.fine_blocks:
            x_BChw = block(x_BChw)
        corrected_B3HW = F.pixel_shuffle(self.last(F.silu(self.norm(x_BChw))), FINE)
        return F.pixel_shuffle(self.linear(z_BZhw), CELL) + corrected_B3HW


class MotionEstimator(nn.Module):
    """Five frames, keyframes at the ends, to the flow from the middle one to the others.

    A first guess comes from how well cells match (correlation of features); then the frames are warped by the guess and
    what does not fit yet corrects it, a few times with the same network. The closed step of Lucas and Kanade (1981),
    which is right for small errors on textured ground, is among what that network sees.
    """

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.refinements = config.refinements
        wide, count = config.estimator
        fine, count_fine = config.refiner
        pixels = COLOURS * CELL**2
        self.features = nn.Conv2d(pixels, wide, 1)
        self.feature_blocks = nn.ModuleList([ConvBlock(wide)])
        self.matching = nn.Conv2d(wide, 32, 1)
        self.sharpness = nn.Parameter(torch.tensor(8.0))
        self.first = nn.Conv2d(len(OFFSETS) * (2 * REACH + 1) ** 2 + wide, wide, 1)
        self.blocks = nn.ModuleList(ConvBlock(wide) for _ in range(count))
        self.guess = nn.Conv2d(wide, FLOW, 3, padding=1)
        self.misfit = nn.Conv2d(len(OFFSETS) * pixels, fine, 1)
        self.refine = nn.Conv2d(fine + wide + 2 * FLOW, fine, 3, padding=1)
        self.fine_blocks = nn.ModuleList(ConvBlock(fine) for _ in range(count_fine))
        self.correction = nn.Conv2d(fine, FLOW, 3, padding=1)
        _silence(self.guess)
        _silence(self.correction)

    def forward(self, frames_P5CHW: Tensor) -> Tensor:
        """Frames in -1..1 to flow in pixels, ``[P, 8, h, w]``: x and y for each of `OFFSETS`."""
        return self.steps(frames_P5CHW)[-1]

    def steps(self, frames_P5CHW: Tensor) -> list[Tensor]:
        """The first guess and every correction of it."""
        P = len(frames_P5CHW)
        cells = F.pixel_unshuffle(frames_P5CHW.flatten(0, 1), CELL)
        x = self.features(cells)
        for block in self.feature_blocks:
            x = block(x)
        x_P5Dhw = x.unflatten(0, (P, STEP + 1))
        match_P5Dhw = F.normalize(self.matching(F.silu(x)).float(), dim=1).unflatten(0, (P, STEP + 1))
        middle_PDhw = x_P5Dhw[:, 2]
        others = [k for k in range(STEP + 1) if k != 2]
        alike = torch.cat([correlation(match_P5Dhw[:, 2], match_P5Dhw[:, k]) for k in others], dim=1)
        h = self.first(torch.cat([(self.sharpness * alike).to(x.dtype), middle_PDhw], dim=1))
        for block in self.blocks:
            h = block(h)
        flow_P8hw = CELL * self.guess(F.silu(h)).float()
        found = [flow_P8hw]
        middle_P3HW, others_P43HW = frames_P5CHW[:, 2].float(), frames_P5CHW[:, others].float()
        for _ in range(self.refinements):
            flow_P8hw = flow_P8hw.detach()  # each step is taught by its own error
            error_P43HW, step_P8hw = lucas_kanade(middle_P3HW, others_P43HW, flow_P8hw)
            seen = F.silu(self.misfit(F.pixel_unshuffle(error_P43HW.flatten(1, 2).to(x.dtype), CELL)))
            y = self.refine(torch.cat([seen, h, (flow_P8hw / CELL).to(x.dtype), step_P8hw.to(x.dtype)], dim=1))
            for block in self.fine_blocks:
                y = block(y)
            flow_P8hw = flow_P8hw + step_P8hw * 0.5 + CELL * self.correction(F.silu(y)).float()
            found.append(flow_P8hw)
        return found


class FrameInterpolator(nn.Module):
    """The three frames between two keyframes, from the keyframes' pixels and the flow at the middle frame.

    Two flows to each keyframe are told (who moves before what he moves over), and for each pixel how much each of the
    four warped pictures counts; a last network repairs what neither keyframe shows.
    """

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        (D, count), (wide, count_wide) = config.drawing, config.drawing_wide
        square = COLOURS * FINE**2
        self.first = nn.Conv2d(4 * square + 4 + FLOW + 1, D, 1)
        self.blocks = nn.ModuleList(ConvBlock(D) for _ in range(count))
        self.down = nn.Conv2d(4 * D, wide, 1)
        self.wide_blocks = nn.ModuleList(ConvBlock(wide) for _ in range(count_wide))
        self.up = nn.Conv2d(wide, 4 * D, 1)
        self.late_blocks = nn.ModuleList(ConvBlock(D) for _ in range(count))
        self.flows = nn.Conv2d(D, 8, 3, padding=1)
        self.weights = nn.Conv2d(D, 4 * FINE**2, 3, padding=1)
        self.repair_first = nn.Conv2d(3 * square + D, D, 1)
        self.repair_blocks = nn.ModuleList(ConvBlock(D) for _ in range(count))
        self.repair = nn.Conv2d(D, square, 3, padding=1)
        for last in (self.flows, self.weights, self.repair):
            _silence(last)

    def forward(self, before_P3HW: Tensor, after_P3HW: Tensor, flow_P8hw: Tensor) -> Tensor:
        """Keyframes in -1..1 and flow in pixels to frames ``[P, 3, 3, H, W]``, not clamped."""
        return torch.stack([self.frame(before_P3HW, after_P3HW, flow_P8hw, k)[0] for k in range(BETWEEN)], dim=1)

    def frame(self, before_P3HW: Tensor, after_P3HW: Tensor, flow_P8hw: Tensor, k: int) -> tuple[Tensor, Tensor]:
        """Frame k of 0, 1, 2 ``[P, 3, H, W]``, and the same before it is repaired."""
        dtype = self.first.weight.dtype
        if torch.is_autocast_enabled(before_P3HW.device.type):
            dtype = torch.get_autocast_dtype(before_P3HW.device.type)
        before_P3HW, after_P3HW = before_P3HW.float(), after_P3HW.float()
        fine_P8yx = F.interpolate(flow_P8hw.float(), scale_factor=CELL // FINE, mode="bilinear")
        told_P4yx = flow_at(fine_P8yx, k)
        warped = [
            warp(picture, enlarged(flow))
            for picture, flow in zip((before_P3HW, after_P3HW), told_P4yx.split(2, dim=1), strict=True)
        ]
        when = told_P4yx.new_full((len(told_P4yx), 1, *told_P4yx.shape[-2:]), (k - 1) / 2)
        squares = [F.pixel_unshuffle(x.to(dtype), FINE) for x in (*warped, before_P3HW, after_P3HW)]
        x = self.first(torch.cat([*squares, *(y.to(dtype) for y in (told_P4yx / CELL, fine_P8yx / CELL, when))], dim=1))
        for block in self.blocks:
            x = block(x)
        y = self.down(F.pixel_unshuffle(x, 2))
        for block in self.wide_blocks:
            y = block(y)
        x = x + F.pixel_shuffle(self.up(F.silu(y)), 2)
        for block in self.late_blocks:
            x = block(x)
        s = F.silu(x)
        flows_P8yx = CELL * self.flows(s).float() + F.pad(told_P4yx, (0, 0, 0, 0, 0, 4))
        logits_P4HW = F.pixel_shuffle(self.weights(s).float(), FINE) + _prior(k, s.device)
        full = enlarged(flows_P8yx).split(2, dim=1)
        found = torch.stack([warp(p, f) for p, f in zip((before_P3HW, after_P3HW) * 2, full, strict=True)], dim=1)
        mixed_P3HW = (found * logits_P4HW.softmax(dim=1)[:, :, None]).sum(1)
        squares = [F.pixel_unshuffle(p.to(dtype), FINE) for p in (mixed_P3HW, found[:, 0], found[:, 1])]
        u = self.repair_first(torch.cat([*squares, s], dim=1))
        for block in self.repair_blocks:
            u = block(u)
        repaired_P3HW = mixed_P3HW + F.pixel_shuffle(self.repair(F.silu(u)).float(), FINE)
        return repaired_P3HW, mixed_P3HW


class KeyframeCodec(nn.Module):
    """Frames to latents and back.

    Input is brought to the dtype and device of the weights. Latents are fp32, whatever the weights are: bf16 would
    round flows to tenths of a pixel. Pictures have the dtype of the weights.
    """

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder, self.decoder = StillEncoder(config), StillDecoder(config)
        self.motion, self.between = MotionEstimator(config), FrameInterpolator(config)

    def encode(self, frames_BCTHW: Tensor) -> Tensor:
        """Frames [B, 3, 4n + 1, H, W] in [-1, 1] -> normalised latents [B, Z, n + 1, H / 8, W / 8].

        The first latent has no flow (raw zeros). Raises ValueError for sizes that the strides do not divide.
        """
        (latents_BZNhw,) = self.encode_stream([frames_BCTHW])
        return latents_BZNhw

    def decode(self, latents_BZNhw: Tensor) -> Tensor:
        """Normalised latents [B, Z, n + 1, h, w] -> frames [B, 3, 4n + 1, 8 h, 8 w] in [-1, 1]."""
        return torch.cat(list(self.decode_stream(latents_BZNhw, chunk=AT_ONCE)), dim=2)

    def encode_stream(self, chunks: Iterable[Tensor]) -> Iterator[Tensor]:
        """The latents of a film that arrives in pieces [B, 3, any, H, W]; together they equal `encode`'s.

        Latents come as soon as their frames are complete. Raises ValueError when the film does not have 4n + 1 frames.
        """
        last: Tensor | None = None  # the keyframe before
        waiting: Tensor | None = None
        for chunk_BCTHW in chunks:
            self._check_frame_shape(chunk_BCTHW)
            chunk_BCTHW = self._to_decoder(chunk_BCTHW)
            waiting = chunk_BCTHW if waiting is None else torch.cat([waiting, chunk_BCTHW], dim=2)
            found = []
            if last is None and waiting.shape[2]:
                last, waiting = waiting[:, :, :1], waiting[:, :, 1:]
                still_BZ1hw = self.encoder(last[:, :, 0]).float().unsqueeze(2)
                found.append(F.pad(still_BZ1hw, (0, 0, 0, 0, 0, 0, 0, FLOW)))
            if last is not None and waiting.shape[2] >= STEP:
                ready = waiting.shape[2] // STEP * STEP
                found.append(self._coded(torch.cat([last, waiting[:, :, :ready]], dim=2)))
                last, waiting = waiting[:, :, ready - 1 : ready], waiting[:, :, ready:]
            if found:
                yield self.normalise(torch.cat(found, dim=2))
        if last is None or waiting is None or waiting.shape[2]:
            raise ValueError(f"a film of this codec has {STEP}n + 1 frames")

    def decode_stream(self, latents_BZNhw: Tensor, chunk: int = 1) -> Iterator[Tensor]:
        """The frames of `decode`, `chunk` latent frames at a time, after the first latent alone."""
        if chunk < 1:
            raise ValueError(f"a piece has at least one latent frame, not {chunk}")
        last: Tensor | None = None
        for z_BZNhw in (latents_BZNhw[:, :, :1], *latents_BZNhw[:, :, 1:].split(chunk, dim=2)):
            if not z_BZNhw.shape[2]:
                continue
            raw_BZNhw = self.denormalise(z_BZNhw.to(self.decoder.linear.weight.device).float())
            keys_BN3HW = self._keyframes(self._to_decoder(raw_BZNhw[:, : self.config.still]))
            if last is None:
                frames_BN3HW = keys_BN3HW
            else:
                frames_BN3HW = self._drawn(torch.cat([last, keys_BN3HW], dim=1), raw_BZNhw[:, self.config.still :])
            last = keys_BN3HW[:, -1:]
            yield frames_BN3HW.transpose(1, 2)

    def normalise(self, raw_BZNhw: Tensor) -> Tensor:
        """Raw latents -> what the transformer speaks."""
        mean_Z111, spread_Z111 = self._statistics(raw_BZNhw)
        return (raw_BZNhw - mean_Z111) / spread_Z111

    def denormalise(self, latents_BZNhw: Tensor) -> Tensor:
        """The inverse of `normalise`."""
        mean_Z111, spread_Z111 = self._statistics(latents_BZNhw)
        return latents_BZNhw * spread_Z111 + mean_Z111

    def _coded(self, frames_BCTHW: Tensor) -> Tensor:
        """Raw latents of all but the first of 4n + 1 frames."""
        B, n = len(frames_BCTHW), (frames_BCTHW.shape[2] - 1) // STEP
        fives: Tensor = frames_BCTHW.unfold(2, STEP + 1, STEP).permute(0, 2, 5, 1, 3, 4).flatten(0, 1)
        flow_P8hw, still_PZhw = curved(self.motion(fives).float()), self.encoder(fives[:, -1]).float()
        raw_PZhw: Tensor = torch.cat([still_PZhw, flow_P8hw], dim=1)
        raw_BZNhw: Tensor = raw_PZhw.unflatten(0, (B, n)).transpose(1, 2)
        return raw_BZNhw

    def _keyframes(self, raw_BZNhw: Tensor) -> Tensor:
        B = len(raw_BZNhw)
        pictures: Tensor = self.decoder(raw_BZNhw.transpose(1, 2).flatten(0, 1))
        keys_BN3HW: Tensor = pictures.clamp(-1, 1).unflatten(0, (B, -1))
        return keys_BN3HW

    def _drawn(self, keys_BN3HW: Tensor, raw_BZNhw: Tensor) -> Tensor:
        """All frames after the first keyframe, which are four for each flow."""
        B = len(keys_BN3HW)
        flow_P8hw = straight(raw_BZNhw.transpose(1, 2).flatten(0, 1))
        made = self.between(keys_BN3HW[:, :-1].flatten(0, 1), keys_BN3HW[:, 1:].flatten(0, 1), flow_P8hw)
        frames_BNTCHW = made.clamp(-1, 1).to(keys_BN3HW.dtype).unflatten(0, (B, -1))
        return torch.cat([frames_BNTCHW, keys_BN3HW[:, 1:, None]], dim=2).flatten(1, 2)

    def _statistics(self, like: Tensor) -> tuple[Tensor, Tensor]:
        both = torch.tensor((self.config.mean, self.config.spread), dtype=like.dtype, device=like.device)
        mean_Z111, spread_Z111 = both[..., None, None, None]
        return mean_Z111, spread_Z111

    def _to_decoder(self, x: Tensor) -> Tensor:
        like = self.decoder.linear.weight
        return x.to(like.device, like.dtype)

    def _check_frame_shape(self, frames_BCTHW: Tensor) -> None:
        if frames_BCTHW.dim() != 5 or frames_BCTHW.shape[1] != COLOURS:
            raise ValueError(f"frames are [B, 3, T, H, W], not {tuple(frames_BCTHW.shape)}")
        if frames_BCTHW.shape[3] % CELL or frames_BCTHW.shape[4] % CELL:
            height, width = frames_BCTHW.shape[3:]
            raise ValueError(f"{width} x {height} pixels are no multiple of {CELL} x {CELL}")


def correlation(middle_PDhw: Tensor, other_PDhw: Tensor) -> Tensor:
    """How well each cell fits those up to `REACH` away in another picture, ``[P, (2 * REACH + 1) ** 2, h, w]``."""
    P, D, h, w = middle_PDhw.shape
    around = F.unfold(other_PDhw, 2 * REACH + 1, padding=REACH).view(P, D, -1, h, w)
    return (middle_PDhw[:, :, None] * around).sum(1)


def lucas_kanade(middle_P3HW: Tensor, others_P43HW: Tensor, flow_P8hw: Tensor) -> tuple[Tensor, Tensor]:
    """How the others, warped by a flow, still differ from the middle picture, and the step of least squares that
    would correct it, in pixels, at most half a cell: ``[P, 4, 3, H, W]`` and ``[P, 8, h, w]``."""
    P, K = others_P43HW.shape[:2]
    full = enlarged(flow_P8hw, CELL).unflatten(1, (K, 2)).flatten(0, 1)
    warped_P43HW = warp(others_P43HW.flatten(0, 1), full).unflatten(0, (P, K))
    error_P43HW = warped_P43HW - middle_P3HW[:, None]
    right = F.pad(middle_P3HW, (1, 1, 0, 0), mode="replicate").diff(dim=-1)
    down = F.pad(middle_P3HW, (0, 0, 1, 1), mode="replicate").diff(dim=-2)
    gx_P3HW, gy_P3HW = (right[..., :-1] + right[..., 1:]) / 2, (down[..., :-1, :] + down[..., 1:, :]) / 2

    def near(x_QCHW: Tensor) -> Tensor:
        return F.avg_pool2d(F.avg_pool2d(x_QCHW.sum(1, keepdim=True), CELL), 3, 1, 1, count_include_pad=False)

    xx, xy, yy = near(gx_P3HW * gx_P3HW) + 2e-3, near(gx_P3HW * gy_P3HW), near(gy_P3HW * gy_P3HW) + 2e-3
    steps = []
    for k in range(K):
        bx, by = near(gx_P3HW * error_P43HW[:, k]), near(gy_P3HW * error_P43HW[:, k])
        scale = 1 / (xx * yy - xy * xy)
        steps += [-(yy * bx - xy * by) * scale, -(xx * by - xy * bx) * scale]
    return error_P43HW, torch.cat(steps, dim=1).clamp(-CELL / 2, CELL / 2)


def warp(picture_PCHW: Tensor, flow_P2HW: Tensor) -> Tensor:
    """The picture as it is found along a flow (x, y) in pixels, bilinear; beyond the border stands the border."""
    H, W = picture_PCHW.shape[-2:]
    device = picture_PCHW.device
    x_W = (torch.arange(W, device=device) + 0.5) * (2 / W) - 1
    y_H = (torch.arange(H, device=device) + 0.5) * (2 / H) - 1
    grid_PHW2 = torch.stack([flow_P2HW[:, 0] * (2 / W) + x_W, flow_P2HW[:, 1] * (2 / H) + y_H[:, None]], dim=-1)
    return F.grid_sample(picture_PCHW, grid_PHW2, padding_mode="border", align_corners=False)


def enlarged(flow_PCyx: Tensor, factor: int = FINE) -> Tensor:
    """A flow in pixels for every pixel."""
    return F.interpolate(flow_PCyx, scale_factor=factor, mode="bilinear")


def flow_at(fine_P8yx: Tensor, k: int) -> Tensor:
    """The flow from frame k of the three to both keyframes, ``[P, 4, y, x]``, from that of the middle one.

    What is seen at p in that frame was at q in the middle one, with q + flow(q) = p: found in three rounds.
    """
    before, after = fine_P8yx[:, :2], fine_P8yx[:, -2:]
    if k == 1:
        return torch.cat([before, after], dim=1)
    own = fine_P8yx[:, 2:4] if k == 0 else fine_P8yx[:, 4:6]
    back = -own
    for _ in range(3):
        back = -warp(own, back / FINE)  # squares, not pixels, on this grid
    found = warp(fine_P8yx, back / FINE)
    return torch.cat([found[:, :2] + back, found[:, -2:] + back], dim=1)


def curved(flow_P8hw: Tensor) -> Tensor:
    """Flow to the four other frames as velocity, acceleration and so on: coefficients of orthonormal polynomials in
    time, x and y of each, the larger first."""
    flow = flow_P8hw.unflatten(1, (len(OFFSETS), 2))
    return torch.einsum("ok,pocyx->pkcyx", _basis().to(flow), flow).flatten(1, 2)


def straight(coefficients_P8hw: Tensor) -> Tensor:
    """The inverse of `curved`."""
    c = coefficients_P8hw.unflatten(1, (len(OFFSETS), 2))
    return torch.einsum("ok,pkcyx->pocyx", _basis().to(c), c).flatten(1, 2)


@cache
def _basis() -> Tensor:
    """Orthonormal polynomials ``[offset, order]`` without a constant, at `OFFSETS`."""
    t_O = torch.tensor(OFFSETS, dtype=torch.float64)
    powers_OK = torch.stack([t_O**k for k in range(1, len(OFFSETS) + 1)], dim=1)
    q_OK, r_KK = torch.linalg.qr(powers_OK)
    basis: Tensor = q_OK * r_KK.diagonal().sign()
    return basis


def _prior(k: int, device: torch.device) -> Tensor:
    """Logits of the four warped pictures before anything is learnt: the nearer keyframe, the nearer motion."""
    near = torch.tensor([BETWEEN - k, k + 1.0], device=device).log()
    return torch.cat([near, near - 3.0])[:, None, None]


def _silence(layer: nn.Conv2d) -> None:
    """A layer that says nothing yet."""
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
