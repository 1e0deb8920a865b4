"""An operator's rule on frames is asked about films that are imported."""

import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.server.app import settings_in
from tests.server.test_imports import refused

from yozora.server.http.app import make_app
from yozora.server.safety import frame_rules


def test_rules_on_frames_see_it(tmp_path: Path, template: Path, mp4: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "frame_rule_of_test.py").write_text("def check(frames):\n    return f'{len(frames)} frames.'\n")
    (tmp_path / "policy.yaml").write_text("rules: []\nframes: frame_rule_of_test:check\n")
    monkeypatch.syspath_prepend(tmp_path)
    shutil.copy(template, tmp_path)
    settings = settings_in(tmp_path, insecure_no_auth=True, policy=tmp_path / "policy.yaml")
    with TestClient(make_app(settings, migrate=False), raise_server_exceptions=False) as client:
        assert refused(client, mp4, "video", "moderation_blocked")["message"] == "16 frames."


def test_a_rule_that_fails_blocks_nothing_silently(tmp_path: Path, mp4: bytes) -> None:
    rules, film = tmp_path / "policy.yaml", tmp_path / "film.mp4"
    rules.write_text("rules: []\nframes: no_such_module:check\n")
    with pytest.raises(RuntimeError, match="does not answer"):
        frame_rules.reason(film, rules, 60)
