"""Random canvases: which tokens are known, and the times that follow."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from yozora.canvas import blank, paste, patchify, say, unpatchify
from yozora.model.autoencoder import MINI, VideoAutoencoder
from yozora.model.evidence import Memory
from yozora.modes import HERO_AT, HEROES
from yozora.train.data import LatentCache, Sample, Shape, write_shard
from yozora.train.tasks import (
    PAINTERS,
    WINDOW_PAINTERS,
    draw_return,
    draw_strengths,
    draw_times,
    known_around,
    known_between,
    known_end,
    known_ends,
    known_first,
)
from yozora.train.transformer import misjudged, told
from yozora.windows import cut
from yozora.world.draw import CORE_CAST

GRID = (5, 2, 3)


def strengths_a_frame(painter_name: str, seed: int) -> list[float]:
    painter, _ = PAINTERS[painter_name]
    clip = torch.randn(48, 5, 4, 6)
    canvas = painter(blank(GRID, 192), clip, np.random.default_rng(seed))
    by_frame = canvas.strength_N.reshape(5, -1)
    assert (by_frame == by_frame[:, :1]).all()
    return by_frame[:, 0].tolist()


def test_painters_leave_something_to_invent_and_something_known() -> None:
    for seed in range(20):
        assert strengths_a_frame("text to video", seed) == [1] * 5
        assert strengths_a_frame("first frame", seed) == [0, 1, 1, 1, 1]
        start = strengths_a_frame("start", seed)
        assert start == sorted(start)
        assert 0 < sum(start) < 5
        end = strengths_a_frame("end", seed)
        assert end == sorted(end, reverse=True)
        assert 0 < sum(end) < 5
        ends = strengths_a_frame("ends", seed)
        assert ends[0] == 0 == ends[-1]
        assert sum(ends) > 0


def test_an_edit_frees_a_box() -> None:
    clip = torch.randn(48, 5, 4, 6)
    for seed in range(20):
        canvas = known_around(blank(GRID, 192), clip, np.random.default_rng(seed))
        free_THW = canvas.strength_N.reshape(GRID) == 1
        sides = [free_THW.amax(dim=[d for d in range(3) if d != axis]) for axis in range(3)]
        assert int(free_THW.sum()) == np.prod([int(side.sum()) for side in sides]) > 0
        assert torch.equal(canvas.known_NC[canvas.strength_N == 0], patchify(clip)[canvas.strength_N == 0])


def test_windows_always_know_something() -> None:
    strengths = draw_strengths(torch.randn(100, 30, 192), GRID, np.random.default_rng(0), WINDOW_PAINTERS)
    assert (strengths.amin(1) == 0).float().mean() > 0.9  # a box may be all of it
    assert (strengths.amax(1) == 1).all()


def test_known_tokens_hold_the_clip() -> None:
    clip = torch.randn(48, 5, 4, 6)
    canvas = known_between(blank(GRID, 192), clip, 1, 4)
    whole = known_first(blank(GRID, 192), clip, np.random.default_rng(0))
    assert torch.equal(canvas.known_NC[:6], whole.known_NC[:6])
    assert (canvas.known_NC[6:24] == 0).all()
    assert known_end(blank(GRID, 192), clip, np.random.default_rng(0)).strength_N[0] == 1
    assert known_ends(blank(GRID, 192), clip, np.random.default_rng(0)).strength_N[0] == 0


def test_strengths_mix_the_tasks_and_stills_are_all_invented() -> None:
    rng = np.random.default_rng(0)
    strengths = draw_strengths(torch.randn(200, 30, 192), GRID, rng)
    all_invented = (strengths == 1).all(1).float().mean()
    assert 0.35 < all_invented < 0.55
    assert (draw_strengths(torch.randn(4, 6, 192), (1, 2, 3), rng) == 1).all()


def test_times_are_shifted_shared_or_independent_and_zero_where_known() -> None:
    rng = np.random.default_rng(0)
    ones = torch.ones(400, 30)
    t_BFN = draw_times(ones, GRID, rng, shift=3.0, independent=0.3).reshape(400, 5, 6)
    assert ((t_BFN > 0) & (t_BFN < 1)).all()
    assert (t_BFN == t_BFN[..., :1]).all()
    shared = (t_BFN[:, :, 0] == t_BFN[:, :1, 0]).all(1).float().mean()
    assert 0.6 < shared < 0.8
    assert t_BFN.median() > 0.7  # 3 / (1 + 2 * 0.5) of a half
    assert (draw_times(ones * 0, GRID, rng, shift=3.0, independent=0.3) == 0).all()


def test_heroes_are_other_stills_of_the_same_actor(tmp_path: Path) -> None:
    torch.manual_seed(0)
    autoencoder = VideoAutoencoder(replace(MINI, dim=8, dec_dim=8, z=8, mean=(0.0,) * 8, std=(1.0,) * 8))
    cast = replace(CORE_CAST, nouns=("car", "dog"), natural=1.0, empty=0.0, counts=0.0, pairs=0.0)
    still, clip = Shape(width=64, height=32, frames=1, batch=16), Shape(width=64, height=32, frames=17, batch=4)
    write_shard(tmp_path / "stills.safetensors", autoencoder, cast, cast.nouns, 1, 0, 32, still)
    write_shard(tmp_path / "clips.safetensors", autoencoder, cast, cast.nouns, 2, 0, 8, clip)
    cache = LatentCache(tmp_path)
    sample = cache.sample(clip.grid, 6, np.random.default_rng(0), prompt_drop=0.0, starring=True)
    ((at, hero_BMC),) = sample.beside
    assert at == HERO_AT
    assert hero_BMC.shape == (6, 2, 32)
    assert all(HEROES[0] in prompt for prompt in sample.prompts)
    assert not any("car" in prompt or "dog" in prompt for prompt in sample.prompts)
    stills = [tokens for found in cache.alone.values() for tokens in found]
    assert all(any(torch.equal(hero, tokens.float()) for tokens in stills) for hero in hero_BMC)
    x, time, pos = told(sample.pick(range(1, 5), opening=True), torch.randn(6, 8, 32), torch.rand(6, 8))
    assert x.shape == (6, 12, 32)
    assert torch.equal(x[:, 8:10], sample.tokens_BNC[:, :2])  # how the film began, and then the hero
    assert (time.per_token(12)[:, 8:] == 0).all()
    assert pos.shape == (1, 12, 3)
    assert pos[0, :, 0].tolist() == [1, 1, 2, 2, 3, 3, 4, 4, -2, -2, -4, -4]
    assert told(sample, sample.tokens_BNC, torch.ones(6, 10))[1].index_BN.shape == (6, 6)  # one a latent frame
    assert cache.sample(clip.grid, 6, np.random.default_rng(0)).beside == ()


def test_a_window_is_shown_to_the_model_as_in_training() -> None:
    """The tokens and positions of a later window, painted by `cut`, are those that training paints."""
    film = Sample(
        tokens_BNC=torch.randn(1, 14 * 6, 192),
        noun_BN=torch.zeros(1, 84, dtype=torch.long),
        color_BN=torch.zeros(1, 84, dtype=torch.long),
        cover_BN=torch.zeros(1, 84),
        prompts=["a dog"],
        grid=(14, 2, 3),
    )
    canvas = say(paste(blank((14, 2, 3), 192), unpatchify(film.tokens_BNC[0], film.grid)), "a dog")
    window = cut(canvas, 6, 14, opening=True)
    taught = film.pick(range(6, 14), opening=True)
    x, _, pos = told(taught, taught.tokens_BNC, torch.zeros(1, 48))
    assert torch.equal(x[0], window.known_NC)
    assert torch.equal(pos[0], window.pos_N3)


def test_a_return_leads_from_a_later_to_an_earlier_moment() -> None:
    rng = np.random.default_rng(0)
    for _ in range(300):
        way = draw_return(14, 8, rng)
        assert len(way.ours) == len(way.theirs) == len(way.weight_T) <= 8
        assert min(*way.ours, *way.theirs) >= 1
        assert max(*way.ours, *way.theirs) <= 13
        assert way.leaving[0] == way.before[-1] + 1  # goes on from what is known
        assert way.coming[-1] + 1 == way.after[0]  # and arrives at what is known
        assert way.after[0] <= way.leaving[0]
        assert (way.weight_T.diff() > 0).sum() == len(way.leaving) + 1


def test_fading_follows_the_weights() -> None:
    def of(value: float, noun: int, cover: float) -> Sample:
        return Sample(
            tokens_BNC=torch.full((1, 12, 8), value),
            noun_BN=torch.full((1, 12), noun),
            color_BN=torch.full((1, 12), noun),
            cover_BN=torch.full((1, 12), cover),
            prompts=[""],
            grid=(3, 2, 2),
        )

    made = of(0.0, 1, 1.0).faded(of(1.0, 2, 0.5), torch.tensor([0.0, 0.6, 1.0]))
    assert made.tokens_BNC[0, :, 0].tolist() == pytest.approx([0.0] * 4 + [0.6] * 4 + [1.0] * 4)
    assert made.noun_BN[0].tolist() == [1] * 8 + [2] * 4
    assert made.cover_BN[0].tolist() == pytest.approx([1.0] * 4 + [0.4] * 4 + [0.5] * 4)


def test_widths_are_judged_by_how_far_off_memories_are() -> None:
    """Of all widths the standard deviation of the change costs least, and only free tokens with a memory count."""
    torch.manual_seed(0)
    clean, strength = torch.zeros(1, 2000, 4), torch.ones(1, 2000)
    there = torch.ones(1, 2000, 1, dtype=torch.bool)
    content = 0.3 * torch.randn(1, 2000, 4)

    def cost(width: float) -> float:
        widths = torch.full_like(content, width).requires_grad_()
        found = misjudged(Memory(content, widths, there), clean, strength)
        (slope,) = torch.autograd.grad(found, widths)
        return float(slope.sum())

    assert cost(0.2) < -1e-3
    assert abs(cost(0.3)) < 0.1
    assert cost(0.5) > 1e-3
    far = content + 100.0 * (torch.arange(2000) % 2)[:, None]
    half = misjudged(
        Memory(far, torch.full_like(far, 0.3), there & (torch.arange(2000) % 2 == 0)[:, None]), clean, strength
    )
    assert half < 1
    known = misjudged(Memory(far, torch.full_like(far, 0.3), there), clean, (torch.arange(2000) % 2 == 0).float()[None])
    torch.testing.assert_close(half, known)
