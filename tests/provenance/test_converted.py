"""Films that are converted keep their marks, and say which film they were."""

from pathlib import Path

import pytest
from tests.provenance.conftest import Told, Written
from tests.provenance.test_stamp import scene, state

from yozora import media
from yozora.core.finish import Finish, Grade
from yozora.films.film import Film
from yozora.films.finishing import version, write
from yozora.provenance import trust
from yozora.provenance.converted import actions_of, stamp_for
from yozora.provenance.examine import credentials, mark
from yozora.provenance.settings import Provenance, load
from yozora.provenance.stamp import stamp_of
from yozora.provenance.verify import claim_of

FINISHES = {
    "size": Finish(size=(160, 90)),
    "crop": Finish(size=(128, 128)),
    "pad": Finish(size=(128, 224), fit="pad"),
    "rate": Finish(fps=5),
    "dark": Finish(grade=Grade(exposure=-2)),
    "flat": Finish(grade=Grade(contrast=0.4, saturation=0.5)),
    "warm": Finish(grade=Grade(temperature=1, exposure=0.5)),
}


def made(path: Path, told: Told, settings: Provenance) -> tuple[Path, int]:
    """A film, marked and signed, and its number."""
    facts = told()
    media.write(path, Film(scene(), 16.0, "a hill", 1, "mini"), stamp_of(facts, (224, 128), 16.0, settings))
    return path, facts.identifier


def converted(source: Path, path: Path, finish: Finish, settings: Provenance, number: int | None) -> Path:
    new = version(source, finish)
    stamp = stamp_for(source, "film.mp4", finish, new.size, settings, number)
    with media.Writer(path, *new.size, fps=new.fps, facts=new.facts, seal=stamp) as writer:
        list(write(new, writer))
    return path


@pytest.mark.parametrize("name", FINISHES)
def test_marks_stay(name: str, tmp_path: Path, told: Told) -> None:
    settings = load()
    source, number = made(tmp_path / "film.mp4", told, settings)
    path = converted(source, tmp_path / "new.mp4", FINISHES[name], settings, number)
    assert state(path, settings) == "intact"
    key = (settings.folder / "watermark.key").read_text().strip()
    found = mark({"path": str(path), "key": key, "backend": "spectrum"})
    assert (found["present"], found["identifier"]) == (True, number), found
    claim = claim_of(credentials({"path": str(path), "trusted": trust.roots(settings)}))
    assert claim.facts["identifier"] == f"{number:012x}"
    assert [each.title for each in claim.ancestors] == ["film.mp4"]


def test_a_film_of_someone_else_gets_no_marks(tmp_path: Path, written: Written) -> None:
    path = converted(written("film.mp4"), tmp_path / "new.mp4", FINISHES["dark"], load(), None)
    assert credentials({"path": str(path), "trusted": ""}) == {}


def test_what_is_done_has_names_of_c2pa() -> None:
    finish = Finish(size=(160, 90), fps=12, grade=Grade(exposure=1))
    assert [name for name, _ in actions_of(finish)] == [
        "c2pa.resized",
        "c2pa.edited",
        "c2pa.adjustedColor",
        "c2pa.transcoded",
    ]
    assert [name for name, _ in actions_of(Finish())] == ["c2pa.transcoded"]
