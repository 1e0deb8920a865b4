"""The parser: reads back from the pixels of a film what it shows.

The eye finds the actors of each frame, a closer look says what each is and whether it is whole, and what happens is
read from all frames together. Knows nothing of prompts, scenes or models: slots and their values are data of its
configuration.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from yozora.evaluate.clip import FRAMES, MOTION, RATE, ClipParser, head
from yozora.evaluate.close import Close, squares
from yozora.evaluate.detection import Detection
from yozora.evaluate.eye import Eye, Glance, fit, spots
from yozora.evaluate.tracks import (
    FigureGroup,
    Floats,
    TrackedFigures,
    box_of,
    count_of,
    follow,
    kinds_of,
    mean_of,
    melting,
    path_of,
    proper,
)
from yozora.weights import files as weights

SCENERY = ("place", "daytime", "style", "weather")  # which a single frame shows
ACTORS = ("noun", "color", "count", "noun2", "color2", "relation", "figure")
SLOTS = (*SCENERY, *MOTION, *ACTORS)
BATCH = 32  # frames that are looked at together
NONE = "none"
UPON = "on top of"
INVERSE = {"left of": "right of", "right of": "left of", "behind": "in front of", "in front of": "behind"}
WEIGHTS = Path(__file__).resolve().parent.parent / "assets" / "parser.safetensors"

Among = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParserConfig:
    """Sizes of the parser and the values that it can tell apart, slot by slot."""

    slots: dict[str, tuple[str, ...]]
    eye: int = 32
    close: int = 24
    manner: int = 48
    clip: int = 24
    melted: float = 0.6  # from here on a figure is called melted, see `tracks.melting`

    def __post_init__(self) -> None:
        if set(self.slots) != set(SLOTS):
            raise ValueError(f"a parser reads the slots {SLOTS}, not {sorted(self.slots)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """What the frames of a film show one by one."""

    found: TrackedFigures
    gait_NE: Tensor
    whole_TD: Tensor


class Parser(nn.Module):
    """Films to values of slots. See `read` and `detections`; the parts are trained by the recipe `parser`."""

    def __init__(self, config: ParserConfig) -> None:
        super().__init__()
        self.config = config
        slots = config.slots
        nouns, colors = len(slots["noun"]), len(slots["color"])
        self.eye = Eye(config.eye)
        self.close = Close(config.close, nouns, colors, config.manner)
        whole = self.eye.whole_size
        self.scenery = nn.ModuleDict({slot: head(whole, 96, len(slots[slot])) for slot in SCENERY})
        self.clip = ClipParser(slots, config.clip, whole, config.manner, nouns)
        self.pair = nn.Sequential(
            nn.Linear(9, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, len(slots["relation"]) - 1)
        )

    def forward(self, frames_MCHW: Tensor) -> tuple[Glance, dict[str, Tensor]]:
        """A glance at frames, and logits `[M, V]` of the slots `SCENERY`."""
        glance = self.eye(frames_MCHW)
        return glance, {slot: each(glance.whole_MD).float() for slot, each in self.scenery.items()}

    def related(self, box_B4: Tensor, other_B4: Tensor, aspect: float) -> Tensor:
        """Logits `[B, V]` of the relation of the first to the other, from their boxes and width / height of the
        picture."""
        away = other_B4[:, :2] - box_B4[:, :2]
        feet = other_B4[:, 1] + other_B4[:, 3] / 2 - box_B4[:, 1] - box_B4[:, 3] / 2
        apart = away[:, 0].abs() / (box_B4[:, 2] + other_B4[:, 2])
        told = torch.stack([10 * feet, apart, torch.full_like(feet, aspect)], 1)
        both = torch.cat([5 * away, told[:, :1], 4 * box_B4[:, 2:], 4 * other_B4[:, 2:], told[:, 1:]], 1)
        logits: Tensor = self.pair(both)
        return logits.float()

    @torch.inference_mode()
    def read(self, films: Sequence[NDArray[np.uint8]], among: Among | None = None) -> list[dict[str, str]]:
        """What each film (uint8 `[T, H, W, 3]`, any size and length, a still too) shows, slot by slot.

        `among` narrows slots to the values that the films may have been asked for. Where two kinds of actors are
        seen, the first is the one that `among` allows, or of which there are several, or that stands on top, or that
        is larger.
        """
        return [self._parse_film(film, among or {}) for film in films]

    @torch.inference_mode()
    def detections(self, frames_THWC: NDArray[np.uint8], among: Among | None = None) -> list[list[Detection]]:
        """The actors that are seen in each frame (uint8 `[T, H, W, 3]`, any size), most certain first."""
        seen: list[list[Detection]] = []
        for start in range(0, len(frames_THWC), BATCH):
            steps = np.arange(start, min(start + BATCH, len(frames_THWC)))
            found = self.looks(fit(frames_THWC, steps)).found
            nouns, colors = (self._allowed_values(slot, among or {}) for slot in ("noun", "color"))
            seen += [[] for _ in steps]
            for n, frame in enumerate(found.frame_N):
                x, y, width, height = found.box_N4[n].tolist()
                detection = Detection(
                    noun=self._best("noun", found.noun_NV[n], nouns),
                    color=self._best("color", found.color_NV[n], colors),
                    x=x,
                    y=y,
                    width=width,
                    height=height,
                    score=float(found.score_N[n]),
                    melted=float(found.melted_N[n]),
                )
                seen[start + int(frame)].append(detection)
        return seen

    def looks(self, frames_TCHW: Tensor) -> Looks:
        """What frames as `fit` makes them show."""
        glance = self.eye(frames_TCHW)
        at = spots(glance)
        closer = self.close(squares(frames_TCHW, at.frame_N, at.box_N4))
        found = TrackedFigures(
            frames=len(frames_TCHW),
            frame_N=at.frame_N.numpy(),
            box_N4=at.box_N4.numpy(),
            score_N=at.score_N.numpy(),
            noun_NV=closer.noun_NV.softmax(1).numpy(),
            color_NV=closer.color_NV.softmax(1).numpy(),
            melted_N=closer.melted_N.sigmoid().numpy(),
        )
        kept = proper(found)
        return Looks(found=found.only(kept), gait_NE=closer.gait_NE[kept], whole_TD=glance.whole_MD)

    def watched(self, frames_TCHW: Tensor, looks: Looks, film: "ParsedFilm", seconds_T: Tensor) -> "ClipInputs":
        """What of frames as `fit` makes them the clip is read from, with the seconds of each since the first."""
        path_T4, nearest_T = path_of(looks.found, max(film.kinds[0].tracks, key=len))
        noun_V = mean_of(looks.found, film.kinds[0].figures, looks.found.noun_NV)
        return ClipInputs(
            frames_TCHW=frames_TCHW,
            whole_TD=looks.whole_TD,
            way_T5=torch.cat([torch.from_numpy(path_T4), seconds_T[:, None]], 1),
            gait_TE=looks.gait_NE[nearest_T],
            noun_V=torch.from_numpy(noun_V),
        )

    def _parse_film(self, film_THWC: NDArray[np.uint8], among: Among) -> dict[str, str]:
        wanted = np.linspace(0, len(film_THWC) - 1, FRAMES).round().astype(np.int64)
        steps, back = np.unique(wanted, return_inverse=True)
        frames_TCHW = fit(film_THWC, steps)
        looks = self.looks(frames_TCHW)
        told = self.actors(looks.found, frames_TCHW.shape[-1] / frames_TCHW.shape[-2], among)
        seen = self.watched(frames_TCHW, looks, told, torch.from_numpy(steps).float() / RATE)
        logits = self.clip(
            seen.frames_TCHW[back][None],
            seen.whole_TD[None],
            seen.way_T5[back][None],
            seen.gait_TE[back][None],
            seen.noun_V[None],
        )
        for slot, each in self.scenery.items():
            logits[slot] = each(looks.whole_TD).mean(0, keepdim=True) + logits.get(slot, 0.0)
        said = {
            slot: self._best(slot, value[0].numpy(), self._allowed_values(slot, among))
            for slot, value in logits.items()
        }
        return {slot: {**said, **told.slots}[slot] for slot in self.config.slots}

    def actors(self, found: TrackedFigures, aspect: float, among: Among) -> "ParsedFilm":
        """Who is in a film of pictures `aspect` times as wide as high."""
        kinds = kinds_of(found, follow(found))
        slots = dict.fromkeys(("noun2", "color2", "relation"), NONE)
        if len(kinds) > 1:
            kinds, slots["relation"] = self._ordered(found, kinds[:2], aspect, among)
            slots |= self._named(found, kinds[1], {"noun2": "noun", "color2": "color"}, among)
        slots |= self._named(found, kinds[0], {"noun": "noun", "color": "color"}, among)
        slots["count"] = str(count_of(found, kinds[0]))
        slots["figure"] = "melted" if melting(found, kinds) > self.config.melted else "whole"
        return ParsedFilm(kinds=kinds, slots=slots)

    def _named(
        self, found: TrackedFigures, kind: FigureGroup, slots: Mapping[str, str], among: Among
    ) -> dict[str, str]:
        """Noun and colour of a kind; `slots` says under which name each is told."""
        values = {"noun": found.noun_NV, "color": found.color_NV}
        return {
            told: self._best(
                of, mean_of(found, kind.figures, values[of]), self._allowed_values(of, {of: among.get(told, ())})
            )
            for told, of in slots.items()
        }

    def _ordered(
        self, found: TrackedFigures, kinds: list[FigureGroup], aspect: float, among: Among
    ) -> tuple[list[FigureGroup], str]:
        """The kinds with the one that the caption names first, and its relation to the other."""
        a, b = (torch.from_numpy(box_of(found, kind.tracks[0]))[None] for kind in kinds)
        names = [name for name in self.config.slots["relation"] if name != NONE]
        there, back = (self.related(*pair, aspect)[0].softmax(0) for pair in ((a, b), (b, a)))
        upon = names.index(UPON)
        allowed = self._allowed_values("noun", among)
        asked = [int(mean_of(found, kind.figures, found.noun_NV).argmax()) in allowed for kind in kinds]
        several = [len(kind.tracks) > 1 for kind in kinds]
        if asked[0] != asked[1]:
            swap = asked[1]
        elif several[0] != several[1]:
            swap = several[1]
        else:
            swap = bool(back[upon] > 0.5 and back[upon] > there[upon])
        likely = back if swap else there
        stated = [k for k in self._allowed_values("relation", among) if k < len(names)]
        return (kinds[::-1] if swap else kinds), self._best("relation", likely.numpy(), stated) if stated else NONE

    def _allowed_values(self, slot: str, among: Among) -> list[int]:
        """Which values of a slot are allowed; all where `among` names none that there is."""
        values = self.config.slots[slot]
        return [k for k, value in enumerate(values) if value in among.get(slot, ())] or list(range(len(values)))

    def _best(self, slot: str, value_V: Floats, allowed: list[int]) -> str:
        return self.config.slots[slot][allowed[int(value_V[allowed].argmax())]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipInputs:
    """A film as the clip is read from it; see `ClipParser.forward`."""

    frames_TCHW: Tensor
    whole_TD: Tensor
    way_T5: Tensor
    gait_TE: Tensor
    noun_V: Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFilm:
    """Who is in a film, the first first, and the slots `ACTORS`."""

    kinds: list[FigureGroup]
    slots: dict[str, str]


def load(path: Path = WEIGHTS) -> Parser:
    """The parser of a file that `weights.save` wrote, in float32 and evaluation mode.

    Raises `UserError` where the file is missing or damaged.
    """
    config, state = weights.load(path, dtype=torch.float32)
    slots = {slot: tuple(values) for slot, values in config.pop("slots").items()}
    parser = weights.assemble(lambda: Parser(ParserConfig(slots=slots, **config)), state)
    return parser.eval().requires_grad_(False)
