"""A pass and a decoding on a GPU, of random weights that are made there, within a bound; for tests that need one."""

import torch
from torch import nn

from yozora.families.preset import Preset
from yozora.memory import arranging, planner
from yozora.model.autoencoder import VideoAutoencoder
from yozora.model.dit import SpacetimeTransformer, Time
from yozora.model.tiling import Tiled
from yozora.weights.files import _Unfilled


def peaks(preset: Preset, memory: int) -> tuple[int, int]:
    """Bytes that the planner says, and the most that torch took (and CUDA's own, as the planner has it)."""
    model, film = arranging.model_of(preset), arranging.film_of(preset)
    machine = planner.Machine(kind="cuda", itemsize=2, memory=memory, context=planner.CUDA_CONTEXT)
    plan = planner.plan(model, film, machine)
    assert plan is not None
    arrangement, device = plan.arrangement, torch.device("cuda")
    torch.cuda.reset_peak_memory_stats()
    transformer = random(lambda: SpacetimeTransformer(model.transformer), "cpu" if arrangement.offloaded else "cuda")
    if arrangement.offloaded:
        for name, module in transformer.named_children():
            if name not in ("blocks", "vace_blocks"):
                module.to(device)
        transformer.offload(device)
    autoencoder = random(lambda: VideoAutoencoder(model.autoencoder), "cuda")  # type: ignore[arg-type]
    coder = Tiled(autoencoder, arrangement.tile, planner.OVERLAP) if arrangement.tile else autoencoder
    with torch.inference_mode(), torch.device(device):
        rows = 1 if arrangement.apart else film.rows
        reading = transformer.read(torch.randn(rows, 1, 64, model.transformer.text_dim))
        places = transformer.places(torch.rand(1, film.tokens, 3))
        time = Time(values_U=torch.ones(1), index_BN=torch.zeros(1, 1, dtype=torch.int64))
        x_BNC = torch.randn(1, film.tokens, model.transformer.in_channels * model.transformer.volume)
        transformer(x_BNC, time, places, reading)
        h, w = model.stride[1:]
        latents = torch.randn(1, autoencoder.config.z, 3, film.height // h, film.width // w, dtype=torch.bfloat16)
        for piece in coder.decode_stream(latents):
            del piece
    return plan.device, torch.cuda.max_memory_reserved() + planner.CUDA_CONTEXT


def random(make: object, device: str) -> nn.Module:
    torch.set_default_dtype(torch.bfloat16)
    try:
        with _Unfilled(), torch.device(device):
            made: nn.Module = make().eval()  # type: ignore[operator]
    finally:
        torch.set_default_dtype(torch.float32)
    for parameter in made.parameters():
        nn.init.normal_(parameter, std=0.02)
    return made
