"""Sizes of the published Wan weights: transformers by shape, and the two video autoencoders. Data, without torch.

Source: the `config.json` files beside the weights, and Wan-Video/Wan2.1 and Wan2.2, `wan/configs` and `wan/modules`
(`vae2_1.py`, `vae2_2.py`: mean and standard deviation of each latent channel).
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from yozora.model.configurations import AutoencoderConfig, TransformerConfig

T2V_1B: Final = TransformerConfig(dim=1536, heads=12, layers=30, ffn=8960, in_channels=16, out_channels=16)
T2V_14B: Final = TransformerConfig(dim=5120, heads=40, layers=40, ffn=13824, in_channels=16, out_channels=16)
TI2V_5B: Final = TransformerConfig(dim=3072, heads=24, layers=30, ffn=14336, in_channels=48, out_channels=48)
I2V_A14B: Final = replace(T2V_14B, in_channels=36)  # noise, a mask of four channels, and latents of what is known
I2V_14B: Final = replace(I2V_A14B, image_dim=1280)  # and features of CLIP's ViT-H/14: 257 tokens an image
FLF2V_14B: Final = replace(I2V_14B, image_tokens=2 * 257)
VACE_1B: Final = replace(T2V_1B, control_layers=tuple(range(0, 30, 2)), control_channels=96)
VACE_14B: Final = replace(T2V_14B, control_layers=tuple(range(0, 40, 5)), control_channels=96)

TRANSFORMERS: Final[Mapping[str, TransformerConfig]] = MappingProxyType(
    {
        "t2v-1.3b": T2V_1B,
        "t2v-14b": T2V_14B,  # and each expert of A14B
        "i2v-14b": I2V_14B,
        "flf2v-14b": FLF2V_14B,
        "vace-1.3b": VACE_1B,
        "vace-14b": VACE_14B,
        "ti2v-5b": TI2V_5B,
        "i2v-a14b": I2V_A14B,
    }
)

VAE_2_1: Final = AutoencoderConfig(
    dim=96,
    dec_dim=96,
    z=16,
    mean=(
        *(-0.7571, -0.7089, -0.9113, 0.1075, -0.1745, 0.9653, -0.1517, 1.5508),
        *(0.4134, -0.0715, 0.5517, -0.3632, -0.1922, -0.9497, 0.2503, -0.2921),
    ),
    std=(
        *(2.8184, 1.4541, 2.3275, 2.6558, 1.2196, 1.7708, 2.6052, 2.0743),
        *(3.2687, 2.1526, 2.8652, 1.5579, 1.6382, 1.1253, 2.8251, 1.9160),
    ),
)

VAE_2_2: Final = AutoencoderConfig(
    dim=160,
    dec_dim=256,
    z=48,
    patch=2,
    shortcuts=True,
    mean=(
        *(-0.2289, -0.0052, -0.1323, -0.2339, -0.2799, 0.0174, 0.1838, 0.1557),
        *(-0.1382, 0.0542, 0.2813, 0.0891, 0.1570, -0.0098, 0.0375, -0.1825),
        *(-0.2246, -0.1207, -0.0698, 0.5109, 0.2665, -0.2108, -0.2158, 0.2502),
        *(-0.2055, -0.0322, 0.1109, 0.1567, -0.0729, 0.0899, -0.2799, -0.1230),
        *(-0.0313, -0.1649, 0.0117, 0.0723, -0.2839, -0.2083, -0.0520, 0.3748),
        *(0.0152, 0.1957, 0.1433, -0.2944, 0.3573, -0.0548, -0.1681, -0.0667),
    ),
    std=(
        *(0.4765, 1.0364, 0.4514, 1.1677, 0.5313, 0.4990, 0.4818, 0.5013),
        *(0.8158, 1.0344, 0.5894, 1.0901, 0.6885, 0.6165, 0.8454, 0.4978),
        *(0.5759, 0.3523, 0.7135, 0.6804, 0.5833, 1.4146, 0.8986, 0.5659),
        *(0.7069, 0.5338, 0.4889, 0.4917, 0.4069, 0.4999, 0.6866, 0.4093),
        *(0.5709, 0.6065, 0.6415, 0.4944, 0.5726, 1.2042, 0.5458, 1.6887),
        *(0.3971, 1.0600, 0.3943, 0.5537, 0.5444, 0.4089, 0.7468, 0.7744),
    ),
)

UMT5_XXL: Final[Mapping[str, object]] = MappingProxyType(
    {
        "vocab_size": 256384,
        "d_model": 4096,
        "d_kv": 64,
        "d_ff": 10240,
        "num_layers": 24,
        "num_heads": 64,
        "relative_attention_num_buckets": 32,
        "relative_attention_max_distance": 128,
        "feed_forward_proj": "gated-gelu",
        "layer_norm_epsilon": 1e-6,
    }
)
"""The text encoder of all of them, as transformers' `UMT5Config` takes it."""

CLIP_VIT_H: Final[Mapping[str, object]] = MappingProxyType(
    {
        "hidden_size": 1280,
        "intermediate_size": 5120,
        "num_hidden_layers": 32,
        "num_attention_heads": 16,
        "image_size": 224,
        "patch_size": 14,
        "hidden_act": "gelu",
        "layer_norm_eps": 1e-5,
    }
)
"""The image encoder of 2.1's image to video, as transformers' `CLIPVisionConfig` takes it."""
