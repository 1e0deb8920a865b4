"""The city and the room: they show the hour and the weather."""

from typing import get_args

import numpy as np
import pytest

from yozora.world.render import render
from yozora.world.scene import Daytime, Place, Scene


def look(place: Place, daytime: Daytime = "day", weather: str = "clear", seed: int = 3) -> np.ndarray:
    scene = Scene(seed=seed, place=place, daytime=daytime, weather=weather)
    return render(scene, width=112, height=64, frames=1).frames_THWC[0].astype(int)


@pytest.mark.parametrize("place", ["city", "room"])
def test_nights_are_darker_and_bluer_and_no_two_hours_are_alike(place: Place) -> None:
    day, sunset, night = (look(place, hour) for hour in get_args(Daytime))
    assert night.mean() < sunset.mean() < day.mean() + 1
    assert night[:20].mean() < 0.9 * day[:20].mean()
    assert np.abs(day - sunset).mean() > 4


def test_the_street_is_wet_in_the_rain_only() -> None:
    street = slice(48, 64)
    dry, wet, snowy = (look("city", weather=weather)[street] for weather in ("clear", "rain", "snow"))
    assert np.abs(dry - wet).mean() > 4
    assert snowy.mean() > dry.mean() + 10  # snow lies on it


def test_each_seed_has_a_street_of_its_own() -> None:
    one, same, other = (look("city", seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert np.abs(one - other).mean() > 4


def test_a_room_is_dimmer_in_bad_weather_and_lit_at_night() -> None:
    wall = (slice(24, 44), slice(0, 12))
    assert look("room")[wall].mean() > look("room", weather="rain")[wall].mean() + 3
    assert look("room", "night")[wall].mean() > 1.5 * look("park", "night")[wall].mean()  # a lamp shines
