"""Boards in bodies become text, with what is empty left out and references as texts."""

import json

import pytest

from yozora.server.http.board_bodies import board_text


def test_objects_become_text() -> None:
    card = {"from": 0, "to": 1, "prompt": "x", "image": {"file_id": "file_1", "id": None}, "clip": None, "style": ""}
    said = json.loads(str(board_text({"cards": [card], "title": None, "seed": 0})))
    assert said == {"cards": [{"from": 0, "to": 1, "prompt": "x", "image": "file_1"}], "seed": 0}
    assert board_text("cards: []") == "cards: []"
    assert json.loads(str(board_text({"cards": "x"}))) == {"cards": "x"}
    assert json.loads(str(board_text(["x"]))) == ["x"]


@pytest.mark.parametrize("value", [5, None, True])
def test_what_is_no_board(value: object) -> None:
    with pytest.raises(ValueError, match="an object, a text or a file"):
        board_text(value)
