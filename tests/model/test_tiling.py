"""An autoencoder in tiles: exact where layers reach no further than the overlap, near elsewhere, streaming in time."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from yozora.engine.parts import load_autoencoder
from yozora.families.presets import PRESETS
from yozora.families.wan_shapes import VAE_2_1, VAE_2_2
from yozora.model.autoencoder import AutoencoderConfig, VideoAutoencoder
from yozora.model.tiling import Tiled, fade, spans

CODEC = PRESETS["mini"].folder.parent / "codec" / "autoencoder.safetensors"
WAN = {
    "2.1": replace(VAE_2_1, dim=8, dec_dim=8, res_blocks=1, z=4, mean=(0.0,) * 4, std=(1.0,) * 4),
    "2.2": replace(VAE_2_2, dim=8, dec_dim=8, res_blocks=1, z=4, mean=(0.0,) * 4, std=(1.0,) * 4),
}
GREY = 2 / 255


@pytest.mark.parametrize(
    ("cells", "tile", "overlap"), [(60, 32, 8), (104, 32, 8), (33, 32, 8), (7, 32, 8), (20, 12, 6)]
)
def test_tiles_cover_a_row_and_count_for_one_everywhere(cells: int, tile: int, overlap: int) -> None:
    found = spans(cells, tile, overlap)
    total = torch.zeros(cells * 4)
    for span in found:
        total[span.first * 4 : span.stop * 4] += span.weights(4, total)
        assert span.stop - span.first <= tile
        assert span.before == 0 or span.before >= overlap
    torch.testing.assert_close(total, torch.ones_like(total))
    assert len(found) == 1 or len(found) == -(-(cells - overlap) // (tile - overlap))


def test_a_border_that_is_not_the_picture_s_counts_for_nothing() -> None:
    ramp = fade(24)
    assert bool((ramp[:8] == 0).all())
    assert bool((ramp[-8:] == 1).all())
    torch.testing.assert_close(ramp + ramp.flip(0), torch.ones(24))


def minis() -> list[object]:
    found = [PRESETS["mini"].files["autoencoder"]]
    return [*found, *([CODEC] if CODEC.exists() else [])]


@pytest.mark.parametrize("path", minis(), ids=str)
def test_mini_s_codec_in_tiles_is_one_grey_level_off_at_most(path: str) -> None:
    whole = load_autoencoder(path)
    _, height, width = whole.config.stride
    torch.manual_seed(0)
    film = smooth(5, 12 * height, 20 * width)
    with torch.inference_mode():
        latents = whole.encode(film)
        tiled = Tiled(whole, 12, 6)
        assert len(tiled._tile_spans(latents.shape[3:])) > 1
        decoded = torch.cat(list(tiled.decode_stream(latents)), dim=2)
        assert float((decoded - whole.decode(latents)).abs().max()) <= GREY
        assert float((tiled.encode(film) - latents).abs().max()) <= 0.15 * float(latents.std())


@pytest.mark.parametrize("attention", [False, True])
@pytest.mark.parametrize("version", WAN)
def test_wan_s_autoencoders_in_tiles_stream_and_have_no_seams(version: str, attention: bool) -> None:
    """With random weights, whose attention mixes all of a tile, pictures differ; without it they are near. In neither
    case is a border of tiles an edge of the picture."""
    whole = random_autoencoder(replace(WAN[version], attention=attention))
    torch.manual_seed(1)
    latents = torch.randn(1, whole.config.z, 2, 12, 20)
    with torch.inference_mode():
        wanted = whole.decode(latents)
        found, narrow = (torch.cat(list(Tiled(whole, 12, lap).decode_stream(latents)), dim=2) for lap in (6, 1))
        assert [piece.shape[2] for piece in Tiled(whole, 12, 6).decode_stream(latents)] == [1, 4]
    assert found.shape == wanted.shape
    assert steepest(found) < 1.1 * steepest(wanted)
    assert off(found, wanted) < off(narrow, wanted)
    assert attention or off(found, wanted) < 0.1


@pytest.mark.parametrize("version", WAN)
def test_wan_s_encoders_in_tiles_are_near(version: str) -> None:
    whole = random_autoencoder(replace(WAN[version], attention=False))
    _, height, width = whole.config.stride
    film = smooth(5, 12 * height, 20 * width)
    with torch.inference_mode():
        coded, again = whole.encode(film), Tiled(whole, 12, 6).encode(film)
        pieces = [film[:, :, :1], *film[:, :, 1:].split(4, dim=2)]
        streamed = torch.cat(list(Tiled(whole, 12, 6).encode_stream(iter(pieces))), dim=2)
    assert again.shape == coded.shape
    assert off(again, coded) < 0.1
    assert off(streamed, again) < 1e-4


def off(found: torch.Tensor, wanted: torch.Tensor) -> float:
    return float((found - wanted).square().mean().sqrt() / wanted.std())


def steepest(frames: torch.Tensor) -> float:
    """The largest difference of two neighbours in a row."""
    return float((frames[..., 1:] - frames[..., :-1]).abs().max())


def test_a_picture_of_one_tile_is_the_whole() -> None:
    whole = random_autoencoder(WAN["2.1"])
    latents = torch.randn(1, 4, 2, 8, 8)
    with torch.inference_mode():
        torch.testing.assert_close(Tiled(whole, 12, 6).decode(latents), whole.decode(latents))


def test_tiles_overlap_by_half_at_most() -> None:
    with pytest.raises(ValueError, match="in common"):
        Tiled(random_autoencoder(WAN["2.1"]), 8, 5)


def smooth(frames: int, height: int, width: int) -> torch.Tensor:
    """A moving picture without hard edges, ``[1, 3, T, H, W]`` in -1..1."""
    t, y, x = torch.meshgrid(torch.arange(frames), torch.arange(height), torch.arange(width), indexing="ij")
    waves = [torch.sin(x / (9 + k) + t / 3) * torch.cos(y / (11 + 2 * k) - t / (4 + k)) for k in range(3)]
    return 0.8 * torch.stack(waves)[None]


def random_autoencoder(config: AutoencoderConfig) -> VideoAutoencoder:
    torch.manual_seed(0)
    model = VideoAutoencoder(config)
    for name, parameter in model.named_parameters():
        spread = 0.1 if parameter.ndim == 1 or "gamma" in name else 1.5 / parameter[0].numel() ** 0.5
        nn.init.normal_(parameter, mean=float("gamma" in name), std=spread)
    with torch.no_grad():
        model.decoder.head[2].weight.mul_(0.3)
    return model.eval()
