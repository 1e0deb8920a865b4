"""Stand-in."""

from dataclasses import dataclass

import numpy as np

from yozora.core.timeline import Changed, Invented, Kept
from yozora.media.mixing import mixed


@dataclass(frozen=True)
class Format:
    width: int
    height: int
    fps: float


@dataclass(frozen=True)
class Finished:
    frames_THWC: np.ndarray
    changed: bool


def assemble(pieces, decoded, rate, sources, target):
    model = np.concatenate(list(decoded) or [np.zeros((1, 16, 16, 3), np.uint8)])
    now = 0.0
    i = 0
    for piece in pieces:
        now += piece.seconds
        end = round(now * target.fps)
        if isinstance(piece, Kept):
            reel = sources[piece.source]
            a = round(piece.start * target.fps)
            for k, f in enumerate(reel.frames()):
                if a <= k < a + end - i:
                    yield Finished(f[None], False)
            i = end
            continue
        (t0, p0), *more = piece.anchors
        slope = rate
        if more:
            ((t1, p1),) = more
            slope = (p1 - p0) / (t1 - t0)
        from yozora.media.scale import scaled

        idx = [int(min(len(model) - 1, max(0, round(p0 + (k / target.fps - t0) * slope)))) for k in range(i, end)]
        out = scaled(model[idx], target.width, target.height)
        yield Finished(out, True)
        i = end


def sound_of(pieces, sounds, fps):
    now = 0.0
    parts = []
    for p in pieces:
        s = None if isinstance(p, Invented) else sounds[p.source]
        if s is not None and not (isinstance(p, Changed) and not p.sounds):
            parts.append((now, s.cut(p.start, p.start + p.seconds)))
        now += p.seconds
    return mixed(parts, now)
