"""UMT5 (arXiv 2304.09151), which Wan reads prompts with."""

import html
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from yozora.errors import UserError
from yozora.families.encoders.assembling import assemble, package, refused

LENGTH = 512
"""Tokens of a prompt; what comes after them is not read."""
VOCABULARIES = ("tokenizer.json", "spiece.model")
"""Files of a tokenizer, one of which is there; without one transformers makes an empty vocabulary."""


class UMT5:
    """Prompts to what Wan's transformers read; see `yozora.model.text.TextEncoder.encode`."""

    def __init__(self, model: Any, tokenizer: Any, length: int = LENGTH) -> None:
        self.model, self.tokenizer, self.length = model, tokenizer, length

    @classmethod
    def of(
        cls, state: Mapping[str, Tensor], sizes: Mapping[str, Any], tokenizer: Path, device: torch.device | str = "cpu"
    ) -> "UMT5":
        """From the tensors of a UMT5EncoderModel, its `config.json` and the folder of its tokenizer.

        Raises:
            UserError: the tensors are not those of this model, there is no such tokenizer, or transformers is not
                installed.
        """
        reads = tokenizer_of(tokenizer)
        return cls(assemble("UMT5EncoderModel", sizes, state).to(device), reads)

    @torch.inference_mode()
    def encode(self, prompts: list[str]) -> tuple[Tensor, Tensor]:
        """Features ``[B, L, D]`` of prompts and which of them count, bool ``[B, L]``; L is the longest prompt's length.

        Prompts are cleaned, cut to 512 tokens, and end with a token that says so: none is empty.
        """
        read = self.tokenizer(
            [cleaned(prompt) for prompt in prompts],
            padding="longest",
            max_length=self.length,
            truncation=True,
            return_attention_mask=True,
            return_tensors="pt",
        )
        text_BLD, mask_BL = self._features(read.input_ids, read.attention_mask)
        return text_BLD, mask_BL.bool()

    def _features(self, words_BL: Tensor, mask_BL: Tensor) -> tuple[Tensor, Tensor]:
        device = self.model.device
        mask_BL = mask_BL.to(device)
        text_BLD: Tensor = self.model(words_BL.to(device), mask_BL).last_hidden_state
        return text_BLD, mask_BL


def tokenizer_of(folder: Path) -> Any:
    """What cuts prompts into tokens, out of its folder. Raises `UserError` where there is none."""
    if not any((folder / name).is_file() for name in VOCABULARIES):
        raise UserError(f"{folder} has no tokenizer.", f"Add {' or '.join(VOCABULARIES)}.", code="tokenizer_missing")
    with refused(f"The tokenizer in {folder} cannot be read:"):
        return package("transformers").AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )


def cleaned(prompt: str) -> str:
    """A prompt as Wan's text encoder was trained on them: encoding mistakes corrected, HTML entities replaced (twice:
    they may be entities of entities), one space between words.
    """
    plain = html.unescape(html.unescape(package("ftfy").fix_text(prompt)))
    return re.sub(r"\s+", " ", plain).strip()
