"""How long a film is, and how long the API says that it is."""

from types import SimpleNamespace

import pytest

from yozora.server.store.film_length import FilmLength, of_row, seconds_text

ORDER = {"request": {"fps": 16.0}}


@pytest.mark.parametrize(
    ("seconds", "said"), [(12.0, "12"), (8.5, "8.5"), (1.0625, "1.062"), (0.3, "0.3"), (10.0, "10")]
)
def test_what_is_said_of_a_length(seconds: float, said: str) -> None:
    assert seconds_text(seconds) == said


def test_a_row_says_how_many_frames_its_film_has() -> None:
    row = SimpleNamespace(frames=17, fps=16.0, seconds="1", job=ORDER)
    assert of_row(row) == FilmLength(frames=17, fps=16.0)  # type: ignore[arg-type]
    assert of_row(row).seconds == 1.0625  # type: ignore[arg-type]


@pytest.mark.parametrize(("job", "fps"), [(ORDER, 16.0), ({"preset": "mini"}, 16.0), ({"settings": {"fps": 24}}, 24.0)])
def test_the_length_of_an_old_row_is_estimated(job: dict[str, object], fps: float) -> None:
    row = SimpleNamespace(frames=None, fps=None, seconds="2", job=job)
    assert of_row(row) == FilmLength(frames=round(2 * fps), fps=fps)  # type: ignore[arg-type]
