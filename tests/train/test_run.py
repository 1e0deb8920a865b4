"""The smoke recipe goes through every stage, makes weights that make films, and goes on wherever it was cut."""

import json
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from yozora import media
from yozora.core.modes import MODES
from yozora.engine.engine import Engine
from yozora.engine.parts import load_autoencoder, load_transformer
from yozora.errors import UserError
from yozora.families import presets
from yozora.families.presets import PRESETS
from yozora.films import making
from yozora.films.film import Film
from yozora.films.orders import LocalOrder, ask, ask_board
from yozora.story.board import Board, Card
from yozora.train import loop
from yozora.train import run as stages
from yozora.train import transformer as transformers
from yozora.train.__main__ import main
from yozora.train.loop import CHECKPOINT, TrainingRun
from yozora.train.recipes import RECIPES, smoke
from yozora.train.run import CODEC, DIT, SCENES_A_RUN, STAGES, Recipe, StageRecord, load_codec, run, run_stage, task_of
from yozora.train.takes import Takes
from yozora.train.transformer import TransformerTask
from yozora.weights.files import facts

WEIGHTS = ("autoencoder", "readers", "text", "transformer", "teacher")
STEPS = 4


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[float]]]:
    """A folder in which the smoke recipe has run from nothing, and the losses of its stages."""
    out, losses, learn = tmp_path_factory.mktemp("smoke"), dict[str, list[float]](), TrainingRun.learn

    def noted(self: TrainingRun[Any], batch: object, done: float) -> tuple[float, dict[str, float]]:
        loss, told = learn(self, batch, done)
        losses.setdefault(self.out.name, []).append(loss)
        return loss, told

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrainingRun, "learn", noted)
        patch.setattr(transformers, "SAMPLE_PROMPTS", transformers.SAMPLE_PROMPTS[:3])
        assert main(["smoke", "--out", str(out), "--threads", "1"]) == 0
    return out, losses


@pytest.fixture(scope="module")
def trained(rehearsal: tuple[Path, dict[str, list[float]]]) -> Path:
    return rehearsal[0]


def brief() -> Recipe:
    """The smoke recipe in a few steps, each from few films and with a checkpoint after it."""
    recipe = smoke()
    plan = replace(recipe.plans["keys"], steps=STEPS, checkpoint_seconds=0.0)
    return replace(recipe, plans=dict.fromkeys(STAGES, plan), codec=replace(recipe.codec, films=2), least=1)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the brief recipe has run without a cut."""
    out = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transformers, "SAMPLE_PROMPTS", ("a red car",))
        run(brief(), out)
    return out


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Every step that is made: its stage, and how many steps that had made before. Samples are few."""
    found, learn = list[tuple[str, int]](), TrainingRun.learn

    def noted(self: TrainingRun[Any], batch: object, done: float) -> tuple[float, dict[str, float]]:
        found.append((self.out.name, self.step))
        return learn(self, batch, done)

    monkeypatch.setattr(TrainingRun, "learn", noted)
    monkeypatch.setattr(transformers, "SAMPLE_PROMPTS", ("a red car",))
    return found


def steps_of(*names: str, first: int = 0) -> list[tuple[str, int]]:
    return [(stage, step) for stage in names for step in range(first, STEPS)]


def copied(source: Path, folder: Path, names: tuple[str, ...] = WEIGHTS) -> Path:
    """The weights alone."""
    folder.mkdir(exist_ok=True)
    for name in names:
        shutil.copy(source / f"{name}.safetensors", folder)
    return folder


def assert_equal(a: Path, b: Path, names: tuple[str, ...] = WEIGHTS) -> None:
    """Weights are bit-equal, and say the same of themselves."""
    for name in names:
        path = f"{name}.safetensors"
        one, two = load_file(a / path), load_file(b / path)
        assert one.keys() == two.keys()
        assert all(torch.equal(value, two[key]) for key, value in one.items()), name
        assert facts(a / path) == facts(b / path)


# --- what a run leaves


def test_every_stage_makes_its_steps_and_what_is_learnt_from_nothing_lowers_its_loss(
    rehearsal: tuple[Path, dict[str, list[float]]],
) -> None:
    _, losses = rehearsal
    assert {stage: len(found) for stage, found in losses.items()} == {
        stage: smoke().plans[stage].steps for stage in STAGES
    }
    assert list(losses) == list(STAGES)
    assert np.isfinite(np.concatenate(list(losses.values()))).all()
    for stage in ("text", "stills"):
        assert np.mean(losses[stage][-5:]) < 0.9 * np.mean(losses[stage][:5])


def test_weights_say_where_they_come_from(trained: Path) -> None:
    assert facts(trained / "autoencoder.safetensors")["stages"] == list(CODEC)
    for name in ("autoencoder", "text", "transformer"):
        assert facts(trained / f"{name}.safetensors")["recipe"] == "smoke"
        assert facts(trained / f"{name}.safetensors")["steps"] > 0
    known = facts(trained / "transformer.safetensors")
    assert known["nouns"] == list(smoke().nouns)
    assert known["scenes"] == len(DIT) - 1  # stills saw the first, films the second, ...
    course = json.loads((trained / "run.json").read_text())
    assert course["done"] == course["stages"] == list(STAGES)
    for name in ("stills/stills_000020.png", "films/films_000020.png", "between/reconstructions.png"):
        assert (trained / name).stat().st_size > 1000
    for stage in STAGES:
        assert (trained / stage / "losses.jsonl").read_text()
        assert (trained / stage / "curve.png").exists()


def test_stages_change_no_part_that_is_fixed(trained: Path) -> None:
    keys, motion, between = (load_file(trained / stage / "autoencoder.safetensors") for stage in CODEC)
    changed = [
        {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
        for before, after in ((keys, motion), (motion, between))
    ]
    assert changed == [{"motion"}, {"between"}]
    codec = load_codec(trained)
    assert codec.config == load_autoencoder(trained / "motion" / "autoencoder.safetensors").config
    assert codec.config.spread != smoke().codec.config.spread


def test_the_folder_is_a_model_that_the_command_makes_films_with(trained: Path, tmp_path: Path) -> None:
    preset = presets.find(trained)
    assert (preset.sizes, preset.step, preset.window) == (((64, 64),), 16, 4)
    command = [sys.executable, "-m", "yozora", "generate", f"a red {smoke().nouns[0]}", "--model", str(trained)]
    done = subprocess.run([*command, "--seed", "7"], cwd=tmp_path, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"film\.mp4: 64x64, 9 frames at 16 fps, seed 7, \d+\.\d s\n", done.stdout)
    assert re.fullmatch(r"making film\.mp4: 64x64, 9 frames .*, seed 7\n", done.stderr)
    assert media.read(tmp_path / "film.mp4").frames.shape == (9, 64, 64, 3)


@pytest.fixture(scope="module")
def engine(trained: Path) -> Engine:
    return Engine(presets.find(trained), "cpu", torch.float32)


CARDS = (
    Card(start=0.0, stop=0.5, prompt="a car"),
    Card(start=0.5, stop=1.0, prompt="a dog", transition="flow"),
    Card(start=1.0, stop=1.5, prompt="a bird"),
)
Chosen = dict[str, Any]
ASKED: dict[str, tuple[Callable[[Film, Chosen], LocalOrder], int]] = {
    "generate": (
        lambda film, chosen: ask("generate", "a car", {"image": film, "last": film}, {"seconds": 0.5, **chosen}),
        9,
    ),
    "extend": (lambda film, chosen: ask("extend", "a car", {"source": film}, {"seconds": 1.0, **chosen}), 25),
    "loop": (lambda film, chosen: ask("loop", "a car", {"source": film}, {"seconds": 0.5, **chosen}), 17),
    "blend": (lambda film, chosen: ask("blend", "a car", {"a": film, "b": film}, {"seconds": 0.25, **chosen}), 14),
    "remix": (lambda film, chosen: ask("remix", "a car", {"source": film}, chosen), 9),
    "edit": (lambda film, chosen: ask("edit", "a car", {"source": film}, {"region": "0,0,0.5,0.5", **chosen}), 9),
    "recut": (lambda film, chosen: ask("recut", "a car", {"source": film}, {"keep": "0-0.1", **chosen}), 9),
    "storyboard": (lambda film, chosen: ask_board(Board(cards=CARDS), chosen), 24),
}
"""An order of each mode made of a film of 9 frames, and how many frames come out."""


def test_all_modes_are_asked_for() -> None:
    assert set(ASKED) == set(MODES)


@pytest.mark.parametrize("mode", ASKED)
def test_every_mode_makes_a_film_with_the_weights(engine: Engine, mode: str) -> None:
    pixels_THWC = np.random.default_rng(0).integers(256, size=(9, 64, 64, 3), dtype=np.uint8)
    given = Film(frames=pixels_THWC, fps=16.0, prompt="a car", seed=1, model="toy")
    order, frames = ASKED[mode]
    film = making.film(order(given, {"model": engine.preset.folder, "seed": 3, "steps": 2, "size": "64x64"}), engine)
    assert film.frames.shape == (frames, 64, 64, 3)
    assert film.frames.std() > 1
    if mode == "remix":
        assert not np.array_equal(film.frames, given.frames)


# --- cut and resumed


def test_a_run_that_is_killed_in_every_stage_ends_bit_equal(
    whole: Path, tmp_path: Path, visited: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on with the stage and the step that it was in; what had been done is not done again."""
    left, learn = list(STAGES), TrainingRun.learn

    def killed(self: TrainingRun[Any], batch: object, done: float) -> tuple[float, dict[str, float]]:
        if self.out.name in left and self.step == 2:
            left.remove(self.out.name)
            raise KeyboardInterrupt
        return learn(self, batch, done)

    monkeypatch.setattr(TrainingRun, "learn", killed)
    for _ in STAGES:
        with pytest.raises(KeyboardInterrupt):
            run(brief(), tmp_path)
    run(brief(), tmp_path)
    assert visited == steps_of(*STAGES)
    assert_equal(tmp_path, whole)
    assert presets.find(tmp_path).available


def test_a_run_that_is_killed_when_a_stage_is_learnt_goes_on_too(
    whole: Path, tmp_path: Path, visited: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While its last samples are drawn, and while its weights are copied to where the next stage looks for them."""
    copied(whole, tmp_path, ("autoencoder", "text"))
    with monkeypatch.context() as patch:
        patch.setattr(TransformerTask, "sample", killed)
        with pytest.raises(KeyboardInterrupt):
            run(brief(), tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(stages, "place", killed)
        with pytest.raises(KeyboardInterrupt):
            run(brief(), tmp_path)
    run(brief(), tmp_path)
    assert visited == steps_of(*DIT)
    assert_equal(tmp_path, whole)


def killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_process_that_is_killed_at_once_leaves_a_run_that_goes_on_bit_equal(
    whole: Path, tmp_path: Path, visited: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    copied(whole, tmp_path, ("autoencoder", "text"))
    learn, paused = TrainingRun.learn, tmp_path / "paused"

    def pausing(self: TrainingRun[Any], batch: object, done: float) -> tuple[float, dict[str, float]]:
        if (self.out.name, self.step) == ("films", 3):
            paused.touch()
            time.sleep(600)
        return learn(self, batch, done)

    with monkeypatch.context() as patch:
        patch.setattr(TrainingRun, "learn", pausing)
        process = multiprocessing.get_context("fork").Process(target=run, args=(brief(), tmp_path))
        process.start()
    wait_for(paused.exists, process)
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    run(brief(), tmp_path)
    assert visited == [*steps_of("films", first=3), *steps_of("full-stills", "full", "distill")]
    assert_equal(tmp_path, whole)


def wait_for(there: Callable[[], bool], process: multiprocessing.process.BaseProcess) -> None:
    until = time.monotonic() + 250
    while not there():
        assert process.is_alive()
        assert time.monotonic() < until
        time.sleep(0.05)


def test_ctrl_c_saves_what_was_learnt_while_another_process_renders(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The terminal sends it to both processes."""
    copied(whole, tmp_path, ("autoencoder", "text"))
    endless, takes = replace(brief().plans["stills"], steps=1_000_000), replace(brief().takes, workers=1)
    recipe = replace(brief(), plans={"stills": endless}, takes=takes)
    monkeypatch.setitem(RECIPES, "smoke", lambda: recipe)

    def command() -> None:
        os.setsid()
        raise SystemExit(main(["smoke", "--out", str(tmp_path), "--stage", "stills"]))

    process = multiprocessing.get_context("fork").Process(target=command)
    process.start()
    wait_for((tmp_path / "stills" / CHECKPOINT).exists, process)
    assert process.pid is not None
    os.killpg(process.pid, signal.SIGINT)
    process.join(timeout=60)
    assert process.exitcode == 130
    assert (tmp_path / "stills" / "transformer.safetensors").exists()
    assert not (tmp_path / "transformer.safetensors").exists(), "the stage is not done"


# --- from weights


def test_exported_weights_alone_are_gone_on_from_with_other_scenes(
    whole: Path, tmp_path: Path, visited: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stills and films are learnt again, from before guidance was folded in, codec and text stay; and once more."""
    weights, out = copied(whole, tmp_path / "weights"), tmp_path / "out"
    began, stream = list[int](), stages.stream

    def noted(takes: Takes) -> object:
        began.append(takes.first)
        return stream(takes)

    monkeypatch.setattr(stages, "stream", noted)
    monkeypatch.setitem(RECIPES, "smoke", brief)
    assert main(["smoke", "--resume", str(weights), "--out", str(out)]) == 0
    assert visited == steps_of(*DIT)
    assert facts(out / "transformer.safetensors")["scenes"] == 2 * len(DIT) - 1
    assert_equal(out, whole, ("autoencoder", "text"))
    learnt = load_file(out / "transformer.safetensors")
    assert any(
        not torch.equal(value, learnt[name]) for name, value in load_file(whole / "transformer.safetensors").items()
    )
    visited.clear()
    assert main(["smoke", "--out", str(out)]) == 0
    assert visited == steps_of(*DIT)
    assert began == [SCENES_A_RUN * number for number in range(len(DIT), 3 * len(DIT))]
    task = task_of(brief(), "films", out)
    assert isinstance(task, TransformerTask)
    dit, known = task.model.dit, load_transformer(out / "teacher.safetensors")  # type: ignore[union-attr]
    assert all(torch.equal(value, known.state_dict()[name]) for name, value in dit.state_dict().items())
    readers = load_file(out / "readers.safetensors")
    assert torch.equal(task.model.noun.weight, readers["noun.weight"].float())  # type: ignore[union-attr]


def test_a_stage_that_is_asked_for_alone_learns_on(whole: Path, tmp_path: Path, visited: list[tuple[str, int]]) -> None:
    """The encoder of stills stays as it is, for what was learnt of its latents."""
    copied(whole, tmp_path)
    run(brief(), tmp_path, stages=("keys",))
    assert visited == steps_of("keys")
    before, after = (load_file(folder / "autoencoder.safetensors") for folder in (whole, tmp_path))
    changed = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"decoder"}
    assert load_codec(tmp_path).config == load_codec(whole).config
    assert facts(tmp_path / "autoencoder.safetensors")["stages"] == list(CODEC)


def test_a_stage_that_renders_in_a_process_leaves_none(
    whole: Path, tmp_path: Path, visited: list[tuple[str, int]]
) -> None:
    copied(whole, tmp_path, ("autoencoder", "text"))
    recipe = replace(brief(), takes=replace(brief().takes, workers=1))
    run_stage(recipe, "stills", tmp_path)
    assert visited == steps_of("stills")
    until = time.monotonic() + 20
    while multiprocessing.active_children() and time.monotonic() < until:
        time.sleep(0.05)
    assert not multiprocessing.active_children()


def test_weights_of_the_old_format_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(PRESETS["mini"].folder, tmp_path / "old")
    assert main(["smoke", "--resume", str(tmp_path / "old"), "--out", str(tmp_path / "out")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert "autoencoder.safetensors has weights in an older format. Train new weights in another folder" in line
    (tmp_path / "out" / "autoencoder.safetensors").unlink()
    assert main(["smoke", "--out", str(tmp_path / "out")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "transformer.safetensors has weights in an older format." in line
    shutil.copy(tmp_path / "old" / "autoencoder.safetensors", tmp_path / "out")
    with pytest.raises(UserError, match="older format"):
        load_codec(tmp_path / "out")


def test_what_cannot_run_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["maxi"]) == 2
    assert main(["smoke", "--minutes", "-1"]) == 2
    assert main(["smoke", "--stage", "sound", "--out", str(tmp_path)]) == 2
    assert main(["smoke", "--resume", str(tmp_path / "nothing")]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4
    assert all(line.startswith("error: ") for line in lines)


# --- time


def minutes_of_a_run(
    monkeypatch: pytest.MonkeyPatch,
    out: Path,
    name: str,
    asked: tuple[str, ...] = STAGES,
    minutes: float | None = None,
    killed_in: str = "",
) -> dict[str, float | None]:
    """What a recipe gives its stages, with stages that take no time."""
    ran = dict[str, float | None]()

    def stage_of(recipe: object, stage: str, out: Path, minutes: float | None, split_mib: int | None) -> None:
        ran[stage] = minutes
        if stage == killed_in:
            raise KeyboardInterrupt

    monkeypatch.setattr(stages, "run_stage", stage_of)
    run(RECIPES[name](), out, stages=asked, minutes=minutes, from_nothing=True)
    return ran


def test_a_recipe_runs_for_its_own_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    recipe = RECIPES["mini-cpu"]()
    ran = minutes_of_a_run(monkeypatch, tmp_path, "mini-cpu")
    assert recipe.minutes is not None
    assert sum(recipe.shares.values()) == pytest.approx(1.0)
    assert ran == pytest.approx({stage: recipe.minutes * recipe.shares[stage] for stage in STAGES})
    plan = recipe.plan("films", ran["films"])
    assert (plan.steps, plan.minutes) == (None, ran["films"])


def test_what_is_kept_takes_no_time_and_one_stage_takes_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, whole: Path
) -> None:
    copied(whole, tmp_path)
    recipe = RECIPES["mini-cpu"]()
    learnt = {stage: recipe.shares[stage] for stage in DIT}
    ran = minutes_of_a_run(monkeypatch, tmp_path, "mini-cpu", minutes=10.0)
    assert ran == pytest.approx({stage: 10 * share / sum(learnt.values()) for stage, share in learnt.items()})
    assert minutes_of_a_run(monkeypatch, tmp_path, "mini-cpu", ("films",), 10.0) == {"films": 10.0}
    assert recipe.minutes is not None
    own = minutes_of_a_run(monkeypatch, tmp_path, "mini-cpu", ("films",))
    assert own == {"films": pytest.approx(learnt["films"] * recipe.minutes)}


def test_a_run_that_goes_on_gives_its_stages_the_time_that_they_had(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = minutes_of_a_run(monkeypatch, tmp_path, "mini-cpu", minutes=10.0)
    with pytest.raises(KeyboardInterrupt):
        minutes_of_a_run(monkeypatch, tmp_path, "mini-cpu", minutes=10.0, killed_in="text")
    rest = minutes_of_a_run(monkeypatch, tmp_path, "mini-cpu", minutes=10.0)
    assert rest == {stage: whole[stage] for stage in ("text", *DIT)}


def test_a_recipe_without_time_keeps_to_its_steps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert minutes_of_a_run(monkeypatch, tmp_path, "smoke") == dict.fromkeys(STAGES)
    assert smoke().plan("films", None).steps == 20


def test_all_recipes_name_every_stage() -> None:
    for name, recipe in RECIPES.items():
        made = recipe()
        assert made.name == name
        assert set(made.plans) == set(made.shares) == set(STAGES)
        assert made.transformer.in_channels == made.codec.config.z
        assert loop.shares_of(STAGES, made.shares) == pytest.approx(made.shares)


def test_a_run_that_an_earlier_version_left_is_followed_by_another(tmp_path: Path) -> None:
    earlier = {"asked": ["keys"], "stages": ["keys"], "done": ["keys"], "minutes": 20.0}
    (tmp_path / "run.json").write_text(json.dumps(earlier))
    assert StageRecord.of(tmp_path, ("keys",)) == StageRecord(asked=("keys",), stages=("keys",))
    (tmp_path / "run.json").write_text(json.dumps(earlier | {"done": []}))
    assert StageRecord.of(tmp_path, ("keys",)).done == ()
