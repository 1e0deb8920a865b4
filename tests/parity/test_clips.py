"""Whole clips, from the prompt to frames: ours and those of the untouched pipelines of diffusers, on the same weights.

The noise is ours, handed to both. 10 steps, guidance, a prompt and a negative prompt of several words.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import WanImageToVideoPipeline
from numpy.typing import NDArray
from PIL import Image
from tests.parity.conftest import Measured
from tests.parity.toys import SHIFT, Toy, load
from torch import Tensor

from yozora.core.canvas import blank, refer, unpatchify
from yozora.core.modes import Edit, Extend, Generate
from yozora.core.order import Order, Source
from yozora.core.painters import Shot
from yozora.core.sampler import draw
from yozora.engine.engine import Engine, ModelSources, ShownFrames
from yozora.families import FAMILIES
from yozora.families.preset import Preset

WIDTH, HEIGHT, FRAMES, STEPS, SEED = 96, 64, 9, 10, 7
PROMPT, NEGATIVE = "a red cat runs over the grass &amp; left", "blur, night sky"
CLOSE = 1e-3
Same = Callable[[str, "Made", "Made"], None]
WAN = FAMILIES["wan"].presets


@dataclass(frozen=True, slots=True)
class FakeSource:
    """Frames as a source."""

    all: list[NDArray[np.uint8]]

    @property
    def count(self) -> int:
        return len(self.all)

    def frames(self) -> Iterator[NDArray[np.uint8]]:
        return iter(self.all)

    def closing(self, count: int) -> Iterator[NDArray[np.uint8]]:
        return iter(self.all[-count:])


def still(seed: int) -> NDArray[np.uint8]:
    """A picture with structure at several scales."""
    rng = np.random.default_rng(seed)
    rough = rng.integers(0, 256, (8, 12, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(rough).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC))


def preset_of(toy: Toy, name: str, **more: Any) -> Preset:
    return replace(
        WAN[name],
        folder=toy.folder,
        name="toy",
        sizes=((WIDTH, HEIGHT),),
        fps=16.0,
        seconds=0.5,
        steps=len(WAN[name].times) or STEPS,
        shift=SHIFT,
        guidance=4.0,
        low_guidance=2.5 if WAN[name].boundary else None,
        negative_prompt=NEGATIVE,
        **more,
    )


@dataclass(frozen=True, slots=True)
class Made:
    """A clip of ours: latents `[c, T, h, w]`, frames uint8 `[F, H, W, 3]`."""

    latents: Tensor
    frames: NDArray[np.uint8]


def made(engine: Engine, options: Any = None, sources: Any = (), clips: Any = (), stills: Any = ()) -> Made:
    request = engine.preset.ask(PROMPT, {"seed": SEED})
    order = Order.of(request, options or Generate(seconds=request.seconds), sources=tuple(sources))
    kept: list[Tensor] = []

    def show(
        shot: Shot, decode: Callable[[Tensor], Iterator[NDArray[np.uint8]]], latents: Tensor
    ) -> Iterator[ShownFrames]:
        kept.append(latents)
        yield from (ShownFrames(frames_THWC=piece) for piece in decode(latents))

    material = ModelSources(
        clips=[FakeSource(each) for each in clips], characters=[FakeSource(each) for each in stills]
    )
    pieces = [done.frames for done in engine.work(order, material, show) if done.frames is not None]
    return Made(latents=kept[0], frames=np.concatenate(pieces))


def picture(slot: str) -> Source:
    return Source(at=f"{slot}.png", slot=slot, width=WIDTH, height=HEIGHT)


def noise(engine: Engine, latents: Tensor) -> Tensor:
    """That of the film, as the pipelines take it."""
    c, t, h, w = latents.shape
    grid = (t, h // 2, w // 2)
    return unpatchify(draw(blank(grid, c * 4), SEED), grid, (1, 2, 2))[None]


def theirs(toy: Toy, latents: Tensor, pipeline: Any = None, **more: Any) -> Made:
    asked = {
        "prompt": PROMPT,
        "negative_prompt": NEGATIVE,
        "height": HEIGHT,
        "width": WIDTH,
        "num_frames": FRAMES,
        "num_inference_steps": STEPS,
        "guidance_scale": 4.0,
    } | more
    run = pipeline or toy.pipeline
    with torch.inference_mode():
        clean = run(**asked, latents=latents.clone(), output_type="latent").frames[0]
        shown = run(**asked, latents=latents.clone(), output_type="np").frames[0]
    return Made(latents=clean, frames=(shown * 255).round().astype(np.uint8))


@pytest.fixture
def same(measured: Measured) -> Same:
    """`same(what, ours, reference)`: the same latents but for rounding, and the same frames but for a grey level."""

    def compare(what: str, ours: Made, reference: Made) -> None:
        error = (ours.latents - reference.latents).norm() / reference.latents.norm()
        assert_frames(ours, reference)
        measured(f"clip, {what}", float(error), CLOSE)

    return compare


def assert_frames(ours: Made, reference: Made) -> None:
    assert ours.frames.shape == reference.frames.shape
    apart = np.abs(ours.frames.astype(int) - reference.frames.astype(int))
    assert apart.max() <= 1, f"{apart.max()} levels apart"


@pytest.mark.parametrize("scheduler", ["unipc", "euler"])
@pytest.mark.parametrize(
    ("kind", "name", "second"),
    [
        ("2.1 T2V", "wan2.1-t2v-1.3b", {}),
        ("2.2 TI2V", "wan2.2-ti2v-5b", {}),
        ("2.2 T2V A14B", "wan2.2-t2v-a14b", {"guidance_scale_2": 2.5}),
    ],
)
def test_words(reference: Any, kind: str, name: str, second: dict[str, float], scheduler: str, same: Same) -> None:
    toy = reference(kind, scheduler)
    solver, grid = ("unipc", "diffusers unipc") if scheduler == "unipc" else ("euler", "diffusers euler")
    engine = Engine(preset_of(toy, name, solver=solver, grid=grid), "cpu", torch.float32)
    ours = made(engine)
    same(f"{kind}, words, {scheduler}", ours, theirs(toy, noise(engine, ours.latents), **second))


def test_a_first_frame_of_tokens(reference: Any, same: Same) -> None:
    """TI2V: the first frame is known at time 0, and time is of each token."""
    toy = reference("2.2 TI2V")
    engine = Engine(preset_of(toy, "wan2.2-ti2v-5b"), "cpu", torch.float32)
    first = still(1)
    ours = made(engine, sources=[picture("image")], clips=[[first]])
    pipeline = load(WanImageToVideoPipeline, toy.folder)
    reference_clip = theirs(toy, noise(engine, ours.latents), pipeline, image=Image.fromarray(first))
    same("2.2 TI2V, first frame", ours, reference_clip)


@pytest.mark.parametrize(
    ("kind", "name", "second"),
    [("2.1 I2V", "wan2.1-i2v-14b-480p", {}), ("2.2 I2V A14B", "wan2.2-i2v-a14b", {"guidance_scale_2": 2.5})],
)
def test_a_first_frame_of_channels(reference: Any, kind: str, name: str, second: dict[str, float], same: Same) -> None:
    toy = reference(kind)
    engine = Engine(preset_of(toy, name), "cpu", torch.float32)
    first = still(1)
    ours = made(engine, sources=[picture("image")], clips=[[first]])
    same(f"{kind}, first frame", ours, theirs(toy, noise(engine, ours.latents), image=Image.fromarray(first), **second))


def test_a_first_and_a_last_frame_of_channels(reference: Any, same: Same) -> None:
    toy = reference("2.1 FLF2V")
    engine = Engine(preset_of(toy, "wan2.1-flf2v-14b"), "cpu", torch.float32)
    first, last = still(1), still(2)
    ours = made(engine, sources=[picture("image"), picture("last")], clips=[[first], [last]])
    given = {"image": Image.fromarray(first), "last_image": Image.fromarray(last)}
    same("2.1 FLF2V, first and last frame", ours, theirs(toy, noise(engine, ours.latents), **given))


def controlled(known: dict[int, NDArray[np.uint8]], frames: int, box: Any = None) -> dict[str, Any]:
    """What VACE's pipeline is given: frames, grey where nothing is known, and a mask, white there."""
    video = np.full((frames, HEIGHT, WIDTH, 3), 0.5, np.float32)
    mask = np.ones((frames, HEIGHT, WIDTH, 3), np.float32)
    for index, frame in known.items():
        video[index], mask[index] = frame / 255, 0
        if box is not None:
            video[index][box], mask[index][box] = 0.5, 1
    return {"video": video[None], "mask": mask[None], "num_frames": frames}


@pytest.mark.parametrize("slots", [(), ("image",), ("image", "last"), ("last",)])
def test_frames_of_control(reference: Any, slots: tuple[str, ...], same: Same) -> None:
    toy = reference("2.1 VACE")
    engine = Engine(preset_of(toy, "wan2.1-vace-1.3b"), "cpu", torch.float32)
    frames = {slot: still(index) for index, slot in enumerate(slots)}
    ours = made(engine, sources=[picture(slot) for slot in slots], clips=[[frames[slot]] for slot in slots])
    known = {0 if slot == "image" else FRAMES - 1: frame for slot, frame in frames.items()}
    same(
        f"2.1 VACE, {' and '.join(slots) or 'words'}",
        ours,
        theirs(toy, noise(engine, ours.latents), **controlled(known, FRAMES)),
    )


def test_references_of_control(reference: Any, same: Same) -> None:
    """They stand before the film; diffusers denoises them as frames of it, and cuts them off."""
    toy = reference("2.1 VACE")
    engine = Engine(preset_of(toy, "wan2.1-vace-1.3b"), "cpu", torch.float32)
    people = [still(3), still(4)]
    ours = made(engine, stills=[[person] for person in people])
    c, t, h, w = ours.latents.shape
    tokens = refer(refer(blank((t, h // 2, w // 2), c * 4), torch.zeros(c, 1, h, w), -1.0), torch.zeros(c, 1, h, w), -2)
    drawn = draw(tokens, SEED)
    film, stills = drawn[: tokens.picture_tokens], drawn[tokens.picture_tokens :]
    grid = (1, h // 2, w // 2)
    before = [unpatchify(each, grid, (1, 2, 2)) for each in reversed(stills.chunk(2))]
    whole = torch.cat([*before, unpatchify(film, (t, h // 2, w // 2), (1, 2, 2))], dim=1)[None]
    people_before = [Image.fromarray(person) for person in people]  # diffusers puts each before those that it has
    reference_clip = theirs(toy, whole, reference_images=people_before, **controlled({}, FRAMES))
    cut = Made(latents=reference_clip.latents[:, 2:], frames=reference_clip.frames)
    same("2.1 VACE, two references", ours, cut)


def test_a_clip_goes_on_under_control(reference: Any, same: Same) -> None:
    toy = reference("2.1 VACE")
    engine = Engine(preset_of(toy, "wan2.1-vace-1.3b"), "cpu", torch.float32)
    clip = [still(index) for index in range(5)]
    source = replace(picture("clip"), fps=16.0, seconds=5 / 16, frames=5)
    ours = made(engine, Extend(seconds=0.25), [source], [clip])
    same(
        "2.1 VACE, extension",
        ours,
        theirs(toy, noise(engine, ours.latents), **controlled(dict(enumerate(clip)), FRAMES)),
    )


def test_a_region_is_made_anew_under_control(reference: Any, same: Same) -> None:
    toy = reference("2.1 VACE")
    engine = Engine(preset_of(toy, "wan2.1-vace-1.3b"), "cpu", torch.float32)
    clip = [still(index) for index in range(FRAMES)]
    source = replace(picture("clip"), fps=16.0, seconds=FRAMES / 16, frames=FRAMES)
    edit = Edit(region=(0.0, 0.0, 0.5, 0.5), start=0.0, stop=FRAMES / 16, strength=1.0)
    ours = made(engine, edit, [source], [clip])
    box = (slice(0, HEIGHT // 2), slice(0, WIDTH // 2))
    same(
        "2.1 VACE, a region",
        ours,
        theirs(toy, noise(engine, ours.latents), **controlled(dict(enumerate(clip)), FRAMES, box)),
    )
