"""What benchmarks beside diffusers share: settings of both sides, how they are timed, and what is said of them.

Knows no shapes, and needs diffusers only where its side is run.
"""

import copy
import ctypes
import gc
import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from yozora.core.canvas import patchify
from yozora.model.autoencoder import VideoAutoencoder
from yozora.model.configurations import AutoencoderConfig, TransformerConfig
from yozora.model.dit import SpacetimeTransformer
from yozora.weights.checkpoints.names import translated
from yozora.weights.checkpoints.shapes import assemble

TIME = 0.7
PACKAGES = ("torch", "triton", "diffusers", "flash-attn", "flash-attn-3")
USUAL = "native"
OTHERS = ("_native_flash", "_native_efficient", "_native_math", "_native_cudnn", "flash", "_flash_3", "sage")

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


# --- models of both sides, on the same weights


def installed() -> dict[str, str]:
    """Versions of what there is."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def transformers(config: TransformerConfig, device: torch.device) -> tuple[Any, SpacetimeTransformer]:
    """Theirs, None without diffusers, and ours, with the same weights in bf16; of theirs some stay in fp32."""
    if "diffusers" not in installed():
        with torch.device(device):
            return None, scattered(SpacetimeTransformer(config)).bfloat16()
    from diffusers import WanTransformer3DModel

    sizes = {
        "num_attention_heads": config.heads,
        "attention_head_dim": config.head_dim,
        "num_layers": config.layers,
        "ffn_dim": config.ffn,
        **{name: getattr(config, name) for name in ("in_channels", "out_channels", "text_dim", "freq_dim")},
    }
    with torch.device(device):
        theirs = scattered(WanTransformer3DModel(**sizes))
    for name, parameter in theirs.named_parameters():
        if not any(kept in name for kept in theirs._keep_in_fp32_modules or ()):
            parameter.data = parameter.data.bfloat16()
    state, unknown = translated(theirs.state_dict(), "transformer")
    assert not unknown
    ours: SpacetimeTransformer = assemble(lambda: SpacetimeTransformer(config), state)
    return theirs, ours.eval().requires_grad_(False)


def autoencoders(config: AutoencoderConfig, device: torch.device) -> tuple[Any, VideoAutoencoder]:
    """Theirs, None without diffusers, and ours, with the same weights in bf16."""
    if "diffusers" not in installed():
        with torch.device(device):
            return None, stirred(VideoAutoencoder(config)).bfloat16()
    from diffusers import AutoencoderKLWan

    sizes = {"base_dim": config.dim, "z_dim": config.z, "num_res_blocks": config.res_blocks}
    if config.shortcuts:
        channels = {"in_channels": 3 * config.patch**2, "out_channels": 3 * config.patch**2}
        sizes |= {"decoder_base_dim": config.dec_dim, "is_residual": True, "patch_size": config.patch, **channels}
    with torch.device(device):
        theirs = stirred(AutoencoderKLWan(**sizes, latents_mean=list(config.mean), latents_std=list(config.std)))
    theirs.bfloat16()
    state, unknown = translated(theirs.state_dict(), "autoencoder")
    assert not unknown
    ours: VideoAutoencoder = assemble(lambda: VideoAutoencoder(config), state)
    return theirs, ours.eval().requires_grad_(False)


def stirred(module: Any) -> Any:
    """With random values, of which films come out that have contrast."""
    for name, parameter in module.named_parameters():
        spread = 0.1 if parameter.ndim == 1 or "gamma" in name else 1.5 / math.sqrt(parameter[0].numel())
        nn.init.normal_(parameter, mean=float("gamma" in name), std=spread)
    return module.eval().requires_grad_(False)


def held(module: nn.Module) -> int:
    """Bytes of a module's weights."""
    return sum({each.data_ptr(): each.nbytes for each in module.parameters()}.values())


def twin(model: Any) -> Any:
    """Another module with the same weights in memory, to be compiled."""
    shared = {id(each): each for each in (*model.parameters(), *model.buffers())}
    return copy.deepcopy(model, shared)


# --- theirs


def scattered(module: Any) -> Any:
    """With values as trained weights have them: those of modulation and norms, too."""
    for name, parameter in module.named_parameters():
        if parameter.ndim > 1 and "table" not in name:
            nn.init.normal_(parameter, std=1 / math.sqrt(parameter[0].numel()))
        else:
            nn.init.normal_(parameter, mean=float("norm" in name and name.endswith("weight")), std=0.1)
    return module.eval().requires_grad_(False)


def their_step(model: Any, x_BCTHW: Tensor, prompts: Tensor, times: int = 0) -> Tensor:
    """A call for each prompt, as WanPipeline makes them; of weights with a time for each token, so many times."""
    t = torch.full((1, times) if times else (1,), 1000 * TIME, device=x_BCTHW.device)
    rows = [model(x_BCTHW, t, prompt[None], return_dict=False)[0] for prompt in prompts]
    return torch.stack([patchify(row, (1, 2, 2)) for row in torch.cat(rows).float()])


def attending(model: Any, backend: str, run: Run) -> Tensor:
    model.set_attention_backend(backend)
    try:
        return run()
    finally:
        model.set_attention_backend(USUAL)


def fastest_attention(model: Any, tokens: int) -> str:
    """Of diffusers' kinds of attention that run here, the one that is done first with a layer's work at this size."""
    from diffusers.models.attention_dispatch import AttentionBackendName, dispatch_attention_fn

    heads, width = model.config.num_attention_heads, model.config.attention_head_dim
    q, k, v = torch.randn(3, 1, tokens, heads, width, dtype=model.dtype, device=model.device)
    least = {}
    for backend in (USUAL, *OTHERS):
        call = partial(dispatch_attention_fn, q, k, v, backend=AttentionBackendName(backend))
        try:
            call()
            least[backend] = min(took(call) for _ in range(3))
        except (ImportError, RuntimeError, TypeError, ValueError, NotImplementedError):
            continue
    fastest = min(least, key=lambda backend: least[backend])
    return fastest if least[fastest] < 0.95 * least[USUAL] else USUAL


# --- measuring


def alternating(theirs: Iterator[Any], ours: Iterator[Any]) -> Iterator[Any]:
    """One of each side in turn, theirs first, and what is left of either."""
    sides = [iter(theirs), iter(ours)]
    while sides:
        for side in [*sides]:
            found = next(side, None)
            if found is None:
                sides.remove(side)
            else:
                yield found


def took(run: Callable[[], object], clock: Clock = time.perf_counter) -> float:
    """Seconds, those of a GPU's work included."""
    wait()
    start = clock()
    run()
    wait()
    return clock() - start


def wait() -> None:
    """Until the GPU, where there is one, has done all that it was given."""
    if torch.cuda.is_initialized():
        torch.cuda.synchronize()


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
        "psnr": 20 * math.log10(work.peak / ours.worst) if work.name.endswith("decode") and ours.worst else None,
    }


def alone(name: str, ours: Setting) -> dict[str, Any]:
    """A figure without theirs."""
    said = {"name": name, "ours": ours.least, "theirs": None, "ratio": None, "error": ours.error}
    return {**said, "median_ours": statistics.median(ours.seconds), "memory_ours": ours.memory}


def table(figures: Sequence[dict[str, Any]]) -> str:
    """As Markdown; a dash where there is nothing to compare with."""
    lines = ["| | ours | theirs | ratio | error |", "|---|---|---|---|---|"]
    for each in figures:
        scale, unit = (1e9, " G/s") if each["name"].endswith("torch.mm") else (1, " s")
        ours, theirs = ("-" if each[side] is None else f"{each[side] / scale:.3f}{unit}" for side in ("ours", "theirs"))
        error = "-" if each["error"] is None else f"{each['error']:.1e}"
        error = f"{each['psnr']:.1f} dB" if (each.get("psnr") or 100) < 90 else error
        ratio = "-" if each["ratio"] is None else f"{each['ratio']:.2f}"
        lines.append(f"| {each['name']} | {ours} | {theirs} | {ratio} | {error} |")
    return "\n".join(lines)
