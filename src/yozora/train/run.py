"""Run a recipe: autoencoder, text, cutter, cache of latents, mover, stills, films; each stage starts from what lies in
the folder.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import torch
from rich.console import Console
from torch import nn

from yozora.errors import UserError
from yozora.model.autoencoder import AutoencoderConfig, VideoAutoencoder
from yozora.model.carry import Cutter, CutterConfig
from yozora.model.dit import SpacetimeTransformer, TransformerConfig
from yozora.model.text import TextConfig, TextEncoder
from yozora.train import parallel
from yozora.train.autoencoder import AutoencoderRecipe, AutoencoderTask
from yozora.train.canvases import LOOK, Canvases
from yozora.train.cutter import CutterRecipe, CutterTask, equip
from yozora.train.data import Shape, write_shard
from yozora.train.loop import Plan, Task, shares_of, train, watch
from yozora.train.motion import MoverRecipe, MoverTask
from yozora.train.pieces import join_files as join_files
from yozora.train.pieces import split_file
from yozora.train.pieces import split_files as split_files
from yozora.train.tasks import PAINTERS
from yozora.train.text import TextRecipe, TextTask
from yozora.train.transformer import TransformerRecipe, TransformerTask, student
from yozora.train.trust import unfold
from yozora.weights import assemble, digest, facts, load, save
from yozora.world.draw import Cast

C = TypeVar("C")
M = TypeVar("M", bound=nn.Module)

STAGES = ("autoencoder", "text", "cutter", "cache", "mover", "stills", "film")
KEPT = ("autoencoder", "text", "cutter", "mover")
SHARD = 256  # takes a file
MOVER_BATCH = 3  # times the films of a batch of the transformer


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A whole training of a preset. `shares` are the parts of the time of the trained stages."""

    name: str
    minutes: float | None  # of all trained stages together; None: as many steps as the plans say
    device: str
    autoencoder: AutoencoderRecipe
    text: TextRecipe
    cutter: CutterRecipe
    transformer: TransformerConfig
    cast: Cast
    long_cast: Cast  # of films that are longer than one look
    nouns: tuple[str, ...]
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
        """The plan of a stage, for so many minutes, or else as long as it says itself."""
        plan = self.plans[stage]
        return plan if minutes is None else replace(plan, steps=None, minutes=minutes)

    def minutes_of(self, stages: Sequence[str], running: Sequence[str], minutes: float | None) -> dict[str, float]:
        """What time each of the stages that are `running` has of the minutes given, or else of the recipe's own
        minutes for all `stages` that were asked for. Nothing is said of stages that are not bounded by time.
        """
        if minutes is None and self.minutes is not None:
            minutes = self.minutes * sum(self.shares.get(stage, 0.0) for stage in stages) / sum(self.shares.values())
        return {} if minutes is None else {s: minutes * share for s, share in shares_of(running, self.shares).items()}


def load_part(path: Path, configure: Callable[..., C], make: Callable[[C], M]) -> M:
    """A module as a stage left it, in single precision."""
    config, state = load(path, dtype=torch.float32)
    return assemble(lambda: make(configure(**config)), state)


def load_autoencoder(folder: Path) -> VideoAutoencoder:
    return load_part(folder / "autoencoder.safetensors", AutoencoderConfig, VideoAutoencoder)


def load_text(folder: Path) -> TextEncoder:
    return load_part(folder / "text.safetensors", TextConfig, TextEncoder)


def load_cutter(folder: Path) -> Cutter:
    return load_part(folder / "cutter.safetensors", CutterConfig, Cutter)


def load_mover(folder: Path) -> SpacetimeTransformer:
    return load_part(folder / "mover.safetensors", TransformerConfig, SpacetimeTransformer)


def unpack(out: Path) -> None:
    """Lay the cutter and the mover that a finished transformer holds beside it, where they are not yet."""
    whole, cutter, mover = (out / f"{name}.safetensors" for name in ("transformer", "cutter", "mover"))
    if not whole.exists() or (cutter.exists() and mover.exists()):
        return
    dit = load_part(whole, TransformerConfig, SpacetimeTransformer)
    if dit.carrier is not None and not cutter.exists():
        save(cutter, dit.carrier.cutter, asdict(CutterConfig()), dtype=torch.float16)
    if dit.mover is not None and not mover.exists():
        save(mover, dit.mover, dit.mover.config, dtype=torch.float16)


def run_stage(
    recipe: Recipe, stage: str, out: Path, minutes: float | None = None, split_mib: int | None = None
) -> None:
    """Run one stage of a recipe in `out`, going on from the checkpoint that lies there."""
    if stage == "cache":
        if parallel.first():
            fill_cache(recipe, out, Console().print)
        parallel.wait()
        return
    task: Task[Any] = task_of(recipe, stage, out)
    folder = out / stage
    before = folder if (folder / "checkpoint.pt").exists() else out / "stills" if stage == "film" else None
    plan = replace(recipe.plan(stage, minutes), split_mib=split_mib)
    watch(train(task, plan, folder, before, {"recipe": recipe.name}), stage)
    name = "transformer" if stage in ("stills", "film") else stage
    if parallel.first():
        place(folder / f"{task.name}.safetensors", out / f"{name}.safetensors", split_mib)
    parallel.wait()


def place(weights: Path, path: Path, split_mib: int | None) -> None:
    """Copy weights to where the next stages look for them, and beside it as parts of so many MiB."""
    beside = path.with_name(f"{path.name}.copy")
    shutil.copyfile(weights, beside)
    beside.replace(path)
    if split_mib is not None:
        split_file(path, split_mib)


def task_of(recipe: Recipe, stage: str, out: Path) -> Task[Any]:
    """The task of a trained stage, with what the stages before it left in `out`; always initialised alike."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(STAGES.index(stage))
        return _task(recipe, stage, out)


def _task(recipe: Recipe, stage: str, out: Path) -> Task[Any]:
    known = (out / f"{stage}.safetensors").exists()
    match stage:
        case "autoencoder":
            return AutoencoderTask(recipe.autoencoder, load_autoencoder(out) if known else None)
        case "text":
            return TextTask(recipe.text, load_text(out) if known else None)
        case "cutter":
            return CutterTask(recipe.cutter, load_autoencoder(out), load_cutter(out) if known else None)
        case "mover":
            return MoverTask(_mover(recipe, out), load_text(out), load_mover(out) if known else None)
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
    before = out / "transformer.safetensors"
    config, state = recipe.transformer, None
    if before.exists():
        said, state = load(before, dtype=torch.float32, device=recipe.device)
        config = TransformerConfig(**said)
    chosen = TransformerRecipe(
        config=config,
        cache=out / "cache",
        canvases=Canvases(shapes=recipe.stills if still else recipe.films, stream=20 if still else 21),
        nouns=recipe.nouns,
        shift=recipe.still_shift if still else recipe.film_shift,
        device=recipe.device,
        sample_grid=(recipe.stills if still else recipe.films)[0].grid,
    )
    task = TransformerTask("transformer", chosen, load_text(out), load_autoencoder(out))
    dit = student(task.model).dit
    if state is not None:  # a checkpoint, where there is one, replaces it
        dit.load_state_dict(state)
        unfold(dit.head, facts(before).get("trust", {}))
    if dit.carrier is not None and (out / "cutter.safetensors").exists():
        equip(dit.carrier, load_autoencoder(out), load_cutter(out))
    if dit.mover is not None and (out / "mover.safetensors").exists():
        dit.mover.load_state_dict(load_mover(out).state_dict())
    if recipe.compile:
        compile_blocks(dit)
    return task


def compile_blocks(dit: SpacetimeTransformer) -> None:
    """Fuse each block, once for every shape of a batch: a minute or so each on a CPU, then a fifth faster."""
    torch._dynamo.config.recompile_limit = 64
    for block in dit.blocks:
        block.compile(dynamic=False)


def fill_cache(recipe: Recipe, out: Path, say: Callable[[str], None]) -> None:
    """Render and encode the takes of a recipe, a shard at a time; shards of another encoder are thrown away."""
    folder = out / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    autoencoder = load_autoencoder(out)
    made_with = fingerprint(autoencoder)
    stamp = folder / "latents.sha256"
    if not stamp.exists() or stamp.read_text() != made_with:
        for old in folder.glob("*.safetensors"):
            old.unlink()
        stamp.write_text(made_with)
    autoencoder = autoencoder.to(recipe.device).eval()
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


def run(
    recipe: Recipe,
    out: Path,
    *,
    stages: tuple[str, ...] = STAGES,
    minutes: float | None = None,
    split_mib: int | None = None,
) -> None:
    """Run stages in order. What is `KEPT` and already in `out` stays when the whole recipe is run; the other stages
    share its time.
    """
    unknown = set(stages) - set(STAGES)
    if unknown:
        raise UserError(f"no such stage: {', '.join(sorted(unknown))}.", f"Stages are {', '.join(STAGES)}.")
    if parallel.first():
        unpack(out)
    parallel.wait()
    kept = {stage for stage in KEPT if len(stages) > 1 and (out / f"{stage}.safetensors").exists()}
    running = [stage for stage in stages if stage not in kept]
    time = recipe.minutes_of(stages, running, minutes)
    for stage in running:
        run_stage(recipe, stage, out, time.get(stage), split_mib)


def set_threads(threads: int | None) -> None:
    if threads:
        torch.set_num_threads(threads)
