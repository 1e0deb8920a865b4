"""FP8 weights with a scale beside each, as ComfyUI, its converters and LightX2V write them.

Names: ``X.weight`` with ``X.scale_weight`` (and a marker ``scaled_fp8``), or with ``X.weight_scale`` (and
``X.comfy_quant``, which names the format; ComfyUI, QUANTIZATION.md). A scale is one number, or one for each row. Scales
of activations only serve FP8 matrix products and are left out.
"""

import json
import re
from collections.abc import Mapping

import torch
from torch import Tensor

from yozora.errors import UserError
from yozora.weights.checkpoints.names import State, first

FP8 = (torch.float8_e4m3fn, torch.float8_e5m2)
FORMATS = {str(dtype).removeprefix("torch.") for dtype in FP8}
SCALE = re.compile(r"(.*)\.(?:scale_weight|weight_scale)")
BESIDE = re.compile(r"scaled_fp8|(.*\.)?(scale_input|input_scale|comfy_quant)")
OTHER = re.compile(r".*\.(weight_scale_2|pre_quant_scale|int8_weight)")


def unscaled(state: Mapping[str, Tensor], dtype: torch.dtype | None = None, *, lazy: bool = False) -> State:
    """The weights as they are meant, without scales beside them.

    Args:
        dtype: of what is stored in FP8 or has a scale; None: bfloat16. The rest stays as it is.
        lazy: what is in FP8 without a scale stays so, too: its user converts it.

    Raises:
        UserError: weights are quantised in a way that is not FP8 with a scale for each tensor or row.
    """
    _check_format(state)
    scales = {f"{match[1]}.weight": x for key, x in state.items() if (match := SCALE.fullmatch(key))}
    strange = [key for key in scales if key not in state]
    if strange:
        raise UserError(
            f"Some scales have no weights: {first(strange)}.", "Fetch the file again.", code="scales_without_weights"
        )
    return {
        key: tensor if lazy and key not in scales else _dequantize(key, tensor, scales.get(key), dtype)
        for key, tensor in state.items()
        if not SCALE.fullmatch(key) and not BESIDE.fullmatch(key)
    }


def _check_format(state: Mapping[str, Tensor]) -> None:
    formats = {_format(x) for key, x in state.items() if key.endswith(".comfy_quant")} - FORMATS
    other = [key for key, x in state.items() if OTHER.fullmatch(key) or (_weighs(key) and not x.is_floating_point())]
    if formats or other:
        how = f"as {', '.join(sorted(formats))}" if formats else f"in a way that is not known ({first(other)})"
        raise UserError(
            f"The weights are quantised {how}.",
            "Use the FP8, GGUF or BF16 file of the same weights.",
            code="quantisation_unsupported",
        )


def _weighs(key: str) -> bool:
    return key.endswith(".weight")


def _format(x: Tensor) -> str:
    try:
        return str(json.loads(bytes(x.flatten().to(torch.uint8).tolist()))["format"])
    except (ValueError, LookupError, TypeError):
        return "an unknown format"


def _dequantize(key: str, tensor: Tensor, scale: Tensor | None, dtype: torch.dtype | None) -> Tensor:
    if scale is None and tensor.dtype not in FP8:
        return tensor
    dtype = dtype or torch.bfloat16
    if scale is None:
        return tensor.to(dtype)
    if scale.numel() == 1:
        return (tensor.float() * scale.float().view(())).to(dtype)
    if tensor.ndim == 2 and scale.shape in ((len(tensor),), (len(tensor), 1)):
        return (tensor.float() * scale.float().view(-1, 1)).to(dtype)
    raise UserError(
        f"{key} has scales for blocks, of shape {list(scale.shape)}.",
        "Use the BF16 file instead.",
        code="quantisation_unsupported",
    )
