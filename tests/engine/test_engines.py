"""An engine is made for one device or for several, as many as there are."""

import pytest

from yozora.engine.engine import Engine
from yozora.engine.engines import engine_of
from yozora.errors import UserError
from yozora.families import presets


def test_one_device_has_a_plain_engine() -> None:
    engine = engine_of(presets.PRESETS[presets.DEFAULT], "cpu")
    assert type(engine) is Engine


def test_more_gpus_than_there_are_are_refused_before_anything_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.device_count", lambda: 1)
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    with pytest.raises(UserError, match="gpus is 2, and this machine has 1"):
        engine_of(presets.PRESETS[presets.DEFAULT], "cuda", gpus=2)
