"""Features of prompts, kept on disk, so that a large text encoder is loaded only for prompts that are new.

A file holds the features of one prompt by one model. Names of files are hashes, and no prompt stands in them. What
cannot be read, or is not what was written, is as if it were not there, and what cannot be written is not kept.
"""

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Protocol

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

ROOM = 512 << 20
"""Bytes of all files together; those that were used longest ago go first."""
LARGEST = 64 << 20  # bytes of a file
HELD = 64  # prompts whose features stay in memory
SAMPLES, SAMPLE = 64, 4096  # places at which a file of weights is looked at, and bytes at each
ABANDONED = 3600.0  # seconds after which a file that is being written counts as given up
PART, ENDING = ".part", ".safetensors"


class PromptFeatures(Protocol):
    """What `yozora.engine.parts.PromptEncoder` is."""

    def encode(self, prompts: list[str]) -> tuple[Tensor, Tensor]:
        """Features `[B, L, D]` and which of them count, bool `[B, L]`."""


class Encodings:
    """The features of prompts by one model, in a folder that models share. `model` says which it is, in which precision
    and where it runs: whatever may change a digit.
    """

    def __init__(self, folder: Path, model: str, room: int = ROOM) -> None:
        self.folder, self.model, self.room = folder, model, room

    def get(self, prompt: str) -> Tensor | None:
        """The features `[L, D]` of a prompt; None where none are kept, or what is kept is damaged."""
        path = self._encoding_path(prompt)
        try:
            if path.stat().st_size > LARGEST:
                return None
            kept = load(path.read_bytes())
            text_LD, sha256 = kept["text"], kept["sha256"]
            if text_LD.ndim != 2 or not torch.equal(sha256, _hash_of(text_LD)):
                return None
        except (OSError, SafetensorError, KeyError, ValueError, RuntimeError):
            return None
        with suppress(OSError):
            os.utime(path)
        return text_LD

    def put(self, prompt: str, text_LD: Tensor) -> None:
        """Keep a prompt's features, whole or not at all; what was used longest ago makes room."""
        text_LD = text_LD.cpu().contiguous()
        data, part = save({"text": text_LD, "sha256": _hash_of(text_LD)}), None
        if len(data) > min(self.room, LARGEST):
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with NamedTemporaryFile(dir=self.folder, suffix=PART, delete=False) as file:  # readable by its owner alone
                part = Path(file.name)
                file.write(data)
            part.replace(self._encoding_path(prompt))
            self._tidy()
        except OSError:
            if part is not None:
                part.unlink(missing_ok=True)

    def _encoding_path(self, prompt: str) -> Path:
        key = hashlib.sha256(f"{self.model}\0{prompt}".encode())
        return self.folder / f"{key.hexdigest()}{ENDING}"

    def _tidy(self) -> None:
        """Remove what is too much, and what was never finished. Others may do the same at the same time."""
        found = []
        for path in self.folder.iterdir():
            with suppress(FileNotFoundError):
                facts = path.stat()
                if path.suffix == ENDING:
                    found.append((facts.st_mtime_ns, facts.st_size, path))
                elif path.suffix == PART and time.time() - facts.st_mtime > ABANDONED:
                    path.unlink()
        left = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if left <= self.room:
                break
            path.unlink(missing_ok=True)
            left -= size


class KeptEncoder:
    """A text encoder that is loaded when a prompt is new. Each prompt is read by itself, so that its features are the
    same to the bit whatever was read beside it, and whether they were kept or not.
    """

    def __init__(self, load: Callable[[], PromptFeatures], encodings: Encodings | None, device: torch.device) -> None:
        self.load, self.encodings, self.device = load, encodings, device
        self.encoder: PromptFeatures | None = None
        self.held: dict[str, Tensor] = {}

    def encode(self, prompts: list[str]) -> tuple[Tensor, Tensor]:
        """Features `[B, L, D]` of prompts and which of them count, bool `[B, L]`; L is the longest prompt's length."""
        texts = [self._prompt_features(prompt) for prompt in prompts]
        lengths_B = torch.tensor([len(text_LD) for text_LD in texts], device=self.device)
        text_BLD = torch.nn.utils.rnn.pad_sequence(texts, batch_first=True)
        return text_BLD, torch.arange(text_BLD.shape[1], device=self.device) < lengths_B[:, None]

    def _prompt_features(self, prompt: str) -> Tensor:
        """The features `[L, D]` of one prompt, on the device."""
        found = self.held.pop(prompt, None)
        if found is None:
            kept = None if self.encodings is None else self.encodings.get(prompt)
            found = self._encode_prompt(prompt) if kept is None else kept.to(self.device)
        self.held[prompt] = found
        if len(self.held) > HELD:
            del self.held[next(iter(self.held))]
        return found

    def _encode_prompt(self, prompt: str) -> Tensor:
        """The features of a prompt that is new."""
        if self.encoder is None:
            self.encoder = self.load()
        text_BLD, mask_BL = self.encoder.encode([prompt])
        text_LD = text_BLD[0][mask_BL[0]].to(self.device)
        if self.encodings is not None:
            self.encodings.put(prompt, text_LD)
        return text_LD


def fingerprint(paths: Sequence[Path], *facts: object) -> str:
    """Which weights these are, in hexadecimal, without reading all of them: the sizes of files, when they were written,
    and what stands at some places of each; a folder counts for its files. `facts` count, too.
    """
    found = hashlib.sha256(repr(facts).encode())
    for path in paths:
        for file in sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else (path,):
            facts_of = file.stat()
            found.update(f"{file.name} {facts_of.st_size} {facts_of.st_mtime_ns}\0".encode())
            with file.open("rb") as data:
                for k in range(SAMPLES):
                    data.seek(max(0, facts_of.st_size - SAMPLE) * k // (SAMPLES - 1))
                    found.update(data.read(SAMPLE))
    return found.hexdigest()


def _hash_of(text_LD: Tensor) -> Tensor:
    """SHA-256 of a tensor's bytes and its shape, as 32 numbers."""
    said = f"{text_LD.dtype} {tuple(text_LD.shape)} ".encode()
    data = text_LD.contiguous().view(torch.uint8).numpy().tobytes()
    return torch.tensor(list(hashlib.sha256(said + data).digest()), dtype=torch.uint8)
