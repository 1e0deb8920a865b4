"""Our transformers and autoencoders beside diffusers' on a GPU, at full size: Wan 1.3B at 480p, TI2V-5B at 720p.

    python benchmarks/gpu.py --json gpu.json     # under six minutes on an H200; what is done so far is in the file
    python benchmarks/gpu.py --toy               # rehearsal on a CPU, under a minute

Needs torch, safetensors and this checkout (PYTHONPATH=src); without diffusers ours is measured alone. Weights are
random, made on the device, and shared by both sides. Theirs is shown eager in bf16, with the fastest attention that it
offers here, and compiled with that one, block by block and with fused projections, as diffusers advises; ours eager,
compiled (`compile_parts`), and, few steps of small films, as CUDA graphs. A step is a conditional and an unconditional
forward, as in versus_diffusers.py; of few-step weights it is one forward. Decoding is of the whole film: theirs as
floats on the GPU, ours in pieces to bytes in main memory, as the engine does it.

After every setting that has been warmed up, all settings of its work run once more, one after the other, so that all
see the same clocks. Each has its minimum and its median; memory is the most that was allocated, weights included. An
error is the relative distance from theirs in bf16, eager. The JSON is a list of {name, ours, theirs, ratio, error}, and
more of each.
"""

import argparse
import gc
import json
import math
import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parent))

from beside import (
    TIME,
    Run,
    Setting,
    Work,
    alone,
    alternating,
    attending,
    autoencoders,
    fastest_attention,
    figure,
    held,
    installed,
    table,
    their_step,
    took,
    transformers,
    twin,
)

from yozora.core.canvas import patchify
from yozora.families.wan_shapes import T2V_1B, TI2V_5B, VAE_2_1, VAE_2_2
from yozora.model import kernels
from yozora.model.configurations import AutoencoderConfig, TransformerConfig
from yozora.model.dit import SpacetimeTransformer, Time, compile_parts
from yozora.model.graphs import Graphed
from yozora.model.places import Places
from yozora.model.reading import TextKV

REAL = 32  # tokens of a prompt that are no pads
SECONDS = 330.0
SPARE = {"eager": 20.0, "compiled": 75.0}  # seconds that have to be left before such a setting is begun
ROUNDS = 1  # after the last setting
FILM = 50  # steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What is measured: a transformer and an autoencoder, and the grid of a film in patches."""

    name: str
    config: TransformerConfig
    codec: AutoencoderConfig
    grid: tuple[int, int, int]
    each: bool = False  # whether theirs is told a time for each token, as their pipeline does with these weights
    rows: int = 2  # forwards of a step
    graphs: bool = False

    @property
    def tokens(self) -> int:
        return math.prod(self.grid)


B1 = Shape(name="1.3b 480p", config=T2V_1B, codec=VAE_2_1, grid=(21, 30, 52))  # 81 frames of 832x480
B5 = Shape(name="5b 720p", config=TI2V_5B, codec=VAE_2_2, grid=(31, 22, 40), each=True)  # 121 frames of 1280x704
FEW = replace(B1, name="1.3b few-step 256x256", grid=(5, 16, 16), rows=1, graphs=True)  # 17 frames, no guidance


def toy(shape: Shape) -> Shape:
    """The same in small."""
    z = 4 if shape.codec is VAE_2_1 else 8
    config = replace(shape.config, dim=48, heads=2, layers=2, ffn=64, in_channels=z, out_channels=z)
    config = replace(config, text_dim=32, freq_dim=32)
    codec = replace(shape.codec, dim=8, dec_dim=8, z=z, mean=(0.0,) * z, std=(1.0,) * z, res_blocks=1)
    return replace(shape, config=config, codec=codec, grid=(2, 3, 4))


@dataclass(slots=True, kw_only=True)
class Session:
    """Where it runs, how much time is left, and all figures so far, which are in a file after each of them."""

    device: torch.device
    toy: bool
    path: Path | None
    seconds: float
    started: float = field(default_factory=time.monotonic)
    truth: Tensor = field(default_factory=lambda: torch.empty(0))  # what the first setting of a work gives
    figures: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def left(self) -> float:
        return self.seconds - (time.monotonic() - self.started)

    @property
    def machine(self) -> dict[str, Any]:
        cuda = self.device.type == "cuda"
        return {
            "device": torch.cuda.get_device_name(self.device) if cuda else platform.processor() or platform.machine(),
            "versions": {"python": platform.python_version(), "cuda": torch.version.cuda, **installed()},
            "toy": self.toy,
        }

    def write(self, *figures: dict[str, Any]) -> None:
        """Take figures in; a later one replaces an earlier one of its name."""
        for each in figures:
            self.figures[each["name"]] = each | self.machine
        if self.path is not None:
            part = self.path.with_suffix(".part")
            part.write_text(json.dumps(list(self.figures.values()), indent=1) + "\n", encoding="utf-8")
            part.replace(self.path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--toy", action="store_true", help="small sizes, on the CPU; compiled is not compiled there")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="after which no setting is begun any more")
    parser.add_argument("--only", help="works whose names begin so, such as 5b")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, after each of them")
    asked = parser.parse_args()
    if not asked.toy and not torch.cuda.is_available():
        parser.error("there is no GPU: rehearse with --toy")
    device = torch.device("cpu" if asked.toy else "cuda")
    session = Session(device=device, toy=asked.toy, path=asked.json, seconds=asked.seconds)
    torch.manual_seed(0)
    if "diffusers" not in installed():
        print("diffusers is not installed: ours is measured alone")
    for kind, shape in PLAN:
        if shape.name.startswith(asked.only or ""):
            with torch.inference_mode():
                kind(toy(shape) if asked.toy else shape, session)
    print(table(list(session.figures.values())))
    print(f"{session.machine['device']}, {session.machine['versions']}, {session.seconds - session.left:.0f} s")


# --- attention


def attentions(shape: Shape, session: Session) -> None:
    """Each kernel that is installed at a layer's self-attention, one after the other."""
    sizes = (3, 1, shape.tokens, shape.config.heads, shape.config.head_dim)
    q, k, v = torch.randn(sizes, dtype=torch.bfloat16, device=session.device)
    exact, seconds, errors = kernels.usual(q, k, v).float(), dict[str, float](), dict[str, float]()
    for name, kernel in kernels.kernels().items():
        call = partial(kernel, q, k, v)
        try:
            errors[name] = float((call().float() - exact).norm() / exact.norm())
            seconds[name] = min(took(call) for _ in range(3))
        except (ImportError, NotImplementedError, RuntimeError, TypeError, ValueError):
            continue
    best, usual = min(seconds, key=lambda name: seconds[name]), seconds.get(kernels.USUAL)
    said = {"name": f"{shape.name} attention", "ours": seconds[best], "theirs": usual, "kernel": best}
    ratio = None if usual is None else usual / seconds[best]
    session.write({**said, "ratio": ratio, "error": errors[best], "kernels": seconds})
    print(f"{shape.name} attention: {', '.join(f'{name} {1e3 * each:.2f} ms' for name, each in seconds.items())}")


# --- steps


def steps(shape: Shape, session: Session) -> None:
    """A step of both transformers."""
    theirs, ours = transformers(shape.config, session.device)
    config, (T, H, W) = shape.config, shape.grid
    bf16 = {"dtype": torch.bfloat16, "device": session.device}
    x = torch.randn(1, config.in_channels, T, 2 * H, 2 * W, **bf16)
    prompts = torch.nn.functional.pad(torch.randn(shape.rows, REAL, config.text_dim, **bf16), (0, 0, 0, 512 - REAL))
    settings = their_settings(theirs, shape, session, x, prompts) if theirs is not None else iter(())
    work = Work(name=shape.name, settings=[])
    ahead = [*alternating(settings, our_settings(ours, shape, session, x, prompts))]
    for kind, prepare in ahead:
        if session.left < (0.0 if session.toy else SPARE[kind]):
            print(f"{shape.name}: no time is left for more")
            return
        setting, weights = prepare()
        measure(work, setting, weights, session)
    finish(work, session)


Prepare = Callable[[], tuple[Setting, int]]
"""Makes a setting, and says how many bytes its weights have."""


def their_settings(
    model: Any, shape: Shape, session: Session, x: Tensor, prompts: Tensor
) -> Iterator[tuple[str, Prepare]]:
    times = shape.tokens if shape.each else 0

    def eager() -> tuple[Setting, int]:
        return Setting(name="theirs bf16 eager", run=partial(their_step, model, x, prompts, times)), held(model)

    def other() -> tuple[Setting, int]:
        run = partial(attending, model, fastest, partial(their_step, model, x, prompts, times))
        return Setting(name=f"theirs bf16 eager {fastest}", run=run), held(model)

    def compiled() -> tuple[Setting, int]:
        fused = twin(model)
        fused.fuse_qkv_projections()
        fused.set_attention_backend(fastest)
        fused.compile_repeated_blocks(fullgraph=True, **({"backend": "eager"} if session.toy else {}))
        run = partial(their_step, fused, x, prompts, times)
        return Setting(name=f"theirs bf16 compiled {fastest}", run=run), held(fused)

    yield "eager", eager
    fastest = fastest_attention(model, shape.tokens)
    if fastest != "native":
        yield "eager", other
    yield "compiled", compiled


def our_settings(
    model: SpacetimeTransformer, shape: Shape, session: Session, x: Tensor, prompts: Tensor
) -> Iterator[tuple[str, Prepare]]:
    fused = twin(model)

    def eager() -> tuple[Setting, int]:
        return Setting(name="ours bf16 eager", run=our_step(model, shape, x, prompts)), held(model)

    def compiled() -> tuple[Setting, int]:
        compile_parts(fused, backend="eager" if session.toy else "inductor")
        return Setting(name="ours bf16 compiled", run=our_step(fused, shape, x, prompts)), held(fused)

    def graphed(kind: str, inner: SpacetimeTransformer) -> tuple[Setting, int]:
        graph = Graphed(after=0) if session.device.type == "cuda" else Graphed(most=0)
        run = our_step(inner, shape, x, prompts, partial(graph, inner))
        return Setting(name=f"ours bf16 {kind} graphs", run=run), held(inner)

    yield "eager", eager
    if shape.graphs:
        yield "eager", partial(graphed, "eager", model)
    yield "compiled", compiled
    if shape.graphs:
        yield "eager", partial(graphed, "compiled", fused)


def our_step(
    model: SpacetimeTransformer, shape: Shape, x: Tensor, prompts: Tensor, forward: Callable[..., Tensor] | None = None
) -> Run:
    """One call, as the sampler makes it: of one row of tokens, which is told all prompts."""
    x_BNC, (places, reading) = patchify(x[0].float(), (1, 2, 2))[None], prepared(model, shape, prompts)

    def run() -> Tensor:
        time_ = Time.of(torch.full(x_BNC.shape[:2], TIME, device=x.device))
        out: Tensor = (forward or model)(x_BNC, time_, places, reading)
        return out

    return run


def prepared(model: SpacetimeTransformer, shape: Shape, prompts: Tensor) -> tuple[Places, TextKV]:
    """What is made once for a film."""
    pos_BN3 = torch.cartesian_prod(*(torch.arange(n, device=prompts.device).float() for n in shape.grid))[None]
    return model.places(pos_BN3), model.read(prompts[:, None, :REAL])


# --- decoding


def decodings(shape: Shape, session: Session) -> None:
    """A whole film from its latents; errors are those of its first two latents."""
    config = shape.codec
    T, H, W = shape.grid[0], 2 * shape.grid[1], 2 * shape.grid[2]
    latents = torch.randn(1, config.z, T, H, W, dtype=torch.bfloat16, device=session.device)
    theirs, ours = autoencoders(config, session.device)
    work = Work(name=f"{shape.name} decode", settings=[])
    raw = ours.denormalise(latents)

    def our_film() -> Tensor:
        pieces = (piece.float().add(1).mul(127.5).round().clamp(0, 255).byte() for piece in ours.decode_stream(latents))
        return torch.cat([piece.cpu() for piece in pieces], dim=2)

    sides: list[tuple[Setting, Run, nn.Module]] = []
    if theirs is not None:
        setting = Setting(name="theirs bf16 eager", run=lambda: theirs.decode(raw).sample)
        sides.append((setting, lambda: theirs.decode(raw[:, :, :2]).sample.float(), theirs))
    first = Setting(name="ours bf16 eager", run=our_film)
    sides.append((first, lambda: torch.cat([*ours.decode_stream(latents[:, :, :2])], dim=2).float(), ours))
    probes = [probe() for _, probe, _ in sides]
    for (setting, _, module), frames in zip(sides, probes, strict=True):
        if session.left < (0.0 if session.toy else SPARE["eager"]):
            print(f"{work.name}: no time is left for more")
            return
        if len(probes) > 1:
            off(setting, frames, probes[0])
        work.settings.append(setting)
        once(setting, held(module), session)
        report(work, session)
    finish(work, session, rounds=1)


# --- films of the lossy qualities


def films(shape: Shape, session: Session) -> None:
    """All steps of a film with `--quality balanced`, ours compiled, beside as many of theirs as a film has, each as
    long as it took. How many steps are computed depends on the weights, which are random: the figure says how many.
    """
    try:
        from yozora.core.quality import SAVINGS
        from yozora.engine.skipping import Skipping
    except ImportError:
        return
    saving, kind = SAVINGS["balanced"], session.figures.get(f"{shape.name} best against best")
    eager = session.figures.get(f"{shape.name} bf16 eager")
    if saving is None or eager is None or eager["theirs"] is None or kind is None:
        return
    if session.left < FILM * kind["ours"] * 0.6:
        print(f"{shape.name} balanced: no time is left")
        return
    _, ours = transformers(shape.config, session.device)
    prompts = torch.randn(2, REAL, shape.config.text_dim, dtype=torch.bfloat16, device=session.device)
    compile_parts(ours, backend="eager" if session.toy else "inductor")
    x = torch.randn(1, shape.config.in_channels, shape.grid[0], 2 * shape.grid[1], 2 * shape.grid[2])
    forward = velocity(ours, shape, prompts)
    x_BNC = patchify(x[0].to(session.device), (1, 2, 2))[None]
    forward(x_BNC, torch.full(x_BNC.shape[:2], TIME, device=session.device))  # compiled now
    skipping, calls = Skipping(saving, FILM), []

    def counted(x_BNC: Tensor, t_BN: Tensor) -> Tensor:
        calls.append(1)
        return forward(x_BNC, t_BN)

    def film() -> None:
        now_BNC = x_BNC
        for step in range(FILM):
            t, after = 1 - step / FILM, 1 - (step + 1) / FILM
            t_BN = torch.full(x_BNC.shape[:2], t, device=session.device)
            now_BNC = now_BNC - (t - after) * skipping.velocity(counted, now_BNC, t_BN)

    seconds, theirs = took(film), FILM * eager["theirs"]
    said = {"name": f"{shape.name} film balanced", "ours": seconds, "theirs": theirs, "ratio": theirs / seconds}
    session.write({**said, "error": None, "computed_steps": len(calls), "steps": FILM})
    print(f"{shape.name} film balanced: {len(calls)} of {FILM} steps computed, {seconds:.1f} s against {theirs:.1f} s")


def velocity(model: SpacetimeTransformer, shape: Shape, prompts: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
    """A guided step of ours, as the sampler asks for it."""
    places, reading = prepared(model, shape, prompts)

    def forward(x_BNC: Tensor, t_BN: Tensor) -> Tensor:
        conditional_BNC, unconditional_BNC = model(x_BNC, Time.of(t_BN), places, reading).chunk(2)
        return unconditional_BNC + 5.0 * (conditional_BNC - unconditional_BNC)

    return forward


# --- measuring and saying


def measure(work: Work, setting: Setting, weights: int, session: Session) -> None:
    """Warm a setting up, then all that there are by now run once."""
    try:
        out = setting.run()
    except (RuntimeError, ImportError, NotImplementedError) as error:  # one that does not run here is no setting
        print(f"{work.name} {setting.name}: does not run: {str(error).splitlines()[0][:200]}")
        return
    session.truth = session.truth if work.settings else out.clone()
    off(setting, out, session.truth)
    del out
    work.settings.append(setting)
    setting.memory = weights
    for each in work.settings:
        once(each, weights if each is setting else None, session)
    report(work, session)


def once(setting: Setting, weights: int | None, session: Session) -> None:
    """One run by the clock; with `weights`, the most memory beside them, too."""
    before = 0
    if session.device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
    setting.seconds.append(took(setting.run))
    if weights is not None:
        peak = torch.cuda.max_memory_allocated() - before if session.device.type == "cuda" else 0
        setting.memory = weights + peak


def finish(work: Work, session: Session, rounds: int = ROUNDS) -> None:
    """Some rounds more, while there is time."""
    for _ in range(rounds):
        if work.settings and session.left > 2 * sum(each.least for each in work.settings):
            for each in work.settings:
                once(each, None, session)
    report(work, session)
    torch._dynamo.reset()
    gc.collect()
    if session.device.type == "cuda":
        torch.cuda.empty_cache()


def off(setting: Setting, out: Tensor, truth: Tensor) -> None:
    """How far a setting is from theirs."""
    setting.error = float((out.float() - truth.float()).norm() / truth.float().norm())
    setting.worst = float((out.float() - truth.float()).square().mean().sqrt())


def report(work: Work, session: Session) -> None:
    """Print the last setting, and write all figures that there are of the work."""
    for each in work.settings[-1:]:
        memory = "" if not each.memory else f"{each.memory / 2**30:6.1f} GiB"
        print(f"{work.name:<24} {each.name:<36} {each.least:8.3f} s {memory}  error {each.error:.1e}", flush=True)
    session.write(*compared(work))


def compared(work: Work) -> list[dict[str, Any]]:
    """Each of our settings beside the like of theirs and their eager one; the best beside the best."""
    found, theirs = list[dict[str, Any]](), work.of("theirs")
    for ours in work.of("ours"):
        kind = ours.name.removeprefix("ours ")
        like = [each for each in theirs if f"{each.name} ".startswith(f"theirs {kind.removesuffix(' graphs')} ")]
        like = like[:1] if kind == "bf16 eager" else like  # as it comes
        if like:
            found.append(figure(f"{work.name} {kind}", work, ours, min(like, key=lambda each: each.least)))
        elif not theirs:
            found.append(alone(f"{work.name} {kind}", ours))
        if theirs and ours.name != "ours bf16 eager":
            found.append(figure(f"{work.name} {kind} against bf16 eager", work, ours, theirs[0]))
    if theirs and work.of("ours"):
        best = [min(side, key=lambda each: each.least) for side in (work.of("ours"), theirs)]
        found.append(figure(f"{work.name} best against best", work, *best))
    return found


PLAN: list[tuple[Callable[[Shape, Session], None], Shape]] = [
    *[(attentions, B1), (attentions, B5), (steps, B1), (steps, B5), (decodings, B1), (decodings, B5)],
    *[(steps, FEW), (films, B1), (films, B5)],
]
"""What matters most comes first, for what there is no time for is left out."""


if __name__ == "__main__":
    main()
