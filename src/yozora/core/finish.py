"""What can be changed of a film that is finished: its size, its rate, its grade. Data only: knows no pixels.

What each number of a grade does to a picture is in `media.grading`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, Self

from yozora.core.common_options import COMMON
from yozora.core.options import ArgumentError, Option, option, options_of, read
from yozora.core.request import MAX_PIXELS, MAX_SIDE, MIN_SIDE

SIZE, FIT, RATE = (next(each for each in COMMON if each.name == name) for name in ("size", "fit", "fps"))

Fit = Literal["crop", "pad", "stretch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """How a picture's light and colours are changed. The defaults change nothing."""

    exposure: float = option("number", "Light in stops; 1 doubles it.", 0.0, unit="stops", low=-4, high=4)
    contrast: float = option("number", "Contrast around middle grey; 1 keeps it.", 1.0, low=0, high=3)
    saturation: float = option("number", "Strength of colours; 0 is grey, 1 keeps them.", 1.0, low=0, high=3)
    temperature: float = option("number", "Colder (-1) to warmer (1) light; 0 keeps it.", 0.0, low=-1, high=1)

    def __post_init__(self) -> None:
        for each in GRADES:
            object.__setattr__(self, each.name, read(each, getattr(self, each.name)))

    @property
    def changes_nothing(self) -> bool:
        """Whether every picture stays as it is, to the bit."""
        return all(getattr(self, each.name) == each.default for each in GRADES)


GRADES: Final[tuple[Option, ...]] = options_of(Grade)
"""The numbers of a grade."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """Another version of a film: `size` is width and height in pixels, `fps` its rate; None: as the film has it. `fit`
    is for a size of another shape. Raises `ArgumentError` for what no film can be.
    """

    size: tuple[int, int] | None = None
    fps: float | None = None
    fit: Fit = "crop"
    grade: Grade = field(default_factory=Grade)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fit", read(FIT, self.fit))
        if self.fps is not None:
            object.__setattr__(self, "fps", read(RATE, self.fps))
        if self.size is None:
            return
        width, height = read(SIZE, self.size)
        object.__setattr__(self, "size", (width, height))
        if not (min(width, height) >= MIN_SIDE and max(width, height) <= MAX_SIDE and width * height <= MAX_PIXELS):
            raise ArgumentError(
                "size",
                f"The size {width}x{height} is out of range.",
                f"Use {MIN_SIDE} to {MAX_SIDE} pixels a side, and at most {MAX_PIXELS:,} in all.",
                code="size_out_of_range",
            )

    @property
    def repaints(self) -> bool:
        """Whether pictures are changed; another rate alone only shows other ones of them."""
        return self.size is not None or not self.grade.changes_nothing

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        """What `to_json` gave."""
        size = said.get("size")
        return cls(
            size=None if size is None else (size[0], size[1]),
            fps=said.get("fps"),
            fit=said.get("fit", FIT.default),
            grade=Grade(**said.get("grade", {})),
        )

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        size = None if self.size is None else list(self.size)
        return {"size": size, "fps": self.fps, "fit": self.fit, "grade": asdict(self.grade)}
