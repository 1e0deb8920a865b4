"""Pages of files leave memory, and nothing else does."""

import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from yozora.memory.prediction import resident
from yozora.weights import files as weights

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")


@pytest.mark.parametrize("kind", ["safetensors", "pickle"])
def test_what_was_read_of_a_file_leaves_memory_and_stays_what_it_was(tmp_path: Path, kind: str) -> None:
    tensor, path = torch.arange(10_000_000, dtype=torch.float32), tmp_path / "x"
    if kind == "pickle":
        torch.save({"a": tensor}, path)
        found = torch.load(path, mmap=True, weights_only=True)["a"]
    else:
        save_file({"a": tensor}, path)
        found = weights.tensors(path)["a"]
    before = float(found.sum())
    held = resident()
    weights.page_out(found)
    assert held - resident() > 30_000_000
    assert float(found.sum()) == before
    assert torch.equal(found, tensor)


def test_tensors_in_memory_stay_there() -> None:
    tensor = torch.arange(10_000_000, dtype=torch.float32)
    held = resident()
    weights.page_out(tensor, torch.empty(3, device="meta"))
    assert abs(held - resident()) < 5_000_000
    assert float(tensor[-1]) == 9_999_999
