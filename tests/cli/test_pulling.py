"""Weights are fetched from a hub on loopback: cut and resumed, damaged, without room; nothing half is ever loaded."""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache as cache_results
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from tests.cli.hub_server import COMMIT, Hub, hub
from tests.cli.running import Yozora, one_line

from yozora.errors import UserError
from yozora.families import FAMILIES, wan_shapes
from yozora.families.presets import PRESETS, Preset
from yozora.families.wan_files import files, layout_of
from yozora.families.wan_parts import loras_of
from yozora.memory import autoencoders, catalogue, transformers
from yozora.memory.arranging import film_of
from yozora.memory.models import text_encoder
from yozora.memory.planner import Arrangement, Machine, measured
from yozora.model.autoencoder import VideoAutoencoder
from yozora.model.dit import SpacetimeTransformer
from yozora.weights import hub as cache
from yozora.weights import pulling
from yozora.weights.files import _Unfilled

NAME = "wan2.1-t2v-1.3b"
PRESET = PRESETS[NAME]
BIG = 24 << 20  # bytes of a shard: huggingface_hub writes 10 MB at a time
SHARD = "transformer/diffusion_pytorch_model-00002-of-00002.safetensors"


@cache_results
def noise(seed: int, count: int) -> bytes:
    return random.Random(seed).randbytes(count)


def repository(parts: tuple[str, ...] = ("transformer",)) -> dict[str, bytes]:
    """One in diffusers' layout; its weights are noise."""
    index = {part: ["diffusers", "WanTransformer3DModel"] for part in parts}
    index |= {"vae": ["diffusers", "AutoencoderKLWan"], "tokenizer": ["transformers", "T5TokenizerFast"]}
    index |= {"text_encoder": ["transformers", "UMT5EncoderModel"], "image_encoder": [None, None]}
    found = {"model_index.json": json.dumps(index).encode(), "README.md": b"words", "assets/film.mp4": noise(9, 9000)}
    for number, part in enumerate(parts):
        names = [f"diffusion_pytorch_model-0000{k}-of-00002.safetensors" for k in (1, 2)]
        weights = {"weight_map": {"a": names[0], "b": names[1]}}
        found |= {f"{part}/config.json": b"{}", f"{part}/{names[0]}": noise(number, 5000)}
        found |= {f"{part}/{names[1]}": noise(10 + number, BIG)}
        found[f"{part}/diffusion_pytorch_model.safetensors.index.json"] = json.dumps(weights).encode()
    found |= {"vae/config.json": b"[]", "vae/diffusion_pytorch_model.safetensors": noise(2, 6000)}
    found |= {"text_encoder/config.json": b"{}", "text_encoder/model.safetensors": noise(3, 7000)}
    found |= {"tokenizer/tokenizer.json": noise(4, 5000), "tokenizer/tokenizer_config.json": b"{}"}
    return found


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with the smallest of Wan's models, and an empty cache."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    for name, value in pulling.SETTINGS.items():
        monkeypatch.setenv(name, value)
    with hub(
        {PRESET.hub: repository(), "gdhe17/Self-Forcing": {PRESETS["self-forcing-1.3b"].hub_file: noise(5, 8000)}}
    ) as found:
        monkeypatch.setenv("HF_ENDPOINT", found.url)
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", found.url)
        monkeypatch.setattr(
            "huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE",
            found.url + "/{repo_id}/resolve/{revision}/{filename}",
        )
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache.cache()))
        monkeypatch.setattr("huggingface_hub._tree_cache._IN_MEMORY_TREE_CACHE", {})
        yield found


def command(*arguments: str) -> "subprocess.Popen[str]":
    """`yozora` in a process of its own."""
    environment = {**os.environ, "COLUMNS": "100"}
    return subprocess.Popen(
        [sys.executable, "-m", "yozora", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def pulled(*arguments: str) -> str:
    process = command("pull", NAME, *arguments)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


def test_a_model_is_fetched_whole_and_only_what_is_needed(server: Hub) -> None:
    assert files(PRESET) == {}
    said = json.loads(pulled("--json"))
    place = Path(said["folder"])
    needed = {name for name in repository() if name not in ("README.md", "assets/film.mp4")}
    assert {str(path.relative_to(place)) for path in place.rglob("*") if not path.is_dir()} == needed
    assert said == {
        "name": NAME,
        "revision": COMMIT,
        "bytes": sum(map(len, (repository()[n] for n in needed))),
        "folder": str(place),
    }
    assert layout_of(PRESET).path == place == cache.snapshot(PRESET.hub)
    assert (cache.folder_of(PRESET.hub) / "refs" / "main").read_text() == COMMIT, "other programs find it, too"
    assert catalogue.ModelEntry(preset=PRESET).is_here
    before = dict(server.sent)
    assert "verified" in pulled()
    assert {name for name in server.sent if server.sent[name] != before.get(name)} <= {""}, "nothing is fetched twice"


def test_a_pull_that_is_killed_goes_on_where_it_was(server: Hub) -> None:
    cut = BIG - (1 << 20)
    server.hold = (SHARD, cut)
    process = command("pull", NAME)
    assert server.held.wait(120)
    folder = cache.folder_of(PRESET.hub)
    while not (growing := list(folder.glob("blobs/*.incomplete"))) or growing[0].stat().st_size < BIG // 2:
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.communicate()
    server.release.set()
    assert cache.snapshot(PRESET.hub) is None
    assert files(PRESET) == {}
    with pytest.raises(UserError, match=f"are not on this machine. Fetch them: yozora pull {NAME}"):
        layout_of(PRESET)
    begin, server.hold = growing[0].stat().st_size, ("", 0)
    assert "verified" in pulled()
    assert f"bytes={begin}-" in server.ranges, "it was not begun anew"
    place = layout_of(PRESET).path
    assert (place / SHARD).read_bytes() == repository()[SHARD]
    assert list(folder.glob("blobs/*.incomplete")) == []


def test_what_arrives_damaged_is_said_and_fetched_again(server: Hub, yozora: Yozora) -> None:
    for name in (SHARD, "vae/config.json"):
        server.spoiled = {name}
        assert one_line(yozora("pull", NAME)).startswith(f"error: {name} is damaged")
        assert cache.snapshot(PRESET.hub) is None
    assert yozora("pull", NAME).returncode == 0
    assert (layout_of(PRESET).path / SHARD).read_bytes() == repository()[SHARD]


def test_what_lies_damaged_in_the_cache_is_found_by_its_hash(server: Hub) -> None:
    """Another program left a file of the right size and of other bytes."""
    plan = pulling.planned(PRESET.hub, None)
    wanted = next(each for each in plan.files if each.name == SHARD)
    blob = cache.folder_of(PRESET.hub) / "blobs" / wanted.blob
    blob.parent.mkdir(parents=True)
    blob.write_bytes(bytes(wanted.size))
    place = pulling.fetch(plan)
    assert (place / SHARD).read_bytes() == repository()[SHARD]


def test_a_full_disk_is_one_line_before_anything_is_fetched(
    server: Hub,
    yozora: Yozora,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1 << 20))
    line = one_line(yozora("pull", NAME))
    assert "0.0 GB are needed, and" in line
    assert not any("resolve" in name or name.endswith(".safetensors") for name in server.sent)


def test_a_disk_that_fills_up_meanwhile_is_one_line(
    server: Hub, yozora: Yozora, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("huggingface_hub.file_download.http_get", full)
    assert one_line(yozora("pull", NAME)).startswith("error: The disk of ")


@pytest.mark.parametrize("status", [500, 401, 403])
def test_a_hub_that_refuses_is_one_line(
    server: Hub, yozora: Yozora, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    server.refusal = status
    assert one_line(yozora("pull", NAME))


def test_what_a_hub_does_not_have_is_one_line(server: Hub, yozora: Yozora) -> None:
    assert f"{PRESET.hub} has no revision v9" in one_line(yozora("pull", NAME, "--revision", "v9"))
    assert "has no FastVideo/" in one_line(yozora("pull", "fastwan2.2-ti2v-5b"))
    assert "The model 'sora' is not known" in one_line(yozora("pull", "sora"))
    assert "comes with the package" in one_line(yozora("pull", "mini"))


def test_offline_and_a_missing_package_are_one_line(
    server: Hub,
    yozora: Yozora,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
        patch.setattr("huggingface_hub.constants.is_offline_mode", lambda: True, raising=False)
        assert "HF_HUB_OFFLINE is set" in one_line(yozora("pull", NAME))
    with monkeypatch.context() as patch:
        patch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
        assert "cannot be reached" in one_line(yozora("pull", NAME))
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "huggingface_hub", None)
        assert "pip install 'yozora[wan]'" in one_line(yozora("pull", NAME))


def test_two_pulls_of_one_model_do_not_meet(server: Hub, yozora: Yozora) -> None:
    from filelock import FileLock

    folder = cache.folder_of(PRESET.hub)
    folder.mkdir(parents=True)
    with FileLock(folder / "yozora.lock"):
        assert "Another process is fetching" in one_line(yozora("pull", NAME))


def test_a_transformer_alone_takes_the_rest_from_where_it_belongs(server: Hub, yozora: Yozora) -> None:
    preset = PRESETS["self-forcing-1.3b"]
    assert yozora("pull", preset.name).returncode == 0
    layout = layout_of(preset)
    assert layout.files("transformer").paths[0].name == "self_forcing_dmd.pt"
    assert "Wan2.1-T2V" in str(layout.files("autoencoder").paths[0])
    assert files(PRESET) == {}, "of the other model the transformer is not here"
    assert yozora("pull", NAME).returncode == 0
    assert catalogue.ModelEntry(preset=PRESET).is_here
    assert layout_of(preset).files("tokenizer").paths


def test_loras_that_belong_to_a_model_are_fetched_with_it(server: Hub, yozora: Yozora) -> None:
    preset = PRESETS["wan2.2-t2v-a14b-lightx2v"]
    names = [added.file for added in preset.added]
    server.repositories[preset.hub] = repository(("transformer", "transformer_2"))
    server.repositories["lightx2v/Wan2.2-Lightning"] = {**dict.fromkeys(names, noise(7, 9000)), "other": noise(8, 9000)}
    assert yozora("pull", "wan2.2-t2v-a14b").returncode == 0
    assert files(PRESETS["wan2.2-t2v-a14b"])
    assert files(preset) == {}, "without its LoRAs it is another model"
    with pytest.raises(UserError, match=r"yozora pull wan2\.2-t2v-a14b-lightx2v"):
        layout_of(preset)
    assert yozora("pull", preset.name).returncode == 0
    found = files(preset)
    assert [found[f"lora.{k}"].name for k in (0, 1)] == ["high_noise_model.safetensors", "low_noise_model.safetensors"]
    assert [lora.expert for lora in loras_of(preset, "transformer_2")] == ["low"]
    assert "other" not in server.sent


# --- caches that other programs filled


def filled(repository_: dict[str, bytes], *, without: str = "", refs: bool = True) -> Path:
    """As older releases of huggingface_hub leave it: no list of the repository's files."""
    folder = cache.folder_of(PRESET.hub)
    for name, data in repository_.items():
        if name != without:
            path = folder / "snapshots" / COMMIT / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    (folder / "refs").mkdir(exist_ok=True)
    if refs:
        (folder / "refs" / "main").write_text(COMMIT)
    return folder


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.mark.usefixtures("empty")
def test_a_cache_that_diffusers_filled_is_used() -> None:
    folder = filled(repository())
    assert cache.snapshot(PRESET.hub) == folder / "snapshots" / COMMIT
    assert files(PRESET).keys() >= {"transformer.0", "transformer.1", "autoencoder", "text_encoder"}


@pytest.mark.usefixtures("empty")
def test_another_revision_is_used_where_no_branch_is_known() -> None:
    filled(repository(), refs=False)
    assert cache.snapshot(PRESET.hub) is not None


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize(
    "missing",
    [
        SHARD,
        "model_index.json",
        "vae/diffusion_pytorch_model.safetensors",
        "tokenizer/tokenizer.json",
        "text_encoder/model.safetensors",
    ],
)
def test_a_cache_that_was_filled_in_part_is_not(missing: str) -> None:
    filled(repository(), without=missing)
    assert cache.snapshot(PRESET.hub) is None


@pytest.mark.usefixtures("empty")
def test_a_download_that_was_cut_is_seen_by_what_it_leaves() -> None:
    folder = filled(repository())
    (folder / "blobs").mkdir()
    (folder / "blobs" / "abc.1234.incomplete").touch()
    assert cache.snapshot(PRESET.hub) is None


@pytest.mark.usefixtures("empty")
def test_small_files_count_where_the_list_is_known() -> None:
    folder = filled(repository(), without="tokenizer/tokenizer_config.json")
    (folder / "trees").mkdir()
    listed = {"format_version": 1, "files": {name: {"size": 1} for name in repository()}}
    (folder / "trees" / f"{COMMIT}.json").write_text(json.dumps(listed))
    assert cache.snapshot(PRESET.hub) is None


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize("said", ["", "[]", "{", '{"commit": 1, "files": {}}', '{"commit": "x"}', "[" * 9999])
def test_a_marker_that_cannot_be_read_says_nothing(said: str) -> None:
    folder = filled(repository())
    (folder / cache.MARKER).write_text(said)
    assert cache.snapshot(PRESET.hub) is not None


# --- sizes


def test_sizes_are_those_of_the_modules() -> None:
    with torch.device("meta"), _Unfilled():
        small = {
            name: replace(shape, layers=3, control_layers=shape.control_layers and (0, 2))
            for name, shape in wan_shapes.TRANSFORMERS.items()
        }
        counted = {name: count(SpacetimeTransformer(shape)) for name, shape in small.items()}
        coded = {each.z: count(VideoAutoencoder(each)) for each in (wan_shapes.VAE_2_1, wan_shapes.VAE_2_2)}
    assert {name: transformers.weights(shape).all for name, shape in small.items()} == counted
    found = {each.z: autoencoders.weights(each) for each in (wan_shapes.VAE_2_1, wan_shapes.VAE_2_2)}
    assert found == pytest.approx(coded, rel=1e-3)  # norms are left out


def count(module: "torch.nn.Module") -> int:
    return sum(each.numel() for each in module.parameters())


@pytest.mark.parametrize("preset", FAMILIES["wan"].presets.values(), ids=lambda preset: preset.name)
def test_what_is_fetched_holds_all_parts(preset: Preset) -> None:
    sizes = FAMILIES["wan"].sizes(preset)
    one, experts = transformers.weights(wan_shapes.TRANSFORMERS[preset.shape]).all, 2 if preset.boundary else 1
    text = text_encoder(wan_shapes.UMT5_XXL).all
    assert sizes.fetched > 4 * experts * one + 2 * text
    machine = Machine(kind="cuda", itemsize=2)
    assert measured(sizes.model, film_of(preset), machine, Arrangement()).device > 2 * (one + text)


def test_published_sizes() -> None:
    """As the hub says them: 28,928,887,859 bytes, and 126 GB."""
    assert FAMILIES["wan"].sizes(PRESET).fetched == pytest.approx(28_928_887_859, rel=1e-3)
    assert FAMILIES["wan"].sizes(PRESETS["wan2.2-t2v-a14b"]).fetched == pytest.approx(126.2e9, rel=0.01)
