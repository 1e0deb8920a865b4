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
import ctypes
import gc
import json
import math
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKLWan, WanTransformer3DModel
from diffusers.models.attention_dispatch import AttentionBackendName, dispatch_attention_fn
from diffusers.utils import logging
from torch import Tensor, nn

from yozora.checkpoints.reading import read_part
from yozora.checkpoints.shapes import assemble
from yozora.core.canvas import patchify
from yozora.families.wan_shapes import VAE_2_1
from yozora.model.autoencoder import VideoAutoencoder
from yozora.model.configurations import config_of
from yozora.model.dit import SpacetimeTransformer, Time, compile_parts

GRID = (9, 12, 12)  # frames, rows and columns of patches: 1,296 tokens
PROMPT, REAL = 512, 32  # tokens of a prompt, and how many of them are no pads
TIME = 0.7
LATENTS = (2, 8, 8)  # what is decoded: five frames of 64x64 pixels
MATRIX = (1296, 1536, 8960)
SHAPES = {
    "mini": {"num_attention_heads": 6, "attention_head_dim": 64, "num_layers": 10, "ffn_dim": 1536},
    "1.3b-slice": {"num_attention_heads": 12, "attention_head_dim": 128, "num_layers": 2, "ffn_dim": 8960},
}
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
USUAL = "native"
OTHERS = ("_native_flash", "_native_efficient", "_native_math", "_native_cudnn", "flash", "_flash_3", "sage")
EAGER, COMPILED = 24.0, 60.0  # seconds for rounds

Run = Callable[[], Tensor]
Clock = Callable[[], float]


@dataclass(slots=True, kw_only=True)
class Setting:
    """One way to do the work, and what was measured of it."""

    name: str  # "ours fp32 eager"
    run: Run
    seconds: list[float] = field(default_factory=list)
    error: float = 0.0
    worst: float = 0.0  # root of the mean square error
    memory: int | None = None  # bytes at most, beside what was held before

    @property
    def least(self) -> float:
        return min(self.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What both sides do, in all settings; errors are measured from the first, which is theirs in fp32."""

    name: str
    settings: list[Setting]
    operations: float = 0.0  # of ours, in products of linears and attentions
    peak: float = 2.0  # from the darkest to the lightest value of what comes out

    def of(self, side: str) -> list[Setting]:
        return [setting for setting in self.settings if setting.name.startswith(side)]

    def at(self, name: str) -> Setting:
        return next(setting for setting in self.settings if setting.name == name)


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
    makers["decode"] = decoding
    chosen = [asked.only] if asked.only else list(makers)
    for name in chosen:
        with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
            work = makers[name](Path(folder))
            measure(work, seconds / len(chosen), time.process_time if asked.processor else time.perf_counter)
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


def scattered(module: Any) -> Any:
    """With values as trained weights have them: those of modulation and norms, too."""
    for name, parameter in module.named_parameters():
        if parameter.ndim > 1 and "table" not in name:
            nn.init.normal_(parameter, std=1 / math.sqrt(parameter[0].numel()))
        else:
            nn.init.normal_(parameter, mean=float("norm" in name and name.endswith("weight")), std=0.1)
    return module.eval().requires_grad_(False)


def load_theirs(folder: Path, dtype: torch.dtype, kind: Any = WanTransformer3DModel) -> Any:
    return kind.from_pretrained(folder, torch_dtype=dtype).eval().requires_grad_(False)


def load_ours(folder: Path, dtype: torch.dtype) -> SpacetimeTransformer:
    config = config_of(json.loads((folder / "config.json").read_text()))
    state = read_part(sorted(folder.glob("*.safetensors")), "transformer", dtype)
    ours: SpacetimeTransformer = assemble(lambda: SpacetimeTransformer(config), state)
    return ours.eval().requires_grad_(False)


def their_step(model: Any, x_BCTHW: Tensor, prompts: Tensor) -> Tensor:
    """Two calls, as WanPipeline makes them."""
    t_B = torch.tensor([1000 * TIME])
    rows = [model(x_BCTHW, t_B, prompt[None], return_dict=False)[0] for prompt in prompts]
    return torch.stack([patchify(row, (1, 2, 2)) for row in torch.cat(rows).float()])


def their_steps(kind: str, model: Any, run: Run) -> Iterator[Setting]:
    """As it comes, and with the fastest of the kinds of attention that it offers, where that is not the usual one."""
    yield Setting(name=f"theirs {kind} eager", run=run)
    fastest = fastest_attention(model)
    if fastest != USUAL:
        yield Setting(name=f"theirs {kind} {fastest}", run=partial(attending, model, fastest, run))


def attending(model: Any, backend: str, run: Run) -> Tensor:
    model.set_attention_backend(backend)
    try:
        return run()
    finally:
        model.set_attention_backend(USUAL)


def fastest_attention(model: Any) -> str:
    """Of diffusers' kinds of attention that run here, the one that is done first with a head's work at this size."""
    heads, width = model.config.num_attention_heads, model.config.attention_head_dim
    q, k, v = torch.randn(3, 1, math.prod(GRID), heads, width).to(model.dtype)
    least = {}
    for backend in (USUAL, *OTHERS):
        call = partial(dispatch_attention_fn, q, k, v, backend=AttentionBackendName(backend))
        try:
            least[backend] = min(took(call) for _ in range(3))
        except (ImportError, RuntimeError, TypeError, ValueError, NotImplementedError):
            continue
    fastest = min(least, key=lambda backend: least[backend])
    return fastest if least[fastest] < 0.95 * least[USUAL] else USUAL


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


def decoding(folder: Path) -> Work:
    """The autoencoder of Wan 2.1 at full width: ours decodes as the engine does, in pieces."""
    made = AutoencoderKLWan()
    for name, parameter in made.named_parameters():
        spread = 0.1 if parameter.ndim == 1 or "gamma" in name else 1.5 / math.sqrt(parameter[0].numel())
        nn.init.normal_(parameter, mean=float("gamma" in name), std=spread)
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


def measure(work: Work, seconds: float, clock: Clock = time.perf_counter) -> None:
    """Rounds until the time is over, at least two; the first call of each setting is no part of them."""
    exact = work.settings[0].run()
    for setting in work.settings[1:]:
        out = setting.run()
        if out.shape == exact.shape:
            setting.error = float((out - exact).norm() / exact.norm())
            setting.worst = float((out - exact).square().mean().sqrt())
    stop = time.monotonic() + seconds
    while len(work.settings[-1].seconds) < 2 or time.monotonic() < stop:
        for setting in work.settings:
            before = trimmed()
            setting.seconds.append(took(setting.run, clock))
            setting.memory = None if before is None else resident("VmHWM") - before


def took(run: Callable[[], object], clock: Clock = time.perf_counter) -> float:
    start = clock()
    run()
    return clock() - start


def trimmed() -> int | None:
    """How many bytes are held, once what is free was given back and the peak was set to that; None off Linux."""
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
        Path("/proc/self/clear_refs").write_text("5")
        return resident("VmRSS")
    except (OSError, AttributeError):
        return None


def resident(line: str) -> int:
    """Bytes, from this process's status."""
    status = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(each for each in status if each.startswith(line)).split()[1])


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


def figure(name: str, work: Work, ours: Setting, theirs: Setting) -> dict[str, Any]:
    return {
        "name": name,
        "ours": ours.least,
        "theirs": theirs.least,
        "ratio": theirs.least / ours.least,
        "error": ours.error,
        "median_ours": statistics.median(ours.seconds),
        "median_theirs": statistics.median(theirs.seconds),
        "their_setting": theirs.name.removeprefix("theirs "),
        "their_error": theirs.error,
        "memory_ours": ours.memory,
        "memory_theirs": theirs.memory,
        "psnr": 20 * math.log10(work.peak / ours.worst) if work.name == "decode" and ours.worst else None,
    }


def report(work: Work) -> None:
    """All settings, of which the table has some."""
    rounds = len(work.settings[0].seconds)
    print(f"{work.name}: {rounds} rounds, {torch.get_num_threads()} threads, torch {torch.__version__}")
    for each in work.settings:
        memory = "" if each.memory is None else f"{each.memory / 2**20:6.0f} MiB"
        median = statistics.median(each.seconds)
        print(f"  {each.name:<32} min {each.least:7.3f} s  median {median:7.3f} s  {memory}  error {each.error:.1e}")


def table(figures: Sequence[dict[str, Any]]) -> str:
    """As Markdown."""
    lines = ["| | ours | theirs | ratio | error |", "|---|---|---|---|---|"]
    for each in figures:
        scale, unit = (1e9, " G/s") if each["name"].endswith("torch.mm") else (1, " s")
        ours, theirs = (f"{each[side] / scale:.3f}{unit}" for side in ("ours", "theirs"))
        error = f"{each['psnr']:.1f} dB" if each.get("psnr") and each["psnr"] < 90 else f"{each['error']:.1e}"
        lines.append(f"| {each['name']} | {ours} | {theirs} | {each['ratio']:.2f} | {error} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
