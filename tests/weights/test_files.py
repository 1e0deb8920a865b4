"""Files that are whole or refused, and names that translate both ways."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from yozora.errors import UserError
from yozora.weights import files as weights


@dataclass(frozen=True)
class Sizes:
    width: int = 6
    shape: tuple[int, int] = (1, 2)


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 3), nn.BatchNorm1d(3))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "toy.safetensors"
    weights.save(path, network(), Sizes(), recipe="toy", seed=7, nouns=["cat", "dog"])
    return path


def test_what_is_saved_is_loaded(file: Path) -> None:
    config, state = weights.load(file)
    assert config == {"width": 6, "shape": [1, 2]}
    torch.testing.assert_close(state, dict(network().state_dict()), rtol=0, atol=0)
    known = weights.facts(file)
    assert (known["recipe"], known["seed"], known["nouns"]) == ("toy", 7, ["cat", "dog"])
    assert known["sha256"] == weights.digest(state)
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_stored_in_half_precision_and_loaded_in_any(tmp_path: Path) -> None:
    path, full = tmp_path / "half.safetensors", network()
    weights.save(path, full, {}, dtype=torch.bfloat16)
    _, state = weights.load(path)
    assert state["0.weight"].dtype == torch.bfloat16
    assert state["1.num_batches_tracked"].dtype == torch.int64
    _, state = weights.load(path, dtype=torch.float32)
    torch.testing.assert_close(state["0.weight"], full.state_dict()["0.weight"].bfloat16().float(), rtol=0, atol=0)
    assert state["1.num_batches_tracked"].dtype == torch.int64


def test_assembled_modules_hold_the_tensors_themselves(file: Path) -> None:
    _, state = weights.load(file)
    module = weights.assemble(lambda: nn.Sequential(nn.Linear(6, 3), nn.BatchNorm1d(3)), state)
    assert module.get_parameter("0.weight").data_ptr() == state["0.weight"].data_ptr()
    x = torch.randn(4, 6)
    torch.testing.assert_close(module.eval()(x), network().eval()(x))


@pytest.mark.parametrize("layers", [[nn.Linear(6, 3)], [nn.Linear(6, 4), nn.BatchNorm1d(4)], [nn.Linear(6, 3)] * 3])
def test_weights_of_another_model_are_refused(file: Path, layers: list[nn.Module]) -> None:
    _, state = weights.load(file)
    with pytest.raises(UserError, match="do not belong to this model") as caught:
        weights.assemble(lambda: nn.Sequential(*layers), state)
    assert "\n" not in str(caught.value)


def test_a_flipped_bit_is_found(file: Path) -> None:
    contents = bytearray(file.read_bytes())
    contents[-5] ^= 1
    file.write_bytes(contents)
    with pytest.raises(UserError, match="damaged"):
        weights.load(file)


@pytest.mark.parametrize("kept", [0, 5, 100, -1])
def test_a_truncated_file_is_refused(file: Path, kept: int) -> None:
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(UserError, match="cannot be read as weights") as caught:
        weights.load(file)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"No weights are at .*absent\.safetensors"):
        weights.load(tmp_path / "absent.safetensors")
    with pytest.raises(UserError, match="cannot be read as weights"):
        weights.load(tmp_path)


def test_files_of_others_are_read_but_not_trusted(tmp_path: Path) -> None:
    path = tmp_path / "theirs.safetensors"
    save_file({"a": torch.ones(2)}, path, {"format": "pt"})
    torch.testing.assert_close(weights.tensors(path), {"a": torch.ones(2)})
    with pytest.raises(UserError, match="metadata"):
        weights.facts(path)
    save_file({"a": torch.ones(2)}, path, {"config": json.dumps({})})
    with pytest.raises(UserError, match="config and hash"):
        weights.load(path)


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Cannot write"):
        weights.save(tmp_path / "no" / "such" / "folder.safetensors", network(), {})
    (tmp_path / "taken").mkdir()
    with pytest.raises(UserError, match="Cannot write"):
        weights.save(tmp_path / "taken", network(), {})
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_assembling_does_not_load_the_compiler() -> None:
    """It costs a second of every start."""
    code = """
import sys
import torch
from torch import nn
from yozora.weights.files import assemble

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(3, 3), nn.LayerNorm(3), nn.Conv3d(1, 1, 3), nn.Embedding(4, 3)])
        self.scale = nn.Parameter(torch.zeros(3).normal_(std=0.1))

given = Net().state_dict()
made = assemble(Net, given).state_dict()
assert all(torch.equal(made[name], tensor) for name, tensor in given.items())
assert "torch._dynamo" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_film_of_words_needs_neither_a_compiler_nor_optical_flow() -> None:
    """All three parts of the shipped model, loaded as the command loads them."""
    code = """
import sys
from yozora.films import making, orders
from yozora.families import presets
from yozora.engine.engine import Engine

asked = orders.ask("generate", "a red car", {}, {"steps": 1, "seed": 0, "seconds": 0.1})
assert [progress.stage for progress in making.make(asked, Engine(presets.find("mini")))][-1] == "done"
assert not {"torch._dynamo", "sympy", "cv2"} & sys.modules.keys()
"""
    subprocess.run([sys.executable, "-c", code], check=True)
