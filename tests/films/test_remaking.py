"""A film says how it was made, and is made again from that: in Python, on real files, with a toy's weights."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import yozora
from yozora import media
from yozora.core.options import ArgumentError
from yozora.core.order import Order
from yozora.errors import UserError
from yozora.families import presets
from yozora.families.presets import Preset
from yozora.films import orders, remaking
from yozora.films.film import Film


@pytest.fixture(autouse=True)
def toy_models(toy: Preset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presets, "PRESETS", {"mini": replace(toy, name="mini")})


@pytest.fixture
def clip(make_film: Callable[..., Film], tmp_path: Path) -> Path:
    return make_film(frames=17, height=64, width=64).save(tmp_path / "clip.mp4")


def test_a_film_is_made_again_and_changed(tmp_path: Path) -> None:
    film = yozora.generate("a car", seconds=0.5, steps=1, style="anime")
    path = film.save(tmp_path / "a.mp4")
    same, other = yozora.again(path), yozora.again(path, "a red car", seed=5, options={"seconds": 1.0})
    assert np.array_equal(same.frames, film.frames)
    assert same.order == film.order
    assert (other.prompt, other.seed, len(other.frames)) == ("a red car", 5, 17)
    assert yozora.show(path)["order"] == json.loads(json.dumps(film.order))


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png", "a/", "b/%03d.png", "a.webm", "a.mov"])
@pytest.mark.filterwarnings("ignore:.*(a PNG is a still|cannot contain content credentials)")
def test_every_kind_of_file_says_how_it_was_made(clip: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "b").mkdir()
    film = yozora.extend(clip, "a 红 car", seconds=0.25, steps=1)
    film.save(f"{tmp_path}/{name}")
    assert yozora.show(f"{tmp_path}/{name}")["order"] == json.loads(json.dumps(film.order))
    same = yozora.again(f"{tmp_path}/{name}", sources=[clip] if "%" in name else ())
    assert np.array_equal(same.frames, film.frames)


def test_the_order_has_names_and_no_paths(clip: Path, tmp_path: Path) -> None:
    path = yozora.extend(clip, seconds=0.25, steps=1).save(tmp_path / "b.mp4")
    said = json.dumps(yozora.show(path))
    assert str(tmp_path) not in said
    order = remaking.read_record(path).order
    assert order is not None
    assert [source.at for source in order.sources] == ["clip.mp4"]
    assert order.sources[0].sha256 == orders.hashed(clip)


@pytest.mark.parametrize(
    ("mode", "requested"),
    [
        ("edit", {"region": (0.0, 0.0, 0.5, 0.5), "stop": 0.5}),
        ("edit", {}),
        ("remix", {"strength": "subtle"}),
        ("recut", {"keep": [(0, 0.2), (0.5, 0.7)]}),
        ("loop", {"seconds": 0.5, "size": (96, 80), "fps": 12}),
        ("extend", {"backward": True, "native": True}),
        ("extend", {"height": 128}),
        ("extend", {"quality": "fast"}),
    ],
)
def test_what_an_order_says_makes_the_same_order(clip: Path, mode: str, requested: dict[str, object]) -> None:
    asked = orders.ask(mode, "a car", {"source": clip}, requested)
    order = Order.from_json(json.loads(json.dumps(asked.order.to_json())))
    assert order == asked.order
    assert orders.ask(mode, order.request.prompt, {"source": clip}, remaking.options_of(order)).order == order


def test_a_board_is_made_again(clip: Path, tmp_path: Path) -> None:
    board = tmp_path / "board.yaml"
    cards = "{from: 0, to: 0.5, prompt: a car}\n  - {from: 0.5, to: 1, prompt: a red car, clip: clip.mp4}"
    board.write_text(f"cards:\n  - {cards}\n")
    film = yozora.storyboard(board, steps=1, seed=3)
    path = film.save(tmp_path / "c.mp4")
    assert np.array_equal(yozora.again(path).frames, film.frames)


def test_sources_without_files_are_named(make_film: Callable[..., Film], clip: Path, tmp_path: Path) -> None:
    path = yozora.remix(make_film(frames=9, height=64, width=64), "a car", steps=1).save(tmp_path / "d.mp4")
    with pytest.raises(
        UserError, match=r"The source that .* was made of had no file. Name it with --source FILE, or the folder"
    ):
        yozora.again(path)
    assert len(yozora.again(path, sources=[clip]).frames) == 17


def test_pictures_of_characters_are_looked_for_too(clip: Path, tmp_path: Path) -> None:
    path = yozora.generate("rex drives", cast={"rex": clip}, steps=1, seed=1).save(tmp_path / "e.mp4")
    assert len(yozora.again(path).frames) == 5
    clip.rename(tmp_path / "gone.mp4")
    with pytest.raises(UserError, match=r"clip.mp4 \(SHA-256 \w{12}\), which e.mp4 was made of, is not found"):
        yozora.again(path)
    assert len(yozora.again(path, sources=[tmp_path / "gone.mp4"]).frames) == 5


def test_all_that_is_missing_is_named_at_once(make_film: Callable[..., Film], clip: Path, tmp_path: Path) -> None:
    other = make_film(frames=12, height=64, width=64).save(tmp_path / "other.mp4")
    path = yozora.blend(clip, other, "rex", seconds=0.25, steps=1, cast={"rex": clip}).save(tmp_path / "g.mp4")
    digests = [orders.hashed(file)[:12] for file in (clip, other)]
    (tmp_path / "away").mkdir()
    for file in (clip, other):
        file.rename(tmp_path / "away" / file.name)
    with pytest.raises(UserError) as refused:
        yozora.again(path)
    first, second = (f"{name}.mp4 (SHA-256 {digest})" for name, digest in zip(("clip", "other"), digests, strict=True))
    assert str(refused.value) == (
        f"{first} and {second}, which g.mp4 was made of, are not found. "
        "Name each with --source FILE, or the folder that they are in."
    )
    make_film(frames=13, height=64, width=64).save(other)  # of that name, and another film
    with pytest.raises(UserError, match=r"other.mp4 is not the other.mp4 \(SHA-256 \w{12}\) that g.mp4 was made of"):
        yozora.again(path, sources=[tmp_path / "away" / "clip.mp4"])
    for sources in (["away"], ["away/clip.mp4", "away/other.mp4"]):  # one that is needed twice is named once
        assert len(yozora.again(path, sources=[tmp_path / name for name in sources]).frames) == 25
    with pytest.raises(UserError, match=r"b.mp4 was made of source 1, but does not name its file"):
        yozora.again(forged(tmp_path / "b.mp4", **of_a_server()))


def of_a_server() -> dict[str, object]:
    """What the film of a server says of its source."""
    source = {"at": "", "slot": "image", "width": 64, "height": 64, "title": "source 1"}
    return {"sources": [source]}


def forged(path: Path, **changes: object) -> Path:
    """A film that says of its order what it likes."""
    asked = orders.ask("generate", "a car", {}, {"seconds": 0.3})
    order = {**remaking.stated(asked.order, "mini"), **changes}
    film = Film(frames=np.zeros((4, 64, 64, 3), np.uint8), fps=16, prompt="a car", model="mini", order=order)
    return media.write(path, film)


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "dream"},
        {"mode": 3},
        {"options": {"seconds": float("nan")}},
        {"options": {"seconds": "long"}},
        {"request": {"prompt": "a car", "steps": 10**9}},
        {"sources": [{"at": "/etc/passwd", "slot": "image", "width": 1, "height": 1}]},
        {"sources": "clip.mp4"},
        {"characters": [{"name": "rex", "at": "../../rex.png", "plain": True}]},
        {"mode": "storyboard", "options": {"cards": [{"start": 0.0, "stop": 1.0, "text": "a car", "source": 7}]}},
        {"mode": "storyboard", "options": {"cards": []}},
        {"extra": 1} | {"mode": "recut"},
    ],
)
def test_what_anybody_wrote_into_a_film_is_not_trusted(tmp_path: Path, changes: dict[str, object]) -> None:
    path = forged(tmp_path / "f.mp4", **changes)
    with pytest.raises(UserError):
        yozora.again(path)


@pytest.fixture
def other(toy: Preset, monkeypatch: pytest.MonkeyPatch) -> Preset:
    """Another model with defaults of its own."""
    own = {"steps": 7, "guidance": 4.0, "negative_prompt": "ugly", "sizes": ((96, 96), (64, 128)), "fps": 24.0}
    found = replace(toy, name="other", seconds=0.5, **own)
    monkeypatch.setattr(presets, "PRESETS", {"mini": replace(toy, name="mini"), "other": found})
    return found


def again_of(mode: str, source: Path | None, requested: dict[str, object], model: str, path: Path) -> Order:
    """The order of a film of `mini`, made again with a model."""
    asked = orders.ask(mode, "a car", {} if source is None else {"source": source}, {"seed": 1, **requested})
    said = remaking.stated(asked.order, asked.order.request.model)
    frames = np.zeros((4, 64, 64, 3), np.uint8)
    media.write(path, Film(frames=frames, fps=16, prompt="a car", model="mini", order=said))
    return remaking.again(path, requested={"model": model}).order


def test_what_a_model_s_defaults_were_is_left_to_another_model(other: Preset, clip: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    request = again_of("generate", None, {}, "other", path).request
    made = (request.steps, request.guidance, request.negative_prompt, request.width, request.fps, request.seconds)
    assert made == (7, 4.0, "ugly", 96, 24.0, 0.5)
    requested = {"steps": 5, "negative_prompt": "dull", "size": "80x80", "fps": 12, "seconds": 0.75, "guidance": 3}
    request = again_of("generate", None, requested, "other", path).request
    made = (request.steps, request.guidance, request.negative_prompt, request.width, request.fps, request.seconds)
    assert made == (5, 3.0, "dull", 80, 12.0, 0.75)
    back = again_of("generate", None, {"model": "other"}, "mini", path).request
    assert (back.negative_prompt, back.seed) == ("", 1)
    assert again_of("generate", None, {"model": "other"}, "other", path).request.negative_prompt == "ugly"
    order = again_of("extend", clip, {"seconds": 0.25}, "other", path)
    assert (order.request.width, order.request.fps, order.options.seconds) == (64, 16.0, 0.25)
    order = again_of("recut", clip, {"keep": "0-0.5"}, "other", path)
    assert order.options.keep == ((0.0, 0.5),)


def test_a_model_that_is_not_known_leaves_all_as_it_was(other: Preset, tmp_path: Path, toy: Preset) -> None:
    path = tmp_path / "x.mp4"
    again_of("generate", None, {"steps": 5}, "mini", path)
    order = remaking.read_record(path).order
    assert order is not None
    strange = replace(order, request=replace(order.request, model="gone"))
    assert remaking.by_default(strange) == set()
    assert "steps" not in remaking.by_default(order)
    assert {"negative_prompt", "guidance", "size", "fps", "seconds"} <= remaking.by_default(order)


def test_orders_of_before_two_experts_are_read() -> None:
    order = orders.ask("generate", "a car", {}, {"seconds": 0.3}).order
    said = json.loads(json.dumps(order.to_json()))
    assert said["request"].pop("low_guidance", None) is None
    assert Order.from_json(said) == order
    both = replace(order, request=replace(order.request, low_guidance=3.0))
    assert Order.from_json(json.loads(json.dumps(both.to_json()))) == both


def test_another_size_goes_before_the_film_s(tmp_path: Path) -> None:
    order = orders.ask("generate", "a car", {}, {"seconds": 0.3, "size": (96, 80), "fps": 12}).order
    said = remaking.options_of(order)
    assert remaking.changed(order, said, {"resolution": "64x64"})["size"] == "64x64"
    assert "size" not in remaking.changed(order, said, {"width": 64})
    assert not {"size", "fps"} & remaking.changed(order, said, {"native": True}).keys()


@pytest.mark.parametrize("rubbish", [None, True, 7, 2.5, b"x", [], {}, (), object(), "\0", np.zeros(3)])
def test_rubbish_is_refused_by_the_name_of_its_argument(rubbish: Any) -> None:
    for call in (yozora.again, yozora.show):
        with pytest.raises(ArgumentError) as refused:
            call(rubbish)
        assert refused.value.argument == "film"
    for named in ("sources", "options"):
        fine = (list, tuple) if named == "sources" else (type(None), dict)
        if isinstance(rubbish, fine):
            continue
        with pytest.raises(ArgumentError) as refused:
            yozora.again("film.mp4", **{named: rubbish})
        assert refused.value.argument == named
