"""Meta's VideoSeal behind the two functions of `yozora.provenance.watermark`, for those who have installed it.

A learned mark of 256 bits (Fernandez et al., "Video Seal: Open and Efficient Video Watermarking", 2024): the number
with its checksum and error correction (`code`), its signs mixed by the key. It wants torch, a GPU to be quick, and
weights that the package fetches from the web when they are first used; nothing of it is installed with Yozora.
"""

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yozora.errors import UserError
from yozora.films.film import Box
from yozora.media.pictures import Picture
from yozora.media.seam import box
from yozora.provenance import code
from yozora.provenance.watermark import Found

MODEL = "videoseal"
LOOKED_AT = 64  # frames
ENOUGH = 5.5  # deviations of the agreement between what was read and the number's own signs


class VideoSealEmbedder:
    """Marks the frames of one film with a number below 2**48, each frame by itself."""

    def __init__(self, width: int, height: int, identifier: int, key: bytes) -> None:
        self._model, self._torch = _load_model()
        signs = code.encode(identifier) * _mixing(key)
        self._message = self._torch.from_numpy((signs > 0).astype(np.float32))[None]

    def __call__(self, frames_THWC: NDArray[np.uint8], region: Box | None = None) -> NDArray[np.uint8]:
        """The next frames, uint8 `[T, H, W, 3]`, marked, in a region alone where there is one: new ones."""
        given = self._torch.from_numpy(frames_THWC.transpose(0, 3, 1, 2).astype(np.float32) / 255)
        with self._torch.inference_mode():
            seen = self._model.embed(given, msgs=self._message, is_video=True)["imgs_w"]
        levels = seen.clamp(0, 1).mul(255).round().byte()
        marked: NDArray[np.uint8] = np.ascontiguousarray(levels.numpy().transpose(0, 2, 3, 1))
        if region is None:
            return marked
        left, top, right, bottom = box(region, frames_THWC.shape[2], frames_THWC.shape[1])
        spared = frames_THWC.copy()
        spared[:, top:bottom, left:right] = marked[:, top:bottom, left:right]
        return spared


def detect(frames: Iterable[Picture], key: bytes) -> Found:
    """Whether frames, uint8 `[H, W, 3]` each, bear a mark of this key, and its number; looks at the first 64."""
    model, torch = _load_model()
    shown = list(islice(frames, LOOKED_AT))
    if not shown:
        return Found(score=0.0, present=False, identifier=None)
    given = torch.from_numpy(np.stack(shown).transpose(0, 3, 1, 2).astype(np.float32) / 255)
    with torch.inference_mode():
        preds = model.detect(given, is_video=True)["preds"]
    soft = preds[:, 1:].mean(0).numpy() * _mixing(key)
    number = code.decode(soft)
    if number is None:
        return Found(score=0.0, present=False, identifier=None)
    score = float((soft * code.encode(number)).sum() / np.sqrt(np.square(soft).sum())) / ENOUGH
    return Found(score=score, present=score >= 1, identifier=number if score >= 1 else None)


def _mixing(key: bytes) -> NDArray[np.float32]:
    digest = hashlib.shake_256(b"yozora videoseal\0" + key).digest(code.LENGTH // 8)
    signs: NDArray[np.float32] = np.unpackbits(np.frombuffer(digest, np.uint8)).astype(np.float32) * 2 - 1
    return signs


@cache
def _load_model() -> tuple[Any, Any]:
    try:
        package, torch = import_module("videoseal"), import_module("torch")
    except ImportError as error:
        raise UserError(
            "The watermark backend VideoSeal is not installed.",
            "Run: pip install videoseal. Or use the built-in watermark.",
            code="videoseal_missing",
        ) from error
    return package.load(MODEL), torch


def embedder(width: int, height: int, identifier: int, key: bytes) -> VideoSealEmbedder:
    """What marks the frames of one film, of that size, with a number below 2**48."""
    return VideoSealEmbedder(width, height, identifier, key)
