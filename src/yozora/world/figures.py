"""Which nouns have joints, and which parts move in an action.

Adding a noun is adding an entry to one of the tables. Knows no pixels and no seconds.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Final

from yozora.world.actions import ACTIONS
from yozora.world.figures_animals import ANIMALS
from yozora.world.figures_flyers import BIRDS, FISH
from yozora.world.figures_people import PEOPLE
from yozora.world.joints import Figure, PuppetPart
from yozora.world.limbs import box, cycle, wheels

VEHICLES: dict[str, Figure] = {
    "car": wheels(0.185, (0.244, 0.809, 0.10), (0.821, 0.809, 0.10)),
    "suv": wheels(0.18, (0.216, 0.814, 0.10), (0.752, 0.814, 0.10)),
    "taxi": wheels(0.165, (0.238, 0.832, 0.09), (0.820, 0.832, 0.09)),
    "police car": wheels(0.175, (0.240, 0.822, 0.10), (0.817, 0.822, 0.10)),
    "bus": wheels(0.145, (0.136, 0.850, 0.078), (0.792, 0.850, 0.078)),
    "minibus": wheels(0.13, (0.177, 0.865, 0.069), (0.806, 0.865, 0.069)),
    "ambulance": wheels(0.12, (0.216, 0.875, 0.063), (0.840, 0.875, 0.063)),
    "fire truck": wheels(0.135, (0.280, 0.860, 0.077), (0.744, 0.860, 0.077)),
    "truck": wheels(0.13, (0.254, 0.865, 0.075), (0.795, 0.865, 0.075)),
    "semi truck": wheels(0.115, *((x, 0.880, 0.058) for x in (0.232, 0.552, 0.752, 0.896))),
    "pickup truck": wheels(0.165, (0.226, 0.829, 0.089), (0.815, 0.829, 0.089)),
    "racing car": wheels(0.205, (0.254, 0.735, 0.11), (0.802, 0.735, 0.11)),
    "rickshaw": wheels(0.155, (0.145, 0.860, 0.07), (0.815, 0.840, 0.07)),
    "scooter": wheels(0.15, (0.169, 0.846, 0.055), (0.850, 0.846, 0.08)),
    "motorcycle": wheels(0.215, (0.161, 0.779, 0.09), (0.825, 0.779, 0.09)),
    "tractor": wheels(0.255, (0.790, 0.736, 0.15), (0.234, 0.790, 0.12)),
    "train": wheels(0.115, (0.600, 0.880, 0.10), (0.855, 0.880, 0.10), (0.245, 0.930, 0.05), (0.395, 0.930, 0.05)),
    "bicycle": cycle(0.285, (0.202, 0.709), (0.798, 0.709)),
    "cyclist": cycle(0.20, (0.205, 0.795), (0.790, 0.795)),
    "kick scooter": cycle(0.11, (0.125, 0.885), (0.885, 0.885)),
    "helicopter": Figure(
        parts=(
            PuppetPart(kind="rotor", shape=box(-0.03, 0.02, 0.40, 0.24), pivot=(0.42, 0.12), squeeze=(0.25, 1.0)),
            PuppetPart(kind="rotor", shape=box(0.44, 0.02, 0.84, 0.24), pivot=(0.42, 0.12), squeeze=(0.25, 1.0)),
        )
    ),
}

JOINTED: Final[dict[str, Figure]] = {**PEOPLE, **ANIMALS, **BIRDS, **FISH, **VEHICLES}
"""By the noun's key, and where a noun has a cut-out for each pose by "key/pose"."""


@lru_cache(maxsize=1024)
def figure(noun: str, action: str) -> Figure | None:
    """The parts of a noun that move in an action; None: it is moved as a whole."""
    whole = JOINTED.get(f"{noun}/{action}") or JOINTED.get(noun)
    kinds = ACTIONS[action].joints if action in ACTIONS else ()
    if whole is None or not any(part.kind in kinds for part in whole.parts):
        return None
    return replace(whole, parts=tuple(part for part in whole.parts if part.kind in kinds))
