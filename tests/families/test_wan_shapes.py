"""Published sizes: those of Wan's own configurations, and the parameters that they come to."""

import subprocess
import sys

import pytest
import torch
from diffusers import AutoencoderKLWan, WanTransformer3DModel, WanVACETransformer3DModel
from torch import nn
from transformers import CLIPVisionConfig, CLIPVisionModel, UMT5Config, UMT5EncoderModel

from yozora.families.wan_shapes import CLIP_VIT_H, TRANSFORMERS, UMT5_XXL, VAE_2_1, VAE_2_2
from yozora.model.autoencoder import VideoAutoencoder
from yozora.model.autoencoder_keys import config_from_diffusers, native_to_diffusers
from yozora.model.configurations import AutoencoderConfig, config_of
from yozora.model.dit import SpacetimeTransformer
from yozora.weights.checkpoints.names import inverse, rename
from yozora.weights.checkpoints.tables import NATIVE_TO_DIFFUSERS

NATIVE = {  # dim, heads, layers, ffn, channels in and out: `wan/configs` and the `config.json` beside the weights
    "t2v-1.3b": (1536, 12, 30, 8960, 16, 16),
    "t2v-14b": (5120, 40, 40, 13824, 16, 16),
    "i2v-14b": (5120, 40, 40, 13824, 36, 16),
    "flf2v-14b": (5120, 40, 40, 13824, 36, 16),
    "vace-1.3b": (1536, 12, 30, 8960, 16, 16),
    "vace-14b": (5120, 40, 40, 13824, 16, 16),
    "ti2v-5b": (3072, 24, 30, 14336, 48, 48),
    "i2v-a14b": (5120, 40, 40, 13824, 36, 16),
}
MILLIONS = {
    "t2v-1.3b": 1_419,
    "t2v-14b": 14_288,
    "i2v-14b": 16_395,
    "flf2v-14b": 16_396,
    "vace-1.3b": 2_154,
    "vace-14b": 17_338,
    "ti2v-5b": 5_000,
    "i2v-a14b": 14_289,
}


def millions(module: nn.Module) -> int:
    return round(sum(parameter.numel() for parameter in module.parameters()) / 1e6)


def theirs(name: str) -> nn.Module:
    """diffusers' module of a shape, without values."""
    dim, heads, layers, ffn, channels, out = NATIVE[name]
    sizes = {"num_attention_heads": heads, "attention_head_dim": dim // heads, "num_layers": layers, "ffn_dim": ffn}
    sizes |= {"in_channels": channels, "out_channels": out}
    with torch.device("meta"):
        if "vace" in name:
            control = list(range(0, layers, 2 if layers == 30 else 5))
            return WanVACETransformer3DModel(**sizes, text_dim=4096, vace_layers=control, vace_in_channels=96)
        if name in ("i2v-14b", "flf2v-14b"):
            sizes |= {"image_dim": 1280, "added_kv_proj_dim": dim}
        return WanTransformer3DModel(**sizes, text_dim=4096, pos_embed_seq_len=514 if "flf" in name else None)


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_transformers_are_the_published_ones(name: str) -> None:
    config = TRANSFORMERS[name]
    told = (config.dim, config.heads, config.layers, config.ffn, config.in_channels, config.out_channels)
    assert told == NATIVE[name]
    assert (config.head_dim, config.text_dim, config.freq_dim, config.text_len) == (128, 4096, 256, 512)
    reference = theirs(name)
    assert config_of(reference.config) == config
    with torch.device("meta"):
        ours = SpacetimeTransformer(config)
    assert millions(ours) == millions(reference) == MILLIONS[name]
    renamed = rename(reference.state_dict(), inverse(NATIVE_TO_DIFFUSERS))
    shapes = {key: value.shape for key, value in ours.state_dict().items()}
    assert {key: value.shape for key, value in renamed.items()} == shapes


@pytest.mark.parametrize(("ours", "sizes"), [(VAE_2_1, {}), (VAE_2_2, {"is_residual": True, "patch_size": 2})])
def test_autoencoders_have_every_key_and_shape(ours: AutoencoderConfig, sizes: dict[str, object]) -> None:
    if sizes:
        sizes = sizes | {"base_dim": 160, "decoder_base_dim": 256, "z_dim": 48, "in_channels": 12, "out_channels": 12}
        sizes |= {"latents_mean": list(ours.mean), "latents_std": list(ours.std)}
    with torch.device("meta"):
        reference = AutoencoderKLWan(**sizes)
        module = VideoAutoencoder(ours)
        native = module.state_dict()
    assert config_from_diffusers(reference.config) == ours
    renamed = rename(reference.state_dict(), inverse(native_to_diffusers(ours)))
    assert {key: value.shape for key, value in renamed.items()} == {key: value.shape for key, value in native.items()}
    assert rename(native, native_to_diffusers(ours)).keys() == reference.state_dict().keys()
    assert millions(module) == (705 if sizes else 127)
    assert ours.stride == ((4, 16, 16) if sizes else (4, 8, 8))


def test_encoders_are_the_published_ones() -> None:
    with torch.device("meta"):
        text = UMT5EncoderModel(UMT5Config(**UMT5_XXL))
        image = CLIPVisionModel(CLIPVisionConfig(**CLIP_VIT_H))
    assert millions(text) == 5_681
    assert millions(image) == 631
    assert image.embeddings.num_positions == 257


def test_sizes_are_known_without_torch() -> None:
    code = "import sys, yozora.families.wan_shapes; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
