"""Sizes of the transformer and of the video autoencoder, and how diffusers writes those of its transformers down.

Plain data: no torch, so that presets can hold it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

TRANSFORMERS = ("WanTransformer3DModel", "WanVACETransformer3DModel")
"""Classes of diffusers that a `TransformerConfig` describes."""

SIZES = frozenset(
    {
        *("patch_size", "num_attention_heads", "attention_head_dim", "in_channels", "out_channels", "text_dim"),
        *("freq_dim", "ffn_dim", "num_layers", "cross_attn_norm", "qk_norm", "eps", "image_dim", "added_kv_proj_dim"),
        *("rope_max_seq_len", "pos_embed_seq_len", "vace_layers", "vace_in_channels"),
        *("window_size", "add_img_emb", "text_len", "model_type"),  # of early conversions
    }
)
"""Fields of a `transformer/config.json`."""

OUTDATED = frozenset({"truth_layer"})
"""Fields of configs that only older files have; nothing in a model depends on them."""

MOST_LAYERS = 1000
"""More has only a file that means harm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformerConfig:
    """Sizes of a `SpacetimeTransformer`. Those from `predicts` on are only for models that are trained here."""

    dim: int  # D, the width
    heads: int
    layers: int
    ffn: int  # hidden width of the feed-forward
    in_channels: int  # latent channels, and whatever else a checkpoint takes beside them
    out_channels: int
    patch: tuple[int, int, int] = (1, 2, 2)  # latent frames, rows and columns in one token
    text_dim: int = 4096  # features of the text encoder
    freq_dim: int = 256  # sinusoids that code the time
    text_len: int | None = 512  # every prompt is zero-padded to this and the pads are read; None: no pads
    collapse_pads: bool = True  # the pads, all alike, as one weighted key: exact and cheap
    eps: float = 1e-6
    qk_norm: bool = True
    image_dim: int | None = None  # features of an image encoder that cross-attention reads too; None: none
    image_tokens: int | None = None  # so many learned positions are added to them, for two images; None: none
    control_layers: tuple[int, ...] = ()  # layers that hints of a control branch are added to (VACE), from 0 on
    control_channels: int = 0  # channels of what that branch sees
    predicts: Literal["velocity", "clean"] = "velocity"  # what the head gives; `forward` returns velocity
    place_dim: int = (
        0  # sinusoids an axis of a token's absolute place, added to it: a small model learns layouts sooner
    )
    recalls: bool = False  # whether what is known at the same place is weighed against the guess
    points: bool = False  # whether it may also point at what is known elsewhere
    carries: tuple[int, int, int] | None = None  # pixels of a latent, where figures are carried along (`model.carry`)
    mover: tuple[int, int] = (128, 4)  # width and layers of what tells where they are carried
    guidance_embeds: float | None = None  # highest guidance scale, from 1, that is an input; None: it takes none

    def __post_init__(self) -> None:
        object.__setattr__(self, "patch", tuple(self.patch))
        object.__setattr__(self, "mover", tuple(self.mover))
        object.__setattr__(self, "carries", self.carries and tuple(self.carries))
        object.__setattr__(self, "control_layers", tuple(self.control_layers))
        sizes = (self.dim, self.heads, self.layers, self.ffn, self.in_channels, self.out_channels, *self.patch)
        if min(sizes) < 1 or self.layers > MOST_LAYERS:
            raise ValueError(f"every size of a transformer is at least 1, and it has at most {MOST_LAYERS} layers")
        if self.dim % self.heads or self.head_dim % 2 or self.head_dim < 6:
            raise ValueError(f"dim {self.dim} does not split into {self.heads} heads of an even width of 6 or more")
        if self.predicts not in ("velocity", "clean"):
            raise ValueError(f"predicts is {self.predicts!r}; known: velocity, clean")
        if self.predicts == "clean" and self.in_channels != self.out_channels:
            raise ValueError("a model that predicts clean latents has as many channels out as in")
        if self.guidance_embeds is not None and not self.guidance_embeds > 1:
            raise ValueError(f"guidance_embeds is {self.guidance_embeds}; guidance scales go from 1 to more than 1")
        if (self.recalls or self.points or self.carries) and self.predicts != "clean":
            raise ValueError("only a model that predicts clean latents can weigh them against what is known")
        self._check_conditions()

    def _check_conditions(self) -> None:
        """Of images and of the control branch."""
        control = self.control_layers
        if self.image_tokens is not None and self.image_dim is None:
            raise ValueError(f"image_tokens is {self.image_tokens}, and there is no image_dim")
        if bool(control) != (self.control_channels > 0):
            raise ValueError(f"control_layers are {control}, and control_channels are {self.control_channels}")
        if control and (control[0] != 0 or control[-1] >= self.layers or list(control) != sorted({*control})):
            raise ValueError(f"control_layers {control} do not rise from 0 to at most {self.layers - 1}")

    @property
    def head_dim(self) -> int:
        return self.dim // self.heads

    @property
    def teller(self) -> "TransformerConfig":
        """Of the small transformer that tells of each token to be carried there: six numbers for each of its frames."""
        if self.carries is None:
            raise ValueError("a model that carries nothing has no mover")
        dim, layers = self.mover
        return replace(
            self,
            dim=dim,
            heads=max(1, dim // 64),
            layers=layers,
            ffn=4 * dim,
            out_channels=self.carries[0] * 6 // self.volume,
            predicts="velocity",
            recalls=False,
            points=False,
            carries=None,
            guidance_embeds=None,
        )

    @property
    def volume(self) -> int:
        """Latent cells in one token."""
        return math.prod(self.patch)


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoencoderConfig:
    """Sizes of a video autoencoder.

    dim, dec_dim: channels of the first level of the encoder and of the last level of the decoder.
    z: latent channels.
    mult: channels of each level in units of dim (dec_dim); every level but the last halves rows and columns.
    res_blocks: residual blocks a level in the encoder; the decoder has one more.
    temporal: for each halving, whether frames are halved too.
    patch: pixels of a patch x patch square are folded into channels before the first layer.
    attention: one-head attention inside each frame in the middle of encoder and decoder.
    shortcuts: the levels of Wan 2.2, with averaging and duplicating shortcuts round each.
    mean, std: of each raw latent channel; `encode` and `decode` speak normalised latents.
    linear: only mini: a linear map of whole blocks of pixels is the encoder, and its transpose the first half of the
        decoder; the second half is a `Polish` of dec_dim channels and res_blocks blocks, which sees the picture in
        patches. Such latents are fixed: the decoder can be trained on without the transformer noticing.
    deblock: only mini: the weights of a `Deblock` over decoded films.
    """

    dim: int
    dec_dim: int
    z: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    mult: tuple[int, ...] = (1, 2, 4, 4)
    res_blocks: int = 2
    temporal: tuple[bool, ...] = (False, True, True)
    patch: int = 1
    attention: bool = True
    shortcuts: bool = False
    linear: bool = False
    deblock: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for name in ("mult", "temporal", "mean", "std", "deblock"):  # lists, when they come out of a file's JSON
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if min(self.dim, self.dec_dim, self.z, self.res_blocks, self.patch, *self.mult) < 1:
            raise ValueError("every size of an autoencoder is at least 1")
        if self.res_blocks * len(self.mult) > MOST_LAYERS:
            raise ValueError(f"an autoencoder has at most {MOST_LAYERS} blocks")
        if len(self.temporal) != len(self.mult) - 1:
            raise ValueError(f"{len(self.mult)} levels have {len(self.mult) - 1} halvings, not {len(self.temporal)}")
        if len(self.mean) != self.z or len(self.std) != self.z:
            raise ValueError(f"mean and std name {len(self.mean)} and {len(self.std)} channels of {self.z}")
        if min(self.std) <= 0:
            raise ValueError("the standard deviation of every latent channel is above 0")
        if not self.shortcuts and any(self.dec_dim * m % 2 for m in self.mult[1:]):
            raise ValueError("without shortcuts the decoder's channels must be even wherever it doubles the picture")

    @property
    def stride(self) -> tuple[int, int, int]:
        """Frames, rows and columns of pixels a latent."""
        space: int = self.patch * 2 ** len(self.temporal)
        return 2 ** sum(self.temporal), space, space


def config_of(values: Mapping[str, Any]) -> TransformerConfig:
    """The config that diffusers' `transformer/config.json` describes.

    Raises:
        ValueError: it is of another class, or says what no model of this architecture has.
    """
    _refuse_others(values)
    heads, dim = values["num_attention_heads"], values["num_attention_heads"] * values["attention_head_dim"]
    image_dim, wide = values.get("image_dim"), values.get("added_kv_proj_dim")
    if wide != (None if image_dim is None else dim):
        raise ValueError(f"keys of images from {wide} features, and the model's width is {dim}")
    control = tuple(values.get("vace_layers") or ())
    return TransformerConfig(
        dim=dim,
        heads=heads,
        layers=values["num_layers"],
        ffn=values["ffn_dim"],
        in_channels=values["in_channels"],
        out_channels=values.get("out_channels") or values["in_channels"],
        patch=tuple(values["patch_size"]),
        text_dim=values["text_dim"],
        freq_dim=values["freq_dim"],
        eps=values["eps"],
        qk_norm=values["qk_norm"] is not None,
        image_dim=image_dim,
        image_tokens=values.get("pos_embed_seq_len"),
        control_layers=control,
        control_channels=values["vace_in_channels"] if control else 0,
    )


def _refuse_others(values: Mapping[str, Any]) -> None:
    kind = values.get("_class_name", TRANSFORMERS[0])
    if kind not in TRANSFORMERS:
        raise ValueError(f"a transformer of the class {kind}; known: {', '.join(TRANSFORMERS)}")
    more = [name for name, value in values.items() if name not in SIZES and name[0] != "_" and value]
    if more:
        raise ValueError(f"a Wan transformer has no {', '.join(sorted(more))}")
    if values["qk_norm"] not in (None, "rms_norm_across_heads"):
        raise ValueError(f"qk_norm is {values['qk_norm']!r}; known: rms_norm_across_heads")
    if not values["cross_attn_norm"]:
        raise ValueError("cross-attention without a norm is not supported")
    if tuple(values.get("window_size") or (-1, -1)) != (-1, -1):
        raise ValueError(f"attention in windows of {values['window_size']} is not supported")
