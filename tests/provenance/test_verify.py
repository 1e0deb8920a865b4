"""Five states told apart, by a process that no file can harm."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from yozora.errors import UserError
from yozora.provenance import authority, examine, trust
from yozora.provenance.settings import Provenance
from yozora.provenance.verify import Claim, Ingredient, Mark, ResourceLimits, Verification, state_of, verify

Written = Callable[[str], Path]
Signed = Callable[..., Path]
BOUNDS = ResourceLimits(memory=1 << 30, seconds=20.0)


@pytest.fixture
def markless(settings: Provenance, tmp_path: Path) -> Provenance:
    """The same roots, and no key: no mark is looked for."""
    folder = tmp_path / "markless"
    folder.mkdir()
    (folder / "authority.pem").write_bytes((settings.folder / "authority.pem").read_bytes())
    (folder / "authority.pem").chmod(0o600)
    return replace(settings, folder=folder)


def looked(path: Path, settings: Provenance) -> dict[str, object]:
    """What the credentials say, without a process of its own."""
    return examine.credentials({"path": str(path), "trusted": trust.roots(settings)})


def test_a_film_of_ours_is_intact_and_tells_its_ancestors(signed: Signed, markless: Provenance) -> None:
    film = signed("blend.mp4", "blend", signed("remix.mp4", "remix", signed("new.mp4")), signed("other.mp4"))
    verdict = verify(film, markless, BOUNDS)
    assert (verdict.state, verdict.exit_code, verdict.mark) == ("intact", 0, None)
    assert verdict.claim is not None
    assert (verdict.claim.signer, verdict.claim.ours, verdict.claim.problems) == ("Yozora films", True, ())
    assert verdict.identifier == verdict.claim.identifier

    def tree(ancestor: Ingredient) -> tuple[str, bool, list[object]]:
        assert ancestor.claim is not None
        return ancestor.title, ancestor.claim.ours, [tree(each) for each in ancestor.claim.ancestors]

    assert [tree(each) for each in verdict.claim.ancestors] == [
        ("remix.mp4", True, [("new.mp4", True, [])]),
        ("other.mp4", True, []),
    ]
    said = json.loads(json.dumps(verdict.to_json()))
    assert (said["state"], said["watermark"], said["credentials"]["film"]["mode"]) == ("intact", None, "blend")
    assert said["credentials"]["ancestors"][0]["credentials"]["film"]["mode"] == "remix"


def test_a_changed_film_is_told(signed: Signed, markless: Provenance) -> None:
    path = signed("film.mp4")
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)
    verdict = verify(path, markless, BOUNDS)
    assert (verdict.state, verdict.exit_code) == ("changed", 3)
    assert verdict.claim is not None
    assert verdict.claim.problems == ("assertion.bmffHash.mismatch",)
    assert verdict.claim.facts["mode"] == "text"  # the picture has changed, what is said of it has not


def test_wherever_the_film_changes_it_is_told(signed: Signed, settings: Provenance) -> None:
    path = signed("film.mp4")
    data = path.read_bytes()
    generator = np.random.default_rng(0)
    for at in generator.integers(data.find(b"moov"), len(data), 40):
        path.write_bytes(changed(data, int(at)))
        found = looked(path, settings)
        assert found.get("damaged") or (found["trusted"], bool(found["problems"])) == (True, True), at


def test_whatever_changes_in_the_credentials_they_never_say_another_thing(signed: Signed, settings: Provenance) -> None:
    """Some of their bytes are padding, which no signature covers."""
    path = signed("film.mp4")
    data, facts = path.read_bytes(), looked(path, settings)["facts"]
    generator = np.random.default_rng(0)
    for at in generator.integers(data.find(b"jumb"), data.find(b"moov") - 4, 80):
        path.write_bytes(changed(data, int(at)))
        found = looked(path, settings)
        assert found.get("damaged") or found["facts"] == facts or (found["problems"] and not found["facts"]), at


def changed(data: bytes, at: int) -> bytes:
    """The same with one other bit."""
    return data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :]


def test_words_that_were_changed_are_not_repeated(signed: Signed, settings: Provenance) -> None:
    path = signed("film.mp4")
    data = path.read_bytes().replace(b"toy", b"big")
    path.write_bytes(data)
    found = looked(path, settings)
    assert (found["trusted"], found["facts"]) == (True, {})


def test_somebody_elses_film_is_foreign(signed: Signed, settings: Provenance, tmp_path: Path) -> None:
    theirs = replace(settings, folder=tmp_path / "theirs")
    authority.load_or_make(theirs.folder, "Theirs")
    verdict = verify(signed("film.mp4", "remix", signed("new.mp4")), theirs, BOUNDS)
    assert (verdict.state, verdict.exit_code, verdict.identifier) == ("foreign", 5, None)
    assert verdict.claim is not None
    (ancestor,) = verdict.claim.ancestors
    assert ancestor.claim is not None
    assert (ancestor.claim.ours, ancestor.claim.facts["mode"]) == (False, "text")


def test_a_film_that_says_nothing(written: Written, markless: Provenance) -> None:
    verdict = verify(written("film.mp4"), markless, BOUNDS)
    assert (verdict.state, verdict.exit_code, verdict.claim) == ("nothing", 1, None)


def test_films_of_an_earlier_root_stay_ours(signed: Signed, settings: Provenance, tmp_path: Path) -> None:
    path = signed("film.mp4")
    folder = tmp_path / "rotated"
    folder.mkdir()
    (folder / "authority.pem").write_bytes((settings.folder / "authority.pem").read_bytes())
    (folder / "authority.pem").chmod(0o600)
    authority.rotate(folder, "Yozora")
    found = looked(path, replace(settings, folder=folder))
    assert (found["trusted"], found["problems"]) == (True, [])


@pytest.mark.parametrize(
    ("claim", "mark", "state"),
    [
        (None, None, "nothing"),
        (None, Mark(score=1.0, present=False, identifier=None), "nothing"),
        (None, Mark(score=9.0, present=True, identifier=3), "stripped"),
        (Claim(ours=True, facts={}), None, "intact"),
        (Claim(ours=True, facts={}, problems=("assertion.bmffHash.mismatch",)), None, "changed"),
        (Claim(facts={}), Mark(score=9.0, present=True, identifier=3), "foreign"),
    ],
)
def test_states(claim: Claim | None, mark: Mark | None, state: str) -> None:
    assert state_of(claim, mark) == state


@pytest.mark.parametrize(
    ("problems", "mark", "identifier"),
    [((), 3, 2), ((), None, 2), (("assertion.bmffHash.mismatch",), 3, 3), (("assertion.bmffHash.mismatch",), None, 2)],
)
def test_signed_credentials_say_whose_film_it_is_before_the_marks_of_kept_frames_do(
    problems: tuple[str, ...], mark: int | None, identifier: int
) -> None:
    claim = Claim(ours=True, facts={"identifier": "000000000002"}, problems=problems)
    found = Mark(score=9.0, present=True, identifier=mark)
    verdict = Verification(state=state_of(claim, found), claim=claim, mark=found)
    assert verdict.identifier == identifier


HOSTILE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda film: b"",
    "text": lambda film: b"This is no film.\n" * 100,
    "noise": lambda film: np.random.default_rng(0).bytes(100_000),
    "cut": lambda film: film[: film.find(b"mdat") - 100],
    "head only": lambda film: film[:40],
    "a huge box": lambda film: film[:32] + b"\x00\x00\x00\x01jumb" + b"\x7f" + b"\xff" * 7 + film[48:2000],
    "a huge picture": lambda film: (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\x02\0\0\0" + bytes(40)
    ),
    "a playlist": lambda film: b"#EXTM3U\nfile:///etc/passwd\n",
    "a script": lambda film: b"#!/bin/sh\nrm -rf /\n",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_one_line_in_bounded_time(
    kind: str, written: Written, markless: Provenance, tmp_path: Path
) -> None:
    path = tmp_path / "hostile.mp4"
    path.write_bytes(HOSTILE[kind](written("film.mp4").read_bytes()))
    started = time.monotonic()
    with pytest.raises(UserError) as caught:
        verify(path, markless, BOUNDS)
    assert "\n" not in str(caught.value)
    assert "hostile.mp4" in str(caught.value)
    assert time.monotonic() - started < 2 * BOUNDS.seconds


def test_what_is_no_regular_file_is_not_opened(tmp_path: Path, markless: Provenance) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name, says in (("", "a folder"), ("fifo", "not a regular file"), ("none", "No such file"), ("\0", "no path")):
        with pytest.raises(UserError, match=says):
            verify(tmp_path / name, markless)


def test_time_and_memory_are_bounded(signed: Signed, markless: Provenance) -> None:
    path = signed("film.mp4")
    with pytest.raises(UserError, match=r"within|memory") as caught:
        verify(path, markless, ResourceLimits(memory=32 << 20, seconds=20.0))
    assert "film.mp4" in str(caught.value)


def test_no_keys_are_made(signed: Signed, settings: Provenance, tmp_path: Path) -> None:
    nobody = replace(settings, folder=tmp_path / "nobody")
    assert verify(signed("film.mp4"), nobody, BOUNDS).state == "foreign"
    assert not nobody.folder.exists()


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = (
        "import sys; from yozora.cli import main\ntry: main()\nfinally: print('torch' in sys.modules, file=sys.stderr)"
    )
    environment = {**os.environ, "YOZORA_PROVENANCE_FOLDER": str(home)}
    return subprocess.run([sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True)


def test_the_command_shows_a_card_and_never_loads_torch(signed: Signed, markless: Provenance) -> None:
    path = signed("film.mp4", "remix", signed("\x1b[2Jnew.mp4"))
    done = run(markless.folder, "verify", str(path))
    assert (done.returncode, done.stderr) == (0, "False\n")
    lines = done.stdout.splitlines()
    assert lines[0] == "film.mp4: ours, and as it was signed"
    assert "    ?[2Jnew.mp4: text by toy, seed 7, ours" in lines
    assert json.loads(run(markless.folder, "verify", "--json", str(path)).stdout)["state"] == "intact"


def test_the_command_tells_of_a_missing_file(tmp_path: Path) -> None:
    done = run(tmp_path, "verify", "none.mp4")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[0].startswith("error: Cannot read")


def test_keys_are_shown_given_out_and_renewed(tmp_path: Path) -> None:
    home = tmp_path / "keys"
    assert "none yet" in run(home, "keys", "provenance", "show").stdout
    before = run(home, "keys", "provenance", "export").stdout
    assert before.startswith("-----BEGIN CERTIFICATE-----")
    assert "PRIVATE" not in before
    assert run(home, "keys", "provenance", "rotate").returncode == 0
    run(home, "keys", "provenance", "export", "-o", str(tmp_path / "root.pem"))
    assert (tmp_path / "root.pem").read_text() != before
    assert "earlier root" in run(home, "keys", "provenance", "show").stdout
