"""A film to make, as data: what was asked for, in which mode, of which sources. It can be printed, compared, stored as
JSON and read again; the process that runs it finds the sources by their references.

Opens no file and knows no model: what is known of a source is told, and checks that need a preset are in `ordering`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self, TypeVar

from yozora.core import modes
from yozora.core.options import read
from yozora.core.plain import from_json
from yozora.core.request import Request

O = TypeVar("O")  # noqa: E741


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A picture or a clip, by reference, and what is known of it: size upright and in square pixels, frames a second
    and seconds (both 0 for a still).

    `at` is where the process that runs the order finds it: the path of a file, a key of the storage, or a name that was
    given to something in memory. `sha256` (hexadecimal, or empty) says whether it is still the same. `slot` is what it
    is to the mode.
    """

    at: str
    slot: str
    width: int
    height: int
    fps: float = 0.0
    seconds: float = 0.0
    frames: int = 1
    sounds: bool = False
    prompt: str = ""  # that it was made from, where it says so
    title: str = ""  # what credentials call it
    sha256: str = ""

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width / self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterSource:
    """A character that the prompt names: after an @, and without one too where `plain` says so. `at` and the rest as in
    `Source`; the first frame is what is seen of it.
    """

    name: str
    at: str
    plain: bool = False
    title: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One film. `options` are those of the mode (`MODES[mode].options`), all defaults filled in."""

    mode: str
    request: Request
    options: Any
    sources: tuple[Source, ...] = ()
    characters: tuple[CharacterSource, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.options, modes.find(self.mode).options):
            raise ValueError(f"these are no options of {self.mode}: {self.options!r}")

    @classmethod
    def of(cls, request: Request, options: Any, **more: Any) -> Self:
        """The order of options, which say what the mode is. Nothing is filled in."""
        return cls(mode=modes.of(options).name, request=request, options=options, **more)

    def options_as(self, kind: type[O]) -> O:
        """The options, as what they are."""
        if not isinstance(self.options, kind):
            raise TypeError(f"{self.mode} has no {kind.__name__}")
        return self.options

    def index(self, slot: str) -> int | None:
        """Which of the sources is that to the mode; None where it was not given."""
        return next((k for k, source in enumerate(self.sources) if source.slot == slot), None)

    @property
    def prompts(self) -> tuple[str, ...]:
        """What the model is told, one for each part of the film."""
        return modes.find(self.mode).prompts(self)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON has it."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields_by_name: Mapping[str, Any]) -> Self:
        """What `to_json` said. Raises `ValueError` for what is no order, `UserError` for one that cannot be made."""
        try:
            mode = modes.find(fields_by_name["mode"])
            options = from_json(mode.options, fields_by_name["options"])
            for option in mode.own:
                if (value := getattr(options, option.name)) is not None:
                    read(option, value)
            return cls(
                mode=fields_by_name["mode"],
                request=from_json(Request, fields_by_name["request"]),
                options=options,
                sources=from_json(tuple[Source, ...], fields_by_name["sources"]),
                characters=from_json(tuple[CharacterSource, ...], fields_by_name["characters"]),
            )
        except (KeyError, TypeError, OverflowError) as error:
            raise ValueError(f"this is no order: {error}") from error
