from dataclasses import replace

import pytest

from yozora.model.configurations import TransformerConfig, config_of

SIZES = {"dim": 48, "heads": 2, "layers": 3, "ffn": 64, "in_channels": 16, "out_channels": 16}
PUBLISHED = {  # transformer/config.json of Wan 2.1 I2V 14B, in small
    "_class_name": "WanTransformer3DModel",
    "_diffusers_version": "0.33.0.dev0",
    "added_kv_proj_dim": 48,
    "attention_head_dim": 24,
    "cross_attn_norm": True,
    "eps": 1e-06,
    "ffn_dim": 64,
    "freq_dim": 256,
    "image_dim": 1280,
    "in_channels": 36,
    "num_attention_heads": 2,
    "num_layers": 3,
    "out_channels": 16,
    "patch_size": [1, 2, 2],
    "qk_norm": "rms_norm_across_heads",
    "rope_max_seq_len": 1024,
    "text_dim": 4096,
}


def test_a_published_config_is_understood() -> None:
    expected = TransformerConfig(**SIZES | {"in_channels": 36}, image_dim=1280)
    assert config_of(PUBLISHED) == expected
    assert config_of(PUBLISHED | {"pos_embed_seq_len": 514}) == replace(expected, image_tokens=514)
    early = {"window_size": [-1, -1], "add_img_emb": True, "pos_embed_seq_len": None}
    assert config_of(PUBLISHED | early) == expected


def test_that_of_a_control_branch() -> None:
    values = PUBLISHED | {"_class_name": "WanVACETransformer3DModel", "image_dim": None, "added_kv_proj_dim": None}
    values |= {"in_channels": 16, "vace_layers": [0, 2], "vace_in_channels": 96}
    assert config_of(values) == TransformerConfig(**SIZES, control_layers=(0, 2), control_channels=96)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"_class_name": "WanAnimateTransformer3DModel"}, "WanAnimateTransformer3DModel; known: WanTransformer3DModel"),
        ({"motion_encoder_size": 512}, "has no motion_encoder_size"),
        ({"cross_attn_norm": False}, "without a norm"),
        ({"qk_norm": "layer_norm"}, "qk_norm is 'layer_norm'"),
        ({"window_size": [3, 3]}, "windows"),
        ({"added_kv_proj_dim": 1280}, "from 1280 features"),
        ({"image_dim": None}, "from 48 features"),
    ],
)
def test_others_are_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        config_of(PUBLISHED | wrong)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"layers": 0}, "at least 1"),
        ({"layers": 10**9}, "at most 1000 layers"),
        ({"image_tokens": 10}, "no image_dim"),
        ({"control_layers": (0, 2)}, "control_channels are 0"),
        ({"control_channels": 8}, r"control_layers are \(\)"),
        ({"control_layers": (1, 2), "control_channels": 8}, "do not rise from 0"),
        ({"control_layers": (0, 3), "control_channels": 8}, "to at most 2"),
        ({"control_layers": (0, 2, 1), "control_channels": 8}, "do not rise"),
    ],
)
def test_contradictions_are_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        TransformerConfig(**SIZES | wrong)
