"""What weights can make: each mode, or why not. Loads no weights and no torch."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from yozora.core.modes import MODES, Mode, Slot, StoryboardCard
from yozora.core.order import Source
from yozora.errors import UserError
from yozora.families.preset import NEEDS, Preset

SAMPLES: dict[str, Any] = {
    "spans": ((0.0, 1.0),),
    "cards": (StoryboardCard(start=0.0, stop=1.0, text="a car"),),
    "region": (0.0, 0.0, 0.5, 0.5),
}
"""Values of options, by their kind, with which a mode shows what it asks of weights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ability:
    """Whether weights can make films of a mode; `reason` is empty where they can."""

    mode: str
    possible: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceAbility(Ability):
    """The same of a mode with some of the sources that it may do without, by the names that the API has for them."""

    sources: tuple[str, ...]


def abilities(preset: Preset) -> list[Ability]:
    """All modes, as the weights can make them with the sources that the mode needs."""
    return [_ability(mode, preset) for mode in MODES.values()]


def source_abilities(preset: Preset) -> list[SourceAbility]:
    """Each mode with each choice of its optional sources, such as a first frame, a last frame, and both."""
    return [
        _source_ability(mode, preset, chosen)
        for mode in MODES.values()
        for optional in [[slot for slot in mode.slots if not slot.needed]]
        for count in range(1, len(optional) + 1)
        for chosen in combinations(optional, count)
    ]


def _source_ability(mode: Mode, preset: Preset, chosen: tuple[Slot, ...]) -> SourceAbility:
    sources = _examples(mode, chosen)
    possible = any(_can(mode, preset, sources, values) for _, values in _options(mode))
    reason = "" if possible else _why_not(mode, preset, sources)
    names = tuple(slot.wire or slot.name for slot in chosen)
    return SourceAbility(mode=mode.name, sources=names, possible=possible, reason=reason)


def _ability(mode: Mode, preset: Preset) -> Ability:
    if next(_ways(mode, preset), None) is not None:
        return Ability(mode=mode.name, possible=True)
    return Ability(mode=mode.name, possible=False, reason=_why_not(mode, preset, _examples(mode, ())))


def _why_not(mode: Mode, preset: Preset, sources: list[Source]) -> str:
    """Why weights cannot make a film of a mode."""
    values = {each.name: SAMPLES[each.kind] for each in mode.own if each.kind in SAMPLES}
    try:
        able = replace(preset, max_seconds=max(preset.max_seconds, 4.0))
        needed = mode.known(mode.settled(mode.options(**values), sources, able), sources)
    except UserError as error:
        return str(error)
    return f"{preset.name} was not trained to {NEEDS[needed]}."


def _examples(mode: Mode, chosen: tuple[Slot, ...]) -> list[Source]:
    """Examples of the sources that a mode needs, and of those that are chosen."""
    needed = [slot for slot in mode.slots if slot.needed]
    return [_example_source(slot.name, slot.takes == "clip") for slot in (*needed, *chosen)]


def ways(preset: Preset) -> list[str]:
    """What the model can make, as commands are typed: modes, with the flags of pictures and options that it takes."""
    return [name for mode in MODES.values() for name in _ways(mode, preset)]


def _ways(mode: Mode, preset: Preset) -> Iterator[str]:
    """Of one mode, by the fewest and by more and more of its sources."""
    more = [slot for slot in mode.slots if not slot.needed]
    for count in range(len(more) + 1):
        flags = "".join(f" --{slot.name}" for slot in more[:count])
        sources = _examples(mode, tuple(more[:count]))
        for said, values in _options(mode):
            if _can(mode, preset, sources, values):
                yield mode.name + flags + said
                break


def _options(mode: Mode) -> Iterator[tuple[str, dict[str, Any]]]:
    """Its defaults, and full strength where it has one."""
    values = {each.name: SAMPLES[each.kind] for each in mode.own if each.kind in SAMPLES}
    yield "", values
    for each in mode.own:
        if each.kind == "strength":
            yield f" {each.flagged} 1", {**values, each.name: 1.0}


def _can(mode: Mode, preset: Preset, sources: list[Source], values: dict[str, Any]) -> bool:
    try:
        able = replace(preset, max_seconds=max(preset.max_seconds, 4.0))
        options = mode.settled(mode.options(**values), sources, able)
        return preset.can(mode.known(options, sources))
    except UserError:
        return False


def _example_source(slot: str, clip: bool) -> Source:
    still = Source(at="", slot=slot, width=640, height=360)
    return replace(still, fps=16.0, seconds=4.0, frames=64) if clip else still
