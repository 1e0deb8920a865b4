"""The command as a person meets it: real processes, real files."""

import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from yozora import __version__, media
from yozora.presets import PRESETS

ROOT = Path(__file__).parents[1]
YOZORA = [sys.executable, "-m", "yozora"]
TOY = """
import os
from dataclasses import replace
from pathlib import Path
from yozora import presets
toy = replace(presets.PRESETS["mini"], folder=Path(os.environ["TOY"]), sizes=((64, 64),), seconds=0.3, steps=3)
presets.PRESETS = {"mini": toy}
from yozora.cli import main
main()
"""
DENIED = "cannot leave out what a prompt names, so it is not asked for:"
UNMARKED = {"YOZORA_PROVENANCE_CREDENTIALS": "off", "YOZORA_PROVENANCE_WATERMARK": "off"}
Done = subprocess.CompletedProcess[str]
Yozora = Callable[..., Done]


@pytest.fixture
def environment(toy_folder: Path) -> dict[str, str]:
    return {**os.environ, "TOY": str(toy_folder), "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "error", "COLUMNS": "100"}


@pytest.fixture
def toy_yozora(environment: dict[str, str], tmp_path: Path) -> Yozora:
    """The command with a toy's weights, in an empty folder."""

    def run(*arguments: str) -> Done:
        command = [sys.executable, "-c", TOY, *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)

    return run


def yozora(*arguments: str, cwd: Path | None = None) -> Done:
    return subprocess.run([*YOZORA, *arguments], cwd=cwd, capture_output=True, text=True, timeout=300)


def one_line(done: Done) -> str:
    """The one error line of a command that ended with exit code 2."""
    assert (done.returncode, done.stdout) == (2, ""), done
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("error: ")
    return lines[0]


def test_a_prompt_becomes_a_file(toy_yozora: Yozora, tmp_path: Path) -> None:
    done = toy_yozora("generate", "a red car", "--seed", "7")
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"film\.mp4: 64x64, 5 frames at 16 fps, seed 7, \d+\.\d s\n", done.stdout)
    assert done.stderr == ""
    clip = media.read(tmp_path / "film.mp4")
    assert clip.frames.shape == (5, 64, 64, 3)
    assert clip.facts == {"prompt": "a red car", "seed": 7, "model": "mini"}
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
    never = "new understood nothing of the prompt; it has never seen: dinosaur (it knows car)\n"
    assert done.stderr == never
    assert media.read(tmp_path / "film.mp4").facts == {"prompt": "a dinosaur", "seed": 7, "model": "new"}
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
    says = "reads text of 16 features; that of mixed/text.safetensors has 192"
    assert says in one_line(toy_yozora(*command.replace("DIR", "mixed").split()))
    shutil.copy(folder / "text.safetensors", folder / "autoencoder.safetensors")
    says = "autoencoder.safetensors holds weights of another kind of model"
    assert says in one_line(toy_yozora(*command.replace("DIR", "mixed").split()))
    assert [path.name for path in tmp_path.iterdir()] == ["mixed"]


def test_the_same_seed_is_the_same_file_and_no_seed_another(
    toy_yozora: Yozora, tmp_path: Path, environment: dict[str, str]
) -> None:
    """But for its marks: they are another film's, for a film is made once."""
    environment |= UNMARKED
    said = [toy_yozora("generate", "a car", "-o", f"{k}.mp4", *seed) for k, seed in enumerate((("--seed", "5"),) * 2)]
    assert [done.returncode for done in said] == [0, 0]
    assert (tmp_path / "0.mp4").read_bytes() == (tmp_path / "1.mp4").read_bytes()
    seeds = {re.search(r"seed (\d+)", toy_yozora("generate", "a car").stdout)[1] for _ in range(2)}  # type: ignore[index]
    assert len(seeds) == 2


def test_words_that_the_weights_have_never_seen_are_named(toy_yozora: Yozora, tmp_path: Path) -> None:
    done = toy_yozora("generate", "a red dinosaur and a xylophone at night")
    assert done.returncode == 0
    assert done.stderr.splitlines() == ["mini has never seen: dinosaur, xylophone (it knows car)"]
    assert (tmp_path / "film.mp4").is_file()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([""], "empty"),
        (["  \n "], "empty"),
        (["x" * 33_000], "33,000"),
        (["a car", "--negative", "x" * 33_000], "33,000"),
        (["a car", "--size", "100x100"], "divisible"),
        (["a car", "--size", "250x140"], "not divisible by 32. The next smaller that is: 224x128"),
        (["a car", "--size", "0x0"], "0x0"),
        (["a car", "--size", "99968x99968"], "99968"),
        (["a car", "--size", "640x640"], "640x640"),
        (["a car", "--size", "big"], "not a size"),
        (["a car", "--seconds", "0"], "0 seconds"),
        (["a car", "--seconds", "-1"], "-1 seconds"),
        (["a car", "--seconds", "nan"], "nan seconds"),
        (["a car", "--seconds", "10000"], "10000 seconds"),
        (["a car", "--seconds", "601"], "601 seconds"),
        (["a car", "--seconds", "long"], "--seconds"),
        (["a car", "--fps", "0"], "frames a second"),
        (["a car", "--fps", "1000"], "frames a second"),
        (["a car", "--steps", "0"], "steps"),
        (["a car", "--steps", "100000"], "steps"),
        (["a car", "--guidance", "inf"], "guidance"),
        (["a car", "--seed", "-1"], "seed"),
        (["a car", "--seed", "99999999999999999999"], "seed"),
        (["a car", "--model", "maxi"], "mini"),
        (["a car", "--model", "/"], "/ is no model"),
        (["a car", "-o", "missing/film.mp4"], "no folder"),
        (["a car", "-o", "/proc/"], "no frame of an earlier film"),
        (["a car", "-o", "film.avi"], "MP4"),
        (["a car", "-o", "film"], "End the name in .mp4"),
        (["a car", "-o", "/proc/film.mp4"], "cannot write"),
        (["a", "red", "car"], "in quotes"),
        (["a car", "--colour", "red"], "--colour"),
        ([], "PROMPT"),
    ],
    ids=lambda value: None if isinstance(value, str) else " ".join(value)[:40] or "nothing",
)
def test_bad_input_is_one_line_and_leaves_nothing(tmp_path: Path, arguments: list[str], says: str) -> None:
    assert says in one_line(yozora("generate", *arguments, cwd=tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("prompt", "lines"),
    [
        ("🐶🌳", ["mini understood nothing of the prompt; it has never seen: 🐶, 🌳 (it knows car)"]),  # fault 14
        ("-- ...", ["mini understood nothing of the prompt (it knows car)"]),
        ("लाल कार", ["mini understood nothing of the prompt; it has never seen: लाल, कार (it knows car)"]),  # fault 14
        ("no cars, only a park", [f"mini {DENIED} no cars"]),  # fault 15
        ("sin coches, un parque", [f"mini {DENIED} sin coches"]),
        ("没有汽车的公园", [f"mini {DENIED} 没有汽车的"]),
        ("حديقة بدون سيارات", [f"mini {DENIED} بدون سيارات"]),
    ],
)
def test_what_of_a_prompt_is_not_understood_is_said(toy_yozora: Yozora, prompt: str, lines: list[str]) -> None:
    done = toy_yozora("generate", "--", prompt)
    assert (done.returncode, done.stderr.splitlines()) == (0, lines)


def test_a_prompt_is_read_from_standard_input(environment: dict[str, str], tmp_path: Path) -> None:
    """Fault 14: "-" was a prompt that says nothing."""

    def run(given: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-c", TOY, *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, timeout=120, input=given)

    done = run(b"un coche rojo\n", "generate", "-")
    assert (done.returncode, done.stderr) == (0, b"")
    assert media.probe(tmp_path / "film.mp4").facts["prompt"] == "un coche rojo"
    done = run(b"a car. Then a red car.", "storyboard", "--from-prompt", "-", "--save", "board.yaml")
    assert done.returncode == 0, done.stderr
    assert "a red car" in (tmp_path / "board.yaml").read_text()
    for given, says in ((b"", "is empty"), (b" \n", "is empty"), (b"\xff\xfe\x00", "is not text")):
        done = run(given, "generate", "-", "-o", "none.mp4")
        assert (done.returncode, done.stdout) == (2, b"")
        assert f"error: Standard input {says}" in done.stderr.decode()
    assert not (tmp_path / "none.mp4").exists()


def test_a_terminal_is_no_prompt(environment: dict[str, str], tmp_path: Path) -> None:
    screen, inside = pty.openpty()
    command = [sys.executable, "-c", TOY, "generate", "-"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, stdin=inside
    )
    os.close(screen), os.close(inside)
    assert "standard input, which is a terminal" in one_line(done)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("styles --sheet missing/styles.png", "No such file"),
        ("styles --sheet styles.txt", "PNG"),
        ("train --no-such-option", "Try: yozora train --help"),
        ("train smoke --minutes nan", "--minutes"),
        ("train smoke --threads 0", "--threads"),
        ("train smoke --out /proc/run", "--out"),
        ("train smoke --resume .", "no run in"),
        ("eval --prompts x", "Try: yozora eval --help"),
        ("eval --device tpu", "no device 'tpu'"),
        ("storyboard --from-prompt car --save film.mp4", "not the name of a board"),
        ("storyboard --from-prompt car --size 512x512", "512x512"),
        ("storyboard --from-prompt car --director http://localhost:9 --size 100x100", "divisible"),
        ("extend missing.mp4 --size 100x100", "divisible"),
        ("serve --model-alias sora-2=/", "There is no model '/'"),
        ("eval --model maxi", "There is no model 'maxi'"),
        ("eval --model .", "it has no text.safetensors"),
        ("storyboard --from-prompt car --seconds 0", "0"),
        ("storyboard missing.yaml --seconds 3", "--seconds"),
    ],
)
def test_what_other_commands_cannot_do_is_one_line_too(tmp_path: Path, arguments: str, says: str) -> None:
    assert says in one_line(yozora(*arguments.split(), cwd=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_board_of_a_prompt_never_takes_the_place_of_another(toy_yozora: Yozora, tmp_path: Path) -> None:
    for name in ("board.yaml", "board-2.yaml"):
        done = toy_yozora("storyboard", "--from-prompt", "A car. Cut to a boat.", "--steps", "1")
        assert done.returncode == 0, done.stderr
        assert f"{name}: 2 cards" in done.stderr
        assert (tmp_path / name).is_file()


@pytest.mark.parametrize("name", ["film.mov", "film.webm", "film.gif", "film.webp", "film.png", "frames/"])
def test_the_name_says_what_is_written_and_all_of_it_is_signed(toy_yozora: Yozora, tmp_path: Path, name: str) -> None:
    done = toy_yozora("generate", "a car", "-o", name)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{name}: 64x64, 5 frames")
    notes = {
        "film.webm": ["film.webm: a WebM cannot hold content credentials, so they are in film.c2pa"],
        "film.png": ["film.png: a PNG is a still, so only the first of 5 frames was written"],
    }
    assert done.stderr.splitlines() == notes.get(name, [])
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
            assert "the film is made of what is there" in one_line(toy_yozora(*command, "-o", name))
    assert (tmp_path / "dog.mp4").read_bytes() == before


def test_fault_16_a_typed_name_is_replaced_and_a_default_one_is_free(toy_yozora: Yozora, tmp_path: Path) -> None:
    for k in (1, 2):
        assert toy_yozora("generate", "a car", "--seed", str(k)).returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film-2.mp4", "film.mp4"]
    assert toy_yozora("generate", "a car", "--seed", "3", "-o", "film.mp4").returncode == 0
    assert media.read(tmp_path / "film.mp4").facts["seed"] == 3
    assert len(list(tmp_path.iterdir())) == 2


def test_fault_16_a_board_is_replaced_with_force_only(toy_yozora: Yozora, tmp_path: Path) -> None:
    (tmp_path / "dogs.yaml").write_text("cards: []  # mine\n")
    (tmp_path / "link.yaml").symlink_to("dogs.yaml")
    made = ["storyboard", "--from-prompt", "A car. Cut to a boat.", "--steps", "1", "--save"]
    for name in ("dogs.yaml", "link.yaml"):
        assert "is there already. Choose another name, or replace it with --force" in one_line(toy_yozora(*made, name))
    assert (tmp_path / "dogs.yaml").read_text() == "cards: []  # mine\n"
    done = toy_yozora(*made, "link.yaml", "--force")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "link.yaml").is_symlink()
    assert "a boat" in (tmp_path / "dogs.yaml").read_text().lower()


def test_fault_1_and_12_short_clips_and_large_pictures(toy_yozora: Yozora, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (5000, 5000), (200, 100, 50)).save(tmp_path / "large.bmp")
    frames = [Image.new("RGB", (64, 64), (80 * k, 90, 120)) for k in range(3)]
    frames[0].save(tmp_path / "n3.gif", save_all=True, append_images=frames[1:], duration=60)
    for k, arguments in enumerate(
        (
            ["loop", "n3.gif", "--prompt", "a car"],
            ["extend", "n3.gif", "a car", "--backward"],
            ["generate", "a car", "--image", "large.bmp", "--last", "n3.gif", "--seconds", "0.6"],
            ["generate", "a car", "--image", "n3.gif", "--last", "large.bmp", "--seconds", "0.6"],
        )
    ):
        done = toy_yozora(*arguments, "--steps", "1", "-o", f"{k}.mp4")
        assert (done.returncode, done.stderr) == (0, ""), done.stderr


def test_a_folder_in_the_way(toy_yozora: Yozora, tmp_path: Path) -> None:
    (tmp_path / "film.mp4").mkdir()
    assert "folder" in one_line(toy_yozora("generate", "a car", "-o", "film.mp4"))
    assert toy_yozora("generate", "a car").stdout.startswith("film-2.mp4: ")


def test_damaged_weights_are_one_line(
    toy_folder: Path, environment: dict[str, str], toy_yozora: Yozora, tmp_path: Path
) -> None:
    weights = tmp_path / "weights"
    weights.mkdir()
    for path in toy_folder.iterdir():
        data = bytearray(path.read_bytes())
        data[-3] ^= path.stem == "transformer"
        (weights / path.name).write_bytes(data)
    environment["TOY"] = str(weights)
    assert "transformer.safetensors is damaged" in one_line(toy_yozora("generate", "a car"))
    environment["TOY"] = str(tmp_path / "nowhere")
    assert "no weights" in one_line(toy_yozora("generate", "a car"))
    assert [path.name for path in tmp_path.iterdir()] == ["weights"]


def test_a_full_disk_is_one_line_and_leaves_no_partial_file(environment: dict[str, str], tmp_path: Path) -> None:
    """A limit on the size of files stands in for the end of the disk: the same write fails half-way."""
    environment |= UNMARKED
    code = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (900, resource.RLIM_INFINITY))" + TOY
    command = [sys.executable, "-c", code, "generate", "a car"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert "cannot write" in one_line(done)
    assert list(tmp_path.iterdir()) == []


def read_screen(screen: int) -> bytes:
    """What a terminal shows next; nothing once its program has gone, which Linux reports as an error."""
    try:
        return os.read(screen, 4096)
    except OSError:
        return b""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)])
def test_stopped_in_the_middle_leaves_nothing(
    environment: dict[str, str], tmp_path: Path, number: signal.Signals, code: int
) -> None:
    screen, other = pty.openpty()  # a terminal, so that the bar says when the film is in the making
    command = [sys.executable, "-c", TOY, "generate", "a car", "--steps", "200", "--seconds", "4", "--size", "256x256"]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=other,
        text=True,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # what a shell or nohup started may ignore it
    )
    os.close(other)
    shown = b""
    with process:
        while b"inventing" not in shown and (read := read_screen(screen)):
            shown += read
        assert b"inventing" in shown, shown.decode()
        process.send_signal(number)
        started = time.monotonic()
        while read := read_screen(screen):
            shown += read
        assert process.wait(timeout=30) == code
        assert time.monotonic() - started < 10
        assert process.stdout is not None
        assert process.stdout.read() == ""
    os.close(screen)
    assert b"Traceback" not in shown
    assert list(tmp_path.iterdir()) == []


def test_help_is_quick() -> None:
    def seconds() -> float:
        started = time.monotonic()
        assert "generate" in yozora("--help").stdout
        return time.monotonic() - started

    assert min(seconds() for _ in range(3)) < 0.7


def test_parsing_loads_nothing_heavy() -> None:
    code = "import sys, yozora, yozora.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "numpy", "av", "rich", "safetensors"} & set(done.stdout.split())


def test_without_a_command_there_is_help() -> None:
    done = yozora()
    assert done.returncode == 0
    assert done.stdout == yozora("--help").stdout


def test_version() -> None:
    assert yozora("--version").stdout == f"yozora {__version__}\n"


def test_an_unknown_command_is_one_line() -> None:
    assert "--help" in one_line(yozora("dream"))


def test_models_are_listed() -> None:
    done = yozora("models")
    assert done.returncode == 0
    for preset in PRESETS.values():
        assert preset.name in done.stdout
        assert f"{preset.sizes[0][0]}x{preset.sizes[0][1]}" in done.stdout


def test_doctor_examines_the_machine(toy_yozora: Yozora, environment: dict[str, str]) -> None:
    done = toy_yozora("doctor")
    assert done.returncode == 0, done.stderr
    for what in ("torch", "memory", "disk", "GPU", "libx264", "hashes verified", "a sampler step"):
        assert what in done.stdout
    environment["TOY"] = "nowhere"
    done = toy_yozora("doctor")
    assert done.returncode == 1
    assert "There are no weights" in done.stdout


@pytest.mark.parametrize("command", ["train", "eval"])
def test_training_and_evaluation_have_their_own_help(command: str) -> None:
    done = yozora(command, "--help")
    assert done.returncode == 0
    assert f"yozora {command}" in done.stdout
    assert yozora(command, "--no-such-option").returncode == 2


def test_an_unknown_recipe_lists_the_known_ones() -> None:
    assert "mini-cpu" in one_line(yozora("train", "maxi"))


def test_the_reference_is_what_the_commands_print() -> None:
    done = subprocess.run([sys.executable, ROOT / "scripts" / "cli_docs.py", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# --- the weights that ship


def test_a_film_takes_at_most_15_seconds_and_2_gb(tmp_path: Path) -> None:
    """From a cold start to the file, with defaults; the better of two, and not counting what a busy machine gives to
    others."""

    def make() -> tuple[float, float]:
        started = time.monotonic()
        process = subprocess.Popen(
            [*YOZORA, "generate", "a red car driving left on a city street at night in the snow"],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        own = usage.ru_utime + usage.ru_stime
        return min(time.monotonic() - started, own), usage.ru_maxrss / 1e6  # Linux counts KiB

    seconds, gigabytes = make()
    if seconds > 15:
        seconds, gigabytes = make()
    assert seconds <= 15
    assert gigabytes <= 2
    assert media.read(tmp_path / "film.mp4").frames.shape == (33, 128, 224, 3)


def test_shipped_weights_name_what_they_have_never_seen(tmp_path: Path) -> None:
    done = yozora("generate", "a xylophone in a park", "--steps", "2", "--seconds", "0.5", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("mini has never seen: xylophone (it knows ")
    assert (tmp_path / "film.mp4").is_file()
