"""Every module against diffusers' and transformers', on the references' own files: fp32, at most 1e-4 off."""

import html
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.pipelines.wan.pipeline_wan import prompt_clean
from PIL import Image
from tests.parity.conftest import Measured
from tests.parity.toys import IMAGE_DIM, IMAGE_TOKENS, KINDS, TEXT_DIM, Toy
from torch import Tensor

from yozora.core.canvas import patchify
from yozora.errors import UserError
from yozora.families.encoders.clip import CLIP
from yozora.families.encoders.umt5 import UMT5, cleaned
from yozora.model.autoencoder import VideoAutoencoder
from yozora.model.autoencoder_keys import config_from_diffusers
from yozora.model.configurations import config_of
from yozora.model.dit import SpacetimeTransformer, Time
from yozora.weights.checkpoints.names import State
from yozora.weights.checkpoints.reading import read_part
from yozora.weights.checkpoints.shapes import assemble

CLOSE = 1e-4
GRID = (3, 2, 4)  # frames, rows and columns of patches
PER_FRAME = GRID[1] * GRID[2]
Reference = Callable[..., Toy]


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def distance(ours: Tensor, theirs: Tensor) -> float:
    assert ours.shape == theirs.shape
    return float((ours - theirs).norm() / theirs.norm())


def part(folder: Path, name: str) -> tuple[dict[str, Any], State]:
    """The config of a saved part and its tensors, under our names."""
    return json.loads((folder / "config.json").read_text()), read_part(sorted(folder.glob("*.safetensors")), name)


def transformer(folder: Path) -> SpacetimeTransformer:
    values, state = part(folder, "transformer")
    config = config_of(values)
    return assemble(lambda: SpacetimeTransformer(config), state).eval()


def autoencoder(folder: Path) -> VideoAutoencoder:
    values, state = part(folder, "autoencoder")
    config = config_from_diffusers(values)
    return assemble(lambda: VideoAutoencoder(config), state).eval()


def tokens(latents_BCTHW: Tensor) -> Tensor:
    return torch.stack([patchify(latents_CTHW, (1, 2, 2)) for latents_CTHW in latents_BCTHW])


def positions() -> Tensor:
    return torch.cartesian_prod(*(torch.arange(n).float() for n in GRID))[None]


def images_of(kind: str) -> Tensor | None:
    """Features of the image encoder, as the reference's transformer takes them: an image a row."""
    count = {"2.1 I2V": 1, "2.1 FLF2V": 2}.get(kind)
    return None if count is None else draw(count, IMAGE_TOKENS, IMAGE_DIM, seed=5)


def control_of(kind: str) -> tuple[Tensor | None, tuple[float, ...]]:
    if kind != "2.1 VACE":
        return None, ()
    return draw(1, 72, GRID[0], 2 * GRID[1], 2 * GRID[2], seed=6), (1.0, 0.4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("expert", ["transformer", "transformer_2"])
def test_transformer(kind: str, expert: str, reference: Reference, measured: Measured) -> None:
    toy = reference(kind)
    theirs = getattr(toy.pipeline, expert, None)
    if theirs is None:
        assert not (toy.folder / expert).exists()
        return
    ours = transformer(toy.folder / expert)
    latents = draw(1, ours.config.in_channels, GRID[0], 2 * GRID[1], 2 * GRID[2])
    text_BLD, images_BSD = draw(1, 9, TEXT_DIM, seed=1), images_of(kind)
    control, strengths = control_of(kind)
    t_BN = torch.full((1, len(positions()[0])), 0.7)
    if toy.pipeline.config.get("expand_timesteps"):
        t_BN[:, :PER_FRAME] = 0.0
    given: dict[str, Any] = {"encoder_hidden_states_image": images_BSD}
    if control is not None:
        given |= {"control_hidden_states": control, "control_hidden_states_scale": torch.tensor(strengths)}
    with torch.no_grad():
        padded = torch.nn.functional.pad(text_BLD, (0, 0, 0, 512 - 9))
        told = 1000 * (t_BN if len(t_BN.unique()) > 1 else t_BN[:, 0])
        (expected,) = theirs(latents, told, padded, return_dict=False, **given)
        reading = ours.read(text_BLD[:, None], None, None if images_BSD is None else images_BSD.flatten(0, 1)[None])
        beside = {} if control is None else {"control_BNC": tokens(control), "control_strength": strengths}
        velocity = ours(tokens(latents), Time.of(t_BN), positions(), reading, **beside)
    measured(f"{expert}, {kind}", distance(velocity, tokens(expected)), CLOSE)


@pytest.mark.parametrize("kind", ["2.1 I2V", "2.1 FLF2V", "2.1 VACE"])
def test_what_is_given_beside_the_prompt_counts(kind: str, reference: Reference) -> None:
    """Or the comparison above would say little about it."""
    ours, (control, _) = transformer(reference(kind).folder / "transformer"), control_of(kind)
    latents = draw(1, ours.config.in_channels, GRID[0], 2 * GRID[1], 2 * GRID[2])
    time, text, images = Time.of(torch.full((1, 24), 0.7)), draw(1, 1, 9, TEXT_DIM, seed=1), images_of(kind)
    with torch.no_grad():
        plain = ours(tokens(latents), time, positions(), ours.read(text))
        if control is None:
            assert images is not None
            told = ours(tokens(latents), time, positions(), ours.read(text, None, images.flatten(0, 1)[None]))
        else:
            told = ours(tokens(latents), time, positions(), ours.read(text), control_BNC=tokens(control))
    assert distance(told, plain) > 0.05


@pytest.mark.parametrize("kind", ["2.1 T2V", "2.2 TI2V"])
def test_autoencoder(kind: str, reference: Reference, measured: Measured) -> None:
    toy = reference(kind)
    ours, theirs = autoencoder(toy.folder / "vae"), toy.pipeline.vae
    frames = draw(1, 3, 9, 32, 64).mul(0.5).clamp(-1, 1)
    with torch.no_grad():
        raw = theirs.encode(frames).latent_dist.mode()
        measured(f"autoencoder, encode, {kind[:3]}", distance(ours.denormalise(ours.encode(frames)), raw), CLOSE)
        assert distance(torch.cat([*ours.encode_stream(frames.split(5, dim=2))], dim=2), ours.encode(frames)) < CLOSE
        shown = theirs.decode(raw).sample
        measured(f"autoencoder, decode, {kind[:3]}", distance(ours.decode(ours.normalise(raw)), shown), CLOSE)
        assert distance(torch.cat([*ours.decode_stream(ours.normalise(raw))], dim=2), shown) < CLOSE


PROMPTS = [
    "red ball",
    "",
    "  a cat&amp;amp;dog \t run\n\nover the grass Ã©ven &#39;quoted&#39; &lt;b&gt; ",
    "“curly” ﬁne１２３夜空\u00a0\u2003x\u200by",
    "the cat runs over the grass " * 120,  # more than 512 tokens
]


def umt5(folder: Path) -> UMT5:
    sizes, state = part(folder / "text_encoder", "text_encoder")
    return UMT5.of(state, sizes, folder / "tokenizer")


def test_text_encoder(reference: Reference, measured: Measured) -> None:
    toy = reference("2.1 T2V")
    text_BLD, mask_BL = umt5(toy.folder).encode(PROMPTS)
    with torch.no_grad():
        expected, _ = toy.pipeline.encode_prompt(PROMPTS, do_classifier_free_guidance=False, max_sequence_length=512)
    assert mask_BL.sum(1).tolist()[1] == 1  # the end of an empty prompt
    assert mask_BL.sum(1).tolist()[4] == 512
    padded = torch.nn.functional.pad(text_BLD * mask_BL[..., None], (0, 0, 0, 512 - text_BLD.shape[1]))
    measured("text encoder UMT5", distance(padded, expected), CLOSE)
    (alone, _), (short, mask) = umt5(toy.folder).encode(PROMPTS[:1]), umt5(toy.folder).encode(PROMPTS[:2])
    assert short.shape[:2] == mask.shape == (2, alone.shape[1])  # no longer than the longest
    assert distance(alone, expected[:1, : alone.shape[1]]) < CLOSE


def test_prompts_are_cleaned_as_the_reference_cleans_them() -> None:
    strange = [
        "&amp;lt;",
        "a\x1cb\x85c\ufeffd",
        "x&#28;&#x9;y&nbsp;z",
        "\u2028line\u3000 wide \r\n",
        "â€œmojibakeâ€\x9d",
    ]
    strange += [chr(code) + "a" for code in range(0x20, 0x3100, 13)] + [html.escape(html.escape("<a & 'b'>"))]
    for prompt in (*PROMPTS, *strange):
        assert cleaned(prompt) == prompt_clean(prompt)


@pytest.mark.parametrize("size", [(40, 64), (64, 40), (28, 28), (20, 30)])
def test_image_encoder(size: tuple[int, int], reference: Reference, measured: Measured) -> None:
    toy, (height, width) = reference("2.1 I2V"), size
    sizes, state = part(toy.folder / "image_encoder", "image_encoder")
    ours = CLIP.of(state, sizes, toy.folder / "image_processor")
    frames = np.random.default_rng(0).integers(0, 256, (2, height, width, 3), dtype=np.uint8)
    with torch.no_grad():
        expected = toy.pipeline.encode_image([Image.fromarray(frame) for frame in frames])
    assert expected.shape == (2, IMAGE_TOKENS, IMAGE_DIM)
    image_BSD = ours.encode(list(frames))
    measured(f"image encoder CLIP, {width}x{height}", distance(image_BSD, expected.flatten(0, 1)[None]), CLOSE)


def test_encoders_of_other_tensors_are_refused(reference: Reference) -> None:
    folder = reference("2.1 I2V").folder
    sizes, state = part(folder / "text_encoder", "text_encoder")
    first = "encoder.block.0.layer.0.SelfAttention.q.weight"
    with pytest.raises(UserError, match="not the weights of a UMT5EncoderModel") as error:
        UMT5.of({key: value for key, value in state.items() if key != first}, sizes, folder / "tokenizer")
    assert error.value.hint == f"1 tensors are missing, such as {first}. Check that it is the right file."
    with pytest.raises(UserError, match="not the weights") as error:
        UMT5.of(state | {"more": state[first]}, sizes, folder / "tokenizer")
    assert error.value.hint == "1 tensors are unexpected, such as more. Check that it is the right file."
    with pytest.raises(UserError, match="not the weights"):
        UMT5.of(state | {first: state[first][:4]}, sizes, folder / "tokenizer")


def test_files_that_encoders_cannot_use_end_in_one_line(tmp_path: Path, reference: Reference) -> None:
    """None of them runs what it brings, or asks whether to."""
    folder = reference("2.1 I2V").folder
    sizes, state = part(folder / "text_encoder", "text_encoder")
    for wrong in ({"d_model": "wide"}, {"num_layers": 10**9}, {"feed_forward_proj": "a-b-c"}, {"d_ff": 8}):
        with pytest.raises(UserError, match="not the weights of a UMT5EncoderModel"):
            UMT5.of(state, sizes | wrong, folder / "tokenizer")
    with pytest.raises(UserError, match="has no tokenizer"):
        UMT5.of(state, sizes, tmp_path)
    said = json.loads((folder / "tokenizer" / "tokenizer_config.json").read_text())
    harmful = said | {"tokenizer_class": "Other", "auto_map": {"AutoTokenizer": ["other.Other", None]}}
    (tmp_path / "other.py").write_text("raise SystemExit")
    for config, vocabulary in ((harmful, "{}"), (said, "{"), (said, "{}"), (said, '{"added_tokens": 1}')):
        (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
        (tmp_path / "tokenizer.json").write_text(vocabulary)
        with pytest.raises(UserError, match=r"The tokenizer in .* cannot be read") as error:
            UMT5.of(state, sizes, tmp_path)
        assert "\n" not in str(error.value) + str(error.value.hint)
    sizes, state = part(folder / "image_encoder", "image_encoder")
    with pytest.raises(UserError, match="how pictures are prepared"):
        CLIP.of(state, sizes, tmp_path / "nowhere")
    with pytest.raises(UserError, match="not the weights of a CLIPVisionModel"):
        CLIP.of(state, sizes | {"hidden_act": "none"}, folder / "image_processor")
