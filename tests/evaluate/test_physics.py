"""Laws of the world: renders obey them, films that stand still do not, and what the denoiser prefers is counted."""

import json
from dataclasses import replace
from io import StringIO
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console
from tests.evaluate.oracle import watching

from yozora.engine.engine import Engine
from yozora.errors import UserError
from yozora.evaluate.__main__ import main
from yozora.evaluate.bench import CaptionedScene, Evaluator
from yozora.evaluate.detection import Detection
from yozora.evaluate.figures import Comparison
from yozora.evaluate.modes import bench_of
from yozora.evaluate.physics import pairs, tracks
from yozora.evaluate.physics.laws import LAWS, OUT, OUTSIDE, acting, drop_of, truth_of
from yozora.evaluate.physics.suite import NAMES, SUITE
from yozora.evaluate.reader import FilmObservations
from yozora.evaluate.run import Options
from yozora.evaluate.suite import measure
from yozora.families.presets import Preset
from yozora.world.puppets import GRAVITY, bouncing

NOUNS = ("sports ball", "balloon", "dog", "car")


@pytest.fixture
def bench(toy: Preset, monkeypatch: pytest.MonkeyPatch) -> Evaluator:
    watching(monkeypatch)
    toy = replace(toy, sizes=((128, 64),))
    return bench_of(Engine(toy, "cpu", torch.float32), NOUNS, {"steps": 1, "guidance": 1.0})


def told_of(bench: Evaluator, name: str) -> CaptionedScene:
    """The first scene of a kind of pairs."""
    (make,) = islice(pairs.films(bench, 1, name), 1)
    found = make.args[2]  # type: ignore[attr-defined]
    assert isinstance(found, CaptionedScene)
    return found


# --- tracks


def test_what_falls_falls_with_its_acceleration() -> None:
    t = np.arange(9) / 16
    assert tracks.acceleration(0.3 + 0.5 * 2.4 * t**2, t) == pytest.approx(2.4)
    seen = np.where(t > 0.2, 0.3 + 0.5 * 2.4 * t**2, np.nan)
    assert tracks.acceleration(seen, t) == pytest.approx(2.4)
    assert np.isnan(tracks.acceleration(np.full(9, np.nan), t))


def test_what_rolls_has_a_pace() -> None:
    t = np.arange(9) / 16
    assert tracks.pace(0.2 - 0.25 * t, t) == pytest.approx(-0.25)
    assert np.isnan(tracks.pace(np.array([0.1, np.nan]), t[:2]))


def test_a_rebound_is_a_share_of_the_fall() -> None:
    y, t = np.array([0.2, 0.5, 0.8, 0.6, 0.5, 0.8]), np.arange(6.0)
    assert tracks.rebound(y, t) == pytest.approx(0.5)
    assert np.isnan(tracks.rebound(np.full(6, 0.5), t))
    assert np.isnan(tracks.rebound(np.full(6, np.nan), t))


def test_the_second_contact_is_not_taken_for_the_first() -> None:
    """A later contact that a frame shows better lies lower; what comes after it is another, lower rebound."""
    t = np.arange(33) / 16
    height_T, _ = bouncing(t, 0.55, 0.78)
    y = 0.75 - height_T
    second = int(np.argmax(np.where(t > 1.2, y, 0.0)))
    y[second] += 0.02
    assert tracks.rebound(y, t) == pytest.approx(0.78**2, abs=0.05)
    assert tracks.rebound(0.2 + 0.1 * t, t) == pytest.approx(0.0, abs=0.2)  # falls on and on, slowly


def test_who_is_not_seen_is_far_off() -> None:
    true = np.zeros((4, 2))
    assert tracks.off(true + np.array([0.1, 0.0]), true, 2.0) == pytest.approx(0.2)
    assert tracks.off(np.full((4, 2), np.nan), true, 2.0) == 1


def test_who_was_hidden_is_seen_again() -> None:
    hidden = np.array([False, True, True, False, False])
    assert tracks.returns(np.array([True, False, False, False, True]), hidden) == 4
    assert tracks.returns(np.array([True, False, False, False, False]), hidden) is None
    assert tracks.returns(~hidden, np.zeros(5, bool)) is None


def test_who_comes_out_slowly_is_expected_when_enough_of_it_is_out(bench: Evaluator) -> None:
    """Long things take a second to come out; a parser knows them when nearly half of them is to be seen."""
    name, law = "permanence", LAWS["permanence"]
    draws = bench.draw(
        20 + list(LAWS).index(name), replace(law.distribution(("bus",)), cameras=(("static", 1.0),)), law.suits
    )
    truth = next(of for told in draws if (of := truth_of(bench, law, told.scene)).hidden_T.any())
    assert (truth.shown_T[np.flatnonzero(truth.hidden_T)[-1] + 1] < OUT) & (truth.shown_T[-1] > 0.9)
    there = Detection(noun="bus", color="red", x=0.5, y=0.5, width=0.1, height=0.1, score=1.0, melted=0.0)
    for least, right in ((OUT, True), (0.55, True), (0.97, False)):
        seen = FilmObservations(frames=tuple((there,) if share >= least else () for share in truth.shown_T))
        assert law.measure(name, truth, seen)[f"{name}/comes out in time"] is right


# --- laws


def test_renders_obey_every_law_and_what_stands_still_does_not(bench: Evaluator, tmp_path: Path) -> None:
    options = Options(prompts=10, json=tmp_path / "figures.json", sheet=tmp_path / "sheet.png")
    found = measure(SUITE, bench, options, NAMES, Console(file=StringIO(), width=140))
    assert set(json.loads((tmp_path / "figures.json").read_text())) == set(found)
    for name in NAMES:
        figures = {figure.split("/")[1]: score for figure, score in found.items() if figure.split("/")[0] == name}
        for figure in ("possible", "loses height", "comes out in time", "hides", "frames", "last", "same"):
            if figure in figures:
                assert figures[figure].ceiling == 1, (name, figure)
                assert figures[figure].n == 2
        for figure in ("possible", "hides"):
            if figure in figures:
                assert figures[figure].chance == 0, (name, figure)
        if "position" in figures:
            ceiling, still = figures["position"].ceiling, figures["position"].chance
            assert ceiling is not None
            assert still is not None
            assert ceiling < 0.01 < 0.05 < still, name
        if "same" in figures:
            assert figures["same"].chance != 1
    assert found["fall/gravity ratio"].ceiling == pytest.approx(1, abs=0.1)
    assert found["bounce/height ratio"].ceiling == 1
    assert (tmp_path / "sheet.png").is_file()


def test_who_is_mistaken_for_another_still_counts(bench: Evaluator) -> None:
    law = LAWS["count"]
    told = next(bench.draw(20 + list(LAWS).index("count"), law.distribution(("child",)), law.suits))
    truth = truth_of(bench, law, told.scene)
    one = Detection(noun="woman", color="red", x=0.5, y=0.5, width=0.1, height=0.1, score=1.0, melted=0.0)
    for count, share in ((truth.scene.count, 1.0), (truth.scene.count + 1, 0.0)):
        found = law.measure("count", truth, FilmObservations(frames=((one,) * count,) * len(truth.seconds_T)))
        assert found["count/frames"] == share
        assert found["count/last"] == Comparison(told=str(count), asked=str(truth.scene.count))


@pytest.mark.parametrize("name", ["fall", "roll", "count"])
def test_outside_is_beyond_what_is_drawn(bench: Evaluator, name: str) -> None:
    law = LAWS[name]
    (told,) = islice(bench.draw(20 + list(LAWS).index(name), law.distribution(NOUNS), law.suits), 1)
    inside, outside = (truth_of(bench, law, scene) for scene in (told.scene, law.outside(told.scene)))
    if name == "fall":
        assert drop_of(outside.actor, outside.scene) > drop_of(inside.actor, inside.scene)
        assert outside.impact > inside.impact
    if name == "roll":
        assert outside.actor.speed == pytest.approx(1.5 * inside.actor.speed)
    if name == "count":
        assert outside.actor.height < inside.actor.height
    assert f"{name}{OUTSIDE}" in SUITE.parts


@pytest.mark.parametrize(("height", "made"), [(0.4, 0.24), (0.25, 0.18), (0.15, 0.15)])
def test_what_is_made_smaller_can_still_be_counted(bench: Evaluator, height: float, made: float) -> None:
    law = LAWS["count"]
    scene = next(bench.draw(20 + list(LAWS).index("count"), law.distribution(NOUNS), law.suits)).scene
    scene = replace(scene, actors=tuple(replace(actor, height=height) for actor in scene.actors))
    assert [actor.height for actor in law.outside(scene).actors] == pytest.approx([made] * scene.count)


def test_the_truth_of_a_fall_is_that_of_the_world(bench: Evaluator) -> None:
    law = LAWS["fall"]
    (told,) = islice(bench.draw(20, replace(law.distribution(NOUNS), cameras=(("static", 1.0),)), law.suits), 1)
    truth = truth_of(bench, law, told.scene)
    count = int(truth.impact * truth.fps)
    assert tracks.acceleration(truth.track_T2[:count, 1], truth.seconds_T[:count]) == pytest.approx(GRAVITY, rel=0.05)


def test_nouns_that_cannot_do_it_are_left_out_with_a_line(bench: Evaluator) -> None:
    with pytest.raises(UserError, match="can bounce"):
        acting(["dog"], "bounce")
    out, dogs = StringIO(), replace(bench, nouns=("dog",))
    suite = replace(SUITE, parts={name: SUITE.parts[name] for name in ("roll", "count")})
    found = measure(suite, dogs, Options(prompts=5), (), Console(file=out, width=140))
    assert "roll is left out: None of these nouns can roll." in out.getvalue()
    assert "count/frames" in found
    assert "roll/position" not in found


# --- pairs


def test_impossible_films_are_impossible_and_begin_as_the_possible_ones(bench: Evaluator) -> None:
    def track(film: np.ndarray, noun: str) -> np.ndarray:
        return bench.watch(film).track_T2(noun)

    told = told_of(bench, "pairs/gravity")
    down, up = (track(film, told.scene.actors[0].noun)[:8, 1] for film in pairs.reversed_gravity(bench, told))
    assert np.polyfit(np.arange(8), down, 2)[0] > 0 > np.polyfit(np.arange(8), up, 2)[0]
    told = told_of(bench, "pairs/bounce")
    less, more = (track(film, told.scene.actors[0].noun)[:, 1] for film in pairs.gained_height(bench, told))
    assert less[:8].min() < less[16:].min() - 0.05
    assert more[-8:].min() < more[:16].min() - 0.05
    told = told_of(bench, "pairs/teleport")
    possible, impossible = (track(film, told.scene.actors[0].noun)[:, 0] for film in pairs.teleported(bench, told))
    assert np.abs(np.diff(possible)).max() < 0.05 < 0.2 < np.abs(np.diff(impossible)).max()
    told = told_of(bench, "pairs/direction")
    possible, impossible = (track(film, told.scene.actors[0].noun)[:, 0] for film in pairs.turned(bench, told))
    assert np.diff(possible).mean() * np.diff(impossible).mean() < 0


@pytest.mark.parametrize("name", ["pairs/color", "pairs/vanishing", "pairs/color behind"])
def test_what_is_broken_later_begins_as_a_possible_one(bench: Evaluator, name: str) -> None:
    told = told_of(bench, name)
    noun = told.scene.actors[0].noun
    possible, impossible = pairs.BREACHES[name].films(bench, told)
    assert possible.shape == impossible.shape
    assert (possible[:8] == impossible[:8]).all()
    last = [bench.watch(film[-1:]).frames[0] for film in (possible, impossible)]
    assert last[0][0].noun == noun
    assert not last[1] if name == "pairs/vanishing" else last[1][0].color != last[0][0].color


def test_the_film_that_the_denoiser_foretells_is_preferred(bench: Evaluator, monkeypatch: pytest.MonkeyPatch) -> None:
    found = measure(SUITE, bench, Options(prompts=5), ["pairs/teleport"], Console(file=StringIO()))
    assert found["pairs/teleport/prefers possible"].chance == 0.5
    assert found["pairs/teleport/error ratio"].score > 0
    told = told_of(bench, "pairs/teleport")
    possible, impossible = pairs.teleported(bench, told)
    again = [pairs.velocity_error(bench, possible, told) for _ in range(2)]
    assert again[0] == again[1]
    clean: list[torch.Tensor] = []

    def foretold(canvas, request):  # type: ignore[no-untyped-def]
        """The velocity of the film that was measured first."""
        clean.append(canvas.known_NC)
        noise = pairs.draw(canvas, request.seed)
        return lambda x_BNC, t_BN: (noise - clean[0])[None]

    monkeypatch.setattr(bench.engine, "denoiser", foretold)
    assert pairs.velocity_error(bench, possible, told) == 0
    assert pairs.velocity_error(bench, impossible, told) > 0


def test_command(toy: Preset, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--physics", "flight", "--weights", str(toy.folder)]) == 2
    assert "Use one of: fall, fall-outside, bounce" in capsys.readouterr().err
