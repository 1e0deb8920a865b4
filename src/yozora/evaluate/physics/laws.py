"""Films that go on from the first frame, or the first half second, of possible renders; what moves in them is compared
with the truth of the world. Inside: as the distributions draw; outside: higher, faster or smaller than they ever do.

There are no collisions in the world, so none are measured.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from yozora.core.modes import Extend, Generate
from yozora.errors import UserError
from yozora.evaluate.bench import CLIP_SECONDS, CaptionedScene, Evaluator, fitting
from yozora.evaluate.detection import Detection
from yozora.evaluate.figures import Case, Comparison, Found, Frames
from yozora.evaluate.physics import tracks
from yozora.evaluate.prompts import one_actor, several, two_actors
from yozora.evaluate.reader import FilmObservations, named
from yozora.evaluate.suite import Make
from yozora.world.distributions import SceneDistribution
from yozora.world.nouns import NOUNS
from yozora.world.puppets import GRAVITY, unit
from yozora.world.render import Take
from yozora.world.scene import Actor, Scene
from yozora.world.stages import GROUND

OUTSIDE = "-outside"
WHICH = 20  # first of the streams of these scenes, see `bench`
STILL, BEGUN = 1, 9  # frames that are given: where all is at rest, and where the pace is to be seen
NEAR = 0.25  # as a share: what counts as possible
IN_TIME = 0.25  # seconds
LEAST = 0.18  # heights of the picture of what is made smaller
HIDDEN, OUT = 0.1, 0.4  # of an actor: below it is hidden; from here on it is out, and can be known for what it is


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth:
    """A possible render."""

    scene: Scene
    take: Take
    known: int  # frames that the film is given
    fps: float

    @property
    def actor(self) -> Actor:
        return self.scene.actors[0]

    @property
    def aspect(self) -> float:
        """Width over height of the picture."""
        return float(self.take.frames_THWC.shape[2] / self.take.frames_THWC.shape[1])

    @property
    def seconds_T(self) -> NDArray[np.float64]:
        return np.arange(len(self.take.frames_THWC)) / self.fps

    @property
    def track_T2(self) -> NDArray[np.float64]:
        """The centre of what of the first actor is inside the picture, in its widths and heights, hidden or not."""
        height, width = self.take.frames_THWC.shape[1:3]
        boxes_T4 = (self.take.tracks_AT4[0] / np.array([width, height] * 2)).clip(0, 1)
        centre_T2: NDArray[np.float64] = (boxes_T4[:, :2] + boxes_T4[:, 2:]) / 2
        return centre_T2

    @property
    def impact(self) -> float:
        """The second at which what falls reaches the ground."""
        return float(np.sqrt(2 * drop_of(self.actor, self.scene) / GRAVITY))

    @property
    def hidden_T(self) -> NDArray[np.bool_]:
        """Where nearly nothing is to be seen of the first actor."""
        return self.shown_T < HIDDEN

    @property
    def shown_T(self) -> NDArray[np.float64]:
        """How much of the first actor is to be seen, as a share of the most that ever is."""
        area_T = self.take.masks_ATHW[0].sum((1, 2))
        share_T: NDArray[np.float64] = area_T / area_T.max()
        return share_T


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """Scenes that a law can be seen in, and how films of them are measured: a name, the truth, what is seen."""

    distribution: Callable[[Sequence[str]], SceneDistribution]
    suits: Callable[[Scene, Mapping[str, str]], bool]
    measure: Callable[[str, Truth, FilmObservations], Found]
    outside: Callable[[Scene], Scene]
    known: int = STILL
    stands: bool = True  # whether a film in which nothing moves any more would break the law
    hides: bool = False  # whether the actor has to be hidden for a while


def films(bench: Evaluator, count: int, name: str) -> Iterator[Make]:
    """Films under a law, by its name in `LAWS`; with `OUTSIDE` at its end, of scenes that no distribution draws."""
    inside, change = name.removesuffix(OUTSIDE), name.endswith(OUTSIDE)
    law, which = LAWS[inside], WHICH + list(LAWS).index(inside)
    still = replace(law.distribution(bench.nouns), cameras=(("static", 1.0),))
    draws = bench.draw(which, still, law.suits, change=law.outside if change else lambda scene: scene)
    if law.hides:
        draws = fitting(
            draws, lambda captioned: bool(truth_of(bench, law, captioned.scene).hidden_T[law.known :].any())
        )
    for captioned in islice(draws, count):
        yield partial(filmed, bench, name, law, captioned)


def truth_of(bench: Evaluator, law: Law, scene: Scene) -> Truth:
    take = bench.take(scene, bench.frames(CLIP_SECONDS))
    return Truth(scene=scene, take=take, known=law.known, fps=bench.engine.preset.fps)


def filmed(bench: Evaluator, name: str, law: Law, captioned: CaptionedScene) -> list[Case]:
    """The chance is that of a film that stands still after what it was given; of answers, that of each other's."""
    truth = truth_of(bench, law, captioned.scene)
    true = truth.take.frames_THWC
    if law.known == STILL:
        made = bench.film(
            bench.ask(captioned.text, CLIP_SECONDS, captioned.index), Generate(seconds=CLIP_SECONDS), true[:1]
        )
    else:
        seconds = (len(true) - law.known) / truth.fps
        made = bench.film(
            bench.ask(captioned.text, seconds, captioned.index), Extend(seconds=seconds), true[: law.known]
        )

    def measure(film: Frames) -> Found:
        return law.measure(name, truth, bench.watch(film[: len(true)]))

    still = true[np.minimum(np.arange(len(true)), law.known - 1)]
    apart = {name: value for name, value in measure(still).items() if law.stands and not isinstance(value, Comparison)}
    return [bench.case(name, captioned, made, true, measure, apart=apart)]


# --- what is measured


def falls(name: str, truth: Truth, seen: FilmObservations) -> Found:
    """The acceleration over the world's, and how far the thing is from where it should be."""
    count = max(4, int(0.95 * truth.impact * truth.fps) + 1)
    track_T2 = seen.track_T2(truth.actor.noun)
    fitted = tracks.acceleration(track_T2[:count, 1], truth.seconds_T[:count])
    ratio = finite(fitted / (GRAVITY * unit(truth.aspect)))
    return {f"{name}/gravity ratio": ratio, f"{name}/possible": abs(ratio - 1) <= NEAR, **placed(name, truth, track_T2)}


def bounces(name: str, truth: Truth, seen: FilmObservations) -> Found:
    """How high it comes back over how high it should, and whether that is no higher than it fell from."""
    track_T2 = seen.track_T2(truth.actor.noun)
    back, right = (tracks.rebound(of[:, 1], truth.seconds_T) for of in (track_T2, truth.track_T2))
    ratio = finite(back / right)
    found: Found = {f"{name}/height ratio": ratio, f"{name}/possible": abs(ratio - 1) <= NEAR}
    return {**found, f"{name}/loses height": back <= 1.05, **placed(name, truth, track_T2)}


def rolls(name: str, truth: Truth, seen: FilmObservations) -> Found:
    """The pace over the true one."""
    track_T2, new = seen.track_T2(truth.actor.noun), slice(truth.known, None)
    fitted, right = (tracks.pace(of[new, 0], truth.seconds_T[new]) for of in (track_T2, truth.track_T2))
    ratio = finite(fitted / right)
    return {f"{name}/pace ratio": ratio, f"{name}/possible": abs(ratio - 1) <= NEAR, **placed(name, truth, track_T2)}


def placed(name: str, truth: Truth, track_T2: NDArray[np.float64]) -> Found:
    """How far what was invented is from the truth, in heights of the picture."""
    new = slice(truth.known, None)
    return {f"{name}/position": tracks.off(track_T2[new], truth.track_T2[new], truth.aspect)}


def persists(name: str, truth: Truth, seen: FilmObservations) -> Found:
    """Who goes behind something is not seen there, comes out in time, and is who it was."""
    actor, hidden_T = truth.actor, truth.hidden_T
    seen_T = np.array([bool(named(frame, actor.noun)) for frame in seen.frames])
    due = tracks.returns(truth.shown_T >= OUT, hidden_T)
    came = tracks.returns(seen_T, hidden_T)
    hides = float((~seen_T[hidden_T]).mean()) >= 0.5
    in_time = None not in (came, due) and abs((came or 0) - (due or 0)) <= IN_TIME * truth.fps
    found: Found = {f"{name}/hides": hides, f"{name}/comes out in time": hides and in_time}
    if due is None:
        return found
    last = seen.frames[-1]
    color = actor.color or (last[0].color if last else "natural")  # who has no colour of its own cannot be wrong in it
    captioned = f"{last[0].color} {last[0].noun}" if last else "none"
    return {**found, f"{name}/same": Comparison(told=captioned, asked=f"{color} {actor.noun}")}


def counts(name: str, truth: Truth, seen: FilmObservations) -> Found:
    """How many there are in each frame, and in the last one. The scenes show nothing else, so a child that is taken for
    a woman still counts."""
    count = truth.scene.count
    share = seen[truth.known :].share(lambda frame: len(frame) == count)
    last = str(len(seen.frames[-1]))
    return {f"{name}/frames": share, f"{name}/last": Comparison(told=last, asked=str(count))}


def sides(name: str, truth: Truth, seen: FilmObservations) -> Found:
    """Who is left of another in each frame, and in the last one."""
    a, b = (actor.noun for actor in truth.scene.actors[:2])

    def side(frame: Sequence[Detection]) -> str:
        found = [named(frame, noun) for noun in (a, b)]
        if not all(found):
            return "none"
        return "left of" if found[0][0].x < found[1][0].x else "right of"

    asked = str(truth.scene.relation)
    share = seen[truth.known :].share(lambda frame: side(frame) == asked)
    return {f"{name}/frames": share, f"{name}/last": Comparison(told=side(seen.frames[-1]), asked=asked)}


def finite(value: float) -> float:
    """0 where nothing could be measured, for it was not seen: no law holds there."""
    return value if np.isfinite(value) else 0.0


# --- scenes


def acting(nouns: Sequence[str], action: str) -> SceneDistribution:
    """One actor out of those that can do it. Raises `UserError` where none can."""
    able = [noun for noun in nouns if action in NOUNS[noun].actions]
    if not able:
        raise UserError(
            f"None of these nouns can {action}.", "Use weights with more nouns.", code="nouns_without_action"
        )
    return one_actor(able)


def acts(action: str, *directions: str) -> Callable[[Scene, Mapping[str, str]], bool]:
    """Scenes that show an action and say so, in one of the directions, any without."""

    def suits(scene: Scene, stated: Mapping[str, str]) -> bool:
        actor = scene.actors[0]
        airy = action not in ("fall", "bounce") or drop_of(actor, scene) >= 0.15
        heads = not directions or actor.direction in directions
        return actor.action == action and "action" in stated and airy and heads

    return suits


def drop_of(actor: Actor, scene: Scene) -> float:
    """From how high above the ground something falls, in heights of a 16:9 picture."""
    return max(0.0, GROUND[scene.place] - actor.y)


def higher(scene: Scene) -> Scene:
    """Smaller things, dropped from the top of the picture."""
    actor = scene.actors[0]
    height = round(0.6 * actor.height, 4)
    return replace(scene, actors=(replace(actor, height=height, y=round(height + 0.03, 4)),))


def faster(scene: Scene) -> Scene:
    """Half as fast again, in the middle after a second as before."""
    actor = scene.actors[0]
    heading = {"left": -1.0, "right": 1.0}.get(actor.direction, 0.0)
    return replace(scene, actors=(replace(actor, speed=1.5 * actor.speed, x=0.5 - 1.5 * heading * actor.speed),))


def smaller(scene: Scene) -> Scene:
    """By two fifths, but for what would be smaller than `LEAST`: four of that the parser does not tell apart."""
    heights = [min(actor.height, max(LEAST, 0.6 * actor.height)) for actor in scene.actors]
    return replace(scene, actors=tuple(replace(a, height=h) for a, h in zip(scene.actors, heights, strict=True)))


LAWS: dict[str, Law] = {
    "fall": Law(distribution=partial(acting, action="fall"), suits=acts("fall"), measure=falls, outside=higher),
    "bounce": Law(distribution=partial(acting, action="bounce"), suits=acts("bounce"), measure=bounces, outside=higher),
    "roll": Law(
        distribution=partial(acting, action="roll"),
        suits=acts("roll", "left", "right"),
        measure=rolls,
        outside=faster,
        known=BEGUN,
    ),
    "permanence": Law(
        distribution=lambda nouns: replace(one_actor(nouns), occluder=1.0),
        suits=lambda scene, stated: scene.occluder,
        measure=persists,
        outside=faster,
        known=BEGUN,
        hides=True,
    ),
    "count": Law(
        distribution=several,
        suits=lambda scene, stated: scene.count > 1 and "count" in stated,
        measure=counts,
        outside=smaller,
        known=BEGUN,
        stands=False,
    ),
    "sides": Law(
        distribution=lambda nouns: replace(two_actors(nouns), relations=("left of", "right of"), related=1.0),
        suits=lambda scene, stated: scene.relation in ("left of", "right of"),
        measure=sides,
        outside=smaller,
        known=BEGUN,
        stands=False,
    ),
}
"""By name."""
