"""What a person asked for, in seconds and pixels, checked once.

Knows neither tensors nor models: the limits here are those of any film that can be asked for; what a set of weights can
do is its preset's business.
"""

import re
import secrets
from dataclasses import dataclass
from typing import Literal

from yozora.core.quality import QUALITIES, Quality
from yozora.errors import UserError

MAX_PROMPT = 32_000  # characters, as on the wire
MAX_SECONDS = 600.0  # that are invented
MAX_LENGTH = 3 * MAX_SECONDS  # seconds of a film, those included that are kept of sources
MAX_STEPS = 200
MAX_GUIDANCE = 30.0
MAX_SEED = 2**63 - 1
MAX_DRAWN_SEED = 2**31 - 1  # of seeds that were not chosen: short enough to be typed again
MIN_SIDE, MAX_SIDE = 64, 4096  # pixels
MAX_PIXELS = 4096 * 2304  # of a frame
MIN_FPS, MAX_FPS = 1.0, 60.0
MAX_LORAS, MAX_LORA_STRENGTH = 16, 10.0
Expert = Literal["both", "high", "low"]
WORDS = ("subtle", "mild", "strong")
"""How far a picture is repainted, in words; what they mean is the preset's business."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lora:
    """A small update of a transformer's weights, by reference; at strength 1 it does what it was trained to.

    `at` is where the process that makes the film finds it: the path of a file, or the name of one in an operator's
    folder. `expert`: of two transformers the one for much noise (high), that for little (low), or both.
    """

    at: str
    strength: float = 1.0
    expert: Expert = "both"
    sha256: str = ""

    def __post_init__(self) -> None:
        if not self.at:
            raise UserError(
                "A LoRA has no name.", "Write a name, such as style.safetensors:0.8.", code="lora_name_missing"
            )
        _check_range("strength of a LoRA", self.strength, -MAX_LORA_STRENGTH, MAX_LORA_STRENGTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One film, as asked for; seconds, size and rate are those of the finished film.

    The defaults here are no model's: `core.ordering` fills in those of the preset (families/mini.py, families/wan.py).
    Raises UserError, in one line that says what would do, for what no film can be.
    """

    prompt: str  # empty: nothing in particular
    negative_prompt: str = ""  # what guidance pushes away from; empty: from no prompt
    style: str = ""  # a look, in words, said after the prompt
    seconds: float = 2.0
    width: int = 224
    height: int = 128
    fps: float = 16.0
    fit: str = "crop"  # how sources of another shape fill the picture: crop, pad or stretch
    seed: int = 0
    steps: int = 20
    guidance: float = 5.0  # 1: none
    quality: Quality = "exact"  # how many of the steps are estimated instead of computed
    low_guidance: float | None = None  # of the second of two experts, for the times of little noise; None: the model's
    model: str = "mini"
    vae: str = ""  # the path of an autoencoder in place of the model's own
    text_encoder: str = ""  # the same
    loras: tuple[Lora, ...] = ()
    weights: str = ""  # precision of the weights: full, fp8, int8; empty: full where it fits
    memory: int = 0  # bytes of the device's memory that may be taken; 0: what there is
    ram: int = 0  # the same of main memory
    untrained: bool = False  # whether weights may be given what they were not trained to be given

    def __post_init__(self) -> None:
        for what, text in (("prompt", self.prompt), ("negative prompt", self.negative_prompt), ("style", self.style)):
            _check_text(what, text)
        if not self.model.strip():
            raise UserError(
                "The model's name is empty.", "For the default model, leave out model.", code="model_name_empty"
            )
        _check_size(self.width, self.height)
        if not 0 < self.seconds <= MAX_LENGTH:
            raise UserError(
                f"{self.seconds:g} seconds are out of range.",
                f"Use up to {MAX_LENGTH:g}.",
                code="duration_out_of_range",
            )
        _check_range("frames a second", self.fps, MIN_FPS, MAX_FPS)
        _check_range("steps", self.steps, 1, MAX_STEPS)
        _check_range("guidance", self.guidance, 0, MAX_GUIDANCE)
        if self.low_guidance is not None:
            _check_range("guidance", self.low_guidance, 0, MAX_GUIDANCE)
        if len(self.loras) > MAX_LORAS:
            raise UserError(
                f"{len(self.loras)} LoRAs are too many.", f"Use at most {MAX_LORAS}.", code="too_many_loras"
            )
        if self.quality not in QUALITIES:
            raise UserError(
                f"The quality {self.quality!r} is not known.",
                f"Use one of: {', '.join(QUALITIES)}.",
                code="unknown_quality",
            )
        if not 0 <= self.seed <= MAX_SEED:
            raise UserError(
                f"The seed {self.seed} is out of range.",
                "Use a whole number from 0 to 2**63 - 1.",
                code="seed_out_of_range",
            )

    @property
    def text(self) -> str:
        """What the model is told: the prompt, and the style where there is one."""
        prompt, style = self.prompt.strip(), self.style.strip()
        return f"{prompt}, {style}" if prompt and style else prompt or style


def check_seconds(seconds: float) -> None:
    """Raises UserError for more seconds than can be invented, and for none."""
    if not 0 < seconds <= MAX_SECONDS:
        raise UserError(
            f"{seconds:g} seconds are out of range.", f"Use up to {MAX_SECONDS:g}.", code="duration_out_of_range"
        )


def drawn_seed() -> int:
    """A seed for a film whose owner chose none."""
    return secrets.randbelow(MAX_DRAWN_SEED + 1)


def parse_size(text: str) -> tuple[int, int]:
    """Width and height in pixels out of "224x128". Raises UserError for what is no size, and for one beyond the limits
    of any film; which sizes a model can make is its preset's business.
    """
    match = re.fullmatch(r"\s*(\d{1,6})\s*[xX×*]\s*(\d{1,6})\s*", text, re.ASCII)
    if match is None:
        raise UserError(f"{_short(text)} is not a size.", "Write WIDTHxHEIGHT, such as 224x128.", code="size_malformed")
    width, height = int(match[1]), int(match[2])
    _check_size(width, height)
    return width, height


def is_prompt(text: str) -> bool:
    """Whether a text can be a prompt, as it is found in files of unknown origin."""
    return len(text) <= MAX_PROMPT and _is_text(text)


def _is_text(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _check_text(what: str, text: str) -> None:
    if len(text) > MAX_PROMPT:
        raise UserError(
            f"The {what} has {len(text):,} characters.", f"Use at most {MAX_PROMPT:,}.", code="text_too_long"
        )
    if not _is_text(text):
        raise UserError(f"The {what} is not text.", "Use UTF-8 without control characters.", code="text_invalid")


def _check_size(width: int, height: int) -> None:
    size = f"{width}x{height}"
    if min(width, height) < MIN_SIDE or max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        limits = f"Use sides of {MIN_SIDE} to {MAX_SIDE} pixels, at most {MAX_PIXELS:,} pixels in all; try 224x128."
        raise UserError(f"The size {size} is out of range.", limits, code="size_out_of_range")


def _check_range(what: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:  # also where the value is not a number
        raise UserError(
            f"{value:g} is out of range for {what}.", f"Use {low:g} to {high:g}.", code="value_out_of_range"
        )


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")
