"""Whether the parts of a model belong together: what their configurations say, before anything is computed."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from yozora.errors import UserError
from yozora.model.autoencoder import AutoencoderConfig
from yozora.model.codec import CodecConfig
from yozora.model.dit import TransformerConfig
from yozora.model.text import TextConfig

HINT = "The three files of a model belong together: take them from one folder."


def check_parts(
    files: Mapping[str, Path],
    text: TextConfig,
    transformer: TransformerConfig,
    autoencoder: AutoencoderConfig | CodecConfig,
    step: int | None = None,
    frames_a_latent: int = 4,
) -> None:
    """Raises `UserError`, which names the files and their numbers, for parts that do not fit together.

    `files` are by part, as in `Preset.files`; `step` is that of the sizes that the model is to be asked for, in
    pixels, where it is known; `frames_a_latent` are those that films are made with.
    """
    dit, codec, words = files["transformer"], files["autoencoder"], files["text"]
    channels = transformer.in_channels, transformer.out_channels
    if channels != (autoencoder.z, autoencoder.z):
        taken = f"{dit} takes {channels[0]} latent channels and gives {channels[1]}"
        raise UserError(f"{taken}; {codec} has {autoencoder.z}.", HINT, code="latent_channels_mismatched")
    if transformer.text_dim != text.dim:
        raise UserError(
            f"{dit} needs {transformer.text_dim} text features; {words} has {text.dim}.",
            HINT,
            code="text_features_mismatched",
        )
    carries, stride = transformer.carries, autoencoder.stride
    if carries is not None and carries != stride:
        carried = f"{dit} needs latents of {_by(carries)} pixels"
        raise UserError(f"{carried}; {codec} has {_by(stride)}.", HINT, code="compression_mismatched")
    if (stride[0], transformer.patch[0]) != (frames_a_latent, 1):
        frames = f"{codec} has {stride[0]} frames a latent; {dit} has {transformer.patch[0]} latents a token"
        hint = f"Use weights with {frames_a_latent} frames a latent and 1 latent a token."
        raise UserError(f"{frames}.", hint, code="frames_a_latent_unsupported")
    token = [a * b for a, b in zip(stride[1:], transformer.patch[1:], strict=True)]
    if step is not None and any(step % side for side in token):
        tokens = f"{dit} and {codec} have tokens of {_by(token)} pixels"
        hint = "Use a size step that is a multiple of both sides."
        raise UserError(f"{tokens}; the size step is {step}.", hint, code="size_step_mismatched")


def _by(sides: Sequence[int]) -> str:
    return "x".join(map(str, sides))
