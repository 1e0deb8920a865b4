"""Losses are kept over several runs, and drawn so that every curve is seen."""

import math
from pathlib import Path

import numpy as np
import pytest

from yozora.train.curve import (
    BOTTOM,
    COLORS,
    HEIGHT,
    LEFT,
    MOST,
    RIGHT,
    TOP,
    WIDTH,
    Losses,
    Point,
    curves_of,
    draw,
    line,
    log_ticks,
    plain,
    read,
    smooth,
    ticks,
)


def points(count: int, **rates: float) -> list[Point]:
    return [
        Point(step=10 * k, seconds=float(k), values={name: 2.0 * (1 + k) ** -rate for name, rate in rates.items()})
        for k in range(count)
    ]


def test_a_point_is_the_mean_of_its_steps(tmp_path: Path) -> None:
    losses = Losses(tmp_path / "losses.jsonl", None, every=10.0)
    for step, loss in ((1, 9.0), (2, 1.0), (3, 2.0), (4, 7.0)):
        losses.add(step, 6.0 * step, loss, {"rare": loss} if step == 2 else {})
    assert read(losses.path) == [Point(step=3, seconds=18.0, values={"loss": 4.0, "rare": 1.0})]
    losses.write(4, 24.0)
    losses.write(4, 24.0)
    assert [point.values["loss"] for point in read(losses.path)] == [4.0, 7.0]
    assert read(losses.path) == losses.points


def test_runs_go_on_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "losses.jsonl"
    path.write_text("".join(map(line, points(5, loss=1.0))) + '{"step": 77, "sec')
    assert [point.step for point in Losses(path, 25).points] == [0, 10, 20]
    assert [point.step for point in read(path)] == [0, 10, 20]
    weights_alone = Losses(path, None)
    weights_alone.add(3, 1.0, 0.5, {})
    weights_alone.write(3, 1.0)
    assert [point.step for point in read(path)] == [0, 10, 20, 23]


def test_what_is_not_finite_is_left_out() -> None:
    assert line(Point(step=1, seconds=2.0, values={"loss": math.nan, "psnr": 30.0})) == (
        '{"step": 1, "seconds": 2.0, "psnr": 30.0}\n'
    )


@pytest.mark.parametrize("count", [0, 1, 2, 500])
def test_every_curve_is_drawn_inside_the_plot(count: int) -> None:
    picture = draw(points(count, loss=0.2, truth=0.9), "film: losses")
    assert picture.shape == (HEIGHT, WIDTH, 3)
    for color in COLORS[: 2 if count else 0]:
        rows, columns = np.nonzero((picture == color).all(-1))
        assert len(rows) > 20
        assert rows.min() > TOP
        assert rows.max() < HEIGHT - BOTTOM
        assert columns.min() >= LEFT - 3
        assert columns.max() <= WIDTH - RIGHT + 3


def test_a_lower_loss_lies_lower() -> None:
    picture = draw(points(500, loss=0.5), "film")
    strong = (picture == COLORS[0]).all(-1)
    strong[: TOP + 60, WIDTH // 2 :] = False  # the legend
    assert np.nonzero(strong[:, LEFT + 40])[0].mean() < np.nonzero(strong[:, WIDTH - RIGHT - 40])[0].mean() - 100


def test_zeros_and_less_cannot_be_drawn_on_a_logarithmic_scale() -> None:
    found = curves_of([Point(step=k, seconds=0.0, values={"loss": 1.0, "iou": k - 1.0}) for k in range(4)])
    assert {name: steps.tolist() for name, (steps, _) in found.items()} == {"loss": [0, 1, 2, 3], "iou": [2, 3]}


def test_long_runs_are_drawn_with_fewer_points() -> None:
    steps, values = curves_of(points(2 * MOST + 1, loss=0.0))["loss"]
    assert len(steps) == len(values) <= MOST
    assert steps[0] == 10.0
    assert steps[-1] == 20.0 * MOST - 10.0
    assert np.allclose(values, 2.0)


def test_smoothing_keeps_level_and_start() -> None:
    assert np.allclose(smooth(np.full(300, 3.0)), 3.0)
    values = np.random.default_rng(0).normal(size=600)
    assert smooth(values)[300:].std() < 0.4 * values.std()
    assert abs(smooth(np.array([5.0, *np.zeros(299)]))[0] - 5.0) < 0.1


def test_ticks_are_round() -> None:
    assert ticks(0.0, 26_000.0) == [0, 5000, 10_000, 15_000, 20_000, 25_000]
    assert ticks(37.0, 38.0, least=1.0) == [37, 38]
    assert log_ticks(-1.0, 1.0) == pytest.approx([0.1, 0.2, 0.5, 1, 2, 5, 10])
    assert log_ticks(-3.5, 1.5) == pytest.approx([1e-3, 1e-2, 0.1, 1, 10])
    assert log_ticks(math.log10(0.47), math.log10(0.55)) == pytest.approx([0.48, 0.5, 0.52, 0.54])
    assert [plain(value) for value in (0.0, 1e-5, 0.05, 12_000.0, 2_500_000.0)] == ["0", "1e-05", "0.05", "12k", "2.5m"]
