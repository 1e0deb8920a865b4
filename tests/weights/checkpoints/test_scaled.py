"""FP8 with scales, as ComfyUI writes it, old and new, and what is not FP8."""

import json
from pathlib import Path

import pytest
import torch
from tests.weights.checkpoints import toys
from torch import Tensor

from yozora.errors import UserError
from yozora.weights.checkpoints import read_part
from yozora.weights.checkpoints.scaled import unscaled

FP8 = torch.float8_e4m3fn


def matrices(state: dict[str, Tensor]) -> list[str]:
    return [key for key in state if key.startswith("blocks.") and key.endswith(".weight") and state[key].ndim == 2]


def note(said: str) -> Tensor:
    return torch.tensor(list(json.dumps({"format": said}).encode()), dtype=torch.uint8)


@pytest.mark.parametrize("way", ["plain", "scaled_fp8", "comfy_quant", "rows"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_fp8_becomes_the_weights_that_it_stands_for(way: str, dtype: torch.dtype, tmp_path: Path) -> None:
    state = toys.native()
    stored, meant = dict(state), dict(state)
    if way == "scaled_fp8":
        stored["scaled_fp8"] = torch.empty(0, dtype=FP8)
    for key in matrices(state):
        x, module = state[key], key.removesuffix(".weight")
        scale = x.abs().amax(dim=1, keepdim=True) / 448 if way == "rows" else x.abs().max() / 448
        scale = torch.ones(()) if way == "plain" else scale
        stored[key] = (x / scale).to(FP8)
        meant[key] = stored[key].float() * scale
        if way != "plain":
            stored[f"{module}.{'scale_weight' if way == 'scaled_fp8' else 'weight_scale'}"] = scale
            stored[f"{module}.{'scale_input' if way == 'scaled_fp8' else 'input_scale'}"] = torch.ones(())
        if way == "comfy_quant":
            stored[f"{module}.comfy_quant"] = note("float8_e4m3fn")
    file = toys.write(tmp_path / "m.safetensors", {f"model.diffusion_model.{k}": x for k, x in stored.items()})
    read = read_part(file, "transformer", dtype)
    for key, x in meant.items():
        assert torch.equal(read[key], x.to(read[key].dtype)), key
    assert {read[key].dtype for key in matrices(state)} == {dtype}
    assert read_part(file, "transformer")[matrices(state)[0]].dtype == torch.bfloat16


def test_scales_of_weights_that_are_not_fp8_count_too() -> None:
    """Old converters put a scale beside every layer."""
    read = unscaled({"a.weight": torch.full((2, 2), 3.0), "a.scale_weight": torch.tensor(2.0)}, torch.float32)
    assert torch.equal(read["a.weight"], torch.full((2, 2), 6.0))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"a.comfy_quant": note("nvfp4")}, "quantised as nvfp4"),
        ({"a.comfy_quant": torch.zeros(3, dtype=torch.uint8)}, "as an unknown format"),
        ({"a.weight_scale_2": torch.ones(1)}, r"a way that is not known \(a\.weight_scale_2\)"),
        ({"a.weight": torch.ones(4, 4, dtype=torch.int8)}, r"a way that is not known \(a\.weight\)"),
        ({"a.weight_scale": torch.ones(2, 2)}, r"scales for blocks, of shape \[2, 2\]"),
        ({"b.weight_scale": torch.ones(1)}, r"scales have no weights: b\.weight"),
    ],
)
def test_what_is_not_fp8_is_refused(more: dict[str, Tensor], said: str) -> None:
    with pytest.raises(UserError, match=said):
        unscaled({"a.weight": torch.ones(4, 4).to(FP8), **more})
