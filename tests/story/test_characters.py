"""Characters are kept with consent and found by name; tests/test_making.py has films that meet them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from yozora import media
from yozora.cli.cast import list_all
from yozora.errors import UserError
from yozora.films.film import Film
from yozora.story import characters


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("YOZORA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def clip(make_film: Callable[..., Film], tmp_path: Path) -> Path:
    return make_film(frames=17, height=64, width=96).save(tmp_path / "rex.mp4")


def test_a_character_is_a_still_of_the_second_asked_for(clip: Path) -> None:
    made = characters.add("Rex", clip, second=0.5, consent=True)
    kept = media.read(made.picture).frames[0].astype(int)
    shown = media.read(clip).frames
    assert kept.shape == shown[8].shape
    distances = [np.abs(kept - frame).mean() for frame in shown.astype(int)]
    assert int(np.argmin(distances)) == 8
    assert characters.find("rEX") == made
    assert [character.name for character in characters.load_all()] == ["Rex"]


def test_without_consent_nothing_is_kept(clip: Path, home: Path) -> None:
    with pytest.raises(UserError, match="consent"):
        characters.add("rex", clip)
    assert not home.exists()


@pytest.mark.parametrize("name", ["", "a b", "../x", "@rex", "1", "x" * 33, "a/b", "."])
def test_other_names_are_told(clip: Path, name: str) -> None:
    with pytest.raises(UserError, match="is not a name"):
        characters.add(name, clip, consent=True)


def test_a_name_is_given_once_and_can_be_removed(clip: Path, home: Path) -> None:
    characters.add("rex", clip, consent=True)
    with pytest.raises(UserError, match="already"):
        characters.add("REX", clip, consent=True)
    characters.remove("Rex")
    assert characters.load_all() == []
    assert list((home / "characters").iterdir()) == []
    with pytest.raises(UserError, match="none yet"):
        characters.find("rex")


def test_what_is_no_film_leaves_nothing_behind(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "text.mp4"
    path.write_text("hello")
    with pytest.raises(UserError):
        characters.add("rex", path, consent=True)
    assert not home.exists()
    with pytest.raises(UserError, match="is outside"):
        characters.add(
            "rex",
            tmp_path / "rex.mp4" if (tmp_path / "rex.mp4").exists() else _film(tmp_path),
            second=9.0,
            consent=True,
        )


def _film(folder: Path) -> Path:
    frames = np.zeros((3, 32, 32, 3), np.uint8)
    return Film(frames=frames, fps=8.0, prompt="", seed=0, model="toy").save(folder / "short.mp4")


def test_names_in_prompts(clip: Path) -> None:
    characters.add("rex", clip, consent=True)
    assert [c.name for c in characters.named_in(["@rex and @Rex, mail me@rex.org"])] == ["rex"]
    with pytest.raises(UserError, match=r"character @max is not known\. Known: @rex"):
        characters.named_in(["@max"])


def test_names_in_scripts_without_spaces_and_with_accents(clip: Path) -> None:
    for name in ("小明", "小", "rene\u0301", "rex"):
        characters.add(name, clip, consent=True)
    assert [c.name for c in characters.named_in(["@小明在公园里走路, @RENÉ, @小狗"])] == ["小明", "rené", "小"]
    with pytest.raises(UserError, match="character @rexy is not known"):
        characters.named_in(["@rexy"])


def test_a_broken_character_is_in_nobodys_way(clip: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    characters.add("rex", clip, consent=True)
    for name in ("max", ".bad.part"):
        (home / "characters" / name).mkdir()
        (home / "characters" / name / "character.json").write_bytes(b'{"name": "\xff')
    assert [c.name for c in characters.named_in(["@rex"])] == ["rex"]
    assert [c.name for c in characters.load_all()] == ["rex"]
    assert characters.broken() == ["max"]
    with pytest.raises(UserError, match="@max cannot be read"):
        characters.named_in(["@max"])
    list_all()
    assert "@max  cannot be read" in capsys.readouterr().out
    characters.remove("max")
    assert characters.broken() == []


def test_a_file_whose_name_is_no_text_is_taken(clip: Path) -> None:
    odd = clip.with_name("odd\udcff.mp4")
    clip.rename(odd)
    assert characters.add("rex", odd, consent=True).source == "odd?.mp4"
    assert [c.name for c in characters.load_all()] == ["rex"]


def test_a_place_where_nothing_can_be_kept_is_said(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("YOZORA_HOME", str(tmp_path / "file"))
    with pytest.raises(UserError, match="Cannot store a character"):
        characters.add("rex", clip, consent=True)
