"""The films that are judged, from the engine that users have; and the autoencoder alone. No codecs, no command line."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from yozora.core.modes import Generate
from yozora.core.order import Order
from yozora.engine.engine import Engine
from yozora.errors import UserError
from yozora.families.presets import FilmSettings, Preset
from yozora.train.data import to_frames, to_video
from yozora.weights import files as weights

Frames = NDArray[np.uint8]
FINGER = 1 << 24  # bytes of a file of weights that are looked at


def vocabulary(path: Path) -> tuple[str, ...]:
    """The nouns that a transformer was trained on, from its file. Raises `UserError` where it does not say."""
    nouns = weights.facts(path).get("nouns")
    if not nouns:
        raise UserError(
            f"{path} does not list the nouns it was trained on.",
            "Train the weights again with a current recipe.",
            code="weights_without_nouns",
        )
    return tuple(nouns)


def film_of(engine: Engine, settings: FilmSettings) -> Callable[[str, int], Frames]:
    """Prompt and seed to uint8 `[T, H, W, 3]`, made as the preset wants it, or the settings where they say so."""

    def film(prompt: str, seed: int) -> Frames:
        request = engine.preset.ask(prompt, {**settings, "seed": seed})
        return engine.films(Order.of(request, Generate(seconds=request.seconds))).frames

    return film


def round_trip(engine: Engine) -> Callable[[Frames], Frames]:
    """Frames uint8 `[4n + 1, H, W, 3]` through the autoencoder and back."""

    @torch.inference_mode()
    def again(frames_THWC: Frames) -> Frames:
        return to_frames(engine.autoencoder.decode(engine.autoencoder.encode(to_video(frames_THWC)[None]))[0])

    return again


def fingerprint(preset: Preset) -> str:
    """What tells weights from others: of the beginning of each file and its size."""
    digest = hashlib.sha256()
    for path in preset.files.values():
        with path.open("rb") as file:
            digest.update(file.read(FINGER))
        digest.update(str(path.stat().st_size).encode())
    return f"{preset.name} {digest.hexdigest()[:16]}"
