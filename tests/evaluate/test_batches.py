from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from yozora.evaluate.batches import CHANGED, changed, cut, cut_coded, targets, together
from yozora.evaluate.close import CLOSE, squares
from yozora.evaluate.coded import coded, damage
from yozora.evaluate.data import TakeBatch, crowded, lone, shoot, slots_of, wear
from yozora.evaluate.eye import CELL, Glance, spots
from yozora.evaluate.melting import KINDS, melt
from yozora.world.distributions import SceneDistribution
from yozora.world.nouns import CORE

SLOTS = slots_of(CORE)
SCENES = SceneDistribution(nouns=CORE, empty=0.3)


@pytest.fixture(scope="module")
def rendered() -> TakeBatch:
    """Four crowded takes of two frames."""
    rng = np.random.default_rng(5)
    return shoot([crowded(rng, SCENES) for _ in range(4)], SLOTS, (224, 128), 2, [0.5] * 4)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_what_is_told_of_a_reel_is_what_it_shows(rendered: TakeBatch) -> None:
    rng = np.random.default_rng(5)
    scenes = [crowded(rng, SCENES) for _ in range(4)]
    for b, scene in enumerate(scenes):
        assert [SLOTS["noun"][k] for k in rendered.noun_BA[b, : len(scene.actors)]] == [a.noun for a in scene.actors]
    assert not rendered.seen_BTA[:, :, 5].all()
    assert (rendered.seen_BTA & rendered.hidden_BTA).sum() == 0
    assert rendered.box_BTA4[rendered.seen_BTA].min() >= 0
    assert rendered.box_BTA4[rendered.seen_BTA].max() <= 1


def test_scenes_have_somebody_in_them() -> None:
    rng = np.random.default_rng(0)
    assert all(lone(rng, SCENES).actors for _ in range(12))


def test_the_eye_that_sees_its_targets_finds_the_actors(rendered: TakeBatch) -> None:
    aim = targets(rendered, torch.arange(2))
    height, width = aim.centre_MHW.shape[1:]
    box = torch.zeros(8, 4, height * width)
    box[aim.frame_N, :, aim.cell_N] = torch.cat([torch.logit(aim.box_N4[:, :2], 1e-3), aim.box_N4[:, 2:]], 1)
    centre = torch.full((8, height * width), -9.0)
    centre[aim.frame_N, aim.cell_N] = 9.0
    glance = Glance(
        centre_MHW=centre.view(8, height, width), box_M4HW=box.view(8, 4, height, width), whole_MD=torch.zeros(8, 1)
    )
    found = spots(glance)
    true = rendered.box_BTA4.flatten(0, 1)[rendered.seen_BTA.flatten(0, 1)]
    away = (found.box_N4[:, None] - true[None]).abs().amax(-1)
    assert (away.amin(1) < 0.01).all()
    assert len(found.box_N4) >= 0.8 * len(true)  # those that stand close together may be taken for one
    assert aim.centre_MHW.flatten(1)[aim.frame_N, aim.cell_N].min() == 1
    assert CELL * width == 224


def test_a_closer_look_shows_what_is_there_and_grey_beyond_the_picture() -> None:
    frame = torch.zeros(1, 3, 64, 112)
    frame[:, 0, 16:32, 80:96] = 1.0
    box = torch.tensor([[88 / 112, 24 / 64, 16 / 112, 16 / 64], [0.0, 0.5, 0.2, 0.2]])
    inside, outside = squares(frame, torch.zeros(2, dtype=torch.int64), box)
    assert inside.shape == (3, CLOSE, CLOSE)
    assert inside[0, 12:52, 12:52].min() > 0.99
    assert inside[0].mean() < 0.8
    assert outside[:, :, :28].min() == outside[:, :, :28].max() == 0.5


def test_squares_are_whole_broken_and_empty(rendered: TakeBatch) -> None:
    cut_out = cut(rendered, 12, torch.tensor([True, False, False, False]), seeded())
    whole = len(cut_out.noun_N)
    assert whole == 12
    assert cut_out.melted_N[:whole].sum() == 0
    assert cut_out.melted_N[whole:].mean() == 1
    assert 0 < len(cut_out.pixels_NCHW) - whole <= 8
    assert (cut_out.color_N == -1).any()
    both = together(cut_out, cut_out)
    assert both.melted_N[: 2 * whole].sum() == 0
    assert len(both.pixels_NCHW) == 2 * len(cut_out.pixels_NCHW)


def test_melting_changes_what_is_seen_and_wear_does_not(rendered: TakeBatch) -> None:
    frame, actor = rendered.seen_BTA.flatten(0, 1).nonzero(as_tuple=True)
    box = rendered.box_BTA4.flatten(0, 1)[frame, actor]
    whole, beside, empty = (
        squares(rendered.video_BTCHW.flatten(0, 1), frame, box + shift)
        for shift in (torch.zeros(4), torch.tensor([0.1, 0.0, 0.0, 0.0]), torch.tensor([0.4, 0.0, 0.0, 0.0]))
    )
    broken = torch.cat([melt(whole, beside, empty, seeded(k)) for k in range(KINDS)])
    assert 0 <= float(broken.min()) <= float(broken.max()) <= 1
    by_melting = changed(whole.repeat(KINDS, 1, 1, 1), broken)
    worn = squares(wear(rendered.video_BTCHW, seeded()).flatten(0, 1), frame, box)
    assert (by_melting > CHANGED).float().mean() > 0.8
    assert changed(whole, worn).median() < by_melting.median() / 2


class Halves:
    """An autoencoder whose latents are the picture at an eighth of its size."""

    def encode(self, video_BCTHW: Tensor) -> Tensor:
        return torch.nn.functional.avg_pool3d(video_BCTHW, (1, 8, 8))

    def decode(self, latents_BCTHW: Tensor) -> Tensor:
        return latents_BCTHW.repeat_interleave(8, 3).repeat_interleave(8, 4)


def test_spoiled_latents_change_actors_and_nothing_else(rendered: TakeBatch) -> None:
    pair = coded(rendered, [Halves()], (0, 1), seeded())
    assert pair.whole.video_BTCHW.shape == pair.broken_BTCHW.shape == rendered.video_BTCHW.shape
    differs = (pair.whole.video_BTCHW - pair.broken_BTCHW).abs().amax((1, 2)) > 1e-3
    assert differs.flatten(1).any(1).all()
    assert differs.float().mean() < 0.9
    latents = torch.rand(1, 2, 1, 4, 4)
    nowhere = damage(latents, latents.flip(-1), torch.zeros(4, 4), seeded())
    assert torch.equal(nowhere, latents)
    cut_out = cut_coded(pair, torch.arange(4), seeded())
    assert len(cut_out.noun_N) >= 4
    assert cut_out.melted_N.sum() > 0


def test_wear_keeps_the_picture_recognisable() -> None:
    blocks = torch.rand(2, 6, 3, 4, 7, generator=seeded())
    video = blocks.repeat_interleave(16, 3).repeat_interleave(16, 4)
    before = video.clone()
    worn = wear(video, seeded(1))
    assert torch.equal(video, before)
    assert worn.shape == video.shape
    assert 0 <= float(worn.min()) <= float(worn.max()) <= 1
    assert 0.7 < float(torch.corrcoef(torch.stack([video.flatten(), worn.flatten()]))[0, 1]) < 0.9999


def test_actors_out_of_sight_are_not_looked_for(rendered: TakeBatch) -> None:
    nobody = replace(rendered, seen_BTA=torch.zeros_like(rendered.seen_BTA), hidden_BTA=rendered.seen_BTA)
    aim = targets(nobody, torch.tensor([0]))
    assert len(aim.frame_N) == 0
    assert aim.centre_MHW.max() == 0
    assert aim.weight_MHW.min() == 0
