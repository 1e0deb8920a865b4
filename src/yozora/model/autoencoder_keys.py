"""How diffusers names the parameters and sizes of Wan's video autoencoders, and how Wan does.

A table has rows (Wan's key, diffusers' key) in which each `*` stands for one part between dots and is carried over.
Knows nothing of files.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from yozora.model.configurations import AutoencoderConfig

KeyTable = tuple[tuple[str, str], ...]

RESIDUAL = (("residual.0", "norm1"), ("residual.2", "conv1"), ("residual.3", "norm2"), ("residual.6", "conv2"))
BLOCK = (*RESIDUAL, ("shortcut", "conv_shortcut"))
RESAMPLE = (("resample.*", "resample.*"), ("time_conv", "time_conv"))
ATTENTION = tuple((name, name) for name in ("norm", "to_qkv", "proj"))
ENDS = (("conv1", "conv_in"), ("head.0", "norm_out"), ("head.2", "conv_out"))


def native_to_diffusers(config: AutoencoderConfig) -> KeyTable:
    """The names of an autoencoder of these sizes as Wan spells them, and as diffusers' AutoencoderKLWan does."""
    rows = [("conv1.*", "quant_conv.*"), ("conv2.*", "post_quant_conv.*")]
    for half in ("encoder", "decoder"):
        rows += _prefix_layers(half, half, ENDS)
        rows += _prefix_layers(f"{half}.middle.0", f"{half}.mid_block.resnets.0", BLOCK)
        rows += _prefix_layers(f"{half}.middle.1", f"{half}.mid_block.attentions.0", ATTENTION)
        rows += _prefix_layers(f"{half}.middle.2", f"{half}.mid_block.resnets.1", BLOCK)
    return (*rows, *(_nested_levels(config) if config.shortcuts else _flat_levels(config)))


def config_from_diffusers(values: Mapping[str, Any]) -> AutoencoderConfig:
    """The config that diffusers' `vae/config.json` describes.

    Raises ValueError for attention outside the middle, which no published weights have.
    """
    if values.get("attn_scales"):
        raise ValueError("attention outside the middle of an autoencoder is not supported")
    return AutoencoderConfig(
        dim=values["base_dim"],
        dec_dim=values.get("decoder_base_dim") or values["base_dim"],
        z=values["z_dim"],
        mult=tuple(values["dim_mult"]),
        res_blocks=values["num_res_blocks"],
        temporal=tuple(values["temperal_downsample"]),
        patch=values.get("patch_size") or 1,
        shortcuts=values.get("is_residual", False),
        mean=tuple(values["latents_mean"]),
        std=tuple(values["latents_std"]),
    )


def _flat_levels(config: AutoencoderConfig) -> Iterator[tuple[str, str]]:
    """Wan 2.1 keeps all layers of its decoder in one row; diffusers groups them by level."""
    yield from _prefix_layers("encoder.downsamples.*", "encoder.down_blocks.*", (*BLOCK, *RESAMPLE))
    layers = iter(range(len(config.mult) * (config.res_blocks + 2)))
    for level in range(len(config.mult)):
        theirs = f"decoder.up_blocks.{level}"
        for block in range(config.res_blocks + 1):
            yield from _prefix_layers(f"decoder.upsamples.{next(layers)}", f"{theirs}.resnets.{block}", BLOCK)
        yield from _prefix_layers(f"decoder.upsamples.{next(layers)}", f"{theirs}.upsamplers.0", RESAMPLE)


def _nested_levels(config: AutoencoderConfig) -> Iterator[tuple[str, str]]:
    """Wan 2.2 nests the layers of a level as diffusers does, the resampling last."""
    down, up, last = "encoder.downsamples.*.downsamples", "decoder.upsamples.*.upsamples", config.res_blocks
    yield from _prefix_layers(f"{down}.{last}", "encoder.down_blocks.*.downsampler", RESAMPLE)
    yield from _prefix_layers(f"{down}.*", "encoder.down_blocks.*.resnets.*", BLOCK)
    yield from _prefix_layers(f"{up}.{last + 1}", "decoder.up_blocks.*.upsampler", RESAMPLE)
    yield from _prefix_layers(f"{up}.*", "decoder.up_blocks.*.resnets.*", BLOCK)


def _prefix_layers(ours: str, theirs: str, layers: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    return [(f"{ours}.{ours_layer}.*", f"{theirs}.{theirs_layer}.*") for ours_layer, theirs_layer in layers]
