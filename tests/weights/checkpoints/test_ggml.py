"""GGUF: every kind of block equals the gguf package's own numbers, and files are read or refused."""

import sys
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from tests.weights.checkpoints import toys

from yozora.errors import UserError
from yozora.weights.checkpoints import files, ggml, read_part

KINDS = {name: gguf.GGMLQuantizationType[name] for name in (*ggml.BLOCKS, "Q4_0", "Q5_1", "Q2_K", "Q3_K", "IQ4_NL")}
HALVES = {"Q8_0": (0,), "Q4_K": (0, 2), "Q5_K": (0, 2), "Q6_K": (208,), "Q4_0": (0,), "Q5_1": (0, 2), "Q2_K": (80, 82)}
HALVES |= {"Q3_K": (108,), "IQ4_NL": (0,)}


def blocks(name: str, rows: int, columns: int) -> Any:
    """Any bytes, with scales that are numbers: ``[rows, bytes of a row]``."""
    numbers, size = gguf.GGML_QUANT_SIZES[KINDS[name]]
    draw = np.random.default_rng(3)
    raw = draw.integers(0, 256, (rows, columns // numbers, size), dtype=np.uint8)
    for at in HALVES[name]:
        raw[..., at : at + 2] = draw.normal(0, 0.1, raw.shape[:2]).astype(np.float16)[..., None].view(np.uint8)
    return raw.reshape(rows, -1)


def write(path: Path, tensors: dict[str, tuple[Any, Any]], **fields: list[int]) -> Path:
    writer = gguf.GGUFWriter(path, "wan")
    for name, sizes in fields.items():
        writer.add_array(f"comfy.gguf.orig_shape.{name}", sizes)
    for name, (data, kind) in tensors.items():
        writer.add_tensor(name, data, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.mark.parametrize("name", KINDS)
def test_blocks_are_dequantised_as_the_package_does(name: str, tmp_path: Path) -> None:
    raw = blocks(name, 6, 512)
    theirs = torch.from_numpy(gguf.dequantize(raw, KINDS[name]))
    file = write(tmp_path / "m.gguf", {"x.weight": (raw, KINDS[name])})
    read = files.read([file], dtype=torch.float32)["x.weight"]
    assert read.shape == (6, 512)  # rows first, as torch counts, whatever the order in the file
    assert torch.equal(read, theirs)
    assert torch.equal(files.read([file])["x.weight"], theirs.bfloat16())


def test_many_blocks_are_dequantised_in_pieces(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = write(tmp_path / "m.gguf", {"x": (blocks("Q4_K", 6, 512), KINDS["Q4_K"])})
    whole = files.read([file])["x"]
    monkeypatch.setattr(ggml, "AT_A_TIME", 5 * 256)
    assert torch.equal(files.read([file])["x"], whole)


def test_plain_numbers_stay_as_they_are(tmp_path: Path) -> None:
    x = torch.randn(3, 4)
    half = x.bfloat16()
    kinds = gguf.GGMLQuantizationType
    file = write(
        tmp_path / "m.gguf",
        {
            "f32": (x.numpy(), kinds.F32),
            "f16": (x.half().numpy(), kinds.F16),
            "bf16": (half.view(torch.uint8).numpy(), kinds.BF16),
            "flat": (x.numpy(), kinds.F32),
        },
        flat=[1, 3, 2, 2],
    )
    read = files.read([file])
    toys.same(read, {"f32": x, "f16": x.half(), "bf16": half, "flat": x.view(1, 3, 2, 2)})


def test_a_transformer_is_read_out_of_gguf(tmp_path: Path) -> None:
    """Five axes too, as patch embeddings have."""
    state = toys.native(ffn_dim=256)
    kinds = gguf.GGMLQuantizationType
    tensors = {key: (x.numpy(), kinds.F32) for key, x in state.items()}
    raw = blocks("Q4_K", 24, 256)
    tensors["blocks.0.ffn.2.weight"] = (raw, kinds.Q4_K)
    state["blocks.0.ffn.2.weight"] = torch.from_numpy(gguf.dequantize(raw, kinds.Q4_K))
    toys.same(read_part(write(tmp_path / "m.gguf", tensors), "transformer", torch.float32), state)


@pytest.mark.parametrize("kept", [0, 3, 20, 40, 90, -64])
def test_broken_files_are_one_line(kept: int, tmp_path: Path) -> None:
    file = write(tmp_path / "m.gguf", {"x": (blocks("Q8_0", 2, 64), KINDS["Q8_0"])})
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(UserError, match="cannot be read as GGUF") as caught:
        files.read([file])
    assert "\n" not in str(caught.value)


def test_a_file_that_claims_to_be_endless_is_refused(tmp_path: Path) -> None:
    """Counts of fields, tensors and values of an array, far beyond what is there."""
    file = write(tmp_path / "m.gguf", {"x": (blocks("Q8_0", 2, 64), KINDS["Q8_0"])}, x=[2, 64])
    whole = file.read_bytes()
    at = whole.index((2).to_bytes(8, "little"), whole.index(b"orig_shape"))  # how many values the array has
    for place in (8, 16, at):
        file.write_bytes(whole[:place] + (1 << 60).to_bytes(8, "little") + whole[place + 8 :])
        with pytest.raises(UserError, match="cannot be read as GGUF"):
            files.read([file])


def test_a_shape_that_is_not_the_tensors_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "m.gguf", {"x": (blocks("Q8_0", 2, 64), KINDS["Q8_0"])}, x=[2, 65])
    with pytest.raises(UserError, match=r"x \(Q8_0\) does not have its stated shape \[2, 65\]"):
        files.read([file])


def test_kinds_that_nobody_dequantises_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = write(tmp_path / "m.gguf", {"x": (blocks("Q4_0", 2, 64), KINDS["Q4_0"])})

    def unknown(data: object, kind: gguf.GGMLQuantizationType) -> None:
        raise NotImplementedError(kind)

    monkeypatch.setattr(gguf, "dequantize", unknown)
    with pytest.raises(UserError, match="x is stored as Q4_0, which is not supported"):
        files.read([file])


def test_without_the_package_it_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "m.gguf").touch()
    monkeypatch.setitem(sys.modules, "gguf", None)
    with pytest.raises(UserError, match=r"needs the package gguf\. Install it: pip install 'yozora\[wan\]'"):
        files.read([tmp_path / "m.gguf"])
