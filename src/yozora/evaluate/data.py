"""What the parser learns from: renders with what is true of them, and the wear that makes them look generated.

Scenes come from the training streams of the world or, held out, from the evaluation's; see `prompts`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from yozora.world import cutouts
from yozora.world.actions import ACTIONS
from yozora.world.cameras import CAMERAS
from yozora.world.distributions import SceneDistribution
from yozora.world.draw import draw_scene, lasting
from yozora.world.nouns import NOUNS
from yozora.world.render import Take, render
from yozora.world.scene import COLORS, DAYTIMES, DIRECTIONS, PLACES, RELATIONS, Actor, Noun, Scene
from yozora.world.styles import STYLES
from yozora.world.weathers import WEATHERS

FIGURES = ("whole", "melted")
MOST = 6  # actors of a scene that are told of
Slots = Mapping[str, Sequence[str]]


def slots_of(nouns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Slots of a parser that tells these nouns apart, and their values."""
    return {
        "noun": tuple(nouns),
        "color": ("natural", *COLORS),
        "count": ("1", "2", "3", "4"),
        "place": PLACES,
        "daytime": DAYTIMES,
        "weather": tuple(WEATHERS),
        "style": tuple(STYLES),
        "direction": DIRECTIONS,
        "action": tuple(ACTIONS),
        "camera": tuple(CAMERAS),
        "noun2": (*nouns, "none"),
        "color2": ("natural", *COLORS, "none"),
        "relation": (*RELATIONS, "none"),
        "figure": FIGURES,
    }


def truth(scene: Scene) -> dict[str, str]:
    """The value of every slot; the scene has at least one actor, and it is about the first."""
    first = scene.actors[0]
    other = scene.actors[scene.count] if len(scene.actors) > scene.count else None
    return {
        "noun": first.noun,
        "color": first.color or "natural",
        "count": str(scene.count),
        "place": scene.place,
        "daytime": scene.daytime,
        "weather": scene.weather,
        "style": scene.style,
        "direction": first.direction,
        "action": first.action,
        "camera": scene.camera,
        "noun2": other.noun if other else "none",
        "color2": (other.color or "natural") if other else "none",
        "relation": scene.relation or "none",
        "figure": "whole",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBatch:
    """B takes of one size, T frames of each, with up to A = `MOST` actors; K slots in the order of `slots_of`."""

    video_BTCHW: Tensor  # float32, 0..1
    box_BTA4: Tensor  # centre x, y, width, height in 0..1 of what is inside the picture
    seen_BTA: Tensor  # bool: well in sight
    hidden_BTA: Tensor  # bool: there, but hardly in sight
    noun_BA: Tensor  # int64
    color_BA: Tensor  # int64
    truth_BK: Tensor  # int64; -1 where there is no actor
    seconds_BT: Tensor


def shoot(
    scenes: Sequence[Scene], slots: Slots, size: tuple[int, int], frames: int, seconds: Sequence[float]
) -> TakeBatch:
    """Render scenes (with an actor each), `frames` frames of each over so many seconds."""
    takes, times = [], []
    for scene, span in zip(scenes, seconds, strict=True):
        fps = (frames - 1) / span if frames > 1 and span > 0 else 16.0
        takes.append(render(lasting(scene, span), width=size[0], height=size[1], frames=frames, fps=fps))
        times.append(np.arange(frames) / fps)
    return rendered_takes(scenes, takes, times, slots)


def rendered_takes(
    scenes: Sequence[Scene], takes: Sequence[Take], times: Sequence[NDArray[np.float64]], slots: Slots
) -> TakeBatch:
    frames, height, width = takes[0].frames_THWC.shape[:3]
    batch = len(scenes)
    box = torch.zeros(batch, frames, MOST, 4)
    seen = torch.zeros(batch, frames, MOST, dtype=torch.bool)
    hidden = torch.zeros(batch, frames, MOST, dtype=torch.bool)
    noun = torch.zeros(batch, MOST, dtype=torch.int64)
    color = torch.zeros(batch, MOST, dtype=torch.int64)
    for b, (scene, take) in enumerate(zip(scenes, takes, strict=True)):
        for a, actor in enumerate(scene.actors[:MOST]):
            noun[b, a] = slots["noun"].index(actor.noun)
            color[b, a] = slots["color"].index(actor.color or "natural")
            inside, share = _boxes(take.tracks_AT4[a], width, height)
            pixels = take.masks_ATHW[a].reshape(frames, -1).sum(1)
            area = inside[:, 2] * inside[:, 3] * width * height
            fully = (pixels >= np.maximum(0.16 * area, 40)) & (share >= 0.4)
            box[b, :, a] = torch.from_numpy(inside)
            seen[b, :, a] = torch.from_numpy(fully)
            hidden[b, :, a] = torch.from_numpy(~fully & (pixels > 0))
    video = torch.from_numpy(np.stack([take.frames_THWC for take in takes]))
    known = [
        [values.index(value) if (value := told[slot]) in values else -1 for slot, values in slots.items()]
        for told in map(truth, scenes)
    ]
    return TakeBatch(
        video_BTCHW=video.permute(0, 1, 4, 2, 3).float().div_(255.0),
        box_BTA4=box,
        seen_BTA=seen,
        hidden_BTA=hidden,
        noun_BA=noun,
        color_BA=color,
        truth_BK=torch.tensor(known),
        seconds_BT=torch.from_numpy(np.stack(times)).float(),
    )


def _boxes(track_T4: NDArray[np.float32], width: int, height: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Centre, width and height, in 0..1, of what of a box is inside the picture; and how much of it that is."""
    x0, y0, x1, y1 = (track_T4 / np.array((width, height) * 2, np.float32)).T
    whole = np.maximum((x1 - x0) * (y1 - y0), 1e-6)
    x0, y0, x1, y1 = (np.clip(edge, 0, 1) for edge in (x0, y0, x1, y1))
    inside = np.stack([(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0], 1).astype(np.float32)
    return inside, (inside[:, 2] * inside[:, 3] / whole).astype(np.float32)


def lone(rng: np.random.Generator, distribution: SceneDistribution) -> Scene:
    """A scene with at least one actor."""
    while not (scene := draw_scene(rng, distribution)).actors:
        pass
    return scene


def crowded(rng: np.random.Generator, distribution: SceneDistribution) -> Scene:
    """A scene with the actors of other scenes too, so that more is seen in a frame: mostly side by side, else
    anywhere."""
    scene = lone(rng, distribution)
    more = tuple(lone(rng, distribution).actors[0] for _ in range(int(rng.integers(1, 4))))
    actors = (scene.actors[0], *more) if rng.random() < 0.7 else (*scene.actors, *more)[:MOST]
    if actors[0] is scene.actors[0] and len(actors) == 1 + len(more):
        order = rng.permutation(len(actors))
        actors = tuple(_in_row(rng, actor, int(order[k]), len(actors)) for k, actor in enumerate(actors))
    else:
        actors = tuple(_shift_actor(rng, actor, float(rng.uniform(0.08, 0.92)), 0.6) for actor in actors)
    return replace(scene, actors=actors, count=1, relation=None)


def _in_row(rng: np.random.Generator, actor: Actor, place: int, of: int) -> Actor:
    """The actor in the middle of its share of the picture's width, and no wider than that."""
    narrow = min(1.0, 1.05 / of / max(0.05, wide(NOUNS[actor.noun], actor.height)))
    x = (place + 0.5 + float(rng.uniform(-0.15, 0.15))) / of
    slow = replace(actor, speed=round(min(actor.speed, 0.25 / of), 4))
    return _shift_actor(rng, slow, x, min(1.0, narrow))


def _shift_actor(rng: np.random.Generator, actor: Actor, x: float, least: float) -> Actor:
    height = actor.height * float(rng.uniform(min(least, 0.9), 1.0)) if least == 0.6 else actor.height * least
    y = float(np.clip(actor.y + rng.uniform(-0.1, 0.06), height, 1.0))
    return replace(actor, x=round(x, 4), y=round(y, 4), height=round(height, 4))


def wide(noun: Noun, height: float) -> float:
    """Width of a cut-out of that height, in widths of a 16:9 picture."""
    picture = cutouts.load(noun.key)
    return height * float(picture.shape[1] / picture.shape[0]) * 9 / 16


# --- wear


def wear(video_BTCHW: Tensor, generator: torch.Generator) -> Tensor:
    """Film as a model that does well might have made it.

    Shapes wobble, frames smear, detail is lost, colours shift a little, noise and blocks appear; an eye still sees
    whole figures.
    """
    return _weathered(_blurred(_wobbly(video_BTCHW, generator), generator), generator).clamp_(0, 1)


def _wobbly(video_BTCHW: Tensor, generator: torch.Generator) -> Tensor:
    """Half of the films bent by smooth random displacements of up to 4 % of half a width, which differ a little from
    frame to frame."""
    batch, frames, _, height, width = video_BTCHW.shape
    chosen = (torch.rand(batch, generator=generator) < 0.5).nonzero()[:, 0]
    if not len(chosen):
        return video_BTCHW
    some = len(chosen)
    push = torch.rand(some, 1, 2, 4, 6, generator=generator) - 0.5
    push = push + 0.4 * (torch.rand(some, frames, 2, 4, 6, generator=generator) - 0.5)
    push = push * 0.05 * torch.rand(some, 1, 1, 1, 1, generator=generator)
    push = F.interpolate(push.flatten(0, 1), size=(height, width), mode="bilinear", align_corners=True)
    still = F.affine_grid(torch.eye(2, 3)[None], [1, 1, height, width], align_corners=False)
    bent = F.grid_sample(
        video_BTCHW[chosen].flatten(0, 1),
        still + push.permute(0, 2, 3, 1),
        mode="bilinear",
        padding_mode="border",
        align_corners=False,
    )
    worn = video_BTCHW.clone()
    worn[chosen] = bent.view(some, frames, -1, height, width)
    return worn


def _blurred(video_BTCHW: Tensor, generator: torch.Generator) -> Tensor:
    """Fine and coarse blur, blocks of four pixels, and a ghost of the frame before."""
    size = tuple(video_BTCHW.shape[-2:])
    halves = F.avg_pool2d(video_BTCHW.flatten(0, 1), 2)
    blocks = F.avg_pool2d(halves, 2)
    worn = video_BTCHW
    for small, mode, often, most in (
        (halves, "bilinear", 0.6, 1.0),
        (blocks, "bilinear", 0.25, 0.45),
        (blocks, "nearest", 0.25, 0.3),
    ):
        share = _sometimes(len(worn), often, most, generator)
        some = (share.flatten() > 0).nonzero()[:, 0]
        if len(some):
            large = F.interpolate(small.view(*worn.shape[:3], *small.shape[-2:])[some].flatten(0, 1), size, mode=mode)
            worn = worn.clone() if worn is video_BTCHW else worn
            worn[some] = torch.lerp(worn[some], large.view(len(some), *worn.shape[1:]), share[some])
    before = torch.cat([worn[:, :1], worn[:, :-1]], 1)
    return torch.lerp(worn, before, _sometimes(len(worn), 0.2, 0.12, generator))


def _weathered(video_BTCHW: Tensor, generator: torch.Generator) -> Tensor:
    """Contrast, balance and lightness off by a little, with fine and coarse noise."""
    batch, frames, channels, height, width = video_BTCHW.shape
    gain = 1 + 0.16 * (torch.rand(batch, 1, channels, 1, 1, generator=generator) - 0.5)
    gain = gain * (1 + 0.3 * (torch.rand(batch, 1, 1, 1, 1, generator=generator) - 0.5))
    lift = 0.5 + 0.08 * (torch.rand(batch, 1, channels, 1, 1, generator=generator) - 0.5)
    fine = torch.randn(1, 1, channels, height, width, generator=generator).expand(batch, frames, -1, -1, -1)
    turn = torch.randint(64, (2,), generator=generator).tolist()
    coarse = F.interpolate(fine[0, :1, :, ::4, ::4], size=(height, width), mode="bilinear")
    grain = torch.stack(
        [(fine[0, 0] + 1.5 * coarse[0]).roll((turn[0] * t, turn[1] * t), (1, 2)) for t in range(frames)]
    )
    level = 0.04 * torch.rand(batch, 1, 1, 1, 1, generator=generator) ** 2
    return ((video_BTCHW - 0.5) * gain).add_(lift).add_(level * grain)


def _sometimes(batch: int, often: float, most: float, generator: torch.Generator) -> Tensor:
    """For each film 0, or with probability `often` a number up to `most`."""
    share = most * torch.rand(batch, generator=generator)
    return (share * (torch.rand(batch, generator=generator) < often))[:, None, None, None, None]
