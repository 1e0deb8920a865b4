"""diffusers' own Wan pipelines at toy size with random weights, each in a folder of its own layout.

What comes back is what `from_pretrained` makes of that folder: the untouched reference. Nothing is downloaded. The
sizes are those of published weights in small: which parts there are, how channels add up, which flags are set.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKLWan,
    DiffusionPipeline,
    FlowMatchEulerDiscreteScheduler,
    UniPCMultistepScheduler,
    WanImageToVideoPipeline,
    WanPipeline,
    WanTransformer3DModel,
    WanVACEPipeline,
    WanVACETransformer3DModel,
)
from torch import nn
from transformers import (
    CLIPImageProcessorPil,
    CLIPVisionConfig,
    CLIPVisionModel,
    T5TokenizerFast,
    UMT5Config,
    UMT5EncoderModel,
)

TEXT_DIM, IMAGE_DIM, IMAGE_TOKENS = 32, 16, 5  # of an image of 28x28 pixels in patches of 14, and one token for all
Z_2_1, Z_2_2 = 4, 8  # latent channels of the two autoencoders
SHIFT = 3.0
CONTROL_LAYERS = (0, 2)
WORDS = ("red", "ball", "cat", "dog", "runs", "over", "the", "grass", "left", "night", "sky", "ing", "blur", "夜", "空")


@dataclass(frozen=True, slots=True)
class Toy:
    """A reference: its folder, and the pipeline that `from_pretrained` makes of it, in fp32."""

    folder: Path
    pipeline: Any


def build(kind: str, folder: Path, scheduler: str = "unipc") -> Toy:
    """Save the reference of a kind of weights, named in `KINDS`, and load it."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = KINDS[kind](SCHEDULERS[scheduler]())
    made.save_pretrained(folder)
    return Toy(folder=folder, pipeline=load(type(made), folder))


def load(pipeline: type[DiffusionPipeline], folder: Path) -> Any:
    """The pipeline of a saved folder: TI2V's is also one that begins with an image."""
    loaded = pipeline.from_pretrained(folder, dtype=torch.float32)
    loaded.set_progress_bar_config(disable=True)
    return loaded


def unipc() -> UniPCMultistepScheduler:
    return UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=SHIFT)


def euler() -> FlowMatchEulerDiscreteScheduler:
    return FlowMatchEulerDiscreteScheduler(shift=SHIFT)


def tokenizer() -> T5TokenizerFast:
    """A Unigram model of single letters and a few words, with the special tokens of google/umt5-xxl."""
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;!?'\"&()-%"
    pieces = [*WORDS, *(f"▁{word}" for word in WORDS), *letters, "▁"]
    special = [("<pad>", 0.0), ("</s>", 0.0), ("<s>", 0.0), ("<unk>", 0.0)]
    scored = [(piece, -2.0 - 0.01 * number) for number, piece in enumerate(pieces)]
    return T5TokenizerFast(vocab=[*special, *scored], extra_ids=0)


def text_encoder(words: int) -> UMT5EncoderModel:
    sizes = {"d_model": TEXT_DIM, "d_kv": 8, "d_ff": 48, "num_layers": 2, "num_heads": 4}
    return stirred(UMT5EncoderModel(UMT5Config(vocab_size=words, **sizes)), 0.3)


def image_encoder() -> CLIPVisionModel:
    sizes = {"hidden_size": IMAGE_DIM, "intermediate_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2}
    config = CLIPVisionConfig(**sizes, image_size=28, patch_size=14, hidden_act="gelu")
    return stirred(CLIPVisionModel(config), 0.2)


def image_processor() -> CLIPImageProcessorPil:
    return CLIPImageProcessorPil(size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28})


def autoencoder_2_1() -> AutoencoderKLWan:
    return autoencoder(z_dim=Z_2_1)


def autoencoder_2_2() -> AutoencoderKLWan:
    sizes = {"in_channels": 12, "out_channels": 12, "patch_size": 2, "scale_factor_spatial": 16}
    return autoencoder(z_dim=Z_2_2, decoder_base_dim=12, is_residual=True, **sizes)


def autoencoder(z_dim: int, **sizes: object) -> AutoencoderKLWan:
    """Its films have contrast: neither grey nor clipped."""
    mean = [round(0.3 * math.sin(channel), 4) for channel in range(z_dim)]
    std = [round(1.0 + 0.4 * math.cos(channel), 4) for channel in range(z_dim)]
    made = AutoencoderKLWan(base_dim=8, z_dim=z_dim, num_res_blocks=1, latents_mean=mean, latents_std=std, **sizes)
    for name, parameter in made.named_parameters():
        spread = 0.1 if parameter.ndim == 1 or "gamma" in name else 1.5 / math.sqrt(parameter[0].numel())
        nn.init.normal_(parameter, mean=float("gamma" in name), std=spread)
    with torch.no_grad():
        made.decoder.conv_out.weight.mul_(0.3)
    return made


def transformer(in_channels: int, out_channels: int, **more: object) -> WanTransformer3DModel:
    return stirred(WanTransformer3DModel(**sizes(in_channels, out_channels), **more), 0.2)


def control_transformer() -> WanVACETransformer3DModel:
    """Control channels: kept and changed latents, and a mask of 8x8 pixels a latent."""
    control = {"vace_layers": list(CONTROL_LAYERS), "vace_in_channels": 2 * Z_2_1 + 64}
    plain = sizes(Z_2_1, Z_2_1) | {"num_layers": 3}
    return stirred(WanVACETransformer3DModel(**plain, **control), 0.15)


def sizes(in_channels: int, out_channels: int) -> dict[str, Any]:
    heads = {"num_attention_heads": 2, "attention_head_dim": 24, "num_layers": 2, "ffn_dim": 64}
    return {**heads, "in_channels": in_channels, "out_channels": out_channels, "text_dim": TEXT_DIM, "freq_dim": 32}


def with_images(images: int) -> WanTransformer3DModel:
    """The 36 channels in small: noise, mask and what is known; and the image branch, with positions for two images."""
    positions = {"pos_embed_seq_len": images * IMAGE_TOKENS} if images > 1 else {}
    return transformer(2 * Z_2_1 + 4, Z_2_1, image_dim=IMAGE_DIM, added_kv_proj_dim=48, **positions)


def stirred(module: nn.Module, std: float) -> Any:
    """With random values everywhere, norms and tables too: fresh ones would say little. Cross-attention is sharp, or a
    prompt of a few tokens would be lost among 512 pads."""
    for name, parameter in module.named_parameters():
        if name.endswith("weight") and "norm" in name:
            nn.init.normal_(parameter, mean=2.5 if "attn2.norm" in name else 1.0, std=std)
        elif "attn2.to_out" in name:
            nn.init.normal_(parameter, std=3 * std)
        else:
            nn.init.normal_(parameter, std=std)
    return module.eval().requires_grad_(False)


def text_parts() -> dict[str, Any]:
    reads = tokenizer()
    return {"tokenizer": reads, "text_encoder": text_encoder(len(reads))}


def image_parts() -> dict[str, Any]:
    return {"image_encoder": image_encoder(), "image_processor": image_processor()}


def t2v_2_1(scheduler: Any) -> WanPipeline:
    return WanPipeline(
        **text_parts(), vae=autoencoder_2_1(), transformer=transformer(Z_2_1, Z_2_1), scheduler=scheduler
    )


def i2v_2_1(scheduler: Any) -> WanImageToVideoPipeline:
    parts = text_parts() | image_parts()
    return WanImageToVideoPipeline(**parts, vae=autoencoder_2_1(), transformer=with_images(1), scheduler=scheduler)


def flf2v_2_1(scheduler: Any) -> WanImageToVideoPipeline:
    parts = text_parts() | image_parts()
    return WanImageToVideoPipeline(**parts, vae=autoencoder_2_1(), transformer=with_images(2), scheduler=scheduler)


def vace_2_1(scheduler: Any) -> WanVACEPipeline:
    return WanVACEPipeline(
        **text_parts(), vae=autoencoder_2_1(), transformer=control_transformer(), scheduler=scheduler
    )


def ti2v_2_2(scheduler: Any) -> WanPipeline:
    parts = text_parts() | {"vae": autoencoder_2_2(), "transformer": transformer(Z_2_2, Z_2_2)}
    return WanPipeline(**parts, scheduler=scheduler, expand_timesteps=True)


def t2v_a14b(scheduler: Any) -> WanPipeline:
    experts = {"transformer": transformer(Z_2_1, Z_2_1), "transformer_2": transformer(Z_2_1, Z_2_1)}
    parts = text_parts() | experts
    return WanPipeline(**parts, vae=autoencoder_2_1(), scheduler=scheduler, boundary_ratio=0.875)


def i2v_a14b(scheduler: Any) -> WanImageToVideoPipeline:
    channels = 2 * Z_2_1 + 4
    experts = {"transformer": transformer(channels, Z_2_1), "transformer_2": transformer(channels, Z_2_1)}
    parts = text_parts() | experts
    return WanImageToVideoPipeline(**parts, vae=autoencoder_2_1(), scheduler=scheduler, boundary_ratio=0.9)


KINDS: dict[str, Callable[[Any], DiffusionPipeline]] = {
    "2.1 T2V": t2v_2_1,
    "2.1 I2V": i2v_2_1,
    "2.1 FLF2V": flf2v_2_1,
    "2.1 VACE": vace_2_1,
    "2.2 TI2V": ti2v_2_2,
    "2.2 T2V A14B": t2v_a14b,
    "2.2 I2V A14B": i2v_a14b,
}

SCHEDULERS: dict[str, Callable[[], Any]] = {"unipc": unipc, "euler": euler}
