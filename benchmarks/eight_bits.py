"""What weights in eight bits cost: the error of a step of two layers of Wan 1.3B with random weights, and films of mini
beside its own. Prints a line each; a few minutes on two cores.

    python benchmarks/eight_bits.py
"""

import copy
from dataclasses import replace

import numpy as np
import torch

from yozora.core.modes import Generate
from yozora.core.order import Order
from yozora.engine.engine import Engine
from yozora.families import presets
from yozora.families.preset import Budget
from yozora.families.wan_shapes import T2V_1B
from yozora.model.dit import SpacetimeTransformer, Time
from yozora.model.quantise import KINDS, quantise

TOKENS, GRID = 1296, (4, 18, 18)
PROMPTS = ("a red car", "a dog running left in the park", "two birds over the sea at night", "a robot in the snow")


def step(model: SpacetimeTransformer) -> torch.Tensor:
    """The velocity of random tokens, the same every time."""
    torch.manual_seed(1)
    x, text = torch.randn(1, TOKENS, 64), torch.randn(1, 1, 32, 4096)
    axes = torch.meshgrid(*(torch.arange(size) for size in GRID), indexing="ij")
    time = Time(values_U=torch.tensor([0.6]), index_BN=torch.zeros(1, 1, dtype=torch.int64))
    with torch.inference_mode():
        found: torch.Tensor = model(x, time, torch.stack(axes, -1).reshape(1, -1, 3).float(), model.read(text))
    return found


def of_a_slice() -> None:
    """Relative error of two layers of 1.3B, in fp32 but for the weights."""
    torch.manual_seed(0)
    model = SpacetimeTransformer(replace(T2V_1B, layers=2)).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.02)
    wanted = step(model)
    found = {"bf16": step(copy.deepcopy(model).to(torch.bfloat16))}
    found |= {kind: step(quantise(copy.deepcopy(model), kind)) for kind in KINDS}
    for name, each in found.items():
        error = float((each - wanted).norm() / wanted.norm())
        peak = float(wanted.max() - wanted.min())
        psnr = 20 * np.log10(peak / float((each - wanted).square().mean().sqrt()))
        print(f"1.3B, two layers, {name}: relative error {error:.4f}, PSNR {psnr:.1f} dB", flush=True)


def of_mini() -> None:
    """PSNR of four films beside those of the same weights in fp32."""
    wanted = films("full", torch.float32)
    cases = [("full", torch.bfloat16)] + [(kind, torch.float32) for kind in KINDS]
    for kind, dtype in cases:
        shown = [psnr(a, b) for a, b in zip(films(kind, dtype), wanted, strict=True)]
        name = f"{kind} weights in {str(dtype).removeprefix('torch.')}"
        print(f"mini, {name}: {min(shown):.1f} to {max(shown):.1f} dB, mean {np.mean(shown):.1f}", flush=True)


def films(kind: str, dtype: torch.dtype) -> list[np.ndarray]:
    preset = replace(presets.PRESETS["mini"], budget=Budget(weights=kind))
    engine = Engine(preset, "cpu", dtype)
    asked = [preset.ask(prompt, {"seed": seed}) for seed, prompt in enumerate(PROMPTS)]
    return [engine.films(Order.of(each, Generate(seconds=each.seconds))).frames for each in asked]


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / max(1e-9, np.mean((a.astype(float) - b) ** 2))))


if __name__ == "__main__":
    of_a_slice()
    of_mini()
