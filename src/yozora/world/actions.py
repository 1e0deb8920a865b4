"""Actions: `ACTIONS` has one entry for each, which says how an actor moves, where it can do so and how fast.

Data alone: `gaits` and `puppets` move actors, `choices` draws speeds. How often an action is drawn, its nouns say: each
lists its actions, most typical first (`nouns`). Its phrases stand in the packs of `yozora.language`, by its name.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action. `gait` names the function that moves the cut-out, as "module:function"; see `gaits`."""

    gait: str = "yozora.world.gaits:idle"
    on_legs: str = ""  # the gait of figures with jointed legs; "": the same
    joints: tuple[str, ...] = ()  # kinds of parts that move: leg, arm, tail, head, fin, wing, rotor, wheel
    cycles: float = 0.0  # of the joints a second, where it does not depend on the way that is covered
    fastest: float = 0.0  # cycles of the legs a second at most
    medium: Literal["ground", "air", "water"] = "ground"
    on_land: bool = True  # whether it is done on land, beaches and in rooms
    on_sea: bool = False  # at sea; what is done in the water is done off beaches too
    speeds: tuple[float, float] | None = None  # picture widths a second, drawn between these; None: it stays in place
    fast: bool = False  # on a rail: twice as far a second as others
    in_place: float = 0.0  # chance of staying in place
    in_depth: bool = False  # whether it may lead towards the camera, or away
    only_going: bool = False  # an actor that does not go anywhere stands instead
    calm: bool = False  # whether it is still done by actors that keep their place before or behind others
    hides: bool = False  # whether an actor passes behind an occluder
    sunk: float = 0.0  # picture heights that its feet are below the waterline
    aloft: bool = False  # whether it is high in the air all the time
    rises: bool = False  # whether it goes straight up
    rolls: bool = False  # whether round things turn as far as they go
    bounces: tuple[float, float] | None = None  # dropped: speed after an impact / before it, and how far it is squashed
    stagger: float = 0.02  # picture heights by which every other actor of a row is nearer


ACTIONS: dict[str, Action] = {
    "stand": Action(gait="yozora.world.gaits:stand", joints=("tail",), cycles=0.6, calm=True),
    "walk": Action(
        gait="yozora.world.gaits:walk",
        on_legs="yozora.world.gaits:walk_on_legs",
        joints=("leg", "arm", "tail", "head"),
        cycles=0.8,
        fastest=1.25,
        speeds=(0.17, 0.22),
        in_depth=True,
        only_going=True,
        hides=True,
    ),
    "run": Action(
        gait="yozora.world.gaits:run",
        on_legs="yozora.world.gaits:run_on_legs",
        joints=("leg", "arm", "tail", "head"),
        cycles=1.1,
        fastest=1.6,
        speeds=(0.24, 0.30),
        fast=True,
        in_depth=True,
        only_going=True,
        hides=True,
    ),
    "hop": Action(gait="yozora.world.gaits:hop", joints=("tail", "fin"), cycles=1.0, speeds=(0.17, 0.22), in_place=0.4),
    "dance": Action(gait="yozora.world.gaits:dance", joints=("arm", "wing", "tail"), cycles=0.55, calm=True),
    "fly": Action(
        gait="yozora.world.gaits:fly",
        joints=("wing", "rotor", "tail"),
        cycles=1.5,
        medium="air",
        on_sea=True,
        speeds=(0.20, 0.28),
        fast=True,
        aloft=True,
        stagger=0.08,
    ),
    "drive": Action(
        gait="yozora.world.gaits:rumble",
        joints=("wheel",),
        speeds=(0.21, 0.29),
        in_depth=True,
        only_going=True,
        hides=True,
    ),
    "ride": Action(
        gait="yozora.world.gaits:rumble",
        joints=("wheel",),
        speeds=(0.20, 0.27),
        in_depth=True,
        only_going=True,
        hides=True,
    ),
    "sail": Action(
        gait="yozora.world.gaits:sail",
        medium="water",
        on_land=False,
        on_sea=True,
        speeds=(0.17, 0.23),
        calm=True,
        hides=True,
        sunk=0.035,
    ),
    "swim": Action(
        gait="yozora.world.gaits:swim",
        joints=("fin", "tail"),
        cycles=0.9,
        medium="water",
        on_land=False,
        on_sea=True,
        speeds=(0.17, 0.23),
        calm=True,
        sunk=0.13,
    ),
    "roll": Action(joints=("wheel",), speeds=(0.20, 0.28), fast=True, only_going=True, hides=True, rolls=True),
    "bounce": Action(medium="air", speeds=(0.17, 0.22), in_place=0.6, bounces=(0.78, 0.24), stagger=0.0),
    "rise": Action(
        gait="yozora.world.gaits:drift", joints=("rotor", "wing"), cycles=1.5, medium="air", on_sea=True, rises=True
    ),
    "fall": Action(medium="air", on_sea=True, bounces=(0.30, 0.12), stagger=0.0),
}
