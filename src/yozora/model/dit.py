"""The spacetime transformer: a bag of noisy tokens, each with its own time and place, to the velocity of each.

It is Wan's architecture with Wan's native parameter names (Wan-Video/Wan2.1 and Wan2.2), and time per token as in
TI2V-5B. It knows nothing of grids, modes, samplers, files or text: prompts arrive as features.
"""

import math
from dataclasses import dataclass
from typing import Literal, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from yozora.model.attention import MUTED, Rotation, attend, halves, rotate, rotation


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformerConfig:
    """Sizes of a `SpacetimeTransformer`. The last three fields are only for models that are trained here."""

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
    predicts: Literal["velocity", "clean"] = "velocity"  # what the head's output is; `forward` returns velocity always
    clean_floor: float = 0.05  # predicts "clean": velocity = (x_t - x_0) / max(t, clean_floor), as JiT (arXiv 2511.13720)
    truth_layer: int = 0  # blocks run before the hidden state that `trace` returns, for training's truth maps

    def __post_init__(self) -> None:
        object.__setattr__(self, "patch", tuple(self.patch))
        if self.dim % self.heads or self.head_dim % 2 or self.head_dim < 6:
            raise ValueError(f"dim {self.dim} does not split into {self.heads} heads of an even width of 6 or more")
        if self.predicts not in ("velocity", "clean"):
            raise ValueError(f"predicts is {self.predicts!r}; known: velocity, clean")
        if self.predicts == "clean" and self.in_channels != self.out_channels:
            raise ValueError("a model that predicts clean latents has as many channels out as in")
        if not 0 <= self.truth_layer <= self.layers:
            raise ValueError(f"truth_layer {self.truth_layer} is not in 0..{self.layers}")

    @property
    def head_dim(self) -> int:
        return self.dim // self.heads

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
        B, N = index_BN.shape
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


class QKNorm(nn.Module):
    """RMS norm over the whole width, before the heads are split."""

    def __init__(self, dim: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))


class Attention(nn.Module):
    """Parameters of one attention, and its projections."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.q = nn.Linear(config.dim, config.dim)
        self.k = nn.Linear(config.dim, config.dim)
        self.v = nn.Linear(config.dim, config.dim)
        self.o = nn.Linear(config.dim, config.dim)
        self.norm_q = QKNorm(config.dim, config.eps) if config.qk_norm else None
        self.norm_k = QKNorm(config.dim, config.eps) if config.qk_norm else None

    def queries(self, x_BND: Tensor, turn: Rotation | None = None) -> Tensor:
        return self._project(x_BND, self.q, self.norm_q, turn)

    def keys(self, x_BND: Tensor, turn: Rotation | None = None) -> Tensor:
        return self._project(x_BND, self.k, self.norm_k, turn)

    def values(self, x_BND: Tensor) -> Tensor:
        return self.v(x_BND).unflatten(-1, (self.heads, -1))

    def _project(self, x_BND: Tensor, linear: nn.Linear, norm: QKNorm | None, turn: Rotation | None) -> Tensor:
        weight, bias = linear.weight, linear.bias
        scale = norm.weight if norm is not None else None
        if turn is not None:
            weight, bias = halves(weight, self.heads), halves(bias, self.heads)
            scale = halves(scale, self.heads) if scale is not None else None
        y_BND = F.linear(x_BND, weight, bias)
        if norm is not None and scale is not None:
            y32 = y_BND.float()
            y_BND = (y32 * torch.rsqrt(y32.square().mean(-1, keepdim=True) + norm.eps) * scale.float()).to(y_BND.dtype)
        y_BNKE = y_BND.unflatten(-1, (self.heads, -1))
        return y_BNKE if turn is None else rotate(y_BNKE, turn)


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
        a = self.self_attn
        h_BND = attend(a.queries(h_BND, around.turn), a.keys(h_BND, around.turn), a.values(h_BND))
        return a.o(h_BND)

    def _listen(self, x_BND: Tensor, k_BSKE: Tensor, v_BSKE: Tensor, around: _Surroundings) -> Tensor:
        norm = self.norm3
        h_BND = F.layer_norm(x_BND, norm.normalized_shape, norm.weight.float(), norm.bias.float(), norm.eps)
        h_BND = attend(self.cross_attn.queries(h_BND.to(around.dtype)), k_BSKE, v_BSKE, around.bias)
        if around.hears_BN1 is not None:
            h_BND = h_BND * around.hears_BN1
        return self.cross_attn.o(h_BND)


class Head(nn.Module):
    """The last norm, modulated by time, and the projection to latents in the order (cells, channels)."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.head = nn.Linear(config.dim, config.volume * config.out_channels)
        self.modulation = nn.Parameter(torch.empty(1, 2, config.dim))


class SpacetimeTransformer(nn.Module):
    """Velocity of every token of a canvas, given its time, its place and the prompts that it listens to.

    Matrix products run in the dtype of the parameters, or in that of ``torch.autocast``; the residual stream, norms,
    modulation and the output are fp32. Parameters are uninitialised until `reset_parameters` or a checkpoint fills
    them, except where PyTorch's own layers do so.
    """

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        D = config.dim
        self.config = config
        self.patch_embedding = nn.Conv3d(config.in_channels, D, config.patch, config.patch)
        self.text_embedding = nn.Sequential(
            nn.Linear(config.text_dim, D), nn.GELU(approximate="tanh"), nn.Linear(D, D)
        )
        self.time_embedding = nn.Sequential(nn.Linear(config.freq_dim, D), nn.SiLU(), nn.Linear(D, D))
        self.time_projection = nn.Sequential(nn.SiLU(), nn.Linear(D, 6 * D))
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.head = Head(config)
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Start from nothing: every block is the identity and the output is zero.

        Linears are Xavier uniform with zero biases and the time MLP is normal (0.02), as in Wan. Unlike Wan, whose text
        is 4096 wide, the text MLP is Xavier too (0.02 would silence narrow text), the projections that write to the
        residual stream are zero, and the gates on them one.
        """
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)
        nn.init.xavier_uniform_(self.patch_embedding.weight.flatten(1))
        nn.init.zeros_(self.patch_embedding.bias)
        for linear in (self.time_embedding[0], self.time_embedding[2]):
            nn.init.normal_(linear.weight, std=0.02)
        for block in self.blocks:
            for linear in (block.self_attn.o, block.cross_attn.o, block.ffn[2]):
                nn.init.zeros_(linear.weight)
            nn.init.zeros_(block.modulation)
            block.modulation[:, (2, 5)] = 1.0
        nn.init.zeros_(self.head.head.weight)
        nn.init.zeros_(self.head.modulation)

    def read(self, text_BPLD: Tensor, mask_BPL: Tensor | None = None) -> Reading:
        """Read P prompts of at most L tokens: all that depends on the text alone, once for all sampler steps.

        Args:
            text_BPLD: features of the text encoder, ``text_dim`` wide.
            mask_BPL: True where there is a token; None: everywhere. What stands elsewhere has no influence.

        Raises:
            ValueError: L exceeds the config's ``text_len``.
        """
        config, dtype = self.config, self._dtype
        B, P, L, _ = text_BPLD.shape
        text_BPLD, value_mask, bias_BPS = pad(text_BPLD, mask_BPL, config)
        text_BSD = self.text_embedding(text_BPLD.flatten(1, 2).to(dtype)).to(dtype)
        attentions = [block.cross_attn for block in self.blocks]
        values = tuple(a.values(text_BSD) for a in attentions)
        if value_mask is not None:
            hush = value_mask.flatten(1)[:, :, None, None]
            values = tuple(v * hush.to(v.dtype) for v in values)
        return Reading(keys=tuple(a.keys(text_BSD) for a in attentions), values=values, bias_BPS=bias_BPS)

    def forward(
        self, x_BNC: Tensor, time: Time, pos_BN3: Tensor, reading: Reading, reads_BNP: Tensor | None = None
    ) -> Tensor:
        """Velocity (noise minus clean) of every token, ``[B, N, out_channels * volume]`` in fp32.

        Args:
            x_BNC: noisy tokens; C = (in_channels, frames, rows, columns of a patch), channels slowest.
            time: of each token.
            pos_BN3: frame, row and column in patches, real-valued; B may be 1.
            reading: what `read` made of the prompts; its B may be 1.
            reads_BNP: bool, which prompts each token listens to; None: all. Listening to none is allowed.
        """
        return self.trace(x_BNC, time, pos_BN3, reading, reads_BNP)[0]

    def trace(
        self, x_BNC: Tensor, time: Time, pos_BN3: Tensor, reading: Reading, reads_BNP: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """`forward`, and the fp32 hidden state ``[B, N, dim]`` after ``truth_layer`` blocks."""
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
        x_BND = hidden_BND = x_BND.float()
        for i, block in enumerate(self.blocks, start=1):
            x_BND = block(x_BND, reading.keys[i - 1], reading.values[i - 1], around)
            if i == config.truth_layer:
                hidden_BND = x_BND
        out_BNC = self._project(x_BND, time_UD[time.index_BN])
        if config.predicts == "clean":
            t_BN = time.per_token(x_BNC.shape[1])
            out_BNC = (x_BNC.float() - out_BNC) / t_BN.clamp(min=config.clean_floor)[..., None]
        return out_BNC, hidden_BND

    @property
    def _dtype(self) -> torch.dtype:
        weight = self.patch_embedding.weight
        if torch.is_autocast_enabled(weight.device.type):
            return torch.get_autocast_dtype(weight.device.type)
        return weight.dtype

    def _clock(self, values_U: Tensor) -> tuple[Tensor, Tensor]:
        """The time's embedding [U, D] and its projection to shifts, scales and gates [U, 6, D], in fp32."""
        with torch.autocast(values_U.device.type, enabled=False):
            first, second, third = self.time_embedding[0], self.time_embedding[2], self.time_projection[1]
            time_UD = linear32(second, F.silu(linear32(first, sinusoids(values_U * 1000.0, self.config.freq_dim))))
            return time_UD, linear32(third, F.silu(time_UD)).unflatten(-1, (6, -1))

    def _project(self, x_BND: Tensor, time_BMD: Tensor) -> Tensor:
        shift_D, scale_D = self.head.modulation.float()[0]
        h_BND = modulate(x_BND, time_BMD + shift_D, time_BMD + scale_D, self.config.eps)
        out_BNC = self.head.head(h_BND.to(self._dtype)).float()
        return out_BNC.unflatten(-1, (self.config.volume, -1)).transpose(-1, -2).flatten(-2)


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


def linear32(linear: nn.Linear, x: Tensor) -> Tensor:
    """The layer in fp32 whatever its dtype: time is too finely divided for bf16."""
    return F.linear(x, linear.weight.float(), linear.bias.float())


def modulate(x_BND: Tensor, shift_BMD: Tensor, scale_BMD: Tensor, eps: float) -> Tensor:
    """Layer norm, scaled and shifted; each of the M rows serves N / M tokens in a row."""
    h_BND = F.layer_norm(x_BND, x_BND.shape[-1:], eps=eps)
    h_BMGD = h_BND.unflatten(1, (shift_BMD.shape[1], -1))
    return torch.addcmul(shift_BMD.unsqueeze(2), h_BMGD, 1.0 + scale_BMD.unsqueeze(2)).flatten(1, 2)


def gated(x_BND: Tensor, update_BND: Tensor, gate_BMD: Tensor) -> Tensor:
    """The residual stream plus a gated update, in fp32."""
    update_BMGD = update_BND.unflatten(1, (gate_BMD.shape[1], -1))
    return x_BND + (update_BMGD * gate_BMD.unsqueeze(2)).flatten(1, 2)
