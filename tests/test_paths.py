"""Paths: the environment decides, in order, and what is unset has its default."""

from pathlib import Path

import pytest

from yozora import paths


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (paths.HOME, paths.CONFIG, paths.ENCODINGS, "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)


def test_all_is_kept_in_the_data_folder_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    assert paths.home() == Path.home() / ".local" / "share" / "yozora"
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert paths.home() == Path("/data/yozora")
    monkeypatch.setenv(paths.HOME, "/kept")
    assert paths.home() == Path("/kept")
    monkeypatch.setenv(paths.HOME, "~/kept")
    assert paths.home() == Path.home() / "kept"


def test_each_kind_has_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.HOME, "/kept")
    found = [paths.characters(), paths.server(), paths.provenance(), paths.encodings()]
    assert len(set(found)) == len(found)
    assert all(path is not None and path.parent == Path("/kept") for path in found)
    assert paths.secrets_key().parent == paths.server()


@pytest.mark.parametrize("said", ["off", " OFF "])
def test_encodings_can_be_left_out(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.ENCODINGS, said)
    assert paths.encodings() is None
    monkeypatch.setenv(paths.ENCODINGS, "~/e")
    assert paths.encodings() == Path.home() / "e"


def test_settings_are_where_they_are_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    assert paths.config() is None
    monkeypatch.setenv(paths.CONFIG, "~/server.toml")
    assert paths.config() == Path.home() / "server.toml"
