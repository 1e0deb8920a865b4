"""A film as data: what it refuses, and what is its own in each frame."""

from datetime import UTC, datetime

import numpy as np
import pytest

from yozora.films.film import WHOLE, Film, Origin, Sound


def frames(count: int = 4) -> np.ndarray:
    return np.zeros((count, 6, 8, 3), np.uint8)


def tone(seconds: float = 2.0, rate: int = 100) -> Sound:
    return Sound(samples=np.linspace(-1, 1, round(seconds * rate), dtype=np.float32)[:, None], rate=rate)


@pytest.mark.parametrize(
    "wrong",
    [frames().astype(np.float32), frames()[0], frames()[..., :1], frames()[:0], [[0]]],
    ids=["floats", "one picture", "grey", "none", "a list"],
)
def test_frames_are_bytes_of_three_channels(wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match="uint8"):
        Film(wrong, 8.0)


@pytest.mark.parametrize("fps", [0, -1.0, float("inf"), float("nan"), True, "8"])
def test_a_rate_is_a_number_above_zero(fps: object) -> None:
    with pytest.raises(ValueError, match="fps"):
        Film(frames(), fps)  # type: ignore[arg-type] # that is the point


def test_seconds_are_frames_by_the_rate() -> None:
    assert Film(frames(9), 6.0).seconds == 1.5


def test_what_is_kept_is_not_ours_and_a_region_is_partly() -> None:
    film = Film(frames(6), 8.0, kept=((0, 2),), regions=((3, 5, (0.25, 0.0, 0.5, 1.0)),))
    assert [film.is_kept(k) for k in range(6)] == [True, True, False, False, False, False]
    assert [film.ours(k) for k in range(6)] == [None, None, WHOLE, (0.25, 0.0, 0.5, 1.0), (0.25, 0.0, 0.5, 1.0), WHOLE]


def test_facts_hold_an_order_only_where_there_is_one() -> None:
    assert Film(frames(), 8.0, prompt="a cat", seed=3, model="mini").facts == {
        "prompt": "a cat",
        "seed": 3,
        "model": "mini",
    }
    assert Film(frames(), 8.0, order={"mode": "generate"}).facts["order"] == {"mode": "generate"}


def test_sound_is_cut_at_its_ends() -> None:
    sound = tone(2.0)
    assert sound.seconds == 2.0
    assert np.array_equal(sound.cut(0.5, 1.0).samples, sound.samples[50:100])
    assert sound.cut(-1.0, 0.5).seconds == 0.5
    assert sound.cut(1.5, 9.0).seconds == 0.5
    assert sound.cut(1.0, 0.5).seconds == 0.0


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros((4, 3), np.float32),
        np.zeros(4, np.float32),
        np.zeros((4, 1)),
        np.full((4, 1), 1.01, np.float32),
        np.full((4, 2), np.nan, np.float32),
    ],
)
def test_sound_is_one_or_two_channels_within_one(samples: np.ndarray) -> None:
    with pytest.raises(ValueError, match="samples"):
        Sound(samples=samples, rate=100)
    with pytest.raises(ValueError, match="rate"):
        Sound(samples=np.zeros((4, 1), np.float32), rate=0)


def test_an_origin_has_a_time_zone_and_an_identifier_of_48_bits() -> None:
    facts = {"mode": "generate", "model": "mini", "preset": "", "seed": 1, "prompt": ""}
    made = datetime(2026, 1, 2, tzinfo=UTC)
    assert Origin(**facts, identifier=(1 << 48) - 1, made=made).quality == "exact"  # type: ignore[arg-type] # facts of several types
    for identifier, moment in ((1 << 48, made), (-1, made), (1, made.replace(tzinfo=None))):
        with pytest.raises(ValueError, match=r"identifier|UTC"):
            Origin(**facts, identifier=identifier, made=moment)  # type: ignore[arg-type] # the same
