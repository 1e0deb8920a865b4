"""The physics as a suite: laws inside and outside of what scenes draw, and pairs of possible and impossible films."""

from functools import partial
from types import MappingProxyType

from yozora.evaluate.physics import laws, pairs
from yozora.evaluate.suite import Measurement, Suite

SHARE = 0.2  # films of a part for each clip that is asked for

NAMES = tuple(f"{law}{ending}" for law in laws.LAWS for ending in ("", laws.OUTSIDE))
SUITE = Suite(
    name="physics",
    parts=MappingProxyType(
        {name: Measurement(films=partial(laws.films, name=name), share=SHARE) for name in NAMES}
        | {name: Measurement(films=partial(pairs.films, name=name), share=SHARE) for name in pairs.BREACHES}
    ),
    goals={},
    caption=(
        "ratio: over the world's own, median; possible: within a quarter of it; position: mean distance from the truth "
        "in heights of the picture; ceiling: of true renders; coded: of these through the autoencoder; chance: of a "
        "film that stands still after what was given; outside: higher, faster or smaller than training draws; pairs: "
        "how often the denoiser's error is smaller on the possible film of two"
    ),
)
