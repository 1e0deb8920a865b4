"""What the arithmetic says a pass holds at once is what it holds, at the sizes of published weights."""

from dataclasses import replace

import pytest
import torch
from tests.memory.live import Live, made, pretended

from yozora.families import wan_shapes
from yozora.memory import autoencoders, transformers
from yozora.model.autoencoder import VideoAutoencoder
from yozora.model.configurations import AutoencoderConfig, TransformerConfig
from yozora.model.dit import SpacetimeTransformer, Time

BF16, FP32 = torch.bfloat16, torch.float32
OFF = 0.12
"""How far an estimate may be from the count, relative."""
TRANSFORMERS = {
    "1.3B, 480 lines": (wan_shapes.T2V_1B, 21 * 30 * 52, 2, BF16),
    "1.3B, 480 lines, fp32": (wan_shapes.T2V_1B, 21 * 30 * 52, 2, FP32),
    "1.3B, 480 lines, one pass": (wan_shapes.T2V_1B, 21 * 30 * 52, 1, BF16),
    "5B, 720 lines": (wan_shapes.TI2V_5B, 31 * 22 * 40, 2, BF16),
    "14B, 720 lines": (wan_shapes.T2V_14B, 21 * 45 * 80, 2, BF16),
}
AUTOENCODERS = {
    "2.1, 480 lines": (wan_shapes.VAE_2_1, 480, 832),
    "2.1, 720 lines": (wan_shapes.VAE_2_1, 720, 1280),
    "2.2, 720 lines": (wan_shapes.VAE_2_2, 704, 1280),
}


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_a_pass_of_a_transformer(name: str) -> None:
    shape, tokens, rows, dtype = TRANSFORMERS[name]
    shape = replace(shape, layers=2)  # of all layers one is alive at a time
    counted = peak_of_transformer(shape, tokens, rows, dtype)
    said = transformers.working(shape, tokens, rows, dtype.itemsize)
    assert abs(said - counted) < OFF * counted, (said / 1e9, counted / 1e9)


@pytest.mark.parametrize("name", AUTOENCODERS)
@pytest.mark.parametrize("encodes", [False, True], ids=["decodes", "encodes"])
def test_a_stream_of_an_autoencoder(name: str, encodes: bool) -> None:
    config, height, width = AUTOENCODERS[name]
    counted = peak_of_autoencoder(config, height, width, encodes)
    cells = (height // config.stride[1]) * (width // config.stride[2])
    said = autoencoders.working(config, cells, encodes=encodes) * 2
    assert abs(said - counted) < OFF * counted, (said / 1e9, counted / 1e9)


@pytest.mark.parametrize("name", wan_shapes.TRANSFORMERS)
def test_numbers_of_weights_are_those_of_the_model(name: str) -> None:
    shape = wan_shapes.TRANSFORMERS[name]
    with torch.device("meta"):
        model = SpacetimeTransformer(shape)
    found = transformers.weights(shape)
    assert found.all == sum(parameter.numel() for parameter in model.parameters())
    linears = [m for n, m in model.named_modules() if type(m) is torch.nn.Linear and n.split(".")[0].endswith("blocks")]
    assert found.linear == sum(layer.weight.numel() for layer in linears)
    assert found.largest == max(layer.weight.numel() for layer in linears)


@pytest.mark.parametrize("config", [wan_shapes.VAE_2_1, wan_shapes.VAE_2_2], ids=["2.1", "2.2"])
def test_numbers_of_an_autoencoder_are_nearly_those_of_the_model(config: AutoencoderConfig) -> None:
    with torch.device("meta"):
        counted = sum(parameter.numel() for parameter in VideoAutoencoder(config).parameters())
    assert 0 <= counted - autoencoders.weights(config) < 1e-3 * counted  # norms


def peak_of_transformer(shape: TransformerConfig, tokens: int, rows: int, dtype: torch.dtype) -> int:
    with pretended():
        model = made(lambda: SpacetimeTransformer(shape), dtype)
        reading = model.read(torch.empty(rows, 1, 32, shape.text_dim, dtype=dtype))
        places = model.places(torch.empty(1, tokens, 3))
        time = Time(values_U=torch.empty(1), index_BN=torch.empty(1, 1, dtype=torch.int64))
        x_BNC = torch.empty(1, tokens, shape.in_channels * shape.volume)
        with Live() as live:
            model(x_BNC, time, places, reading)
    return live.peak


def peak_of_autoencoder(config: AutoencoderConfig, height: int, width: int, encodes: bool) -> int:
    h, w = config.stride[1:]
    with pretended():
        model = made(lambda: VideoAutoencoder(config), BF16)
        with Live() as live:
            if encodes:
                frames = [torch.empty(1, 3, count, height, width, dtype=BF16) for count in (1, 4, 4)]
                found = model.encode_stream(iter(frames))
            else:
                found = model.decode_stream(torch.empty(1, config.z, 3, height // h, width // w, dtype=BF16))
            for piece in found:
                del piece
    return live.peak
