"""A small multilingual text encoder for `mini`: words in, one vector a slot out.

Words are hashed by their letters (as fastText does, arXiv 1607.04606), so that any language and any spelling has an
embedding and nothing is downloaded; a few transformer layers read them; learned queries, one a slot (what is it,
which colour, which place, ...) and some free ones, are what the video transformer attends to. Knows nothing of the
world: slot names and values are data of its configuration.

Languages that are taught later, when a transformer was trained already, are read by a second encoder in the same file.
Which one reads a prompt is decided by its words: the second one, where more of them are known to it alone than to the
first alone. So what the first one says of its own languages is the same to the bit.
"""

import re
import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WORD = re.compile(
    r"[\u30a0-\u30ff]+|[\u3400-\u9fff\uf900-\ufaff\u3040-\u309f]|[\u0900-\u0963\u0966-\u097f\u200c\u200d]+"
    r"|[^\W\u0900-\u097f\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff]+"
)
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
    first_words: int = 0  # words that only the first encoder knows; 0: there is no second one
    second_words: int = 0  # words that only the second encoder knows
    second_buckets: int = 0
    second_pairs: int = 0
    slots: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def length(self) -> int:
        """Vectors a prompt becomes."""
        return len(self.slots) + self.free

    @property
    def second(self) -> "TextConfig":
        """Of the second encoder: as large, with buckets of its own. The first one's heads read its vectors."""
        return replace(
            self,
            buckets=self.second_buckets,
            pairs=self.second_pairs,
            free=self.length,
            slots={},
            first_words=0,
            second_words=0,
        )


def words(prompt: str) -> list[str]:
    """The words of a prompt, case and Arabic vowel marks removed; every Chinese character is a word of its own, as is
    every Japanese one but runs of katakana."""
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


def hashed(vocabulary: Iterable[str]) -> Tensor:
    """int64 hashes of words, sorted: how a file of weights tells whose words they are."""
    return torch.tensor(sorted({zlib.crc32(word.encode()) for word in vocabulary}), dtype=torch.int64)


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

    first_words: Tensor
    second_words: Tensor

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
        if config.second_words:
            self.second = TextEncoder(config.second)
            self.register_buffer("first_words", torch.zeros(config.first_words, dtype=torch.int64))
            self.register_buffer("second_words", torch.zeros(config.second_words, dtype=torch.int64))

    def forward(self, prompts: list[str]) -> Tensor:
        """`[B, L, D]` for B prompts; words after `max_words` are not read."""
        later = [self.config.second_words > 0 and self.is_for_second(prompt) for prompt in prompts]
        if not any(later):
            return self._read(prompts)
        text_BLD: Tensor = self.second([prompt for prompt, other in zip(prompts, later, strict=True) if other])
        if all(later):
            return text_BLD
        first_BLD = self._read([prompt for prompt, other in zip(prompts, later, strict=True) if not other])
        parts = (iter(first_BLD), iter(text_BLD.to(first_BLD.dtype)))
        return torch.stack([next(parts[other]) for other in later])

    def is_for_second(self, prompt: str) -> bool:
        """Whether more of a prompt's words are known to the second encoder alone than to the first alone."""
        found = torch.tensor([zlib.crc32(word.encode()) for word in words(prompt)], dtype=torch.int64)
        first, second = (torch.isin(found, known.cpu()) for known in (self.first_words, self.second_words))
        return bool(second.sum() > first.sum())

    def _read(self, prompts: list[str]) -> Tensor:
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
