"""How large Wan's models are: numbers in each part, bytes to fetch, memory for a film. Arithmetic on `wan_shapes`.

What a film takes beside the weights is an estimate: the largest tensors of a block, and of the autoencoder's last
level, that are in memory together. It was not measured on every card.
"""

from types import MappingProxyType
from typing import Final

from yozora.families import wan_shapes
from yozora.families.family import Sizes
from yozora.families.preset import Preset
from yozora.model.configurations import AutoencoderConfig, TransformerConfig

AUTOENCODERS: Final = MappingProxyType({wan_shapes.VAE_2_1.z: 126_892_531, wan_shapes.VAE_2_2.z: 704_688_668})
"""Numbers in an autoencoder, by its latent channels."""
CLIP: Final = 630_766_080  # the image encoder's
LORA: Final = 1_226_977_424  # bytes of one of LightX2V's
LIVE, LIVE_FFN = 12, 2  # tensors of a token's width, and of the feed-forward's, that a block has at once
LEVEL = 4  # likewise of the autoencoder's last level

STORED: Final = 4  # bytes of a number in the repositories
STORED_TEXT: Final = 2  # of the text encoder, in those of Wan 2.2


def sized(preset: Preset) -> Sizes:
    """Of one of Wan's presets."""
    shape = wan_shapes.TRANSFORMERS[preset.shape]
    autoencoder = wan_shapes.VAE_2_2 if shape.out_channels == wan_shapes.VAE_2_2.z else wan_shapes.VAE_2_1
    one, experts = transformer(shape), 1 if preset.boundary is None else 2
    images = 0 if shape.image_dim is None else CLIP
    rest = AUTOENCODERS[autoencoder.z] + images
    later = autoencoder is wan_shapes.VAE_2_2 or experts > 1
    fetched = STORED * (experts * one + rest) + text_encoder() * (STORED_TEXT if later else STORED)
    fetched += LORA * len(preset.added)
    resident = one + text_encoder() + rest
    return Sizes(fetched=fetched, weights=resident, working=working(preset, shape, autoencoder))


def working(preset: Preset, shape: TransformerConfig, autoencoder: AutoencoderConfig) -> int:
    """Numbers that a film of the preset's own size needs in memory beside the weights."""
    width, height = preset.sizes[0]
    tokens = preset.window * (width // preset.step) * (height // preset.step)
    folded = preset.frames_a_latent * width * height // autoencoder.patch**2
    return max(tokens * (LIVE * shape.dim + LIVE_FFN * shape.ffn), LEVEL * folded * autoencoder.dec_dim)


def transformer(shape: TransformerConfig) -> int:
    """Numbers in a transformer."""
    dim, image, patch = shape.dim, shape.image_dim, shape.volume
    square = dim * dim + dim
    block = 8 * square + 4 * dim + 2 * dim + 2 * dim * shape.ffn + shape.ffn + dim + 6 * dim
    top = dim * shape.in_channels * patch + dim
    top += (shape.text_dim + shape.freq_dim) * dim + 2 * dim + 2 * square + 6 * square
    top += dim * shape.out_channels * patch + shape.out_channels * patch + 2 * dim
    if image is not None:
        block += 2 * square + dim
        top += 2 * image + image * image + image + image * dim + dim + 2 * dim + image * (shape.image_tokens or 0)
    branch = 0
    if shape.control_layers:
        branch = len(shape.control_layers) * (block + square) + square + dim * shape.control_channels * patch + dim
    return shape.layers * block + top + branch


def text_encoder() -> int:
    """Numbers in UMT5-XXL's encoder."""
    sizes = {name: value for name, value in wan_shapes.UMT5_XXL.items() if isinstance(value, int)}
    dim, inner = sizes["d_model"], sizes["num_heads"] * sizes["d_kv"]
    layer = 4 * dim * inner + 3 * dim * sizes["d_ff"] + 2 * dim
    layer += sizes["relative_attention_num_buckets"] * sizes["num_heads"]
    return sizes["vocab_size"] * dim + sizes["num_layers"] * layer + dim
