"""What a large text encoder made of a prompt is kept, and the encoder is loaded for new prompts only."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from yozora import paths
from yozora.families.encoders.kept import PART, Encodings, KeptEncoder, fingerprint

CPU = torch.device("cpu")


class Letters:
    """Reads a prompt as a token a letter, each as wide as 3; counts what it reads."""

    def __init__(self) -> None:
        self.reads: list[list[str]] = []

    def encode(self, prompts: list[str]) -> tuple[Tensor, Tensor]:
        self.reads.append(prompts)
        text_BLD = torch.tensor([[[ord(each), 0.5, -1.0] for each in [*prompt, "."]] for prompt in prompts])
        return text_BLD.bfloat16(), torch.ones(text_BLD.shape[:2], dtype=torch.bool)


Make = Callable[[], tuple[KeptEncoder, Letters, list[int]]]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Each call is another process: an encoder that has loaded nothing, what it loads, and how often it did."""

    def new(room: int = 1 << 20) -> tuple[KeptEncoder, Letters, list[int]]:
        letters, loads = Letters(), list[int]()

        def load() -> Letters:
            loads.append(1)
            return letters

        return KeptEncoder(load, Encodings(tmp_path / "kept", "letters", room), CPU), letters, loads

    return new


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "kept").iterdir())


def test_what_was_read_once_is_not_read_again_and_is_the_same_to_the_bit(make: Make) -> None:
    first, letters, loads = make()
    fresh, mask = first.encode(["a cat", "", "a cat"])
    assert (fresh.shape, fresh.dtype, mask.sum(1).tolist()) == ((3, 6, 3), torch.bfloat16, [6, 1, 6])
    assert bool((fresh[~mask] == 0).all())
    assert letters.reads == [["a cat"], [""]]
    second, others, none = make()
    again, mask_again = second.encode(["a cat", "", "a cat"])
    assert torch.equal(again, fresh)
    assert torch.equal(mask_again, mask)
    assert (others.reads, none) == ([], [])
    second.encode(["a dog", "a cat"])
    second.encode(["a bird"])
    assert (others.reads, none) == ([["a dog"], ["a bird"]], [1])
    assert loads == [1]


def test_no_prompt_is_in_the_names_and_only_the_owner_reads_the_files(make: Make, tmp_path: Path) -> None:
    make()[0].encode(["a secret"])
    (path,) = files(tmp_path)
    assert path.suffix == ".safetensors"
    assert len(path.stem) == 64
    assert b"secret" not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "other", "huge"])
def test_damaged_entries_are_read_anew_and_written_again(make: Make, tmp_path: Path, damage: str) -> None:
    fresh, _ = make()[0].encode(["a cat"])
    (path,) = files(tmp_path)
    whole = path.read_bytes()
    flipped = whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:]
    broken = {"cut": whole[:-3], "flipped": flipped, "empty": b"", "other": b"\xff" * 40, "huge": b""}[damage]
    path.write_bytes(broken)
    if damage == "huge":
        os.truncate(path, 1 << 40)
    encoder, letters, _ = make()
    again, _ = encoder.encode(["a cat"])
    assert torch.equal(again, fresh)
    assert letters.reads == [["a cat"]]
    assert path.read_bytes() == whole


def test_other_models_keep_their_own(tmp_path: Path) -> None:
    here, there = (Encodings(tmp_path, name) for name in ("fp32", "bf16"))
    here.put("a cat", torch.ones(2, 3))
    assert there.get("a cat") is None
    assert here.get("a cat") is not None


def test_what_was_used_longest_ago_makes_room(tmp_path: Path) -> None:
    encodings = Encodings(tmp_path, "model", room=3 * 4400)
    for age, prompt in enumerate("abc"):
        encodings.put(prompt, torch.zeros(100, 10))
        os.utime(encodings._encoding_path(prompt), (age, age))
    (tmp_path / f"old{PART}").write_bytes(b"never finished")
    (tmp_path / f"new{PART}").write_bytes(b"being written")
    os.utime(tmp_path / f"old{PART}", (0, 0))
    assert encodings.get("a") is not None  # used again: b is the oldest now
    encodings.put("d", torch.zeros(100, 10))
    assert [prompt for prompt in "abcd" if encodings._encoding_path(prompt).exists()] == ["a", "c", "d"]
    assert [path.name for path in tmp_path.glob(f"*{PART}")] == [f"new{PART}"]
    encodings.put("e", torch.zeros(1000, 10))  # larger than all the room
    assert encodings.get("e") is None


def test_what_cannot_be_written_is_not_kept(make: Make, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file")
    assert make()[0].encode(["a cat"])[0].shape == (1, 6, 3)


def test_without_a_folder_the_memory_still_holds_a_film(tmp_path: Path) -> None:
    letters = Letters()
    encoder = KeptEncoder(lambda: letters, None, CPU)
    encoder.encode(["a cat", ""])
    encoder.encode(["a cat", ""])
    assert letters.reads == [["a cat"], [""]]
    for k in range(200):
        encoder.encode([str(k)])
    assert len(encoder.held) == 64


def test_weights_are_told_apart(tmp_path: Path) -> None:
    path, words = tmp_path / "model.safetensors", tmp_path / "tokenizer"
    words.mkdir()
    (words / "tokenizer.json").write_text("{}")
    path.write_bytes(bytes(1 << 20))
    os.utime(path, (1, 1))
    known = fingerprint([path, words], "cpu", "bf16")
    assert known == fingerprint([path, words], "cpu", "bf16")
    assert known != fingerprint([path, words], "cuda", "bf16")
    path.write_bytes(bytes((1 << 20) - 1) + b"\1")
    os.utime(path, (1, 1))
    assert known != fingerprint([path, words], "cpu", "bf16")
    path.write_bytes(bytes(1 << 20))
    os.utime(path, (2, 2))
    assert known != fingerprint([path, words], "cpu", "bf16")
    os.utime(path, (1, 1))
    assert known == fingerprint([path, words], "cpu", "bf16")
    (words / "tokenizer.json").write_text("[]")
    assert known != fingerprint([path, words], "cpu", "bf16")


def test_the_folder_is_chosen_or_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("YOZORA_HOME", str(tmp_path))
    assert paths.encodings() == tmp_path / "encodings"
    monkeypatch.setenv(paths.ENCODINGS, "/elsewhere")
    assert paths.encodings() == Path("/elsewhere")
    monkeypatch.setenv(paths.ENCODINGS, "off")
    assert paths.encodings() is None
