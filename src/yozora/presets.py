"""Named models: where their weights lie, what they were trained for, and the settings that suit them. Loads nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypedDict

from yozora.errors import UserError
from yozora.request import MAX_SECONDS, Request

ASSETS = Path(__file__).parent / "assets"
DEFAULT = "mini"

Known = Literal["nothing", "first frame", "anything"]


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
    """A model by name. Sizes are (width, height) in pixels, the first one is the default.

    `known` says which parts of a canvas the weights were trained to be given: nothing, the first frame, or any tokens.
    `guided` are the lowest and the highest time (0..1) at which guidance is applied; `shift` is the flow shift.
    """

    name: str
    summary: str
    folder: Path
    sizes: tuple[tuple[int, int], ...]
    max_pixels: int  # of a frame
    fps: float
    seconds: float
    max_seconds: float
    steps: int
    guidance: float
    guided: tuple[float, float]
    led: float  # share of the guidance beyond 1 that is left where a film goes on from known frames
    shift: float
    solver: str
    known: Known
    window: int  # latent frames that the model was trained to see at once; longer films are made in windows
    overlap: int  # latent frames that a window starts from
    still: bool  # whether a film of which nothing is known begins with one frame, invented by itself
    opening: bool  # whether it was taught to be shown, in later windows, how the film began
    heroes: int  # characters that the model was taught to be shown

    @property
    def files(self) -> dict[str, Path]:
        """Part of the model -> its weights file."""
        return {part: self.folder / f"{part}.safetensors" for part in ("text", "transformer", "autoencoder")}

    def check_known(self, needed: Known) -> None:
        """Raises `UserError`, which names weights that can, where these were not trained to be given so much."""
        order: tuple[Known, ...] = ("nothing", "first frame", "anything")
        if order.index(needed) <= order.index(self.known):
            return
        able = ", ".join(p.name for p in PRESETS.values() if order.index(p.known) >= order.index(needed))
        given = {"first frame": "be given a first frame", "anything": "be given more than a first frame"}[needed]
        raise UserError(f"{self.name} was not trained to {given}.", f"Models that were: {able}.")

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
        self.check(request)
        return request

    def check(self, request: Request) -> None:
        """Raises `UserError` where a request goes beyond what these weights can do."""
        if request.seconds > self.max_seconds:
            raise UserError(
                f"{self.name} cannot make a film of {request.seconds:g} seconds.",
                f"Its films have up to {self.max_seconds:g}.",
            )
        if request.width * request.height > self.max_pixels:
            sizes = ", ".join(f"{width}x{height}" for width, height in self.sizes)
            raise UserError(
                f"{self.name} cannot make a film of {request.width}x{request.height}.", f"It was trained at {sizes}."
            )


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "mini": Preset(
            name="mini",
            summary="cut-out theatre, trained from scratch by this project; needs two CPU cores",
            folder=ASSETS / "mini",
            sizes=((224, 128), (128, 224), (160, 160)),
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


def find(name: str) -> Preset:
    """The preset of that name; `UserError` that lists the known ones."""
    if name not in PRESETS:
        raise UserError(f"There is no model {name!r}.", f"Known models: {', '.join(PRESETS)}.")
    return PRESETS[name]
