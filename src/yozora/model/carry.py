"""What moves, carried along: figures are cut out of a known picture, laid where they have got to by now, and what is
before and behind them comes from the known picture and, where that never showed it, from the model's guess.

A layered picture (Wang and Adelson 1994) with a motion that the model tells of each token, as Motion-I2V (Shi et al.
2024, arXiv 2401.15977) warps a still by a motion that was told first. Knows no canvas: tokens come as a bag, and those
on a lattice are put together to pictures by their positions. Names of shapes as in `dit`; besides F latent frames,
R rows and Q columns of tokens, H and W pixels, U pictures, G latent frames to be filled.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

COLOURS = 3
ON_LATTICE = 1e-3  # of a token: how far off a position may be
RIM = 2  # pixels round a figure that are no stage either: its outline, and what the autoencoder smeared
SEEN = 0.05  # of a pixel: less of a figure is nothing
NEAR = 4  # a token's side in the steps in which figures are looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Lattice:
    """Where the tokens of a bag are in frames, rows and columns; -1 where there is none."""

    slot_FRQ: Tensor  # int64, the number of a token

    @classmethod
    def of(cls, pos_N3: Tensor, free_N: Tensor) -> "Lattice | None":
        """The lattice of all tokens at whole positions from 0 on; None where there are none. Of two at one place the
        one that is not free counts.
        """
        at_N3 = pos_N3.round().long()
        on_N = ((pos_N3 - at_N3).abs().amax(-1) < ON_LATTICE) & (at_N3 >= 0).all(-1)
        if not bool(on_N.any()):
            return None
        first = int(at_N3[on_N, 0].min())
        at_M3 = at_N3[on_N] - at_N3.new_tensor([first, 0, 0])
        shape, number_M = (at_M3.amax(0) + 1).tolist(), on_N.nonzero()[:, 0]
        place_M = (at_M3[:, 0] * shape[1] + at_M3[:, 1]) * shape[2] + at_M3[:, 2]
        order_M = number_M + len(pos_N3) * free_N[number_M]  # those that are free come last
        least = at_N3.new_full((math.prod(shape),), -1)
        least.scatter_reduce_(0, place_M, order_M, "amin", include_self=False)
        return cls(slot_FRQ=torch.where(least < 0, -1, least % len(pos_N3)).view(shape))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Which latent frames are filled, and from which known one each: the nearest in time."""

    lattice: Lattice
    row_G: Tensor  # of the batch
    frame_G: Tensor  # number in the lattice of the frame to be filled
    from_G: Tensor  # and of the known one

    @classmethod
    def of(cls, t_BN: Tensor, pos_N3: Tensor) -> "Sources | None":
        lattice = Lattice.of(pos_N3, (t_BN > 0).any(0))
        if lattice is None:
            return None
        slot_FM = lattice.slot_FRQ.flatten(1)
        whole_F = (slot_FM >= 0).all(-1)
        known_BF = (t_BN[:, slot_FM.clamp_min(0)] == 0).all(-1) & whole_F
        frames = torch.arange(len(whole_F), device=t_BN.device)
        away_BFF = (frames[:, None] - frames).abs().float().masked_fill(~known_BF[:, None], torch.inf)
        nearest_BF, from_BF = away_BFF.min(-1)
        row_G, frame_G = (nearest_BF.isfinite() & ~known_BF & whole_F).nonzero().unbind(-1)
        return cls(lattice=lattice, row_G=row_G, frame_G=frame_G, from_G=from_BF[row_G, frame_G])

    @property
    def slot_GRQ(self) -> Tensor:
        """The tokens to be filled."""
        return self.lattice.slot_FRQ[self.frame_G]

    @property
    def earlier_G(self) -> Tensor:
        """Whether the known frame comes before."""
        return self.from_G < self.frame_G

    def pictures(self) -> tuple[Tensor, Tensor]:
        """What something is carried from: row, known frame and whether it comes before, `[3, U]`, and which of these
        each frame to be filled has, `[G]`.
        """
        of_3G = torch.stack([self.row_G, self.from_G, self.earlier_G.long()])
        each_3U, of_G = torch.unique(of_3G, dim=1, return_inverse=True)
        return each_3U, of_G


@dataclass(frozen=True, slots=True, kw_only=True)
class Carriage:
    """What is carried on a canvas, all but what was hidden: M tokens where a figure was or is. The same all through the
    sampling.
    """

    row_M: Tensor  # of the batch
    slot_M: Tensor
    content_MC: Tensor
    bare_L: Tensor  # numbers of those of them that show what a figure hid
    share_L1KSS: Tensor  # of each pixel: how much of that it shows

    @classmethod
    def nothing(cls, x_BNC: Tensor) -> "Carriage":
        """Of a canvas of such tokens that nothing is carried on."""
        none = torch.empty(0, dtype=torch.long, device=x_BNC.device)
        return cls(
            row_M=none,
            slot_M=none,
            content_MC=x_BNC.new_empty((0, x_BNC.shape[-1])),
            bare_L=none,
            share_L1KSS=x_BNC.new_empty((0, 1, 1, 1, 1)),
        )

    def __len__(self) -> int:
        """How many tokens there are."""
        return len(self.row_M)

    def row(self, index: int) -> "Carriage":
        """What is carried on one of the rows."""
        mine_M = self.row_M == index
        mine_L, number_M = mine_M[self.bare_L], mine_M.cumsum(0) - 1
        return Carriage(
            row_M=torch.zeros_like(self.row_M[mine_M]),
            slot_M=self.slot_M[mine_M],
            content_MC=self.content_MC[mine_M],
            bare_L=number_M[self.bare_L[mine_L]],
            share_L1KSS=self.share_L1KSS[mine_L],
        )

    def repeated(self, rows: int) -> "Carriage":
        """The same for each of so many rows, from one row."""
        M, L = len(self.row_M), len(self.bare_L)
        each = torch.arange(rows, device=self.row_M.device)
        return Carriage(
            row_M=each.repeat_interleave(M),
            slot_M=self.slot_M.repeat(rows),
            content_MC=self.content_MC.repeat(rows, 1),
            bare_L=self.bare_L.repeat(rows) + M * each.repeat_interleave(L),
            share_L1KSS=self.share_L1KSS.repeat(rows, 1, 1, 1, 1),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CutterConfig:
    """Channels of a `Cutter`, from half of the picture's size on, each level half of that before."""

    widths: tuple[int, ...] = (24, 48, 64, 64)

    def __post_init__(self) -> None:
        object.__setattr__(self, "widths", tuple(self.widths))


class Cutter(nn.Module):
    """How much each pixel belongs to a figure: a small U-Net (Ronneberger et al. 2015)."""

    def __init__(self, config: CutterConfig) -> None:
        super().__init__()
        widths = config.widths
        self.first = nn.Conv2d(COLOURS * 4, widths[0], 3, padding=1)
        self.down = nn.ModuleList(nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairwise(widths))
        self.inner = nn.Conv2d(widths[-1], widths[-1], 3, padding=1)
        self.up = nn.ModuleList(nn.Conv2d(a + b, b, 3, padding=1) for a, b in pairwise(widths[::-1]))
        self.last = nn.Conv2d(widths[0], 4, 3, padding=1)

    def forward(self, picture_U3HW: Tensor) -> Tensor:
        """Pictures in -1..1, of even height and width, to logits `[U, 1, H, W]`."""
        x = F.gelu(self.first(F.pixel_unshuffle(picture_U3HW.to(self.first.weight.dtype), 2)))
        passed = []
        for layer in self.down:
            passed.append(x)
            x = F.gelu(_normalize_pixels(layer(x)))
        x = x + F.gelu(self.inner(x))
        for layer in self.up:
            beside = passed.pop()
            wide = F.interpolate(x, size=beside.shape[-2:], mode="nearest")
            x = F.gelu(_normalize_pixels(layer(torch.cat([wide, beside], dim=1))))
        logits_U1HW: Tensor = F.pixel_shuffle(self.last(x), 2)
        return logits_U1HW


def _normalize_pixels(x_UCHW: Tensor) -> Tensor:
    """Every pixel's features, normed."""
    return F.layer_norm(x_UCHW.movedim(1, -1), x_UCHW.shape[1:2]).movedim(-1, 1)


class Carrier(nn.Module):
    """The pictures behind tokens, and what is carried from one to another.

    `up` and `down` are the linear path of the autoencoder whose latents the tokens are: blocks of pixels, colours
    slowest, then frames, rows and columns.
    """

    def __init__(self, channels: int, block: tuple[int, int, int], patch: tuple[int, int, int]) -> None:
        super().__init__()
        self.block, self.patch = block, patch
        size = COLOURS * block[0] * block[1] * block[2]
        self.up = nn.Linear(channels, size)
        self.down = nn.Linear(size, channels)
        self.cutter = Cutter(CutterConfig())

    @torch.no_grad()
    def lay(self, x_BNC: Tensor, move_BNK23: Tensor, sources: Sources) -> Carriage:
        """Cut figures out and lay them where they are by now.

        Args:
            x_BNC: tokens, of which the known ones are read.
            move_BNK23: for each of a token's K frames the affine map from where a pixel is to where it is in the known
                picture, less the identity; in tokens, from the token's middle.
        """
        (row_U, from_U, earlier_U), of_G = sources.pictures()
        picture_U3HW = self._pictures(x_BNC, row_U, sources.lattice.slot_FRQ[from_U], earlier_U == 1)
        mask_U1HW = self.cutter(picture_U3HW).float().sigmoid()
        move_GRQK23 = move_BNK23[sources.row_G[:, None, None], sources.slot_GRQ].float()
        busy_GRQ, seen_GRQ = self._busy(mask_U1HW, of_G, move_GRQK23)
        g_M, r_M, q_M = busy_GRQ.nonzero().unbind(-1)
        of_M, here_M = of_G[g_M], seen_GRQ[g_M, r_M, q_M]
        hidden_U1HW = F.max_pool2d(mask_U1HW, 2 * RIM + 1, 1, RIM)
        tiles_URQ4SS = _tiles(torch.cat([picture_U3HW * (1 - hidden_U1HW), hidden_U1HW], dim=1), self.size)
        shown_M4KSS = tiles_URQ4SS[of_M, r_M, q_M][:, :, None].repeat(1, 1, self.block[0], 1, 1)  # stage, hidden
        figure_U4HW = torch.cat([picture_U3HW * mask_U1HW, mask_U1HW], dim=1)
        at_M2, move_MK23 = torch.stack([q_M, r_M], dim=-1)[here_M], move_GRQK23[g_M, r_M, q_M][here_M]
        moved_M4KSS = _warp_figures(figure_U4HW, of_M[here_M], at_M2, move_MK23, self.size)
        behind_M4KSS = shown_M4KSS[here_M].mul_(1 - moved_M4KSS[:, COLOURS:])
        behind_M4KSS[:, :COLOURS] += moved_M4KSS[:, :COLOURS]
        shown_M4KSS[here_M] = behind_M4KSS
        share_M1KSS = shown_M4KSS[:, COLOURS:]
        bare_L = (share_M1KSS.flatten(1).amax(1) > SEEN).nonzero()[:, 0]
        return Carriage(
            row_M=sources.row_G[g_M],
            slot_M=sources.slot_GRQ[g_M, r_M, q_M],
            content_MC=self._from_pixels(shown_M4KSS[:, :COLOURS]),
            bare_L=bare_L,
            share_L1KSS=share_M1KSS[bare_L],
        )

    @torch.no_grad()
    def show(self, carriage: Carriage, guess_BNC: Tensor) -> tuple[Tensor, Tensor]:
        """What tokens are expected to hold, ``[B, N, C]``, and where anything is, ``[B, N, 1]``. What was hidden is as
        a guess of the clean tokens shows it; the rest of the stage is as it was.
        """
        content_BNC = torch.zeros_like(guess_BNC)
        there_BN1 = torch.zeros_like(guess_BNC[..., :1], dtype=torch.bool)
        row_M, slot_M = carriage.row_M, carriage.slot_M
        bare = row_M[carriage.bare_L], slot_M[carriage.bare_L]
        content_BNC[row_M, slot_M] = carriage.content_MC
        there_BN1[row_M, slot_M] = True
        content_BNC[bare] += self._from_pixels(self._to_pixels(guess_BNC[bare]) * carriage.share_L1KSS, alone=False)
        return content_BNC, there_BN1

    @property
    def size(self) -> int:
        """Pixels along a token's side, S."""
        return self.block[1] * self.patch[1]

    def _busy(self, mask_U1HW: Tensor, of_G: Tensor, move_GRQK23: Tensor) -> tuple[Tensor, Tensor]:
        """The tokens where a figure was or is, and those where one is: bool `[G, R, Q]`."""
        step = self.size // NEAR
        rough_U1YX = F.max_pool2d(mask_U1HW, step)
        was_URQ = F.max_pool2d(rough_U1YX, NEAR)[:, 0] > SEEN
        around_UYX = F.max_pool2d(rough_U1YX, 2 * NEAR - 1, 1, NEAR - 1)[:, 0] > SEEN
        R, Q = was_URQ.shape[1:]
        device = mask_U1HW.device
        x_GRQK = move_GRQK23[..., 0, 2] + (torch.arange(Q, device=device) + 0.5)[:, None]
        y_GRQK = move_GRQK23[..., 1, 2] + (torch.arange(R, device=device) + 0.5)[:, None, None]
        x_GRQK = (x_GRQK * NEAR).long().clamp(0, Q * NEAR - 1)
        y_GRQK = (y_GRQK * NEAR).long().clamp(0, R * NEAR - 1)
        is_GRQ = around_UYX[of_G[:, None, None, None], y_GRQK, x_GRQK].any(-1)
        return is_GRQ | was_URQ[of_G], is_GRQ

    def _pictures(self, x_BNC: Tensor, row_U: Tensor, slot_URQ: Tensor, earlier_U: Tensor) -> Tensor:
        """The last frame of a known latent that comes before, the first of one that comes after: `[U, 3, H, W]`."""
        video_U3KHW = self._to_pixels(x_BNC[row_U[:, None, None], slot_URQ].flatten(0, 2)).unflatten(0, slot_URQ.shape)
        frames_U3KHW = video_U3KHW.permute(0, 3, 4, 1, 5, 2, 6).flatten(5, 6).flatten(3, 4)
        return torch.where(earlier_U[:, None, None, None], frames_U3KHW[:, :, -1], frames_U3KHW[:, :, 0])

    def _to_pixels(self, tokens_MC: Tensor) -> Tensor:
        """Tokens as pixels `[M, 3, K, S, S]`."""
        _, y, x = self.patch
        cells = tokens_MC.unflatten(-1, (-1, y, x)).permute(0, 2, 3, 1)
        blocks = F.linear(cells, self.up.weight.float(), self.up.bias.float()).unflatten(-1, (COLOURS, *self.block))
        video_M3KSS: Tensor = blocks.permute(0, 3, 4, 1, 5, 2, 6).flatten(5, 6).flatten(3, 4)
        return video_M3KSS

    def _from_pixels(self, video_M3KSS: Tensor, alone: bool = True) -> Tensor:
        """The other way round: `[M, C]`; not `alone`: as what it adds to another."""
        _, h, w = self.block
        cut = video_M3KSS.unflatten(4, (-1, w)).unflatten(3, (-1, h)).permute(0, 3, 5, 1, 2, 4, 6).flatten(3)
        cells = F.linear(cut, self.down.weight.float(), self.down.bias.float() if alone else None)
        tokens_MC: Tensor = cells.permute(0, 3, 1, 2).flatten(1)
        return tokens_MC


def _tiles(picture_UCHW: Tensor, size: int) -> Tensor:
    """Pictures cut into tokens, `[U, R, Q, C, S, S]`."""
    cut: Tensor = picture_UCHW.unflatten(3, (-1, size)).unflatten(2, (-1, size))
    return cut.permute(0, 2, 4, 1, 3, 5).contiguous()


def _warp_figures(figure_U4HW: Tensor, of_M: Tensor, at_M2: Tensor, move_MK23: Tensor, size: int) -> Tensor:
    """Figures as they have moved, `[M, 4, K, S, S]`: colours times cover, and cover. `of_M`, which never falls, says
    whose; `at_M2` columns and rows of tokens."""
    (H, W), K, device = figure_U4HW.shape[2:], move_MK23.shape[1], figure_U4HW.device
    whole_M123 = move_MK23 + torch.eye(2, 3, device=device)
    whole_M123[..., 2] += at_M2[:, None] + 0.5
    whole_M123 *= torch.tensor([[2 * size / W], [2 * size / H]], device=device)
    whole_M123[..., 2] -= 1
    inside_S = (torch.arange(size, device=device) + 0.5) / size - 0.5
    down_SS, right_SS = torch.meshgrid(inside_S, inside_S, indexing="ij")
    pixels_P3 = torch.stack([right_SS, down_SS, torch.ones_like(down_SS)], dim=-1).flatten(0, 1)
    grid_MKP2 = pixels_P3 @ whole_M123.transpose(-1, -2)
    counts = torch.bincount(of_M, minlength=len(figure_U4HW)).tolist()
    found = [
        F.grid_sample(figure_4HW[None], grid_LKP2.flatten(0, 1)[None], padding_mode="zeros", align_corners=False)[0]
        for figure_4HW, grid_LKP2 in zip(figure_U4HW, grid_MKP2.split(counts), strict=True)
    ]
    moved_M4KSS: Tensor = torch.cat(found, dim=1).unflatten(2, (size, size)).unflatten(1, (-1, K)).movedim(0, 1)
    return moved_M4KSS
