"""Films as files: names, what is replaced, several at once, what is printed."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.cli.running import Yozora, clip_of, notes, one_line

from yozora import media
from yozora.core.modes import MODES
from yozora.errors import UserError
from yozora.media import Writer


def test_the_same_seed_is_the_same_file_and_no_seed_another(toy_yozora: Yozora, tmp_path: Path, unmarked: None) -> None:
    """But for its marks: they are another film's, for a film is made once."""
    said = [toy_yozora("generate", "a car", "-o", f"{k}.mp4", *seed) for k, seed in enumerate((("--seed", "5"),) * 2)]
    assert [done.returncode for done in said] == [0, 0]
    assert (tmp_path / "0.mp4").read_bytes() == (tmp_path / "1.mp4").read_bytes()
    seeds = {re.search(r"seed (\d+)", toy_yozora("generate", "a car").stdout)[1] for _ in range(2)}  # type: ignore[index]
    assert len(seeds) == 2


@pytest.mark.parametrize("name", ["film.mov", "film.webm", "film.gif", "film.webp", "film.png", "frames/"])
def test_the_name_says_what_is_written_and_all_of_it_is_signed(toy_yozora: Yozora, tmp_path: Path, name: str) -> None:
    done = toy_yozora("generate", "a car", "-o", name)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{name}: 64x64, 5 frames")
    said = {
        "film.webm": ["film.webm: a WebM cannot contain content credentials, so they are in film.c2pa"],
        "film.png": ["film.png: a PNG is a still, so only the first of 5 frames was written"],
    }
    assert notes(done) == said.get(name, [])
    files = sorted(tmp_path.rglob("*.*"))
    assert [file.name for file in files] == {
        "film.webm": ["film.c2pa", "film.webm"],
        "frames/": [f"000{k}.png" for k in range(1, 6)],
    }.get(name, [name])
    verified = toy_yozora("verify", str(files[-1]))
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "ours, and as it was signed" in verified.stdout
    data = bytearray(files[-1].read_bytes())
    data[-9] ^= 1
    files[-1].write_bytes(data)
    assert toy_yozora("verify", str(files[-1])).returncode == 3 or name == "frames/"


def test_fault_16_a_source_is_never_replaced(toy_yozora: Yozora, tmp_path: Path) -> None:
    assert toy_yozora("generate", "a car", "-o", "dog.mp4").returncode == 0
    (tmp_path / "link.mp4").symlink_to("dog.mp4")
    (tmp_path / "board.yaml").write_text("cards:\n  - {from: 0, to: 0.3, prompt: a car, clip: dog.mp4}\n")
    before = (tmp_path / "dog.mp4").read_bytes()
    for name in ("dog.mp4", "link.mp4"):
        for command in (
            ["extend", "dog.mp4"],
            ["generate", "a car", "--image", "link.mp4"],
            ["storyboard", "board.yaml"],
        ):
            assert "it is a source of the film" in one_line(toy_yozora(*command, "-o", name))
    assert (tmp_path / "dog.mp4").read_bytes() == before


def test_fault_16_a_typed_name_is_replaced_and_a_default_one_is_free(toy_yozora: Yozora, tmp_path: Path) -> None:
    for k in (1, 2):
        assert toy_yozora("generate", "a car", "--seed", str(k)).returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film-2.mp4", "film.mp4"]
    assert toy_yozora("generate", "a car", "--seed", "3", "-o", "film.mp4").returncode == 0
    assert media.read(tmp_path / "film.mp4").facts["seed"] == 3
    assert len(list(tmp_path.iterdir())) == 2


def test_a_dry_run_says_what_will_be_made_and_makes_nothing(toy_yozora: Yozora, tmp_path: Path) -> None:
    clip_of(tmp_path / "n9.gif", 9)
    done = toy_yozora("extend", "n9.gif", "a car", "--seconds", "1", "--seed", "4", "--dry-run", "--fps", "8")
    assert done.returncode == 0
    assert re.fullmatch(
        r"would make film\.mp4: 64x64, \d+ frames at 8 fps \(1\.\d+ s\), seed 4(, about .+)?\n", done.stdout
    )
    brought = "new frames are made at 16 fps, then converted to 8 fps"
    assert done.stderr.splitlines() == [brought, "n9.gif is converted from 16.67 to 8 frames a second"]
    assert [path.name for path in tmp_path.iterdir()] == ["n9.gif"]


@pytest.mark.parametrize(
    "command",
    [
        "generate car --seconds 0.5",
        "generate car --seconds 0.5 --fps 24 --size 96x80",
        "extend n9.gif car --seconds 0.5",
        "loop n9.gif --prompt car --seconds 0.5",
        "blend n9.gif n9.gif --prompt car --seconds 0.25",
        "remix n9.gif car",
        "edit n9.gif car --region 0,0,0.5,0.5",
        "recut n9.gif --prompt car --keep 0-0.2",
        "storyboard --from-prompt car.Then-car",
    ],
)
def test_json_is_one_object_a_film_and_the_plan_is_what_is_made(
    toy_yozora: Yozora, tmp_path: Path, command: str
) -> None:
    clip_of(tmp_path / "n9.gif", 9)
    words = [*command.split(), "--steps", "1", "--seed", "3", "--json"]
    planned = json.loads(toy_yozora(*words, "--dry-run").stdout)
    done = toy_yozora(*words)
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert planned["dry_run"]
    assert {**made, "took_seconds": 0} == {**{key: planned[key] for key in made if key in planned}, "took_seconds": 0}
    clip = media.read(tmp_path / made["file"])
    assert (len(clip.frames), clip.fps) == (made["frames"], pytest.approx(made["fps"], rel=1e-3))
    again = json.loads(toy_yozora(*words, "--dry-run").stdout)
    assert again["expected_seconds"] > 0


def test_several_prompts_and_variations(toy_yozora: Yozora, tmp_path: Path) -> None:
    (tmp_path / "x-3.mp4").write_text("mine")
    done = toy_yozora("generate", "a car", "a red car", "--variations", "2", "--seed", "5", "-o", "x.mp4", "--json")
    assert done.returncode == 0, done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["file"], one["seed"], one["prompt"]) for one in said] == [
        ("x.mp4", 5, "a car"),
        ("x-2.mp4", 6, "a car"),
        ("x-4.mp4", 7, "a red car"),
        ("x-5.mp4", 8, "a red car"),
    ]
    assert [media.probe(tmp_path / one["file"]).facts["seed"] for one in said] == [5, 6, 7, 8]
    assert (tmp_path / "x-3.mp4").read_text() == "mine"
    alone = toy_yozora("generate", "a red car", "--seed", "7", "-o", "alone.mp4")
    assert alone.returncode == 0
    frames = [media.read(tmp_path / name).frames.astype(int) for name in ("x-4.mp4", "alone.mp4")]
    assert np.abs(frames[0] - frames[1]).mean() < 6  # but for their marks


@pytest.mark.parametrize(
    ("name", "names"),
    [("out/", ["out", "out-2"]), ("out/%02d.png", ["out", "out-2"]), ("a.gif", ["a-2.gif", "a.gif"])],
)
def test_names_of_several_films(toy_yozora: Yozora, tmp_path: Path, name: str, names: list[str]) -> None:
    done = toy_yozora("generate", "a car", "--variations", "2", "--steps", "1", "-o", name)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == names


def test_what_cannot_be_finished_is_said_and_the_others_are_made(
    toy_yozora: Yozora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    add = Writer.add

    def broken(self: Writer, frames_THWC: NDArray[np.uint8], **how: bool) -> None:
        if self.path.name == "film-2.mp4":
            raise UserError("The disk is full.", "Free some of it.", code="disk_full")
        add(self, frames_THWC, **how)

    monkeypatch.setattr(Writer, "add", broken)
    done = toy_yozora("generate", "a car", "--variations", "3")
    assert done.returncode == 2
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["film.mp4", "film-3.mp4"]
    assert "error: film-2.mp4: The disk is full. Free some of it." in done.stderr.splitlines()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film-3.mp4", "film.mp4"]


def test_nothing_is_made_where_one_of_several_is_wrong(toy_yozora: Yozora, tmp_path: Path) -> None:
    one_line(toy_yozora("generate", "a car", "  ", "--steps", "1"))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_way(toy_yozora: Yozora, tmp_path: Path) -> None:
    (tmp_path / "film.mp4").mkdir()
    assert "folder" in one_line(toy_yozora("generate", "a car", "-o", "film.mp4"))
    assert toy_yozora("generate", "a car").stdout.startswith("film-2.mp4: ")


@pytest.mark.parametrize("name", ["", " "])
def test_an_output_without_a_name_is_refused_by_every_command(toy_yozora: Yozora, tmp_path: Path, name: str) -> None:
    clip_of(tmp_path / "n9.gif", 9)
    (tmp_path / "board.yaml").write_text("cards: [{from: 0, to: 0.5, prompt: a car}]")
    assert toy_yozora("generate", "a car", "-o", "a.mp4").returncode == 0
    before = sorted(tmp_path.iterdir())
    said = {"generate": ["a car"], "storyboard": ["board.yaml"], "recut": ["n9.gif", "--keep", "0-0.1"]}
    for mode in MODES.values():
        prompts = [] if mode.prompt_flag else ["a car"]
        arguments = said.get(mode.name, ["n9.gif"] * len(mode.slots) + prompts)
        short = ["--seconds", "0.1"] if mode.name == "blend" else []
        done = toy_yozora(mode.name, *arguments, *short, "-o", name)
        assert f"Cannot write {name!r}: the name is empty" in one_line(done)
    assert f"Cannot write {name!r}: the name is empty" in one_line(toy_yozora("again", "a.mp4", "-o", name))
    for others in (("keys", "provenance", "export", "-o"), ("styles", "--sheet"), ("db", "backup"), ("verify",)):
        assert "The name is empty" in one_line(toy_yozora(*others, name))
    kept = ("storyboard", "--from-prompt", "a car. a dog.", "--save", name)
    assert "The file name of the board is empty" in one_line(toy_yozora(*kept))
    assert "film '' is not a path" in one_line(toy_yozora("show", ""))
    assert sorted(tmp_path.iterdir()) == before
