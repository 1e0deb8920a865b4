"""Models put together: LoRAs, autoencoder and text encoder of other files, through Python and films' own orders."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.parity.test_clips import preset_of
from tests.parity.toys import Toy

import yozora
from yozora import paths
from yozora.core.modes import Generate
from yozora.core.options import ArgumentError
from yozora.core.order import Order
from yozora.core.request import Lora, Request
from yozora.engine.engine import Engine
from yozora.errors import UserError
from yozora.families import presets, wan_parts
from yozora.families.presets import Preset
from yozora.families.wan_parts import build, loras_of
from yozora.films import remaking

SMALL: dict[str, Any] = {"seconds": 0.2, "steps": 1, "seed": 3, "guidance": 2.0}
NAME = "blocks.0.self_attn.q.weight"


def lora(path: Path, module: str = "blocks.0.self_attn.q", scale: float = 1.0, width: int = 48) -> Path:
    """A LoRA of one module of the toys."""
    torch.manual_seed(5)
    down, up = torch.randn(2, width), scale * torch.randn(width, 2)
    prefix = f"diffusion_model.{module}"
    save_file({f"{prefix}.lora_A.weight": down, f"{prefix}.lora_B.weight": up}, path)
    return path


@pytest.fixture
def toy(reference: Callable[..., Toy], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Preset:
    """Wan 2.1 in small, as the only model beside mini; the current folder is empty."""
    found = preset_of(reference("2.1 T2V"), "wan2.1-t2v-1.3b")
    monkeypatch.setattr(presets, "PRESETS", {"mini": presets.PRESETS["mini"], "toy": found})
    monkeypatch.chdir(tmp_path)
    return found


@pytest.fixture
def pair(reference: Callable[..., Toy]) -> Preset:
    """Two experts in small."""
    return preset_of(reference("2.2 T2V A14B"), "wan2.2-t2v-a14b")


def weights(preset: Preset, index: int = 0) -> torch.Tensor:
    parts = build(preset, torch.device("cpu"), torch.float32)
    return parts.transformers.at(index).state_dict()[NAME].clone()


def with_loras(preset: Preset, *loras: Lora) -> Preset:
    return presets.composed(preset, Request(prompt="", loras=loras))


def test_a_lora_is_in_the_weights_by_its_strength(toy: Preset, tmp_path: Path) -> None:
    path = lora(tmp_path / "a.safetensors")
    tensors = load_file(path)
    update = (
        tensors["diffusion_model.blocks.0.self_attn.q.lora_B.weight"]
        @ tensors["diffusion_model.blocks.0.self_attn.q.lora_A.weight"]
    )
    plain = weights(toy)
    for strength in (1.0, 0.5, -0.25):
        changed = weights(with_loras(toy, Lora(at=str(path), strength=strength)))
        assert torch.allclose(changed - plain, strength * update, atol=1e-5)
    twice = weights(with_loras(toy, Lora(at=str(path)), Lora(at=str(path), strength=0.5)))
    assert torch.allclose(twice - plain, 1.5 * update, atol=1e-5)


def test_each_expert_has_its_own_loras(pair: Preset, tmp_path: Path) -> None:
    both, high = (lora(tmp_path / name) for name in ("both.safetensors", "style_high_noise.safetensors"))
    low = lora(tmp_path / "LOW-noise.safetensors", scale=2.0)
    plain = [weights(pair, index) for index in (0, 1)]
    found = with_loras(pair, Lora(at=str(both)), Lora(at=str(high)), Lora(at=str(low)))
    assert [each.expert for each in found.loras] == ["both", "high", "low"]
    first, second = (weights(found, index) - plain[index] for index in (0, 1))
    assert torch.allclose(second, first * 1.5, atol=1e-4), "once and once, and once and twice"
    said = with_loras(pair, Lora(at=str(high), expert="low"))
    assert [each.expert for each in said.loras] == ["low"], "what is said goes before the name"
    assert torch.equal(weights(said, 0), plain[0])
    assert [loras_of(said, part) for part in ("transformer", "transformer_2")] == [(), said.loras]


def test_one_transformer_has_no_second_one(toy: Preset, tmp_path: Path) -> None:
    path = str(lora(tmp_path / "style_high_noise.safetensors"))
    assert with_loras(toy, Lora(at=path)).loras == (Lora(at=path),)
    with pytest.raises(ArgumentError, match="toy has one transformer, not one for low noise") as refused:
        with_loras(toy, Lora(at=path, expert="low"))
    assert refused.value.argument == "loras"


def test_a_film_is_made_with_them_and_made_again(toy: Preset, tmp_path: Path) -> None:
    path = lora(tmp_path / "style.safetensors", scale=0.3)
    plain = yozora.generate("a red cat", model="toy", **SMALL)
    film = yozora.generate("a red cat", model="toy", loras=[(path, 0.8)], **SMALL)
    assert not np.array_equal(film.frames, plain.frames)
    saved = film.save(tmp_path / "film.mp4")
    order = remaking.read_record(saved).order
    assert order is not None
    (said,) = order.request.loras
    assert (said.at, said.strength, len(said.sha256)) == ("style.safetensors", 0.8, 64)
    assert str(tmp_path) not in str(yozora.show(saved))
    assert np.array_equal(yozora.again(saved).frames, film.frames)
    path.rename(tmp_path / "elsewhere.bin")
    with pytest.raises(ArgumentError, match=r"style\.safetensors, which film\.mp4 was made with, is not found"):
        yozora.again(saved)
    lora(tmp_path / "style.safetensors", scale=0.1)
    with pytest.raises(ArgumentError, match="--lora"):
        yozora.again(saved)
    (tmp_path / "elsewhere.bin").rename(tmp_path / "moved.safetensors")
    again = yozora.again(saved, loras=[("moved.safetensors", 0.8)])
    assert np.array_equal(again.frames, film.frames)


def test_autoencoder_and_text_encoder_of_other_files(toy: Preset, tmp_path: Path) -> None:
    vae = tmp_path / "vae"
    vae.mkdir()
    for path in (toy.folder / "vae").iterdir():
        (vae / path.name).write_bytes(path.read_bytes())
    state = load_file(vae / "diffusion_pytorch_model.safetensors")
    state["decoder.conv_out.bias"] = state["decoder.conv_out.bias"] + 0.5
    save_file(state, vae / "diffusion_pytorch_model.safetensors")
    plain = yozora.generate("a red cat", model="toy", **SMALL)
    text = toy.folder / "text_encoder"
    brighter = yozora.generate("a red cat", model="toy", vae=vae, text_encoder=str(text), **SMALL)
    assert brighter.frames.mean() > plain.frames.mean() + 20
    saved = brighter.save(tmp_path / "film.mp4")
    order = remaking.read_record(saved).order
    assert order is not None
    assert (order.request.vae, order.request.text_encoder) == ("vae", "text_encoder")
    with pytest.raises(ArgumentError, match="--text-encoder"):
        yozora.again(saved)
    assert np.array_equal(yozora.again(saved, text_encoder=text).frames, brighter.frames)


@pytest.mark.parametrize(
    ("said", "argument", "line"),
    [
        ({"loras": "no.safetensors:0.5"}, "loras", "No LoRA file is at 'no.safetensors'"),
        ({"loras": "a.safetensors:99"}, "loras", "out of range"),
        ({"loras": [5]}, "loras", "5 is not a LoRA"),
        ({"loras": "high=a.safetensors"}, "loras", "toy has one transformer"),
        ({"vae": "nowhere"}, "vae", "no file is at 'nowhere'"),
        ({"text_encoder": "nowhere"}, "text_encoder", "no file is at 'nowhere'"),
        ({"guidance": "4,3"}, "guidance", "toy has one transformer and takes one guidance scale"),
        ({"guidance": (4, 3, 2)}, "guidance", "guidance has 3 numbers"),
        ({"guidance": "4,99"}, "guidance", "out of range"),
    ],
)
def test_what_cannot_be_put_together_is_refused(toy: Preset, said: dict[str, Any], argument: str, line: str) -> None:
    with pytest.raises(ArgumentError, match=line) as refused:
        yozora.generate("a cat", model="toy", **{**SMALL, **said})
    assert refused.value.argument == argument


@pytest.mark.parametrize("name", ["vae", "text_encoder", "loras"])
def test_mini_is_of_one_piece(toy: Preset, tmp_path: Path, name: str) -> None:
    with pytest.raises(ArgumentError, match=f"mini takes no {name}, because it is a single file. Use one of toy"):
        yozora.generate("a car", **{**SMALL, name: str(lora(tmp_path / "a.safetensors"))})


def test_a_lora_of_another_model_is_one_line(toy: Preset, tmp_path: Path) -> None:
    path = lora(tmp_path / "a.safetensors", width=64)
    with pytest.raises(UserError, match=r"a\.safetensors is for a model of other sizes"):
        yozora.generate("a cat", model="toy", loras=str(path), **SMALL)


def test_guidance_of_two_experts(pair: Preset, monkeypatch: pytest.MonkeyPatch) -> None:
    from yozora.core.ordering import ordered

    monkeypatch.setattr(presets, "PRESETS", {"pair": pair})

    def scales(**said: Any) -> tuple[float, float | None]:
        request = ordered("generate", "a cat", {"model": "pair", **said}).request
        return request.guidance, request.low_guidance

    assert scales() == (pair.guidance, pair.low_guidance) == (4.0, 2.5)
    assert scales(guidance="5,2") == scales(guidance=[5, 2]) == scales(guidance=(5.0, 2.0)) == (5.0, 2.0)
    assert scales(guidance=6) == scales(guidance="6") == (6.0, 6.0)


def test_untrained_gives_what_weights_were_not_trained_for_with_a_line(toy: Preset) -> None:
    clip = yozora.generate("a cat", model="toy", **SMALL)
    requested = {"model": "toy", "seconds": 0.2, "steps": 1, "seed": 1}
    with pytest.raises(ArgumentError, match="toy was not trained to be given parts of a film"):
        yozora.extend(clip, **requested)
    film = yozora.extend(clip, untrained=True, **requested)
    assert film.notes[0].startswith("toy was not trained to be given parts of a film: ")
    assert film.seconds > clip.seconds
    assert not yozora.generate("a cat", untrained=True, **requested).notes
    channels = replace(toy, conditioning="channels", known=("first frame",))
    assert presets.composed(channels, Request(prompt="", untrained=True)).known == ("first frame",)


def test_what_is_put_in_is_in_the_fingerprint_and_where_it_lies_is_not(toy: Preset, tmp_path: Path) -> None:
    from yozora.provenance.origin import fingerprint

    plain, path = fingerprint(toy), lora(tmp_path / "a.safetensors")
    styled = fingerprint(with_loras(toy, Lora(at=str(path))))
    assert len({plain, styled, fingerprint(with_loras(toy, Lora(at=str(path), strength=0.5)))}) == 3
    moved = path.rename(tmp_path / "b.safetensors")
    assert fingerprint(with_loras(toy, Lora(at=str(moved)))) == styled
    pickled = tmp_path / "vae.pth"
    torch.save({"a": torch.zeros(4)}, pickled)
    assert fingerprint(replace(toy, autoencoder=pickled)) != plain


def test_the_text_encoder_is_loaded_for_new_prompts_only(toy: Preset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.ENCODINGS, "encodings")
    before = Engine(toy, "cpu", torch.float32).films(order_of(toy)).frames
    assert len(list(Path("encodings").iterdir())) == 2  # the prompt, and what is not wanted

    def refused(*given: object) -> None:
        raise AssertionError("the text encoder is loaded")

    with monkeypatch.context() as patch:
        patch.setattr(wan_parts, "text_encoder", refused)
        assert np.array_equal(Engine(toy, "cpu", torch.float32).films(order_of(toy)).frames, before)
        with pytest.raises(AssertionError, match="is loaded"):
            Engine(toy, "cpu", torch.float32).films(order_of(toy, "a dog"))
    monkeypatch.setenv(paths.ENCODINGS, "off")
    assert np.array_equal(Engine(toy, "cpu", torch.float32).films(order_of(toy)).frames, before)
    assert len(list(Path("encodings").iterdir())) == 2


def order_of(preset: Preset, prompt: str = "a red cat") -> Order:
    request = preset.ask(prompt, {"seed": 3, "seconds": 0.2, "steps": 1, "guidance": 2.0})
    return Order.of(request, Generate(seconds=request.seconds))
