"""What is rendered beside the model: frames or latents, captions, and what is true of each token."""

from collections.abc import Callable
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch

from yozora.model.codec import KeyframeCodec
from yozora.model.text import TextEncoder
from yozora.train.recipes import smoke
from yozora.train.takes import (
    NOUN_NAMES,
    STILLS_AT_ONCE,
    TOKEN,
    Chunk,
    Takes,
    TakesRecipe,
    encoded,
    inverted,
    looks,
    read,
    stream,
    truth,
)
from yozora.world.render import render, ways
from yozora.world.scene import COLORS, Actor, Scene

WALKER = Actor(noun="dog", color="red", action="walk", direction="right", x=0.3, y=0.85, height=0.5, speed=0.25)
SCENE = Scene(seed=3, place="park", actors=(WALKER,))
WIDTH, HEIGHT, FRAMES = 128, 96, 9


@pytest.fixture(scope="module")
def text() -> TextEncoder:
    torch.manual_seed(0)
    return TextEncoder(smoke().text.config).eval().requires_grad_(False)


def a_recipe(**changes: object) -> TakesRecipe:
    return replace(smoke().takes, stills=0.3, **changes)  # type: ignore[arg-type]


# --- truth


def test_truth_says_who_is_seen_in_each_token_and_how_much_of_it_he_covers() -> None:
    masks = render(SCENE, width=WIDTH, height=HEIGHT, frames=FRAMES).masks_ATHW
    marks, place = truth(SCENE, masks)
    G = WIDTH * HEIGHT // TOKEN**2
    assert marks.shape == (3, 3, G)
    assert place.shape == (3, 6, G)
    noun, color, cover = marks.transpose(1, 0, 2)
    dog = NOUN_NAMES.index("dog") + 1
    assert set(noun.ravel().tolist()) == {0, dog}
    assert (color[noun == dog] == COLORS.index("red") + 2).all()
    assert (color[noun == 0] == 0).all()
    for n in range(3):
        tokens = masks[0, 4 * n].reshape(HEIGHT // TOKEN, TOKEN, WIDTH // TOKEN, TOKEN).mean((1, 3)).ravel()
        assert np.abs(cover[n] / 255 - tokens).max() < 1 / 128
        assert (noun[n] == dog).tolist() == (tokens > 0.08).tolist()
    assert (noun[0] != noun[2]).any(), "he walks"
    assert (place.transpose(0, 2, 1)[noun == 0] == 0).all()


def test_truth_says_where_in_his_cut_out_a_token_lies_and_how_that_changes_across_it() -> None:
    """The matrix of the cut-out leads back to the token's middle, and a token to the right and below."""
    masks = render(SCENE, width=WIDTH, height=HEIGHT, frames=FRAMES).masks_ATHW
    marks, place = truth(SCENE, masks)
    way = ways(SCENE, width=WIDTH, height=HEIGHT, frames=FRAMES)[0, ::4]
    for n, g in zip(*np.nonzero(marks[:, 0]), strict=True):
        middle = np.array([(g % (WIDTH // TOKEN) + 0.5) * TOKEN, (g // (WIDTH // TOKEN) + 0.5) * TOKEN])
        u, v, right_u, down_u, right_v, down_v = place[n, :, g].astype(np.float64)

        def seen(u: float, v: float, n: int = n) -> np.ndarray:
            return way[n] @ np.array([u, v, 1.0])

        assert np.abs(seen(u, v) - middle).max() < 0.3
        assert np.abs(seen(u + right_u, v + right_v) - middle - (TOKEN, 0)).max() < 0.6
        assert np.abs(seen(u + down_u, v + down_v) - middle - (0, TOKEN)).max() < 0.6


def test_who_covers_a_token_most_is_told() -> None:
    actors = (WALKER, replace(WALKER, noun="car", color=None, action="drive", x=0.7, height=0.3))
    scene = replace(SCENE, actors=actors)
    masks = render(scene, width=WIDTH, height=HEIGHT, frames=1).masks_ATHW
    marks, _ = truth(scene, masks)
    assert set(marks[0, 0].tolist()) == {0, NOUN_NAMES.index("dog") + 1, NOUN_NAMES.index("car") + 1}
    assert set(marks[0, 1][marks[0, 0] == NOUN_NAMES.index("car") + 1].tolist()) == {1}  # as drawn
    assert looks("car", None) == (NOUN_NAMES.index("car") + 1, 1)


def test_an_empty_stage_has_a_truth_too() -> None:
    marks, place = truth(Scene(seed=0, place="park"), np.zeros((0, 5, 64, 64), np.bool_))
    assert marks.shape == (2, 3, 16)
    assert place.shape == (2, 6, 16)
    assert not marks.any()
    assert not place.any()


def test_maps_are_inverted_and_flat_ones_stay_finite() -> None:
    there = np.array([[2.0, 1.0, 3.0], [0.5, -1.0, 4.0]])
    back = inverted(there)
    at = np.array([0.3, -0.7, 1.0])
    np.testing.assert_allclose(back @ np.append(there @ at, 1.0), at[:2])
    assert np.isfinite(inverted(np.array([[0.0, 0.0, 3.0], [0.5, -1.0, 4.0]]))).all()


# --- the stream


def same(a: Chunk, b: Chunk) -> bool:
    alike = (a.film, a.size, a.who) == (b.film, b.size, b.who)
    return alike and all(
        torch.equal(getattr(a, name), getattr(b, name)) for name in ("video", "marks_RN3G", "place_RN6G", "text_RKLD")
    )


def test_captions_of_any_length_are_read_in_their_own_order(text: TextEncoder) -> None:
    captions = [" ".join(["a red dog", *["runs"] * (number * 7 % 12)]) for number in range(40)]
    with torch.no_grad():
        found = read(text, captions)
        assert found.shape == (40, text.config.length, text.config.dim)
        for number in (0, 5, 17, 39):
            assert torch.allclose(found[number], text([captions[number]])[0], atol=1e-5)


def test_without_processes_takes_come_in_order_the_same_every_time(text: TextEncoder) -> None:
    def some(first: int = 0) -> list[Chunk]:
        return list(islice(stream(Takes(a_recipe(), text, first=first)), 5))

    one, two, other = some(), some(), some(1000)
    assert all(same(a, b) for a, b in zip(one, two, strict=True))
    assert {chunk.film for chunk in one} == {False, True}
    assert not any(same(a, b) for a, b in zip(one, other, strict=True)), "a later run sees other scenes"
    for chunk in one:
        R, T = (1, 9) if chunk.film else (STILLS_AT_ONCE, 1)
        N = 3 if chunk.film else 1
        assert chunk.video.shape == (R, T, 64, 64, 3)
        assert chunk.video.dtype == torch.uint8
        assert chunk.marks_RN3G.shape == (R, N, 3, 16)
        assert chunk.place_RN6G.shape == (R, N, 6, 16)
        assert chunk.text_RKLD.shape[:2] == (R, 3)
        assert len(chunk.who) == R
    lone = [chunk for chunk in one if any(noun for noun, _ in chunk.who)]
    assert {chunk.film for chunk in lone} == {False, True}
    assert all(not torch.equal(chunk.text_RKLD[:, 2], chunk.text_RKLD[:, 0]) for chunk in lone)


def test_a_process_with_a_codec_hands_over_latents(text: TextEncoder) -> None:
    torch.manual_seed(0)
    codec = KeyframeCodec(smoke().codec.config).eval()
    frames, latents = (next(stream(Takes(a_recipe(), text, codec=given))) for given in (None, codec))
    assert latents.video.dtype == torch.float16
    assert torch.equal(latents.video, encoded(codec, frames.video))
    R, T = frames.video.shape[:2]
    assert latents.video.shape == (R, codec.config.z, (T - 1) // 4 + 1, 8, 8)
    assert torch.equal(latents.marks_RN3G, frames.marks_RN3G)


def test_all_sizes_make_as_many_tokens() -> None:
    recipe = TakesRecipe(distributions=smoke().takes.distributions)
    assert recipe.tokens == 144
    assert recipe.latents == 9
    assert [recipe.grid(size, 9) for size in range(3)] == [(9, 9, 16), (9, 16, 9), (9, 12, 12)]
    make: Callable[..., TakesRecipe] = TakesRecipe
    for sizes in (((64, 64), (128, 64)), ((72, 64),)):
        with pytest.raises(ValueError, match="the same number of tokens"):
            make(distributions=recipe.distributions, sizes=sizes, size_weights=(1.0,) * len(sizes))
