"""Pairs of renders of the same thing, one possible and one not: which of them does the model find likelier?

The measure is that of LikePhys (Yuan et al. 2025, arXiv 2510.11512): the error of the denoiser on a film with noise
added, the same noise for both. A model that has learnt the law has the smaller error on the possible film.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray

from yozora.core import painters
from yozora.core.canvas import patchify
from yozora.core.modes import Generate
from yozora.core.order import Order
from yozora.core.sampler import draw, noisy
from yozora.engine.engine import NOTHING
from yozora.evaluate import bench as held_out
from yozora.evaluate.bench import CLIP_SECONDS, ArraySource, CaptionedScene, Evaluator, recolored
from yozora.evaluate.figures import Case, Frames, shots_of
from yozora.evaluate.physics.laws import acting, acts, drop_of
from yozora.evaluate.prompts import one_actor
from yozora.evaluate.suite import Make
from yozora.world.actions import ACTIONS
from yozora.world.distributions import SceneDistribution
from yozora.world.puppets import GRAVITY, bouncing
from yozora.world.scene import Actor, Direction, Scene

WHICH = 40  # first of the streams of these scenes, see `bench`
LEVELS = (0.9, 0.7, 0.5, 0.3)  # share of noise
DENSE = 128.0  # frames a second of the fall that heights are looked up in
LOW = 0.01  # heights of the picture: as good as on the ground
JUMP = 0.3  # widths of the picture

Films = tuple[Frames, Frames]  # possible and impossible
Pairing = Callable[[Evaluator, CaptionedScene], Films]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One way to break a law: scenes, and the two films of each."""

    distribution: Callable[[Evaluator], SceneDistribution]
    suits: Callable[..., bool]
    films: Pairing


def films(bench: Evaluator, count: int, name: str) -> Iterator[Make]:
    """Pairs of one kind, by its name in `BREACHES`."""
    breach = BREACHES[name]
    calm = replace(
        breach.distribution(bench), cameras=(("static", 1.0),), weathers=(("clear", 1.0),), styles=(("paper", 1.0),)
    )
    draws = bench.draw(WHICH + list(BREACHES).index(name), calm, breach.suits)
    for captioned in islice(draws, count):
        yield partial(compared, bench, name, captioned)


def compared(bench: Evaluator, name: str, captioned: CaptionedScene) -> list[Case]:
    """Whether the error is smaller on the possible film, and that of the impossible one over it."""
    possible, impossible = BREACHES[name].films(bench, captioned)
    right, wrong = (velocity_error(bench, film, captioned) for film in (possible, impossible))
    found = {f"{name}/prefers possible": right < wrong, f"{name}/error ratio": wrong / right}
    apart = {f"{name}/prefers possible": 0.5, f"{name}/error ratio": 1.0}
    title = f"impossible, {name}: {captioned.text}"
    return [Case(title=title, made=found, apart=apart, group=captioned.index, shots=shots_of(impossible))]


@torch.inference_mode()
def velocity_error(bench: Evaluator, film: Frames, captioned: CaptionedScene) -> float:
    """Mean squared error of the velocity over all tokens and `LEVELS`; the noise depends on the scene alone."""
    engine = bench.engine
    request = bench.ask(captioned.text, CLIP_SECONDS, captioned.index)
    order = Order.of(request, Generate(seconds=CLIP_SECONDS))
    (shot,) = painters.painted(order, engine.painter_inputs(order, NOTHING))
    assert shot.canvas is not None
    latents_CTHW = engine.encoded(ArraySource(film=film)).opening()
    canvas = replace(shot.canvas, known_NC=patchify(latents_CTHW, engine.layout.patch))
    noise_NC, denoise = draw(canvas, request.seed), engine.denoiser(canvas.to(engine.device), request)
    errors = []
    for level in LEVELS:
        t_N = torch.full((len(noise_NC),), level, dtype=torch.float64)
        x_NC = noisy(canvas, t_N, noise_NC).to(engine.device)
        velocity_NC = denoise(x_NC[None], t_N[None])[0].float().cpu()
        errors.append(float((velocity_NC - (noise_NC - canvas.known_NC)).square().mean()))
    return float(np.mean(errors))


# --- pairs


def at_heights(bench: Evaluator, scene: Scene, height_T: NDArray[np.float32]) -> Frames:
    """The scene's falling thing at these heights above the ground: frames out of a film of its fall, many a second. Low
    down it is squashed, as by an impact; where it begins on the ground it is there at rest."""
    drop = drop_of(scene.actors[0], scene)
    count = int(np.sqrt(2 * drop / GRAVITY) * DENSE) + 1
    fall = bench.take(scene, count, DENSE).frames_THWC
    known = drop - 0.5 * GRAVITY * (np.arange(count) / DENSE) ** 2
    film: Frames = fall[np.abs(known[None] - height_T[:, None]).argmin(1)]
    if height_T[0] < LOW:
        film[:1] = bench.take(scene, 2, 0.1).frames_THWC[1:]  # ten seconds later
    return film


def seconds(bench: Evaluator) -> NDArray[np.float32]:
    return (np.arange(bench.frames(CLIP_SECONDS)) / bench.engine.preset.fps).astype(np.float32)


def reversed_gravity(bench: Evaluator, captioned: CaptionedScene) -> Films:
    """A thing falls and bounces off the ground a little, or it is there at rest, falls upwards and bounces off as
    high."""
    actor, t_T = captioned.scene.actors[0], seconds(bench)
    drop, (restitution, _) = drop_of(actor, captioned.scene), ACTIONS[actor.action].bounces or (0.0, 0.0)
    height_T, _ = bouncing(t_T, drop, restitution)
    return bench.shoot(captioned.scene, len(t_T)), at_heights(bench, captioned.scene, drop - height_T)


def gained_height(bench: Evaluator, captioned: CaptionedScene) -> Films:
    """A thing bounces lower and lower, or, played backwards, higher and higher."""
    possible = bench.shoot(captioned.scene, bench.frames(CLIP_SECONDS))
    return possible, possible[::-1]


def teleported(bench: Evaluator, captioned: CaptionedScene) -> Films:
    """Who walks goes on, or is elsewhere from one frame to the next, half-way through the film."""
    actor = captioned.scene.actors[0]
    jump = JUMP if actor.direction == "left" else -JUMP  # back, so that it stays in the picture
    return switched(bench, captioned.scene, replace(actor, x=actor.x + jump))


def changed_color(bench: Evaluator, captioned: CaptionedScene) -> Films:
    """The actor keeps its colour, or has another one from one frame to the next, half-way through the film."""
    return switched(bench, captioned.scene, recolored(captioned, bench.seed).scene.actors[0])


def switched(bench: Evaluator, scene: Scene, other: Actor) -> Films:
    """A film, and the same with another actor in its second half."""
    frames = bench.frames(CLIP_SECONDS)
    possible, later = (bench.shoot(replace(scene, actors=(who,)), frames) for who in (scene.actors[0], other))
    return possible, np.concatenate([possible[: frames // 2], later[frames // 2 :]])


def vanished(bench: Evaluator, captioned: CaptionedScene) -> Films:
    """Who goes behind something comes out, or never does: all stands as it was when nothing was seen of it."""
    take = bench.take(captioned.scene, bench.frames(CLIP_SECONDS))
    hidden = int(take.masks_ATHW[0].sum((1, 2)).argmin())
    upto_T = np.minimum(np.arange(len(take.frames_THWC)), hidden)
    return take.frames_THWC, take.frames_THWC[upto_T]


def changed_behind(bench: Evaluator, captioned: CaptionedScene) -> Films:
    """Who goes behind something comes out as it was, or in another colour."""
    frames = bench.frames(CLIP_SECONDS)
    take = bench.take(captioned.scene, frames)
    later = bench.shoot(recolored(captioned, bench.seed).scene, frames)
    hidden = int(take.masks_ATHW[0].sum((1, 2)).argmin())
    return take.frames_THWC, np.concatenate([take.frames_THWC[:hidden], later[hidden:]])


def turned(bench: Evaluator, captioned: CaptionedScene) -> Films:
    """The actor goes where the words say, or the other way."""
    actor, frames = captioned.scene.actors[0], bench.frames(CLIP_SECONDS)
    back: Direction = "left" if actor.direction == "right" else "right"
    other = replace(actor, direction=back, x=1 - actor.x)
    return bench.shoot(captioned.scene, frames), bench.shoot(replace(captioned.scene, actors=(other,)), frames)


def painted(bench: Evaluator) -> SceneDistribution:
    """Who has a colour."""
    return replace(one_actor(bench.nouns), natural=0.0)


def hiding(bench: Evaluator) -> SceneDistribution:
    """Who has a colour and passes behind something."""
    return replace(painted(bench), occluder=1.0)


def hides(scene: Scene, stated: object) -> bool:
    return scene.occluder and held_out.colored(scene)


BREACHES: dict[str, Breach] = {
    "pairs/gravity": Breach(
        distribution=lambda bench: acting(bench.nouns, "fall"), suits=acts("fall", "none"), films=reversed_gravity
    ),
    "pairs/bounce": Breach(
        distribution=lambda bench: acting(bench.nouns, "bounce"), suits=acts("bounce", "none"), films=gained_height
    ),
    "pairs/teleport": Breach(distribution=painted, suits=held_out.moves, films=teleported),
    "pairs/color": Breach(distribution=painted, suits=held_out.painted, films=changed_color),
    "pairs/vanishing": Breach(distribution=hiding, suits=hides, films=vanished),
    "pairs/color behind": Breach(distribution=hiding, suits=hides, films=changed_behind),
    "pairs/direction": Breach(distribution=painted, suits=held_out.moves, films=turned),
}
"""By name."""
