"""Guidance is folded into toy weights: one pass comes to give what two gave, and training goes on from before."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from yozora.core.modes import Generate
from yozora.core.order import Order
from yozora.engine.engine import Engine
from yozora.engine.parts import load_transformer
from yozora.errors import UserError
from yozora.families.presets import of_folder
from yozora.model.codec import KeyframeCodec
from yozora.model.dit import SpacetimeTransformer, TransformerConfig
from yozora.model.text import TextEncoder
from yozora.train.distill import DistillTask
from yozora.train.loop import train
from yozora.train.recipes import smoke
from yozora.train.run import TEACHER, Recipe, run, task_of, undistilled
from yozora.train.transformer import student
from yozora.weights.files import facts, save

RECIPE = smoke()


def teacher(config: TransformerConfig) -> SpacetimeTransformer:
    """One whose velocity depends on the prompt: fresh weights give zeros."""
    dit = SpacetimeTransformer(config)
    with torch.no_grad():
        for name, parameter in dit.named_parameters():
            if name.endswith(("attn.o.weight", "ffn.2.weight", "head.head.weight")):
                parameter.normal_(std=1.0 if "cross_attn" in name else 0.1)
    return dit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the stages before left, but for what they learnt."""
    torch.manual_seed(0)
    text, codec = TextEncoder(RECIPE.text.config), KeyframeCodec(RECIPE.codec.config)
    save(tmp_path / "text.safetensors", text, text.config)
    save(tmp_path / "autoencoder.safetensors", codec, codec.config, stages=["keys", "motion", "between"])
    save(tmp_path / "transformer.safetensors", teacher(RECIPE.transformer), RECIPE.transformer, scenes=4)
    return tmp_path


def distilling(recipe: Recipe, folder: Path) -> DistillTask:
    task = task_of(recipe, "distill", folder)
    assert isinstance(task, DistillTask)
    return task


def error(task: DistillTask, batches: int = 12) -> tuple[float, float]:
    """Mean loss of the student, and that of the teacher without guidance, on the same batches every time."""
    found = torch.zeros(2)
    with torch.no_grad():
        for step in range(1000, 1000 + batches):
            loss, told = task.loss(task.batch(step), torch.Generator().manual_seed(step))
            (unguided,) = (value for name, value in told.items() if name.endswith("unguided"))
            found += torch.tensor([loss.item(), unguided])
    return found[0].item() / batches, found[1].item() / batches


def rows_of(folder: Path) -> list[int]:
    """Rows that the transformer computes for a film, step by step."""
    rows: list[int] = []
    engine = Engine(replace(of_folder(folder), **RECIPE.preset.preset_facts()), "cpu", torch.float32)
    engine.transformer.register_forward_pre_hook(lambda module, given: rows.append(given[3].rows))
    request = engine.preset.ask("a red car", {"seed": 0})
    engine.films(Order.of(request, Generate(seconds=request.seconds)))
    return rows


def test_one_pass_comes_close_to_the_guided_teacher(folder: Path) -> None:
    task = distilling(RECIPE, folder)
    before, unguided = error(task)
    assert before == pytest.approx(unguided)
    plan = replace(RECIPE.plan("distill", None), steps=50, lr=2e-3, muon_lr=2e-3)
    assert len(list(train(task, plan, folder / "distill"))) == 50
    after, _ = error(task)
    assert after < 0.7 * unguided


def test_scales_are_drawn_a_row_and_empty_prompts_have_none(folder: Path) -> None:
    recipe = replace(RECIPE, full=replace(RECIPE.full, frames=64, stills=1.0, drop=0.5))
    task = distilling(recipe, folder)
    sample, _ = task.batch(0)
    empty_R = (sample.text_RLD == task.empty_LD).flatten(1).all(1)
    assert 0 < empty_R.sum() < 64
    scale_R = task.scales(sample, torch.Generator().manual_seed(0))
    assert (scale_R[empty_R] == 1).all()
    drawn_R = scale_R[~empty_R]
    assert drawn_R.min() == 1
    assert 4 < drawn_R.max() <= recipe.max_guidance
    assert drawn_R.unique().numel() > 0.7 * drawn_R.numel()


def test_distilled_weights_make_films_in_one_pass_and_training_goes_on_from_before_them(folder: Path) -> None:
    original = facts(folder / "transformer.safetensors")["sha256"]
    still = film = RECIPE.preset.steps
    assert rows_of(folder) == [2] * still + [1] * film  # the film goes on from the still, without guidance
    run(RECIPE, folder, stages=("distill",))
    distilled = load_transformer(folder / "transformer.safetensors")
    assert distilled.config == replace(RECIPE.transformer, guidance_embeds=6.0)
    assert distilled.guidance_embedding[2].weight.abs().sum() > 0
    assert facts(folder / "transformer.safetensors")["steps"] == 10
    assert facts(folder / TEACHER)["sha256"] == original
    assert undistilled(folder) == folder / TEACHER

    assert rows_of(folder) == [1] * (still + film)

    task = task_of(RECIPE, "films", folder)
    assert facts(folder / "transformer.safetensors")["scenes"] == 5
    assert task.recipe.runs == 6  # type: ignore[attr-defined]
    state = student(task.model).dit.state_dict()
    kept = load_transformer(folder / TEACHER).state_dict()
    assert state.keys() == kept.keys()
    assert all(torch.equal(value, state[name]) for name, value in kept.items())

    again = distilling(RECIPE, folder)  # goes on from distilled weights, with the same teacher
    assert torch.equal(again.teacher.head.head.weight, kept["head.head.weight"])
    learnt = student(again.model).dit.guidance_embedding[2].weight
    assert torch.equal(learnt, distilled.guidance_embedding[2].weight)


def test_distilled_weights_without_their_teacher_are_told(folder: Path) -> None:
    config = replace(RECIPE.transformer, guidance_embeds=6.0)
    save(folder / "transformer.safetensors", SpacetimeTransformer(config), config)
    for stage in ("stills", "distill"):
        with pytest.raises(UserError, match=r"transformer\.safetensors has distilled weights.*Copy the teacher"):
            task_of(RECIPE, stage, folder)


def test_there_has_to_be_a_transformer_to_distill(folder: Path) -> None:
    (folder / "transformer.safetensors").unlink()
    with pytest.raises(UserError, match="no transformer to distill"):
        task_of(RECIPE, "distill", folder)
