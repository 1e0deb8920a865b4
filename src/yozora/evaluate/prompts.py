"""What the evaluation asks for: captions of scenes with one actor, two, or several of a kind, out of the vocabulary of
the weights.

Scenes come from `default_rng([stream, seed, index])` with streams from `STREAM` on; training draws from streams below,
so the two never meet.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from yozora.language.languages import TRANSFORMER_LANGUAGES
from yozora.language.pack import Language
from yozora.world.captions import said, slots
from yozora.world.distributions import CORE_SCENES, SceneDistribution
from yozora.world.draw import draw_scene
from yozora.world.scene import COLORS, Scene

STREAM = 1000  # of the prompts
HELD_OUT = 2000  # of the renders that the ceiling is measured on
SEVERAL = 10  # one scene in so many shows several of a kind,
PAIRS = 5  # and one in so many two different actors, with a relation or without


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationPrompt:
    """One film to be asked for. `asked` holds the slots that the words state, with the values that it should show."""

    number: int
    group: int  # prompts of one group tell one scene, each in another language
    language: Language
    text: str
    english: str
    asked: dict[str, str]
    scene: Scene
    seed: int  # of the film's noise: the same within a group

    @property
    def pair(self) -> bool:
        """Whether there are two different actors."""
        return len(self.scene.actors) > self.scene.count


def one_actor(nouns: Sequence[str]) -> SceneDistribution:
    """Scenes with one actor out of these nouns, as the core recipe draws them."""
    return replace(CORE_SCENES, nouns=tuple(nouns), max_actors=1, empty=0.0)


def several(nouns: Sequence[str]) -> SceneDistribution:
    """Scenes with two to four of a kind."""
    return replace(one_actor(nouns), max_actors=4, counts=1.0, pairs=0.0, company=0.0)


def two_actors(nouns: Sequence[str]) -> SceneDistribution:
    """Scenes with two different actors, three in four of them with a relation."""
    return replace(one_actor(nouns), max_actors=2, counts=0.0, pairs=1.0)


def distribution_of(group: int, nouns: Sequence[str]) -> SceneDistribution:
    """The distribution of a scene: every tenth shows several of a kind, every fifth two different actors."""
    if group % SEVERAL == SEVERAL - 1:
        return several(nouns)
    return two_actors(nouns) if group % PAIRS == PAIRS // 2 else one_actor(nouns)


def askable(nouns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The values that films are read among: these nouns, and colours that have a name.

    What is natural is some colour too, and of a few things the same one: one cannot tell an orange butterfly from one
    as it is.
    """
    return {"noun": tuple(nouns), "color": COLORS, "noun2": (*nouns, "none"), "color2": (*COLORS, "none")}


def draw_prompts(
    count: int,
    nouns: Sequence[str],
    *,
    seed: int = 0,
    stream: int = STREAM,
    languages: Sequence[Language] = TRANSFORMER_LANGUAGES,
) -> list[EvaluationPrompt]:
    """`count` prompts, each scene told in every language in turn; see `distribution_of` for who is in it.

    The same seed gives the same prompts.
    """
    prompts = []
    for number in range(count):
        group, language = number // len(languages), languages[number % len(languages)]
        scene = draw_scene(np.random.default_rng([stream, seed, group]), distribution_of(group, nouns))
        text, stated = said(scene, np.random.default_rng([stream, seed, group, 1]), language, "long")
        english, _ = said(scene, np.random.default_rng([stream, seed, group, 1]), "en", "long")
        asked = {slot: value for slot, value in slots(scene).items() if slot in stated}
        prompts.append(
            EvaluationPrompt(
                number=number,
                group=group,
                language=language,
                text=text,
                english=english,
                asked=asked,
                scene=scene,
                seed=group,
            )
        )
    return prompts
