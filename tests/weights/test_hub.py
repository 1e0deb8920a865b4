"""The Hugging Face cache: where it is, which revision is taken, and that half a download is none."""

import json
from pathlib import Path

import pytest

from yozora.weights import hub
from yozora.weights.hub import MARKER, NEEDED, REST, cache, file, folder_of, is_needed, snapshot

NAME = "someone/model"
HOMES = (
    ("XDG_CACHE_HOME", "/x", "/x/huggingface/hub"),
    ("HF_HOME", "/h", "/h/hub"),
    ("HF_HUB_CACHE", "/c", "/c"),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    (tmp_path / "models--someone--model").mkdir()
    return folder_of(NAME)


def revision(folder: Path, commit: str, *names: str) -> Path:
    place = folder / "snapshots" / commit
    for name in names:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("abc")
    place.mkdir(parents=True, exist_ok=True)
    return place


def test_the_cache_is_where_the_library_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert cache() == Path.home() / ".cache" / "huggingface" / "hub"
    for name, value, found in HOMES:
        monkeypatch.setenv(name, value)
        assert cache() == Path(found)


def test_a_repository_that_was_never_fetched_is_not_there(folder: Path) -> None:
    assert snapshot(NAME) is None
    assert file(NAME, "config.json") is None


def test_a_file_alone_is_found_in_the_revision_of_main(folder: Path) -> None:
    revision(folder, "aaaa", "config.json")
    place = revision(folder, "bbbb", "config.json")
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text("bbbb\n")
    assert file(NAME, "config.json") == place / "config.json"
    assert file(NAME, "other.json") is None


def test_what_was_pulled_is_whole_by_the_sizes_that_were_written_down(folder: Path) -> None:
    place = revision(folder, "cccc", "config.json")
    (folder / MARKER).write_text(json.dumps({"commit": "cccc", "files": {"config.json": 3}}))
    assert hub.marker(folder)["files"] == {"config.json": 3}
    assert file(NAME, "config.json") == place / "config.json"
    (place / "config.json").write_text("ab")
    assert file(NAME, "config.json") is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"commit": 1, "files": {}}', '{"commit": "x"}'])
def test_a_marker_that_cannot_be_read_says_nothing(folder: Path, text: str) -> None:
    (folder / MARKER).write_text(text)
    assert hub.marker(folder) == {}


def test_a_download_that_still_runs_is_not_handed_out(folder: Path) -> None:
    revision(folder, "dddd", "config.json")
    assert file(NAME, "config.json") is not None
    (folder / "blobs").mkdir()
    (folder / "blobs" / "abc.incomplete").touch()
    assert file(NAME, "config.json") is None


def test_which_files_belong_to_a_model() -> None:
    assert is_needed("model_index.json")
    assert is_needed("vae/config.json")
    assert not is_needed("README.md")
    assert not is_needed("transformer/x.safetensors", REST)
    assert set(REST) < set(NEEDED)
