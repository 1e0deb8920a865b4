"""Weathers: one entry each; a new one falls in both renderers and colours the light."""

import numpy as np
import pytest

from yozora.world.light import light_of
from yozora.world.render import render
from yozora.world.scene import Scene
from yozora.world.torch_render import render_batch
from yozora.world.weathers import WEATHERS, ScrollingTile, Weather

SAND = ScrollingTile(
    shape="streak",
    size=0.8,
    count=14,
    grain=0.05,
    speed=(1.2, 0.1),
    swing=0.0,
    color=(0.9, 0.8, 0.5),
    alpha=0.8,
    front=True,
)
SANDSTORM = Weather(falling=(SAND,), overcast=0.4, haze=1.3, tint=(1.0, 0.85, 0.6), clouds=False)


def test_numbers_are_shares() -> None:
    for weather in WEATHERS.values():
        assert 0 <= weather.overcast <= 1
        assert 0 <= weather.grey <= 1
        assert all(0.5 < channel <= 1 for channel in (*weather.tint, *weather.actor_tint))
        assert weather.haze > 0


def test_the_sun_shines_in_no_weather_that_is_overcast() -> None:
    assert all(weather.overcast < 0.5 for weather in WEATHERS.values() if weather.sunny)
    assert all(weather.dim for weather in WEATHERS.values() if weather.overcast > 0.5)


def test_a_new_weather_is_seen_alike_by_both_renderers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WEATHERS, "sandstorm", SANDSTORM)
    clear, stormy = (Scene(seed=4, place="desert", weather=name) for name in ("clear", "sandstorm"))
    size = {"width": 96, "height": 54, "frames": 2, "fps": 4.0}
    film = render(stormy, **size).frames_THWC.astype(int)  # type: ignore[arg-type] # numbers of four arguments
    assert np.abs(film[1] - film[0]).mean() > 0.2  # a clear sky over a desert stands still
    plain = render(clear, **size).frames_THWC.astype(int)  # type: ignore[arg-type] # the same
    assert np.abs(plain[1] - plain[0]).mean() < 0.1
    assert (film[..., 2] / film[..., 0]).mean() < (plain[..., 2] / plain[..., 0]).mean()  # yellower
    both = render_batch([stormy], **size).frames_BTHWC[0].numpy().astype(int)  # type: ignore[arg-type] # the same
    assert np.abs(film - both).mean() < 0.2


def test_its_light_is_that_of_its_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WEATHERS, "sandstorm", SANDSTORM)
    lit = light_of("day", "sandstorm")
    assert (lit.tint, lit.fog) == ((1.0, 0.85, 0.6), 1.3)
    assert lit.weather is SANDSTORM
