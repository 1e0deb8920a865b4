"""Whatever a film is made of keeps its line: films in files of every kind and in memory, stills and characters."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

import yozora
from yozora import api, media
from yozora.errors import UserError
from yozora.families.presets import PRESETS, Preset
from yozora.films.film import Film, Origin, Parent
from yozora.provenance import authority, examine, trust
from yozora.provenance.settings import Provenance, load
from yozora.provenance.stamp import stamp_of
from yozora.provenance.verify import Claim, claim_of
from yozora.story import characters

KINDS = ["film.mp4", "film.mov", "film.webm", "film.gif", "film.webp", "film.png", "frames/0001.png", "memory"]
Tree = list[tuple[str, str, "Tree"]]
TOY = """
import os
from dataclasses import replace
from pathlib import Path
from yozora.families import presets
toy = replace(presets.PRESETS["mini"], folder=Path(os.environ["TOY"]), sizes=((64, 64),), seconds=0.3, steps=1)
presets.PRESETS = {"mini": toy}
from yozora.cli import main
main()
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, keys: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, with keys that are made already; films bear no watermark."""
    monkeypatch.setenv("YOZORA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("YOZORA_PROVENANCE_FOLDER", str(keys))
    monkeypatch.setenv("YOZORA_PROVENANCE_WATERMARK", "off")
    return tmp_path / "home"


@pytest.fixture
def small(toy: Preset, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The functions of the package make films with a toy's weights."""
    monkeypatch.setattr("yozora.families.presets.PRESETS", {**PRESETS, "mini": replace(toy, name="mini", steps=1)})
    api._engine.cache_clear()
    yield
    api._engine.cache_clear()


@pytest.fixture
def ours(make_film: Callable[..., Film]) -> Film:
    """A film in memory that was made here."""
    origin = Origin(
        mode="text",
        model="toy",
        preset="",
        seed=7,
        prompt="bars",
        identifier=1,
        made=datetime(2026, 11, 21, tzinfo=UTC),
    )
    return replace(make_film(frames=9), origin=origin)


def kept(film: Film, kind: str, folder: Path) -> Path | Film:
    """That film in a file of a kind, or as it is in memory."""
    if kind == "memory":
        return film
    folder.mkdir(exist_ok=True)
    if kind.startswith("frames/"):
        film.save(f"{folder / 'frames'}/")
    else:
        film.save(folder / kind)
    return folder / kind


def claim(path: Path) -> Claim | None:
    said = examine.credentials({"path": str(path), "trusted": trust.roots(load())})
    return claim_of(said) if said else None


def line(path: Path) -> Tree:
    """What a film was made from, and how that was made: "still" for a picture that was taken out of a film, "" where
    nobody says.
    """

    def tree(found: Claim | None) -> Tree:
        return [] if found is None else [(one.title, how(one.claim), tree(one.claim)) for one in found.ancestors]

    def how(found: Claim | None) -> str:
        if found is None:
            return ""
        assert (found.ours, found.problems) == (True, ())
        return "still" if "second" in found.facts else str(found.facts["mode"])

    return tree(claim(path))


def title(kind: str) -> str:
    return "a film that was not saved" if kind == "memory" else Path(kind).name


quiet = pytest.mark.filterwarnings("ignore:.*(content credentials|only the first):UserWarning")


def test_fault_17_a_character_out_of_a_film_keeps_its_line_in_python(small: None, tmp_path: Path) -> None:
    clip = yozora.remix(yozora.generate("a dog"), "a dog").save(tmp_path / "dog.mp4")
    characters.add("rex", clip, second=0.2, consent=True)
    clip.unlink()  # the line is kept with the character
    film = yozora.generate("@rex in a park").save(tmp_path / "film.mp4")
    unsaved: tuple[str, str, Tree] = ("a film that was not saved", "generate", [])
    assert line(film) == [("@rex", "still", [("dog.mp4", "remix", [unsaved])])]
    again = yozora.extend(film, "@rex in a park", seconds=0.3)  # and what is made of it, from a file and in memory
    loop = yozora.loop(again, "a park", seconds=0.3).save(tmp_path / "loop.mp4")
    rex = ("@rex", "still", [("dog.mp4", "remix", [unsaved])])
    assert line(loop) == [("a film that was not saved", "extend", [("film.mp4", "generate", [rex]), rex])]


def test_fault_17_a_character_out_of_a_film_keeps_its_line_on_the_command_line(
    ours: Film, toy_folder: Path, tmp_path: Path
) -> None:
    ours.save(tmp_path / "dog.mp4")

    def run(*arguments: str) -> str:
        environment = {**os.environ, "TOY": str(toy_folder), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-c", TOY, *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("character", "add", "rex", "dog.mp4", "--at", "0.25", "--consent")
    run("generate", "@rex in a park", "-o", "film.mp4")
    lines = run("verify", "film.mp4").splitlines()
    at = lines.index("  made of")
    assert lines[at + 1 : at + 3] == [
        "    @rex (component): a still at 0.25 s, ours",
        "      dog.mp4: text by toy, seed 7, ours",
    ]


@quiet
@pytest.mark.parametrize("kind", KINDS)
def test_fault_17_a_character_out_of_any_kind_of_file_keeps_its_line(kind: str, ours: Film, tmp_path: Path) -> None:
    made = characters.add("rex", kept(ours, kind, tmp_path / "films"), consent=True)
    assert line(made.picture) == [(title(kind), "text", [])]
    found = claim(made.picture)
    assert found is not None
    assert (found.ours, found.problems, found.facts["second"]) == (True, (), 0)
    assert media.read(made.picture).frames.shape == (1, 64, 96, 3)


@quiet
@pytest.mark.parametrize("kind", KINDS)
def test_fault_17_a_source_of_any_kind_keeps_its_line(kind: str, ours: Film, small: None, tmp_path: Path) -> None:
    source = kept(ours, kind, tmp_path / "films")
    begun = yozora.generate("a car", image=source).save(tmp_path / "film.mp4")
    assert line(begun) == [(title(kind), "text", [])]
    ended = yozora.generate("a car", image=begun, last=source, seconds=1).save(tmp_path / "last.mp4")
    assert line(ended) == [("film.mp4", "generate", [(title(kind), "text", [])]), (title(kind), "text", [])]


@quiet
@pytest.mark.parametrize("beside", ["of another film", "damaged", "empty", "huge"])
def test_credentials_beside_a_file_count_only_where_they_fit(
    beside: str, ours: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = ours.save(tmp_path / "film.webm")
    store = (tmp_path / "film.c2pa").read_bytes()
    if beside == "of another film":
        replace(ours, frames=ours.frames[::-1].copy()).save(path)
    if beside == "huge":
        monkeypatch.setattr("yozora.provenance.places.MAX_STORE", len(store) - 1)
    made = {"of another film": store, "damaged": store[:99] + b"\xff" * 99 + store[198:], "empty": b"", "huge": store}
    (tmp_path / "film.c2pa").write_bytes(made[beside])
    assert claim(characters.add("rex", path, consent=True).picture) is None
    assert ours.origin is not None
    child = replace(ours, origin=replace(ours.origin, mode="extend", parents=parents(path)))
    assert line(child.save(tmp_path / "child.mp4")) == [("film.webm", "", [])]


def parents(*paths: Path) -> tuple[Parent, ...]:
    return tuple(Parent(source=path, title=path.name, relation="parentOf") for path in paths)


def test_what_says_nothing_stays_as_it_is(
    make_film: Callable[..., Film], ours: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A photo is not signed as if it came from here; nothing is signed where that is switched off, and no key made."""
    monkeypatch.setenv("YOZORA_PROVENANCE_FOLDER", str(tmp_path / "none"))
    plain = make_film(frames=3)
    assert claim(characters.add("memory", plain, consent=True).picture) is None
    assert claim(characters.add("file", plain.save(tmp_path / "plain.mp4"), consent=True).picture) is None
    monkeypatch.setenv("YOZORA_PROVENANCE_CREDENTIALS", "off")
    assert claim(characters.add("off", ours, consent=True).picture) is None
    assert not (tmp_path / "none").exists()


def test_a_film_of_somebody_else_stays_theirs(ours: Film, tmp_path: Path) -> None:
    theirs = Provenance(folder=tmp_path / "theirs", watermark=False)
    assert ours.origin is not None
    path = media.write(tmp_path / "theirs.mp4", ours, stamp_of(ours.origin, (96, 64), ours.fps, theirs))
    found = claim(characters.add("rex", path, consent=True).picture)
    assert found is not None
    (parent,) = found.ancestors
    assert parent.claim is not None
    assert (found.ours, parent.claim.ours, parent.title) == (True, False, "theirs.mp4")


def test_a_character_that_cannot_be_signed_is_not_kept(
    ours: Film, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = ours.save(tmp_path / "film.mp4")
    made = authority.load_or_make(tmp_path / "theirs", "A Studio")
    (tmp_path / "chain.pem").write_text(made.chain)
    monkeypatch.setenv("YOZORA_PROVENANCE_CERTIFICATE", str(tmp_path / "chain.pem"))
    monkeypatch.setenv("YOZORA_PROVENANCE_SIGNER", "no-such-signer")
    with pytest.raises(UserError, match="failed"):
        characters.add("rex", path, consent=True)
    assert list((home / "characters").iterdir()) == []


def test_a_second_of_a_film_in_memory(ours: Film) -> None:
    made = characters.add("rex", ours, second=0.25, consent=True)
    assert made.source == "a film that was not saved"
    assert np.array_equal(media.read(made.picture).frames[0], ours.frames[4])
    with pytest.raises(UserError, match="Second 9 is outside a film that was not saved"):
        characters.add("max", ours, second=9.0, consent=True)
