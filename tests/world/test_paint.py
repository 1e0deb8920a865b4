"""Paper and scissors: shapes cover what they should, with soft edges, wherever they lie and at every scale."""

from itertools import pairwise

import numpy as np
import pytest

from yozora.world.paint import INK, Sheet, chance, mix, over, paint, rgb, sheet, times

RED = (1.0, 0.0, 0.0)
SCALES = [40.0, 100.0, 333.0]


def paper(scale: float = 100.0, ink: float = 0.0, origin: tuple[float, float] = (0.0, 0.0)) -> Sheet:
    return sheet((-1.0, -1.0, 1.0, 1.0), scale, origin, ink)


def area(made: Sheet) -> float:
    """Of what is covered, in square units."""
    return float(made.image_4HW[3].sum()) / made.scale**2


# --- colours


@pytest.mark.parametrize(
    ("text", "color"), [("#000000", (0, 0, 0)), ("#ffffff", (1, 1, 1)), ("#ff8000", (1, 128 / 255, 0))]
)
def test_colours_are_read(text: str, color: tuple[float, float, float]) -> None:
    assert rgb(text) == pytest.approx(color)


def test_mixing_goes_from_one_to_the_other() -> None:
    a, b = rgb("#102030"), rgb("#f0a010")
    assert mix(a, b, 0.0) == pytest.approx(a)
    assert mix(a, b, 1.0) == pytest.approx(b)
    assert mix(a, b, 0.5) == pytest.approx(mix(b, a, 0.5))
    assert times(a, (1.0, 1.0, 1.0)) == a
    assert times(a, (0.0, 0.0, 0.0)) == (0.0, 0.0, 0.0)


# --- chance


def test_chance_is_even_and_depends_on_every_key() -> None:
    numbers = np.array([chance(seed, a, b) for seed in range(12) for a in range(12) for b in range(12)])
    assert numbers.min() >= 0
    assert numbers.max() < 1
    assert len(np.unique(numbers)) == len(numbers)
    shares, _ = np.histogram(numbers, bins=8, range=(0, 1))
    assert shares == pytest.approx(len(numbers) / 8, rel=0.2)
    assert chance(3, 4, 5) == chance(3, 4, 5) != chance(3, 5, 4)


def test_neighbours_draw_independent_lots() -> None:
    numbers = np.array([[chance(seed, k) for k in range(300)] for seed in range(4)])
    assert np.abs(np.corrcoef(numbers) - np.eye(4)).max() < 0.2
    assert abs(np.corrcoef(numbers[0, :-1], numbers[0, 1:])[0, 1]) < 0.2


def test_a_negative_or_huge_seed_is_one_too() -> None:
    assert all(0 <= chance(seed, 1) < 1 for seed in (-1, -(2**40), 2**63, 2**80))


# --- sheets


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("origin", [(0.0, 0.0), (12.5, 7.25), (-30.0, 100.0)])
def test_a_sheet_covers_its_box(scale: float, origin: tuple[float, float]) -> None:
    made = sheet((-0.4, -0.2, 0.7, 0.3), scale, origin)
    pixel = 1 / scale
    assert made.x_W[0] <= -0.4 + pixel
    assert made.x_W[-1] >= 0.7 - pixel
    assert made.y_H[0] <= -0.2 + pixel
    assert made.y_H[-1] >= 0.3 - pixel
    assert np.diff(made.x_W) == pytest.approx(pixel, rel=1e-2)
    assert made.image_4HW.shape == (4, len(made.y_H), len(made.x_W))
    assert not made.image_4HW.any()
    middle = (made.left + 0.5 - origin[0]) / scale
    assert made.x_W[0] == pytest.approx(middle, abs=1e-5)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("angle", [0.0, 0.4, -1.2])
def test_an_ellipse_has_the_area_of_one(scale: float, angle: float) -> None:
    made = paper(scale)
    made.ellipse(0.1, -0.2, 0.4, 0.2, RED, angle=angle)
    assert area(made) == pytest.approx(np.pi * 0.4 * 0.2, rel=0.02)
    rows, cols = np.nonzero(made.image_4HW[3] > 0.5)
    assert made.x_W[cols].mean() == pytest.approx(0.1, abs=0.01)
    assert made.y_H[rows].mean() == pytest.approx(-0.2, abs=0.01)


def test_an_ellipse_is_turned_clockwise_as_seen() -> None:
    made = paper()
    made.ellipse(0.0, 0.0, 0.5, 0.1, RED, angle=np.pi / 4)
    rows, cols = np.nonzero(made.image_4HW[3] > 0.5)
    assert np.corrcoef(made.x_W[cols], made.y_H[rows])[0, 1] > 0.8


@pytest.mark.parametrize("scale", SCALES)
def test_a_polygon_has_its_area_and_only_that(scale: float) -> None:
    made = paper(scale)
    made.polygon(((-0.5, 0.5), (0.0, -0.5), (0.5, 0.5)), RED)
    assert area(made) == pytest.approx(0.5, rel=0.03)
    inside = made.image_4HW[3] > 0.99
    y, x = np.meshgrid(made.y_H, made.x_W, indexing="ij")
    within = (y < 0.5) & (np.abs(x) < (y + 0.5) / 2)
    assert not (inside & ~within).any()


@pytest.mark.parametrize("radius", [0.0, 0.1, 0.2])
def test_round_corners_take_their_share(radius: float) -> None:
    made = paper(200.0)
    made.box(-0.4, -0.2, 0.4, 0.3, RED, radius=radius)
    assert area(made) == pytest.approx(0.8 * 0.5 - (4 - np.pi) * radius**2, rel=0.02)


@pytest.mark.parametrize("draw", ["ellipse", "polygon", "box", "glow"])
def test_what_lies_off_the_sheet_changes_nothing(draw: str) -> None:
    made = paper()
    shapes = {
        "ellipse": lambda: made.ellipse(5.0, 0.0, 0.3, 0.3, RED),
        "polygon": lambda: made.polygon(((4.0, 0.5), (4.5, -0.5), (5.0, 0.5)), RED),
        "box": lambda: made.box(4.0, 0.0, 5.0, 1.0, RED),
        "glow": lambda: made.glow(9.0, 0.0, 0.3, RED, 1.0),
    }
    shapes[draw]()
    assert not made.image_4HW.any()


def test_half_a_shape_on_the_sheet_is_half_a_shape() -> None:
    whole, half = paper(), sheet((0.0, -1.0, 1.0, 1.0), 100.0)
    for made in (whole, half):
        made.ellipse(0.0, 0.0, 0.4, 0.4, RED)
    assert area(half) == pytest.approx(area(whole) / 2, rel=0.04)


@pytest.mark.parametrize("alpha", [0.25, 0.5, 1.0])
def test_opacity_is_that_of_the_paint(alpha: float) -> None:
    made = paper()
    made.box(-0.5, -0.5, 0.5, 0.5, RED, alpha=alpha)
    middle = made.image_4HW[:, len(made.y_H) // 2, len(made.x_W) // 2]
    assert middle == pytest.approx((alpha, 0.0, 0.0, alpha), abs=1e-5)


def test_shade_lightens_what_is_above_and_darkens_what_is_below() -> None:
    made = paper()
    made.ellipse(0.0, 0.0, 0.5, 0.5, (0.5, 0.5, 0.5), shade=0.2)
    column = made.image_4HW[0, :, len(made.x_W) // 2]
    upper, lower = column[np.abs(made.y_H + 0.4).argmin()], column[np.abs(made.y_H - 0.4).argmin()]
    assert upper > 0.55
    assert lower < 0.45


def test_ink_is_a_dark_line_round_large_shapes_and_not_round_small_ones() -> None:
    large, small = paper(ink=0.02), paper(ink=0.02)
    large.ellipse(0.0, 0.0, 0.4, 0.4, RED)
    small.ellipse(0.0, 0.0, 0.02, 0.02, RED)
    inked = np.abs(large.image_4HW[:3] - np.array(INK)[:, None, None]).max(axis=0) < 0.05
    assert inked.sum() / 100**2 == pytest.approx(2 * np.pi * 0.41 * 0.02, rel=0.35)
    assert not (np.abs(small.image_4HW[:3] - np.array(INK)[:, None, None]).max(axis=0) < 0.05).any()


@pytest.mark.parametrize("line", [-0.3, 0.0, 0.4])
def test_land_is_all_that_lies_below_its_line(line: float) -> None:
    made = paper()
    made.land(line, (0.2, 0.6, 0.2), (0.1, 0.3, 0.1), shadow=0.0)
    below = made.y_H > line + 0.02
    assert made.image_4HW[3][below].min() > 0.999
    assert not made.image_4HW[3][made.y_H < line - 0.02].any()
    greens = made.image_4HW[1, below][:, 0]
    assert all(later <= sooner + 1e-5 for sooner, later in pairwise(greens.tolist()))


def test_land_casts_a_shadow_behind_its_edge() -> None:
    made = paper()
    made.land(0.2, RED, RED, shadow=0.4)
    above = (made.y_H > 0.15) & (made.y_H < 0.19)
    cast = made.image_4HW[3][above][:, 0]
    assert (np.diff(cast) > 0).all()
    assert 0 < cast.max() < 0.41
    assert not made.image_4HW[:3][:, above].any()


def test_a_gradient_runs_from_colour_to_colour() -> None:
    made = paper()
    made.gradient((RED, (0.0, 1.0, 0.0)), (-1.0, 1.0))
    assert made.image_4HW[3].min() == 1.0
    assert (np.diff(made.image_4HW[0, :, 5]) <= 0).all()
    assert (np.diff(made.image_4HW[1, :, 5]) >= 0).all()
    middle = np.abs(made.y_H).argmin()
    assert made.image_4HW[:2, middle, 5] == pytest.approx((0.5, 0.5), abs=0.01)


def test_a_glow_fades_out() -> None:
    made = paper()
    made.glow(0.0, 0.0, 0.2, (1.0, 1.0, 1.0), 0.8)
    row = made.image_4HW[3, np.abs(made.y_H).argmin()]
    middle = int(row.argmax())
    assert row[middle] == pytest.approx(0.8, abs=0.01)
    assert (np.diff(row[middle + 1 : middle + 40]) < 0).all()


def test_panes_are_windows_in_a_grid() -> None:
    made = paper(200.0)
    made.panes((-0.6, -0.6, 0.6, 0.6), 3, 2, (RED, (0.0, 0.0, 1.0)), [0, 1, 0, 1, 0, 1])
    for place, (column, row) in enumerate((column, row) for row in range(2) for column in range(3)):
        x, y = -0.6 + 0.4 * (column + 0.5), -0.6 + 0.6 * (row + 0.5)
        color = made.image_4HW[:, np.abs(made.y_H - y).argmin(), np.abs(made.x_W - x).argmin()]
        assert color == pytest.approx((1, 0, 0, 1) if place % 2 == 0 else (0, 0, 1, 1), abs=0.01)
    assert not made.image_4HW[3, :, np.abs(made.x_W + 0.2).argmin()].any()  # the wall between


# --- laying over


def test_over_is_the_rule_of_premultiplied_pictures() -> None:
    rng = np.random.default_rng(0)

    def picture() -> np.ndarray:
        planes = rng.uniform(0, 1, (4, 5, 6)).astype(np.float32)
        planes[:3] *= planes[3]
        return planes

    a, b, c = picture(), picture(), picture()
    first, then = a.copy(), b.copy()
    over(first, b)
    over(first, c)
    over(then, c)
    together = a.copy()
    over(together, then)
    assert np.allclose(first, together, atol=1e-5)  # it does not matter which are laid together first
    assert (first[3] <= 1 + 1e-6).all()
    empty = a.copy()
    over(empty, np.zeros_like(a))
    assert np.array_equal(empty, a)
    hidden = a.copy()
    opaque = np.concatenate((rng.uniform(0, 1, (3, 5, 6)), np.ones((1, 5, 6)))).astype(np.float32)
    over(hidden, opaque)
    assert np.allclose(hidden, opaque)


def test_painting_covers_by_its_share() -> None:
    image = np.zeros((4, 2, 3), np.float32)
    cover = np.array(((0.0, 0.5, 1.0), (0.25, 0.75, 1.0)), np.float32)
    paint(image, cover, RED)
    assert np.allclose(image[3], cover)
    assert np.allclose(image[0], cover)
    paint(image, np.ones((2, 3), np.float32), (0.0, 0.0, 1.0))
    assert np.allclose(image[2], 1.0)
    assert np.allclose(image[0], 0.0)
