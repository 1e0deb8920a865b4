"""What will be made is said before it is made."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from yozora.cli import pace
from yozora.core.order import Order
from yozora.families import presets
from yozora.families.presets import PRESETS, Preset
from yozora.films import orders
from yozora.films.film import Film
from yozora.films.plans import FilmPlan, plan_of


@pytest.fixture
def clip(make_film: Callable[..., Film], tmp_path: Path) -> Path:
    return make_film(frames=24, height=360, width=640, fps=24).save(tmp_path / "clip.mp4")


def plan(mode: str, source: Path | Film | None = None, **requested: object) -> FilmPlan:
    given = {} if source is None else {"source": source}
    return plan_of(orders.ask(mode, "a car", given, {"seed": 1, **requested}).order, PRESETS["mini"])


@pytest.mark.parametrize(
    ("requested", "notes"),
    [
        ({}, ()),
        ({"size": "128x224"}, ()),
        ({"size": "1280x720"}, ("made at 224x128, then converted to 1280x720; it will look soft",)),
        ({"size": "320x180"}, ("made at 224x128, then converted to 320x180",)),
        ({"fps": 30}, ("made at 16 fps, then converted to 30 fps",)),
        ({"size": "320x180", "fps": 24}, ("made at 224x128 and 16 fps, then converted to 320x180 and 24 fps",)),
    ],
)
def test_what_is_scaled_is_said(requested: dict[str, object], notes: tuple[str, ...]) -> None:
    assert plan("generate", **requested).notes == notes


def test_what_cannot_be_kept_is_said(clip: Path, make_film: Callable[..., Film]) -> None:
    invented = "new frames are made at 224x128 and 16 fps, then converted to 640x360 and 24 fps"
    assert plan("extend", clip).notes == (invented,)
    assert plan("extend", clip, native=True).notes == (
        "clip.mp4 is scaled from 640x360 to 224x128",
        "clip.mp4 is converted from 24 to 16 frames a second",
    )
    assert plan("extend", make_film(frames=16, height=65, width=97)).notes == ()


def test_nothing_is_said_of_what_is_invented_where_nothing_is(make_film: Callable[..., Film]) -> None:
    assert plan("extend", make_film(frames=16, height=360, width=640, fps=24.0), seconds=0).notes == ()


def test_frames_and_length() -> None:
    assert (plan("generate").frames, plan("generate").summary) == (33, "224x128, 33 frames at 16 fps (2.06 s), seed 1")
    assert plan("generate", seconds=1, fps=30).frames == 31
    assert plan("generate", quality="fast").summary.endswith(", seed 1, quality fast")


def test_the_time_of_a_film_is_told_from_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOZORA_HOME", str(tmp_path / "home"))
    film = plan("generate", steps=10)
    assert pace.expected(film) is None
    pace.remember(film, 2.0, 3.0)
    assert pace.expected(film) == pytest.approx(5.0)
    assert pace.expected(film, loaded=True) == pytest.approx(3.0)
    longer = pace.expected(plan("generate", steps=20))
    assert longer is not None
    assert 6.5 < longer < 8.0
    assert pace.expected(plan("generate", steps=10, size="1280x720")) is None
    assert pace.expected(plan("generate", steps=10, quality="fast")) is None
    for text in ("", "[]", '{"generate mini 224x128": "soon"}', '{"generate mini 224x128": [1, NaN]}', "\0"):
        (tmp_path / "home" / "pace.json").write_text(text)
        assert pace.expected(film) is None
    for k in range(pace.MOST + 20):
        pace.remember(plan_of(replace_size(film.order, 64 + 2 * k), PRESETS["mini"]), 1.0, 1.0)
    assert len(pace._load_paces()) == pace.MOST
    (tmp_path / "home" / "pace.json").unlink()
    (tmp_path / "home" / "pace.json").mkdir()
    pace.remember(film, 2.0, 3.0)


def replace_size(order: Order, width: int) -> Order:
    return replace(order, request=replace(order.request, width=width))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "about 1 s"),
        (59.6, "about 60 s"),
        (100, "about 2 min"),
        (7000, "about 117 min"),
        (9000, "about 2.5 hours"),
    ],
)
def test_times_in_words(seconds: float, words: str) -> None:
    assert pace.in_words(seconds) == words


def test_other_weights_have_their_own_sizes(toy: Preset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presets, "PRESETS", {"mini": replace(toy, name="mini")})
    order = orders.ask("generate", "a car", {}, {"size": "640x360", "seconds": 1}).order
    assert plan_of(order, replace(toy, name="mini")).native == (64, 64)
