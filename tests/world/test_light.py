"""The light: every hour in every weather is a light of its own, of colours that a picture can show."""

from itertools import combinations, pairwise, product

import numpy as np
import pytest

from yozora.world.light import SNOW, Light, light_of
from yozora.world.scene import DAYTIMES, Daytime
from yozora.world.weathers import WEATHERS

ALL = list(product(DAYTIMES, WEATHERS))
TONES = ("#ff0000", "#3f7f3f", "#2030c0", "#ffffff", "#000000")


def bright(color: tuple[float, float, float]) -> float:
    return float(np.dot(color, (0.3, 0.55, 0.15)))


def colourful(color: tuple[float, float, float]) -> float:
    return max(color) - min(color)


@pytest.mark.parametrize(("hour", "weather"), ALL)
@pytest.mark.parametrize("indoors", [False, True])
def test_all_colours_can_be_shown(hour: Daytime, weather: str, indoors: bool) -> None:
    light = light_of(hour, weather, indoors)
    shown = [*light.sky, light.haze, light.tint, light.actor, light.lift]
    shown += [light.on(tone, far) for tone in TONES for far in (0.0, 0.5, 1.0)]
    shown += [light.water(tone, far) for tone in TONES for far in (0.0, 1.0)]
    assert np.min(shown) >= 0
    assert np.max(shown) <= 1
    assert 0 < light.shadow < 1


def test_no_two_lights_are_alike() -> None:
    lights = {key: light_of(*key) for key in ALL}
    for one, other in combinations(ALL, 2):
        assert lights[one] != lights[other]
    assert light_of("night", "clear", indoors=True) != light_of("night", "clear")


@pytest.mark.parametrize("weather", WEATHERS)
@pytest.mark.parametrize("part", range(3))
def test_the_sky_is_darkest_at_night(weather: str, part: int) -> None:
    night, sunset, day = (bright(light_of(hour, weather).sky[part]) for hour in ("night", "sunset", "day"))
    assert night < sunset < day


@pytest.mark.parametrize("hour", DAYTIMES)
def test_the_sky_is_lighter_near_the_horizon(hour: Daytime) -> None:
    for weather in WEATHERS:
        zenith, middle, horizon = map(bright, light_of(hour, weather).sky)
        assert zenith < middle < horizon


@pytest.mark.parametrize("hour", DAYTIMES)
def test_the_greyer_the_weather_the_greyer_the_sky(hour: Daytime) -> None:
    clear = colourful(light_of(hour, "clear").sky[0])
    for weather in ("rain", "snow", "fog"):
        assert colourful(light_of(hour, weather).sky[0]) < clear
    assert WEATHERS["clear"].overcast == 0.0
    assert max(weather.overcast for weather in WEATHERS.values()) == WEATHERS["rain"].overcast == 1.0


@pytest.mark.parametrize(("hour", "weather"), ALL)
def test_far_things_fade_into_the_haze_and_fastest_in_fog(hour: Daytime, weather: str) -> None:
    light = light_of(hour, weather)

    def gone(one: Light, far: float) -> float:
        return float(np.abs(np.subtract(one.on("#d02020", far), one.haze)).sum())

    steps = [gone(light, far) for far in (0.0, 0.2, 0.4, 0.6)]
    assert all(later <= sooner for sooner, later in pairwise(steps))
    assert light_of(hour, "fog").fog > light.fog or weather == "fog"
    if weather == "fog":
        assert light.on("#d02020", 0.8) == pytest.approx(light.haze)


def test_snow_covers_what_it_lies_on_and_nothing_in_other_weather() -> None:
    snowy, clear = light_of("day", "snow"), light_of("day", "clear")
    assert snowy.on("#205020", cover=1.0) == pytest.approx(SNOW, abs=1e-6)
    assert bright(snowy.on("#205020", cover=0.5)) > bright(snowy.on("#205020"))
    assert clear.on("#205020", cover=1.0) == clear.on("#205020")


def test_rain_takes_colour_away() -> None:
    for hour in DAYTIMES:
        wet, dry = light_of(hour, "rain"), light_of(hour, "clear")
        assert colourful(wet.on("#c02020")) < colourful(dry.on("#c02020"))


def test_a_lamp_lights_who_is_indoors() -> None:
    for hour in DAYTIMES:
        inside, outside = light_of(hour, "clear", indoors=True), light_of(hour, "clear")
        assert bright(inside.actor) >= bright(outside.actor)
        assert inside.sky == outside.sky
    assert light_of("night", "rain", indoors=True).actor == light_of("night", "clear", indoors=True).actor


def test_water_takes_on_the_colours_of_the_sky() -> None:
    for hour in DAYTIMES:
        light = light_of(hour, "clear")
        there, here = np.array(light.water("#4080c0")), np.array(light.on("#4080c0"))
        middle = np.array(light.sky[1])
        assert np.abs(there - middle).sum() < np.abs(here - middle).sum()


def test_flags_say_the_hour() -> None:
    assert [light_of(hour, "clear").night for hour in ("day", "sunset", "night")] == [False, False, True]
    assert [light_of(hour, "clear").sunset for hour in ("day", "sunset", "night")] == [False, True, False]
