"""Weights that are not of this shape are named, with what runs them."""

from pathlib import Path
from typing import Any

import diffusers
import pytest
import torch
from tests.weights.checkpoints import toys

from yozora.errors import UserError
from yozora.weights.checkpoints import read_part
from yozora.weights.checkpoints.lookalikes import refuse

TELLING = {
    "FastVideo": ["blocks.0.attn1.to_gate_compress.weight", "blocks.0.to_gate_compress.bias"],
    "NVFP4": ["blocks.0.self_attn.q.weight_scale_2", "blocks.0.ffn.0._fp4_weight"],
    "TurboWan": ["blocks.0.self_attn.q.int8_weight", "blocks.0.self_attn.attn_op.local_attn.proj_l.weight"],
    "AnyFlow": ["condition_embedder.delta_embedder.linear_1.weight", "far_patch_embedding.weight"],
    "rCM": ["net.blocks.0.self_attn.q.weight"],
    "Wan-Animate": ["motion_encoder.dec.direction.weight", "face_adapter.fuser_blocks.0.linear2.weight"],
    "Wan-S2V": ["casual_audio_encoder.encoder.conv1_local.conv.weight"],
    "Ovi": ["audio_model.blocks.0.ffn.0.weight"],
    "MultiTalk": ["audio_proj.proj1.weight", "blocks.0.audio_cross_attn.q_linear.weight"],
    "Wan-Fun": ["control_adapter.conv.weight", "ref_conv.weight"],
    "a LoRA": ["blocks.0.self_attn.q.lora_A.weight", "lora_unet_blocks_0_ffn_0.alpha", "blocks.0.norm3.diff_b"],
    "LTX-2": ["audio_vae.encoder.conv_in.weight", "av_ca_a2v_gate_adaln_single.linear.weight"],
    "Flux": ["double_blocks.0.img_attn.norm.key_norm.scale"],
    "U-Net": ["input_blocks.0.0.weight"],
    "Stable Diffusion 3": ["joint_blocks.0.context_block.attn.qkv.weight"],
    "Cosmos": ["net.x_embedder.proj.1.weight"],
    "a language model": ["model.layers.0.self_attn.q_proj.weight"],
}


@pytest.mark.parametrize(("name", "key"), [(name, key) for name, keys in TELLING.items() for key in keys])
def test_they_are_told_by_their_names(name: str, key: str, tmp_path: Path) -> None:
    """Among Wan's own names, as they stand in their files."""
    state = {**toys.native(), key: torch.ones(1)}
    with pytest.raises(UserError, match=f"look like weights of another kind: .*{name}|They run with {name}") as caught:
        read_part(toys.write(tmp_path / "m.safetensors", state), "transformer")
    assert "Run them with" in str(caught.value)


def test_kin_with_the_same_names_are_told_by_their_folder(tmp_path: Path) -> None:
    """FastWan-QAD's tensors are named as Wan's: they are quantised when they are loaded."""
    for folder in ("models--FastVideo--FastWan-QAD-1.3B/snapshots/a/b/transformer", "FastWan-QAD-1.3B/transformer"):
        file = toys.write(tmp_path / folder / "diffusion_pytorch_model.safetensors", toys.native())
        with pytest.raises(UserError, match="NVFP4 weights such as FastWan-QAD"):
            read_part(file, "transformer")
    mine = toys.write(tmp_path / "beside-anyflow" / "wan" / "mine" / "model.safetensors", toys.native())
    assert read_part(mine, "transformer").keys() == toys.native().keys()


MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "LTXVideoTransformer3DModel": ("LTX-Video", {"num_layers": 1}),
    "LTX2VideoTransformer3DModel": ("LTX-2", {"num_layers": 1}),
    "HunyuanVideoTransformer3DModel": ("HunyuanVideo", {"num_layers": 1, "num_single_layers": 1}),
    "CogVideoXTransformer3DModel": ("CogVideoX", {"num_layers": 1}),
    "MochiTransformer3DModel": ("Mochi", {"num_layers": 1}),
    "FluxTransformer2DModel": ("Flux", {"num_layers": 1, "num_single_layers": 1}),
    "QwenImageTransformer2DModel": ("Qwen-Image", {"num_layers": 1}),
    "UNet2DConditionModel": ("U-Net", {}),
    "AnyFlowTransformer3DModel": ("AnyFlow", {"num_layers": 1}),
    "AnyFlowFARTransformer3DModel": ("AnyFlow", {"num_layers": 1}),
    "WanAnimateTransformer3DModel": ("Wan-Animate", {"num_layers": 1}),
}


@pytest.mark.parametrize("model", MODELS)
def test_other_families_in_diffusers_spelling_are_told(model: str) -> None:
    name, sizes = MODELS[model]
    with torch.device("meta"):
        state = getattr(diffusers, model)(**sizes).state_dict()
    with pytest.raises(UserError, match=f"another kind: .*{name}"):
        refuse(state)


@pytest.mark.parametrize("kind", toys.KINDS)
def test_ours_are_not_taken_for_others(kind: str) -> None:
    refuse(toys.native(kind))
    refuse(toys.transformer(kind).state_dict())
