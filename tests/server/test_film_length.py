"""How long a film is, and how long the API says that it is."""

from types import SimpleNamespace

import pytest

from yozora.server.store.film_length import FilmLength, of_row, seconds_text

ORDER = {"request": {"fps": 16.0}}


@pytest.mark.parametrize(
    ("frames", "fps", "said"),
    [
        (17, 16, "1"),  # as it was ordered
        (33, 16, "2"),
        (21, 16, "1.25"),
        (65, 16, "4"),
        (81, 16, "5"),
        (121, 24, "5"),
        (13, 24, "0.5"),
        (16, 16, "1"),
        (8, 16, "0.5"),
        (26, 16, "1.625"),
        (1, 16, "0.062"),
        (1, 4, "0.25"),
        (240, 24, "10"),
    ],
)
def test_what_is_said_of_a_length(frames: int, fps: float, said: str) -> None:
    assert seconds_text(FilmLength(frames=frames, fps=fps).seconds, fps) == said


def test_without_a_rate_all_is_said() -> None:
    assert seconds_text(1.0625) == "1.062"
    assert seconds_text(12.0) == "12"


def test_a_row_says_how_many_frames_its_film_has() -> None:
    row = SimpleNamespace(frames=17, fps=16.0, seconds="1", job=ORDER)
    assert of_row(row) == FilmLength(frames=17, fps=16.0)  # type: ignore[arg-type]
    assert of_row(row).seconds == 1.0625  # type: ignore[arg-type]


@pytest.mark.parametrize(("job", "fps"), [(ORDER, 16.0), ({"preset": "mini"}, 16.0), ({"settings": {"fps": 24}}, 24.0)])
def test_the_length_of_an_old_row_is_estimated(job: dict[str, object], fps: float) -> None:
    row = SimpleNamespace(frames=None, fps=None, seconds="2", job=job)
    assert of_row(row) == FilmLength(frames=round(2 * fps), fps=fps)  # type: ignore[arg-type]
