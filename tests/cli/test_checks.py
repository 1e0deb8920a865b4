"""What `yozora doctor` says of models that were fetched, and of what their families need."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from yozora.cli import checks
from yozora.families import FAMILIES, presets
from yozora.memory import catalogue
from yozora.weights import header

PRESET = FAMILIES["wan"].presets["wan2.1-t2v-1.3b"]


@pytest.fixture
def fetched(tmp_path: Path) -> catalogue.ModelEntry:
    """Files of a model, in diffusers' layout."""
    for name in ("transformer/diffusion_pytorch_model", "vae/diffusion_pytorch_model", "text_encoder/model"):
        path = tmp_path / f"{name}.safetensors"
        path.parent.mkdir()
        save_file({"a": torch.zeros(8, 3), "b": torch.ones(4)}, path)
    (tmp_path / "model_index.json").write_text("{}")
    return catalogue.ModelEntry(preset=replace(PRESET, folder=tmp_path))


def test_a_model_that_is_here_is_a_line(fetched: catalogue.ModelEntry) -> None:
    found = checks.whole(fetched)
    assert found.good
    assert found.found.startswith("0 MB, whole; runs in ") or "does not run here: needs" in found.found


@pytest.mark.parametrize("change", [-1, 1])
def test_a_file_that_is_cut_is_named_and_does_not_fail_the_rest(fetched: catalogue.ModelEntry, change: int) -> None:
    path = fetched.files["text_encoder"]
    data = path.read_bytes()
    path.write_bytes(data[:-1] if change < 0 else data + b"x")
    assert not header.is_whole(path)
    found = checks.whole(fetched)
    assert (found.good, found.needed) == (False, False)
    assert f"{path} is cut. Fetch it again: yozora pull {PRESET.name}" in found.found
    path.write_bytes(b"x")
    assert "Fetch the file again." in checks.whole(fetched).found


def test_packages_are_told_or_how_to_install_them(monkeypatch: pytest.MonkeyPatch) -> None:
    wan = FAMILIES["wan"]
    assert checks.packages(wan).good
    found = checks.packages(replace(wan, packages=("torch", "no-such-package")))
    assert (found.good, found.needed) == (False, False)
    assert found.found == "no-such-package missing: pip install 'yozora[wan]'"


def test_without_fetched_models_nothing_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "speed", lambda _: checks.Finding(what="speed", found=""))
    found = list(checks.examine())
    assert [each.what for each in found if each.what.startswith("weights")] == [f"weights {presets.DEFAULT}"]
    assert all(each.good for each in found if each.needed)
