"""However a model is laid out, its films are the same, or as near as eight bits are."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.parity import conftest
from tests.parity.test_clips import preset_of
from tests.quiet import quiet  # noqa: F401 # a fixture

from yozora.core.modes import Generate
from yozora.core.options import ArgumentError
from yozora.core.order import Order
from yozora.engine.engine import Engine
from yozora.families import presets
from yozora.families.encoders.streaming import StreamedUMT5
from yozora.families.preset import Budget, Preset
from yozora.memory import arranging
from yozora.memory.planner import Arrangement
from yozora.model.offload import Offloaded
from yozora.model.quantise import QuantisedLinear
from yozora.model.tiling import Tiled

CPU = torch.device("cpu")
reference = conftest.reference
pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture
def engine_of(reference: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`engine_of(arrangement, kind, name, dtype)`: a toy of Wan that is laid out so."""

    def make(
        arrangement: Arrangement, kind: str = "2.1 T2V", name: str = "wan2.1-t2v-1.3b", dtype: Any = torch.float32
    ) -> Engine:
        preset = preset_of(reference(kind), name)
        monkeypatch.setattr("yozora.families.wan_parts.arranged", lambda *_: arrangement)
        monkeypatch.setattr("yozora.families.wan_parts.paths.encodings", lambda: None)  # else nothing is read
        return Engine(preset, "cpu", dtype)

    return make


def film(engine: Engine, size: tuple[int, int] = (96, 64)) -> NDArray[np.uint8]:
    settings: Any = {"seed": 3, "steps": 3, "guidance": 4.0, "width": size[0], "height": size[1], "seconds": 0.5}
    request = engine.preset.ask("a red cat", settings)
    return engine.films(Order.of(request, Generate(seconds=0.5))).frames


EXACT = {
    "packed": Arrangement(packed=True),
    "text encoder streamed": Arrangement(streamed=True),
    "blocks in main memory": Arrangement(offloaded=True),
    "all of it": Arrangement(streamed=True, offloaded=True, apart=True),
}


@pytest.mark.parametrize("name", EXACT)
def test_a_film_is_the_same_however_it_is_laid_out(engine_of: Any, name: str) -> None:
    plain = film(engine_of(Arrangement())).astype(int)
    engine = engine_of(EXACT[name])
    assert np.abs(film(engine).astype(int) - plain).max() <= (0 if name.startswith(("text", "blocks")) else 1)
    assert isinstance(engine.text.encoder, StreamedUMT5) == EXACT[name].streamed
    assert isinstance(engine.transformer.residence, Offloaded) == EXACT[name].offloaded


@pytest.mark.parametrize(("kind", "name"), [("2.1 VACE", "wan2.1-vace-1.3b"), ("2.2 T2V A14B", "wan2.2-t2v-a14b")])
def test_experts_and_control_branches_are_laid_out_too(engine_of: Any, kind: str, name: str) -> None:
    plain = film(engine_of(Arrangement(), kind, name)).astype(int)
    found = film(engine_of(EXACT["all of it"], kind, name)).astype(int)
    assert np.abs(found - plain).max() <= 1


@pytest.mark.parametrize("weights", ["int8", "fp8"])
def test_eight_bits_are_near_and_combine_with_the_rest(engine_of: Any, weights: Any) -> None:
    plain = film(engine_of(Arrangement())).astype(float)
    engine = engine_of(Arrangement(weights=weights))
    found = film(engine)
    assert psnr(found, plain) > (24 if weights == "int8" else 18)
    assert type(engine.transformer.blocks[0].ffn[0]) is QuantisedLinear
    kinds = {type(m) for m in engine.text.encoder.model.encoder.block[0].modules()}
    assert QuantisedLinear in kinds
    again = film(engine_of(Arrangement(weights=weights, offloaded=True)))
    assert np.array_equal(again, found)


def test_an_autoencoder_in_tiles_makes_films(engine_of: Any) -> None:
    engine = engine_of(Arrangement(tile=16))
    assert isinstance(engine.autoencoder, Tiled)
    assert film(engine, (256, 128)).shape == (9, 128, 256, 3)


def test_a_lora_is_in_the_weights_that_are_quantised(reference: Any, tmp_path: Any) -> None:
    """Loading one tensor after the other gives what `merge` gives of all of them."""
    from safetensors.torch import save_file

    from yozora.core.request import Lora
    from yozora.families.wan_files import layout_of
    from yozora.families.wan_parts import PartPlacement, ready
    from yozora.model.quantise import in_blocks, stored_state
    from yozora.weights import checkpoints
    from yozora.weights.checkpoints import lora

    layout = layout_of(preset_of(reference("2.1 T2V"), "wan2.1-t2v-1.3b"))
    files, file = layout.files("transformer"), tmp_path / "style.safetensors"
    state = checkpoints.read_part(files, "transformer", torch.float32)
    width = state["blocks.0.self_attn.q.weight"].shape[0]
    torch.manual_seed(0)
    update = {"lora_A": torch.randn(2, width), "lora_B": torch.randn(width, 2)}
    save_file({f"diffusion_model.blocks.0.self_attn.q.{k}.weight": x for k, x in update.items()}, file)
    wanted = lora.merge(state, [(lora.read(file), 0.5)])
    for weights in ("full", "int8"):
        where = PartPlacement(CPU, torch.float32, Arrangement(weights=weights))  # type: ignore[arg-type]
        found = ready(files, "transformer", [Lora(at=str(file), strength=0.5)], where)
        for key, tensor in wanted.items():
            each = {key: tensor} if weights == "full" else stored_state(key, tensor, "int8", in_blocks)
            assert all(torch.equal(found[name], value) for name, value in each.items()), key


# --- bounds that somebody states


def test_a_bound_goes_from_the_request_to_the_preset(toy: Preset) -> None:
    request = replace(toy.ask("a cat", {}), memory=2_000_000_000, weights="int8")
    preset = presets.composed(toy, request)
    size = toy.native(request.width, request.height)
    assert preset.budget == Budget(weights="int8", memory=2_000_000_000, size=size, seconds=request.seconds)
    assert presets.composed(toy, replace(request, memory=0, weights="")).budget == Budget()


def test_mini_s_shape_of_model_takes_eight_bits_and_is_refused_where_nothing_fits(toy: Preset) -> None:
    engine = Engine(replace(toy, budget=Budget(weights="int8")), "cpu", torch.float32)
    assert type(engine.transformer.blocks[0].ffn[0]) is QuantisedLinear
    assert engine.transformer.blocks[0].packed is None
    with pytest.raises(ArgumentError, match="toy at 64x64"):
        Engine(replace(toy, budget=Budget(ram=50_000_000)), "cpu", torch.float32)


def test_a_bound_leaves_packing_out_where_there_is_no_room(reference: Any) -> None:
    preset = preset_of(reference("2.1 T2V"), "wan2.1-t2v-1.3b")
    model, film_ = arranging.model_of(preset), arranging.film_of(preset)
    from yozora.memory import planner

    machine = planner.Machine(kind="cpu", itemsize=2)
    sizes = [planner.measured(model, film_, machine, Arrangement(packed=packed)).main for packed in (False, True)]
    assert sizes[0] < sizes[1]
    bounded = planner.within(machine, sizes[0], 0)
    chosen = planner.plan(model, film_, bounded)
    assert chosen is not None
    assert not chosen.arrangement.packed


def test_frames_go_to_whoever_encodes_them_while_later_ones_are_decoded(toy: Preset) -> None:
    engine, decoded = Engine(toy, "cpu", torch.float32), 0
    stream = engine.autoencoder.decode_stream

    def counted(latents: torch.Tensor, chunk: int = 1) -> Any:
        nonlocal decoded
        for piece in stream(latents, chunk):
            decoded += 1
            yield piece

    engine.autoencoder.decode_stream = counted  # type: ignore[method-assign]
    request = toy.ask("a cat", {"seed": 1, "seconds": 1.0})
    steps = engine.run(Order.of(request, Generate(seconds=1.0)))
    shown = [decoded for progress in steps if progress.frames is not None and len(progress.frames)]
    assert shown == list(range(shown[0], shown[0] + len(shown)))
    assert len(shown) == 5


def psnr(found: NDArray[Any], wanted: NDArray[Any]) -> float:
    return float(10 * np.log10(255**2 / np.mean((found.astype(float) - wanted) ** 2)))
