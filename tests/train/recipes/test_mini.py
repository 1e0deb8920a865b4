"""Recipes fit together before anything is trained."""

import pytest

from yozora.train.recipes import RECIPES
from yozora.train.run import DIT, SMALL, STAGES, STILLS, Recipe
from yozora.train.takes import STEP, TOKEN


@pytest.fixture(params=list(RECIPES))
def recipe(request: pytest.FixtureRequest) -> Recipe:
    return RECIPES[request.param]()


def test_every_stage_has_a_plan_and_a_share_of_the_time(recipe: Recipe) -> None:
    assert set(recipe.plans) == set(recipe.shares) == set(STAGES)
    assert sum(recipe.shares.values()) == pytest.approx(1.0)
    minutes = recipe.minutes_of(STAGES, STAGES, 10.0)
    assert sum(minutes.values()) == pytest.approx(10.0)


def test_the_transformer_is_made_for_the_codec_the_text_and_the_sizes(recipe: Recipe) -> None:
    codec, dit = recipe.codec.config, recipe.transformer
    assert (dit.in_channels, dit.out_channels) == (codec.z, codec.z)
    assert dit.text_dim == recipe.text.config.dim
    assert dit.predicts == "velocity"
    assert not any((dit.recalls, dit.points, dit.carries))
    assert recipe.preset.step == TOKEN == codec.stride[1] * dit.patch[1]
    assert codec.stride[0] == STEP
    assert set(recipe.takes.sizes) <= set(recipe.preset.sizes)
    assert {noun for distribution, _ in recipe.takes.distributions for noun in distribution.nouns} <= set(recipe.nouns)


def test_stills_and_films_are_learnt_in_small_sizes_and_then_in_all(recipe: Recipe) -> None:
    small = {stage: recipe.takes_of(stage) for stage in SMALL}
    large = {stage: recipe.takes_of(stage) for stage in DIT if stage not in SMALL}
    assert {takes.tokens for takes in small.values()} == {recipe.takes.tokens // 2}
    assert {takes.sizes for takes in large.values()} == {recipe.takes.sizes}
    assert {stage for stage in DIT if recipe.takes_of(stage).stills == 1} == set(STILLS)
    assert {recipe.canvases_of(stage).stills for stage in STILLS} == {1.0}
    assert all(recipe.canvases_of(stage).stills < 1 for stage in DIT if stage not in STILLS)
    for stage in DIT:
        assert recipe.preset_of(stage).sizes == recipe.takes_of(stage).sizes
    assert recipe.preset_of("full") == recipe.preset


def test_batches_of_the_gpu_have_as_many_frames_whatever_they_hold() -> None:
    recipe = RECIPES["mini-gpu"]()
    films = recipe.takes.latents
    assert recipe.stills.frames == recipe.films.frames
    for canvases in (recipe.stills, recipe.films, recipe.full):
        for each in (1, films, films - 1, films + 1):  # stills, films, windows, films that are shown somebody
            assert canvases.frames % each == 0
