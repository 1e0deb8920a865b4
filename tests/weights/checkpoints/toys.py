"""Small parts of Wan with random weights, as diffusers and transformers make them, and files in every layout."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKLWan, WanTransformer3DModel, WanVACETransformer3DModel
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import CLIPVisionConfig, CLIPVisionModel, UMT5Config, UMT5EncoderModel

from yozora.weights.checkpoints.names import State, inverse, rename
from yozora.weights.checkpoints.tables import CLIP_NATIVE, NATIVE_TO_DIFFUSERS, UMT5_NATIVE

SIZES: dict[str, Any] = {
    "num_attention_heads": 2,
    "attention_head_dim": 12,
    "text_dim": 10,
    "freq_dim": 16,
    "ffn_dim": 32,
    "num_layers": 2,
}
IMAGE: dict[str, Any] = {"image_dim": 14, "added_kv_proj_dim": 24}
KINDS: dict[str, dict[str, Any]] = {
    "t2v": {"in_channels": 4, "out_channels": 4},
    "i2v": {"in_channels": 9, "out_channels": 4, **IMAGE},
    "flf2v": {"in_channels": 9, "out_channels": 4, **IMAGE, "pos_embed_seq_len": 10},
    "vace": {"in_channels": 4, "out_channels": 4, "vace_layers": [0, 1], "vace_in_channels": 12},
}


def stirred(module: nn.Module) -> Any:
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_(std=0.3, generator=generator)
    return module.eval().requires_grad_(False)


def transformer(kind: str = "t2v", **sizes: Any) -> Any:
    model = WanVACETransformer3DModel if kind == "vace" else WanTransformer3DModel
    return stirred(model(**{**SIZES, **KINDS[kind], **sizes}))


def native(kind: str = "t2v", **sizes: Any) -> State:
    """A transformer's tensors under Wan's names."""
    return rename(transformer(kind, **sizes).state_dict(), inverse(NATIVE_TO_DIFFUSERS))


def autoencoder(kind: str) -> AutoencoderKLWan:
    sizes: dict[str, Any] = {"base_dim": 4, "z_dim": 3, "latents_mean": [0.0] * 3, "latents_std": [1.0] * 3}
    if kind == "2.2":
        sizes |= {"decoder_base_dim": 6, "is_residual": True, "patch_size": 2, "in_channels": 12, "out_channels": 12}
    return stirred(AutoencoderKLWan(**sizes))  # type: ignore[no-any-return]


def text_encoder() -> UMT5EncoderModel:
    sizes = {"d_model": 12, "d_kv": 4, "d_ff": 20, "num_layers": 2, "num_heads": 3}
    return stirred(UMT5EncoderModel(UMT5Config(vocab_size=11, **sizes)))  # type: ignore[no-any-return]


def native_text() -> State:
    state = {key: x for key, x in text_encoder().state_dict().items() if key != "encoder.embed_tokens.weight"}
    return rename(state, inverse(UMT5_NATIVE))


def image_encoder() -> CLIPVisionModel:
    sizes = {"hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    return stirred(CLIPVisionModel(CLIPVisionConfig(**sizes, image_size=28, patch_size=14)))  # type: ignore[no-any-return]


def native_image() -> State:
    """As in models_clip_open-clip-...pth: both halves of CLIP, queries, keys and values in one matrix."""
    state = rename(image_encoder().state_dict(), inverse(CLIP_NATIVE))
    for key in [key for key in state if ".attn.q." in key]:
        parts = [state.pop(key.replace(".attn.q.", f".attn.{letter}.")) for letter in "qkv"]
        state[key.replace(".attn.q.", ".attn.to_qkv.")] = torch.cat(parts)
    state["cls_embedding"] = state["cls_embedding"][None, None]
    state["pos_embedding"] = state["pos_embedding"][None]
    state["head"] = torch.ones(8, 5)
    whole = {f"visual.{key}": x for key, x in state.items()}
    return {**whole, "log_scale": torch.zeros(()), "textual.blocks.0.norm1.weight": torch.ones(3)}


def write(path: Path, state: Mapping[str, Tensor]) -> Path:
    """One safetensors file; folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({key: x.contiguous().clone() for key, x in state.items()}, path, {"format": "pt"})
    return path


def same(ours: Mapping[str, Tensor], theirs: Mapping[str, Tensor]) -> None:
    assert ours.keys() == theirs.keys()
    for key, tensor in theirs.items():
        assert torch.equal(ours[key], tensor), key
