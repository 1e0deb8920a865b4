"""What cross-attention reads, prepared once for all sampler steps: prompts and the images beside them.

Knows nothing of words or pixels: features arrive from the encoders. Names of shapes as in `dit`.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from yozora.model.attention import MASKED
from yozora.model.blocks import KeysValues
from yozora.model.configurations import TransformerConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class TextKV:
    """Prompts, read once: for each block the keys and values ``[B, P * S, K, E]`` of cross-attention.

    S is the length of a prompt as the blocks see it, pads included. The blocks of a control branch come after those of
    the layers.
    """

    keys: tuple[Tensor, ...]
    values: tuple[Tensor, ...]
    bias_BPS: Tensor | None  # fp32, added to the scores; None where every key counts alike
    mover: "TextKV | None" = None  # the same prompts, as the mover reads them
    images: tuple[KeysValues, ...] = ()  # for each block those of the images' tokens; empty where there is no image

    @property
    def rows(self) -> int:
        """B."""
        return max(len(self.keys[0]), *(len(keys) for keys, _ in self.images[:1]), 1)

    def row(self, index: int) -> "TextKV":
        """The prompts of one of the rows; what all rows share stays."""

        def one(x_B: Tensor) -> Tensor:
            return x_B if len(x_B) == 1 else x_B[index : index + 1]

        return TextKV(
            keys=tuple(map(one, self.keys)),
            values=tuple(map(one, self.values)),
            bias_BPS=None if self.bias_BPS is None else one(self.bias_BPS),
            mover=None if self.mover is None else self.mover.row(index),
            images=tuple((one(keys), one(values)) for keys, values in self.images),
        )

    def of(self, block: int) -> tuple[KeysValues, KeysValues | None]:
        """What a block attends to: prompts, and images where there are any."""
        return (self.keys[block], self.values[block]), self.images[block] if self.images else None

    def attention_bias(self, reads_BNP: Tensor | None) -> Tensor | None:
        """The bias on scores, ``[B, 1, N or 1, P * S]``, for tokens that each listen to some of the prompts."""
        if reads_BNP is None:
            return None if self.bias_BPS is None else self.bias_BPS.flatten(1)[:, None, None]
        P = reads_BNP.shape[2]
        mask_BNP1 = (~reads_BNP).float()[..., None] * MASKED
        if self.bias_BPS is None:
            return mask_BNP1.expand(-1, -1, -1, self.keys[0].shape[1] // P).flatten(2)[:, None]
        return torch.clamp(mask_BNP1 + self.bias_BPS[:, None], min=MASKED).flatten(2)[:, None]

    def has_prompt(self, reads_BNP: Tensor) -> Tensor:
        """Whether a token has any prompt that says anything, ``[B, N, 1]``."""
        if self.bias_BPS is not None:
            reads_BNP = reads_BNP & (self.bias_BPS.amax(-1) > MASKED)[:, None]
        return reads_BNP.any(dim=-1, keepdim=True)


class ImageEmbedding(nn.Module):
    """Features of an image encoder to the width of the transformer; with positions, those of two images."""

    def __init__(self, image_dim: int, dim: int, tokens: int | None) -> None:
        super().__init__()
        self.proj = nn.Sequential(
            nn.LayerNorm(image_dim),
            nn.Linear(image_dim, image_dim),
            nn.GELU(),
            nn.Linear(image_dim, dim),
            nn.LayerNorm(dim),
        )
        self.emb_pos = None if tokens is None else nn.Parameter(torch.zeros(1, tokens, image_dim))

    def forward(self, image_BSD: Tensor) -> Tensor:
        """Features of all images, one after the other, in the dtype of the parameters.

        Raises:
            ValueError: there are positions, and not as many tokens.
        """
        if self.emb_pos is not None:
            if image_BSD.shape[1] != self.emb_pos.shape[1]:
                raise ValueError(f"{image_BSD.shape[1]} tokens of images, and positions for {self.emb_pos.shape[1]}")
            image_BSD = image_BSD + self.emb_pos
        embedded_BSD: Tensor = self.proj(image_BSD)
        return embedded_BSD


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
        return text_BPLD, mask_BPL, (~mask_BPL).float() * MASKED
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
    bias_BPS = torch.where(mask_BPS, weight_BPS.clamp(min=1.0).log(), MASKED)
    return F.pad(text_BPLD, (0, 0, 0, 1)), mask_BPS, bias_BPS
