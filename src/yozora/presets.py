"""Models: where their weights lie, what they were trained for, and the settings that suit them. Loads no weights.

A model is known by its name, or it is a folder of weights, whose settings are in the metadata of its transformer.
"""

import json
import os
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import MappingProxyType, UnionType
from typing import Any, Literal, TypedDict, get_args, get_origin, get_type_hints

from yozora.core.request import MAX_GUIDANCE, MAX_SECONDS, MIN_SIDE, WORDS, Request
from yozora.errors import UserError
from yozora.header import metadata

ASSETS = Path(__file__).parent / "assets"
DEFAULT = "mini"
PARTS = ("text", "transformer", "autoencoder")
HERO_NAMES = ("@hero", "@second", "@third")
"""What weights are taught to call whom they are shown; a film has at most so many."""
HERO_AT = -4.0
"""Position of the first of them, in frames: before the film. Others stand as far before each other."""
OPENING_AT = -2.0
"""Position of a film's opening, in frames, where a later window is shown it."""

Known = Literal["nothing", "first frame", "anything"]
Solver = Literal["euler", "unipc"]  # as in `yozora.core.sampler.SOLVERS`


class Settings(TypedDict, total=False):
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

    `known` says which parts of a canvas the weights were trained to be given: nothing, the first frame, or any tokens.
    `guided` are the lowest and the highest time (0..1) at which guidance is applied; `shift` is the flow shift. Raises
    ValueError where its numbers contradict each other.
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
    led: float  # share of the guidance beyond 1 that is left where a film goes on from known frames
    shift: float
    solver: Solver
    known: Known
    window: int  # latent frames that the model was trained to see at once; longer films are made in windows
    overlap: int  # latent frames that a window starts from
    still: bool  # whether a film of which nothing is known begins with one frame, invented by itself
    opening: bool  # whether it was taught to be shown, in later windows, how the film began
    heroes: int  # characters that the model was taught to be shown
    still_guidance: float | None = None  # of canvases of one latent frame; None: as for films
    still_shift: float | None = None  # of the same
    frames_a_latent: int = 4  # but for a film's first latent, which is one frame
    strengths: tuple[float, float, float] = (0.6, 0.8, 0.92)
    """How far a remix goes that is subtle, mild or strong: times that noise is added up to. Colours only change from
    about 0.8 on."""
    blend_strength: float = 0.6  # at the middle of a blend
    ongoing: int = 3  # known frames from which on a film goes on: they say most of what the words do
    lead: int = 8  # latents that are decoded before those that a shot returns to
    hero_names: tuple[str, ...] = HERO_NAMES
    hero_at: float = HERO_AT
    opening_at: float = OPENING_AT
    captions: bool = True  # whether it was taught with the world's captions, so that prompts are put into their words

    def __post_init__(self) -> None:
        if self.step < 2 or self.step % 2 or MIN_SIDE % self.step:
            raise ValueError(f"step is {self.step}; it is even and divides {MIN_SIDE}")
        if not self.sizes or any(side % self.step for size in self.sizes for side in size):
            raise ValueError(f"sizes are {self.sizes}; there is one at least, all multiples of {self.step}")
        if self.overlap < 1 or self.window < max(4, 2 * self.overlap + 1):
            raise ValueError(f"windows of {self.window} frames are too short for an overlap of {self.overlap}")
        if not 0 <= self.guided[0] <= self.guided[1] <= 1:
            raise ValueError(f"guided is {self.guided}; it goes from 0 to 1")
        if not 0 <= self.led <= 1:
            raise ValueError(f"led is {self.led}; it is a share, 0 to 1")
        if not all(0 < shift < float("inf") for shift in (self.shift, self.still_shift) if shift is not None):
            raise ValueError(f"shift is {self.shift} and still_shift {self.still_shift}; they are above 0")
        if self.still_guidance is not None and not 1 <= self.still_guidance <= MAX_GUIDANCE:
            raise ValueError(f"still_guidance is {self.still_guidance}; it is 1 to {MAX_GUIDANCE:g}")
        if not 0 <= self.heroes <= len(self.hero_names):
            raise ValueError(f"heroes is {self.heroes}; it is 0 to {len(self.hero_names)}")

    @property
    def files(self) -> dict[str, Path]:
        """Part of the model -> its weights file."""
        return {part: self.folder / f"{part}.safetensors" for part in PARTS}

    def preset_facts(self) -> dict[str, Any]:
        """All but name and folder, as JSON can hold it: what training writes as `preset` into the metadata of a
        transformer, and `find` reads.
        """
        return {key: value for key, value in asdict(self).items() if key in FACTS}

    def frames(self, seconds: float) -> int:
        """How many frames the canvas of a film of words has: those of these seconds, the one at their very end, and as
        many as fill the last latent."""
        return self.frames_a_latent * -(-self.shown(seconds) // self.frames_a_latent) + 1

    def shown(self, seconds: float) -> int:
        """How many frames are seen in these seconds, at the model's rate, without the one at their very end."""
        return int(seconds * self.fps + 0.5)

    def strength(self, said: float | str) -> float:
        """0..1 out of a number or one of the words of `WORDS`."""
        return dict(zip(WORDS, self.strengths, strict=True))[said] if isinstance(said, str) else said

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

    def check_known(self, needed: Known) -> None:
        """Raises `UserError`, which names weights that can, where these were not trained to be given so much."""
        order: tuple[Known, ...] = ("nothing", "first frame", "anything")
        if order.index(needed) <= order.index(self.known):
            return
        able = ", ".join(p.name for p in PRESETS.values() if order.index(p.known) >= order.index(needed))
        given = {"first frame": "be given a first frame", "anything": "be given more than a first frame"}[needed]
        raise UserError(f"{self.name} was not trained to {given}.", f"Models that were: {able}.")

    @property
    def nouns(self) -> tuple[str, ...]:
        """The things of the world that the weights know; none where they know other words than its captions'.

        Raises `UserError` for weights that are missing or cannot be read.
        """
        path = self.files["transformer"]
        try:
            said = json.loads(metadata(path).get("nouns", "[]")) if self.captions else []
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, list):
            raise UserError(f"The nouns in {path} cannot be read.", "They are a list of words.")
        return tuple(noun for noun in said if isinstance(noun, str))

    @property
    def available(self) -> bool:
        """Whether all the weights are on this machine."""
        return all(path.is_file() for path in self.files.values())

    def ask(self, prompt: str, settings: Settings, *, wordless: bool = False) -> Request:
        """A request to this model, its defaults where `settings` says nothing. `UserError` for what it cannot do, and
        for an empty prompt where the film is not `wordless`.
        """
        if not wordless and not prompt.strip():
            raise UserError("The prompt is empty.", "Say what the film shows, such as: a red car driving at night.")
        width, height = self.sizes[0]
        asked: Settings = {
            "width": width,
            "height": height,
            "fps": self.fps,
            "seconds": self.seconds,
            "steps": self.steps,
            "guidance": self.guidance,
            **settings,
        }
        request = Request(prompt=prompt, model=self.name, **asked)
        self.check_seconds(request.seconds)
        return request

    def check_seconds(self, seconds: float) -> None:
        """Raises `UserError` for more seconds than these weights can make."""
        if seconds > self.max_seconds:
            raise UserError(
                f"{self.name} cannot make a film of {seconds:g} seconds.",
                f"Its films have up to {self.max_seconds:g}.",
            )


FACTS: Mapping[str, Any] = MappingProxyType(
    {key: kind for key, kind in get_type_hints(Preset).items() if key not in ("name", "folder")}
)
"""Fields of a preset that its weights may say -> their types."""


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "mini": Preset(
            name="mini",
            summary="cut-out theatre, trained from scratch by this project; needs two CPU cores",
            folder=ASSETS / "mini",
            sizes=((224, 128), (128, 224), (160, 160)),
            step=32,
            max_pixels=256 * 256,
            fps=16.0,
            seconds=2.0,
            max_seconds=MAX_SECONDS,
            steps=20,
            guidance=3.0,
            guided=(0.0, 1.0),
            led=0.25,
            shift=5.0,
            solver="unipc",
            known="anything",
            window=9,
            overlap=4,
            still=True,
            opening=True,
            heroes=1,
        ),
    }
)


def named(name: str) -> Preset:
    """The preset of that name; `UserError` that lists the known ones."""
    if name not in PRESETS:
        raise UserError(f"There is no model {name!r}.", f"Known models: {', '.join(PRESETS)}.")
    return PRESETS[name]


def find(model: str | os.PathLike[str]) -> Preset:
    """The preset of that name, or that of a folder of weights; `UserError` where it is neither."""
    name = os.fspath(model)
    if name in PRESETS:
        return PRESETS[name]
    if not os.path.isdir(name):
        known = f"Known models: {', '.join(PRESETS)}. A folder of weights can be named, too."
        raise UserError(f"There is no model {name!r}.", known)
    return of_folder(Path(name))


def of_folder(folder: Path) -> Preset:
    """The preset of the weights in a folder, named after it. What its transformer does not say is as in `DEFAULT`.

    Raises `UserError` where a file is missing or damaged, and for settings that cannot be read.
    """
    found = replace(PRESETS[DEFAULT], name=folder.resolve().name, folder=folder)
    missing = [path for path in found.files.values() if not path.is_file()]
    for path in missing:
        if path.with_name(f"{path.name}.part00").is_file():
            joined = shlex.quote(str(path))
            raise UserError(f"{path} is in parts.", f"Join them with: cat {joined}.part* > {joined}")
    if missing:
        names = ", ".join(path.name for path in missing)
        raise UserError(f"{folder} is no model: it has no {names}.", f"A model has {', '.join(PARTS)}.")
    path = found.files["transformer"]
    said = _facts(path)
    try:
        found = replace(found, **said)
        for width, height in found.sizes:
            found.ask("", {"width": width, "height": height}, wordless=True)
    except (ValueError, UserError) as error:
        raise UserError(f"The preset in {path} cannot be used: {str(error).rstrip('.')}.") from error
    return found


def _facts(path: Path) -> dict[str, Any]:
    """What a transformer says of its preset. Raises `UserError` for fields that are not known or of another type."""
    try:
        said = json.loads(metadata(path).get("preset", "{}"))
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise UserError(f"The preset in {path} cannot be read.", "It is a JSON object.")
    for key in said:
        if key not in FACTS:
            raise UserError(
                f"The preset in {path} has an unknown setting {key[:40]!r}.", f"Known are: {', '.join(FACTS)}."
            )
    found = {}
    for key, value in said.items():
        try:
            found[key] = _typed(FACTS[key], value)
        except (TypeError, OverflowError):
            kind = getattr(FACTS[key], "__name__", "") if type(FACTS[key]) is type else str(FACTS[key])
            shown, needed = repr(value)[:60], kind.removeprefix("typing.")
            raise UserError(f"The preset in {path} has {shown} as its {key}.", f"The type is {needed}.") from None
    return found


def _typed(kind: Any, value: object) -> Any:
    """A value out of JSON as a field of that type has it. Raises TypeError for one of another type."""
    inner = get_args(kind)
    if get_origin(kind) is Literal and value in inner:
        return value
    if get_origin(kind) is UnionType:  # of something and None
        return None if value is None else _typed(inner[0], value)
    if get_origin(kind) is tuple and isinstance(value, list):
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        if len(kinds) == len(value):
            return tuple(_typed(one, item) for one, item in zip(kinds, value, strict=True))
    if kind is float and type(value) in (int, float):
        return float(value)  # type: ignore[arg-type]
    if type(value) is kind:
        return value
    raise TypeError(f"{value!r} is not {kind}")
