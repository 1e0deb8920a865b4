"""A model whose sizes nothing states is listed, runs, and is told of without figures."""

from dataclasses import replace
from pathlib import Path

import pytest

from yozora import families
from yozora.cli.models import _facts, card, weights
from yozora.core.options import ArgumentError
from yozora.families.mini import FAMILY, MINI
from yozora.families.preset import Budget, Preset
from yozora.memory import arranging, catalogue


@pytest.fixture
def unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Preset:
    """Weights of a family that does not state their size: three files of 10 bytes."""
    preset = replace(MINI, name="pebble", family="pebble", folder=tmp_path)
    family = replace(FAMILY, name="pebble", presets={"pebble": preset}, sized="")
    monkeypatch.setattr(families, "FAMILIES", {**families.FAMILIES, "pebble": family})
    for module in (arranging, catalogue):
        monkeypatch.setattr(module, "FAMILIES", families.FAMILIES)
    for path in family.files(preset).values():
        path.write_bytes(bytes(10))
    return preset


def test_it_runs_and_has_no_figures(unknown: Preset) -> None:
    entry = catalogue.ModelEntry(preset=unknown)
    verdict = entry.verdict()
    assert (entry.sizes, verdict.runs, verdict.needs) == (None, True, None)
    assert verdict.how.endswith("; nothing states how much memory it needs")
    lines = list(card(entry))
    assert lines[-1].endswith("; nothing states how much memory it needs")
    assert _facts(entry)["memory_bytes"] is _facts(entry)["fetch_bytes"] is None


def test_its_download_has_no_figure(unknown: Preset, tmp_path: Path) -> None:
    away = replace(unknown, folder=tmp_path / "none", hub="someone/pebble")
    assert weights(catalogue.ModelEntry(preset=away)) == "not here: yozora pull pebble fetches it"


def test_a_worker_counts_the_bytes_of_its_files(unknown: Preset) -> None:
    assert arranging.needs(unknown) == 30


def test_a_limit_of_memory_cannot_be_held(unknown: Preset) -> None:
    with pytest.raises(ArgumentError, match="Nothing states how much memory pebble needs") as refused:
        arranging.precision(replace(unknown, budget=Budget(memory=10**9)))
    assert refused.value.code == "model_size_unknown"


def test_it_is_not_offered_where_another_one_does_not_fit(unknown: Preset) -> None:
    bounded = replace(MINI, budget=Budget(memory=1))
    with pytest.raises(ArgumentError) as refused:
        arranging.precision(bounded)
    assert "pebble" not in refused.value.hint
