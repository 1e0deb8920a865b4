"""What a model can do, by its name and as a folder of weights."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
import torch

from yozora.core.sampler import SOLVERS
from yozora.errors import UserError
from yozora.families import presets
from yozora.families.presets import ANYTHING, CHARACTER_NAMES, FACTS, PRESETS, Preset, Solver, find, named
from yozora.weights import files as weights
from yozora.weights import header

MINI = PRESETS["mini"]
OTHER = replace(
    MINI,
    summary="smaller tokens",
    sizes=((256, 144), (144, 256), (192, 192)),
    step=16,
    guidance=1.8,
    shift=4.0,
    guided=(0.1, 0.9),
    known=ANYTHING[:3],
    still_guidance=3.5,
    still_shift=2.0,
)


def folder(where: Path, said: Any = None, **text: str) -> Path:
    """A folder of weights without any; its transformer says a preset, or whatever `text` is its metadata."""
    where.mkdir(parents=True, exist_ok=True)
    facts = text if said is None else {"preset": json.dumps(said), **text}
    for part in presets.PARTS:
        head = json.dumps({"__metadata__": facts if part == "transformer" else {}}).encode()
        (where / f"{part}.safetensors").write_bytes(len(head).to_bytes(8, "little") + head)
    return where


def one_line(error: pytest.ExceptionInfo[UserError]) -> str:
    line = str(error.value)
    assert "\n" not in line
    assert len(line) < 700
    return line


# --- sizes


def test_a_size_is_made_as_it_is_where_the_model_can() -> None:
    assert MINI.native(224, 128) == (224, 128)
    assert MINI.native(256, 256) == (256, 256)
    assert MINI.native(230, 128) == (224, 128), "no multiple of a token"
    assert MINI.native(320, 320) == (160, 160), "too many pixels"
    assert MINI.native(1080, 1920) == (128, 224)


def test_the_step_of_sizes_is_the_models_own() -> None:
    assert OTHER.native(240, 144) == (240, 144)
    assert OTHER.native(250, 140) == (256, 144)


@pytest.mark.parametrize("aspect", [0.01, 0.3, 0.9, 1.0, 1.33, 16 / 9, 50.0])
@pytest.mark.parametrize("preset", [MINI, OTHER])
def test_a_source_of_any_shape_is_fitted_to_a_size_that_can_be_made(preset: Preset, aspect: float) -> None:
    assert preset.nearest(aspect) in preset.sizes
    assert preset.native(*preset.nearest(aspect)) == preset.nearest(aspect)


def test_the_size_is_the_one_most_like_the_source() -> None:
    assert [MINI.nearest(aspect) for aspect in (1.9, 0.5, 1.1)] == [(224, 128), (128, 224), (160, 160)]


# --- seconds and strengths


@pytest.mark.parametrize(
    ("seconds", "shown", "frames"), [(2, 32, 33), (5, 80, 81), (0.25, 4, 5), (0.01, 0, 1), (3.4, 54, 57), (2.1, 34, 37)]
)
def test_frames_are_4n_plus_1_and_no_fewer_than_are_seen(seconds: float, shown: int, frames: int) -> None:
    assert (MINI.shown(seconds), MINI.frames(seconds)) == (shown, frames)


def test_films_are_no_longer_than_the_weights_can() -> None:
    MINI.check_seconds(600)
    with pytest.raises(UserError, match=r"601 seconds are too long for mini\. Use up to 600\."):
        MINI.check_seconds(601)
    with pytest.raises(UserError, match="too long for mini"):
        replace(MINI, max_seconds=4.0).ask("a car", {"seconds": 5.0})


def test_strengths_are_words_or_numbers() -> None:
    assert [MINI.strength(said) for said in ("subtle", "mild", "strong", 0.25)] == [0.6, 0.8, 0.92, 0.25]


@pytest.mark.parametrize(
    "wrong",
    [
        {"step": 0},
        {"step": 15},
        {"step": 48},
        {"sizes": ()},
        {"sizes": ((230, 128),)},
        {"overlap": 0},
        {"window": 8},
        {"guided": (0.5, 0.2)},
        {"continuation_guidance": 1.5},
        {"shift": 0.0},
        {"still_shift": 0.0},
        {"still_guidance": 0.5},
        {"characters": 4},
    ],
    ids=str,
)
def test_presets_that_contradict_themselves(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        replace(MINI, **wrong)


def test_names_are_those_of_the_modules_that_are_not_loaded() -> None:
    assert set(get_args(Solver)) == set(SOLVERS)
    assert replace(MINI, characters=len(CHARACTER_NAMES)).characters == 3


# --- stills


def test_a_still_is_made_as_the_film_where_nothing_else_is_said() -> None:
    assert MINI.sampling(3.0, 1) == MINI.sampling(3.0, 9) == (3.0, MINI.shift)
    assert MINI.sampling(4.5, 1) == (4.5, MINI.shift)


def test_a_still_has_sampling_of_its_own() -> None:
    assert OTHER.sampling(1.8, 9) == (1.8, 4.0)
    assert OTHER.sampling(1.8, 1) == (3.5, 2.0)
    assert OTHER.sampling(2.6, 9) == (2.6, 4.0)
    assert OTHER.sampling(2.6, 1) == (pytest.approx(6.0), 2.0)  # twice as far from 1, as the film
    assert OTHER.sampling(1.0, 1) == (1.0, 2.0)  # no guidance is none
    assert OTHER.sampling(0.0, 1) == (0.0, 2.0)
    assert OTHER.sampling(30.0, 1) == (30.0, 2.0)


def test_a_model_that_needs_no_guidance_may_need_some_for_a_still() -> None:
    alone = replace(OTHER, guidance=1.0)
    assert alone.sampling(1.0, 1)[0] == 3.5
    assert alone.sampling(2.0, 1)[0] == 2.0


# --- names and folders


def test_a_name_goes_before_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder(tmp_path / "mini")
    monkeypatch.chdir(tmp_path)
    assert find("mini") is named("mini") is MINI
    assert find("./mini").folder == Path("mini")


@pytest.mark.parametrize("name", ["", "maxi", "no/such/folder", "x" * 5000, "a\0b"])
def test_what_is_no_model(name: str) -> None:
    for look in (find, named):
        with pytest.raises(UserError, match="Use one of: mini"):
            look(name)


def test_folders_are_no_names(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not known"):
        named(str(folder(tmp_path)))


def test_a_folder_says_nothing_and_is_as_mini(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = find(folder(tmp_path / "run"))
    assert found == replace(MINI, name="run", folder=tmp_path / "run")
    assert found.available
    monkeypatch.chdir(tmp_path / "run")
    assert find(".").name == "run"
    assert find(f"{tmp_path}/run/").name == "run"


def test_a_folder_says_its_preset(tmp_path: Path) -> None:
    found = find(folder(tmp_path / "run", {"step": 16, "sizes": [[256, 144]], "guidance": 2, "still_shift": 2}))
    assert found == replace(
        MINI, name="run", folder=tmp_path / "run", step=16, sizes=((256, 144),), guidance=2.0, still_shift=2.0
    )
    assert isinstance(found.guidance, float)


def test_what_training_writes_is_what_is_found(tmp_path: Path) -> None:
    """Through the same code that saves weights."""
    for name, preset in (("a", MINI), ("b", OTHER)):
        where = folder(tmp_path / name)
        weights.save(where / "transformer.safetensors", torch.nn.Linear(1, 1), {}, preset=preset.preset_facts())
        assert set(preset.preset_facts()) == set(FACTS)
        assert find(where) == replace(preset, name=name, folder=where)


def test_a_folder_that_lacks_files(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"it has no text\.safetensors, transformer\.safetensors, autoencoder\.saf"
    ) as e:
        find(tmp_path)
    one_line(e)
    where = folder(tmp_path / "run")
    (where / "text.safetensors").unlink()
    with pytest.raises(UserError, match=r"it has no text\.safetensors\."):
        find(where)


def test_weights_in_parts_say_how_they_are_joined(tmp_path: Path) -> None:
    where = folder(tmp_path / "my run")
    whole = where / "transformer.safetensors"
    data = whole.read_bytes()
    for k, piece in enumerate((data[:20], data[20:])):
        whole.with_name(f"{whole.name}.part{k:02d}").write_bytes(piece)
    whole.unlink()
    with pytest.raises(UserError, match="is split into parts") as error:
        find(where)
    command = one_line(error).partition("Join them with: ")[2]
    subprocess.run(["sh", "-c", command], check=True)
    assert whole.read_bytes() == data
    assert find(where).name == "my run"


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"colour": "red"}, "has an unknown setting 'colour'. Use one of: summary, sizes, step,"),
        ({"name": "x"}, "has an unknown setting 'name'"),
        ({"folder": "/"}, "has an unknown setting 'folder'"),
        ([], "transformer.safetensors cannot be read. Write a JSON object."),
        ("mini", "transformer.safetensors cannot be read. Write a JSON object."),
        ({"step": "16"}, "has '16' for step. Use the type int."),
        ({"step": True}, "has True for step"),
        ({"step": 16.0}, "has 16.0 for step"),
        ({"still": 1}, "has 1 for still"),
        ({"fps": None}, "has None for fps"),
        ({"fps": 10**400}, "for fps. Use the type float."),
        ({"sizes": [224, 128]}, "has [224, 128] for sizes. Use the type tuple[tuple[int, int], ...]."),
        ({"sizes": [[224, 128, 3]]}, "for sizes"),
        ({"guided": [0.0]}, "has [0.0] for guided"),
        ({"known": "all"}, "has 'all' for known. Use the type tuple["),
        ({"solver": ["unipc"]}, "for solver"),
        ({"still_guidance": "3"}, "has '3' for still_guidance. Use the type float | None."),
        ({"step": 48}, "transformer.safetensors is invalid: step is 48"),
        ({"sizes": []}, "is invalid: sizes are ()"),
        ({"sizes": [[0, 0]]}, "is invalid: The size 0x0 is out of range"),
        ({"sizes": [[8192, 512]]}, "is invalid: The size 8192x512 is out of range"),
        ({"max_seconds": 1}, "2 seconds are too long for run"),
        ({"strengths": [0.1, 0.2]}, "for strengths"),
        ({"character_names": ["@hero", 3]}, "for character_names"),
        ({"fps": float("nan")}, "is invalid: nan is out of range for frames a second"),
        ({"seconds": 0}, "is invalid: 0 seconds"),
        ({"steps": 0}, "is invalid: 0 is out of range for steps"),
        ({"guidance": 31}, "is invalid: 31 is out of range for guidance"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_presets_that_cannot_be_read(tmp_path: Path, said: Any, says: str) -> None:
    with pytest.raises(UserError) as error:
        find(folder(tmp_path / "run", said))
    assert says in one_line(error)
    assert "transformer.safetensors" in one_line(error)


def test_settings_are_read_by_the_names_of_version_0_1(tmp_path: Path) -> None:
    said = {"led": 0.5, "heroes": 2, "hero_names": ["@a", "@b"], "hero_at": -2.0}
    preset = find(folder(tmp_path / "run", said))
    assert (preset.continuation_guidance, preset.characters) == (0.5, 2)
    assert (preset.character_names, preset.character_at) == (("@a", "@b"), -2.0)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "9" * 5000])
def test_a_preset_that_is_no_json(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError, match=r"The preset in .* cannot be read\. Write a JSON object"):
        find(folder(tmp_path / "run", preset=text))


# --- headers

HEADS = {
    "nothing": b"",
    "too short": b"\1\0\0",
    "no header": bytes(8),
    "shorter than it says": (100).to_bytes(8, "little") + b"{}",
    "beyond any": b"\xff" * 8 + b"{}",
    "more than is read": (header.MAX_BYTES + 1).to_bytes(8, "little") + b"{}",
    "not JSON": (2).to_bytes(8, "little") + b"{]",
    "not UTF-8": (2).to_bytes(8, "little") + b"\xff\xff",
    "a list": (2).to_bytes(8, "little") + b"[]",
    "metadata that is none": (20).to_bytes(8, "little") + b'{"__metadata__": [] }',
    "metadata of numbers": (26).to_bytes(8, "little") + b'{"__metadata__": {"a": 1}}',
    "nested": (100_000).to_bytes(8, "little") + b"[" * 100_000,
}


@pytest.mark.parametrize("data", HEADS.values(), ids=HEADS)
def test_damaged_weights_are_told(tmp_path: Path, data: bytes) -> None:
    where = folder(tmp_path / "run")
    (where / "transformer.safetensors").write_bytes(data)
    with pytest.raises(UserError, match=r"transformer\.safetensors cannot be read as weights"):
        find(where)


def test_headers_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No weights are at"):
        header.metadata(tmp_path / "none.safetensors")
    with pytest.raises(UserError, match="cannot be read"):
        header.metadata(tmp_path)


def test_a_header_says_what_weights_say() -> None:
    for path in MINI.files.values():
        said = {key: json.loads(value) for key, value in header.metadata(path).items()}
        assert said == weights.facts(path)


def test_finding_a_folder_needs_no_torch(tmp_path: Path) -> None:
    code = """
import sys
from yozora.families.presets import find
find(sys.argv[1])
sys.exit(bool({"torch", "numpy", "safetensors"} & set(sys.modules)))
"""
    where = folder(tmp_path, OTHER.preset_facts())
    assert subprocess.run([sys.executable, "-c", code, str(where)], check=False).returncode == 0
