"""The references are worth comparing with: their folders are whole, and all that they are given has a say."""

import json
from collections.abc import Callable

import pytest
import torch
from diffusers import WanImageToVideoPipeline
from PIL import Image
from tests.parity.toys import KINDS, Toy, load

SIZE = {"height": 32, "width": 64, "num_frames": 5, "num_inference_steps": 2}


@pytest.mark.parametrize("kind", KINDS)
def test_a_reference_is_a_whole_folder(kind: str, reference: Callable[..., Toy]) -> None:
    toy = reference(kind)
    index = json.loads((toy.folder / "model_index.json").read_text())
    parts = {name for name, value in index.items() if isinstance(value, list) and value[0] is not None}
    assert {"tokenizer", "text_encoder", "vae", "transformer", "scheduler"} <= parts
    assert all((toy.folder / part).is_dir() for part in parts)
    assert ("transformer_2" in parts) == ("A14B" in kind)
    assert ("image_encoder" in parts) == (kind in ("2.1 I2V", "2.1 FLF2V"))


@pytest.mark.parametrize("scheduler", ["unipc", "euler"])
def test_films_have_contrast_and_prompts_have_a_say(scheduler: str, reference: Callable[..., Toy]) -> None:
    pipeline = reference("2.1 T2V", scheduler).pipeline

    def film(prompt: str) -> torch.Tensor:
        seed = torch.Generator().manual_seed(0)
        return pipeline(prompt=prompt, guidance_scale=3.0, generator=seed, output_type="pt", **SIZE).frames

    one, other = film("red ball"), film("the cat runs")
    assert 0.05 < one.std() < 0.3
    assert ((one == 0) | (one == 1)).float().mean() < 0.05
    assert (one - other).norm() / one.norm() > 0.05


def test_weights_with_a_time_for_each_token_also_begin_with_an_image(reference: Callable[..., Toy]) -> None:
    pipeline = load(WanImageToVideoPipeline, reference("2.2 TI2V").folder)
    image = Image.linear_gradient("L").convert("RGB").resize((64, 32))
    seed = torch.Generator().manual_seed(0)
    latents = pipeline(image, prompt="red", generator=seed, output_type="latent", **SIZE).frames
    assert latents.shape == (1, 8, 2, 2, 4)
