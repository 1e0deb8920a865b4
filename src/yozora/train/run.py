"""Run a recipe: autoencoder, text, cutter, cache of latents, mover, stills, films; each stage starts from what lies in
the folder.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from yozora.errors import UserError
from yozora.model.autoencoder import VideoAutoencoder
from yozora.model.carry import CutterConfig
from yozora.model.dit import TransformerConfig, compile_parts
from yozora.parts import load_autoencoder, load_cutter, load_text, load_transformer
from yozora.train.autoencoder import AutoencoderRecipe, AutoencoderTask
from yozora.train.canvases import LOOK, Canvases
from yozora.train.cutter import CutterRecipe, CutterTask, equip
from yozora.train.data import Shape, write_shard
from yozora.train.loop import Plan, Task, train, watch
from yozora.train.motion import MoverRecipe, MoverTask
from yozora.train.tasks import PAINTERS
from yozora.train.text import TextRecipe, TextTask
from yozora.train.transformer import TransformerRecipe, TransformerTask, student
from yozora.train.trust import unfold
from yozora.weights import digest, facts, save
from yozora.world.draw import Cast

STAGES = ("autoencoder", "text", "cutter", "cache", "mover", "stills", "film")
KEPT = ("autoencoder", "text", "cutter", "mover")
SHARD = 256  # takes a file
MOVER_BATCH = 3  # times the films of a batch of the transformer


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A whole training of a preset. `shares` are the parts of the time of the trained stages."""

    name: str
    minutes: float
    device: str
    autoencoder: AutoencoderRecipe
    text: TextRecipe
    cutter: CutterRecipe
    transformer: TransformerConfig
    cast: Cast
    long_cast: Cast  # of films that are longer than one look
    nouns: tuple[str, ...]
    truth_layer: int  # of the transformer; see `TransformerRecipe`
    stills: tuple[Shape, ...]
    films: tuple[Shape, ...]
    still_takes: int
    film_takes: int
    plans: dict[str, Plan]  # stage -> how fast; minutes are set from the shares
    shares: dict[str, float]
    still_shift: float = 2.0
    film_shift: float = 3.0
    compile: bool = False

    def cast_of(self, shape: Shape) -> Cast:
        """Who may appear in takes of a shape."""
        return self.long_cast if shape.grid[0] > LOOK else self.cast

    def plan(self, stage: str, minutes: float | None) -> Plan:
        """The plan of a stage, for its share of the time or the minutes given; a plan bounded by steps stays so."""
        plan = self.plans[stage]
        if plan.steps is not None and minutes is None:
            return plan
        return replace(plan, steps=None, minutes=self.minutes * self.shares[stage] if minutes is None else minutes)


def file(out: Path, stage: str) -> Path:
    """Where a stage leaves its weights."""
    return out / f"{'transformer' if stage in ('stills', 'film') else stage}.safetensors"


def unpack(out: Path) -> None:
    """Lay the cutter and the mover that a finished transformer holds beside it, where they are not yet."""
    whole, cutter, mover = (file(out, stage) for stage in ("film", "cutter", "mover"))
    if not whole.exists() or (cutter.exists() and mover.exists()):
        return
    dit = load_transformer(whole)
    if dit.carrier is not None and not cutter.exists():
        save(cutter, dit.carrier.cutter, asdict(CutterConfig()), dtype=torch.float16)
    if dit.mover is not None and not mover.exists():
        save(mover, dit.mover, dit.mover.config, dtype=torch.float16)


def run_stage(recipe: Recipe, stage: str, out: Path, minutes: float | None = None) -> None:
    """Run one stage of a recipe in `out`, going on from the checkpoint that lies there."""
    if stage == "cache":
        fill_cache(recipe, out, Console().print)
        return
    task: Task[Any] = task_of(recipe, stage, out)
    folder = out / stage
    before = folder if (folder / "checkpoint.pt").exists() else out / "stills" if stage == "film" else None
    watch(train(task, recipe.plan(stage, minutes), folder, before, {"recipe": recipe.name}), stage)
    file(out, stage).write_bytes((folder / f"{task.name}.safetensors").read_bytes())


def task_of(recipe: Recipe, stage: str, out: Path) -> Task[Any]:
    """The task of a trained stage, with what the stages before it left in `out`; always initialised alike."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(STAGES.index(stage))
        return _task(recipe, stage, out)


def _task(recipe: Recipe, stage: str, out: Path) -> Task[Any]:
    before = file(out, stage)
    known, text, autoencoder = before.exists(), file(out, "text"), file(out, "autoencoder")
    match stage:
        case "autoencoder":
            return AutoencoderTask(recipe.autoencoder, load_autoencoder(before) if known else None)
        case "text":
            return TextTask(recipe.text, load_text(before) if known else None)
        case "cutter":
            return CutterTask(recipe.cutter, load_autoencoder(autoencoder), load_cutter(before) if known else None)
        case "mover":
            return MoverTask(_mover(recipe, out), load_text(text), load_transformer(before) if known else None)
    return _transformer(recipe, out, stage == "stills")


def _mover(recipe: Recipe, out: Path) -> MoverRecipe:
    """The films of the transformer, in larger batches; something is always known and nothing leads back."""
    films = tuple(replace(shape, batch=shape.batch * MOVER_BATCH) for shape in recipe.films if shape.frames > 1)
    painters = {name: of for name, of in PAINTERS.items() if name != "text to video"}
    return MoverRecipe(
        config=recipe.transformer.teller,
        cache=out / "cache",
        canvases=Canvases(shapes=films, stream=22, painters=painters, returns=0.0),
        device=recipe.device,
    )


def _transformer(recipe: Recipe, out: Path, still: bool) -> TransformerTask:
    before = file(out, "film")
    learnt = load_transformer(before, device=recipe.device) if before.exists() else None
    config = recipe.transformer if learnt is None else learnt.config
    autoencoder = load_autoencoder(file(out, "autoencoder"))
    chosen = TransformerRecipe(
        config=config,
        cache=out / "cache",
        canvases=Canvases(shapes=recipe.stills if still else recipe.films, stream=20 if still else 21),
        nouns=recipe.nouns,
        truth_layer=min(recipe.truth_layer, config.layers),
        shift=recipe.still_shift if still else recipe.film_shift,
        device=recipe.device,
        sample_grid=(recipe.stills if still else recipe.films)[0].grid,
    )
    task = TransformerTask("transformer", chosen, load_text(file(out, "text")), autoencoder)
    dit = student(task.model).dit
    if learnt is not None:  # a checkpoint, where there is one, replaces it
        dit.load_state_dict(learnt.state_dict())
        unfold(dit.head, facts(before).get("trust", {}))
    if dit.carrier is not None and file(out, "cutter").exists():
        equip(dit.carrier, load_autoencoder(file(out, "autoencoder")), load_cutter(file(out, "cutter")))
    if dit.mover is not None and file(out, "mover").exists():
        dit.mover.load_state_dict(load_transformer(file(out, "mover")).state_dict())
    if recipe.compile:
        compile_parts(dit)
    return task


def fill_cache(recipe: Recipe, out: Path, say: Callable[[str], None]) -> None:
    """Render and encode the takes of a recipe, a shard at a time; shards of another encoder are thrown away."""
    folder = out / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    autoencoder = load_autoencoder(file(out, "autoencoder"))
    made_with = fingerprint(autoencoder)
    stamp = folder / "latents.sha256"
    if not stamp.exists() or stamp.read_text() != made_with:
        for old in folder.glob("*.safetensors"):
            old.unlink()
        stamp.write_text(made_with)
    autoencoder = autoencoder.to(recipe.device)
    for path, stream, first, shape in shards(recipe, folder):
        if not path.exists():
            cast = recipe.cast_of(shape)
            write_shard(path, autoencoder, cast, recipe.nouns, stream, first, SHARD, shape)
            say(f"cache {path.stem}: {SHARD} takes of {shape.width}x{shape.height}, {shape.frames} frames")


def fingerprint(autoencoder: VideoAutoencoder) -> str:
    """A hash of all that latents depend on; the decoder may learn on."""
    encoding = {
        k: v for k, v in autoencoder.state_dict().items() if k.startswith(("encoder.", "conv1.", "linear.down."))
    }
    statistics = torch.tensor((autoencoder.config.mean, autoencoder.config.std))
    return digest({**encoding, "statistics": statistics})


def shards(recipe: Recipe, folder: Path) -> list[tuple[Path, int, int, Shape]]:
    """Every shard of a recipe: file, stream, number of its first scene, shape; a shape has as many takes as its
    weight says.
    """
    found = []
    unique = {(s.width, s.height, s.frames): s for s in (*recipe.films, *recipe.stills)}
    for k, shape in enumerate(unique.values()):
        shapes = recipe.stills if shape.frames == 1 else recipe.films
        total = recipe.still_takes if shape.frames == 1 else recipe.film_takes
        share = shape.weight / sum(s.weight for s in shapes if (s.frames == 1) == (shape.frames == 1))
        for part in range(max(1, round(total * share / SHARD))):
            name = f"{shape.width}x{shape.height}x{shape.frames}_{part:04d}.safetensors"
            found.append((folder / name, 30 + k, part * SHARD, shape))
    return sorted(found, key=lambda shard: (shard[3].frames > 1, shard[2]))


def run(recipe: Recipe, out: Path, *, stages: tuple[str, ...] = STAGES, minutes: float | None = None) -> None:
    """Run stages in order. What is `KEPT` and already in `out` stays when the whole recipe is run."""
    unknown = set(stages) - set(STAGES)
    if unknown:
        raise UserError(f"no such stage: {', '.join(sorted(unknown))}.", f"Stages are {', '.join(STAGES)}.")
    alone = len(stages) == 1
    unpack(out)
    for stage in stages:
        if not alone and stage in KEPT and file(out, stage).exists():
            continue
        share = None if minutes is None or stage == "cache" else minutes * (1.0 if alone else recipe.shares[stage])
        run_stage(recipe, stage, out, share)


def split_files(folder: Path, mebibytes: int) -> None:
    """Cut every larger file of a folder into `name.part00`, `name.part01`, ... and remove it."""
    size = mebibytes << 20
    for path in [p for p in folder.rglob("*") if p.is_file() and p.stat().st_size > size]:
        with path.open("rb") as whole:
            for k, piece in enumerate(iter(lambda: whole.read(size), b"")):
                path.with_name(f"{path.name}.part{k:02d}").write_bytes(piece)
        path.unlink()


def join_files(folder: Path) -> None:
    """Undo `split_files`."""
    for first in sorted(folder.rglob("*.part00")):
        path = first.with_suffix("")
        parts = sorted(first.parent.glob(f"{path.name}.part[0-9][0-9]"))
        beside = path.with_name(f"{path.name}.joined")
        with beside.open("wb") as whole:
            for part in parts:
                whole.write(part.read_bytes())
        beside.replace(path)
        for part in parts:
            part.unlink()


def set_threads(threads: int | None) -> None:
    if threads:
        torch.set_num_threads(threads)
