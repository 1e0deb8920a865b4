"""Commands that make no films, and what is said of wrong ones."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from tests.cli.running import Yozora, one_line

from yozora import __version__
from yozora.families import presets
from yozora.families.presets import PRESETS, Preset

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("styles --sheet missing/styles.png", "No such file"),
        ("styles --sheet styles.txt", "PNG"),
        ("train --no-such-option", "Try: yozora train --help"),
        ("train smoke --minutes nan", "--minutes"),
        ("train smoke --threads 0", "--threads"),
        ("train smoke --out /proc/run", "--out"),
        ("train smoke --resume .", "has no training run"),
        ("eval --prompts x", "Try: yozora eval --help"),
        ("eval --device tpu", "The device 'tpu' is not available"),
        ("storyboard --from-prompt car --save film.mp4", "not the name of a board"),
        ("storyboard --from-prompt car --size 512x5120", "512x5120"),
        ("storyboard --from-prompt car --director http://localhost:9 --size 101x101", "Try 100x100"),
        ("storyboard --from-prompt car --director http://localhost:9 --model maxi", "is not known"),
        ("storyboard --keep 0-1", "storyboard takes no --keep. Use it with recut."),
        ("storyboard", "Exactly one board is needed"),
        ("extend missing.mp4 --size 101x101", "missing.mp4"),
        ("show missing.mp4", "missing.mp4"),
        ("again missing.mp4 --seed 5", "missing.mp4"),
        ("eval --model maxi", "The model 'maxi' is not known"),
        ("eval --model .", "it has no text.safetensors"),
        ("storyboard --from-prompt car --seconds 0", "0"),
        ("storyboard missing.yaml --seconds 3", "--seconds"),
    ],
)
def test_what_other_commands_cannot_do_is_one_line_too(
    yozora: Yozora, tmp_path: Path, arguments: str, says: str
) -> None:
    assert says in one_line(yozora(*arguments.split()))
    assert list(tmp_path.iterdir()) == []


def test_without_a_command_there_is_help(yozora: Yozora) -> None:
    done = yozora()
    assert done.returncode == 0
    assert done.stdout == yozora("--help").stdout


def test_version(yozora: Yozora) -> None:
    assert yozora("--version").stdout == f"yozora {__version__}\n"


def test_an_unknown_command_is_one_line(yozora: Yozora) -> None:
    assert "--help" in one_line(yozora("dream"))


def test_models_are_listed(yozora: Yozora) -> None:
    done = yozora("models")
    assert done.returncode == 0
    for preset in PRESETS.values():
        assert preset.name in done.stdout
        assert f"{preset.sizes[0][0]}x{preset.sizes[0][1]}" in done.stdout


@pytest.mark.parametrize(
    ("command", "key"),
    [
        ("models", "name"),
        ("styles", "styles"),
        ("doctor", "what"),
        ("character list", None),
        ("keys list", None),
        ("keys provenance show", "roots"),
        ("db upgrade", "revision"),
        ("db check", "sound"),
    ],
)
def test_json_of_other_commands(toy_yozora: Yozora, command: str, key: str | None) -> None:
    done = toy_yozora(*command.split(), "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert key is None or key in (said[0] if isinstance(said, list) else said)


def test_json_of_characters_and_keys(toy_yozora: Yozora, tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), (200, 100, 50)).save(tmp_path / "rex.png")
    added = json.loads(toy_yozora(*["character", "add", "jsonrex", "rex.png", "--consent", "--json"]).stdout)
    assert added["name"] == "jsonrex"
    assert added in json.loads(toy_yozora("character", "list", "--json").stdout)
    done = toy_yozora("generate", "@jsonrex drives", "--steps", "1", "--json")
    assert done.returncode == 0, done.stderr
    assert "character  @jsonrex" in toy_yozora("show", "film.mp4").stdout
    assert toy_yozora("again", "film.mp4", "--dry-run").returncode == 0
    assert json.loads(toy_yozora("character", "remove", "jsonrex", "--json").stdout)["removed"]
    assert "jsonrex" in one_line(toy_yozora("again", "film.mp4"))
    made = json.loads(toy_yozora("keys", "create", "robot", "--json").stdout)
    assert made["id"] in {key["id"] for key in json.loads(toy_yozora("keys", "list", "--json").stdout)}
    assert json.loads(toy_yozora("keys", "revoke", made["id"], "--json").stdout)["revoked"]


def test_doctor_examines_the_machine(
    toy_yozora: Yozora, toy: Preset, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    done = toy_yozora("doctor")
    assert done.returncode == 0, done.stderr
    for what in ("torch", "memory", "disk", "GPU", "libx264", "hashes verified", "a sampler step"):
        assert what in done.stdout
    monkeypatch.setattr(presets, "PRESETS", {"mini": replace(toy, name="mini", folder=tmp_path / "nowhere")})
    done = toy_yozora("doctor")
    assert done.returncode == 1
    assert "No weights are at" in done.stdout


@pytest.mark.parametrize("command", ["train", "eval"])
def test_training_and_evaluation_have_their_own_help(yozora: Yozora, command: str) -> None:
    done = yozora(command, "--help")
    assert done.returncode == 0
    assert f"yozora {command}" in done.stdout
    assert yozora(command, "--no-such-option").returncode == 2


def test_an_unknown_recipe_lists_the_known_ones(yozora: Yozora) -> None:
    assert "mini-cpu" in one_line(yozora("train", "maxi"))


def test_the_reference_is_what_the_commands_print() -> None:
    done = subprocess.run([sys.executable, ROOT / "scripts" / "cli_docs.py", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
