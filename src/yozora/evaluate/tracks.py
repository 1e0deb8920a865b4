"""Actors through the frames of a film: which of the figures found are one actor, and which actors are alike.

Knows no pixels and no networks: it is given boxes and what they look like.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

FAR = 0.45  # of the picture's diagonal that an actor can go from one frame that is looked at to the next
ALIKE = 0.45  # cosine of two actors' nouns from which on they are of one kind
SURE = 0.35  # score from which on a figure counts
SCRAP = 0.8  # of the most certain actor's mean score: what is less certain and never whole is no actor
WITHIN = 0.8  # share of a figure that is within another one, of which it is a part
FEW = 3  # frames
STRANGE = 0.3  # weight of how little a figure looks like what its actor is


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedFigures:
    """N figures found in T frames."""

    frames: int
    frame_N: NDArray[np.int64]
    box_N4: Floats  # centre x, y, width, height in 0..1
    score_N: Floats
    noun_NV: Floats  # probabilities
    color_NV: Floats  # probabilities
    melted_N: Floats  # probabilities

    def only(self, kept: list[int]) -> "TrackedFigures":
        """These figures alone."""
        return TrackedFigures(
            frames=self.frames,
            frame_N=self.frame_N[kept],
            box_N4=self.box_N4[kept],
            score_N=self.score_N[kept],
            noun_NV=self.noun_NV[kept],
            color_NV=self.color_NV[kept],
            melted_N=self.melted_N[kept],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureGroup:
    """Actors that are alike: the figures of each, in the order of frames."""

    tracks: tuple[tuple[int, ...], ...]

    @property
    def figures(self) -> list[int]:
        return [n for track in self.tracks for n in track]


def follow(found: TrackedFigures) -> list[list[int]]:
    """Figures as tracks, each with at most one figure a frame; those seen in too few frames are left out."""
    tracks: list[list[int]] = []
    for frame in range(found.frames):
        here = [n for n in range(len(found.frame_N)) if found.frame_N[n] == frame]
        pairs = sorted((_cost(found, track[-1], n), k, n) for k, track in enumerate(tracks) for n in here)
        taken: set[int] = set()
        grown: set[int] = set()
        for cost, k, n in pairs:
            if cost < FAR and k not in grown and n not in taken:
                tracks[k].append(n)
                grown.add(k)
                taken.add(n)
        tracks += [[n] for n in here if n not in taken]
    enough = [track for track in tracks if len(track) >= 0.4 * found.frames]
    return _actors(found, enough) or [max(tracks, key=lambda track: (len(track), float(found.score_N[track].sum())))]


def _actors(found: TrackedFigures, tracks: list[list[int]]) -> list[list[int]]:
    """Tracks without scraps: what is never whole, beside an actor that is seen with much more certainty."""
    score = [float(found.score_N[track].mean()) for track in tracks]
    scrap = [
        bool(found.melted_N[track].min() > 0.5) and score[k] < SCRAP * max(score) for k, track in enumerate(tracks)
    ]
    return [track for track, is_scrap in zip(tracks, scrap, strict=True) if not is_scrap]


def proper(found: TrackedFigures) -> list[int]:
    """The figures without parts of others: what is within a more certain figure of its frame, and looks like the same
    thing or like nothing whole."""
    low, high = found.box_N4[:, :2] - found.box_N4[:, 2:] / 2, found.box_N4[:, :2] + found.box_N4[:, 2:] / 2
    common = np.minimum(high[:, None], high[None]) - np.maximum(low[:, None], low[None])
    inside = common.clip(0).prod(-1) > WITHIN * found.box_N4[:, 2:].prod(-1)[:, None]
    noun_N = found.noun_NV.argmax(1)
    alike = (noun_N[:, None] == noun_N[None]) | (found.melted_N[:, None] > 0.5)
    is_less_certain = (found.frame_N[:, None] == found.frame_N[None]) & (found.score_N[:, None] < found.score_N[None])
    return [int(n) for n in np.flatnonzero(~(inside & alike & is_less_certain).any(1))]


def _cost(found: TrackedFigures, a: int, b: int) -> float:
    """Distance of two figures, less where they look alike and more where frames are between them."""
    away = float(np.hypot(*(found.box_N4[a, :2] - found.box_N4[b, :2])))
    size = abs(float(np.log(found.box_N4[a, 3] / found.box_N4[b, 3])))
    gap = int(found.frame_N[b] - found.frame_N[a])
    return (away + 0.1 * size) / min(gap, 2) + 0.15 * (1 - _cosine(found.noun_NV[a], found.noun_NV[b]))


def _cosine(a: Floats, b: Floats) -> float:
    return float(a @ b / max(1e-6, float(np.linalg.norm(a) * np.linalg.norm(b))))


def mean_of(found: TrackedFigures, figures: list[int], values_NV: Floats) -> Floats:
    """The geometric mean of probabilities over figures; those that are whole and sure weigh more."""
    weight = found.score_N[figures] * (1.0 - 0.9 * found.melted_N[figures]) + 1e-3
    mean: Floats = np.exp((np.log(values_NV[figures] + 1e-6) * weight[:, None]).sum(0) / weight.sum())
    share: Floats = mean / mean.sum()
    return share


def kinds_of(found: TrackedFigures, tracks: list[list[int]]) -> list[FigureGroup]:
    """Tracks of actors that are alike, put together; the kind with the most and largest figures first."""
    looks = [mean_of(found, track, found.noun_NV) for track in tracks]
    groups: list[list[int]] = []
    for k in range(len(tracks)):
        same = next((g for g in groups if any(_alike(looks[k], looks[j]) for j in g)), None)
        if same is None:
            groups.append([k])
        else:
            same.append(k)
    kinds = [FigureGroup(tracks=tuple(tuple(tracks[k]) for k in group)) for group in groups]
    return sorted(kinds, key=lambda kind: -weight(found, kind))


def _alike(a: Floats, b: Floats) -> bool:
    return bool(a.argmax() == b.argmax()) or _cosine(a, b) > ALIKE


def weight(found: TrackedFigures, kind: FigureGroup) -> float:
    """Picture covered by a kind, 0..1, summed over its actors and averaged over frames."""
    boxes = found.box_N4[kind.figures]
    return float((boxes[:, 2] * boxes[:, 3]).sum()) / found.frames


def count_of(found: TrackedFigures, kind: FigureGroup) -> int:
    """How many of a kind there are: the median over the frames in which there is any, 1 to 4."""
    per_frame = np.bincount(found.frame_N[kind.figures], minlength=found.frames)
    return int(np.clip(np.floor(np.median(per_frame[per_frame > 0]) + 0.5), 1, 4))


def box_of(found: TrackedFigures, track: tuple[int, ...]) -> Floats:
    """The mean box of a track."""
    mean: Floats = found.box_N4[list(track)].mean(0)
    return mean


def path_of(found: TrackedFigures, track: tuple[int, ...]) -> tuple[Floats, NDArray[np.int64]]:
    """Boxes `[T, 4]` of a track in every frame, straight on where it was not found, and the figure nearest in time."""
    frames = found.frame_N[list(track)]
    steps = np.arange(found.frames)
    boxes = found.box_N4[list(track)]
    path = np.stack([np.interp(steps, frames, boxes[:, k]) for k in range(4)], 1).astype(np.float32)
    nearest = np.abs(steps[:, None] - frames[None]).argmin(1)
    return path, np.asarray(track, np.int64)[nearest]


def melting(found: TrackedFigures, kinds: Sequence[FigureGroup]) -> float:
    """How melted the worst actor is, 0..1, in the frame where it is worst; or, where it is seen in more than `FEW`,
    in the two worst. A figure that looks like something else than before counts as a little more melted."""
    return max(_worst(found, list(track)) for kind in kinds for track in kind.tracks)


def _worst(found: TrackedFigures, track: list[int]) -> float:
    sure = [n for n in track if found.score_N[n] >= SURE] or track
    noun = int(mean_of(found, track, found.noun_NV).argmax())
    melted = found.melted_N[sure].clip(1e-4, 1 - 1e-4)
    odds = np.log(melted / (1 - melted)) - STRANGE * np.log(found.noun_NV[sure, noun].clip(1e-4, 1))
    looks = np.sort(1 / (1 + np.exp(-odds)))[::-1]
    return float(np.exp(np.log(looks[: 1 if len(looks) <= FEW else 2]).mean()))
