"""The commands that make films, as a person meets them: real files, with a toy's weights."""

import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from tests.cli.running import Yozora, clip_of, notes, one_line

from yozora import media
from yozora.families import presets
from yozora.families.presets import PRESETS, Preset

DENIED = "cannot leave out what a prompt names, so it is not asked for:"


def test_a_prompt_becomes_a_file(toy_yozora: Yozora, tmp_path: Path) -> None:
    done = toy_yozora("generate", "a red car", "--seed", "7", "--seconds", "0.25")
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"film\.mp4: 64x64, 5 frames at 16 fps, seed 7, \d+\.\d s\n", done.stdout)
    assert notes(done) == []
    assert done.stderr.startswith("making film.mp4: 64x64, 5 frames at 16 fps (0.31 s), seed 7")
    clip = media.read(tmp_path / "film.mp4")
    assert clip.frames.shape == (5, 64, 64, 3)
    assert {**clip.facts, "order": None} == {"prompt": "a red car", "seed": 7, "model": "mini", "order": None}
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def test_every_option_reaches_the_film(toy_yozora: Yozora, tmp_path: Path) -> None:
    options = "--seconds 0.5 --size 96x64 --fps 8 --seed 3 --steps 2 --guidance 1.5 --negative rain --model mini"
    (tmp_path / "deep").mkdir()
    done = toy_yozora("generate", "-o", "deep/other.mp4", *options.split(), "--", "--a red car")
    assert done.returncode == 0, done.stderr
    clip = media.read(tmp_path / "deep" / "other.mp4")
    assert (clip.frames.shape, clip.fps, clip.facts["prompt"]) == ((5, 64, 96, 3), 8.0, "--a red car")


def test_a_folder_of_weights_is_named_in_the_film_by_its_own_name(
    toy_yozora: Yozora, toy_folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(toy_folder, tmp_path / "runs" / "new")
    done = toy_yozora("generate", "a dinosaur", "--seed", "7", "--model", str(tmp_path / "runs" / "new"))
    assert done.returncode == 0, done.stderr
    never = "new did not understand the prompt; it does not know: dinosaur (it knows car)"
    assert notes(done) == [never]
    facts = media.read(tmp_path / "film.mp4").facts
    assert (facts["prompt"], facts["seed"], facts["model"]) == ("a dinosaur", 7, "new")
    assert os.fsencode(tmp_path) not in (tmp_path / "film.mp4").read_bytes()
    done = toy_yozora("extend", "film.mp4", "--seconds", "0.3", "--model", "runs/new", "-o", "longer.mp4")
    assert done.returncode == 0, done.stderr
    assert media.read(tmp_path / "longer.mp4").facts["model"] == "new"


@pytest.mark.parametrize("command", ["generate car --model DIR", "eval --model DIR", "eval --weights DIR"])
def test_weights_that_do_not_fit_together_are_one_line(
    toy_yozora: Yozora, toy_folder: Path, tmp_path: Path, command: str
) -> None:
    folder = tmp_path / "mixed"
    shutil.copytree(toy_folder, folder)
    shutil.copy(PRESETS["mini"].files["text"], folder)
    says = "needs 16 text features; mixed/text.safetensors has 192"
    assert says in one_line(toy_yozora(*command.replace("DIR", "mixed").split()))
    shutil.copy(folder / "text.safetensors", folder / "autoencoder.safetensors")
    says = "autoencoder.safetensors has the weights of another kind of model"
    assert says in one_line(toy_yozora(*command.replace("DIR", "mixed").split()))
    assert [path.name for path in tmp_path.iterdir()] == ["mixed"]


def test_words_that_the_weights_have_never_seen_are_named(toy_yozora: Yozora, tmp_path: Path) -> None:
    done = toy_yozora("generate", "a red dinosaur and a xylophone at night")
    assert done.returncode == 0
    assert notes(done) == ["mini does not know: dinosaur, xylophone (it knows car)"]
    assert (tmp_path / "film.mp4").is_file()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([""], "empty"),
        (["  \n "], "empty"),
        (["x" * 33_000], "32,000"),
        (["a car", "--negative", "x" * 33_000], "32,000"),
        (["a car", "--size", "251x141"], "has an odd side. Try 250x140."),
        (["a car", "--size", "0x0"], "0x0"),
        (["a car", "--size", "99968x99968"], "try 1280x720"),
        (["a car", "--size", "big"], "not a size"),
        (["a car", "--size", "64x64", "--width", "64"], "--size and --width cannot be used together."),
        (["a car", "--native", "--fps", "8"], "--native and --fps cannot be used together."),
        (["a car", "--height", "9999"], "64 to 4"),
        (["a car", "--fit", "bend"], "--fit 'bend' is not known. Use crop, pad or stretch."),
        (["a car", "--seconds", "0"], "--seconds 0 is out of range. Use more than 0 to 600 seconds."),
        (["a car", "--seconds", "-1"], "--seconds -1 is"),
        (["a car", "--seconds", "nan"], "--seconds 'nan' is not a number"),
        (["a car", "--seconds", "10000"], "--seconds 10000 is"),
        (["a car", "--seconds", "601"], "--seconds 601 is"),
        (["a car", "--seconds", "long"], "--seconds 'long' is not a number. Write a number, such as 2.5."),
        (["a car", "--fps", "0"], "--fps 0 is out of range. Use 1 to 60."),
        (["a car", "--fps", "1000"], "--fps"),
        (["a car", "--steps", "0"], "--steps"),
        (["a car", "--steps", "2.5"], "--steps '2.5' is not a whole number"),
        (["a car", "--steps", "100000"], "--steps"),
        (["a car", "--guidance", "inf"], "--guidance"),
        (["a car", "--seed", "-1"], "--seed"),
        (["a car", "--seed", "99999999999999999999"], "--seed"),
        (["a car", "--seed", str(2**63 - 1), "--variations", "2"], "2 seeds from"),
        (["a car", "--variations", "0"], "--variations 0 is out of range. Use 1 to 100."),
        (["a car", "--gpus", "0"], "--gpus 0 is out of range. Use 1 to 64."),
        (["a car", "--gpus", "64"], "--gpus is 64, and this machine has"),
        (["a car", "--variations", "2", "-o", "%04d.png"], "frames/%04d.png"),
        (["a car", "--model", "maxi"], "mini"),
        (["a car", "--model", "/"], "/ is not a model"),
        (["a car", "-o", "missing/film.mp4"], "does not exist"),
        (["a car", "-o", "/proc/"], "not a frame of an earlier film"),
        (["a car", "-o", "film.avi"], "MP4"),
        (["a car", "-o", "film"], "End the name in .mp4"),
        (["a car", "-o", "/proc/film.mp4"], "Cannot write"),
        (["a", "red", "car"], "in quotes"),
        (["a car", "--colour", "red"], "--colour"),
        (["a car", "--backward"], "generate takes no --backward. Use it with extend."),
        (["--prompt", "a car"], 'Write: yozora generate "..."'),
        ([], "PROMPT"),
    ],
    ids=lambda value: None if isinstance(value, str) else " ".join(value)[:40] or "nothing",
)
def test_bad_input_is_one_line_and_leaves_nothing(
    yozora: Yozora, tmp_path: Path, arguments: list[str], says: str
) -> None:
    assert says in one_line(yozora("generate", *arguments))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("prompt", "lines"),
    [
        ("🐶🌳", ["mini did not understand the prompt; it does not know: 🐶, 🌳 (it knows car)"]),  # fault 14
        ("-- ...", ["mini did not understand the prompt (it knows car)"]),
        ("αμάξι", ["mini did not understand the prompt; it does not know: αμάξι (it knows car)"]),  # fault 14
        ("no cars, only a park", [f"mini {DENIED} no cars"]),  # fault 15
        ("sin coches, un parque", [f"mini {DENIED} sin coches"]),
        ("没有汽车的公园", [f"mini {DENIED} 没有汽车的"]),
        ("حديقة بدون سيارات", [f"mini {DENIED} بدون سيارات"]),
    ],
)
def test_fault_14_and_15_what_of_a_prompt_is_not_understood_is_said(
    toy_yozora: Yozora, prompt: str, lines: list[str]
) -> None:
    done = toy_yozora("generate", "--", prompt)
    assert (done.returncode, notes(done)) == (0, lines)


def test_fault_14_a_prompt_is_read_from_standard_input(toy_yozora: Yozora, tmp_path: Path) -> None:
    """Fault 14: "-" was a prompt that says nothing."""
    done = toy_yozora("generate", "-", stdin=b"un coche rojo\n")
    assert (done.returncode, notes(done)) == (0, [])
    assert media.probe(tmp_path / "film.mp4").facts["prompt"] == "un coche rojo"
    done = toy_yozora(*["storyboard", "--from-prompt", "-", "--save", "board.yaml"], stdin=b"a car. Then a red car.")
    assert done.returncode == 0, done.stderr
    assert "a red car" in (tmp_path / "board.yaml").read_text()
    for given, says in ((b"", "is empty"), (b" \n", "is empty"), (b"\xff\xfe\x00", "is not text")):
        done = toy_yozora("generate", "-", "-o", "none.mp4", stdin=given)
        assert f"Standard input {says}" in one_line(done)
    assert not (tmp_path / "none.mp4").exists()


def test_fault_1_and_12_short_clips_and_large_pictures(toy_yozora: Yozora, tmp_path: Path) -> None:
    Image.new("RGB", (5000, 5000), (80, 90, 120)).save(tmp_path / "large.bmp")
    clip_of(tmp_path / "n3.gif", 3)
    for k, arguments in enumerate(
        (
            ["loop", "n3.gif", "--prompt", "a car"],
            ["extend", "n3.gif", "a car", "--backward"],
            ["generate", "a car", "--image", "large.bmp", "--last", "n3.gif", "--seconds", "0.6"],
            ["generate", "a car", "--image", "n3.gif", "--last", "large.bmp", "--seconds", "0.6"],
        )
    ):
        done = toy_yozora(*arguments, "--steps", "1", "-o", f"{k}.mp4")
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "size"),
    [
        (["--height", "224"], (224, 224)),  # fault 3
        (["--width", "96"], (96, 96)),
        (["--size", "96x80"], (96, 80)),
        ([], (200, 200)),
    ],
)
def test_fault_3_a_side_that_is_asked_for_is_that_of_the_film(
    toy_yozora: Yozora, tmp_path: Path, arguments: list[str], size: tuple[int, int]
) -> None:
    Image.new("RGB", (200, 200), (80, 90, 120)).save(tmp_path / "first.png")
    done = toy_yozora("generate", "a car", "--image", "first.png", "--steps", "1", *arguments)
    assert done.returncode == 0, done.stderr
    found = media.probe(tmp_path / "film.mp4")
    assert (found.width, found.height) == size


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("remix n9.gif car --seconds 5", "remix takes no --seconds. Use it with generate, extend, loop, blend."),
        ("edit n9.gif car --keep 0-1", "edit takes no --keep. Use it with recut."),
        ("extend n9.gif --image n9.gif", "extend takes no --image. Use it with generate."),
        ("recut n9.gif --keep 0-0.2 --strength mild", "recut takes no --strength. Use it with remix, edit."),
    ],
)
def test_fault_4_an_option_of_another_mode_is_refused_by_name(
    toy_yozora: Yozora, tmp_path: Path, command: str, says: str
) -> None:
    clip_of(tmp_path / "n9.gif", 9)
    assert one_line(toy_yozora(*command.split())) == f"error: {says}"


@pytest.mark.parametrize("size", ["1280x720", "1280x704", "100x100", "640x360", "64x256"])
def test_fault_8_any_sensible_size_is_made(toy_yozora: Yozora, tmp_path: Path, size: str) -> None:
    done = toy_yozora("generate", "a car", "--size", size, "--seconds", "0.1", "--steps", "1", "-o", "film.png")
    assert done.returncode == 0, done.stderr
    found = media.probe(tmp_path / "film.png")
    assert f"{found.width}x{found.height}" == size
    assert any(size in line and "converted to" in line for line in notes(done)) or size == "64x256"


@pytest.mark.parametrize("size", ["251x141", "65x65", "10x10", "5000x5000", "4096x4096"])
def test_fault_8_a_hint_does_not_lead_into_the_next_error(toy_yozora: Yozora, size: str) -> None:
    hint = re.search(r"[Tt]ry (\d+x\d+)", one_line(toy_yozora("generate", "a car", "--size", size)))
    assert hint is not None
    done = toy_yozora("generate", "a car", "--size", hint[1], "--dry-run")
    assert (done.returncode, done.stdout.startswith(f"would make film.mp4: {hint[1]}, ")) == (0, True), done.stderr


def test_fault_18_pictures_of_different_places_are_named(toy_yozora: Yozora, tmp_path: Path) -> None:
    for name, color in (("a.png", (200, 100, 50)), ("b.png", (20, 60, 200)), ("c.png", (205, 90, 50))):
        Image.new("RGB", (64, 64), color).save(tmp_path / name)
    pictures = ["generate", "a car", "--seconds", "4", "--dry-run", "--image", "a.png", "--last"]
    cut = "a.png and b.png show different scenes: expect a cut between them, not a way from one to the other"
    assert toy_yozora(*pictures, "b.png").stderr.splitlines() == [cut]
    assert toy_yozora(*pictures, "c.png").stderr.splitlines() == []


@pytest.mark.parametrize(("first", "second"), [("n9.gif", "n5.gif"), ("n5.gif", "n9.gif"), ("n9.gif", "n9.gif")])
def test_fault_19_what_can_be_asked_for_is_said(toy_yozora: Yozora, tmp_path: Path, first: str, second: str) -> None:
    clip_of(tmp_path / "n9.gif", 9)
    clip_of(tmp_path / "n5.gif", 5)
    blend = ["blend", first, second, "--prompt", "a car", "--steps", "1", "--seconds"]
    hint = re.search(r"Ask for at most ([\d.]+) seconds\.", one_line(toy_yozora(*blend, "3")))
    assert hint is not None
    assert toy_yozora(*blend, hint[1]).returncode == 0
    assert toy_yozora(*blend, str(float(hint[1]) + 0.2)).returncode == 2


def test_damaged_weights_are_one_line(
    toy_folder: Path, toy: Preset, monkeypatch: pytest.MonkeyPatch, yozora: Yozora, tmp_path: Path
) -> None:
    weights = tmp_path / "weights"
    weights.mkdir()
    for path in toy_folder.iterdir():
        data = bytearray(path.read_bytes())
        data[-3] ^= path.stem == "transformer"
        (weights / path.name).write_bytes(data)
    monkeypatch.setattr(presets, "PRESETS", {"mini": replace(toy, name="mini", folder=weights)})
    assert "transformer.safetensors is damaged" in one_line(yozora("generate", "a car"))
    monkeypatch.setattr(presets, "PRESETS", {"mini": replace(toy, name="mini", folder=tmp_path / "nowhere")})
    assert "No weights" in one_line(yozora("generate", "a car"))
    assert [path.name for path in tmp_path.iterdir()] == ["weights"]


def test_shipped_weights_name_what_they_have_never_seen(yozora: Yozora, tmp_path: Path) -> None:
    done = yozora("generate", "a xylophone in a park", "--steps", "2", "--seconds", "0.5")
    assert done.returncode == 0, done.stderr
    assert notes(done)[0].startswith("mini does not know: xylophone (it knows ")
    assert (tmp_path / "film.mp4").is_file()
