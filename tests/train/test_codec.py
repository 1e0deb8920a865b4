"""The codec's tasks: the renderer's flow is true, each stage learns its own part, and what is exported knows its
statistics."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from yozora.engine.parts import load_autoencoder
from yozora.model.codec import CELL, FLOW, OFFSETS, STEP, KeyframeCodec
from yozora.train.codec import CodecTask, Crops, Stage, as_video, photometric_error
from yozora.train.codec_films import FRAMES, CodecRecipe, Filmed, film_all, flow_truth
from yozora.train.data import scene_at
from yozora.train.leaves import dead_leaves
from yozora.train.recipes import smoke
from yozora.world.distributions import LONE_SCENES, with_moving_camera
from yozora.world.render import render
from yozora.world.scene import Actor, Scene

RECIPE: CodecRecipe = replace(smoke().codec, films=3)
PARTS = {"keys": "decoder", "motion": "motion", "between": "between"}


@pytest.fixture(scope="module")
def filmed() -> Filmed:
    return film_all(RECIPE)


def a_codec() -> KeyframeCodec:
    torch.manual_seed(0)
    return KeyframeCodec(RECIPE.config)


# --- the renderer's flow


def walker(action: str, camera: str) -> Scene:
    actor = Actor(
        noun="dog",
        action=action,
        direction="right",
        x=0.25,
        y=0.85,
        height=0.5,
        speed=0.2,  # type: ignore[arg-type]
    )
    return Scene(seed=1, place="park", camera=camera, actors=(actor,))  # type: ignore[arg-type]


@pytest.mark.parametrize(("action", "camera"), [("walk", "static"), ("run", "pan left"), ("hop", "zoom in")])
def test_the_flow_of_an_actor_leads_to_where_he_is_seen(action: str, camera: str) -> None:
    """The middle of a cell that he is seen in, moved by its flow, is in his mask in the other frame."""
    scene = walker(action, camera)
    masks = render(scene, width=128, height=96, frames=17).masks_ATHW
    owner, flow, cell = flow_truth(scene, masks)
    mask_THW, forward, misled, furthest = masks[0], [], [], 0.0
    for n, y, x in zip(*np.nonzero(cell), strict=True):
        middle = np.array([(x + 0.5) * CELL, (y + 0.5) * CELL])
        if not mask_THW[STEP * n + 2, int(middle[1]), int(middle[0])]:
            continue
        for k, offset in enumerate(OFFSETS):
            told = flow[n, 2 * k : 2 * k + 2, y, x].astype(np.float64)
            furthest = max(furthest, abs(told[0]))
            for sign, found in ((1, forward), (-1, misled)):
                column, row = np.floor(middle + sign * told).astype(int)
                if 0 <= column < 128 and 0 <= row < 96:
                    found.append(mask_THW[STEP * n + 2 + offset, row, column])
    assert len(forward) > 100
    assert np.mean(forward) > 0.95
    assert np.mean(forward) > np.mean(misled)
    assert furthest > 2
    assert not flow.transpose(0, 2, 3, 1)[~cell].any()
    squares = mask_THW.reshape(17, 24, 4, 32, 4).mean((2, 4))
    assert np.array_equal(owner, (squares > 0.5).astype(np.uint8))


def test_without_actors_nothing_flows() -> None:
    owner, flow, cell = flow_truth(Scene(seed=0, place="sea"), np.zeros((0, 9, 64, 64), np.bool_))
    assert (owner.shape, flow.shape, cell.shape) == ((9, 16, 16), (2, FLOW, 8, 8), (2, 8, 8))
    assert not owner.any()
    assert not flow.any()
    assert not cell.any()


def test_frames_warped_by_the_renderers_flow_fit_better_than_as_they_are(filmed: Filmed) -> None:
    """Only where actors are: the stage is told no flow."""
    distribution = with_moving_camera(LONE_SCENES, 0.0)
    scene = next(
        s for s in (scene_at(distribution, 1, k, FRAMES) for k in range(99)) if len(s.actors) == 1 and moves(s)
    )
    take = render(scene, width=128, height=96, frames=FRAMES)
    _, flow, _ = flow_truth(scene, take.masks_ATHW)
    video = as_video(torch.from_numpy(take.frames_THWC))
    fives = video.unfold(1, STEP + 1, STEP).permute(1, 4, 0, 2, 3)
    true = torch.from_numpy(flow).float()
    assert photometric_error(fives, true) < 0.9 * photometric_error(fives, torch.zeros_like(true))
    assert photometric_error(fives, true) < 0.9 * photometric_error(fives, -true)


def moves(scene: Scene) -> bool:
    return scene.actors[0].speed > 0.1 and scene.actors[0].direction in ("left", "right") and not scene.occluder


def test_films_are_the_same_from_other_processes(filmed: Filmed) -> None:
    apart = film_all(replace(RECIPE, workers=1))
    for field in fields(Filmed):
        assert torch.equal(getattr(apart, field.name), getattr(filmed, field.name))
    assert len(filmed) == 3
    assert filmed.cell_FNhw.any()


# --- crops


def test_mirrored_crops_flow_the_other_way_across_and_the_same_way_down(filmed: Filmed) -> None:
    crops = CodecTask("keys", RECIPE, filmed).batch(0)
    crops = replace(crops, flow_P8hw=torch.randn_like(crops.flow_P8hw))
    turned = crops.mirrored()
    for name in ("frames_P5CHW", "keys_P2CHW", "owner_P5yx", "cell_Phw"):
        assert torch.equal(getattr(turned, name), getattr(crops, name).flip(-1))
    assert torch.equal(turned.flow_P8hw[:, 0::2], -crops.flow_P8hw[:, 0::2].flip(-1))
    assert torch.equal(turned.flow_P8hw[:, 1::2], crops.flow_P8hw[:, 1::2].flip(-1))
    again = turned.mirrored()
    assert all(torch.equal(getattr(again, f.name), getattr(crops, f.name)) for f in fields(Crops))


def test_crops_are_cut_out_of_films_with_all_that_is_true_of_them(filmed: Filmed) -> None:
    recipe = replace(RECIPE, crop=32, batch=6, leaves=0.0)
    task = CodecTask("motion", recipe, filmed, a_codec())
    one, two = task.batch(3), task.batch(3)
    assert all(torch.equal(getattr(one, f.name), getattr(two, f.name)) for f in fields(Crops))
    assert not torch.equal(one.frames_P5CHW, task.batch(4).frames_P5CHW)
    assert one.frames_P5CHW.shape == (6, 5, 3, 32, 32)
    assert one.flow_P8hw.shape == (6, FLOW, 4, 4)
    assert torch.equal(one.keys_P2CHW, one.frames_P5CHW[:, [0, 4]])
    assert one.actors(0).shape == (6, 1, 32, 32)
    seen = False
    for step in range(20):
        crops = task.batch(step)
        owned = crops.owner_P5yx[:, 2].unflatten(2, (4, 2)).unflatten(1, (4, 2)).gt(0).float().mean((2, 4))
        assert (owned[crops.cell_Phw] >= 0.25).all()
        seen |= bool(crops.cell_Phw.any())
        assert not crops.flow_P8hw.movedim(1, -1)[~crops.cell_Phw].any()
    assert seen


# --- stages


def state_of(codec: KeyframeCodec) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in codec.state_dict().items()}


@pytest.mark.parametrize(("stage", "known"), [("keys", False), ("keys", True), ("motion", True), ("between", True)])
def test_a_stage_lowers_its_loss_and_changes_its_own_part_alone(filmed: Filmed, stage: Stage, known: bool) -> None:
    task = CodecTask(stage, RECIPE, filmed, a_codec() if known else None)
    codec = task.model
    assert isinstance(codec, KeyframeCodec)
    before, batch = state_of(codec), task.batch(0)
    learnt = [p for p in codec.parameters() if p.requires_grad]
    optimiser, losses = torch.optim.Adam(learnt, lr=1e-3), []
    for _ in range(12):
        loss, told = task.loss(batch, torch.Generator().manual_seed(1))
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        optimiser.zero_grad()
        losses.append(loss.item())
        assert all(np.isfinite(value) for value in told.values())
    assert losses[-1] < 0.98 * losses[0]
    changed = {name.split(".")[0] for name, value in codec.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == ({"encoder", "decoder"} if stage == "keys" and not known else {PARTS[stage]})


def test_the_frames_between_are_learnt_from_keyframes_as_they_are_decoded(filmed: Filmed) -> None:
    recipe, codec = replace(RECIPE, leaves=0.0), a_codec()
    crops = CodecTask("between", recipe, filmed, codec).batch(0)
    assert not torch.equal(crops.keys_P2CHW, crops.frames_P5CHW[:, [0, 4]])
    film = filmed.frames_FTHWC[0]
    task = CodecTask("between", recipe, filmed, codec)
    assert task.coded_FNHWC is not None
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        made = codec.decode(codec.encode(as_video(film)[None]))[0, :, ::STEP]
    shown = task.coded_FNHWC[0].movedim(-1, 0).float() / 127.5 - 1
    assert (made.float() - shown).abs().mean() < 0.02


def test_what_is_exported_knows_the_mean_and_spread_of_its_latents(filmed: Filmed, tmp_path: Path) -> None:
    path, films = tmp_path / "autoencoder.safetensors", torch.stack([as_video(film) for film in filmed.frames_FTHWC])
    first = CodecTask("keys", RECIPE, filmed)
    first.export(first.model, path, {"stages": ["keys"]})
    still = load_autoencoder(path)
    assert isinstance(still, KeyframeCodec)
    with torch.no_grad():
        latents = still.encode(films)[:, : RECIPE.config.still]
    assert latents.mean((0, 2, 3, 4)).abs().max() < 0.1
    assert (latents.std((0, 2, 3, 4)) - 1).abs().max() < 0.1
    assert still.config.mean[-FLOW:] == (0.0,) * FLOW
    assert still.config.spread[-FLOW:] == (1.0,) * FLOW
    second = CodecTask("motion", RECIPE, filmed, still)
    second.export(second.model, path, {"stages": ["keys", "motion"]})
    moving = load_autoencoder(path)
    assert isinstance(moving, KeyframeCodec)
    assert moving.config.mean == still.config.mean
    assert moving.config.spread[:-FLOW] == still.config.spread[:-FLOW]
    spread = moving.config.spread[-FLOW:]
    assert min(spread) == pytest.approx(max(spread) / 4) or min(spread) > max(spread) / 4
    with torch.no_grad():
        flow = moving.encode(films)[:, RECIPE.config.still :, 1:]
    largest = flow.square().mean((0, 2, 3, 4)).sqrt().max()
    assert float(largest) == pytest.approx(1.0, abs=0.1)
    third = CodecTask("between", RECIPE, filmed, moving)
    third.export(third.model, path, {"stages": ["keys", "motion", "between"]})
    assert load_autoencoder(path).config == moving.config


def test_stills_begin_at_the_principal_components_of_their_blocks(filmed: Filmed) -> None:
    """Before anything is learnt they are better than the mean colour of each block would be."""
    codec = CodecTask("keys", RECIPE, filmed).model
    assert isinstance(codec, KeyframeCodec)
    keys = torch.cat([as_video(film[::STEP]).transpose(0, 1) for film in filmed.frames_FTHWC])
    with torch.no_grad():
        made = codec.decoder(codec.encoder(keys))
    blocks = keys.unflatten(3, (-1, CELL)).unflatten(2, (-1, CELL))
    flat = (blocks - blocks.mean((3, 5), keepdim=True)).square().mean()
    assert (made - keys).square().mean() < flat


def test_samples_are_pictures(filmed: Filmed, tmp_path: Path) -> None:
    task = CodecTask("between", RECIPE, filmed, a_codec())
    task.sample(task.model, tmp_path, 1)
    assert (tmp_path / "reconstructions.png").stat().st_size > 1000


# --- dead leaves


def test_dead_leaves_are_pictures_of_their_own_every_time_and_the_same_for_a_seed() -> None:
    found = dead_leaves(np.random.default_rng(5), 3, 48)
    assert found.shape == (3, 48, 48, 3)
    assert found.dtype == np.float32
    assert np.abs(found).max() <= 1
    assert (found.std((1, 2)) > 0.03).all()
    assert len(np.unique(found[0].reshape(-1, 3).round(3), axis=0)) > 200
    assert np.abs(found[0] - found[1]).mean() > 0.1
    assert np.array_equal(found, dead_leaves(np.random.default_rng(5), 3, 48))
    assert not np.array_equal(found, dead_leaves(np.random.default_rng(6), 3, 48))
