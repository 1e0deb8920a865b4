"""The spacetime transformer: a bag of noisy tokens, each with its own time and place, to the velocity of each.

It is Wan's architecture with Wan's native parameter names (Wan-Video/Wan2.1 and Wan2.2), and time per token as in
TI2V-5B. It knows nothing of grids, modes, samplers, files or text: prompts arrive as features.

Names of shapes: B films in a batch, N tokens of a film, M runs of tokens that share a time (usually latent frames), F =
B * M runs of all films together, G = N / M tokens of a run, D width, K heads, E head width, C numbers of a token, P
prompts, L tokens of a prompt, S keys, U distinct times, J frequencies. Everything but attention works on [F, G, D], so
stills, films and windows with as many frames in all are the same to it, and to a compiler.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, Self, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from yozora.model.attention import MUTED, Rotation, attend, halves, rotate, rotation
from yozora.model.carry import Carriage, Carrier, Sources
from yozora.model.evidence import Memory, agree, point, recall, settle

WIDTHS = ("head.doubt.weight", "head.recall.weight", "head.point.weight", "head.carry.weight")
POINTED = 2.0
"""Biases of a pointer's queries and keys before it is trained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformerConfig:
    """Sizes of a `SpacetimeTransformer`. Those from `predicts` on are only for models that are trained here."""

    dim: int  # D, the width
    heads: int
    layers: int
    ffn: int  # hidden width of the feed-forward
    in_channels: int  # latent channels, and whatever else a checkpoint takes beside them
    out_channels: int
    patch: tuple[int, int, int] = (1, 2, 2)  # latent frames, rows and columns in one token
    text_dim: int = 4096  # features of the text encoder
    freq_dim: int = 256  # sinusoids that code the time
    text_len: int | None = 512  # every prompt is zero-padded to this and the pads are read; None: no pads
    collapse_pads: bool = True  # the pads, all alike, as one weighted key: exact and cheap
    eps: float = 1e-6
    qk_norm: bool = True
    predicts: Literal["velocity", "clean"] = "velocity"  # what the head gives; `forward` returns velocity
    place_dim: int = (
        0  # sinusoids an axis of a token's absolute place, added to it: a small model learns layouts sooner
    )
    recalls: bool = False  # whether what is known at the same place is weighed against the guess
    points: bool = False  # whether it may also point at what is known elsewhere
    carries: tuple[int, int, int] | None = None  # pixels of a latent, where figures are carried along (`model.carry`)
    mover: tuple[int, int] = (128, 4)  # width and layers of what tells where they are carried
    guidance_embeds: float | None = None  # highest guidance scale, from 1, that is an input; None: it takes none

    def __post_init__(self) -> None:
        object.__setattr__(self, "patch", tuple(self.patch))
        object.__setattr__(self, "mover", tuple(self.mover))
        object.__setattr__(self, "carries", self.carries and tuple(self.carries))
        if self.dim % self.heads or self.head_dim % 2 or self.head_dim < 6:
            raise ValueError(f"dim {self.dim} does not split into {self.heads} heads of an even width of 6 or more")
        if self.predicts not in ("velocity", "clean"):
            raise ValueError(f"predicts is {self.predicts!r}; known: velocity, clean")
        if self.predicts == "clean" and self.in_channels != self.out_channels:
            raise ValueError("a model that predicts clean latents has as many channels out as in")
        if self.guidance_embeds is not None and not self.guidance_embeds > 1:
            raise ValueError(f"guidance_embeds is {self.guidance_embeds}; guidance scales go from 1 to more than 1")
        if (self.recalls or self.points or self.carries) and self.predicts != "clean":
            raise ValueError("only a model that predicts clean latents can weigh them against what is known")

    @property
    def head_dim(self) -> int:
        return self.dim // self.heads

    @property
    def teller(self) -> "TransformerConfig":
        """Of the small transformer that tells of each token to be carried there: six numbers for each of its frames."""
        if self.carries is None:
            raise ValueError("a model that carries nothing has no mover")
        dim, layers = self.mover
        return replace(
            self,
            dim=dim,
            heads=max(1, dim // 64),
            layers=layers,
            ffn=4 * dim,
            out_channels=self.carries[0] * 6 // self.volume,
            predicts="velocity",
            recalls=False,
            points=False,
            carries=None,
            guidance_embeds=None,
        )

    @property
    def volume(self) -> int:
        """Latent cells in one token."""
        return math.prod(self.patch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """When every token is: a few distinct times, and which of them each token has.

    Of models that take the guidance scale as an input, a time has its scale beside it.

    A clip's tokens share a handful of times (known ones, invented ones), so all that depends on time alone is computed
    once for each of the U values. M divides N: each column of the index stands for N / M tokens in a row, so a whole
    latent frame, or with M = 1 a whole canvas, is modulated by broadcasting. M = N is a time for each token.
    """

    values_U: Tensor  # fp32 in [0, 1]: 0 is clean, 1 is noise
    index_BN: Tensor  # int64 [B, M] into values_U; B may be 1
    scales_U: Tensor | None = None  # guidance scale at each of the values; None: 1, no guidance

    @classmethod
    def of(cls, t_BN: Tensor, most: int = 0) -> Self:
        """The most compact form of a time for each token. Looks at the values, so it waits for the device.

        Args:
            t_BN: in [0, 1].
            most: no column stands for more tokens than this, which divides N; 0: for as many as can be. Training gives
                the tokens of a latent frame, so that films at one time are as large as those whose frames differ.
        """
        values_U, index_BN = torch.unique(t_BN.float(), return_inverse=True)
        N = index_BN.shape[1]
        changes = (index_BN[:, 1:] != index_BN[:, :-1]).any(dim=0).nonzero().flatten() + 1
        return cls(values_U=values_U, index_BN=index_BN[:, :: math.gcd(N, most, *changes.tolist())])

    def per_token(self, tokens: int) -> Tensor:
        """The time of each token, ``[B, tokens]``."""
        return self.values_U[self.index_BN].repeat_interleave(tokens // self.index_BN.shape[1], dim=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Prompts, read once: for each layer the keys and values ``[B, P * S, K, E]`` of cross-attention.

    S is the length of a prompt as the layers see it, pads included.
    """

    keys: tuple[Tensor, ...]
    values: tuple[Tensor, ...]
    bias_BPS: Tensor | None  # fp32, added to the scores; None where every key counts alike
    mover: "Reading | None" = None  # the same prompts, as the mover reads them

    def heard(self, reads_BNP: Tensor | None) -> Tensor | None:
        """The bias on scores, ``[B, 1, N or 1, P * S]``, for tokens that each listen to some of the prompts."""
        if reads_BNP is None:
            return None if self.bias_BPS is None else self.bias_BPS.flatten(1)[:, None, None]
        P = reads_BNP.shape[2]
        mute_BNP1 = (~reads_BNP).float()[..., None] * MUTED
        if self.bias_BPS is None:
            return mute_BNP1.expand(-1, -1, -1, self.keys[0].shape[1] // P).flatten(2)[:, None]
        return torch.clamp(mute_BNP1 + self.bias_BPS[:, None], min=MUTED).flatten(2)[:, None]

    def hears(self, reads_BNP: Tensor) -> Tensor:
        """Whether a token listens to any prompt that says anything, ``[B, N, 1]``."""
        if self.bias_BPS is not None:
            reads_BNP = reads_BNP & (self.bias_BPS.amax(-1) > MUTED)[:, None]
        return reads_BNP.any(dim=-1, keepdim=True)


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What all blocks of one forward share."""

    parts: "BlockParts"
    batch: int  # B
    time_F6D: Tensor  # shifts, scales and gates, before each block adds its own
    turn: Rotation  # of [F, G, 1, E/2]
    bias: Tensor | None
    hears_BN1: Tensor | None  # False where a token listens to no prompt
    dtype: torch.dtype  # of matrix products; the residual stream is fp32


@dataclass(frozen=True, slots=True)
class Trace:
    """A forward, the fp32 hidden state ``[B, N, dim]`` that ``truth_layer`` chose, and what was remembered."""

    velocity_BNC: Tensor
    middle_BND: Tensor
    memories: tuple[Memory, ...]


class QKNorm(nn.Module):
    """RMS norm over the whole width, before the heads are split."""

    def __init__(self, dim: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x_BND: Tensor, weight_D: Tensor) -> Tensor:
        x32 = x_BND.float()
        scale_BN1 = torch.rsqrt(x32.square().mean(-1, keepdim=True) + self.eps)
        return (x32 * scale_BN1 * weight_D.float()).to(x_BND.dtype)


class Attention(nn.Module):
    """The parameters of one attention, and the projections around it, in the dtype of their input."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.q = nn.Linear(config.dim, config.dim)
        self.k = nn.Linear(config.dim, config.dim)
        self.v = nn.Linear(config.dim, config.dim)
        self.o = nn.Linear(config.dim, config.dim)
        self.norm_q = QKNorm(config.dim, config.eps) if config.qk_norm else None
        self.norm_k = QKNorm(config.dim, config.eps) if config.qk_norm else None

    def turned(self, x_FGD: Tensor, turn: Rotation) -> tuple[Tensor, Tensor, Tensor]:
        """Queries and keys with their positions, and values, each ``[F, G, K, E]``, in one matrix product."""
        K, dtype = self.heads, x_FGD.dtype
        weights = (halves(self.q.weight.to(dtype), K), halves(self.k.weight.to(dtype), K), self.v.weight.to(dtype))
        biases = (halves(self.q.bias.to(dtype), K), halves(self.k.bias.to(dtype), K), self.v.bias.to(dtype))
        q_FGD, k_FGD, v_FGD = F.linear(x_FGD, torch.cat(weights), torch.cat(biases)).chunk(3, dim=-1)
        if self.norm_q is not None and self.norm_k is not None:
            q_FGD = self.norm_q(q_FGD, halves(self.norm_q.weight, K))
            k_FGD = self.norm_k(k_FGD, halves(self.norm_k.weight, K))
        q_FGKE, k_FGKE, v_FGKE = (y.unflatten(-1, (K, -1)) for y in (q_FGD, k_FGD, v_FGD))
        return rotate(q_FGKE, turn), rotate(k_FGKE, turn), v_FGKE

    def queries(self, x_FGD: Tensor) -> Tensor:
        q_FGD: Tensor = self.q(x_FGD)
        if self.norm_q is not None:
            q_FGD = self.norm_q(q_FGD, self.norm_q.weight)
        q_FGKE: Tensor = q_FGD.unflatten(-1, (self.heads, -1))
        return q_FGKE

    def keys_values(self, x_BSD: Tensor) -> tuple[Tensor, Tensor]:
        k_BSD: Tensor = self.k(x_BSD)
        v_BSD: Tensor = self.v(x_BSD)
        if self.norm_k is not None:
            k_BSD = self.norm_k(k_BSD, self.norm_k.weight)
        return k_BSD.unflatten(-1, (self.heads, -1)), v_BSD.unflatten(-1, (self.heads, -1))


class Block(nn.Module):
    """Self-attention, cross-attention to the prompts, feed-forward; the first and last modulated by time."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        D = config.dim
        self.eps = config.eps
        self.self_attn = Attention(config)
        self.norm3 = nn.LayerNorm(D, config.eps)
        self.cross_attn = Attention(config)
        self.ffn = nn.Sequential(nn.Linear(D, config.ffn), nn.GELU(approximate="tanh"), nn.Linear(config.ffn, D))
        self.modulation = nn.Parameter(torch.empty(1, 6, D))

    def forward(self, x_FGD: Tensor, k_BSKE: Tensor, v_BSKE: Tensor, around: _Surroundings) -> Tensor:
        """The fp32 residual stream after this block; keys and values are those of the prompts."""
        parts, time_F6D = around.parts, around.time_F6D
        held = [*parts.between(self, x_FGD, self._look(x_FGD, around), time_F6D)]
        # popped, since what has a name here stays in memory until the feed-forward is done
        return parts.after(self, held.pop(0), self._listen(held.pop(), k_BSKE, v_BSKE, around), time_F6D)

    def _look(self, x_FGD: Tensor, around: _Surroundings) -> Tensor:
        looks_FGKE = around.parts.before(self, x_FGD, around.time_F6D, around.turn, around.dtype)
        return attend(*(films(y_FGKE, around.batch) for y_FGKE in looks_FGKE)).reshape(x_FGD.shape)

    def _listen(self, q_FGKE: Tensor, k_BSKE: Tensor, v_BSKE: Tensor, around: _Surroundings) -> Tensor:
        h_BND = attend(films(q_FGKE, around.batch), k_BSKE, v_BSKE, around.bias)
        if around.hears_BN1 is not None:
            h_BND = h_BND * around.hears_BN1
        return h_BND.reshape(*q_FGKE.shape[:2], -1)

    def before(
        self, x_FGD: Tensor, time_F6D: Tensor, turn: Rotation, dtype: torch.dtype
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values ``[F, G, K, E]`` of self-attention in the dtype."""
        shift_F1D, scale_F1D = (time_F6D[:, :2] + self.modulation[:, :2].float()).chunk(2, dim=1)
        return self.self_attn.turned(modulate(x_FGD, shift_F1D, scale_F1D, self.eps).to(dtype), turn)

    def between(self, x_FGD: Tensor, seen_FGD: Tensor, time_F6D: Tensor) -> tuple[Tensor, Tensor]:
        """The residual stream with what self-attention gave, and the queries ``[F, G, K, E]`` of cross-attention."""
        norm, gate_F1D = self.norm3, time_F6D[:, 2:3] + self.modulation[:, 2:3].float()
        x_FGD = x_FGD + self.self_attn.o(seen_FGD) * gate_F1D
        h_FGD = F.layer_norm(x_FGD, norm.normalized_shape, norm.weight.float(), norm.bias.float(), norm.eps)
        return x_FGD, self.cross_attn.queries(h_FGD.to(seen_FGD.dtype))

    def after(self, x_FGD: Tensor, h_FGD: Tensor, time_F6D: Tensor) -> Tensor:
        """The residual stream with what cross-attention gave, ``h_FGD``, and with the feed-forward's update."""
        dtype = h_FGD.dtype
        x_FGD = x_FGD + self.cross_attn.o(h_FGD)
        shift_F1D, scale_F1D, gate_F1D = (time_F6D[:, 3:] + self.modulation[:, 3:].float()).chunk(3, dim=1)
        h_FGD = modulate(x_FGD, shift_F1D, scale_F1D, self.eps).to(dtype)
        update_FGD: Tensor = self.ffn(h_FGD)
        return x_FGD + update_FGD * gate_F1D


@dataclass(frozen=True, slots=True)
class BlockParts:
    """What of a block can be compiled: what is before, between and after its two attentions. All blocks share it."""

    before: Callable[[Block, Tensor, Tensor, Rotation, torch.dtype], tuple[Tensor, Tensor, Tensor]] = Block.before
    between: Callable[[Block, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]] = Block.between
    after: Callable[[Block, Tensor, Tensor, Tensor], Tensor] = Block.after


class Head(nn.Module):
    """The last norm, modulated by time, and the projection to latents in the order (cells, channels)."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.head = nn.Linear(config.dim, config.volume * config.out_channels)
        self.modulation = nn.Parameter(torch.empty(1, 2, config.dim))
        if config.predicts == "clean":
            self.doubt = nn.Linear(config.dim, config.out_channels)  # logarithm of how far off the guess is
        if config.recalls:
            self.recall = nn.Linear(config.dim, config.out_channels)  # the same of what is known at that place
        if config.points:
            self.q = nn.Linear(config.dim, config.head_dim)
            self.k = nn.Linear(config.dim, config.head_dim)
            self.point = nn.Linear(config.dim, config.out_channels)  # the same of what is pointed at
        if config.carries:
            self.carry = nn.Linear(config.dim, config.out_channels)  # the same of what is carried


class SpacetimeTransformer(nn.Module):
    """Velocity of every token of a canvas, given its time, its place and the prompts that it listens to.

    Matrix products run in the dtype of the parameters, or in that of ``torch.autocast``; the residual stream, norms,
    modulation and the output are fp32.
    """

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        D = config.dim
        self.config = config
        self.patch_embedding = nn.Conv3d(config.in_channels, D, config.patch, config.patch)
        if config.place_dim:
            self.place_embedding = nn.Linear(3 * config.place_dim, D)
        self.text_embedding = nn.Sequential(nn.Linear(config.text_dim, D), nn.GELU(approximate="tanh"), nn.Linear(D, D))
        self.time_embedding = nn.Sequential(nn.Linear(config.freq_dim, D), nn.SiLU(), nn.Linear(D, D))
        if config.guidance_embeds is not None:
            self.guidance_embedding = nn.Sequential(nn.Linear(config.freq_dim, D), nn.SiLU(), nn.Linear(D, D))
        self.time_projection = nn.Sequential(nn.SiLU(), nn.Linear(D, 6 * D))
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.head = Head(config)
        self.carrier = Carrier(config.out_channels, config.carries, config.patch) if config.carries else None
        self.mover = SpacetimeTransformer(config.teller) if config.carries else None
        self.parts = BlockParts()
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Start from nothing: every block is the identity and the output is zero.

        Linears are Xavier uniform with zero biases and the time MLP is normal (0.02), as in Wan. Unlike Wan, whose text
        is 4096 wide, the text MLP is Xavier too (0.02 would silence narrow text), the projections that write to the
        residual stream are zero, and the gates on them one. The guidance scale has no influence.
        """
        for name, parameter in self.named_parameters():
            if name.startswith(("carrier.", "mover.")):  # they start by themselves
                continue
            if name.endswith(
                (
                    ".bias",
                    "attn.o.weight",
                    "ffn.2.weight",
                    "head.head.weight",
                    "modulation",
                    "guidance_embedding.2.weight",
                )
            ):
                nn.init.zeros_(parameter)
            elif name.startswith(("time_embedding.", "guidance_embedding.")):
                nn.init.normal_(parameter, std=0.02)
            elif parameter.ndim == 1:
                nn.init.ones_(parameter)
            else:
                nn.init.xavier_uniform_(parameter.flatten(1))
            if name.endswith(".modulation") and name.startswith("blocks."):
                parameter[:, (2, 5)] = 1.0
            if name in WIDTHS:
                nn.init.zeros_(parameter)
            if name.replace(".bias", ".weight") in WIDTHS and name.endswith(".bias"):
                nn.init.constant_(parameter, math.log(0.5 if "doubt" in name else 1.5))
            if name in ("head.q.bias", "head.k.bias"):  # who knows nothing better points to where he is
                nn.init.constant_(parameter, POINTED)

    def read(self, text_BPLD: Tensor, mask_BPL: Tensor | None = None) -> Reading:
        """Read P prompts of at most L tokens: all that depends on the text alone, once for all sampler steps.

        Args:
            text_BPLD: features of the text encoder, ``text_dim`` wide.
            mask_BPL: True where there is a token; None: everywhere. What stands elsewhere has no influence.

        Raises:
            ValueError: L exceeds the config's ``text_len``.
        """
        config, dtype = self.config, self._dtype
        told = None if self.mover is None else self.mover.read(text_BPLD, mask_BPL)
        text_BPLD, counts_BPS, bias_BPS = pad(text_BPLD, mask_BPL, config)
        text_BSD = self.text_embedding(text_BPLD.flatten(1, 2).to(dtype)).to(dtype)
        keys, values = zip(*(block.cross_attn.keys_values(text_BSD) for block in self._stack), strict=True)
        if counts_BPS is not None:
            counts_BS11 = counts_BPS.flatten(1)[:, :, None, None].to(dtype)
            values = tuple(v_BSKE * counts_BS11 for v_BSKE in values)
        return Reading(keys=keys, values=values, bias_BPS=bias_BPS, mover=told)

    def forward(
        self,
        x_BNC: Tensor,
        time: Time,
        pos_BN3: Tensor,
        reading: Reading,
        reads_BNP: Tensor | None = None,
        carriage: Carriage | None = None,
    ) -> Tensor:
        """Velocity (noise minus clean) of every token, ``[B, N, out_channels * volume]`` in fp32.

        Args:
            x_BNC: noisy tokens; C = (in_channels, frames, rows, columns of a patch), channels slowest.
            time: of each token, with its guidance scale where the model takes one.
            pos_BN3: frame, row and column in patches, real-valued; B may be 1.
            reading: what `read` made of the prompts; its B may be 1.
            reads_BNP: bool, which prompts each token listens to; None: all. Listening to none is allowed.
            carriage: what `carriage` made of the same but for the noise; None: it is made here.

        Raises:
            ValueError: there are guidance scales, and the model takes none.
        """
        return self.trace(x_BNC, time, pos_BN3, reading, reads_BNP, carriage).velocity_BNC

    def trace(
        self,
        x_BNC: Tensor,
        time: Time,
        pos_BN3: Tensor,
        reading: Reading,
        reads_BNP: Tensor | None = None,
        carriage: Carriage | None = None,
        truth_layer: int = 0,
    ) -> Trace:
        """`forward`, and what training wants to know beside it.

        Args:
            truth_layer: how many blocks lie before the hidden state that is returned, 0..layers; 0: it is the embedding
                of the tokens.

        Raises:
            ValueError: there are fewer blocks than ``truth_layer``, or guidance scales that the model does not take.
        """
        config, (B, N) = self.config, x_BNC.shape[:2]
        if not 0 <= truth_layer <= config.layers:
            raise ValueError(f"truth_layer {truth_layer} is not in 0..{config.layers}")
        M = time.index_BN.shape[1]
        index_F = time.index_BN.expand(B, -1).flatten()
        time_UD, steps_U6D = self._clock(time)
        turn = rotation(pos_BN3, config.head_dim)
        around = _Surroundings(
            parts=self.parts,
            batch=B,
            time_F6D=steps_U6D[index_F],
            turn=(runs(turn[0], B, M), runs(turn[1], B, M)),
            bias=reading.heard(reads_BNP),
            hears_BN1=None if reads_BNP is None else reading.hears(reads_BNP),
            dtype=self._dtype,
        )
        x_FGD = middle_FGD = runs(self._embed(x_BNC, pos_BN3), B, M)
        for i, block in enumerate(self._stack, start=1):
            x_FGD = block(x_FGD, reading.keys[i - 1], reading.values[i - 1], around)
            if i == truth_layer:
                middle_FGD = x_FGD
        memories: tuple[Memory, ...] = ()
        out_BND = films(self._last(x_FGD, time_UD[index_F][:, None]), B)
        out_BNC = self._project(out_BND)
        if config.predicts == "clean":
            t_BN = time.per_token(N)
            doubt_BNC = self._width(self.head.doubt, out_BND)
            memories = self._remember(x_BNC.float(), t_BN, pos_BN3, out_BND, turn)
            for memory in memories:
                out_BNC, doubt_BNC = agree(out_BNC, doubt_BNC, memory)
            if carriage is None:
                carriage = self.carriage(x_BNC, time, pos_BN3, reading, reads_BNP)
            if self.carrier is not None and carriage is not None and len(carriage):
                with torch.autocast(x_BNC.device.type, enabled=False):  # exactly as it is known
                    content_BNC, there_BN1 = self.carrier.show(carriage, out_BNC)
                change_BNC = self._width(self.head.carry, out_BND)
                memory = Memory(content_BNC=content_BNC, change_BNC=change_BNC, there_BN1=there_BN1)
                memories = (*memories, memory)
                out_BNC, doubt_BNC = agree(out_BNC, doubt_BNC, memory)
            out_BNC = settle(x_BNC.float(), out_BNC, t_BN[..., None], doubt_BNC)
        return Trace(velocity_BNC=out_BNC, middle_BND=films(middle_FGD, B), memories=memories)

    def _remember(
        self, x_BNC: Tensor, t_BN: Tensor, pos_BN3: Tensor, out_BND: Tensor, turn: Rotation
    ) -> tuple[Memory, ...]:
        """What is known of each token, by the means that the config names."""
        head, found = self.head, []
        if self.config.recalls:
            found.append(recall(x_BNC, t_BN, pos_BN3, self._width(head.recall, out_BND)))
        if self.config.points:
            q_BN1E, k_BN1E = (rotate(each(out_BND)[:, :, None].float(), turn) for each in (head.q, head.k))
            found.append(point(x_BNC, t_BN, q_BN1E, k_BN1E, self._width(head.point, out_BND)))
        return tuple(found)

    @torch.no_grad()
    def carriage(
        self, x_BNC: Tensor, time: Time, pos_BN3: Tensor, reading: Reading, reads_BNP: Tensor | None = None
    ) -> Carriage | None:
        """Figures of what is known, carried to where the mover tells that they get; None of a model without a mover.

        It depends on what is known and on the prompts alone, not on the noise: whoever samples makes it once and gives
        it to every `forward`.
        """
        if self.carrier is None or self.mover is None or reading.mover is None:
            return None
        t_BN = time.per_token(x_BNC.shape[1]).expand(len(x_BNC), -1)
        sources = Sources.of(t_BN, pos_BN3[0])
        if sources is None or not len(sources.row_G):
            return Carriage.nothing(x_BNC.float())
        known_BN1 = (t_BN == 0)[..., None]
        free = Time.of((~known_BN1[..., 0]).float())
        told_BNC: Tensor = self.mover(x_BNC * known_BN1, free, pos_BN3, reading.mover, reads_BNP)
        with torch.autocast(x_BNC.device.type, enabled=False):
            return self.carrier.lay(x_BNC.float(), told_BNC.unflatten(-1, (-1, 2, 3)), sources)

    def _width(self, head: nn.Module, out_BND: Tensor) -> Tensor:
        """How far off something is, for each number of each token, from the logarithm that a head gives a channel."""
        log_BNZ: Tensor = head(out_BND).float()
        return log_BNZ.exp().repeat_interleave(self.config.volume, dim=-1)

    @property
    def _stack(self) -> list[Block]:
        return cast(list[Block], list(self.blocks))

    @property
    def _dtype(self) -> torch.dtype:
        weight = self.patch_embedding.weight
        if torch.is_autocast_enabled(weight.device.type):
            return torch.get_autocast_dtype(weight.device.type)
        return weight.dtype

    def _clock(self, time: Time) -> tuple[Tensor, Tensor]:
        """The time's embedding [U, D] and its projection to shifts, scales and gates [U, 6, D], in fp32."""
        most, width = self.config.guidance_embeds, self.config.freq_dim
        if most is None and time.scales_U is not None:
            raise ValueError("a model without guidance_embeds takes no guidance scale")
        with torch.autocast(time.values_U.device.type, enabled=False):
            time_UD = in_fp32(self.time_embedding, sinusoids(time.values_U * 1000.0, width))
            if most is not None:
                scales_U = torch.ones_like(time.values_U) if time.scales_U is None else time.scales_U
                share_U = scales_U.float().log() / math.log(most)  # 0 at 1, 1 at the highest
                time_UD = time_UD + in_fp32(self.guidance_embedding, sinusoids(share_U * 1000.0, width))
            return time_UD, in_fp32(self.time_projection, time_UD).unflatten(-1, (6, -1))

    def _embed(self, x_BNC: Tensor, pos_BN3: Tensor) -> Tensor:
        weight, bias = self.patch_embedding.weight.flatten(1), self.patch_embedding.bias
        x_BND = F.linear(x_BNC.to(self._dtype), weight, bias).float()
        if self.config.place_dim:
            x_BND = x_BND + in_fp32(self.place_embedding, places(pos_BN3, self.config.place_dim))
        return x_BND

    def _last(self, x_FGD: Tensor, time_F1D: Tensor) -> Tensor:
        shift_D, scale_D = self.head.modulation.float()[0]
        return modulate(x_FGD, time_F1D + shift_D, time_F1D + scale_D, self.config.eps).to(self._dtype)

    def _project(self, h_BND: Tensor) -> Tensor:
        out_BNC: Tensor = self.head.head(h_BND).float()
        cells_BNPC: Tensor = out_BNC.unflatten(-1, (self.config.volume, -1))
        return cells_BNPC.transpose(-1, -2).flatten(-2)


def pad(
    text_BPLD: Tensor, mask_BPL: Tensor | None, config: TransformerConfig
) -> tuple[Tensor, Tensor | None, Tensor | None]:
    """Bring prompts to the length that cross-attention sees: text, which values count, and the bias on scores.

    With ``text_len`` zeros stand where there is no token, and all of them are read. Since they are alike, one of them
    with the logarithm of their number as its bias has the same weight in the softmax.
    """
    B, P, L, _ = text_BPLD.shape
    if config.text_len is None:
        if mask_BPL is None:
            return text_BPLD, None, None
        return text_BPLD, mask_BPL, (~mask_BPL).float() * MUTED
    if config.text_len < L:
        raise ValueError(f"a prompt of {L} tokens, and the model reads {config.text_len}")
    if mask_BPL is None:
        mask_BPL = text_BPLD.new_ones((B, P, L), dtype=torch.bool)
    if not config.collapse_pads:
        text_BPLD = text_BPLD * mask_BPL[..., None].to(text_BPLD.dtype)
        return F.pad(text_BPLD, (0, 0, 0, config.text_len - L)), None, None
    pads_BP1 = config.text_len - mask_BPL.sum(-1, keepdim=True)
    mask_BPS = torch.cat((mask_BPL, pads_BP1 > 0), dim=-1)
    weight_BPS = torch.cat((mask_BPL.float(), pads_BP1.float()), dim=-1)
    bias_BPS = torch.where(mask_BPS, weight_BPS.clamp(min=1.0).log(), MUTED)
    return F.pad(text_BPLD, (0, 0, 0, 1)), mask_BPS, bias_BPS


def sinusoids(t_U: Tensor, width: int) -> Tensor:
    """Cosines, then sines, of a time in 0..1000 at frequencies 10000 ** -(i / (width / 2)): ``[U, width]``, fp32."""
    i_J = torch.arange(width // 2, dtype=torch.float64, device=t_U.device)
    angle_UJ = t_U.double()[:, None] * 10000.0 ** -(i_J / (width // 2))
    return torch.cat((angle_UJ.cos(), angle_UJ.sin()), dim=-1).float()


def places(pos_BN3: Tensor, width: int) -> Tensor:
    """Cosines and sines of frame, row and column, periods from 2 to 128 tokens: ``[B, N, 3 * width]``, fp32."""
    i_J = torch.arange(width // 2, dtype=torch.float32, device=pos_BN3.device)
    angle_BN3J = pos_BN3.float()[..., None] * math.pi * 64.0 ** -(i_J / max(width // 2 - 1, 1))
    return torch.cat((angle_BN3J.cos(), angle_BN3J.sin()), dim=-1).flatten(-2)


def in_fp32(module: nn.Module, x: Tensor) -> Tensor:
    """The module's output in fp32, whatever the dtype of its parameters: time is too finely divided for bf16."""
    parameters = {name: parameter.float() for name, parameter in module.named_parameters()}
    y: Tensor = torch.func.functional_call(module, parameters, x)
    return y


def runs(x_BN: Tensor, B: int, M: int) -> Tensor:
    """``[B or 1, N, ...]`` as ``[B * M, N / M, ...]``, contiguous: a compiler need not tell one film from many."""
    rest = x_BN.shape[2:]
    return x_BN.expand(B, -1, *rest).reshape(B * M, -1, *rest).contiguous()


def films(x_FG: Tensor, B: int) -> Tensor:
    """``[B * M, N / M, ...]`` as ``[B, N, ...]``, without a copy."""
    x_BMG: Tensor = x_FG.unflatten(0, (B, -1))
    return x_BMG.flatten(1, 2)


def modulate(x_FGD: Tensor, shift_F1D: Tensor, scale_F1D: Tensor, eps: float) -> Tensor:
    """Layer norm, scaled and shifted."""
    return torch.addcmul(shift_F1D, F.layer_norm(x_FGD, x_FGD.shape[-1:], eps=eps), 1.0 + scale_F1D)


def compile_parts(dit: SpacetimeTransformer, backend: str | Callable[..., object] = "inductor") -> None:
    """Compile what lies between the attentions of a transformer, once for all blocks and for every [F, G, D].

    On a CPU it takes a C++ compiler and about a minute for each shape. A mover stays as it is.

    Args:
        backend: of ``torch.compile``.
    """
    torch._dynamo.config.recompile_limit = 64  # shapes, with gradients and without
    fuse = partial(torch.compile, backend=backend, dynamic=False, fullgraph=True)
    dit.parts = BlockParts(before=fuse(Block.before), between=fuse(Block.between), after=fuse(Block.after))
