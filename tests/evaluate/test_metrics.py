import math

import numpy as np
import pytest

from yozora.evaluate.metrics import chance, flicker, mean_score, motion, parity, psnr, share_right, trials, wilson


@pytest.mark.parametrize(
    ("share", "n", "low", "high"),
    [(0.5, 10, 0.2366, 0.7634), (0.9, 200, 0.8506, 0.9343), (0.0, 20, 0.0, 0.1611), (1.0, 20, 0.8389, 1.0)],
)
def test_wilson_gives_the_published_intervals(share: float, n: int, low: float, high: float) -> None:
    assert wilson(share, n) == pytest.approx((low, high), abs=1e-4)


def test_wilson_of_nothing_is_everything() -> None:
    assert wilson(0.0, 0) == (0.0, 1.0)


def test_wilson_covers_the_true_share_about_19_times_in_20() -> None:
    hits = np.random.default_rng(0).binomial(80, 0.7, size=2000)
    covered = [low <= 0.7 <= high for low, high in (wilson(hit / 80, 80) for hit in hits)]
    assert 0.93 < np.mean(covered) < 0.97


def test_answers_that_repeat_each_other_count_once() -> None:
    groups = [k // 4 for k in range(200)]
    together = [k // 4 % 2 == 0 for k in range(200)]
    assert trials(together, groups) == pytest.approx(50, rel=0.05)
    apart = list(np.random.default_rng(0).random(200) < 0.5)
    assert trials(apart, groups) > 120
    assert trials(together, list(range(200))) == 200


def test_share_and_chance_by_hand() -> None:
    told, truth = ["a", "a", "b", "c"], ["a", "b", "b", "b"]
    score = share_right(told, truth)
    assert (score.score, score.n) == (0.5, 4)
    pairs = [told[i] == truth[j] for i in range(4) for j in range(4) if i != j]
    assert score.chance == pytest.approx(sum(pairs) / 12)
    assert chance(["a"], ["a"]) is None


def test_chance_of_perfect_answers_is_how_often_two_captions_agree() -> None:
    truth = [str(k) for k in np.random.default_rng(0).integers(10, size=2000)]
    assert chance(truth, truth) == pytest.approx(0.1, abs=0.01)


def test_parity_is_the_largest_gap_between_languages_over_shared_scenes() -> None:
    even = {scene: scene % 2 == 0 for scene in range(40)}
    worse = {scene: scene % 4 == 0 for scene in range(40)} | {99: True}
    score = parity({"en": even, "es": even, "zh": worse})
    assert score.score == pytest.approx(0.25)
    assert score.low <= 0.25 <= score.high
    assert score.n == 40
    assert parity({"en": even, "es": even}).high == 0.0


def test_mean_score_has_a_normal_interval() -> None:
    score = mean_score([1.0, 3.0], ceiling=5.0)
    assert (score.score, score.n, score.ceiling) == (2.0, 2, 5.0)
    assert score.high - score.low == pytest.approx(2 * 1.959964)
    assert math.isnan(mean_score([]).score)


def test_json_has_the_six_keys() -> None:
    assert set(share_right(["a"], ["a"]).to_json()) == {"score", "low", "high", "ceiling", "chance", "n"}


def test_psnr_of_a_constant_error() -> None:
    black = np.zeros((2, 8, 8, 3), np.uint8)
    assert psnr(black, black + 10) == pytest.approx(20 * math.log10(25.5))
    assert psnr(black, black) == 100


def test_motion_sees_what_flicker_does_not() -> None:
    film = np.full((5, 16, 16, 3), 100, np.uint8)
    for t in range(5):
        film[t, 4:8, 2 * t : 2 * t + 4] = 200
    assert flicker(film) == 0
    assert motion(film) > 1
    film[1::2] += 6
    assert flicker(film) == pytest.approx(6)
    assert motion(film[:1]) == flicker(film[:1]) == 0
