"""Films as they are made: marked while they are written, signed last, and found again."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

import yozora
from yozora import api, media
from yozora.errors import UserError
from yozora.families.presets import PRESETS, Preset
from yozora.films import orders
from yozora.films.film import Film, Origin, Sound
from yozora.provenance import origin, trust
from yozora.provenance.credentials import sign, signer_of
from yozora.provenance.examine import credentials, mark
from yozora.provenance.settings import OFF, Provenance, load
from yozora.provenance.stamp import Stamp, stamp_of
from yozora.provenance.verify import Mark, claim_of, state_of

Told = Callable[..., Origin]


def state(path: Path, settings: Provenance, *, marked: bool = False) -> str:
    """As `verify` has it, without processes of its own."""
    asked = {"path": str(path), "trusted": trust.roots(settings)}
    said = credentials(asked)
    key = (settings.folder / "watermark.key").read_text().strip() if marked else ""
    return state_of(claim_of(said) if said else None, Mark(**mark({**asked, "key": key, "backend": "spectrum"})))  # type: ignore[arg-type]


def scene(count: int = 33, height: int = 128, width: int = 224) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Frames with light, texture and movement."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    grain = np.random.default_rng(0).normal(0, 6, (height, width))
    frames = [
        110 + 50 * np.sin((x + 2 * t) / 17) + 40 * np.cos(y / 11) + np.roll(grain, 2 * t, axis=1) for t in range(count)
    ]
    return np.stack(frames).clip(0, 255).astype(np.uint8)[..., None].repeat(3, -1)


def test_a_film_of_python_is_signed_and_tells_its_story(
    toy: Preset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a prompt, to a remix that is saved, to an extension in memory, to a blend."""
    monkeypatch.setattr("yozora.families.presets.PRESETS", {**PRESETS, "mini": replace(toy, name="mini")})
    monkeypatch.setenv("YOZORA_PROVENANCE_WATERMARK", "off")
    api._engine.cache_clear()
    new = yozora.generate("a red car", seconds=1)
    saved = yozora.remix(new, "a red car").save(tmp_path / "remix.mp4")
    longer = yozora.extend(saved, seconds=0.5)
    blended = yozora.blend(longer, new, seconds=0.25).save(tmp_path / "blend.mp4")
    api._engine.cache_clear()
    assert state(blended, load()) == "intact"
    claim = claim_of(credentials({"path": str(blended), "trusted": trust.roots(load())}))

    def tree(claim: object) -> list[object]:
        return [(each.claim.facts["mode"], tree(each.claim)) for each in claim.ancestors]  # type: ignore[attr-defined]

    assert (claim.facts["mode"], tree(claim)) == (
        "blend",
        [("extend", [("remix", [("generate", [])])]), ("generate", [])],
    )


def test_frames_that_were_not_made_here_are_not_signed(make_film: Callable[..., Film], tmp_path: Path) -> None:
    path = make_film(frames=5).save(tmp_path / "mine.mp4")
    assert credentials({"path": str(path), "trusted": ""}) == {}


def test_the_mark_survives_that_credentials_are_stripped(told: Told, keys: Path, tmp_path: Path) -> None:
    settings = Provenance(folder=keys)
    origin = told()
    path, copy = tmp_path / "film.mp4", tmp_path / "copy.mp4"
    with media.Writer(path, 224, 128, 16.0, {}, seal=stamp_of(origin, (224, 128), 16.0, settings)) as writer:
        for piece in np.split(scene(), [1, 5, 17]):
            writer.add(piece)
    assert state(path, settings, marked=True) == "intact"
    with media.Writer(copy, 224, 128, 16.0, {}) as writer:
        writer.add(media.read(path).frames)
    assert state(copy, settings, marked=True) == "stripped"
    found = mark({"path": str(copy), "key": (keys / "watermark.key").read_text().strip(), "backend": "spectrum"})
    assert found["identifier"] == origin.identifier


def test_the_sound_is_in_before_the_film_is_signed(told: Told, settings: Provenance, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with media.Writer(path, 96, 64, 16.0, {}, seal=stamp_of(told(), (96, 64), 16.0, settings)) as writer:
        writer.add(scene(9, 64, 96))
        writer.sound(Sound(samples=np.zeros((8000, 1), np.float32), rate=16_000))
    with av.open(str(path)) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]
    assert state(path, settings) == "intact"


def test_the_text_is_seen_where_it_is_wanted(told: Told, settings: Provenance) -> None:
    stamp = stamp_of(told(), (224, 128), 16.0, replace(settings, credentials=False, visible="made by machine"))
    assert stamp is not None
    frames = scene(5)
    shown = stamp.mark(frames)
    assert shown.shape == frames.shape
    assert shown.dtype == np.uint8
    assert (shown != frames).any()


def test_nothing_is_stamped_where_nothing_is_wanted(told: Told) -> None:
    assert stamp_of(told(), (96, 64), 16.0, OFF) is None


def test_without_a_seal_the_same_frames_are_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        with media.Writer(tmp_path / name, 96, 64, 16.0, {}) as writer:
            writer.add(scene(5, 64, 96))
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_a_film_that_cannot_be_signed_is_not_published(told: Told, settings: Provenance, tmp_path: Path) -> None:
    stamp = Stamp(told(), replace(settings, timestamp_url="http://127.0.0.1:9/"), (96, 64), 16.0)
    folder = tmp_path / "films"
    folder.mkdir()
    writer = media.Writer(folder / "film.mp4", 96, 64, 16.0, {}, seal=stamp)
    with pytest.raises(UserError, match="cannot be signed"), writer:
        writer.add(scene(5, 64, 96))
    assert list(folder.iterdir()) == []


def test_pictures_of_a_film_are_signed(told: Told, settings: Provenance, tmp_path: Path) -> None:
    from yozora.media import stills

    path = tmp_path / "thumbnail.webp"
    path.write_bytes(stills.webp(scene(1)[0]))
    stamp = stamp_of(told(), (224, 128), 16.0, settings)
    assert stamp is not None
    stamp.still(path)
    assert state(path, settings) == "intact"


def test_a_film_may_be_written_over_its_own_source(
    toy: Preset, told: Told, settings: Provenance, tmp_path: Path
) -> None:
    path = tmp_path / "film.mp4"
    with media.Writer(path, 96, 64, 16.0, {}) as writer:
        writer.add(scene(5, 64, 96))
    sign(path, told(), signer_of(settings), settings)
    stamp = stamp_of(told("extend", path), (96, 64), 16.0, settings)
    with media.Writer(path, 96, 64, 16.0, {}, seal=stamp) as writer:
        writer.add(scene(9, 64, 96))
    claim = claim_of(credentials({"path": str(path), "trusted": trust.roots(settings)}))
    assert [each.title for each in claim.ancestors] == ["film.mp4"]
    assert claim.ancestors[0].claim is not None


def test_orders_name_their_modes_and_sources(make_film: Callable[..., Film], tmp_path: Path) -> None:
    film, path = make_film(), make_film().save(tmp_path / "clip.mp4")
    asked = {
        "generate": orders.ask("generate", "a car", {"image": path, "last": film}, {}),
        "blend": orders.ask("blend", "a car", {"a": path, "b": film}, {"seconds": 0.5}),
        "remix": orders.ask("remix", "a car", {"source": film}, {}),
        "recut": orders.ask("recut", "a car", {"source": path}, {"keep": "0-0.5"}),
    }
    for name, each in asked.items():
        told = origin.of(each, PRESETS["mini"])
        assert (told.mode, told.prompt) == (name, "a car")
        assert [parent.relation for parent in told.parents] == ["parentOf", "componentOf"][: len(each.sources)]
    assert asked["blend"].sources == (path, film)


def test_credentials_that_a_file_cannot_hold_lie_beside_it(told: Told, settings: Provenance, tmp_path: Path) -> None:
    path, beside = tmp_path / "film.webm", tmp_path / "film.c2pa"

    def write(seal: Stamp | None) -> media.Writer:
        with media.Writer(path, 96, 64, 16.0, {}, seal=seal) as writer:
            writer.add(scene(5, 64, 96))
        return writer

    for _ in range(2):  # the second film takes the place of the first, and so do its credentials
        writer = write(stamp_of(told(), (96, 64), 16.0, settings))
        assert writer.notes == ("film.webm: a WebM cannot contain content credentials, so they are in film.c2pa",)
        assert state(path, settings) == "intact"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert state(path, settings) == "changed"
    beside.write_bytes(b"no credentials" * 20)
    assert state(path, settings) == "nothing"
    write(None)
    assert list(tmp_path.iterdir()) == [path]
    beside.write_bytes(b"of another file")
    path.unlink()
    with pytest.raises(UserError, match=r"it would replace 'film\.c2pa'"):
        write(None)


@pytest.mark.parametrize("name", ["film.mov", "film.gif", "film.webp", "film.png"])
def test_films_of_every_kind_are_signed(told: Told, settings: Provenance, tmp_path: Path, name: str) -> None:
    facts, seal = {"prompt": "a «red» car", "order": {"seed": 3}}, stamp_of(told(), (96, 64), 16.0, settings)
    with media.Writer(tmp_path / name, 96, 64, 16.0, facts, seal=seal) as writer:
        writer.add(scene(5, 64, 96))
    assert state(tmp_path / name, settings) == "intact"
    found = media.probe(tmp_path / name)
    assert (found.frames, found.facts) == (1 if name == "film.png" else 5, facts)


def test_frames_are_signed_one_by_one(told: Told, settings: Provenance, tmp_path: Path) -> None:
    folder = tmp_path / "frames"
    with media.Writer(f"{folder}/", 96, 64, 16.0, {}, seal=stamp_of(told(), (96, 64), 16.0, settings)) as writer:
        writer.add(scene(3, 64, 96))
    assert [state(path, settings) for path in sorted(folder.iterdir())] == ["intact"] * 3
    with media.Writer(f"{folder}/", 96, 64, 16.0, {}) as writer:  # they are known as ours, signed as they are
        writer.add(scene(1, 64, 96))
    assert len(list(folder.iterdir())) == 1


def test_a_source_keeps_its_pixels_and_the_text_wanders_on(told: Told, settings: Provenance, tmp_path: Path) -> None:
    shown = replace(settings, credentials=False, watermark=False, visible="made by machine")
    frames = scene(40)
    whole, parted = (stamp_of(told(), (224, 128), 16.0, shown) for _ in range(2))
    assert whole is not None
    assert parted is not None
    parted.skip(30)
    assert np.array_equal(parted.mark(frames[30:]), whole.mark(frames)[30:])


@pytest.mark.parametrize("kept", [slice(0, 24), slice(24, 48), slice(12, 36)])
def test_the_mark_is_found_where_half_of_the_frames_were_kept(
    told: Told, keys: Path, tmp_path: Path, kept: slice
) -> None:
    settings = Provenance(folder=keys)
    origin, path, copy, frames = told(), tmp_path / "film.mp4", tmp_path / "copy.mp4", scene(48)
    changed = np.ones(48, np.bool_)
    changed[kept] = False
    seal = stamp_of(origin, (224, 128), 16.0, settings)
    with media.Writer(path, 224, 128, 16.0, {}, seal=seal, quality="kept") as writer:
        for frame, ours in zip(frames, changed, strict=True):
            writer.add(frame[None], changed=bool(ours))
    with media.Writer(copy, 224, 128, 16.0, {}) as writer:
        writer.add(media.read(path).frames)
    assert state(copy, settings, marked=True) == "stripped"


@pytest.mark.parametrize("ours", [slice(0, 30), slice(230, 260)])
def test_the_mark_is_found_at_either_end_of_a_long_film(told: Told, keys: Path, tmp_path: Path, ours: slice) -> None:
    settings = Provenance(folder=keys)
    path, frames = tmp_path / "film.mp4", scene(260)
    first, stop = ours.start, ours.stop
    seal = stamp_of(told(), (224, 128), 16.0, replace(settings, credentials=False))
    with media.Writer(path, 224, 128, 16.0, {}, seal=seal) as writer:
        for part, changed in ((frames[:first], False), (frames[first:stop], True), (frames[stop:], False)):
            writer.add(part, changed=changed)
    assert state(path, settings, marked=True) == "stripped"
