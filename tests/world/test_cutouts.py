"""The atlas and its recolouring."""

import colorsys
from importlib.resources import files

import numpy as np
import pytest

from yozora.world import cutouts
from yozora.world.nouns import CORE, NOUNS, POSES, TONES
from yozora.world.scene import COLORS, Color

PEOPLE = ("person", "man", "woman", "boy", "girl", "child", "old man", "old woman")
COLORFUL: tuple[Color, ...] = ("red", "green", "blue", "yellow", "orange", "purple", "pink")
VBENCH_COLOR_OBJECTS = ("bicycle", "car", "bird", "cat", "umbrella", "suitcase", "bowl", "chair", "clock", "vase")


def painted(key: str, color: Color) -> np.ndarray:
    """Mean colour of what a recolouring paints, 0..1."""
    planes = cutouts.layers(key)
    where = (planes[4] > 200) & (planes[3] > 200)
    return cutouts.load(key, color)[where][:, :3].mean(0) / 255


def test_atlas_is_small_enough_to_ship() -> None:
    assert len((files("yozora.world") / "atlas.npz").read_bytes()) < 8 * 2**20


@pytest.mark.parametrize("key", NOUNS)
def test_every_noun_has_a_cutout(key: str) -> None:
    picture = cutouts.load(key)
    assert picture.dtype == np.uint8
    assert picture.shape[2] == 4
    assert min(picture.shape[:2]) >= 24
    opaque = picture[..., 3] > 8
    assert opaque.mean() > 0.15
    assert opaque.any(1)[[0, -1]].all()  # cropped to what is seen
    assert opaque.any(0)[[0, -1]].all()


def test_unknown_noun_lists_the_known() -> None:
    with pytest.raises(KeyError, match="bicycle"):
        cutouts.load("unheard of")


def test_colour_is_bled_under_the_alpha() -> None:
    balloon = cutouts.load("balloon", "yellow").astype(int)
    faint = (balloon[..., 3] > 0) & (balloon[..., 3] < 60)
    near = balloon[faint][:, :3]
    assert faint.sum() > 20
    assert (near.max(1) > 90).mean() > 0.9  # no black fringe


@pytest.mark.parametrize("key", [key for key in CORE if NOUNS[key].kind != "person"])
def test_nine_colours_are_clearly_apart(key: str) -> None:
    tones = {color: painted(key, color) for color in COLORS}
    for i, one in enumerate(COLORS):
        for other in COLORS[i + 1 :]:
            assert np.linalg.norm(tones[one] - tones[other]) > 0.18, (one, other)
    hues = {color: colorsys.rgb_to_hsv(*tones[color]) for color in COLORS}
    assert hues["black"][2] < 0.35
    assert hues["white"][2] > 0.80
    assert hues["white"][1] < 0.08
    for color in COLORFUL:
        assert hues[color][1] > 0.30, color
    for i, one in enumerate(COLORFUL):
        for other in COLORFUL[i + 1 :]:
            turn = abs((hues[one][0] - hues[other][0] + 0.5) % 1 - 0.5)
            assert turn > 0.025 or abs(hues[one][1] - hues[other][1]) > 0.25, (one, other)


@pytest.mark.parametrize("key", VBENCH_COLOR_OBJECTS)
def test_recolouring_changes_a_fair_share(key: str) -> None:
    natural, blue, red = (cutouts.load(key, color).astype(int) for color in (None, "blue", "red"))
    opaque = natural[..., 3] > 127
    assert (np.abs(blue - red)[opaque].max(1) > 80).mean() > 0.3
    assert np.array_equal(natural[..., 3], blue[..., 3])


@pytest.mark.parametrize("key", PEOPLE)
@pytest.mark.parametrize("pose", POSES)
def test_skin_and_hair_are_left_alone(key: str, pose: str) -> None:
    for variant in range(TONES):
        skin = cutouts.layers(key, pose, variant)[5] > 127
        natural = cutouts.load(key, None, pose, variant)
        dressed = cutouts.load(key, "green", pose, variant)
        assert 0.08 < (skin & (natural[..., 3] > 127)).sum() / (natural[..., 3] > 127).sum() < 0.7
        strict = cutouts.layers(key, pose, variant)[5] == 255
        assert np.array_equal(natural[strict], dressed[strict])
        assert not np.array_equal(natural, dressed)


def test_tones_differ_only_in_skin_and_hair() -> None:
    light, dark = (cutouts.load("man", "red", "stand", variant).astype(int) for variant in (0, TONES - 1))
    skin = cutouts.layers("man", "stand", 0)[5] > 0
    changed = (np.abs(light - dark).max(-1) > 30) & (light[..., 3] > 127)
    assert changed.sum() > 300
    assert (changed & ~skin).sum() < 0.06 * changed.sum()


def test_poses_differ_and_others_stand() -> None:
    shapes = {pose: cutouts.load("man", None, pose).tobytes() for pose in POSES}
    assert len(set(shapes.values())) == len(POSES)
    assert cutouts.load("man", None, "roll").tobytes() == shapes["stand"]
    assert np.array_equal(cutouts.load("cat", None, "walk"), cutouts.load("cat"))


def test_children_have_larger_heads() -> None:
    man, boy = cutouts.load("man", None, "stand"), cutouts.load("boy", None, "stand")
    assert boy.shape[1] / boy.shape[0] > 1.2 * man.shape[1] / man.shape[0]


def test_loading_twice_gives_the_same_read_only_picture() -> None:
    first = cutouts.load("vase", "pink")
    assert cutouts.load("vase", "pink") is first
    with pytest.raises(ValueError, match="read-only"):
        first[0, 0, 0] = 1


def test_core_is_two_dozen_nouns_that_look_left_or_front() -> None:
    assert 24 <= len(CORE) <= 28
    assert len(set(CORE)) == len(CORE)
    assert set(VBENCH_COLOR_OBJECTS) <= set(CORE)
    assert {NOUNS[key].faces for key in NOUNS} <= {"left", "front"}
    assert all(NOUNS[key].recolors for key in CORE)
