"""Canvas modes on Wan's shapes, by what the weights can be given and nothing else; what they cannot names who can."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from tests.parity.test_clips import FRAMES, HEIGHT, SEED, WIDTH, FakeSource, made, picture, preset_of, still
from torch import Tensor

from yozora.core.modes import MODES, Blend, Edit, Extend, Generate, Loop, Recut, Remix, StoryboardCard
from yozora.core.order import Order, Source
from yozora.core.ordering import ordered
from yozora.engine.engine import Engine, ModelSources
from yozora.errors import UserError
from yozora.families import presets
from yozora.families.presets import PRESETS, Preset
from yozora.model.dit import SpacetimeTransformer
from yozora.weights import hub

SHAPES = {
    "words": ("2.1 T2V", "wan2.1-t2v-1.3b"),
    "first": ("2.2 TI2V", "wan2.2-ti2v-5b"),
    "channels": ("2.1 I2V", "wan2.1-i2v-14b-480p"),
    "ends": ("2.1 FLF2V", "wan2.1-flf2v-14b"),
    "control": ("2.1 VACE", "wan2.1-vace-1.3b"),
}
CLIP = replace(picture("source"), fps=16.0, seconds=FRAMES / 16, frames=FRAMES)


@pytest.fixture
def engine_of(reference: Any) -> Any:
    """`engine_of(name, **preset)` of one of `SHAPES`, with few steps."""

    def make(name: str, *, untrained: bool = False, **more: Any) -> Engine:
        kind, weights = SHAPES[name]
        preset = replace(preset_of(reference(kind), weights), steps=2, **more)
        asked = replace(preset.ask("a red cat", {}), untrained=untrained)
        return Engine(presets.composed(preset, asked), "cpu", torch.float32)

    return make


def clip(frames: int = FRAMES) -> list[NDArray[np.uint8]]:
    return [still(index) for index in range(frames)]


def films(engine: Engine, options: Any, source: Source = CLIP, frames: int = FRAMES) -> NDArray[np.uint8]:
    """The model's own frames of a mode on a clip."""
    request = engine.preset.ask("a red cat", {"seed": SEED})
    order = Order.of(request, options, sources=(source,))
    return engine.films(order, ModelSources(clips=[FakeSource(clip(frames))])).frames


def seen(engine: Engine) -> Iterator[tuple[Tensor, Tensor]]:
    """Tokens and times of every forward from now on."""
    found: list[tuple[Tensor, Tensor]] = []

    def note(module: SpacetimeTransformer, given: tuple[Any, ...]) -> None:
        found.append((given[0][:1], given[1].per_token(given[0].shape[1])[0]))

    engine.transformer.register_forward_pre_hook(note)
    return found  # type: ignore[return-value]


# --- what each can be given

EVERY = {
    "words": {"nothing", "whole clip"},
    "first": {"nothing", "whole clip", "first frame"},
    "channels": {"first frame"},
    "ends": {"first and last frame"},
    "control": {"nothing", "whole clip", "first frame", "first and last frame", "frames"},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_mode_that_the_weights_cannot_do_names_weights_that_can(shape: str) -> None:
    name = SHAPES[shape][1]
    image, last = picture("image"), picture("last")
    board_request: list[tuple[str, dict[str, Any], list[Source], str]] = [
        ("generate", {}, [], "nothing"),
        ("generate", {}, [image], "first frame"),
        ("generate", {}, [image, last], "first and last frame"),
        ("generate", {}, [last], "frames"),
        ("extend", {"seconds": 1}, [CLIP], "frames"),
        ("loop", {"seconds": 1}, [CLIP], "frames"),
        ("recut", {"keep": "0-0.2"}, [CLIP], "frames"),
        ("remix", {}, [CLIP], "whole clip"),
        ("edit", {"region": "0,0,0.5,0.5"}, [CLIP], "frames"),
        ("edit", {"region": "0,0,0.5,0.5", "strength": 0.5}, [CLIP], "anything"),
        ("blend", {"seconds": 0.25}, [replace(CLIP, slot="a"), replace(CLIP, slot="b")], "anything"),
    ]
    for mode, requested, sources, needed in board_request:
        if needed in EVERY[shape]:
            assert ordered(mode, "a cat", {"model": name, **requested}, sources).mode == mode
            continue
        with pytest.raises(UserError) as error:
            ordered(mode, "a cat", {"model": name, **requested}, sources)
        able = [each.name for each in PRESETS.values() if needed in each.known]
        assert all(other in str(error.value) for other in able)
        assert "mini" in able
        assert name not in able


def test_every_preset_says_what_it_can_do() -> None:
    modes = {mode.known(None, []) for mode in MODES.values() if mode.name in ("extend", "loop", "blend", "remix")}
    assert modes == {"frames", "anything", "whole clip"}
    for shape, known in EVERY.items():
        assert set(PRESETS[SHAPES[shape][1]].known) == known


# --- words alone


def test_a_remix_starts_from_the_clip(engine_of: Any) -> None:
    """Of the same noise: little strength stays nearer to the clip than much."""
    engine = engine_of("words")
    whole = np.stack(clip()).astype(float)
    remixes = [films(engine, Remix(strength=strength)).astype(float) for strength in (0.05, 0.5, 0.95)]
    far = [np.abs(remix - whole).mean() for remix in remixes]
    assert far[0] < far[1] < far[2]
    assert np.array_equal(films(engine_of("control"), Remix(strength=0.05)).shape, whole.shape)


def test_long_films_overlap_in_latents_at_the_time_of_all_others(engine_of: Any) -> None:
    """Weights of one time for all tokens see what is known as noisy as the rest, and it is kept as it was."""
    engine = engine_of("words", window=5, overlap=2, seconds=2.0, max_seconds=60.0)
    forwards = seen(engine)
    film = made(engine)
    assert film.latents.shape[1] == 9
    assert all(float(t_N.min()) == float(t_N.max()) > 0 for _, t_N in forwards)
    short = made(engine_of("words", window=5, overlap=2, seconds=1.0))
    assert torch.equal(film.latents[:, :5], short.latents), "what the first window made is kept, to the bit"
    tokens = [len(x_BNC[0]) for x_BNC, _ in forwards]
    assert max(tokens) == 5 * (HEIGHT // 16) * (WIDTH // 16), "no window sees more than the weights were trained on"


def test_a_board_of_words_is_filmed(engine_of: Any) -> None:
    engine = engine_of("words")
    cards = (StoryboardCard(text="a red cat", start=0, stop=0.5), StoryboardCard(text="a dog", start=0.5, stop=1))
    order = ordered("storyboard", "", {"cards": cards, "model": "wan2.1-t2v-1.3b", "size": (WIDTH, HEIGHT), "seed": 1})
    order = replace(order, request=replace(order.request, steps=2, fps=16.0))
    assert len(engine.films(order).frames) == 16


# --- a first frame


def test_a_first_frame_is_known_at_time_0_and_later_windows_see_noise(engine_of: Any) -> None:
    engine = engine_of("first", window=5, overlap=2, seconds=2.0, max_seconds=60.0)
    forwards = seen(engine)
    made(engine, sources=[picture("image")], clips=[[still(1)]])
    frame = (HEIGHT // 32) * (WIDTH // 32)
    first = [t_N for _, t_N in forwards if float(t_N[0]) == 0]
    later = [t_N for _, t_N in forwards if float(t_N[0]) > 0]
    assert first
    assert later
    assert all(float(t_N[:frame].max()) == 0 < float(t_N[frame:].min()) for t_N in first)
    assert all(float(t_N.min()) == float(t_N.max()) for t_N in later)


def test_more_than_a_first_frame_is_for_who_asks_for_it(engine_of: Any) -> None:
    engine = engine_of("first")
    with pytest.raises(
        UserError, match=r"toy was not trained to be given parts of a film\. Models that can do this: mini"
    ):
        films(engine, Extend(seconds=0.5))
    assert len(films(engine_of("first", untrained=True), Extend(seconds=0.5))) == FRAMES + 8


# --- channels


@pytest.mark.parametrize("shape", ["channels", "ends"])
def test_weights_for_pictures_need_them(engine_of: Any, shape: str) -> None:
    engine = engine_of(shape)
    give = {"channels": r"Give it a first frame \(image\)", "ends": r"Give it both \(image and last\)"}[shape]
    with pytest.raises(UserError, match=rf"not trained to make a film of words alone\. {give}"):
        made(engine)
    with pytest.raises(UserError, match="not trained to be given parts of a film"):
        films(engine_of(shape, untrained=True), Extend(seconds=0.5))


# --- control


def known_frames(engine: Engine) -> list[list[bool]]:
    """For every window which frames its control shows."""
    conditioner, found = engine.conditioner, []
    assert conditioner is not None

    def note(window: Any) -> Any:
        from yozora.engine.conditioning import shown

        found.append([bool(free == 0) for free in shown(window, conditioner.pixels).free_FHW.flatten(1).amax(1)])
        return conditioner(window)

    engine.conditioner = note  # type: ignore[assignment]
    for name in ("pixels", "layout", "kind"):
        setattr(note, name, getattr(conditioner, name))
    return found


@pytest.mark.parametrize(
    ("options", "frames"),
    [
        (Extend(seconds=0.5), [True] * FRAMES + [False] * 8),
        (Extend(seconds=0.5, backward=True), None),
        (Loop(seconds=0.5), None),
        (Recut(keep=((0.0, 0.25),)), None),
    ],
    ids=["extend", "extend backward", "loop", "recut"],
)
def test_what_a_mode_keeps_is_what_control_shows(engine_of: Any, options: Any, frames: list[bool] | None) -> None:
    engine = engine_of("control", window=21)
    shown = known_frames(engine)
    film = films(engine, options)
    assert len(shown) == 1
    assert True in shown[0]
    assert False in shown[0]
    assert frames is None or shown[0] == frames
    if isinstance(options, Extend):
        assert len(film) == FRAMES + 8 + options.backward  # a film's first latent is a frame of its own
    if isinstance(options, Extend) and options.backward:
        assert shown[0][-FRAMES:] == [True] * FRAMES
        assert not any(shown[0][:-12])
    if isinstance(options, Loop):
        assert shown[0][0]
        assert shown[0][-1]
    if isinstance(options, Recut):
        assert shown[0][:4] == [True] * 4
        assert not any(shown[0][5:])


def test_a_long_film_under_control_goes_on_from_what_was_made(engine_of: Any) -> None:
    engine = engine_of("control", window=5, overlap=2, seconds=2.0, max_seconds=60.0)
    shown = known_frames(engine)
    film = made(engine, sources=[picture("image")], clips=[[still(1)]])
    assert film.latents.shape[1] == 9
    assert len(shown) == 3
    assert shown[0] == [True] + [False] * 16
    assert all(window[:5] == [True] * 5 and not any(window[5:]) for window in shown[1:])


def test_a_region_is_free_and_all_around_is_shown(engine_of: Any) -> None:
    engine = engine_of("control")
    edit = Edit(region=(0.0, 0.0, 0.5, 0.5), start=0.0, stop=FRAMES / 16, strength=1.0)
    assert len(films(engine, edit)) == FRAMES
    with pytest.raises(UserError, match="not trained to repaint one part of a film more than another"):
        films(engine, replace(edit, strength=0.5))


def test_a_blend_needs_weights_for_any_strength(engine_of: Any) -> None:
    engine = engine_of("control")
    request = engine.preset.ask("a red cat", {"seed": SEED})
    sources = (replace(CLIP, slot="a"), replace(CLIP, slot="b"))
    order = Order.of(request, Blend(seconds=0.25), sources=sources)
    with pytest.raises(UserError, match="Models that can do this: mini"):
        engine.films(order, ModelSources(clips=[FakeSource(clip()), FakeSource(clip())]))


# --- experts


def test_one_expert_is_in_memory_at_a_time(reference: Any) -> None:
    engine = Engine(
        replace(preset_of(reference("2.2 T2V A14B"), "wan2.2-t2v-a14b"), steps=4, grid="even"), "cpu", torch.float32
    )
    experts, loaded = engine.parts.transformers, []
    loads = experts.loads

    def counted(index: int) -> Any:
        def load() -> SpacetimeTransformer:
            assert experts._held is None, "the other one is let go first"
            loaded.append(index)
            return loads[index]()

        return load

    experts.loads, experts._held = (counted(0), counted(1)), None
    made(engine)
    assert loaded == [0, 1]
    made(engine)
    assert loaded == [0, 1, 0, 1]
    one = replace(engine.preset, boundary=None)
    assert len(Engine(one, "cpu", torch.float32).parts.transformers) == 1


def test_each_expert_has_its_guidance(reference: Any) -> None:
    preset = replace(preset_of(reference("2.2 T2V A14B"), "wan2.2-t2v-a14b"), steps=3)
    engine = Engine(preset, "cpu", torch.float32)
    plain = made(engine)
    request = preset.ask("a red cat", {"seed": SEED})
    low = engine.films(Order.of(replace(request, low_guidance=9.0), Generate(seconds=0.5))).frames
    same = engine.films(Order.of(request, Generate(seconds=0.5))).frames
    assert plain.frames.shape == same.shape
    assert not np.array_equal(low, same)


def test_few_steps_have_their_published_times(reference: Any) -> None:
    """Self-Forcing: 1000, 750, 500, 250 with shift 5, told as they are; another number of steps has the plain grid."""
    named = PRESETS["self-forcing-1.3b"]
    preset: Preset = replace(
        preset_of(reference("2.1 T2V"), "self-forcing-1.3b"), steps=4, shift=named.shift, guidance=1.0
    )
    engine = Engine(preset, "cpu", torch.float32)
    forwards = seen(engine)
    made(engine)
    told = [round(float(t_N[0]) * 1000, 1) for _, t_N in forwards]
    assert told == [1000, 937.5, 833.3, 625]
    assert all(len(x_BNC) == 1 for x_BNC, _ in forwards), "guidance is distilled: one pass a step"


def test_presets_are_known_by_name() -> None:
    assert presets.find("wan2.2-ti2v-5b").fps == 24
    assert presets.find("wan2.1-t2v-1.3b").negative_prompt.startswith("色调艳丽")
    assert presets.find("wan2.1-flf2v-14b").negative_prompt.startswith("镜头切换，镜头晃动，色调艳丽")


def test_loras_that_belong_to_a_model_are_in_its_weights(
    reference: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LightX2V's: each expert has its own, and four steps without guidance at their published times, by Euler."""
    preset = preset_of(reference("2.2 T2V A14B"), "wan2.2-t2v-a14b-lightx2v", solver="euler")
    preset = replace(preset, guidance=1.0, low_guidance=1.0, shift=5.0)
    folder = tmp_path / hub.folder_of(preset.added[0].hub).name / "snapshots" / "one"
    (folder.parents[1] / "refs").mkdir(parents=True)
    (folder.parents[1] / "refs" / "main").write_text("one")
    generator = torch.Generator().manual_seed(0)
    for added in preset.added:
        (folder / added.file).parent.mkdir(parents=True, exist_ok=True)
        update = torch.randn(64, 48, generator=generator)
        block = 0 if added.expert == "high" else 1
        save_file({f"diffusion_model.blocks.{block}.ffn.0.diff": update}, folder / added.file)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    plain, engine = (Engine(replace(preset, added=added), "cpu", torch.float32) for added in ((), preset.added))
    forwards = seen(engine)
    assert not np.array_equal(made(engine).frames, made(plain).frames)
    assert [round(float(t_N[0]) * 1000, 1) for _, t_N in forwards] == [1000, 937.5]
    for expert, block in ((0, 0), (1, 1)):
        before = plain.parts.transformers.at(expert).state_dict()
        after = engine.parts.transformers.at(expert).state_dict()
        changed = [name for name, tensor in after.items() if not torch.equal(tensor, before[name])]
        assert changed == [f"blocks.{block}.ffn.0.weight"]
    next((folder / added.file).unlink() for added in preset.added[1:])
    with pytest.raises(UserError, match="yozora pull toy"):
        Engine(replace(preset, folder=Path()), "cpu", torch.float32)
