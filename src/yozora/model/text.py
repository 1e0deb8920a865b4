"""A small multilingual text encoder for `mini`: words in, one vector a slot out.

Words are hashed by their letters (as fastText does, arXiv 1607.04606), so that any language and any spelling has an
embedding and nothing is downloaded; a few transformer layers read them; learned queries, one a slot (what is it,
which colour, which place, ...) and some free ones, are what the video transformer attends to. Knows nothing of the
world: slot names and values are data of its configuration.
"""

import re
import unicodedata
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WORD = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff]|[^\W\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff]+")
ARABIC_MARKS = re.compile(r"[\u064b-\u065f\u0640\u0670]")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextConfig:
    """Sizes of the encoder. `slots` maps the name of a slot to its values; the first value means «not said»."""

    dim: int = 192
    heads: int = 3
    layers: int = 3
    buckets: int = 8192
    pairs: int = 0  # buckets of words with the one before (as in arXiv 1607.01759); 0: each word is read by itself
    free: int = 3  # queries without a slot
    max_words: int = 64
    slots: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def length(self) -> int:
        """Vectors a prompt becomes."""
        return len(self.slots) + self.free


def words(prompt: str) -> list[str]:
    """The words of a prompt, case and Arabic vowel marks removed; every Chinese character is a word of its own."""
    text = ARABIC_MARKS.sub("", unicodedata.normalize("NFKC", prompt).casefold())
    return WORD.findall(text)


@lru_cache(maxsize=65536)
def pieces(word: str, buckets: int) -> tuple[int, ...]:
    """Buckets of a word and of its runs of three to five letters."""
    marked = f"<{word}>"
    grams = {marked}
    for size in (3, 4, 5):
        grams.update(marked[i : i + size] for i in range(len(marked) - size + 1))
    return tuple(sorted({zlib.crc32(gram.encode()) % buckets for gram in grams}))


class EncoderLayer(nn.Module):
    """Pre-norm transformer layer without causality."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(dim)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)
        self.norm2 = nn.LayerNorm(dim)
        self.up = nn.Linear(dim, 4 * dim)
        self.down = nn.Linear(4 * dim, dim)

    def forward(self, x_BLD: Tensor, mask_BL: Tensor) -> Tensor:
        q, k, v = (
            part.unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part in self.qkv(self.norm1(x_BLD)).chunk(3, dim=-1)
        )
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask_BL[:, None, None, :])
        x_BLD = x_BLD + self.out(mixed.transpose(1, 2).flatten(2))
        deeper_BLD: Tensor = self.down(F.gelu(self.up(self.norm2(x_BLD))))
        return x_BLD + deeper_BLD


class TextEncoder(nn.Module):
    """Prompts to `[B, config.length, dim]`, the first vectors in the order of `config.slots`."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.config = config
        self.pieces = nn.EmbeddingBag(config.buckets, config.dim, mode="mean")
        if config.pairs:
            self.pairs = nn.Embedding(config.pairs, config.dim)
            nn.init.zeros_(self.pairs.weight)
        self.places = nn.Parameter(nn.init.normal_(torch.empty(config.max_words, config.dim), std=0.1))
        self.queries = nn.Parameter(nn.init.normal_(torch.empty(config.length, config.dim), std=0.5))
        self.layers = nn.ModuleList(EncoderLayer(config.dim, config.heads) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.dim)
        self.read = nn.ModuleDict({slot: nn.Linear(config.dim, len(values)) for slot, values in config.slots.items()})
        nn.init.normal_(self.pieces.weight, std=0.5)

    def forward(self, prompts: list[str]) -> Tensor:
        """`[B, L, D]` for B prompts; words after `max_words` are not read."""
        lines = [words(prompt)[: self.config.max_words] for prompt in prompts]
        longest = max(1, max(map(len, lines)))
        x_BLD = self.queries.new_zeros(len(lines), longest, self.config.dim)
        mask_BL = torch.zeros(len(lines), longest, dtype=torch.bool, device=x_BLD.device)
        for row, line in enumerate(lines):
            mask_BL[row, : len(line)] = True
        if mask_BL.any():
            embedded_WD = self._embed([word for line in lines for word in line])
            if self.config.pairs:
                embedded_WD = embedded_WD + self._paired(lines)
            x_BLD = x_BLD.masked_scatter(mask_BL[..., None], embedded_WD)
        x_BLD = x_BLD + self.places[:longest]
        queries_BLD = self.queries.expand(len(lines), -1, -1)
        x_BLD = torch.cat([queries_BLD, x_BLD], dim=1)
        mask_BL = F.pad(mask_BL, (self.config.length, 0), value=True)
        for layer in self.layers:
            x_BLD = layer(x_BLD, mask_BL)
        text_BLD: Tensor = self.norm(x_BLD[:, : self.config.length])
        return text_BLD

    def encode(self, prompts: list[str]) -> tuple[Tensor, Tensor]:
        """Text for the video transformer and its mask (all true: every prompt has the same length)."""
        text_BLD = self(prompts)
        return text_BLD, torch.ones(text_BLD.shape[:2], dtype=torch.bool, device=text_BLD.device)

    def slots(self, text_BLD: Tensor) -> dict[str, Tensor]:
        """Logits `[B, values]` of every slot out of the vectors of `forward`."""
        return {slot: self.read[slot](text_BLD[:, i]) for i, slot in enumerate(self.config.slots)}

    def understood(self, prompt: str) -> dict[str, str]:
        """The most likely value of every slot of one prompt."""
        logits = self.slots(self([prompt]))
        return {slot: values[int(logits[slot][0].argmax())] for slot, values in self.config.slots.items()}

    def _paired(self, lines: list[list[str]]) -> Tensor:
        """What it adds that a word stands behind another: "to left" is not "from left"."""
        pairs = [f"{before} {word}" for line in lines for before, word in pairwise(["", *line])]
        found = [zlib.crc32(pair.encode()) % self.config.pairs for pair in pairs]
        paired_WD: Tensor = self.pairs(torch.tensor(found, device=self.queries.device))
        return paired_WD.float()

    def _embed(self, flat: list[str]) -> Tensor:
        known = [pieces(word, self.config.buckets) for word in flat]
        index = torch.tensor([piece for parts in known for piece in parts])
        starts = torch.tensor([0, *(len(parts) for parts in known[:-1])]).cumsum(0)
        device = self.queries.device
        embedded_WD: Tensor = self.pieces(index.to(device), starts.to(device))
        return embedded_WD.float()
