"""How exactly a film is made: every step of the sampler computed, or some of them estimated, which is sooner done.

What each quality costs and gives is in docs/benchmarks.md, measured. Knows no model and needs no torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, get_args

Quality = Literal["exact", "balanced", "fast"]
QUALITIES: Final[tuple[Quality, ...]] = get_args(Quality)

LEAST_STEPS: Final = 8
"""Films of fewer steps are exact whatever was asked for: between steps so far apart too much changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """When a step is estimated out of those before it, see `yozora.engine.skipping`.

    `change` is how much the estimate of the film may have changed since, as a share of itself; `most` is how many steps
    are estimated in a row. `guided_each`: of so many computed steps one is computed without the prompt, too, and the
    others take over what guidance was then; 1: all are.
    """

    change: float
    most: int
    guided_each: int = 1

    def __post_init__(self) -> None:
        if not self.change > 0 or self.most < 1 or self.guided_each < 1:
            raise ValueError(f"{self} saves nothing")


SAVINGS: Final[Mapping[Quality, Saving | None]] = MappingProxyType(
    {
        "exact": None,
        "balanced": Saving(change=0.15, most=4),
        "fast": Saving(change=0.2, most=4, guided_each=2),
    }
)
"""Chosen by measurement: benchmarks/quality.py, and LOG.md for what was tried beside them."""


def saving_of(quality: Quality, steps: int, solver: str) -> Saving | None:
    """What is saved in a film of so many steps; None: nothing. Weights that were distilled to a few steps, and get new
    noise in each of them, are always exact.
    """
    return None if steps < LEAST_STEPS or solver == "renoise" else SAVINGS[quality]
