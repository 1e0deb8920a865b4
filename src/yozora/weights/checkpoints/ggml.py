"""GGUF files: numbers that are stored in blocks with scales of their own, as llama.cpp quantises them.

The gguf package reads the file; what is common in video models is dequantised here in torch, the rest by the package in
numpy (the same numbers, some times slower). Formats: ggml-quants.c in llama.cpp.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from yozora.errors import UserError
from yozora.extras import not_installed
from yozora.weights.checkpoints.names import State

AT_A_TIME = 1 << 18
"""Numbers that are dequantised at a time: what is between stays in the processor's cache."""


def read(path: Path, dtype: torch.dtype | None = None) -> State:
    """All tensors of a GGUF file under the file's names, in torch's order of axes.

    Args:
        dtype: of what is stored in blocks; None: bfloat16. Plain floating-point tensors stay as they are.

    Raises:
        UserError: the gguf package is missing, or the file is broken or not GGUF.
    """
    reader = _reader(path)
    state = State()
    for tensor in reader.tensors:
        kind, shape = tensor.tensor_type.name, _shape(reader, tensor)
        numbers = _dequantize(tensor, dtype or torch.bfloat16)
        if math.prod(shape) != numbers.numel():
            raise UserError(
                f"{path}: {tensor.name} ({kind}) does not have its stated shape {shape}. Fetch the file again.",
                code="tensor_shape_mismatched",
            )
        state[tensor.name] = numbers.view(shape)
    return state


def shapes_of(path: Path) -> dict[str, tuple[int, ...]]:
    """The shape of each tensor. Raises UserError as `read` does."""
    reader = _reader(path)
    return {tensor.name: tuple(_shape(reader, tensor)) for tensor in reader.tensors}


def _reader(path: Path) -> Any:
    try:
        from gguf import GGUFReader
    except ImportError as error:
        raise not_installed("wan", "A GGUF file", "gguf") from error

    class Strict(GGUFReader):
        """One that notices the end of the file; the package's goes on with empty arrays."""

        def _get(self, offset: Any, dtype: Any, count: Any = 1, override_order: Any = None) -> Any:
            found = super()._get(offset, dtype, count, override_order)
            if len(found) != int(count):
                raise ValueError("it ends too early")
            return found

    try:
        reader = Strict(path, "c")  # mapped; nothing is written back
        if reader.byte_order == "S":
            raise ValueError("its bytes are in the order of another kind of machine")
        return reader
    except (OSError, ValueError, LookupError, TypeError, OverflowError, MemoryError) as error:
        raise UserError(
            f"{path} cannot be read as GGUF: {error}.", "Fetch the file again.", code="weights_unreadable"
        ) from error


def _shape(reader: Any, tensor: Any) -> list[int]:
    """The file's axes are counted from the last; where it has fewer than torch's, ComfyUI's tools keep those beside."""
    field = reader.get_field(f"comfy.gguf.orig_shape.{tensor.name}")
    if field is not None:
        return [int(field.parts[i][0]) for i in field.data]
    return [int(size) for size in reversed(tensor.shape.tolist())]


def _dequantize(tensor: Any, dtype: torch.dtype) -> Tensor:
    from gguf import GGML_QUANT_SIZES, dequantize

    kind = tensor.tensor_type.name
    if kind in ("F32", "F16", "F64", "I8", "I16", "I32", "I64"):
        return torch.from_numpy(tensor.data)
    raw = torch.from_numpy(tensor.data.reshape(-1))
    if kind == "BF16":
        return raw.view(torch.bfloat16)
    if kind not in BLOCKS:
        try:
            return torch.from_numpy(dequantize(tensor.data, tensor.tensor_type)).to(dtype)
        except NotImplementedError as error:
            raise UserError(
                f"{tensor.name} is stored as {kind}, which is not supported.",
                "Use a Q8_0 file.",
                code="quantisation_unsupported",
            ) from error
    per_block, size = GGML_QUANT_SIZES[tensor.tensor_type]
    blocks_NS = raw.view(-1, size)
    numbers = torch.empty((len(blocks_NS), per_block), dtype=dtype)
    at_a_time = max(1, AT_A_TIME // per_block)
    for some, some_NS in zip(numbers.split(at_a_time), blocks_NS.split(at_a_time), strict=True):
        some.copy_(BLOCKS[kind](some_NS))
    return numbers.flatten()


# --- blocks [N, bytes], uint8, to numbers [N, numbers], fp32


def q8_0(blocks_NS: Tensor) -> Tensor:
    """32 numbers: a scale, then whole numbers from -128 to 127."""
    return blocks_NS[:, 2:].view(torch.int8).float() * _half(blocks_NS[:, :2])


def q4_k(blocks_NS: Tensor) -> Tensor:
    """256 numbers of 4 bits in 8 groups, each with a scale and a minimum of 6 bits."""
    scale_N81, least_N81 = _scales(blocks_NS)
    return (scale_N81 * _nibbles(blocks_NS[:, 16:], 32).float() - least_N81).flatten(1)


def q5_k(blocks_NS: Tensor) -> Tensor:
    """As `q4_k`, with a fifth bit of each number kept apart."""
    scale_N81, least_N81 = _scales(blocks_NS)
    shift_81 = torch.arange(8, dtype=torch.uint8)[:, None]
    fifth_N8G = (blocks_NS[:, None, 16:48] >> shift_81) & 1
    numbers_N8G = _nibbles(blocks_NS[:, 48:], 32) | (fifth_N8G << 4)
    return (scale_N81 * numbers_N8G.float() - least_N81).flatten(1)


def q6_k(blocks_NS: Tensor) -> Tensor:
    """256 numbers of 6 bits, from -32 to 31, in 16 groups with a scale of 8 bits each."""
    low_N8G = _nibbles(blocks_NS[:, :128], 64).reshape(-1, 8, 32)
    shift_41 = torch.tensor([0, 2, 4, 6], dtype=torch.uint8)[:, None]
    high_N8G = ((blocks_NS[:, 128:192].view(-1, 2, 1, 32) >> shift_41) & 3).reshape(-1, 8, 32)
    numbers_N = (low_N8G | (high_N8G << 4)).to(torch.int8) - 32
    scale_N = _half(blocks_NS[:, 208:]) * blocks_NS[:, 192:208].view(torch.int8).float()
    return (scale_N[:, :, None] * numbers_N.view(-1, 16, 16).float()).flatten(1)


BLOCKS: dict[str, Callable[[Tensor], Tensor]] = {"Q8_0": q8_0, "Q4_K": q4_k, "Q5_K": q5_k, "Q6_K": q6_k}
"""What is dequantised here."""


def _half(bytes_N2: Tensor) -> Tensor:
    return bytes_N2.contiguous().view(torch.float16).float()


def _nibbles(bytes_NS: Tensor, run: int) -> Tensor:
    """The low halves of each run of bytes, then their high ones: ``[N, groups, run]``."""
    shift_21 = torch.tensor([0, 4], dtype=torch.uint8)[:, None]
    halves_NG2R: Tensor = (bytes_NS.unflatten(1, (-1, 1, run)) >> shift_21) & 15
    return halves_NG2R.flatten(1, 2)


def _scales(blocks_NS: Tensor) -> tuple[Tensor, Tensor]:
    """Scale and minimum of each of 8 groups, ``[N, 8, 1]``: 6 bits each, packed in 12 bytes, in units of two halves."""
    low_N4, least_N4, rest_N4 = blocks_NS[:, 4:16].split(4, dim=1)
    scale_N8 = torch.cat((low_N4 & 63, (rest_N4 & 15) | ((low_N4 >> 2) & 48)), dim=1)
    least_N8 = torch.cat((least_N4 & 63, (rest_N4 >> 4) | ((least_N4 >> 2) & 48)), dim=1)
    unit_N1, least_unit_N1 = _half(blocks_NS[:, :2]), _half(blocks_NS[:, 2:4])
    return (unit_N1 * scale_N8.float())[:, :, None], (least_unit_N1 * least_N8.float())[:, :, None]
