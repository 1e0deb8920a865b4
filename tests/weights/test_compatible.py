"""Parts of a model that do not belong together are refused before anything is computed."""

from dataclasses import replace
from pathlib import Path

import pytest

from yozora.errors import UserError
from yozora.model.autoencoder import AutoencoderConfig
from yozora.model.dit import TransformerConfig
from yozora.model.text import TextConfig
from yozora.weights.compatible import check_parts

FILES = {part: Path(f"{part}.safetensors") for part in ("text", "transformer", "autoencoder")}
Z = 4
TEXT = TextConfig(dim=8)
TRANSFORMER = TransformerConfig(
    dim=24, heads=2, layers=1, ffn=48, in_channels=Z, out_channels=Z, text_dim=8, freq_dim=16, text_len=None
)
AUTOENCODER = AutoencoderConfig(dim=4, dec_dim=4, z=Z, mean=(0.0,) * Z, std=(1.0,) * Z, mult=(1, 1, 1, 1), res_blocks=1)


def test_parts_that_fit_pass() -> None:
    check_parts(FILES, TEXT, TRANSFORMER, AUTOENCODER)
    check_parts(FILES, TEXT, TRANSFORMER, AUTOENCODER, step=32)


@pytest.mark.parametrize(
    ("text", "transformer", "autoencoder", "numbers"),
    [
        (TEXT, replace(TRANSFORMER, in_channels=Z + 1), AUTOENCODER, ("5", "4")),
        (TEXT, replace(TRANSFORMER, out_channels=Z + 2), AUTOENCODER, ("6", "4")),
        (replace(TEXT, dim=16), TRANSFORMER, AUTOENCODER, ("8", "16")),
        (TEXT, replace(TRANSFORMER, patch=(2, 2, 2)), AUTOENCODER, ("2", "1")),
    ],
)
def test_parts_that_do_not_are_named_with_their_numbers(
    text: TextConfig, transformer: TransformerConfig, autoencoder: AutoencoderConfig, numbers: tuple[str, str]
) -> None:
    with pytest.raises(UserError) as caught:
        check_parts(FILES, text, transformer, autoencoder)
    assert "transformer.safetensors" in str(caught.value)
    assert all(number in str(caught.value) for number in numbers)


def test_films_are_made_with_one_number_of_frames_a_latent() -> None:
    with pytest.raises(UserError, match="4"):
        check_parts(FILES, TEXT, TRANSFORMER, AUTOENCODER, frames_a_latent=8)


def test_sizes_go_in_whole_tokens() -> None:
    side = AUTOENCODER.stride[1] * TRANSFORMER.patch[1]
    with pytest.raises(UserError, match=f"{side + 1}"):
        check_parts(FILES, TEXT, TRANSFORMER, AUTOENCODER, step=side + 1)
