"""Clips that are repainted, whole or in a region: judged on all of their frames, not on a few."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from yozora.core.modes import Edit, Remix
from yozora.core.timeline import Box
from yozora.evaluate import bench as held_out
from yozora.evaluate.bench import CLIP_SECONDS, CaptionedScene, Evaluator, fitting, recolored
from yozora.evaluate.figures import Case, Found, Frames, likeness
from yozora.evaluate.metrics import psnr
from yozora.evaluate.parts.given import GIVEN_DB, unmet
from yozora.evaluate.prompts import one_actor
from yozora.evaluate.reader import is_whole
from yozora.evaluate.suite import Make
from yozora.world.scene import Actor

MOST = 0.9  # of a film's frames: what holds in so many holds for the film
LARGEST = 0.5  # of the picture: an edit's region


def remixes(part: str, bench: Evaluator, count: int) -> Iterator[Make]:
    """Clips of coloured actors are remixed at `mild` with a caption that names another colour."""
    before: CaptionedScene | None = None
    distribution = replace(one_actor(bench.nouns), natural=0.0)
    for captioned in islice(bench.draw(held_out.COLORED, distribution, held_out.painted), count):
        yield partial(remixed, part, bench, captioned, before)
        before = captioned


def remixed(part: str, bench: Evaluator, captioned: CaptionedScene, before: CaptionedScene | None) -> list[Case]:
    other, frames = recolored(captioned, bench.seed), bench.frames(CLIP_SECONDS)
    source, true = (bench.shoot(of.scene, frames) for of in (captioned, other))
    request = bench.ask(other.text, CLIP_SECONDS, captioned.index)
    made = bench.film(request, Remix(strength=bench.engine.preset.strength("mild")), source)
    actor = other.scene.actors[0]

    def measure(film: Frames) -> Found:
        return {**looks(part, bench, actor, film), f"{part}/layout": likeness(film, source)}

    apart = unchanged(looks(part, bench, actor, source))
    if before is not None:
        apart = {**apart, f"{part}/layout": likeness(made, bench.shoot(before.scene, frames))}
    return [bench.case(part, other, made, true, measure, apart=apart)]


def looks(part: str, bench: Evaluator, actor: Actor, film: Frames) -> Found:
    """In what share of the frames the most certain thing has the actor's class, its colour and a whole shape; whether
    `MOST` have."""
    seen = bench.watch(film)
    found: dict[str, bool | float] = {}
    shares = {
        "class": seen.share(lambda frame: bool(frame) and frame[0].noun == actor.noun),
        "color": seen.share(lambda frame: bool(frame) and frame[0].color == actor.color),
        "figure": seen.share(is_whole),
    }
    for name, share in shares.items():
        found |= {f"{part}/{name}": share >= MOST, f"{part}/{name} frames": share}
    return found


def unchanged(found: Found) -> Found:
    """What is found of a clip that nothing was done to, of its colour: its class is what it is to stay."""
    return {name: value for name, value in found.items() if "color" in name}


# --- edits


def edits(part: str, bench: Evaluator, count: int) -> Iterator[Make]:
    """The region of the picture that a coloured actor is ever seen in is invented again, in another colour."""
    distribution = replace(one_actor(bench.nouns), natural=0.0)
    draws = bench.draw(held_out.EDITED, distribution, held_out.painted)
    for captioned in islice(fitting(draws, lambda captioned: 0 < area(region_of(bench, captioned)) <= LARGEST), count):
        yield partial(edited, part, bench, captioned, region_of(bench, captioned))


def area(region: Box) -> float:
    return region[2] * region[3]


def region_of(bench: Evaluator, captioned: CaptionedScene) -> Box:
    """The whole tokens that an actor's cut-out ever touches."""
    take = bench.take(captioned.scene, bench.frames(CLIP_SECONDS))
    height, width = take.frames_THWC.shape[1:3]
    size, step = np.array([width, height, width, height]), bench.engine.preset.step
    corners_4 = np.concatenate([take.tracks_AT4[0, :, :2].min(0), take.tracks_AT4[0, :, 2:].max(0)])
    whole_4 = np.concatenate([np.floor(corners_4[:2] / step), np.ceil(corners_4[2:] / step)]) * step
    left, top, right, bottom = (float(edge) for edge in np.clip(whole_4, 0, size) / size)
    return left, top, right - left, bottom - top


def edited(part: str, bench: Evaluator, captioned: CaptionedScene, region: Box) -> list[Case]:
    other, frames = recolored(captioned, bench.seed), bench.frames(CLIP_SECONDS)
    source, true = (bench.shoot(of.scene, frames) for of in (captioned, other))
    request = bench.ask(other.text, CLIP_SECONDS, captioned.index)
    made = bench.film(request, Edit(region=region, strength=1.0), source)
    outside_HW, actor = ~inside(region, source), other.scene.actors[0]

    def measure(film: Frames) -> Found:
        ratio = psnr(source[:, outside_HW], film[:, outside_HW])
        kept: Found = {f"{part}/outside psnr": ratio, f"{part}/outside kept": ratio >= GIVEN_DB}
        return {**looks(part, bench, actor, film), **kept}

    apart = unchanged(looks(part, bench, actor, source))
    case = bench.case(part, other, made, true, measure, apart=apart)
    return [unmet(case, "outside psnr", "outside kept")]


def inside(region: Box, film_THWC: Frames) -> NDArray[np.bool_]:
    """Which pixels `[H, W]` are in a region."""
    height, width = film_THWC.shape[1:3]
    x, y, wide, tall = region
    mask_HW = np.zeros((height, width), np.bool_)
    mask_HW[round(y * height) : round((y + tall) * height), round(x * width) : round((x + wide) * width)] = True
    return mask_HW
