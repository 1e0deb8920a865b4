"""What is asked of each film and what its pixels say: verdicts, and the answers that can be read off them.

Knows no model: films come from a function of a prompt.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yozora.evaluate.figures import Comparison
from yozora.evaluate.journal import Journal, packed, unpacked
from yozora.evaluate.metrics import flicker, motion
from yozora.evaluate.prompts import EvaluationPrompt, askable
from yozora.evaluate.reader import Reader
from yozora.world.styles import STYLES

Frames = NDArray[np.uint8]

SHOTS = 4  # frames of a film on the sheet
MOOT = {"direction": "none", "color": "natural", "color2": "natural"}
"""What a film cannot miss by showing something else is not counted."""
LONE = ("noun", "color", "direction", "action")  # can be told only where there is one actor
INVERSE = {
    "left of": "right of",
    "right of": "left of",
    "behind": "in front of",
    "in front of": "behind",
    "on top of": "under",
    "under": "on top of",
}
"""The relation of B to A where A has it to B."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParserVerdict:
    """What the parser says of one film."""

    prompt: EvaluationPrompt
    told: dict[str, str]
    last: dict[str, str]  # of the last frame alone
    motion: float  # mean change from frame to frame, 0..255
    flicker: float | None  # the same in the resting background; None where nothing rests
    shots: Frames | None = None  # some frames, for the sheet

    def answer(self, metric: str) -> Comparison | None:
        """What was read and what is right; None where the film cannot be wrong, or the parser does not read it."""
        last = metric.startswith("last/")
        return METRICS[metric](self.prompt, self.last if last else self.told)

    @property
    def misread(self) -> dict[str, str]:
        """Metrics of the whole film whose answer differs from what was asked."""
        answers = {metric: self.answer(metric) for metric in METRICS if "/" not in metric}
        return {metric: found.told for metric, found in answers.items() if found is not None and not found.right}

    def to_json(self) -> dict[str, Any]:
        """All but the prompt."""
        shots = None if self.shots is None else packed(self.shots)
        return {"told": self.told, "last": self.last, "motion": self.motion, "flicker": self.flicker, "shots": shots}


def verdict_of(prompt: EvaluationPrompt, value: Mapping[str, Any]) -> ParserVerdict:
    """The verdict that `to_json` wrote."""
    shots = None if value["shots"] is None else unpacked(value["shots"])
    return ParserVerdict(prompt=prompt, **{**value, "shots": shots})


# --- what can be asked

Told = Mapping[str, str]
Metric = Callable[[EvaluationPrompt, Told], Comparison | None]


def of_slot(slot: str) -> Metric:
    """One slot, where the prompt states it and it can be seen: not who is there where there are several, not colours in
    black and white, and no number of two different actors."""

    def answer(prompt: EvaluationPrompt, told: Told) -> Comparison | None:
        scene, asked = prompt.scene, prompt.asked.get(slot)
        crowd = slot in LONE and (scene.count > 1 or prompt.pair)
        hidden = (slot == "color" and STYLES[scene.style].grey) or (slot == "count" and prompt.pair)
        if asked is None or slot not in told or crowd or hidden or asked == MOOT.get(slot):
            return None
        return Comparison(told=told[slot], asked=asked)

    return answer


def of_both(first: str, second: str) -> Metric:
    """Two slots of two different actors, in whichever order they were read."""

    def answer(prompt: EvaluationPrompt, told: Told) -> Comparison | None:
        asked, told = prompt.asked, oriented(prompt, told)
        grey = first == "color" and STYLES[prompt.scene.style].grey
        if not prompt.pair or grey or not {first, second} <= set(asked) or not {first, second} <= set(told):
            return None
        if asked[first] == MOOT.get(first) or asked[second] == MOOT.get(second):
            return None
        return Comparison(told=f"{told[first]}, {told[second]}", asked=f"{asked[first]}, {asked[second]}")

    return answer


def of_relation(prompt: EvaluationPrompt, told: Told) -> Comparison | None:
    """How the first actor stands to the second."""
    asked = prompt.asked.get("relation", "none")
    if asked == "none" or "relation" not in told:
        return None
    return Comparison(told=oriented(prompt, told)["relation"], asked=asked)


def of_figure(prompt: EvaluationPrompt, told: Told) -> Comparison | None:
    """Whether what is seen has kept its shape."""
    return Comparison(told=told["figure"], asked="whole") if "figure" in told else None


def oriented(prompt: EvaluationPrompt, told: Told) -> Told:
    """What was read of two actors in the order in which the prompt names them."""
    asked = prompt.asked
    kept = asked.get("noun") == told.get("noun") or asked.get("noun2") == told.get("noun2")
    swapped = asked.get("noun") == told.get("noun2") or asked.get("noun2") == told.get("noun")
    if kept or not swapped or "noun2" not in told:
        return told
    turned = {a: told[b] for a, b in (("noun", "noun2"), ("noun2", "noun"), ("color", "color2"), ("color2", "color"))}
    relation = told.get("relation", "none")
    return {**told, **turned, "relation": INVERSE.get(relation, relation)}


METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "class": of_slot("noun"),
        "color": of_slot("color"),
        "figure": of_figure,
        "last/class": of_slot("noun"),
        "last/color": of_slot("color"),
        "last/figure": of_figure,
        "both": of_both("noun", "noun2"),
        "both colors": of_both("color", "color2"),
        "last/both": of_both("noun", "noun2"),
        "relation": of_relation,
        "count": of_slot("count"),
        "direction": of_slot("direction"),
        "action": of_slot("action"),
        "place": of_slot("place"),
        "daytime": of_slot("daytime"),
        "weather": of_slot("weather"),
        "camera": of_slot("camera"),
        "style": of_slot("style"),
    }
)
"""Every figure of the prompts: of the whole film, or of its last frame alone."""


# --- films


def judge(
    prompts: Sequence[EvaluationPrompt],
    show: Callable[[EvaluationPrompt], Frames],
    parser: Reader,
    nouns: Sequence[str],
    *,
    keep: int = 0,
    journal: Journal | None = None,
    kind: str = "film",
) -> Iterator[ParserVerdict]:
    """A verdict on the film of each prompt, in order; the first `keep` of them hold frames for the sheet.

    What the journal knows is not made again.
    """
    for index, prompt in enumerate(prompts):
        known = journal.get(kind, prompt.number) if journal else None
        if known is not None and (known["shots"] is not None or index >= keep):
            yield verdict_of(prompt, known)
            continue
        found = read(prompt, show(prompt), parser, nouns, keep=index < keep)
        if journal:
            journal.put(kind, prompt.number, found.to_json())
        yield found


def read(prompt: EvaluationPrompt, film: Frames, parser: Reader, nouns: Sequence[str], *, keep: bool) -> ParserVerdict:
    """What the parser says of a film and of its last frame."""
    resting = prompt.scene.camera == "static" and prompt.scene.weather in ("clear", "fog")
    picked = np.linspace(0, len(film) - 1, SHOTS).round().astype(int)
    told, last = parser.read([film, film[-1:]], askable(nouns))
    return ParserVerdict(
        prompt=prompt,
        told=told,
        last=last,
        motion=motion(film),
        flicker=flicker(film) if resting else None,
        shots=film[picked] if keep else None,
    )
