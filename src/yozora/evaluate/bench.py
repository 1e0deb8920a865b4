"""What the modes are measured with: held-out scenes that suit a mode, films that the engine makes of their renders, and
the parser that reads them.

Sources are renders handed to the engine as they are, so no codec is needed. Knows no mode.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count as numbers
from itertools import islice

import numpy as np

from yozora.core.modes import of
from yozora.core.order import CharacterSource, Order, Source
from yozora.core.request import Request
from yozora.engine.engine import Engine, ModelSources
from yozora.errors import UserError
from yozora.evaluate.data import truth
from yozora.evaluate.figures import Case, Comparison, Found, Frames, shots_of
from yozora.evaluate.films import round_trip
from yozora.evaluate.prompts import askable
from yozora.evaluate.reader import FilmObservations, Reader, watch
from yozora.evaluate.verdicts import MOOT
from yozora.families.presets import FilmSettings
from yozora.world.captions import said
from yozora.world.distributions import SceneDistribution
from yozora.world.draw import DRAWN_FOR, draw_scene, lasting
from yozora.world.render import Take, render
from yozora.world.scene import COLORS, Scene
from yozora.world.styles import STYLES

STREAM = 3000  # of these scenes; [STREAM, seed, which, index]
MOVERS, ANY, PAIRS, STILLS, BOARDS, COLORED, CALM, WALKERS, ENDS, LIVELY_NOUNS, EDITED = range(11)  # which
TRIES = 2000  # scenes that are looked at for one that suits
RENDERS = 100  # the same where each has to be rendered
CLIP_SECONDS = DRAWN_FOR
CODED = 4  # one true render in so many also goes through the autoencoder


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionedScene:
    """A held-out scene and its caption."""

    index: int
    scene: Scene
    text: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluator:
    """What the films are made and read with: an engine, the parser, the nouns that the weights know."""

    engine: Engine
    parser: Reader
    nouns: tuple[str, ...]
    settings: FilmSettings = field(default_factory=FilmSettings)
    seed: int = 0  # of the scenes
    short: float = 4.0  # seconds of the film that a long one's memory is compared with
    long: float = 60.0

    def ask(self, prompt: str, seconds: float, seed: int) -> Request:
        """A request of the preset's default size."""
        asked: FilmSettings = {**self.settings, "seconds": seconds, "seed": seed}
        return self.engine.preset.ask(prompt, asked, wordless=True)

    def film(
        self,
        request: Request,
        options: object,
        *sources: Frames,
        prompts: Sequence[str] = (),
        slots: Sequence[str] = (),
        characters: Sequence[Frames] = (),
    ) -> Frames:
        """What the engine makes of these frames, in the mode that has such options: at its own size and rate. `prompts`
        are what the sources were made from, `slots` what they are to the mode where it takes fewer than it could.
        """
        slots, fps = slots or [slot.name for slot in of(options).slots], self.engine.preset.fps
        described = [
            Source(
                at=f"memory:{k}",
                slot=slots[k],
                width=source.shape[2],
                height=source.shape[1],
                fps=fps,
                seconds=len(source) / fps,
                frames=len(source),
                prompt=prompts[k] if prompts else "",
            )
            for k, source in enumerate(sources)
        ]
        people = tuple(
            CharacterSource(name=f"character {k}", at=f"memory:character {k}") for k, _ in enumerate(characters)
        )
        order = Order.of(request, options, sources=tuple(described), characters=people)
        clips, stills = ([ArraySource(film=each) for each in films] for films in (sources, characters))
        material = ModelSources(clips=clips, characters=stills)
        return self.engine.films(order, material).frames

    def shoot(self, scene: Scene, frames: int) -> Frames:
        """A true render of the preset's default size and rate."""
        return self.take(scene, frames).frames_THWC

    def take(self, scene: Scene, frames: int, fps: float | None = None) -> Take:
        """The same, with what is true of it; perhaps at another rate."""
        width, height = self.engine.preset.sizes[0]
        return render(scene, width=width, height=height, frames=frames, fps=fps or self.engine.preset.fps)

    def frames(self, seconds: float) -> int:
        """How many frames films of so many seconds have."""
        return self.engine.preset.frames(seconds)

    def read(self, film: Frames) -> dict[str, str]:
        """What the parser says, among what can be asked for."""
        return self.parser.read([film], askable(self.nouns))[0]

    def watch(self, film: Frames) -> FilmObservations:
        """What the parser sees in each frame, among what can be asked for."""
        return watch(self.parser, film, askable(self.nouns))

    def actor(self, part: str, scene: Scene, film: Frames) -> dict[str, Comparison | bool]:
        """Whether the actor is still who it was and goes where it went, see `who`, and whether its shape is whole."""
        told, asked = self.read(film), truth(scene)
        names = {"class": "noun", "color": "color", "direction": "direction"}
        seen = {name: slot for name, slot in names.items() if slot != "color" or colored(scene)}
        found: dict[str, Comparison | bool] = {
            f"{part}/{name}": Comparison(told=told[slot], asked=asked[slot]) for name, slot in seen.items()
        }
        found |= {f"{part}/figure": told["figure"] == "whole"} if "figure" in told else {}
        return found | {f"{part}/survives": Comparison(told=who(told, scene), asked=who(asked, scene))}

    def draw(
        self,
        which: int,
        distribution: SceneDistribution,
        suits: Callable[[Scene, Mapping[str, str]], bool],
        seconds: float = CLIP_SECONDS,
        change: Callable[[Scene], Scene] = lambda scene: scene,
    ) -> Iterator[CaptionedScene]:
        """Scenes that suit with their English captions, each with the actor in sight for `seconds`; `change` makes
        another of each before it is looked at."""
        misses = 0
        for index in numbers():
            key = [STREAM, self.seed, which, index]
            scene = change(lasting(draw_scene(np.random.default_rng(key), distribution), seconds))
            text, stated = said(scene, np.random.default_rng([*key, 1]), "en", "long")
            misses += 1
            if suits(scene, stated) and in_sight(scene, seconds):
                misses = 0
                yield CaptionedScene(index=index, scene=scene, text=text)
            if misses > TRIES:
                raise UserError(
                    "No scene with these nouns can be used for this mode.",
                    "Use weights with more nouns.",
                    code="scene_nouns_unsuitable",
                )

    def case(
        self,
        title: str,
        captioned: CaptionedScene,
        made: Frames,
        true: Frames,
        measure: Callable[[Frames], Found],
        **more: Found,
    ) -> Case:
        """What is found of a film, of the true render, and now and then of that through the autoencoder."""
        coded = measure(round_trip(self.engine)(true)) if captioned.index % CODED == 0 and len(true) % 4 == 1 else {}
        return Case(
            title=f"{title}: {captioned.text}",
            made=measure(made),
            true=measure(true),
            coded=coded,
            apart=more.get("apart", {}),
            group=captioned.index,
            shots=shots_of(made),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArraySource:
    """Frames as a source of the engine."""

    film: Frames

    @property
    def count(self) -> int:
        return len(self.film)

    def frames(self) -> Iterator[Frames]:
        yield from self.film

    def closing(self, count: int) -> Iterator[Frames]:
        yield from self.film[-count:]


# --- scenes that suit


def moves(scene: Scene, stated: Mapping[str, str]) -> bool:
    return scene.actors[0].direction in ("left", "right") and {"noun", "direction"} <= set(stated)


def anything(scene: Scene, stated: Mapping[str, str]) -> bool:
    return "noun" in stated


def settled(scene: Scene, stated: Mapping[str, str]) -> bool:
    return {"noun", "place"} <= set(stated)


def painted(scene: Scene, stated: Mapping[str, str]) -> bool:
    return {"noun", "color"} <= set(stated) and colored(scene)


def rests(scene: Scene, stated: Mapping[str, str]) -> bool:
    """Nothing that goes on for a minute can leave the picture."""
    actor = scene.actors[0]
    return actor.direction == "none" and actor.action not in ("rise", "fall") and scene.camera == "static"


def colored(scene: Scene) -> bool:
    """Whether the first actor's colour can be told: not of those in their own colours, and not in black and white."""
    return truth(scene)["color"] != MOOT["color"] and not STYLES[scene.style].grey


def who(slots: Mapping[str, str], scene: Scene) -> str:
    """Class and colour as one answer, the colour only where the scene's can be told."""
    return f"{slots['color']} {slots['noun']}" if colored(scene) else slots["noun"]


def in_sight(scene: Scene, seconds: float) -> bool:
    """Whether the first actor is there, and at either end at least 0.6 of it within the picture."""
    width, height = 112, 64
    take = render(scene, width=width, height=height, frames=3, fps=2 / seconds)
    left, top, right, bottom = take.tracks_AT4[0].T
    wide = np.clip(right, 0, width) - np.clip(left, 0, width)
    tall = np.clip(bottom, 0, height) - np.clip(top, 0, height)
    share_T = wide * tall / ((right - left) * (bottom - top))
    return bool(take.masks_ATHW[0].any() and share_T.min() >= 0.6)


def fitting(draws: Iterator[CaptionedScene], fits: Callable[[CaptionedScene], bool]) -> Iterator[CaptionedScene]:
    """Those of the scenes that a render shows to fit. Raises `UserError` where none does any more."""
    misses = 0
    for told in draws:
        misses += 1
        if fits(told):
            misses = 0
            yield told
        if misses > RENDERS:
            raise UserError(
                "No scene with these nouns can be used for this measure.",
                "Use weights with more nouns.",
                code="scene_nouns_unsuitable",
            )


def recolored(captioned: CaptionedScene, seed: int) -> CaptionedScene:
    """The same scene with its actor in another colour, and the same words but for that."""
    key, actor = [STREAM, seed, COLORED, captioned.index], captioned.scene.actors[0]
    others = [color for color in COLORS if color != actor.color]
    color = others[int(np.random.default_rng([*key, 2]).integers(len(others)))]
    scene = replace(captioned.scene, actors=(replace(actor, color=color),))
    return replace(captioned, scene=scene, text=said(scene, np.random.default_rng([*key, 1]), "en", "long")[0])


def groups(draws: Iterator[CaptionedScene], size: int, nouns: Sequence[str]) -> Iterator[tuple[CaptionedScene, ...]]:
    """Scenes put together so that no place, and where there are enough no noun, occurs twice in a group."""
    while True:
        group: list[CaptionedScene] = []
        for told in islice(draws, TRIES):
            here = told.scene
            places = {other.scene.place for other in group}
            actors = {other.scene.actors[0].noun for other in group} if len(nouns) >= size else set()
            if here.place not in places and here.actors[0].noun not in actors:
                group.append(told)
            if len(group) == size:
                break
        else:
            raise UserError(
                f"Scenes with these nouns have fewer than {size} places.",
                "Use weights with more nouns.",
                code="noun_places_too_few",
            )
        yield tuple(group)
