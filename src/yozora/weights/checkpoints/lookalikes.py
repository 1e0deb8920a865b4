"""Weights that are not of this architecture, though some are named Wan: recognised by the names of their tensors.

One line each. Without it they would be refused too, but with a list of names that says nothing to people.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from yozora.errors import UserError


@dataclass(frozen=True, slots=True)
class Other:
    """Weights of another kind."""

    pattern: str  # a regular expression; some tensor's name has it from its start
    name: str
    runs_on: str


DIFFUSERS, COMFYUI = "diffusers", "ComfyUI"

OTHERS = (
    # relatives of Wan
    Other(r".*\.to_gate_compress\.", "FastWan with trained sparse attention (VSA)", "FastVideo"),
    Other(
        r".*\.(weight_scale_2|pre_quant_scale|_?n?v?fp4_weight\w*)$", "NVFP4 weights such as FastWan-QAD", "FastVideo"
    ),
    Other(r".*\.(int8_weight|proj_l\.\w+)$", "TurboWan (trained sparse attention, W8A8)", "TurboDiffusion"),
    Other(r".*(delta_embedder|far_patch_embedding)\.", "AnyFlow (a second time embedding)", DIFFUSERS),
    Other(r"net\.(x_embedder|pos_embedder|extra_pos)", "Cosmos", DIFFUSERS),
    Other(r"net\.", "rCM (a linear patch embedding)", "NVlabs/rcm"),
    Other(r"(motion_encoder|face_adapter|pose_patch_embedding)\.", "Wan-Animate", DIFFUSERS),
    Other(r"(casual_audio_encoder|audio_injector|trainable_cond_mask)\b", "Wan-S2V (speech)", "Wan-Video/Wan2.2"),
    Other(r"(audio_model|fusion_blocks)\.", "Ovi (video with sound)", "character-ai/Ovi"),
    Other(r"(audio_proj|audio2token)\.|.*\.audio_cross_attn", "MultiTalk, InfiniteTalk or HuMo (speech)", COMFYUI),
    Other(r"(control_adapter|ref_conv)\.", "Wan-Fun with camera or reference control", "VideoX-Fun or ComfyUI"),
    Other(r"blocks\.\d+\.(cam_encoder|projector)\.", "ReCamMaster (camera control)", COMFYUI),
    Other(r"fps_(embedding|projection)\.", "SkyReels-V2 with frame rates", DIFFUSERS),
    # other families
    Other(r"(vae\.)?(audio_vae\.|audio_(patchify_proj|proj_in)\.|av_c|per_channel_statistics)", "LTX-2", DIFFUSERS),
    Other(r"patchify_proj\.|adaln_single\.|transformer_blocks\.\d+\.scale_shift_table", "LTX-Video", DIFFUSERS),
    Other(r"(txt_in\.individual_|context_embedder\.)token_refiner\.", "HunyuanVideo", DIFFUSERS),
    Other(r"(double_stream_modulation_img|single_stream_modulation)\.", "Flux 2", DIFFUSERS),
    Other(r"(double_blocks|single_transformer_blocks)\.", "Flux or another model of its kind", DIFFUSERS),
    Other(r"pos_frequencies$|blocks\.\d+\.attn\.qkv_x\.", "Mochi", DIFFUSERS),
    Other(r"patch_embed\.text_proj\.", "CogVideoX", DIFFUSERS),
    Other(r"transformer_blocks\.\d+\.(img|txt)_mod\.", "Qwen-Image", DIFFUSERS),
    Other(r".*\.ff\.conv_inverted\.|blocks\.\d+\.cross_attn\.q_linear\.", "Sana", DIFFUSERS),
    Other(r"joint_blocks\.|pos_embed\.pos_embed$", "Stable Diffusion 3", DIFFUSERS),
    Other(r"(input_blocks|down_blocks|output_blocks)\.", "Stable Diffusion or another U-Net", DIFFUSERS),
    Other(r"(visual|text)_transformer_blocks\.", "Kandinsky 5", DIFFUSERS),
    Other(r"(cap_embedder|noise_refiner)\.|layers\.\d+\.adaLN_modulation", "Lumina 2 or Z-Image", DIFFUSERS),
    Other(r"transformer_blocks\.", "another diffusion transformer", DIFFUSERS),
    # other parts
    Other(r"lora_unet_|.*\.(lora_(A|B|down|up)\b|diff(_b)?$)", "a LoRA, not a whole model", "`--lora`"),
    Other(r"(encoder|decoder)\.(conv1|conv_in|mid|middle)", "an autoencoder, not a transformer", "`--vae`"),
    Other(r"(encoder\.block|enc\.blk|token_embd|token_embedding|shared)\b", "a text encoder", "`--text-encoder`"),
    Other(r"(model\.)?layers\.\d+\.self_attn\.q_proj\.", "a language model", "another program"),
    Other(r"(visual\.|vision_model\.|embeddings\.class_embedding)", "an image encoder", "weights that take images"),
)
"""What else goes round; the first one counts whose pattern any name has."""

NAMED = (
    ("fastwan-qad", OTHERS[1]),
    ("turbowan", OTHERS[2]),
    ("anyflow", OTHERS[3]),
)
"""Of those whose tensors may be named like Wan's: what stands in the names of their files or folders, in lower case."""


def refuse(names: Iterable[str], path: Path = Path()) -> None:
    """Raise a UserError if the names (without a prefix) are those of weights of another kind.

    Args:
        path: of the file that they came from; its folder's, its repository's and its own name may tell.
    """
    names = list(names)
    said = [part.lower() for part in path.parts[-3:] + tuple(x for x in path.parts if x.startswith("models--"))]
    other = next((other for word, other in NAMED if any(word in part for part in said)), None)
    if other is None:
        patterns = ((re.compile(other.pattern), other) for other in OTHERS)
        other = next((other for pattern, other in patterns if any(map(pattern.match, names))), None)
    if other is not None:
        raise UserError(
            f"These look like weights of another kind: {other.name}.",
            f"Run them with {other.runs_on}.",
            code="weights_of_other_model",
        )
