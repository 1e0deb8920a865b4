"""Legs, wheels and tails out of a few numbers."""

from yozora.world.joints import Figure
from yozora.world.limbs import BOTTOM, box, cycle, far, leg, outline, tail, wheels


def test_an_outline_is_written_in_hundredths() -> None:
    assert outline("0 0, 100 0, 50 75") == ((0.0, 0.0), (1.0, 0.0), (0.5, 0.75))
    assert box(0.1, 0.2, 0.3, 0.4) == ((0.1, 0.2), (0.3, 0.2), (0.3, 0.4), (0.1, 0.4))


def test_a_leg_hangs_from_its_hip_to_the_ground() -> None:
    made = leg(0.2, 0.3, 0.6, 0.25)
    assert made.kind == "leg"
    assert max(y for _, y in made.shape) == BOTTOM  # type: ignore[misc]
    assert made.pivot[1] < 0.6 < made.knee[1] < BOTTOM  # type: ignore[index]
    assert leg(0.2, 0.3, 0.6, 0.0, bend=0.0).knee is None
    other = far(made, (0.05, 0.0), 0.8)
    assert (other.shift, other.shade, other.hole) == ((0.05, 0.0), 0.8, False)


def test_wheels_come_round_after_their_spokes() -> None:
    made: Figure = wheels(0.2, (0.2, 0.8, 0.1), (0.8, 0.8, 0.1), spokes=4)
    assert made.fold == 4
    assert made.radius == 0.2
    assert len(made.parts) == 2
    assert cycle(0.3, (0.2, 0.7), (0.8, 0.7)).fold == 3
    assert tail(box(0.8, 0.2, 1.0, 0.5), (0.8, 0.3)).kind == "tail"
