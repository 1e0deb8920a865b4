"""Nouns agree with their number and their colour, in every language."""

import numpy as np
import pytest

from yozora.language.pack import Language
from yozora.world.captions import caption
from yozora.world.scene import Actor, Scene


def lone(noun: str, color=None, count: int = 1, **more) -> Scene:
    actor = Actor(noun=noun, color=color, x=0.5, y=0.8, height=0.4)
    return Scene(seed=0, place="park", actors=(actor,) * count, count=count, **more)


def said_by_many(scene: Scene, language: Language, length="bare", tries: int = 60) -> set[str]:
    return {caption(scene, np.random.default_rng(k), language, length) for k in range(tries)}


@pytest.mark.parametrize(
    ("language", "noun", "color", "count", "expected"),
    [
        ("es", "car", "red", 1, "un coche rojo"),
        ("es", "bicycle", "white", 2, "dos bicicletas blancas"),
        ("es", "eagle", "black", 1, "un águila negra"),
        ("es", "lion", "yellow", 3, "tres leones amarillos"),
        ("es", "scissors", "green", 1, "unas tijeras verdes"),
        ("es", "woman", "red", 1, "una mujer con un vestido rojo"),
        ("zh", "car", "red", 1, "一辆红色的汽车"),
        ("zh", "horse", None, 2, "两匹马"),
        ("zh", "woman", "red", 1, "一个穿红色的裙子的女人"),
        ("ar", "car", "red", 1, "سيارة حمراء"),
        ("ar", "car", "red", 2, "سيارتان حمراوان"),
        ("ar", "car", "red", 3, "ثلاث سيارات حمراء"),
        ("ar", "dog", "black", 4, "أربعة كلاب سوداء"),
        ("ar", "police car", "blue", 2, "سيارتا شرطة زرقاوان"),
        ("ar", "man", "white", 1, "رجل بملابس بيضاء"),
        ("en", "woman", "red", 2, "two women in red dresses"),
        ("en", "wolf", None, 3, "three wolves"),
        ("en", "mouse", "orange", 1, "an orange mouse"),
    ],
)
def test_noun_phrases_agree(language: Language, noun: str, color, count: int, expected: str) -> None:
    assert expected in said_by_many(lone(noun, color, count), language, tries=300)
