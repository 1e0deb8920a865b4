"""Several processes make the film that one makes: on mini, and on tiny random weights of Wan in diffusers' layout.

On one machine without GPUs they speak over Gloo. Two of them share out guidance, or tokens where there is none; three
share out tokens and heads that three do not divide; four do both.
"""

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tests.parity import toys
from tests.parity.test_clips import FakeSource, still
from tests.parity.test_clips import picture as source
from torch import Tensor

from yozora.core.canvas import Canvas, blank, paste, picture, say
from yozora.core.modes import Generate
from yozora.core.order import Order
from yozora.core.painters import Shot
from yozora.core.request import Request
from yozora.engine.distributed import parts as shared
from yozora.engine.engine import Engine, ModelSources, ShownFrames
from yozora.engine.engines import engine_of
from yozora.errors import UserError
from yozora.families import FAMILIES, presets
from yozora.families.preset import FilmSettings, Preset

CLOSE = 1e-5
GRID = (3, 3, 5)
Find = Callable[[str], Preset]
On = Callable[[Preset, int], Engine]
PRESETS = {"2.1 T2V": "wan2.1-t2v-1.3b", "2.2 TI2V": "wan2.2-ti2v-5b", "2.2 T2V A14B": "wan2.2-t2v-a14b"}
PRESETS |= {"2.1 VACE": "wan2.1-vace-1.3b", "2.1 I2V": "wan2.1-i2v-14b-480p"}


@pytest.fixture(scope="module")
def preset(tmp_path_factory: pytest.TempPathFactory) -> Find:
    """mini, or weights of a kind in `toys.KINDS`."""
    found: dict[str, Preset] = {"mini": presets.PRESETS["mini"]}

    def find(kind: str) -> Preset:
        if kind not in found:
            folder = tmp_path_factory.mktemp("toy")
            toys.build(kind, folder)
            sizes = {"sizes": ((160, 96),), "max_pixels": 160 * 96, "negative_prompt": "blur"}
            found[kind] = replace(FAMILIES["wan"].presets[PRESETS[kind]], folder=folder, name=kind, **sizes)
        return found[kind]

    return find


@pytest.fixture(scope="module")
def on() -> Iterator[On]:
    """`on(preset, count)`: an engine on so many processes, which stay until another number is asked for."""
    kept: dict[int, Engine] = {}

    def find(preset: Preset, count: int) -> Engine:
        engine = engine_of(preset, "cpu", gpus=count, dtype=torch.float32)
        kept.clear()
        kept[count] = engine
        return engine

    yield find
    kept.clear()
    gc.collect()
    for ranks in shared._RUNNING:  # without a model, all of them have ended
        assert all(process.poll() is not None for process in ranks.processes)
        assert not ranks.folder.exists()


def canvas_of(engine: Engine, known: bool = False) -> Canvas:
    canvas = blank(GRID, engine.layout.token_channels)
    if known:
        latents = torch.randn(engine.layout.channels, 1, 2 * GRID[1], 2 * GRID[2], generator=torch.manual_seed(1))
        canvas = paste(canvas, latents)
    return say(canvas, "red ball runs left")


def film(engine: Engine, canvas: Canvas, guidance: float) -> tuple[Tensor, Tensor]:
    """Latents and frames."""
    request: Request = engine.preset.ask("red ball", {"seed": 3, "steps": 3, "guidance": guidance})
    for step in engine.fill(canvas, request, seed=3):
        tokens_NC = step.tokens_NC
    latents = picture(canvas, tokens_NC, engine.layout.patch)
    with torch.inference_mode():
        return latents, torch.cat([*engine.autoencoder.decode_stream(latents[None])], dim=2)


def off(a: Tensor, b: Tensor) -> float:
    return float((a - b).norm() / b.norm())


@pytest.mark.parametrize(
    ("kind", "guidance", "count"),
    [
        ("mini", 3.0, 2),
        ("mini", 1.0, 2),
        ("2.1 T2V", 4.0, 2),
        ("2.1 T2V", 1.0, 2),
        ("2.2 TI2V", 1.0, 2),
        ("2.2 T2V A14B", 4.0, 2),
        ("mini", 1.0, 3),
        ("mini", 3.0, 4),
    ],
)
def test_a_film_is_that_of_one_process(preset: Find, on: On, kind: str, guidance: float, count: int) -> None:
    one = Engine(preset(kind), "cpu", torch.float32)
    several = on(preset(kind), count)
    canvas = canvas_of(one, known=kind == "2.2 TI2V")
    ours, theirs = film(several, canvas, guidance), film(one, canvas, guidance)
    assert off(ours[0], theirs[0]) <= CLOSE
    assert off(ours[1], theirs[1]) <= CLOSE
    assert float((ours[1] - theirs[1]).abs().max()) <= 10 * CLOSE
    assert theirs[1].std() > 0.05


@pytest.mark.parametrize("guidance", [4.0, 1.0])
def test_a_step_is_that_of_one_process(preset: Find, on: On, guidance: float) -> None:
    """Of tokens that listen to different prompts."""
    one = Engine(preset("2.1 T2V"), "cpu", torch.float32)
    several = on(preset("2.1 T2V"), 2)
    canvas = say(canvas_of(one), "the cat", (1, 2))
    request = one.preset.ask("red ball", {"guidance": guidance})
    x_BNC, t_BN = torch.randn(1, len(canvas.known_NC), one.layout.token_channels), torch.full((1, 45), 0.7)
    ours, theirs = (each.denoiser(canvas, request, (guidance,) * 2)(x_BNC, t_BN) for each in (several, one))
    assert off(ours, theirs) <= CLOSE


@pytest.mark.parametrize(("kind", "guidance"), [("2.1 VACE", 4.0), ("2.1 VACE", 1.0), ("2.1 I2V", 1.0)])
def test_weights_that_are_given_more_than_tokens(preset: Find, on: On, kind: str, guidance: float) -> None:
    """A control branch, and the tokens of images."""
    one = Engine(preset(kind), "cpu", torch.float32)
    several = on(preset(kind), 2)
    size: FilmSettings = {"width": 96, "height": 64, "seconds": 0.5}
    request = one.preset.ask("red ball", {"seed": 3, "steps": 2, "guidance": guidance, **size})
    options, sources, clips = Generate(seconds=0.5), (), ()
    if "I2V" in kind:
        sources, clips = (source("image"),), (FakeSource([still(1)]),)  # type: ignore[assignment]
    order = Order.of(request, options, sources=sources)
    found: list[Tensor] = []

    def show(shot: Shot, decode: object, latents_CTHW: Tensor) -> Iterator[ShownFrames]:
        found.append(latents_CTHW)
        yield from ()

    for engine in (several, one):
        for _ in engine.work(order, ModelSources(clips=clips), show):
            pass
    assert off(*found) <= CLOSE


def test_a_look_at_a_film_does_not_disturb_its_decoding(preset: Find, on: On) -> None:
    one = Engine(preset("2.1 T2V"), "cpu", torch.float32)
    several = on(preset("2.1 T2V"), 2)
    latents = torch.randn(1, one.layout.channels, 3, 6, 10)
    with torch.inference_mode():
        first, other = several.autoencoder.decode_stream(latents), several.autoencoder.decode_stream(-latents)
        found = []
        for _ in range(3):
            found.append(next(first))
            several.autoencoder.decode(latents[:, :, :1])
            next(other)
        assert off(torch.cat(found, dim=2), one.autoencoder.decode(latents)) <= CLOSE
        narrow = latents[..., :1]  # one column for two processes
        wide = torch.cat([*several.autoencoder.decode_stream(narrow)], dim=2)
        assert off(wide, one.autoencoder.decode(narrow)) <= CLOSE


def test_a_process_that_dies_ends_the_film_with_one_line(preset: Find, on: On) -> None:
    several = on(preset("2.1 T2V"), 2)
    (ranks,) = shared._RUNNING
    canvas, request = canvas_of(several), several.preset.ask("red ball", {"steps": 200, "guidance": 4.0})
    steps = several.fill(canvas, request, seed=3)
    next(steps)
    ranks.processes[0].kill()
    started = time.monotonic()
    with pytest.raises(UserError, match="process of GPU 1 has ended: signal 9") as told:
        for _ in steps:
            pass
    assert time.monotonic() - started < 60
    assert "\n" not in str(told.value)
    assert all(process.poll() is not None for process in ranks.processes)
    assert not ranks.folder.exists()
    again = film(several, canvas, 4.0)  # others have been started
    assert shared._RUNNING[0] is not ranks
    assert off(again[1], film(Engine(preset("2.1 T2V"), "cpu", torch.float32), canvas, 4.0)[1]) <= CLOSE


def test_models_that_nobody_has_are_let_go(preset: Find) -> None:
    first, second = (engine_of(preset(kind), "cpu", gpus=2, dtype=torch.float32) for kind in ("2.1 T2V", "mini"))
    (ranks,) = shared._RUNNING
    count = len(ranks.state.models)
    del first
    gc.collect()
    assert len(ranks.state.models) == count - 1
    assert len(film(second, canvas_of(second), 3.0)) == 2


def test_what_goes_wrong_in_another_process_is_told(preset: Find, on: On, tmp_path: Path) -> None:
    on(preset("mini"), 2)
    (ranks,) = shared._RUNNING
    ranks.load(ranks.number(), replace(preset("mini"), folder=tmp_path / "nothing"), torch.float32)
    with pytest.raises(UserError, match=r"process of GPU 1 has ended: UserError: .*nothing"):
        ranks.loaded()
    ranks.close()
