"""Our transformer and autoencoder beside diffusers', on the same weights, one after the other in one process.

    python benchmarks/versus_diffusers.py                       # eager: within a minute on two cores
    python benchmarks/versus_diffusers.py --compile             # and compiled: within five minutes
    python benchmarks/versus_diffusers.py --json figures.json   # a list of {name, ours, theirs, ratio, error, ...}

Weights are random, made by diffusers' classes and saved in its layout; both sides load them. A step is a conditional
and an unconditional forward: theirs are two calls, as its pipeline makes them; ours is one call of two rows, as our
sampler makes it, with prompts and places read before the first step. In each round every setting runs once, so that all
of them see the same machine; each has its minimum and its median. A ratio is their minimum over ours: above 1, ours is
faster. An error is the relative distance of ours from what diffusers gives in fp32.

On a machine that does other work, too, `OMP_NUM_THREADS=1 ... --processor` counts the time of one core that this
process had, whoever had the others.

`of torch.mm`: products in linears and attentions a second, ours and those of one product of [1296, 1536] with
[1536, 8960] in bf16 in the same rounds, and their ratio.
"""

import argparse
import json
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKLWan, WanTransformer3DModel
from diffusers.utils import logging
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parent))

from beside import (
    TIME,
    USUAL,
    Clock,
    Run,
    Setting,
    Work,
    attending,
    fastest_attention,
    figure,
    resident,
    scattered,
    stirred,
    table,
    their_step,
    took,
    trimmed,
)

from yozora.core.canvas import patchify
from yozora.families.wan_shapes import VAE_2_1
from yozora.model.autoencoder import VideoAutoencoder
from yozora.model.configurations import config_of
from yozora.model.dit import SpacetimeTransformer, Time, compile_parts
from yozora.weights.checkpoints.reading import read_part
from yozora.weights.checkpoints.shapes import assemble

GRID = (9, 12, 12)  # frames, rows and columns of patches: 1,296 tokens
PROMPT, REAL = 512, 32  # tokens of a prompt, and how many of them are no pads
LATENTS = (2, 8, 8)  # what is decoded: five frames of 64x64 pixels
MATRIX = (1296, 1536, 8960)
SHAPES = {
    "mini": {"num_attention_heads": 6, "attention_head_dim": 64, "num_layers": 10, "ffn_dim": 1536},
    "1.3b-slice": {"num_attention_heads": 12, "attention_head_dim": 128, "num_layers": 2, "ffn_dim": 8960},
}
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
EAGER, COMPILED = 9.0, 24.0  # seconds for rounds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compile", action="store_true", help="measure both sides compiled, too")
    parser.add_argument("--seconds", type=float, help="for the rounds of all works together")
    parser.add_argument("--only", choices=(*SHAPES, "decode"), help="one of the works")
    parser.add_argument("--processor", action="store_true", help="count the processor's time, not the clock's")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    asked = parser.parse_args()
    seconds = asked.seconds or (COMPILED if asked.compile else EAGER)
    torch.manual_seed(0)
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    figures = []
    makers: dict[str, Callable[[Path], Work]] = {name: partial(step, name, compiled=asked.compile) for name in SHAPES}
    makers["decode"] = partial(decoding, compiled=asked.compile)
    chosen = [asked.only] if asked.only else list(makers)
    for name in chosen:
        with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
            work = makers[name](Path(folder))
            measure(
                work,
                seconds / len(chosen),
                time.process_time if asked.processor else time.perf_counter,
                least=2 if asked.compile else 1,
            )
        report(work)
        figures += compared(work)
    print(table(figures))
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


# --- what is measured


def step(name: str, folder: Path, compiled: bool) -> Work:
    """A step of a transformer of that shape."""
    theirs = scattered(WanTransformer3DModel(**SHAPES[name], in_channels=16, out_channels=16, text_dim=4096))
    theirs.save_pretrained(folder)
    x = torch.randn(1, 16, GRID[0], 2 * GRID[1], 2 * GRID[2])
    prompts = torch.nn.functional.pad(torch.randn(2, REAL, 4096), (0, 0, 0, PROMPT - REAL))
    settings: list[Setting] = []
    for kind, dtype in DTYPES.items():
        loaded = load_theirs(folder, dtype)
        settings += their_steps(kind, loaded, partial(their_step, loaded, x.to(dtype), prompts.to(dtype)))
        settings += [Setting(name=f"ours {kind} eager", run=our_step(load_ours(folder, dtype), x, prompts))]
    settings += [Setting(name="torch.mm", run=product())]
    if compiled:
        settings += [each for kind, dtype in DTYPES.items() for each in compiled_steps(folder, kind, dtype, x, prompts)]
    return Work(name=name, settings=settings, operations=operations(**SHAPES[name]))


def load_theirs(folder: Path, dtype: torch.dtype, kind: Any = WanTransformer3DModel) -> Any:
    return kind.from_pretrained(folder, torch_dtype=dtype).eval().requires_grad_(False)


def load_ours(folder: Path, dtype: torch.dtype) -> SpacetimeTransformer:
    config = config_of(json.loads((folder / "config.json").read_text()))
    state = read_part(sorted(folder.glob("*.safetensors")), "transformer", dtype)
    ours: SpacetimeTransformer = assemble(lambda: SpacetimeTransformer(config), state)
    return ours.eval().requires_grad_(False)


def their_steps(kind: str, model: Any, run: Run) -> Iterator[Setting]:
    """As it comes, and with the fastest of the kinds of attention that it offers, where that is not the usual one."""
    yield Setting(name=f"theirs {kind} eager", run=run)
    fastest = fastest_attention(model, math.prod(GRID))
    if fastest != USUAL:
        yield Setting(name=f"theirs {kind} {fastest}", run=partial(attending, model, fastest, run))


def our_step(model: SpacetimeTransformer, x: Tensor, prompts: Tensor) -> Run:
    """One call, as the sampler makes it: of one row of tokens, which is told both prompts."""
    model.pack()
    x_BNC = patchify(x[0], (1, 2, 2))[None]
    places = model.places(torch.cartesian_prod(*(torch.arange(n).float() for n in GRID))[None])
    reading = model.read(prompts[:, None, :REAL])

    def run() -> Tensor:
        return model(x_BNC, Time.of(torch.full(x_BNC.shape[:2], TIME)), places, reading)

    return run


def compiled_steps(folder: Path, kind: str, dtype: torch.dtype, x: Tensor, prompts: Tensor) -> Iterator[Setting]:
    """Both sides through inductor; theirs block by block, as diffusers advises, and whole; fused and not."""
    ours = load_ours(folder, dtype)
    compile_parts(ours)
    yield Setting(name=f"ours {kind} compiled", run=our_step(ours, x, prompts))
    for name, fused, whole in (("blocks", False, False), ("fused blocks", True, False), ("whole", True, True)):
        theirs = load_theirs(folder, dtype)
        if fused:
            theirs.fuse_qkv_projections()
        if whole:
            theirs.compile(fullgraph=True)
        else:
            theirs.compile_repeated_blocks(fullgraph=True)
        run = partial(their_step, theirs, x.to(dtype), prompts.to(dtype))
        yield Setting(name=f"theirs {kind} compiled {name}", run=run)


def decoding(folder: Path, compiled: bool) -> Work:
    """The autoencoder of Wan 2.1 at full width: ours decodes as the engine does, in pieces."""
    made = stirred(AutoencoderKLWan())
    made.decoder.conv_out.weight.mul_(0.3)
    made.save_pretrained(folder)
    state = read_part(sorted(folder.glob("*.safetensors")), "autoencoder")
    latents = torch.randn(1, VAE_2_1.z, *LATENTS)
    settings = []
    for kind, dtype in DTYPES.items():
        theirs = load_theirs(folder, dtype, AutoencoderKLWan)
        ours = assemble(lambda: VideoAutoencoder(VAE_2_1), {k: v.to(dtype) for k, v in state.items()}).eval()
        raw = ours.denormalise(latents.to(dtype))
        settings += [
            Setting(name=f"theirs {kind} eager", run=partial(their_frames, theirs, raw)),
            Setting(name=f"ours {kind} eager", run=partial(our_frames, ours, latents.to(dtype))),
        ]
        if compiled:
            fused = load_theirs(folder, dtype, AutoencoderKLWan)
            fused.decoder = torch.compile(fused.decoder)
            settings += [Setting(name=f"theirs {kind} compiled", run=partial(their_frames, fused, raw))]
    return Work(name="decode", settings=settings)


def their_frames(model: Any, raw: Tensor) -> Tensor:
    frames: Tensor = model.decode(raw).sample.float()
    return frames


def our_frames(model: VideoAutoencoder, latents: Tensor) -> Tensor:
    return torch.cat([*model.decode_stream(latents)], dim=2).float()


def product() -> Run:
    N, D, M = MATRIX
    a, b = torch.randn(N, D).bfloat16(), torch.randn(D, M).bfloat16()
    return lambda: torch.mm(a, b)


def operations(num_attention_heads: int, attention_head_dim: int, num_layers: int, ffn_dim: int) -> float:
    """Multiplications and additions in the linears and attentions of a step of ours: pads collapsed, and what comes
    before the first cross-attention once for both rows."""
    N, D = math.prod(GRID), num_attention_heads * attention_head_dim
    linears = N * (6 * D * D + 2 * D * ffn_dim)
    attentions = 2 * N * D * (N + REAL + 1)
    shared = N * 5 * D * D + 2 * N * D * N + N * 64 * D
    return 2 * (2 * (num_layers * (linears + attentions) + 2 * N * 64 * D) - shared)


# --- measuring


def measure(work: Work, seconds: float, clock: Clock = time.perf_counter, *, least: int = 1) -> None:
    """Rounds until the time is over, at least so many; the first call of each setting is no part of them."""
    exact = work.settings[0].run()
    for setting in work.settings[1:]:
        out = setting.run()
        if out.shape == exact.shape:
            setting.error = float((out - exact).norm() / exact.norm())
            setting.worst = float((out - exact).square().mean().sqrt())
    stop = time.monotonic() + seconds
    while len(work.settings[-1].seconds) < least or time.monotonic() < stop:
        for setting in work.settings:
            before = trimmed()
            setting.seconds.append(took(setting.run, clock))
            setting.memory = None if before is None else resident("VmHWM") - before


# --- saying


def compared(work: Work) -> list[dict[str, Any]]:
    """Each of our settings beside the same of theirs, their eager fp32, and the best of all of theirs."""
    figures = []
    for ours in work.of("ours"):
        setting = ours.name.removeprefix("ours ")
        same = [each for each in work.of("theirs") if each.name.startswith(f"theirs {setting}")]
        figures += [figure(f"{work.name} {setting}", work, ours, min(same, key=lambda each: each.least))]
        if setting != "fp32 eager":
            figures += [figure(f"{work.name} {setting} against fp32 eager", work, ours, work.at("theirs fp32 eager"))]
    ours, theirs = (min(work.of(side), key=lambda each: each.least) for side in ("ours", "theirs"))
    figures += [figure(f"{work.name} best against best", work, ours, theirs)]
    if work.operations:
        rate, most = work.operations / ours.least, 2 * math.prod(MATRIX) / work.at("torch.mm").least
        shares = {"ours": rate, "theirs": most, "ratio": rate / most, "error": ours.error}
        figures += [{"name": f"{work.name} {ours.name.removeprefix('ours ')} of torch.mm", **shares}]
    return figures


def report(work: Work) -> None:
    """All settings, of which the table has some."""
    rounds = len(work.settings[0].seconds)
    print(f"{work.name}: {rounds} rounds, {torch.get_num_threads()} threads, torch {torch.__version__}")
    for each in work.settings:
        memory = "" if each.memory is None else f"{each.memory / 2**20:6.0f} MiB"
        median = statistics.median(each.seconds)
        print(f"  {each.name:<32} min {each.least:7.3f} s  median {median:7.3f} s  {memory}  error {each.error:.1e}")


if __name__ == "__main__":
    main()
