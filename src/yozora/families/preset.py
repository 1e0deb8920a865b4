"""A preset: one set of weights, what it was trained for, and the settings that suit it. Loads no weights."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypedDict

from yozora.core.request import MAX_GUIDANCE, MIN_SIDE, WORDS, Expert, Lora, Request
from yozora.errors import UserError
from yozora.weights.header import integers, metadata

PARTS = ("text", "transformer", "autoencoder")
TAUGHT = ("action", "weather", "camera", "style")  # slots of the text encoder whose values may be new in the world
CHARACTER_NAMES = ("@hero", "@second", "@third")
"""The names by which weights were taught to know characters; a film has at most so many."""
CHARACTER_AT = -4.0
"""Position of the first of them, in frames: before the film. Others stand as far before each other."""
OPENING_AT = -2.0
"""Position of a film's opening, in frames, where a later window is shown it."""

Known = Literal["nothing", "whole clip", "first frame", "first and last frame", "frames", "anything"]
"""What a canvas may be given: no part of the film; all of it, repainted at one strength; whole frames at its ends; any
parts, kept as they are; any parts, each kept or repainted as far as it wants."""
ANYTHING: tuple[Known, ...] = ("nothing", "whole clip", "first frame", "first and last frame", "frames", "anything")

Conditioning = Literal["tokens", "channels", "control"]
"""How weights are given frames: as tokens at time 0; as more channels of each token (Wan's image to video); by a
control branch beside the transformer (VACE)."""

Grid = Literal["even", "diffusers unipc", "diffusers euler"]
"""The times of the sampler's steps, before they are shifted, and what the model is told of them; see
`yozora.core.schedules`."""
Solver = Literal["euler", "unipc", "renoise"]  # as in `yozora.core.sampler.SOLVERS`


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A LoRA in a repository, at strength 1: its file, and the expert that it is for."""

    hub: str
    file: str
    expert: Expert = "both"


NEEDS: dict[Known, str] = {
    "nothing": "make a film of words alone",
    "whole clip": "repaint a whole clip",
    "first frame": "be given a first frame",
    "first and last frame": "be given a first and a last frame",
    "frames": "be given parts of a film",
    "anything": "repaint one part of a film more than another",
}


Weights = Literal["", "full", "fp8", "int8"]
"""Precision of weights: as fits; that of products; eight bits (see `yozora.model.quantise`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a model may take here: bytes of the device's memory and of main memory (0: what there is), and the precision
    of its weights that is asked for. `size`, in pixels, and `seconds` are those of the film that is to fit, where one
    is known; else the model's own."""

    weights: Weights = ""
    memory: int = 0
    ram: int = 0
    size: tuple[int, int] = (0, 0)
    seconds: float = 0.0

    @property
    def bounded(self) -> bool:
        """Whether a bound was said."""
        return bool(self.memory or self.ram)


class FilmSettings(TypedDict, total=False):
    """What may be asked for beside the prompt; what is left out is the preset's default. As in `Request`."""

    negative_prompt: str
    seconds: float
    width: int
    height: int
    fps: float
    seed: int
    steps: int
    guidance: float
    style: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A model. Sizes are (width, height) in pixels, the first one is the default.

    `known` says what the weights were trained to be given, and `conditioning` how. `guided` are the lowest and the
    highest time (0..1) at which guidance is applied; `shift` is the flow shift. `boundary`: from this time on the first
    of two transformers denoises, below it the second, with `low_guidance`. Raises ValueError where its numbers
    contradict each other.
    """

    name: str
    summary: str
    folder: Path
    sizes: tuple[tuple[int, int], ...]
    step: int  # pixels that width and height are multiples of: the side of a token
    max_pixels: int  # of a frame
    fps: float
    seconds: float
    max_seconds: float
    steps: int
    guidance: float
    guided: tuple[float, float]
    continuation_guidance: float  # share of the guidance beyond 1 that is left where a film goes on from known frames
    shift: float
    solver: Solver
    known: tuple[Known, ...]
    window: int  # latent frames that the model was trained to see at once; longer films are made in windows
    overlap: int  # latent frames that a window starts from
    still: bool  # whether a film of which nothing is known begins with one frame, invented by itself
    opening: bool  # whether it was taught to be shown, in later windows, how the film began
    characters: int  # characters that the model was taught to be shown
    still_guidance: float | None = None  # of canvases of one latent frame; None: as for films
    still_shift: float | None = None  # of the same
    frames_a_latent: int = 4  # but for a film's first latent, which is one frame
    strengths: tuple[float, float, float] = (0.6, 0.8, 0.92)
    """How far a remix goes that is subtle, mild or strong: times that noise is added up to. Colours only change from
    about 0.8 on."""
    blend_strength: float = 0.6  # at the middle of a blend
    ongoing: int = 3  # known frames from which on a film goes on: they say most of what the words do
    lead: int = 8  # latents that are decoded before those that a shot returns to
    character_names: tuple[str, ...] = CHARACTER_NAMES
    character_at: float = CHARACTER_AT
    opening_at: float = OPENING_AT
    captions: bool = True  # whether it was taught with the world's captions, so that prompts are put into their words
    family: str = "mini"  # as in `yozora.families.FAMILIES`
    conditioning: Conditioning = "tokens"
    grid: Grid = "even"
    times: tuple[float, ...] = ()  # of weights made for a few steps: where each begins, before the shift; 0..1
    boundary: float | None = None
    low_guidance: float | None = None
    negative_prompt: str = ""  # where none is given
    shape: str = ""  # of its transformer, as the family calls it
    hub: str = ""  # repository of the weights
    hub_file: str = ""  # in it, where it holds a transformer alone and not all of a model
    base: str = ""  # the repository that then has the other parts
    added: tuple[Fetched, ...] = ()  # LoRAs of other repositories that belong to the model
    licence: str = "Apache-2.0"
    autoencoder: Path | None = None  # a file or folder in place of the one beside the weights
    text_encoder: Path | None = None  # the same
    loras: tuple[Lora, ...] = ()  # files, added to the transformers' weights when these are loaded
    budget: Budget = Budget()

    def __post_init__(self) -> None:
        if self.step < 2 or self.step % 2 or MIN_SIDE % self.step:
            raise ValueError(f"step is {self.step}; it is even and divides {MIN_SIDE}")
        if not self.sizes or any(side % self.step for size in self.sizes for side in size):
            raise ValueError(f"sizes are {self.sizes}; there is one at least, all multiples of {self.step}")
        if self.overlap < 1 or self.window < max(4, 2 * self.overlap + 1):
            raise ValueError(f"windows of {self.window} frames are too short for an overlap of {self.overlap}")
        if not 0 <= self.guided[0] <= self.guided[1] <= 1:
            raise ValueError(f"guided is {self.guided}; it goes from 0 to 1")
        if not 0 <= self.continuation_guidance <= 1:
            raise ValueError(f"continuation_guidance is {self.continuation_guidance}; it is a share, 0 to 1")
        if not all(0 < shift < float("inf") for shift in (self.shift, self.still_shift) if shift is not None):
            raise ValueError(f"shift is {self.shift} and still_shift {self.still_shift}; they are above 0")
        if self.still_guidance is not None and not 1 <= self.still_guidance <= MAX_GUIDANCE:
            raise ValueError(f"still_guidance is {self.still_guidance}; it is 1 to {MAX_GUIDANCE:g}")
        if not 0 <= self.characters <= len(self.character_names):
            raise ValueError(f"characters is {self.characters}; it is 0 to {len(self.character_names)}")
        if not self.known or set(self.known) - set(ANYTHING):
            raise ValueError(f"known is {self.known}; known are {ANYTHING}")
        if self.times and len(self.times) != self.steps:
            raise ValueError(f"times names {len(self.times)} steps, and the default is {self.steps}")

    @property
    def files(self) -> dict[str, Path]:
        """Part of the model -> its weights, a file or a folder of them; those that are missing included."""
        from yozora.families import FAMILIES  # families hold presets

        return FAMILIES[self.family].files(self)

    def preset_facts(self) -> dict[str, Any]:
        """All but name and folder, as JSON can hold it: what training writes as `preset` into the metadata of a
        transformer, and `find` reads.
        """
        return {key: value for key, value in asdict(self).items() if key in STATED}

    def frames(self, seconds: float) -> int:
        """How many frames the canvas of a film of words has: those of these seconds, the one at their very end, and as
        many as fill the last latent."""
        return self.frames_a_latent * -(-self.shown(seconds) // self.frames_a_latent) + 1

    def shown(self, seconds: float) -> int:
        """How many frames are seen in these seconds, at the model's rate, without the one at their very end."""
        return int(seconds * self.fps + 0.5)

    def strength(self, value: float | str) -> float:
        """0..1 out of a number or one of the words of `WORDS`."""
        return dict(zip(WORDS, self.strengths, strict=True))[value] if isinstance(value, str) else value

    def native(self, width: int, height: int) -> tuple[int, int]:
        """The size that is made where a film of that size is asked for: itself where the model can, else the one of its
        own that is most like it in shape.
        """
        if width % self.step == 0 and height % self.step == 0 and width * height <= self.max_pixels:
            return width, height
        return self.nearest(width / height)

    def nearest(self, aspect: float) -> tuple[int, int]:
        """The size of the model's own whose width to height is most like that."""
        return min(self.sizes, key=lambda size: max(size[0] / size[1] / aspect, aspect * size[1] / size[0]))

    def sampling(self, guidance: float, frames: int) -> tuple[float, float]:
        """Guidance scale and flow shift for a canvas of so many latent frames where `guidance` is asked for.

        A still has its own. Where another guidance than the default is asked for, a still's changes in proportion,
        counted from 1 (none).
        """
        if frames > 1:
            return guidance, self.shift
        shift = self.shift if self.still_shift is None else self.still_shift
        scale = self.still_guidance
        if scale is None:
            return guidance, shift
        if guidance == self.guidance:
            return scale, shift
        if min(guidance, self.guidance) <= 1:
            return guidance, shift
        return min(MAX_GUIDANCE, 1 + (guidance - 1) * (scale - 1) / (self.guidance - 1)), shift

    def can(self, needed: Known) -> bool:
        """Whether these weights were trained to be given so much."""
        return needed in self.known

    @property
    def nouns(self) -> tuple[str, ...]:
        """The things of the world that the weights know; none where they know other words than its captions'.

        Raises `UserError` for weights that are missing or cannot be read.
        """
        if not self.captions:
            return ()
        path = self.files["transformer"]
        try:
            said = json.loads(metadata(path).get("nouns", "[]"))
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, list):
            raise UserError(f"The nouns in {path} cannot be read.", "Write a list of words.", code="nouns_unreadable")
        return tuple(noun for noun in said if isinstance(noun, str))

    @property
    def taught(self) -> Mapping[str, tuple[str, ...]]:
        """Actions, weathers, camera moves and styles of the world that the text encoder was taught, by slot; nothing
        where it does not say so. The world may have more by now.

        Raises `UserError` for weights that are missing or cannot be read.
        """
        if not self.captions:
            return {}
        try:
            slots = json.loads(metadata(self.files["text"]).get("config", "{}")).get("slots", {})
            return {slot: tuple(map(str, slots[slot])) for slot in TAUGHT if slot in slots}
        except (ValueError, AttributeError, TypeError, RecursionError):
            return {}

    @property
    def word_hashes(self) -> frozenset[int]:
        """CRC-32 of the words by which the text encoder tells languages apart; none where its file lists no words.

        Raises `UserError` for weights that are missing or cannot be read.
        """
        if not self.captions:
            return frozenset()
        path = self.files["text"]
        return _word_hashes(path, path.stat().st_mtime_ns if path.is_file() else 0)

    @property
    def available(self) -> bool:
        """Whether all the weights are on this machine."""
        files = self.files
        return bool(files) and all(path.is_file() for path in files.values())

    def ask(self, prompt: str, settings: FilmSettings, *, wordless: bool = False) -> Request:
        """A request to this model, its defaults where `settings` says nothing. `UserError` for what it cannot do, and
        for an empty prompt where the film is not `wordless`.
        """
        if not wordless and not prompt.strip():
            raise UserError(
                "The prompt is empty.", "Describe the film, such as: a red car driving at night.", code="prompt_empty"
            )
        width, height = self.sizes[0]
        asked: FilmSettings = {
            "width": width,
            "height": height,
            "fps": self.fps,
            "seconds": self.seconds,
            "steps": self.steps,
            "guidance": self.guidance,
            "negative_prompt": self.negative_prompt,
            **settings,
        }
        request = Request(prompt=prompt, model=self.name, **asked)
        self.check_seconds(request.seconds)
        return request

    def check_seconds(self, seconds: float) -> None:
        """Raises `UserError` for more seconds than these weights can make."""
        if seconds > self.max_seconds:
            raise UserError(
                f"{seconds:g} seconds are too long for {self.name}.",
                f"Use up to {self.max_seconds:g}.",
                code="duration_out_of_range",
            )


ABOUT = frozenset(
    {
        *("name", "folder", "family", "shape", "hub", "hub_file", "base", "added", "licence"),
        *("autoencoder", "text_encoder", "loras", "budget"),
    }
)
"""Fields of a preset that say which weights it has, and where these are."""

STATED = frozenset(each.name for each in fields(Preset)) - ABOUT
"""Fields of a preset that weights say of themselves."""


@lru_cache(maxsize=8)
def _word_hashes(path: Path, changed_ns: int) -> frozenset[int]:
    """Of a file as it is since `changed_ns`."""
    return integers(path, "first_words") | integers(path, "second_words")
