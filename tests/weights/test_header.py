"""The head of a safetensors file: read without its tensors, and refused where it is damaged."""

import json
import struct
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from yozora.errors import UserError
from yozora.weights.header import integers, is_whole, metadata, shapes_of


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "some.safetensors"
    save_file({"a": torch.zeros(2, 3), "b": torch.ones(5)}, path, {"recipe": '"toy"'})
    return path


def headed(path: Path, head: object) -> Path:
    data = json.dumps(head).encode()
    path.write_bytes(struct.pack("<Q", len(data)) + data)
    return path


def test_facts_and_shapes_are_read(weights: Path) -> None:
    assert metadata(weights) == {"recipe": '"toy"'}
    assert shapes_of(weights) == {"a": (2, 3), "b": (5,)}
    assert is_whole(weights)


def test_a_file_that_was_cut_is_seen(weights: Path) -> None:
    weights.write_bytes(weights.read_bytes()[:-1])
    assert metadata(weights) == {"recipe": '"toy"'}
    assert not is_whole(weights)


def test_a_file_without_facts_says_nothing(tmp_path: Path) -> None:
    save_file({"a": torch.zeros(1)}, tmp_path / "x.safetensors")
    assert metadata(tmp_path / "x.safetensors") == {}


@pytest.mark.parametrize("data", [b"", b"\0" * 8, b"\xff" * 8, struct.pack("<Q", 9) + b"{}", b"\2" + b"\0" * 7 + b"no"])
def test_what_is_no_such_file_is_an_error_that_names_it(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(data)
    for read in (metadata, shapes_of, is_whole):
        with pytest.raises(UserError, match=r"x\.safetensors"):
            read(path)


@pytest.mark.parametrize("head", [{"a": 1}, {"a": {"shape": "ab"}}, {"a": {"dtype": "F32"}}])
def test_tensors_that_are_not_described_are_an_error(tmp_path: Path, head: object) -> None:
    path = headed(tmp_path / "x.safetensors", head)
    with pytest.raises(UserError):
        shapes_of(path)
    with pytest.raises(UserError):
        is_whole(path)


def test_facts_are_texts(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        metadata(headed(tmp_path / "x.safetensors", {"__metadata__": {"steps": 3}}))
    with pytest.raises(UserError, match="nowhere"):
        metadata(tmp_path / "nowhere.safetensors")


def test_whole_numbers_of_a_tensor(tmp_path: Path) -> None:
    path = tmp_path / "words.safetensors"
    save_file({"words": torch.tensor([3, 4_000_000_000, 3])}, path)
    assert integers(path, "words") == {3, 4_000_000_000}
    assert integers(path, "others") == frozenset()
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(UserError):
        integers(path, "words")
