"""The smoke recipe runs every stage for real, lowers its losses, resumes, and leaves weights that make a film."""

import itertools
import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from yozora.parts import load_autoencoder, load_cutter, load_transformer
from yozora.recipes import RECIPES, smoke
from yozora.train.__main__ import main
from yozora.train.data import LatentCache, Shape, scene_at, scene_from_json, scene_to_json, to_frames, to_video, truth
from yozora.train.loop import train
from yozora.train.run import (
    fill_cache,
    join_files,
    shards,
    split_files,
    task_of,
    unpack,
)
from yozora.train.trust import MINI
from yozora.weights import facts, save, tensors
from yozora.world.render import render
from yozora.world.scene import Scene


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("smoke")
    assert main(["smoke", "--out", str(out), "--threads", "1"]) == 0
    return out


def test_every_stage_leaves_weights_that_say_where_they_come_from(trained: Path) -> None:
    for name in ("autoencoder", "text", "cutter", "mover", "transformer"):
        assert facts(trained / f"{name}.safetensors")["steps"] > 0
    known = facts(trained / "transformer.safetensors")
    assert known["recipe"] == "smoke"
    assert known["nouns"] == list(smoke().nouns)
    assert (trained / "film" / "sample_000060.png").stat().st_size > 1000


@pytest.mark.parametrize("stage", ["text", "cutter", "mover", "stills"])
def test_training_lowers_the_loss(trained: Path, tmp_path: Path, stage: str) -> None:
    recipe, folder = smoke(), fresh(trained, tmp_path)
    if stage == "text":  # from nothing: where there is one, it learns on
        (folder / "text.safetensors").unlink()
    reports = list(train(task_of(recipe, stage, folder), recipe.plan(stage, None), tmp_path / stage))
    first, last = (sum(r.loss for r in part) / len(part) for part in (reports[:5], reports[-5:]))
    assert last < 0.9 * first


def fresh(trained: Path, folder: Path) -> Path:
    """What the stages before the transformer left."""
    for name in ("autoencoder.safetensors", "text.safetensors"):
        shutil.copy(trained / name, folder)
    shutil.copytree(trained / "cache", folder / "cache")
    return folder


def test_a_run_that_is_cut_and_resumed_ends_bit_equal(trained: Path, tmp_path: Path) -> None:
    recipe = smoke()
    plan = replace(recipe.plan("film", None), steps=6, checkpoint_seconds=0.0)
    weights = []
    for cut in (False, True):
        folder = tmp_path / str(cut)
        folder.mkdir()
        fresh(trained, folder)
        if cut:
            list(itertools.islice(train(task_of(recipe, "film", folder), plan, folder / "film"), 3))
        list(train(task_of(recipe, "film", folder), plan, folder / "film", folder / "film"))
        weights.append(torch.load(folder / "film" / "checkpoint.pt", weights_only=True)["model"])
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_a_run_goes_on_from_exported_weights(trained: Path, tmp_path: Path) -> None:
    fresh(trained, tmp_path)
    shutil.copy(trained / "transformer.safetensors", tmp_path)
    task = task_of(smoke(), "film", tmp_path)
    assert task.model.dit.head.head.weight.abs().sum() > 0  # type: ignore[union-attr]


def test_trust_is_folded_into_what_is_exported_and_taken_out_again(trained: Path, tmp_path: Path) -> None:
    fresh(trained, tmp_path)
    shutil.copy(trained / "transformer.safetensors", tmp_path)
    shipped = load_transformer(trained / "transformer.safetensors").head
    learnt = task_of(smoke(), "film", tmp_path).model.dit.head  # type: ignore[union-attr]
    assert facts(trained / "transformer.safetensors")["trust"] == {name: list(of) for name, of in MINI.items()}
    for name, (power, factor) in MINI.items():
        told, meant = getattr(shipped, name), getattr(learnt, name)
        torch.testing.assert_close(told.weight, power * meant.weight)
        torch.testing.assert_close(told.bias, power * meant.bias + math.log(factor))


def test_the_cache_is_made_once_and_anew_for_another_encoder(trained: Path, tmp_path: Path) -> None:
    recipe = smoke()
    folder = fresh(trained, tmp_path)
    made: list[str] = []
    fill_cache(recipe, folder, made.append)
    assert made == []
    for part, shards_made in (("decoder", 0), ("linear", len(shards(recipe, folder / "cache")))):
        autoencoder = load_autoencoder(folder / "autoencoder.safetensors")
        with torch.no_grad():
            next(getattr(autoencoder, part).parameters()).add_(0.5)
        save(folder / "autoencoder.safetensors", autoencoder, autoencoder.config)
        fill_cache(recipe, folder, made.append)
        assert len(made) == shards_made


def test_the_cache_holds_every_shape_and_truth(trained: Path) -> None:
    cache = LatentCache(trained / "cache")
    assert set(cache.sizes()) == {(1, 1, 2), (3, 1, 2)}
    with pytest.raises(ValueError, match="no takes of grid"):
        cache.sample((2, 2, 2), 1, np.random.default_rng(0))


def test_truth_finds_the_actor() -> None:
    recipe = RECIPES["mini-cpu"]()
    scene = next(s for s in (scene_at(recipe.cast, 0, k) for k in range(50)) if len(s.actors) == 1)
    take = render(scene, width=224, height=128, frames=5)
    noun_N, color_N, cover_N = truth(scene, torch.from_numpy(take.masks_ATHW), recipe.nouns)
    assert noun_N.shape == (2 * 4 * 7,)
    assert set(noun_N.tolist()) == {0, recipe.nouns.index(scene.actors[0].noun) + 1}
    assert cover_N[noun_N > 0].min() > cover_N[noun_N == 0].max()
    assert (color_N[noun_N == 0] == 0).all()


def test_an_empty_stage_has_a_truth_too() -> None:
    noun_N, _, cover_N = truth(Scene(seed=0, place="park"), torch.zeros(0, 1, 64, 64, dtype=torch.bool), ("dog",))
    assert noun_N.tolist() == [0] * 4
    assert cover_N.sum() == 0


def test_scenes_survive_json_and_frames_the_way_to_tensors() -> None:
    scene = scene_at(smoke().cast, 0, 0)
    assert scene_from_json(scene_to_json(scene)) == scene
    frames = render(scene, width=64, height=32, frames=5).frames_THWC
    assert (to_frames(to_video(frames)) == frames).all()


def test_shares_of_shapes() -> None:
    recipe = RECIPES["mini-cpu"]()
    stills = [s for s in shards(recipe, Path()) if s[3].frames == 1]
    wide = [s for s in stills if s[3].width == 224]
    assert 0.7 < len(wide) / len(stills) < 0.9
    assert Shape(width=224, height=128, frames=33).grid == (9, 4, 7)


def test_files_are_split_and_joined(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    data = bytes(range(256)) * 10_000
    (tmp_path / "deep" / "big.bin").write_bytes(data)
    (tmp_path / "small.txt").write_text("small")
    split_files(tmp_path, 1)
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == [
        "big.bin.part00",
        "big.bin.part01",
        "big.bin.part02",
        "small.txt",
    ]
    join_files(tmp_path)
    assert (tmp_path / "deep" / "big.bin").read_bytes() == data


def test_what_cannot_run_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["maxi"]) == 2
    assert main(["smoke", "--minutes", "-1"]) == 2
    assert main(["smoke", "--stage", "sound", "--out", str(tmp_path)]) == 2
    assert main(["smoke", "--resume", str(tmp_path / "nothing")]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4
    assert all(line.startswith("error: ") for line in lines)


def test_the_transformer_is_given_the_cutter_and_the_mover_as_they_were_taught(trained: Path) -> None:
    dit = load_transformer(trained / "transformer.safetensors")
    cutter = load_cutter(trained / "cutter.safetensors").state_dict()
    mover = load_transformer(trained / "mover.safetensors").state_dict()
    assert dit.carrier is not None
    assert dit.mover is not None
    assert all(torch.equal(value, cutter[name]) for name, value in dit.carrier.cutter.state_dict().items())
    assert all(torch.equal(value, mover[name]) for name, value in dit.mover.state_dict().items())


def test_cutter_and_mover_are_found_in_weights_that_were_shipped(trained: Path, tmp_path: Path) -> None:
    shutil.copy(trained / "transformer.safetensors", tmp_path)
    unpack(tmp_path)
    for name in ("cutter.safetensors", "mover.safetensors"):
        theirs, ours = tensors(trained / name), tensors(tmp_path / name)
        assert theirs.keys() == ours.keys()
        assert all(torch.equal(value, theirs[key]) for key, value in ours.items())
    (tmp_path / "cutter.safetensors").write_bytes(b"one's own")
    unpack(tmp_path)
    assert (tmp_path / "cutter.safetensors").read_bytes() == b"one's own"
