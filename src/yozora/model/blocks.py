"""One block of the spacetime transformer: self-attention, cross-attention, feed-forward; and what they are made of.

Knows nothing of tokens' content, of prompts or of how blocks are stacked. Names of shapes as in `dit`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from yozora.model.attention import Rotation, attend, halves, rotate, rotate_pairs
from yozora.model.configurations import TransformerConfig
from yozora.model.packing import PackedBlock, stamp_of

WIDE = 1 << 28
"""Bytes of the hidden layer of a feed-forward, above which inference does it on some tokens after the other."""

KeysValues = tuple[Tensor, Tensor]
"""What is attended to, ``[B, S, K, E]`` each; B may be 1."""


@dataclass(frozen=True, slots=True)
class BlockContext:
    """What all blocks of one forward share."""

    parts: "BlockParts"
    pointwise: "PointwiseOps"
    batch: int  # B
    copies: int  # of every film, from the first cross-attention on: they differ in what they are told alone
    time_F6D: Tensor  # shifts, scales and gates, before each block adds its own
    rope: Rotation  # of [F, G, 1, E/2]
    rope_BN1J: Tensor  # the same as complex numbers
    bias: Tensor | None
    has_prompt_BN1: Tensor | None  # False where a token has no prompt
    dtype: torch.dtype  # of matrix products; the residual stream is fp32
    attend: Callable[[Tensor, Tensor, Tensor], Tensor] = attend  # of tokens to each other


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

    def rotated_qkv(self, x_FGD: Tensor, rope: Rotation) -> tuple[Tensor, Tensor, Tensor]:
        """Queries and keys with their positions, and values, each ``[F, G, K, E]``, in one matrix product."""
        K, dtype = self.heads, x_FGD.dtype
        weights = (halves(self.q.weight.to(dtype), K), halves(self.k.weight.to(dtype), K), self.v.weight.to(dtype))
        biases = (halves(self.q.bias.to(dtype), K), halves(self.k.bias.to(dtype), K), self.v.bias.to(dtype))
        q_FGD, k_FGD, v_FGD = F.linear(x_FGD, torch.cat(weights), torch.cat(biases)).chunk(3, dim=-1)
        if self.norm_q is not None and self.norm_k is not None:
            q_FGD = self.norm_q(q_FGD, halves(self.norm_q.weight, K))
            k_FGD = self.norm_k(k_FGD, halves(self.norm_k.weight, K))
        q_FGKE, k_FGKE, v_FGKE = (y.unflatten(-1, (K, -1)) for y in (q_FGD, k_FGD, v_FGD))
        return rotate(q_FGKE, rope), rotate(k_FGKE, rope), v_FGKE

    def rotated_qk(self, q_FGD: Tensor, k_FGD: Tensor, context: BlockContext) -> tuple[Tensor, Tensor]:
        """Queries and keys ``[B, N, K, E]`` with their positions, in their own order of features."""
        rotated_qk = []
        for y_FGD, norm in ((q_FGD, self.norm_q), (k_FGD, self.norm_k)):
            dtype, y32_FGD = y_FGD.dtype, y_FGD.float()
            if norm is not None:
                y32_FGD = F.rms_norm(y32_FGD, y32_FGD.shape[-1:], norm.weight.float(), norm.eps)
            y_BNKE = films(y32_FGD.unflatten(-1, (self.heads, -1)), context.batch)
            rotated_qk.append(rotate_pairs(y_BNKE, context.rope_BN1J).to(dtype))
        return rotated_qk[0], rotated_qk[1]

    def queries(self, q_FGD: Tensor) -> Tensor:
        if self.norm_q is not None:
            q_FGD = self.norm_q(q_FGD, self.norm_q.weight)
        q_FGKE: Tensor = q_FGD.unflatten(-1, (self.heads, -1))
        return q_FGKE

    def keys_values(self, x_BSD: Tensor) -> KeysValues:
        """Of the tokens of prompts."""
        return self._split(self.k(x_BSD), self.v(x_BSD), self.norm_k)

    def _split(self, k_BSD: Tensor, v_BSD: Tensor, norm: QKNorm | None) -> KeysValues:
        if norm is not None:
            k_BSD = norm(k_BSD, norm.weight)
        return k_BSD.unflatten(-1, (self.heads, -1)), v_BSD.unflatten(-1, (self.heads, -1))


class CrossAttention(Attention):
    """Attention to prompts and, where the config has an image encoder, to the tokens of images, with a softmax each."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__(config)
        if config.image_dim is not None:
            self.k_img = nn.Linear(config.dim, config.dim)
            self.v_img = nn.Linear(config.dim, config.dim)
            self.norm_k_img = QKNorm(config.dim, config.eps) if config.qk_norm else None

    def image_keys_values(self, x_BSD: Tensor) -> KeysValues:
        """Of the tokens of images."""
        return self._split(self.k_img(x_BSD), self.v_img(x_BSD), self.norm_k_img)


class Block(nn.Module):
    """Self-attention, cross-attention to the prompts, feed-forward; the first and last modulated by time."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        D = config.dim
        self.eps, self.hidden = config.eps, config.ffn
        self.self_attn = Attention(config)
        self.norm3 = nn.LayerNorm(D, config.eps)
        self.cross_attn = CrossAttention(config)
        self.ffn = nn.Sequential(nn.Linear(D, config.ffn), nn.GELU(approximate="tanh"), nn.Linear(config.ffn, D))
        self.modulation = nn.Parameter(torch.empty(1, 6, D))
        self.packed: PackedBlock | None = None

    def forward(self, x_FGD: Tensor, context: BlockContext, prompts: KeysValues, images: KeysValues | None) -> Tensor:
        """The fp32 residual stream after this block, ``copies`` times as many films as it was given."""
        if not torch.is_grad_enabled():
            return self._inferred(x_FGD, context, prompts, images)
        parts, time_F6D = context.parts, context.time_F6D
        held = [*parts.cross_attention_query(self, x_FGD, self._self_attention(x_FGD, context), time_F6D)]
        # popped, since what has a name here stays in memory until the feed-forward is done
        return parts.block_output(
            self, held.pop(0), self._cross_attention(held.pop(), context, prompts, images), time_F6D
        )

    def _inferred(self, x_FGD: Tensor, context: BlockContext, prompts: KeysValues, images: KeysValues | None) -> Tensor:
        """The same without gradients: weights as they were packed, and a pass over memory less here and there."""
        layers, pointwise, dtype, eps = self._layers(context.dtype), context.pointwise, context.dtype, self.eps
        time_F6D = context.time_F6D + self.modulation.float()
        shift_F1D, scale_F1D, gate_F1D = time_F6D[:, :3].chunk(3, dim=1)
        q_FGD, k_FGD, v_FGD = layers.qkv(pointwise.self_attention_input(x_FGD, shift_F1D, scale_F1D, eps, dtype))
        v_BNKE = films(v_FGD.unflatten(-1, (self.self_attn.heads, -1)), context.batch)
        seen_FGD = context.attend(*self.self_attn.rotated_qk(q_FGD, k_FGD, context), v_BNKE).reshape(x_FGD.shape)
        del q_FGD, k_FGD, v_FGD, v_BNKE  # what has a name here stays in memory until the feed-forward is done
        norm = self.norm3
        x_FGD, h_FGD = pointwise.cross_attention_input(
            x_FGD, layers.o(seen_FGD), gate_F1D, norm.weight, norm.bias, eps, dtype
        )
        del seen_FGD
        q_FGKE = self.cross_attn.queries(layers.cross_q(h_FGD))
        if context.copies > 1:
            x_FGD, q_FGKE, time_F6D = (copied(y, context.copies) for y in (x_FGD, q_FGKE, time_F6D))
        h_FGD = layers.cross_o(self._cross_attention(q_FGKE, context, prompts, images))
        del q_FGKE
        shift_F1D, scale_F1D, gate_F1D = time_F6D[:, 3:].chunk(3, dim=1)
        x_FGD, h_FGD = pointwise.feed_forward_input(x_FGD, h_FGD, shift_F1D, scale_F1D, eps, dtype)
        return pointwise.gated_sum(x_FGD, layers.ffn(h_FGD), gate_F1D)

    def _layers(self, dtype: torch.dtype) -> "Layers":
        """The linear layers, packed where they were and nothing has changed since."""
        packed = self.packed
        if packed is None or packed.up.dtype != dtype or packed.stamp != stamp_of(self):
            return Layers(self)
        return Layers(self, packed)

    def _self_attention(self, x_FGD: Tensor, context: BlockContext) -> Tensor:
        qkv_FGKE = context.parts.self_attention_qkv(self, x_FGD, context.time_F6D, context.rope, context.dtype)
        return context.attend(*(films(y_FGKE, context.batch) for y_FGKE in qkv_FGKE)).reshape(x_FGD.shape)

    def _cross_attention(
        self, q_FGKE: Tensor, context: BlockContext, prompts: KeysValues, images: KeysValues | None
    ) -> Tensor:
        q_BNKE = films(q_FGKE, context.batch * context.copies)
        h_BND = attend(q_BNKE, *prompts, context.bias)
        if context.has_prompt_BN1 is not None:
            h_BND = h_BND * context.has_prompt_BN1
        if images is not None:
            h_BND = h_BND + attend(q_BNKE, *images)
        return h_BND.reshape(*q_FGKE.shape[:2], -1)

    def self_attention_qkv(
        self, x_FGD: Tensor, time_F6D: Tensor, rope: Rotation, dtype: torch.dtype
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values ``[F, G, K, E]`` of self-attention in the dtype."""
        shift_F1D, scale_F1D = (time_F6D[:, :2] + self.modulation[:, :2].float()).chunk(2, dim=1)
        return self.self_attn.rotated_qkv(modulate(x_FGD, shift_F1D, scale_F1D, self.eps).to(dtype), rope)

    def cross_attention_query(self, x_FGD: Tensor, seen_FGD: Tensor, time_F6D: Tensor) -> tuple[Tensor, Tensor]:
        """The residual stream with what self-attention gave, and the queries ``[F, G, K, E]`` of cross-attention."""
        norm, gate_F1D = self.norm3, time_F6D[:, 2:3] + self.modulation[:, 2:3].float()
        x_FGD = x_FGD + self.self_attn.o(seen_FGD) * gate_F1D
        h_FGD = F.layer_norm(x_FGD, norm.normalized_shape, norm.weight.float(), norm.bias.float(), norm.eps)
        return x_FGD, self.cross_attn.queries(self.cross_attn.q(h_FGD.to(seen_FGD.dtype)))

    def block_output(self, x_FGD: Tensor, h_FGD: Tensor, time_F6D: Tensor) -> Tensor:
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

    self_attention_qkv: Callable[[Block, Tensor, Tensor, Rotation, torch.dtype], tuple[Tensor, Tensor, Tensor]] = (
        Block.self_attention_qkv
    )
    cross_attention_query: Callable[[Block, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]] = (
        Block.cross_attention_query
    )
    block_output: Callable[[Block, Tensor, Tensor, Tensor], Tensor] = Block.block_output


def self_attention_input(x_FGD: Tensor, shift_F1D: Tensor, scale_F1D: Tensor, eps: float, dtype: torch.dtype) -> Tensor:
    """What self-attention is given."""
    return modulate(x_FGD, shift_F1D, scale_F1D, eps).to(dtype)


def cross_attention_input(
    x_FGD: Tensor,
    update_FGD: Tensor,
    gate_F1D: Tensor,
    weight_D: Tensor,
    bias_D: Tensor,
    eps: float,
    dtype: torch.dtype,
) -> tuple[Tensor, Tensor]:
    """The residual stream after self-attention, and what cross-attention is given."""
    x_FGD = gated_sum(x_FGD, update_FGD, gate_F1D)
    return x_FGD, F.layer_norm(x_FGD, x_FGD.shape[-1:], weight_D.float(), bias_D.float(), eps).to(dtype)


def feed_forward_input(
    x_FGD: Tensor, update_FGD: Tensor, shift_F1D: Tensor, scale_F1D: Tensor, eps: float, dtype: torch.dtype
) -> tuple[Tensor, Tensor]:
    """The residual stream after cross-attention, and what the feed-forward is given."""
    x_FGD = x_FGD + update_FGD
    return x_FGD, self_attention_input(x_FGD, shift_F1D, scale_F1D, eps, dtype)


def gated_sum(x_FGD: Tensor, update_FGD: Tensor, gate_F1D: Tensor) -> Tensor:
    """The residual stream with an update through its gate."""
    return torch.addcmul(x_FGD, update_FGD.float(), gate_F1D)


@dataclass(frozen=True, slots=True)
class PointwiseOps:
    """The pointwise operations between the products of a block in inference, on [F, G, D]; it can be compiled, once for
    all blocks."""

    self_attention_input: Callable[[Tensor, Tensor, Tensor, float, torch.dtype], Tensor] = self_attention_input
    cross_attention_input: Callable[
        [Tensor, Tensor, Tensor, Tensor, Tensor, float, torch.dtype], tuple[Tensor, Tensor]
    ] = cross_attention_input
    feed_forward_input: Callable[[Tensor, Tensor, Tensor, Tensor, float, torch.dtype], tuple[Tensor, Tensor]] = (
        feed_forward_input
    )
    gated_sum: Callable[[Tensor, Tensor, Tensor], Tensor] = gated_sum


class Layers:
    """The linear layers of a block: its modules, whatever has changed them, or what was packed of them."""

    __slots__ = ("block", "cross_o", "cross_q", "o", "packed")

    def __init__(self, block: Block, packed: PackedBlock | None = None) -> None:
        self.block, self.packed = block, packed
        self.o: Callable[[Tensor], Tensor] = block.self_attn.o if packed is None else packed.o
        self.cross_q: Callable[[Tensor], Tensor] = block.cross_attn.q if packed is None else packed.cross_q
        self.cross_o: Callable[[Tensor], Tensor] = block.cross_attn.o if packed is None else packed.cross_o

    def qkv(self, h_FGD: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values of self-attention."""
        if self.packed is None:
            attention = self.block.self_attn
            return attention.q(h_FGD), attention.k(h_FGD), attention.v(h_FGD)
        q_FGD, k_FGD, v_FGD = self.packed.qkv(h_FGD).chunk(3, dim=-1)
        return q_FGD, k_FGD, v_FGD

    def ffn(self, h_FGD: Tensor) -> Tensor:
        """The feed-forward's update; of so many tokens that its hidden layer would be `WIDE`, of some after the
        other."""
        hidden = h_FGD.shape[0] * h_FGD.shape[1] * self.block.hidden * h_FGD.element_size()
        if hidden <= WIDE:
            return self._ffn(h_FGD)
        tokens = h_FGD.flatten(0, 1)
        parts = tokens.tensor_split(-(-hidden // WIDE))
        return torch.cat([self._ffn(part) for part in parts]).view(h_FGD.shape)

    def _ffn(self, h_FGD: Tensor) -> Tensor:
        if self.packed is None:
            update_FGD: Tensor = self.block.ffn(h_FGD)
            return update_FGD
        return self.packed.down(self.packed.up(h_FGD, gelu=True))


def copied(x_F: Tensor, copies: int) -> Tensor:
    """All films, so many times one after the other."""
    return x_F.repeat(copies, *(1,) * (x_F.ndim - 1))


def modulate(x_FGD: Tensor, shift_F1D: Tensor, scale_F1D: Tensor, eps: float) -> Tensor:
    """Layer norm, scaled and shifted."""
    return torch.addcmul(shift_F1D, F.layer_norm(x_FGD, x_FGD.shape[-1:], eps=eps), 1.0 + scale_F1D)


def runs(x_BN: Tensor, B: int, M: int) -> Tensor:
    """``[B or 1, N, ...]`` as ``[B * M, N / M, ...]``, contiguous: a compiler need not tell one film from many."""
    rest = x_BN.shape[2:]
    return x_BN.expand(B, -1, *rest).reshape(B * M, -1, *rest).contiguous()


def films(x_FG: Tensor, B: int) -> Tensor:
    """``[B * M, N / M, ...]`` as ``[B, N, ...]``, without a copy."""
    x_BMG: Tensor = x_FG.unflatten(0, (B, -1))
    return x_BMG.flatten(1, 2)


def in_fp32(module: nn.Module, x: Tensor) -> Tensor:
    """The module's output in fp32, whatever the dtype of its parameters: time is too finely divided for bf16."""
    parameters = {name: parameter.float() for name, parameter in module.named_parameters()}
    y: Tensor = torch.func.functional_call(module, parameters, x)
    return y
