"""Much data comes in pieces, with a pause after each once it is much."""

import io

import pytest

from yozora.server import pieces as module
from yozora.server.pieces import PIECE, SHORT, pieces


def test_all_bytes_come_in_order_and_little_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(module.time, "sleep", pauses.append)
    data = bytes(range(256)) * (SHORT // 256) + b"end" + bytes(2 * PIECE)
    found = list(pieces(io.BytesIO(data)))
    assert b"".join(found) == data
    assert max(map(len, found)) == PIECE
    assert len(pauses) == 3  # those after the first mebibyte
    assert list(pieces(io.BytesIO(b""))) == []


def test_a_short_file_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.time, "sleep", lambda _: pytest.fail("it paused"))
    assert list(pieces(io.BytesIO(b"x" * PIECE * 3))) == [b"x" * PIECE] * 3
