"""Which preset a checkpoint is: by its sizes, its experts and its name, in every layout; heads of files suffice."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from yozora.errors import UserError
from yozora.families import presets, wan
from yozora.families.preset import Preset
from yozora.families.presets import PRESETS
from yozora.families.wan_files import files, layout_of, recognise
from yozora.families.wan_shapes import TRANSFORMERS
from yozora.model.configurations import TransformerConfig
from yozora.model.dit import SpacetimeTransformer
from yozora.weights import hub
from yozora.weights.checkpoints.names import inverse, renamer
from yozora.weights.checkpoints.tables import NATIVE_TO_DIFFUSERS

WAN = wan.FAMILY.presets
SHAPES: dict[str, dict[str, tuple[int, ...]]] = {}


def shapes(shape: str) -> Mapping[str, tuple[int, ...]]:
    """Names and shapes of a transformer's tensors, at full size."""
    if shape not in SHAPES:
        with torch.device("meta"):
            made = SpacetimeTransformer(TRANSFORMERS[shape])
        SHAPES[shape] = {key: tuple(tensor.shape) for key, tensor in made.state_dict().items()}
    return SHAPES[shape]


def head(path: Path, tensors: Mapping[str, tuple[int, ...]]) -> Path:
    """A safetensors file of these tensors without their numbers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    said = json.dumps(
        {key: {"dtype": "BF16", "data_offsets": [0, 0], "shape": sides} for key, sides in tensors.items()}
    )
    path.write_bytes(len(said.encode()).to_bytes(8, "little") + said.encode())
    return path


def diffusers_config(config: TransformerConfig) -> dict[str, Any]:
    return {
        "_class_name": "WanVACETransformer3DModel" if config.control_layers else "WanTransformer3DModel",
        "patch_size": list(config.patch),
        "num_attention_heads": config.heads,
        "attention_head_dim": config.head_dim,
        "in_channels": config.in_channels,
        "out_channels": config.out_channels,
        "text_dim": config.text_dim,
        "freq_dim": config.freq_dim,
        "ffn_dim": config.ffn,
        "num_layers": config.layers,
        "cross_attn_norm": True,
        "qk_norm": "rms_norm_across_heads",
        "eps": config.eps,
        "image_dim": config.image_dim,
        "added_kv_proj_dim": None if config.image_dim is None else config.dim,
        "pos_embed_seq_len": config.image_tokens,
        **({"vace_layers": list(config.control_layers), "vace_in_channels": 96} if config.control_layers else {}),
    }


def diffusers_folder(folder: Path, preset: Preset) -> Path:
    """A checkpoint as diffusers lays it out."""
    for part in ("transformer", "transformer_2")[: 1 + (preset.boundary is not None)]:
        head(folder / part / "diffusion_pytorch_model.safetensors", {})
        config = json.dumps(diffusers_config(TRANSFORMERS[preset.shape]))
        (folder / part / "config.json").write_text(config)
    (folder / "model_index.json").write_text("{}")
    return folder


@pytest.mark.parametrize("preset", [each for each in WAN.values() if not each.added], ids=lambda preset: preset.name)
def test_a_folder_of_diffusers_is_the_preset_of_its_repository(preset: Preset, tmp_path: Path) -> None:
    folder = diffusers_folder(tmp_path / preset.hub.rpartition("/")[2], preset)
    found = recognise(folder)
    assert found is not None
    assert (found.summary, found.folder, found.family) == (preset.summary, folder, "wan")
    assert presets.find(folder) == found


UNNAMED = {
    "t2v-1.3b": "wan2.1-t2v-1.3b",
    "t2v-14b": "wan2.1-t2v-14b",
    "i2v-14b": "wan2.1-i2v-14b-480p",
    "flf2v-14b": "wan2.1-flf2v-14b",
    "vace-1.3b": "wan2.1-vace-1.3b",
    "vace-14b": "wan2.1-vace-14b",
    "ti2v-5b": "wan2.2-ti2v-5b",
}


@pytest.mark.parametrize("spelling", ["native", "diffusers", "prefixed"])
@pytest.mark.parametrize("shape", UNNAMED)
def test_a_single_file_is_known_by_its_sizes(shape: str, spelling: str, tmp_path: Path) -> None:
    tensors = dict(shapes(shape))
    if spelling == "diffusers":
        to = renamer(NATIVE_TO_DIFFUSERS)
        tensors = {str(to(key)): sides for key, sides in tensors.items()}
    if spelling == "prefixed":
        tensors = {f"model.diffusion_model.{key}": sides for key, sides in tensors.items()}
    found = recognise(head(tmp_path / "some.safetensors", tensors))
    assert found is not None
    assert found.summary == WAN[UNNAMED[shape]].summary


def test_names_are_translated_back() -> None:
    for shape in UNNAMED:
        to, back = renamer(NATIVE_TO_DIFFUSERS), renamer(inverse(NATIVE_TO_DIFFUSERS))
        assert all(back(str(to(key))) == key for key in shapes(shape))


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"model_type": "t2v", "dim": 1536, "num_layers": 30, "in_dim": 16}, "wan2.1-t2v-1.3b"),
        ({"model_type": "i2v", "dim": 5120, "num_layers": 40, "in_dim": 36}, "wan2.1-i2v-14b-480p"),
        ({"model_type": "flf2v", "dim": 5120, "num_layers": 40, "in_dim": 36}, "wan2.1-flf2v-14b"),
        ({"model_type": "ti2v", "dim": 3072, "num_layers": 30, "in_dim": 48}, "wan2.2-ti2v-5b"),
        ({"model_type": "vace", "dim": 5120, "num_layers": 40, "in_dim": 16}, "wan2.1-vace-14b"),
    ],
)
def test_wans_own_folders(said: dict[str, Any], name: str, tmp_path: Path) -> None:
    head(tmp_path / "model" / "diffusion_pytorch_model.safetensors", {})
    (tmp_path / "model" / "config.json").write_text(json.dumps(said))
    found = recognise(tmp_path / "model")
    assert found is not None
    assert found.summary == WAN[name].summary


@pytest.mark.parametrize(("kind", "shape"), [("t2v", "t2v-14b"), ("i2v", "i2v-a14b")])
def test_two_experts_of_wans_own(kind: str, shape: str, tmp_path: Path) -> None:
    for expert in ("high_noise_model", "low_noise_model"):
        head(tmp_path / expert / "diffusion_pytorch_model.safetensors", shapes(shape))
    found = recognise(tmp_path)
    assert found is not None
    assert found.summary == WAN[f"wan2.2-{kind}-a14b"].summary
    assert found.boundary


def test_what_is_no_checkpoint_is_none(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("")
    assert recognise(tmp_path / "notes.txt") is None
    assert recognise(tmp_path) is None
    assert recognise(head(tmp_path / "other.safetensors", {"layer.weight": (4, 4)})) is None
    strange = dict(shapes("t2v-1.3b")) | {"patch_embedding.weight": (7, 16, 1, 2, 2)}
    assert recognise(head(tmp_path / "strange.safetensors", strange)) is None
    with pytest.raises(UserError, match="is not a model"):
        presets.find(tmp_path / "strange.safetensors")


def test_a_broken_file_ends_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "broken.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0not json")
    with pytest.raises(UserError, match="cannot be read as weights") as error:
        presets.find(tmp_path / "broken.safetensors")
    assert "\n" not in str(error.value)


def test_weights_that_are_not_here_say_how_they_are_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    preset = PRESETS["wan2.2-ti2v-5b"]
    with pytest.raises(UserError, match=r"Fetch them: yozora pull wan2\.2-ti2v-5b"):
        layout_of(preset)
    assert files(preset) == {}
    assert not preset.available


def test_a_cache_is_where_huggingface_hub_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    assert hub.cache() == tmp_path / "hub"
    monkeypatch.delenv("HF_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert hub.cache() == tmp_path / "huggingface" / "hub"
