"""The light on the stage: how the hour and the weather colour the sky, the land and the actors.

Knows no places and no shapes. Colours are (red, green, blue) in 0..1.
"""

from dataclasses import dataclass

from yozora.world.paint import RGB, mix, rgb, times
from yozora.world.scene import Daytime
from yozora.world.tables import check_name
from yozora.world.weathers import WEATHERS, Weather


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """The hour and the weather, as colours in 0..1."""

    sky: tuple[RGB, RGB, RGB]  # zenith, middle, horizon
    haze: RGB  # what far things fade into
    fog: float  # how much
    tint: RGB  # multiplies the colours of the stage
    actor: RGB  # multiplies the colours of the actors
    lift: RGB  # is added to the actors' colours where they are dark
    shadow: float  # opacity of contact shadows
    night: bool
    sunset: bool
    weather: Weather

    def water(self, color: str, far: float = 0.0) -> RGB:
        """The colour of water, which takes on some of the sky's."""
        if not self.sunset:
            return mix(self.on(color, far), mix(self.sky[1], self.sky[2], 0.35), 0.12)
        dusk = mix(rgb(color), rgb("#6f66a6"), 0.62)
        return mix(mix(dusk, self.sky[1], 0.22), self.haze, min(1.0, far * self.fog))

    def on(self, color: str | RGB, far: float = 0.0, *, cover: float = 0.0) -> RGB:
        """A colour as it looks in this light, `far` 0..1 away; `cover`: how much of it fallen snow hides."""
        base = rgb(color) if isinstance(color, str) else color
        if self.weather.snowy:
            base = mix(base, SNOW, cover)
        if self.weather.grey:
            grey = 0.3 * base[0] + 0.55 * base[1] + 0.15 * base[2]
            base = mix(base, (grey, grey, grey), self.weather.grey)
        return mix(times(base, self.tint), self.haze, min(1.0, far * self.fog))


SNOW: RGB = (0.93, 0.95, 0.98)
_SKIES: dict[Daytime, tuple[str, str, str]] = {
    "day": ("#86bfe2", "#b5dbec", "#eaf3e6"),
    "sunset": ("#5b5590", "#c9708c", "#f9bb78"),
    "night": ("#131b40", "#24346a", "#4a6494"),
}
_GREYS: dict[Daytime, tuple[str, str, str]] = {
    "day": ("#93a5b5", "#b3c0c9", "#d5dbdc"),
    "sunset": ("#6b6180", "#a9788a", "#dba98d"),
    "night": ("#171c36", "#29324f", "#475271"),
}
_TINTS: dict[Daytime, RGB] = {"day": (1.0, 1.0, 1.0), "sunset": (1.0, 0.79, 0.69), "night": (0.36, 0.45, 0.69)}
_ACTORS: dict[Daytime, tuple[RGB, RGB]] = {
    "day": ((1.0, 1.0, 1.0), (0.0, 0.0, 0.0)),
    "sunset": ((1.0, 0.90, 0.82), (0.03, 0.0, 0.0)),
    "night": ((0.79, 0.81, 0.90), (0.02, 0.025, 0.045)),
}
_LAMPS: dict[Daytime, tuple[RGB, RGB]] = {
    "day": ((1.0, 1.0, 1.0), (0.0, 0.0, 0.0)),
    "sunset": ((1.0, 0.94, 0.88), (0.02, 0.0, 0.0)),
    "night": ((0.96, 0.89, 0.81), (0.02, 0.01, 0.0)),
}
AUTUMN: RGB = rgb("#f2d9a6")


def light_of(daytime: Daytime, weather: str, indoors: bool = False) -> Light:
    """The light of an hour in a weather; indoors a warm lamp shines on the actors when it is dark."""
    check_name("weather", weather, WEATHERS)
    entry = WEATHERS[weather]
    greyed = zip(_SKIES[daytime], _GREYS[daytime], strict=True)
    sky = tuple(mix(rgb(a), rgb(b), entry.overcast) for a, b in greyed)
    if any(entry.warmth):
        sky = tuple(mix(c, AUTUMN, entry.warmth[daytime != "day"]) for c in sky)
    actor, lift = _LAMPS[daytime] if indoors else _ACTORS[daytime]
    return Light(
        sky=(sky[0], sky[1], sky[2]),
        haze=mix(sky[1], sky[2], 0.75),
        fog=entry.haze,
        tint=times(_TINTS[daytime], entry.tint),
        actor=actor if indoors else times(actor, entry.actor_tint),
        lift=lift,
        shadow=0.34 if daytime != "night" else 0.42,
        night=daytime == "night",
        sunset=daytime == "sunset",
        weather=entry,
    )
