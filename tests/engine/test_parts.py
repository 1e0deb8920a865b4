"""Files become models, those of older versions too; what is not such a file is one line."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from yozora.engine.parts import load_autoencoder, load_text, load_transformer
from yozora.errors import UserError
from yozora.families.presets import PRESETS
from yozora.model.autoencoder import AutoencoderConfig, VideoAutoencoder
from yozora.model.codec import CodecConfig, KeyframeCodec
from yozora.model.dit import SpacetimeTransformer, TransformerConfig
from yozora.model.text import TextConfig, TextEncoder
from yozora.weights.files import save

CONFIG = TransformerConfig(dim=48, heads=2, layers=2, ffn=64, in_channels=3, out_channels=3, text_dim=10, freq_dim=32)


def test_an_older_transformer_is_loaded_and_saved_without_what_is_outdated(tmp_path: Path) -> None:
    made, path = SpacetimeTransformer(CONFIG), tmp_path / "dit.safetensors"
    save(path, made, {**asdict(CONFIG), "truth_layer": 1})
    dit = load_transformer(path)
    assert dit.config == CONFIG
    assert not dit.training
    assert all(torch.equal(value, made.state_dict()[name]) for name, value in dit.state_dict().items())
    save(path, dit, dit.config)
    with safe_open(path, framework="pt") as file:
        assert "truth_layer" not in json.loads(file.metadata()["config"])


def test_what_is_shipped_is_loaded_in_the_dtype_that_is_asked_for() -> None:
    files = PRESETS["mini"].files
    for load, name in ((load_text, "text"), (load_transformer, "transformer"), (load_autoencoder, "autoencoder")):
        for dtype in (torch.float32, torch.bfloat16):
            module = load(files[name], dtype)
            assert {p.dtype for p in module.parameters() if p.is_floating_point()} == {dtype}
            assert not module.training


def test_autoencoders_of_both_kinds_are_loaded(tmp_path: Path) -> None:
    old = AutoencoderConfig(
        dim=4, dec_dim=4, z=8, mean=(0.0,) * 8, std=(1.0,) * 8, mult=(1, 1, 1), res_blocks=1, temporal=(True, True)
    )
    new = CodecConfig(encoder=(8, 1), decoder=(8, 1), decoder_fine=(8, 1), estimator=(8, 1), refiner=(8, 1))
    made: tuple[tuple[VideoAutoencoder | KeyframeCodec, AutoencoderConfig | CodecConfig], ...]
    made = ((VideoAutoencoder(old), old), (KeyframeCodec(new), new))
    for autoencoder, config in made:
        save(tmp_path / "autoencoder.safetensors", autoencoder, config)
        found = load_autoencoder(tmp_path / "autoencoder.safetensors")
        assert type(found) is type(autoencoder)
        assert found.config == config
        assert not found.training
        state = autoencoder.state_dict()
        assert all(torch.equal(value, state[name]) for name, value in found.state_dict().items())


def test_a_codec_whose_config_does_not_fit_is_one_line(tmp_path: Path) -> None:
    config = CodecConfig(encoder=(8, 1), decoder=(8, 1), decoder_fine=(8, 1), estimator=(8, 1), refiner=(8, 1))
    path, codec = tmp_path / "autoencoder.safetensors", KeyframeCodec(config)
    for wrong in ({"mean": [0.0]}, {"stills": 4}):
        save(path, codec, {**asdict(config), **wrong})
        with pytest.raises(UserError, match=r"autoencoder\.safetensors has the weights of another kind of model"):
            load_autoencoder(path)
    save(path, codec, {**asdict(config), "encoder": (16, 1)})
    with pytest.raises(UserError, match="do not belong to this model"):
        load_autoencoder(path)


def test_another_kind_of_model_is_named(tmp_path: Path) -> None:
    path = tmp_path / "text.safetensors"
    config = TextConfig(dim=32, heads=2, layers=1, buckets=512, pairs=128)
    save(path, TextEncoder(config), config)
    for load in (load_transformer, load_autoencoder):
        with pytest.raises(UserError, match=r"text\.safetensors has the weights of another kind of model"):
            load(path)
    with pytest.raises(UserError, match="No weights"):
        load_text(tmp_path / "absent.safetensors")
