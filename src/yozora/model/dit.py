"""The spacetime transformer: a bag of noisy tokens, each with its own time and place, to the velocity of each.

It is Wan's architecture with Wan's native parameter names (Wan-Video/Wan2.1 and Wan2.2), and time per token as in
TI2V-5B. It knows nothing of grids, modes, samplers, files or text: prompts arrive as features.
"""

import math
from dataclasses import dataclass, replace
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
    truth_layer: int = 0  # how many blocks lie before the hidden state that `trace` returns to training

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
        if (self.recalls or self.points or self.carries) and self.predicts != "clean":
            raise ValueError("only a model that predicts clean latents can weigh them against what is known")
        if not 0 <= self.truth_layer <= self.layers:
            raise ValueError(f"truth_layer {self.truth_layer} is not in 0..{self.layers}")

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
            truth_layer=0,
        )

    @property
    def volume(self) -> int:
        """Latent cells in one token."""
        return math.prod(self.patch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """When every token is: a few distinct times, and which of them each token has.

    A clip's tokens share a handful of times (known ones, invented ones), so all that depends on time alone is computed
    once for each of the U values. M divides N: each column of the index stands for N / M tokens in a row, so a whole
    latent frame, or with M = 1 a whole canvas, is modulated by broadcasting. M = N is a time for each token.
    """

    values_U: Tensor  # fp32 in [0, 1]: 0 is clean, 1 is noise
    index_BN: Tensor  # int64 [B, M] into values_U; B may be 1

    @classmethod
    def of(cls, t_BN: Tensor) -> Self:
        """The most compact form of a time for each token. Looks at the values, so it waits for the device."""
        values_U, index_BN = torch.unique(t_BN.float(), return_inverse=True)
        N = index_BN.shape[1]
        changes = (index_BN[:, 1:] != index_BN[:, :-1]).any(dim=0).nonzero().flatten() + 1
        return cls(values_U=values_U, index_BN=index_BN[:, :: math.gcd(N, *changes.tolist())])

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

    modulation_BM6D: Tensor  # of time, before each block adds its own
    turn: Rotation
    bias: Tensor | None
    hears_BN1: Tensor | None  # False where a token listens to no prompt
    dtype: torch.dtype  # of matrix products; the residual stream is fp32


@dataclass(frozen=True, slots=True)
class Trace:
    """A forward, and what was thought on the way: the fp32 hidden state ``[B, N, dim]`` after ``truth_layer`` blocks,
    and what was remembered."""

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

    def turned(self, x_BND: Tensor, turn: Rotation) -> tuple[Tensor, Tensor, Tensor]:
        """Queries and keys with their positions, and values, each ``[B, N, K, E]``, in one matrix product."""
        K, dtype = self.heads, x_BND.dtype
        weights = (halves(self.q.weight.to(dtype), K), halves(self.k.weight.to(dtype), K), self.v.weight.to(dtype))
        biases = (halves(self.q.bias.to(dtype), K), halves(self.k.bias.to(dtype), K), self.v.bias.to(dtype))
        q_BND, k_BND, v_BND = F.linear(x_BND, torch.cat(weights), torch.cat(biases)).chunk(3, dim=-1)
        if self.norm_q is not None and self.norm_k is not None:
            q_BND = self.norm_q(q_BND, halves(self.norm_q.weight, K))
            k_BND = self.norm_k(k_BND, halves(self.norm_k.weight, K))
        q_BNKE, k_BNKE, v_BNKE = (y.unflatten(-1, (K, -1)) for y in (q_BND, k_BND, v_BND))
        return rotate(q_BNKE, turn), rotate(k_BNKE, turn), v_BNKE

    def queries(self, x_BND: Tensor) -> Tensor:
        q_BND: Tensor = self.q(x_BND)
        if self.norm_q is not None:
            q_BND = self.norm_q(q_BND, self.norm_q.weight)
        q_BNKE: Tensor = q_BND.unflatten(-1, (self.heads, -1))
        return q_BNKE

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

    def forward(self, x_BND: Tensor, k_BSKE: Tensor, v_BSKE: Tensor, around: _Surroundings) -> Tensor:
        """The fp32 residual stream after this block; keys and values are those of the prompts."""
        e_BM6D = around.modulation_BM6D + self.modulation.float()
        shift1, scale1, gate1, shift2, scale2, gate2 = e_BM6D.unbind(2)
        h_BND = modulate(x_BND, shift1, scale1, self.eps).to(around.dtype)
        x_BND = gated(x_BND, self._look(h_BND, around), gate1)
        x_BND = x_BND + self._listen(x_BND, k_BSKE, v_BSKE, around)
        h_BND = modulate(x_BND, shift2, scale2, self.eps).to(around.dtype)
        return gated(x_BND, self.ffn(h_BND), gate2)

    def _look(self, h_BND: Tensor, around: _Surroundings) -> Tensor:
        y_BND: Tensor = self.self_attn.o(attend(*self.self_attn.turned(h_BND, around.turn)))
        return y_BND

    def _listen(self, x_BND: Tensor, k_BSKE: Tensor, v_BSKE: Tensor, around: _Surroundings) -> Tensor:
        norm = self.norm3
        h_BND = F.layer_norm(x_BND, norm.normalized_shape, norm.weight.float(), norm.bias.float(), norm.eps)
        h_BND = attend(self.cross_attn.queries(h_BND.to(around.dtype)), k_BSKE, v_BSKE, around.bias)
        if around.hears_BN1 is not None:
            h_BND = h_BND * around.hears_BN1
        y_BND: Tensor = self.cross_attn.o(h_BND)
        return y_BND


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
        self.time_projection = nn.Sequential(nn.SiLU(), nn.Linear(D, 6 * D))
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.head = Head(config)
        self.carrier = Carrier(config.out_channels, config.carries, config.patch) if config.carries else None
        self.mover = SpacetimeTransformer(config.teller) if config.carries else None
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Start from nothing: every block is the identity and the output is zero.

        Linears are Xavier uniform with zero biases and the time MLP is normal (0.02), as in Wan. Unlike Wan, whose text
        is 4096 wide, the text MLP is Xavier too (0.02 would silence narrow text), the projections that write to the
        residual stream are zero, and the gates on them one.
        """
        for name, parameter in self.named_parameters():
            if name.startswith(("carrier.", "mover.")):  # they start by themselves
                continue
            if name.endswith((".bias", "attn.o.weight", "ffn.2.weight", "head.head.weight", "modulation")):
                nn.init.zeros_(parameter)
            elif name.startswith("time_embedding."):
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
            time: of each token.
            pos_BN3: frame, row and column in patches, real-valued; B may be 1.
            reading: what `read` made of the prompts; its B may be 1.
            reads_BNP: bool, which prompts each token listens to; None: all. Listening to none is allowed.
            carriage: what `carriage` made of the same but for the noise; None: it is made here.
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
    ) -> Trace:
        """`forward`, and what training wants to know beside it."""
        config = self.config
        time_UD, steps_U6D = self._clock(time.values_U)
        around = _Surroundings(
            modulation_BM6D=steps_U6D[time.index_BN],
            turn=rotation(pos_BN3, config.head_dim),
            bias=reading.heard(reads_BNP),
            hears_BN1=None if reads_BNP is None else reading.hears(reads_BNP),
            dtype=self._dtype,
        )
        x_BND = F.linear(x_BNC.to(self._dtype), self.patch_embedding.weight.flatten(1), self.patch_embedding.bias)
        x_BND = x_BND.float()
        if config.place_dim:
            x_BND = x_BND + in_fp32(self.place_embedding, places(pos_BN3, config.place_dim))
        hidden_BND = x_BND
        for i, block in enumerate(self._stack, start=1):
            x_BND = block(x_BND, reading.keys[i - 1], reading.values[i - 1], around)
            if i == config.truth_layer:
                hidden_BND = x_BND
        memories: tuple[Memory, ...] = ()
        out_BND = self._last(x_BND, time_UD[time.index_BN])
        out_BNC = self._project(out_BND)
        if config.predicts == "clean":
            t_BN = time.per_token(x_BNC.shape[1])
            doubt_BNC = self._width(self.head.doubt, out_BND)
            memories = self._remember(x_BNC.float(), t_BN, pos_BN3, out_BND, around.turn)
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
        return Trace(velocity_BNC=out_BNC, middle_BND=hidden_BND, memories=memories)

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

    def _clock(self, values_U: Tensor) -> tuple[Tensor, Tensor]:
        """The time's embedding [U, D] and its projection to shifts, scales and gates [U, 6, D], in fp32."""
        with torch.autocast(values_U.device.type, enabled=False):
            time_UD = in_fp32(self.time_embedding, sinusoids(values_U * 1000.0, self.config.freq_dim))
            return time_UD, in_fp32(self.time_projection, time_UD).unflatten(-1, (6, -1))

    def _last(self, x_BND: Tensor, time_BMD: Tensor) -> Tensor:
        shift_D, scale_D = self.head.modulation.float()[0]
        return modulate(x_BND, time_BMD + shift_D, time_BMD + scale_D, self.config.eps).to(self._dtype)

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
    i_F = torch.arange(width // 2, dtype=torch.float64, device=t_U.device)
    angle_UF = t_U.double()[:, None] * 10000.0 ** -(i_F / (width // 2))
    return torch.cat((angle_UF.cos(), angle_UF.sin()), dim=-1).float()


def places(pos_BN3: Tensor, width: int) -> Tensor:
    """Cosines and sines of frame, row and column, periods from 2 to 128 tokens: ``[B, N, 3 * width]``, fp32."""
    i_F = torch.arange(width // 2, dtype=torch.float32, device=pos_BN3.device)
    angle_BN3F = pos_BN3.float()[..., None] * math.pi * 64.0 ** -(i_F / max(width // 2 - 1, 1))
    return torch.cat((angle_BN3F.cos(), angle_BN3F.sin()), dim=-1).flatten(-2)


def in_fp32(module: nn.Module, x: Tensor) -> Tensor:
    """The module's output in fp32, whatever the dtype of its parameters: time is too finely divided for bf16."""
    parameters = {name: parameter.float() for name, parameter in module.named_parameters()}
    y: Tensor = torch.func.functional_call(module, parameters, x)
    return y


def modulate(x_BND: Tensor, shift_BMD: Tensor, scale_BMD: Tensor, eps: float) -> Tensor:
    """Layer norm, scaled and shifted; each of the M rows serves N / M tokens in a row."""
    h_BND = F.layer_norm(x_BND, x_BND.shape[-1:], eps=eps)
    h_BMGD = h_BND.unflatten(1, (shift_BMD.shape[1], -1))
    return torch.addcmul(shift_BMD.unsqueeze(2), h_BMGD, 1.0 + scale_BMD.unsqueeze(2)).flatten(1, 2)


def gated(x_BND: Tensor, update_BND: Tensor, gate_BMD: Tensor) -> Tensor:
    """The residual stream plus a gated update, in fp32."""
    update_BMGD: Tensor = update_BND.unflatten(1, (gate_BMD.shape[1], -1))
    return x_BND + (update_BMGD * gate_BMD.unsqueeze(2)).flatten(1, 2)
