"""A finished film once more: size, rate, grade and container, with what its file says of it, and its marks."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import yozora
from yozora import media
from yozora.core.finish import Finish, Grade
from yozora.core.options import ArgumentError
from yozora.errors import UserError
from yozora.films.film import Film
from yozora.films.finishing import finished, version
from yozora.media.grading import Grading

Make = Callable[..., Film]


@pytest.fixture
def film(tmp_path: Path, make_film: Make) -> Path:
    return make_film(frames=17).save(tmp_path / "film.mp4")


def test_a_film_gets_another_size_and_rate(film: Path, tmp_path: Path) -> None:
    before = media.probe(film)
    done = list(finished(film, tmp_path / "new.mp4", Finish(size=(128, 96), fps=before.fps / 2)))
    found = media.probe(tmp_path / "new.mp4")
    assert (found.width, found.height, found.fps) == (128, 96, before.fps / 2)
    assert found.seconds == pytest.approx(before.seconds, abs=1 / found.fps)
    assert len(done) == found.frames
    assert done == sorted(done)
    assert done[-1] == 1


def test_a_grade_is_that_of_each_frame(film: Path) -> None:
    grade = Grade(exposure=-1, saturation=0.5)
    plain = np.concatenate(list(version(film, Finish()).frames()))
    graded = np.concatenate(list(version(film, Finish(grade=grade)).frames()))
    assert (graded == np.stack([Grading(grade)(frame) for frame in plain])).all()
    assert (plain == media.read(film).frames).all()


def test_what_a_file_says_of_its_film_stays(film: Path, tmp_path: Path) -> None:
    finish = Finish(grade=Grade(contrast=1.2))
    list(finished(film, tmp_path / "new.gif", finish))
    facts, before = media.probe(tmp_path / "new.gif").facts, media.probe(film).facts
    assert {name: facts[name] for name in before} == before
    assert facts["finish"] == finish.to_json()


def test_what_a_container_cannot_hold_is_said(film: Path, tmp_path: Path) -> None:
    said: list[str] = []

    def noted() -> Iterator[float]:
        said.extend((yield from finished(film, tmp_path / "still.png", Finish())))

    assert len(list(noted())) == 17
    assert any("only the first of 17 frames" in note for note in said)


def test_a_film_that_stops_in_the_middle_leaves_nothing(film: Path, tmp_path: Path) -> None:
    steps = finished(film, tmp_path / "new.webm", Finish())
    next(steps)
    steps.close()
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def test_a_source_is_not_replaced_and_a_picture_is_no_film(film: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        list(finished(film, film, Finish()))
    assert caught.value.code == "output_is_source"
    list(finished(film, tmp_path / "still.png", Finish()))
    with pytest.raises(UserError) as caught:
        version(tmp_path / "still.png", Finish())
    assert caught.value.code == "clip_required"


def test_the_function_of_the_package(film: Path, tmp_path: Path) -> None:
    path = yozora.finish(film, tmp_path / "new.webm", size=(64, 64), saturation=0)
    assert (media.probe(path).width, media.probe(path).facts["prompt"]) == (64, "bars")
    for said, argument in (({"exposure": 9}, "exposure"), ({"gamma": 1}, "gamma"), ({"fps": 0}, "fps")):
        with pytest.raises(ArgumentError) as caught:
            yozora.finish(film, tmp_path / "no.mp4", **said)  # type: ignore[arg-type]
        assert caught.value.argument == argument
