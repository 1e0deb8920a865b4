"""Every mode on real films, with a toy's weights: what is kept is kept to the bit, and sound stays with its picture."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from yozora.core.options import ArgumentError
from yozora.core.painters import painted
from yozora.core.sampler import Step
from yozora.engine.engine import Engine, ModelSources
from yozora.families.presets import ANYTHING, Preset
from yozora.films import making
from yozora.films.film import Film, Sound
from yozora.films.orders import LocalOrder, ask, ask_board, with_style_phrase
from yozora.story import characters
from yozora.story.board import Board, Card

Frames = NDArray[np.uint8]
SMALL = {"seed": 5}


@pytest.fixture
def engine(toy: Preset, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setattr("yozora.families.presets.PRESETS", {"mini": toy})
    return Engine(toy, "cpu", torch.float32)


@pytest.fixture
def clip(make_film: Callable[..., Film]) -> Film:
    """Two seconds of moving bars with a tone."""
    tone = np.sin(np.arange(2 * 8000) * 0.3).astype(np.float32)[:, None] * 0.5
    return replace(make_film(frames=33, height=64, width=64), sound=Sound(samples=tone, rate=8000))


def made(engine: Engine, mode: str, sources: Mapping[str, Any], prompt: str | None = "a car", **requested: Any) -> Film:
    return making.film(ask(mode, prompt, sources, {**SMALL, **requested}), engine)


def material(asked: LocalOrder, engine: Engine) -> ModelSources:
    size = engine.preset.native(asked.order.request.width, asked.order.request.height)
    clips = [making.clip_of(source, asked.order, engine.preset, size) for source in asked.sources]
    stills = [making.clip_of(source, asked.order, engine.preset, size) for source in asked.characters]
    return ModelSources(clips=clips, characters=stills)


def test_an_extension_keeps_the_clip_and_goes_on(engine: Engine, clip: Film) -> None:
    film = made(engine, "extend", {"source": clip}, seconds=1.0)
    assert film.frames.shape == (33 + 16, 64, 64, 3)
    assert np.array_equal(film.frames[:33], clip.frames)
    assert film.sound is not None
    assert film.sound.seconds == pytest.approx(49 / 16, abs=0.1)
    assert np.abs(film.sound.samples[-2000:]).max() == 0


def test_a_backward_extension_ends_with_the_clip(engine: Engine, clip: Film) -> None:
    film = made(engine, "extend", {"source": clip}, backward=True, seconds=1.0)
    assert len(film.frames) == 16 + 33
    assert np.array_equal(film.frames[16:], clip.frames)
    assert film.sound is not None
    assert np.abs(film.sound.samples[:4000]).max() == 0


def test_nothing_to_add_and_nothing_to_change_are_the_source(engine: Engine, clip: Film) -> None:
    assert np.array_equal(made(engine, "extend", {"source": clip}, seconds=0).frames, clip.frames)
    for mode in ("remix", "edit"):
        film = made(engine, mode, {"source": clip}, strength=0)
        assert np.array_equal(film.frames, clip.frames)
        assert film.sound is not None
    assert np.array_equal(made(engine, "recut", {"source": clip}, keep=[(0, 9)]).frames, clip.frames)


def test_strengths_differ(engine: Engine, clip: Film) -> None:
    films = [made(engine, "remix", {"source": clip}, strength=s).frames for s in ("subtle", "strong", 1)]
    assert not np.array_equal(films[0], films[1])
    assert not np.array_equal(films[1], films[2])


def test_a_loop_is_the_clip_and_a_way_back(engine: Engine, clip: Film) -> None:
    film = made(engine, "loop", {"source": clip}, seconds=1.0)
    assert len(film.frames) == 33 + 16
    assert np.array_equal(film.frames[:33], clip.frames)


def test_a_blend_begins_as_one_and_ends_as_the_other(
    engine: Engine, clip: Film, make_film: Callable[..., Film]
) -> None:
    other = make_film(frames=33, height=64, width=64, prompt="other")
    other = replace(other, frames=other.frames[::-1].copy())
    film = made(engine, "blend", {"a": clip, "b": other}, None, seconds=1.0)
    assert len(film.frames) == 33 + 33 - 16
    assert np.array_equal(film.frames[:17], clip.frames[:17])
    assert np.array_equal(film.frames[-17:], other.frames[-17:])
    film = made(engine, "blend", {"a": clip, "b": other}, None, seconds=0.3)
    assert np.array_equal(film.frames[-20:], other.frames[-20:]), "to its last frame"


def test_an_edit_and_a_recut_keep_what_they_do_not_change(engine: Engine, clip: Film) -> None:
    film = made(engine, "edit", {"source": clip}, region=(0, 0, 0.5, 0.5), start=1.0)
    assert film.frames.shape == clip.frames.shape
    assert np.array_equal(film.frames[:16], clip.frames[:16])
    film = made(engine, "recut", {"source": clip}, keep=[(0.0, 1.0)])
    assert film.frames.shape == clip.frames.shape
    assert np.array_equal(film.frames[:16], clip.frames[:16])
    assert film.sound is not None
    assert np.abs(film.sound.samples[-6000:]).max() == 0


def beep(film: Film) -> float:
    """The second at which it is loudest."""
    assert film.sound is not None
    return float(np.abs(film.sound.samples[:, 0]).argmax() / film.sound.rate)


@pytest.mark.parametrize("seconds", [0.3, 0.6, 0.9, 1.0])
def test_sound_stays_with_its_picture(engine: Engine, clip: Film, seconds: float) -> None:
    click = np.zeros((2 * 8000, 1), np.float32)
    click[12_000] = 1.0  # at second 1.5
    loud, quiet = (replace(clip, sound=Sound(samples=samples, rate=8000)) for samples in (click, click * 0))
    film = made(engine, "extend", {"source": loud}, backward=True, seconds=seconds)
    assert beep(film) == pytest.approx((len(film.frames) - 33) / 16 + 1.5, abs=0.01)
    film = made(engine, "blend", {"a": quiet, "b": loud}, None, seconds=seconds)
    assert beep(film) == pytest.approx((len(film.frames) - 33) / 16 + 1.5, abs=0.01)
    short = replace(loud, frames=clip.frames[:17])
    film = made(engine, "blend", {"a": quiet, "b": short}, None, seconds=1.0)
    assert len(film.frames) == 33 + 17 - 16, "a clip may be about as long as the blend"


def test_sound_stays_with_its_picture_on_a_board(engine: Engine, clip: Film, tmp_path: Path) -> None:
    click = np.zeros((2 * 8000, 1), np.float32)
    click[8_000] = 1.0
    path = replace(clip, sound=Sound(samples=click, rate=8000)).save(tmp_path / "clip.mp4")
    cards = [Card(start=1.03 * k, stop=1.03 * (k + 1), prompt="a car") for k in range(3)]
    flowing = Card(start=3.09, stop=5.09, prompt="a boat", clip=path, transition="flow")
    shown = np.stack(list(making.footage(path, (64, 64), 16.0, "crop").frames()))
    for last in (flowing, replace(flowing, transition="cut")):
        film = making.film(ask_board(Board(cards=(*cards, last)), {**SMALL, "steps": 1}), engine)
        assert len(film.frames) == round(5.09 * 16)
        same = [k for k, frame in enumerate(film.frames) if np.array_equal(frame, shown[0])]
        assert len(same) == 1, "the clip is shown once, from its first frame on"
        assert beep(film) == pytest.approx(same[0] / 16 + 1.0, abs=0.07)


@pytest.mark.parametrize("frames", [1, 2, 3, 4, 6, 7, 8, 34, 35, 36])
def test_fault_1_and_11_a_clip_of_any_length_is_kept_to_its_last_frame(
    engine: Engine, clip: Film, make_film: Callable[..., Film], frames: int
) -> None:
    """Fault 1: clips of three frames ended in a traceback. Fault 11: the last frames of four to eight were lost."""
    short = make_film(frames=frames, height=64, width=64)
    given, few = {"source": short}, {"steps": 1}
    film = made(engine, "extend", given, seconds=0.5, **few)
    assert len(film.frames) == frames + 8
    assert np.array_equal(film.frames[:frames], short.frames)
    film = made(engine, "extend", given, backward=True, seconds=0.5, **few)
    assert np.array_equal(film.frames[8:], short.frames)
    film = made(engine, "loop", given, seconds=0.5, **few)
    assert len(film.frames) == frames + 8
    assert np.array_equal(film.frames[:frames], short.frames)
    assert len(made(engine, "remix", given, **few).frames) == frames
    assert len(made(engine, "edit", given, region=(0, 0, 0.5, 0.5), **few).frames) == frames
    assert np.array_equal(made(engine, "recut", given, keep=[(0.0, 9.0)], **few).frames, short.frames)
    film = made(engine, "generate", {"image": short, "last": short}, seconds=0.5, **few)
    assert len(film.frames) == 9
    assert np.array_equal(film.frames[0], short.frames[0])
    assert np.array_equal(film.frames[-1], short.frames[0])
    for a, b in ((clip, short), (short, clip)):
        if frames > 1 or a is clip:
            assert len(made(engine, "blend", {"a": a, "b": b}, seconds=1 / 16, **few).frames) == 33 + frames - 1
    card = Card(start=0.0, stop=1.0, prompt="a car")
    cards = [replace(card, clip=short), replace(card, start=1.0, stop=2.0, clip=short, transition="flow")]  # type: ignore[arg-type]
    film = making.film(ask_board(Board(cards=tuple(cards)), {**SMALL, **few}), engine)
    assert len(film.frames) == 33
    kept = min(frames, 13)  # up to the latent that the second card begins with
    assert np.array_equal(film.frames[:kept], short.frames[:kept])


def test_a_picture_starts_and_ends_a_film(engine: Engine, clip: Film) -> None:
    first, last = clip.frames[0], clip.frames[20]
    film = made(engine, "generate", {"image": first}, seconds=1.0)
    assert len(film.frames) == 17
    assert np.array_equal(film.frames[0], first)
    film = made(engine, "generate", {"image": first, "last": last}, seconds=1.0)
    assert np.array_equal(film.frames[0], first)
    assert np.array_equal(film.frames[-1], last)
    film = made(engine, "generate", {"last": last}, seconds=1.0)
    assert len(film.frames) == 17
    assert np.array_equal(film.frames[-1], last)


def test_a_film_starts_with_a_clip_s_first_frame(engine: Engine, clip: Film) -> None:
    films = [made(engine, "generate", {"image": given, "last": given}, seconds=1) for given in (clip, clip.frames[0])]
    assert np.array_equal(films[0].frames, films[1].frames)


def test_one_card_is_text_to_video_to_the_bit(engine: Engine) -> None:
    plain = made(engine, "generate", {}, seconds=0.3)
    board = making.film(ask_board(Board(cards=(Card(start=0, stop=0.3, prompt="a car"),)), SMALL), engine)
    assert np.array_equal(plain.frames, board.frames)
    assert (plain.prompt, plain.seed, plain.model, plain.fps) == ("a car", 5, "toy", 16)


def test_kept_tokens_come_out_bit_equal(engine: Engine, clip: Film) -> None:
    asked = ask("recut", "a car", {"source": clip}, {**SMALL, "keep": [(0.0, 0.6)]})
    (shot,) = painted(asked.order, engine.painter_inputs(asked.order, material(asked, engine)))
    assert shot.canvas is not None
    *_, last = engine.fill(shot.canvas, asked.order.request, 3)
    assert isinstance(last, Step)
    kept = shot.canvas.strength_N == 0
    assert kept.any()
    assert not kept.all()
    assert torch.equal(last.tokens_NC[kept], shot.canvas.known_NC[kept])


def test_weights_say_what_they_cannot_do(toy: Preset, clip: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    modest = replace(toy, name="modest", known=ANYTHING[:3])
    monkeypatch.setattr("yozora.families.presets.PRESETS", {"mini": modest, "toy": toy})
    assert len(made(Engine(modest, "cpu", torch.float32), "generate", {"image": clip}).frames) == 5
    with pytest.raises(ArgumentError, match=r"modest was not trained .* Models that can do this: toy"):
        ask("extend", "a car", {"source": clip}, {})


def test_sources_come_from_files_too(engine: Engine, clip: Film, tmp_path: Path) -> None:
    path = clip.save(tmp_path / "in.mp4")
    film = made(engine, "extend", {"source": path}, None, seconds=0.5)
    assert film.prompt == "bars"
    assert len(film.frames) == 41
    assert film.sound is not None
    shown = np.stack(list(making.footage(path, (64, 64), 16.0, "crop").frames()))
    assert np.array_equal(film.frames[:33], shown)


def test_a_film_has_the_size_and_the_rate_asked_for(engine: Engine, clip: Film) -> None:
    assert made(engine, "generate", {}, size="160x90", fps=24).frames.shape == (7, 90, 160, 3)
    assert made(engine, "generate", {}, seconds=1, fps=1).frames.shape == (2, 64, 64, 3)
    film = made(engine, "extend", {"source": replace(clip, fps=8.0)}, seconds=0.5)
    assert (len(film.frames), film.fps) == (33 + 4, 8)
    assert np.array_equal(film.frames[:33], clip.frames)


def test_a_style_is_said_in_the_words_of_captions(engine: Engine, clip: Film) -> None:
    """For both halves of a blend too."""
    asked = ask("blend", None, {"a": clip, "b": replace(clip, prompt="a boat")}, {**SMALL, "style": "noir"})
    assert with_style_phrase(asked.order).prompts == ("bars, black and white", "a boat, black and white")
    assert asked.order.request.style == "noir"


def test_a_film_meets_whom_it_names(
    engine: Engine, clip: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOZORA_HOME", str(tmp_path / "home"))
    characters.add("rex", clip.save(tmp_path / "rex.mp4"), consent=True)
    asked = ask("generate", "@rex in a park", {}, SMALL)
    (shot,) = painted(asked.order, engine.painter_inputs(asked.order, material(asked, engine)))
    canvas = shot.canvas
    assert canvas is not None
    assert canvas.prompts == ("@hero in a park",)
    assert len(canvas.strength_N) == canvas.picture_tokens + 4
    assert (canvas.strength_N[canvas.picture_tokens :] == 0).all()
    assert canvas.pos_N3[canvas.picture_tokens :, 0].unique().tolist() == [engine.preset.character_at]
    film, other = making.film(asked, engine), made(engine, "generate", {}, "in a park")
    assert film.prompt == "@rex in a park"
    assert film.frames.shape == (5, 64, 64, 3)
    assert not np.array_equal(film.frames, other.frames)
    cast = made(engine, "generate", {}, "rex in a park", cast={"rex": characters.find("rex").picture})
    assert np.array_equal(cast.frames, film.frames), "by name, with a picture of the caller's own"
