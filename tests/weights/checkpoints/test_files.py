"""Files that are whole are read; broken, half and malicious ones end in one line, and nothing in them runs."""

import json
import os
import pickle
import random
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from tests.weights.checkpoints import toys
from torch import Tensor

from yozora.errors import UserError
from yozora.weights.checkpoints import files

STATE = {"a": torch.arange(6.0), "b": torch.ones(2, 3), "c": torch.zeros(1)}


def sharded(folder: Path) -> Path:
    """Three shards and their index, as diffusers writes them."""
    names = {key: f"m-0000{i}-of-00003.safetensors" for i, key in enumerate(STATE, 1)}
    for key, name in names.items():
        toys.write(folder / name, {key: STATE[key]})
    index = folder / "m.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {"total_size": 1}, "weight_map": names}))
    return index


def one_line(read: Callable[[], object]) -> str:
    with pytest.raises(UserError) as caught:
        read()
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500
    return str(caught.value)


def test_shards_are_read_by_their_index_and_without(tmp_path: Path) -> None:
    index = sharded(tmp_path)
    shards = sorted(tmp_path.glob("*.safetensors"))
    toys.same(files.read(shards, index), STATE)
    toys.same(files.read(shards), STATE)


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    index = sharded(tmp_path)
    (tmp_path / "m-00002-of-00003.safetensors").unlink()
    shards = sorted(tmp_path.glob("*.safetensors"))
    assert "lists files that are missing in" in one_line(lambda: files.read(shards, index))
    assert one_line(lambda: files.read(shards)) == "Some of 3 shards are missing: 2. Fetch the missing files again."


def test_a_link_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    """A Hugging Face cache whose blob is gone."""
    link = tmp_path / "model.safetensors"
    link.symlink_to(tmp_path / "blob")
    assert "is a broken link" in one_line(lambda: files.read([link]))
    assert "does not exist" in one_line(lambda: files.read([tmp_path / "absent.safetensors"]))


@pytest.mark.parametrize("kept", [0, 7, 9, 60, -1])
def test_half_a_shard_is_refused(tmp_path: Path, kept: int) -> None:
    index = sharded(tmp_path)
    shard = tmp_path / "m-00001-of-00003.safetensors"
    shard.write_bytes(shard.read_bytes()[:kept])
    assert "cannot be read as weights" in one_line(lambda: files.read([], index))


def test_an_index_that_names_what_is_not_there(tmp_path: Path) -> None:
    index = sharded(tmp_path)
    says = json.loads(index.read_text())
    says["weight_map"]["d"] = "m-00001-of-00003.safetensors"
    index.write_text(json.dumps(says))
    assert "lists tensors that its files do not have: d" in one_line(lambda: files.read([], index))
    says["weight_map"]["d"] = "../other.safetensors"
    index.write_text(json.dumps(says))
    assert "outside its folder" in one_line(lambda: files.read([], index))
    for text in ("", "[]", "{}", '{"weight_map": []}', '{"weight_map": {"a": 3}}', "\x00"):
        index.write_text(text)
        one_line(lambda: files.read([], index))


def test_mixed_shards_are_refused(tmp_path: Path) -> None:
    sharded(tmp_path)
    toys.write(tmp_path / "m-00001-of-00002.safetensors", {"z": torch.ones(1)})
    assert "different sets" in one_line(lambda: files.read(sorted(tmp_path.glob("*.safetensors"))))
    one, two = (toys.write(tmp_path / name / "m.safetensors", STATE) for name in ("x", "y"))
    assert "another shard has, too: a, b, c" in one_line(lambda: files.read([one, two]))


# --- pickles


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("inside", [None, "generator_ema", "state_dict"])
def test_pickles_of_tensors_are_read(tmp_path: Path, zipped: bool, inside: str | None) -> None:
    stored = STATE if inside is None else {"step": 3, inside: STATE, "model": {"a": torch.ones(1)}}
    torch.save(stored, file := tmp_path / "w.pth", _use_new_zipfile_serialization=zipped)
    toys.same(files.read([file]), STATE)


class Code:
    """What unpickling would run."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.mark),)


@pytest.mark.parametrize("zipped", [True, False, None])
def test_code_in_a_pickle_is_never_run(tmp_path: Path, zipped: bool | None) -> None:
    file, mark = tmp_path / "evil.pth", tmp_path / "ran"
    stored = {**STATE, "code": Code(mark)}
    if zipped is None:
        file.write_bytes(pickle.dumps(stored["code"]))
    else:
        torch.save(stored, file, _use_new_zipfile_serialization=zipped)
    said = one_line(lambda: files.read([file]))
    why = "it contains objects or code, which are never loaded"
    assert said == f"{file} cannot be read as weights: {why}. Use a .safetensors file."
    assert not mark.exists()


def test_a_pickle_of_something_else_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "w.pt"
    for stored in ([torch.ones(1)], {"a": 3}, {}, {1: torch.ones(1)}, torch.ones(1), {"a": torch.ones(2).to_sparse()}):
        torch.save(stored, file)
        assert "is not a table of tensors" in one_line(lambda: files.read([file]))


def test_a_tensor_that_claims_more_than_it_holds_is_refused(tmp_path: Path) -> None:
    """Expanded tensors are small on disk and fill the memory when they are converted."""
    torch.save({"a": torch.ones(1).expand(1 << 40)}, file := tmp_path / "bomb.pth")
    assert "is not a table of tensors: it has a" in one_line(lambda: files.read([file]))


@pytest.mark.parametrize("zipped", [True, False])
def test_broken_pickles_are_one_line(tmp_path: Path, zipped: bool) -> None:
    torch.save(STATE, file := tmp_path / "w.pth", _use_new_zipfile_serialization=zipped)
    whole, draw = file.read_bytes(), random.Random(0)
    for _ in range(40):
        broken = bytearray(whole[: draw.randrange(len(whole))])
        for _ in range(3):
            if broken:
                broken[draw.randrange(len(broken))] ^= 1 << draw.randrange(8)
        file.write_bytes(broken)
        with suppress(UserError):
            assert all(isinstance(x, Tensor) for x in files.read([file]).values())


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(file := tmp_path / "w.pth", "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert "cannot be read as weights" in one_line(lambda: files.read([file]))


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "w.onnx").write_bytes(b"x")
    assert "is not a weights file. Use one of: .safetensors, .gguf" in one_line(
        lambda: files.read([tmp_path / "w.onnx"])
    )
    folder = tmp_path / "folder.safetensors"
    folder.mkdir()
    one_line(lambda: files.read([folder]))
    (tmp_path / "page.safetensors").write_text("<html>Not found</html>")
    one_line(lambda: files.read([tmp_path / "page.safetensors"]))
