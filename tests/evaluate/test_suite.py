"""Suites: parts that were measured before they were stopped are not measured again, and long films are judged."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
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
from yozora.evaluate import bench as held_out
from yozora.evaluate.bench import Evaluator, fitting
from yozora.evaluate.figures import Case, Comparison, case_of
from yozora.evaluate.journal import Journal, packed, unpacked
from yozora.evaluate.modes import PARTS, bench_of
from yozora.evaluate.parts.enduring import kept
from yozora.evaluate.parts.given import elsewhere
from yozora.evaluate.parts.repainting import edits, inside, looks, region_of
from yozora.evaluate.progress import progress
from yozora.evaluate.prompts import one_actor
from yozora.evaluate.run import Options
from yozora.evaluate.suite import Make, Measurement, Suite, measure
from yozora.families.presets import Preset


@pytest.fixture
def bench(toy: Preset, monkeypatch: pytest.MonkeyPatch) -> Evaluator:
    watching(monkeypatch)
    return bench_of(Engine(replace(toy, sizes=((224, 128),)), "cpu", torch.float32), ["car"], {"steps": 1})


# --- a journal


def test_a_journal_knows_what_was_put_into_it(tmp_path: Path) -> None:
    path = tmp_path / "a.part"
    first = Journal(path, {"seed": 1})
    first.put("film", 3, {"share": np.float32(0.5), "right": np.bool_(True)})
    first.close(done=False)
    path.write_bytes(path.read_bytes() + b'{"kind": "film", "numb')
    second = Journal(path, {"seed": 1})
    assert second.get("film", 3) == {"share": 0.5, "right": True}
    assert second.get("film", 4) is None
    second.put("film", 4, [1])
    second.close(done=False)
    last = path.read_text().splitlines()[2:]
    assert [json.loads(line) for line in last] == [{"kind": "film", "number": 4, "value": [1]}]
    with pytest.raises(UserError, match="other options"):
        Journal(path, {"seed": 2})
    Journal(path, {"seed": 1}).close(done=True)
    assert not path.exists()


def test_without_a_file_nothing_is_kept(tmp_path: Path) -> None:
    journal = Journal(None, {})
    journal.put("film", 0, 1)
    journal.close(done=True)
    assert not list(tmp_path.iterdir())
    with pytest.raises(UserError, match="Cannot write"):
        Journal(tmp_path / "none" / "a.part", {})


def test_cases_and_pixels_survive_json() -> None:
    shots = np.random.default_rng(0).integers(0, 255, (8, 24, 3), np.uint8)
    case = Case(
        title="a", made={"x": Comparison(told="car", asked="dog"), "y": 1.5}, true={"z": True}, group=4, shots=shots
    )
    again = case_of(json.loads(json.dumps(case.to_json(shown=True))))
    assert again.shots is not None
    assert (again.shots == shots).all()
    assert replace(again, shots=None) == replace(case, shots=None)
    assert case_of(case.to_json()).shots is None
    assert (unpacked(packed(shots)) == shots).all()


# --- how far it is


def test_a_file_of_output_gets_a_line_a_minute() -> None:
    out, ticks = StringIO(), iter([0.0, 10.0, 61.0, 70.0, 122.0])
    with progress(Console(file=out, width=100), clock=lambda: next(ticks)) as bar:
        assert list(bar.track("abcd", total=4, description="films")) == list("abcd")
    assert out.getvalue().split("\n")[:2] == ["films: 2 of 4, 1 minutes left", "films: 4 of 4, 0 minutes left"]


def test_a_terminal_gets_a_bar() -> None:
    out = StringIO()
    with progress(Console(file=out, width=100, force_terminal=True)) as bar:
        assert list(bar.track("abcd", total=4, description="films")) == list("abcd")
    assert "films" in out.getvalue()


# --- a suite


def test_a_killed_suite_goes_on_where_it_was(bench: Evaluator, tmp_path: Path) -> None:
    made: list[int] = []

    def film(number: int, last: int) -> list[Case]:
        if number == last:
            raise KeyboardInterrupt
        made.append(number)
        return [Case(title=str(number), made={"x/share": number / 10}, group=number)]

    def films(bench: Evaluator, count: int, last: int = -1) -> Iterator[Make]:
        for number in range(count):
            yield partial(film, number, last)

    def suite(last: int) -> Suite:
        return Suite(name="any", parts={"x": Measurement(films=partial(films, last=last))}, goals={}, caption="words")

    options, out = Options(prompts=6, json=tmp_path / "a.json"), Console(file=StringIO())
    with pytest.raises(KeyboardInterrupt):
        measure(suite(3), bench, options, (), out)
    assert made == [0, 1, 2]
    assert measure(suite(-1), bench, options, (), out)["x/share"].score == pytest.approx(0.25)
    assert made == [0, 1, 2, 3, 4, 5]
    assert json.loads((tmp_path / "a.json").read_text())["x/share"]["n"] == 6
    assert list(tmp_path.iterdir()) == [tmp_path / "a.json"]


def test_strips_that_were_not_kept_are_made_for_the_sheet(bench: Evaluator, tmp_path: Path) -> None:
    made: list[int] = []

    def film(number: int) -> list[Case]:
        made.append(number)
        if made == [0, 1, 2]:
            raise KeyboardInterrupt
        return [Case(title=str(number), made={"x": True}, shots=np.zeros((8, 120, 3), np.uint8))]

    part = Measurement(films=lambda bench, count: (partial(film, number) for number in range(count)))
    suite = Suite(name="any", parts={"x": part}, goals={}, caption="")
    options, out = Options(prompts=3, json=tmp_path / "a.json"), Console(file=StringIO())
    with pytest.raises(KeyboardInterrupt):
        measure(suite, bench, options, (), out)
    measure(suite, bench, replace(options, sheet=tmp_path / "a.png"), (), out)
    assert made == [0, 1, 2, 0, 1, 2]
    assert (tmp_path / "a.png").is_file()


def test_how_many_films_a_part_has(bench: Evaluator) -> None:
    options = Options(prompts=100, long=20)
    assert PARTS["remix"].count(bench, options) == 60
    assert [PARTS[name].count(bench, options) for name in ("long", "walkers")] == [20, 6]
    assert PARTS["long"].count(bench, Options(prompts=100)) == 3
    assert replace(PARTS["remix"], most=lambda bench: 7).count(bench, options) == 7


def test_scenes_that_no_render_fits_are_an_error(bench: Evaluator) -> None:
    draws = bench.draw(held_out.ANY, one_actor(["car"]), held_out.anything)
    with pytest.raises(UserError, match="No scene with these nouns"):
        next(fitting(draws, lambda told: False))


# --- parts


def test_a_character_is_put_elsewhere_under_a_name(bench: Evaluator) -> None:
    for told in islice(bench.draw(held_out.LIVELY_NOUNS, one_actor(["car"]), held_out.anything), 4):
        other = elsewhere(told, 0)
        before, after = told.scene.actors[0], other.scene.actors[0]
        assert (after.noun, after.color) == (before.noun, before.color)
        assert other.scene.place != told.scene.place
        assert "@hero" in other.text
        assert "car" not in other.text


def test_an_edit_is_where_the_actor_is_and_nowhere_else(bench: Evaluator) -> None:
    for make in edits("edit", bench, 3):
        told, region = make.args[2:]  # type: ignore[attr-defined]
        assert region == region_of(bench, told)
        take = bench.take(told.scene, bench.frames(2.0))
        within_HW = inside(region, take.frames_THWC)
        assert 0 < within_HW.mean() <= 0.5
        assert not take.masks_ATHW[0][:, ~within_HW].any()
        pixels = np.array(region) * (224, 128, 224, 128)
        assert (pixels.round() % 32 == 0).all()


def test_a_film_holds_what_most_of_its_frames_hold(bench: Evaluator) -> None:
    (told,) = islice(bench.draw(held_out.COLORED, replace(one_actor(["car"]), natural=0.0), held_out.painted), 1)
    film, actor = bench.shoot(told.scene, 20), told.scene.actors[0]
    assert looks("remix", bench, actor, film)["remix/color"] is True
    other = bench.shoot(held_out.recolored(told, 0).scene, 20)
    found = looks("remix", bench, actor, np.concatenate([film[:15], other[:5]]))
    assert found == {
        "remix/class": True,
        "remix/class frames": 1.0,
        "remix/color": False,
        "remix/color frames": 0.75,
        "remix/figure": True,
        "remix/figure frames": 1.0,
    }


def test_a_long_film_stays_while_its_actor_does(bench: Evaluator) -> None:
    (told,) = islice(bench.draw(held_out.CALM, replace(one_actor(["car"]), natural=0.0), held_out.rests), 1)
    film = bench.shoot(replace(told.scene, style="paper"), 10)
    told = replace(told, scene=replace(told.scene, style="paper"))
    assert kept("long", bench, told.scene, film) == {
        "long/present": 1.0,
        "long/figure": 1.0,
        "long/class": 1.0,
        "long/looks": 1.0,
        "long/stays": True,
    }
    gone = np.concatenate([film[:5], np.zeros_like(film[:5])])
    found = kept("long", bench, told.scene, gone)
    assert (found["long/present"], found["long/class"], found["long/stays"]) == (0.5, 1.0, False)
    assert kept("long", bench, told.scene, np.zeros_like(film)) == {"long/present": 0.0, "long/stays": False}
