"""Run a recipe: keys, motion and between make the codec, text its encoder; then stills and films train the transformer
in small sizes, full-stills and full in those of its preset, and distill folds guidance into it.

Each stage starts from what is in the folder. Encoders are trained first and then fixed, since all later weights hang
on them. Those before distill go on from weights without guidance in them, which distill keeps as `TEACHER`.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, get_args

import torch

from yozora.engine.parts import load_autoencoder, load_text, load_transformer
from yozora.errors import UserError
from yozora.families.presets import Preset
from yozora.model.codec import KeyframeCodec
from yozora.model.dit import TransformerConfig, compile_parts
from yozora.train import parallel
from yozora.train.canvases import Canvases
from yozora.train.codec import CodecTask, Stage
from yozora.train.codec_films import CodecRecipe, film_all
from yozora.train.distill import DistillTask
from yozora.train.loop import CHECKPOINT, Task, TrainingPlan, shares_of, train
from yozora.train.pieces import split_file
from yozora.train.pool import Pool
from yozora.train.takes import Takes, TakesRecipe, stream
from yozora.train.text import TextRecipe, TextTask
from yozora.train.transformer import Student, TransformerRecipe, TransformerTask, student
from yozora.train.watching import watch
from yozora.weights.files import facts, load

CODEC: tuple[Stage, ...] = get_args(Stage)
DIT = ("stills", "films", "full-stills", "full", "distill")
SMALL = ("stills", "films")
"""Stages that learn in a recipe's `small` sizes."""
STILLS = ("stills", "full-stills")
"""Stages that see nothing else."""
STAGES = (*CODEC, "text", *DIT)
KEPT = (*CODEC, "text")
"""Stages whose weights stay where they are there, unless the stage alone is asked for."""
PARTS = {"text": "text"} | dict.fromkeys(DIT, "transformer") | dict.fromkeys(CODEC, "autoencoder")
TEACHER = "teacher.safetensors"
"""The transformer that the one in the folder was distilled from."""
OLDER = "Train new weights in another folder. The older ones still make films."
SCENES_A_RUN = 100_000_000
"""Every run sees other scenes: numbers that one run does not reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A whole training of a preset.

    preset: of the weights that come out. given: part -> weights that a folder without them starts from. takes: what is
    rendered; room: stills and films that are kept in memory. small: sizes, and their weights, of the stages stills and
    films; with half the tokens and actors of the same size in pixels, twice as many takes are learnt in the same time.
    stills: how canvases are drawn in stages of stills alone; films and full: in the others. shares are the parts of the
    time of the stages.
    """

    name: str
    minutes: float | None  # of all stages together; None: as many steps as the plans say
    device: str
    preset: Preset
    codec: CodecRecipe
    text: TextRecipe
    transformer: TransformerConfig
    nouns: tuple[str, ...]
    takes: TakesRecipe
    small: tuple[tuple[tuple[int, int], float], ...]
    room: tuple[int, int]
    uses: float  # batches that a take goes into before others are rendered; 0: as many as can be rendered
    stills: Canvases
    films: Canvases
    full: Canvases
    given: dict[str, Path]
    plans: dict[str, TrainingPlan]  # stage -> how fast; minutes are set from the shares
    shares: dict[str, float]
    still_share: float = 0.1  # of what is rendered while films are learnt
    max_guidance: float = 6.0  # highest guidance scale, from 1, that is folded into the weights
    least: int = 32  # takes of each kind before the first batch
    compile: bool = False

    def plan(self, stage: str, minutes: float | None) -> TrainingPlan:
        """The plan of a stage, for so many minutes, or else as long as it says itself."""
        plan = self.plans[stage]
        return plan if minutes is None else replace(plan, steps=None, minutes=minutes)

    def takes_of(self, stage: str) -> TakesRecipe:
        """What is rendered for a stage of the transformer."""
        takes = replace(self.takes, stills=1.0 if stage in STILLS else self.still_share)
        if stage not in SMALL:
            return takes
        sizes, weights = zip(*self.small, strict=True)
        return replace(takes, sizes=sizes, size_weights=weights)

    def preset_of(self, stage: str) -> Preset:
        """Of the weights of a stage of the transformer: its sizes are those that it has learnt."""
        return replace(self.preset, sizes=tuple(size for size, _ in self.small)) if stage in SMALL else self.preset

    def canvases_of(self, stage: str) -> Canvases:
        """How canvases are drawn in a stage of the transformer."""
        return self.stills if stage in STILLS else self.films if stage in SMALL else self.full

    def minutes_of(self, stages: Sequence[str], running: Sequence[str], minutes: float | None) -> dict[str, float]:
        """What time each of the stages that are `running` has of the minutes given, or else of the recipe's own
        minutes for all `stages` that were asked for. Nothing is said of stages that are not bounded by time.
        """
        if minutes is None and self.minutes is not None:
            minutes = self.minutes * sum(self.shares.get(stage, 0.0) for stage in stages) / sum(self.shares.values())
        return {} if minutes is None else {s: minutes * share for s, share in shares_of(running, self.shares).items()}


def run(
    recipe: Recipe,
    out: Path,
    *,
    stages: tuple[str, ...] = STAGES,
    minutes: float | None = None,
    split_mib: int | None = None,
    from_nothing: bool = False,
) -> None:
    """Run stages in order. What is `KEPT` and already in `out` stays when several stages are run; the others share the
    time. A run that was stopped goes on where it was; one that had ended is followed by another from its weights.
    `from_nothing`: without the weights that the recipe is given.
    """
    unknown = set(stages) - set(STAGES)
    if unknown:
        raise UserError(
            f"These stages are not known: {', '.join(sorted(unknown))}.",
            f"Use some of: {', '.join(STAGES)}.",
            code="unknown_stage",
        )
    if not from_nothing:
        lay(recipe.given, out)
    check(out)
    course = StageRecord.of(out, stages)
    time = recipe.minutes_of(stages, course.stages, minutes)
    for stage in course.stages:
        if stage in course.done:
            continue
        run_stage(recipe, stage, out, time.get(stage), split_mib)
        course = replace(course, done=(*course.done, stage))
        course.write(out)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRecord:
    """Which stages a run has to go through, and through which it has been: a file in its folder."""

    asked: tuple[str, ...]
    stages: tuple[str, ...]
    done: tuple[str, ...] = ()

    @classmethod
    def of(cls, out: Path, asked: tuple[str, ...]) -> "StageRecord":
        """The run that was stopped in a folder, where the same stages are asked for; else one from weights alone."""
        path = out / "run.json"
        if path.exists():
            told = json.loads(path.read_text())
            found = cls(**{field.name: tuple(told.get(field.name, ())) for field in fields(cls)})
            if set(found.done) < set(found.stages) and found.asked == asked:
                return found
        stages = tuple(stage for stage in asked if len(asked) == 1 or stage not in KEPT or not finished(stage, out))
        fresh = cls(asked=asked, stages=stages)
        if parallel.first():
            for stage in stages:
                (out / stage / CHECKPOINT).unlink(missing_ok=True)
        parallel.wait()
        fresh.write(out)
        return fresh

    def write(self, out: Path) -> None:
        if parallel.first():
            beside = out / "run.json.part"
            beside.write_text(json.dumps(asdict(self)))
            beside.replace(out / "run.json")
        parallel.wait()


def lay(given: dict[str, Path], out: Path) -> None:
    """Lay weights into a folder that has none of these parts."""
    for part, path in given.items():
        if parallel.first() and not (out / f"{part}.safetensors").exists() and path.exists():
            place(path, out / f"{part}.safetensors", None)
    parallel.wait()


def check(out: Path) -> None:
    """Raises `UserError` where the folder holds weights that this training cannot go on from."""
    codec, transformer = out / "autoencoder.safetensors", out / "transformer.safetensors"
    if codec.exists():
        load_codec(out)
    if transformer.exists() and load_transformer(transformer).config.predicts != "velocity":
        raise UserError(f"{transformer} has weights in an older format.", OLDER, code="weights_format_outdated")


def finished(stage: str, out: Path) -> bool:
    """Whether the folder holds what a stage leaves."""
    path = out / f"{PARTS[stage]}.safetensors"
    if not path.exists():
        return False
    return stage not in CODEC or stage in facts(path).get("stages", CODEC)


def run_stage(
    recipe: Recipe, stage: str, out: Path, minutes: float | None = None, split_mib: int | None = None
) -> None:
    """Run one stage of a recipe in `out`, going on from the checkpoint that is there."""
    folder = out / stage
    plan = replace(recipe.plan(stage, minutes), split_mib=split_mib)
    told: dict[str, object] = {"recipe": recipe.name}
    path = out / f"{PARTS[stage]}.safetensors"
    if stage in CODEC:
        earlier = facts(path).get("stages", list(CODEC)) if path.exists() else []
        told["stages"] = list(dict.fromkeys((*earlier, stage)))
    task = task_of(recipe, stage, out)
    try:
        watch(train(task, plan, folder, folder, told), stage)
    finally:
        if isinstance(task, TransformerTask):
            task.pool.stop()
    if parallel.first():
        if stage == "distill":
            place(undistilled(out), out / TEACHER, split_mib)
        for weights in sorted(folder.glob("*.safetensors")):
            place(weights, out / weights.name, split_mib)
    parallel.wait()


def place(weights: Path, path: Path, split_mib: int | None) -> None:
    """Copy weights to where the next stages look for them, and beside it as parts of so many MiB."""
    beside = path.with_name(f"{path.name}.copy")
    shutil.copyfile(weights, beside)
    beside.replace(path)
    if split_mib is not None:
        split_file(path, split_mib)


def task_of(recipe: Recipe, stage: str, out: Path) -> Task[Any]:
    """The task of a stage, with what the stages before it left in `out`; always initialised alike."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(STAGES.index(stage))
        if stage == "text":
            known = (out / "text.safetensors").exists()
            return TextTask(recipe.text, load_text(out / "text.safetensors") if known else None)
        if stage in CODEC:
            known = (out / "autoencoder.safetensors").exists()
            return CodecTask(stage, recipe.codec, film_all(recipe.codec), load_codec(out) if known else None)
        return _transformer(recipe, out, stage)


def load_codec(folder: Path) -> KeyframeCodec:
    """The codec in a folder. Raises `UserError` where there is none, or one of an older format."""
    path = folder / "autoencoder.safetensors"
    codec = load_autoencoder(path)
    if not isinstance(codec, KeyframeCodec):
        raise UserError(f"{path} has weights in an older format.", OLDER, code="weights_format_outdated")
    return codec


def undistilled(out: Path) -> Path:
    """The transformer in a folder, or where guidance is folded into it, the one that it was distilled from; there may
    be none yet. Raises `UserError` where that one is missing.
    """
    newest = out / "transformer.safetensors"
    if not newest.exists() or facts(newest)["config"].get("guidance_embeds") is None:
        return newest
    if not (out / TEACHER).exists():
        raise UserError(
            f"{newest} has distilled weights, which cannot be trained further.",
            f"Copy the {TEACHER} of that run beside them, or train in another folder.",
            code="weights_distilled",
        )
    return out / TEACHER


def _transformer(recipe: Recipe, out: Path, stage: str) -> TransformerTask:
    newest, codec, text = out / "transformer.safetensors", load_codec(out), load_text(out / "text.safetensors")
    before = newest if stage == "distill" else undistilled(out)
    seen = int(facts(newest).get("scenes", 0)) + 1 if newest.exists() else 0
    takes = Takes(
        recipe=recipe.takes_of(stage),
        text=text.eval().requires_grad_(False),
        codec=codec.requires_grad_(False) if recipe.device == "cpu" else None,
        first=SCENES_A_RUN * (seen * parallel.world() + parallel.rank()),
    )
    chunks = stream(takes)  # processes are made before the device is touched
    chosen = TransformerRecipe(
        config=_stage_config(recipe, before, stage),
        canvases=recipe.canvases_of(stage),
        preset=recipe.preset_of(stage),
        nouns=recipe.nouns,
        least=recipe.least,
        stream=20 + DIT.index(stage),
        runs=seen,
        device=recipe.device,
    )
    pool = Pool(takes.recipe, chunks, codec.to(recipe.device), recipe.room, recipe.device, recipe.uses)
    task: TransformerTask
    if stage == "distill":
        task = DistillTask(chosen, pool, text, codec, load_transformer(undistilled(out)))
    else:
        task = TransformerTask(chosen, pool, text, codec)
    if before.exists():  # a checkpoint, where there is one, replaces it
        _go_on(student(task.model), before, out / "readers.safetensors", recipe.device)
    if recipe.compile:
        compile_parts(student(task.model).dit)
        if isinstance(task, DistillTask):
            task.teacher.parts = student(task.model).dit.parts
    if takes.recipe.workers:
        pool.start()
    task.ready()
    return task


def _stage_config(recipe: Recipe, before: Path, stage: str) -> TransformerConfig:
    """Of the transformer of a stage, which goes on from the weights `before` where there are any."""
    if before.exists():
        config = load_transformer(before).config
    elif stage == "distill":
        raise UserError(
            f"{before.parent} has no transformer to distill.",
            "Run the stages stills and films first.",
            code="teacher_missing",
        )
    else:
        config = recipe.transformer
    if stage == "distill" and config.guidance_embeds is None:
        return replace(config, guidance_embeds=recipe.max_guidance)
    return config


def _go_on(model: Student, before: Path, readers: Path, device: str) -> None:
    """Give a model the weights that an earlier stage left; what embeds the guidance scale, where they have none, stays
    as it begins.
    """
    _, state = load(before, dtype=torch.float32, device=device)
    fresh = {name: value for name, value in model.dit.state_dict().items() if name.startswith("guidance_embedding.")}
    model.dit.load_state_dict({**fresh, **state})
    if readers.exists():
        _, state = load(readers, dtype=torch.float32, device=device)
        model.load_state_dict({**{f"dit.{name}": value for name, value in model.dit.state_dict().items()}, **state})


def set_threads(threads: int | None) -> None:
    if threads:
        torch.set_num_threads(threads)
