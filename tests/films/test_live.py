"""Films that are watched while they are made are the same films, and hear a new prompt in the middle."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from yozora.core.canvas import Canvas
from yozora.engine.engine import Engine, Progress
from yozora.errors import UserError
from yozora.families.presets import Preset
from yozora.films import live, making
from yozora.films.film import Film
from yozora.films.live import PromptSwitch, Window
from yozora.films.orders import LocalOrder, ask

Frames = NDArray[np.uint8]
NOTHING: Mapping[str, Any] = {}


@pytest.fixture
def engine(toy: Preset, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setattr("yozora.families.presets.PRESETS", {"mini": toy})
    return Engine(toy, "cpu", torch.float32)


def asked(sources: Mapping[str, Any] = NOTHING, **requested: Any) -> LocalOrder:
    return ask("generate", "a red car", sources, {"seed": 5, "seconds": 4.0, **requested})


def watched(
    asked: LocalOrder, engine: Engine, turns: Sequence[Sequence[PromptSwitch]] = ()
) -> tuple[list[Frames], list[Window], list[str]]:
    """Frames by window, the windows, and the stages in turn."""
    told = iter(turns)
    parts: list[Frames] = []
    windows, stages, frames = [], [], []
    for one in live.make(asked, engine, lambda: next(told, ())):
        if isinstance(one, Progress):
            stages.append(one.stage)
            frames += [] if one.frames is None else [one.frames]
        else:
            windows.append(one)
            parts.append(np.concatenate(frames) if frames else np.zeros((0, 64, 64, 3), np.uint8))
            frames = []
    return parts, windows, stages


@pytest.mark.parametrize("requested", [{}, {"fps": 24}, {"fps": 10, "size": (96, 64)}, {"seconds": 0.3}])
def test_it_is_the_same_film(engine: Engine, requested: dict[str, Any]) -> None:
    parts, windows, _ = watched(asked(**requested), engine)
    film = making.film(asked(**requested), engine)
    assert np.array_equal(np.concatenate(parts), film.frames)
    assert [window.index for window in windows] == [*range(len(windows))]


def test_frames_come_before_the_film_is_made(engine: Engine) -> None:
    parts, _, stages = watched(asked(), engine)
    assert len(parts) > 3
    assert sum(map(len, parts)) == 65
    assert stages.index("decode") < len(stages) - 1 - stages[::-1].index("denoise")
    assert all(len(part) <= 33 for part in parts)


def test_a_film_may_begin_with_a_picture(engine: Engine, make_film: Callable[..., Film]) -> None:
    still = make_film(frames=1, height=64, width=64)
    parts, _, _ = watched(asked({"image": still}), engine)
    assert np.array_equal(np.concatenate(parts), making.film(asked({"image": still}), engine).frames)
    with pytest.raises(UserError, match="given last frame"):
        watched(asked({"last": still}), engine)


def test_a_new_prompt_is_heard_from_the_next_window_on(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, ...]] = []
    fill = engine.fill

    def listening(canvas: Canvas, *more: Any) -> Any:
        free = canvas.reads_NP[canvas.strength_N > 0].any(0).tolist()
        heard.append(tuple(prompt for prompt, hears in zip(canvas.prompts, free, strict=True) if hears))
        return fill(canvas, *more)

    monkeypatch.setattr(engine, "fill", listening)
    dog, cat = PromptSwitch(name="1", prompt="a dog"), PromptSwitch(name="2", prompt="a cat", windows=2)
    parts, windows, _ = watched(asked(seconds=6), engine, [(), (), (dog,), (cat,)])
    assert heard[:5] == [("a red car",), ("a red car",), ("a dog",), ("a dog", "a cat"), ("a cat",)]
    assert [(window.started, window.active, window.completed) for window in windows[:5]] == [
        ((), (), ()),
        ((), (), ()),
        (("1",), ("1",), ("1",)),
        (("2",), ("2",), ()),
        ((), ("2",), ("2",)),
    ]
    alone, _, _ = watched(asked(seconds=6), engine)
    assert np.array_equal(np.concatenate(parts[:2]), np.concatenate(alone[:2]))
    assert not np.array_equal(parts[2], alone[2])


def test_of_several_prompts_the_last_counts(engine: Engine) -> None:
    dog, cat = PromptSwitch(name="1", prompt="a dog"), PromptSwitch(name="2", prompt="a cat")
    _, windows, _ = watched(asked(), engine, [(), (dog, cat)])
    assert windows[1].started == ("2",)
