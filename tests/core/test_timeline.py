"""Pieces of a shot: their defaults, and that two of equal fields are one value."""

from dataclasses import FrozenInstanceError

import pytest

from yozora.core.timeline import START, Changed, Invented, Kept


def test_a_piece_begins_with_its_source_and_the_first_frame_of_the_model() -> None:
    assert Kept(source=0, seconds=1.0).start == 0.0
    assert Invented(seconds=1.0).anchors == Changed(source=0, seconds=1.0).anchors == START == ((0.0, 0.0),)
    changed = Changed(source=1, seconds=2.0)
    assert (changed.region, changed.sounds) == (None, True)


def test_pieces_are_values() -> None:
    piece = Kept(source=0, seconds=1.0)
    assert piece == Kept(source=0, seconds=1.0, start=0.0) != Kept(source=1, seconds=1.0)
    assert len({piece, Kept(source=0, seconds=1.0), Invented(seconds=1.0)}) == 2
    with pytest.raises(FrozenInstanceError):
        piece.seconds = 2.0  # type: ignore[misc] # that is the point
    with pytest.raises(TypeError):
        Kept(0, 1.0)  # type: ignore[misc] # by name only
