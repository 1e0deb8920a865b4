"""A journal goes on where an evaluation was stopped, and never mixes two evaluations."""

import json
from pathlib import Path

import numpy as np
import pytest

from yozora.errors import UserError
from yozora.evaluate.journal import Journal, packed, unpacked

BELONGS = {"seed": 1, "weights": "abc"}


def test_what_was_found_is_known_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path, BELONGS)
    journal.put("film", 3, {"score": np.float32(0.5)})
    journal.put("film", 3, {"score": 0.75})
    journal.close(done=False)
    again = Journal(path, BELONGS)
    assert again.get("film", 3) == {"score": 0.75}
    assert again.get("film", 4) is again.get("other", 3) is None
    again.close(done=True)
    assert not path.exists()


def test_a_line_that_was_cut_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path, BELONGS)
    journal.put("film", 1, "whole")
    journal.close(done=False)
    path.write_bytes(path.read_bytes() + b'{"kind": "film", "num')
    again = Journal(path, BELONGS)
    assert (again.get("film", 1), again.get("film", 2)) == ("whole", None)
    again.put("film", 2, "next")
    again.close(done=False)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line.get("value") for line in lines] == [None, "whole", "next"]


def test_another_evaluation_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    Journal(path, BELONGS).close(done=False)
    before = path.read_bytes()
    with pytest.raises(UserError, match=r"journal\.jsonl"):
        Journal(path, {**BELONGS, "seed": 2})
    assert path.read_bytes() == before
    with pytest.raises(UserError):
        Journal(tmp_path / "missing" / "journal.jsonl", BELONGS)


def test_without_a_path_it_remembers_and_writes_nothing(tmp_path: Path) -> None:
    journal = Journal(None, BELONGS)
    journal.put("film", 1, 2)
    assert journal.get("film", 1) == 2
    journal.close(done=True)


def test_pixels_survive_as_json() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 5, 7, 3), dtype=np.uint8)[:, ::2]
    assert np.array_equal(unpacked(json.loads(json.dumps(packed(pixels)))), pixels)
    journal_of_objects = Journal(None, {})
    journal_of_objects.put("film", 1, object())  # nothing is written
