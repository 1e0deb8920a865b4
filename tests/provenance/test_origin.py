"""The facts of a film: out of an order, and the same wherever the same weights are."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest

from yozora.core.modes import MODES
from yozora.core.request import Request
from yozora.families.presets import Preset
from yozora.films.film import Film, Origin, Relation, Unsaved
from yozora.provenance.origin import drawn_identifier, fingerprint, of


@dataclass(frozen=True)
class Told:
    """An order, as far as its origin needs it."""

    mode: str = "generate"
    request: Request = field(default_factory=lambda: Request(prompt="a red car", seed=3))


@dataclass(frozen=True)
class Asked:
    """The same, and what it is made of."""

    order: Told = field(default_factory=Told)
    parents: tuple[tuple[Path | Film, str, Relation], ...] = ()


def test_an_order_tells_what_a_film_came_from(toy: Preset, make_film: Callable[..., Film]) -> None:
    film = make_film()
    asked = Asked(
        order=Told(mode="blend"),
        parents=(
            (Path("a.mp4"), "video_1", "parentOf"),
            (film, "a film that was not saved", "componentOf"),
            (Path("anna.png"), "@anna", "componentOf"),
        ),
    )
    found = of(asked, toy)
    assert (found.mode, found.model, found.seed, found.prompt) == ("blend", "toy", 3, "a red car")
    assert [(parent.title, parent.relation) for parent in found.parents] == [
        ("video_1", "parentOf"),
        ("a film that was not saved", "componentOf"),
        ("@anna", "componentOf"),
    ]
    unsaved = found.parents[1].source
    assert isinstance(unsaved, Unsaved)
    assert (unsaved.still == film.frames[0]).all()
    assert of(asked, toy).identifier != found.identifier


def test_every_mode_has_at_most_one_parent() -> None:
    for name, mode in MODES.items():
        assert [slot.parent for slot in mode.slots].count(True) == (name != "storyboard")


def test_a_fingerprint_follows_weights_and_settings_and_not_their_place(toy: Preset, tmp_path: Path) -> None:
    moved = replace(toy, folder=tmp_path / "elsewhere")
    shutil.copytree(toy.folder, moved.folder)
    assert fingerprint(moved) == fingerprint(toy)
    assert fingerprint(replace(toy, steps=4)) != fingerprint(toy)
    shutil.copy(moved.files["text"], moved.files["transformer"])
    assert fingerprint(moved) != fingerprint(toy)


def test_what_cannot_be_an_origin(toy: Preset) -> None:
    found = of(Asked(), toy)
    assert all(0 <= drawn_identifier() < 1 << 48 for _ in range(100))
    with pytest.raises(ValueError, match="48 bits"):
        replace(found, identifier=1 << 48)
    with pytest.raises(ValueError, match="UTC"):
        Origin(mode="generate", model="toy", preset="", seed=0, prompt="", identifier=0, made=datetime(2026, 1, 1))
