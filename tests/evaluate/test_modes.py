import json
from dataclasses import replace
from io import StringIO
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from rich.console import Console
from tests.evaluate.oracle import watching

from yozora.core.modes import Extend, Generate
from yozora.engine.engine import Engine
from yozora.errors import UserError
from yozora.evaluate import bench as held_out
from yozora.evaluate.__main__ import main
from yozora.evaluate.bench import CaptionedScene, Evaluator, groups, recolored
from yozora.evaluate.data import truth
from yozora.evaluate.endurance import measure_film, measured
from yozora.evaluate.figures import (
    Case,
    Comparison,
    card,
    crossing,
    drift,
    join_ratio,
    likeness,
    median_score,
    qualities,
    scores,
    setback,
    steps,
    table,
)
from yozora.evaluate.films import round_trip
from yozora.evaluate.modes import GOALS, PARTS, SUITE, bench_of, evaluate_modes
from yozora.evaluate.prompts import HELD_OUT, draw_prompts, one_actor
from yozora.evaluate.run import Options
from yozora.families import presets
from yozora.families.presets import Preset
from yozora.world.nouns import CORE

Frames = NDArray[np.uint8]


@pytest.fixture(scope="module")
def core(toy_folder: Path) -> Evaluator:
    """All nouns at the default size, to draw scenes with."""
    preset = replace(presets.find("mini"), folder=toy_folder)
    return bench_of(Engine(preset, "cpu", torch.float32), CORE, {})


@pytest.fixture
def bench(toy: Preset, monkeypatch: pytest.MonkeyPatch) -> Evaluator:
    watching(monkeypatch)
    toy = replace(toy, sizes=((128, 64),))
    made = bench_of(Engine(toy, "cpu", torch.float32), ["car"], {"steps": 1, "guidance": 1.0})
    return replace(made, short=0.3, long=1.0)


def ramp(levels: list[int]) -> Frames:
    """A film of grey frames."""
    return np.array(levels, np.uint8)[:, None, None, None].repeat(32, 1).repeat(32, 2).repeat(3, 3)


# --- pixels


def test_a_join_is_measured_against_the_other_steps() -> None:
    assert steps(ramp([10, 12, 9])).tolist() == [2, 3]
    assert join_ratio(ramp([0, 2, 4, 6, 8]), 3) == 1
    assert join_ratio(ramp([0, 2, 4, 9, 11]), 3) == 2.5
    assert join_ratio(ramp([0, 2, 4, 6, 4]), 0) == 2  # from the last frame to the first
    assert join_ratio(ramp([7, 7, 7, 7]), 2) == 1  # rest is smooth
    assert join_ratio(ramp([7, 7, 8, 8]), 2) == 4
    assert join_ratio(ramp([0, 2, 8, 10, 16, 18, 24]), 4) == 3
    assert join_ratio(ramp([0, 2, 8, 10, 16, 18, 24]), 4, every=2) == 1  # every second step is as large


def test_a_crossing_goes_from_a_to_b() -> None:
    a, b = ramp([100] * 6), ramp([200] * 6)
    position = crossing(ramp([100, 120, 140, 160, 180, 200]), a, b)
    assert position.tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert setback(position) == 0
    assert setback(crossing(ramp([100, 150, 130, 170, 190, 200]), a, b)) == pytest.approx(0.2)


def test_layout_is_a_matter_of_edges_and_not_of_colours(core: Evaluator) -> None:
    told, another = islice(core.draw(held_out.COLORED, replace(one_actor(CORE), natural=0.0), held_out.painted), 2)
    source, other = core.shoot(told.scene, 5), core.shoot(another.scene, 5)
    assert likeness(source, source) == pytest.approx(1, abs=1e-5)
    assert likeness(source, core.shoot(recolored(told, 0).scene, 5)) > 0.7
    assert likeness(source, other) < 0.5


def test_qualities_and_their_drift() -> None:
    assert qualities(ramp([90])[0]) == pytest.approx((0, 0, 0), abs=1e-4)
    half = np.zeros((32, 32, 3), np.uint8)
    half[:, 16:, 0] = 200
    chroma, contrast, sharpness = qualities(half)
    assert chroma == pytest.approx(100)
    assert contrast == pytest.approx(0.299 * 100, rel=1e-4)
    assert 0 < sharpness < contrast
    assert drift(np.linspace(10, 11, 101)) == pytest.approx(0.085, abs=0.01)
    assert drift(np.full(7, 3.0)) == 0


# --- figures


def case(value: bool | float | Comparison, name: str = "x", **more: dict[str, bool | float | Comparison]) -> Case:
    return Case(title="a case", made={name: value}, **more)  # type: ignore[arg-type]


def test_answers_truths_and_numbers_add_up() -> None:
    right, wrong = Comparison(told="car", asked="car"), Comparison(told="dog", asked="car")
    share = scores([case(right, true={"x": right}), case(wrong, true={"x": right}, coded={"x": wrong})])
    assert (share["x"].score, share["x"].ceiling, share["x"].chance, share["x"].n) == (0.5, 1, 0.5, 2)
    assert share["autoencoder/x"].score == 0
    truths = scores([case(True, apart={"x": False}), case(True), case(False)])["x"]
    assert (truths.score, truths.chance, truths.ceiling) == (pytest.approx(2 / 3), 0, None)
    numbers = [case(value, "join ratio", true={"join ratio": 1.0}) for value in (1.0, 2.0, 9.0)]
    assert (scores(numbers)["join ratio"].score, scores(numbers)["join ratio"].ceiling) == (2, 1)
    assert scores([case(1.0), case(3.0)])["x"].score == 2


def test_a_median_has_an_interval_of_its_values() -> None:
    score = median_score([float(k) for k in range(101)])
    assert score.score == 50
    assert (score.low, score.high) == (40, 61)
    assert (median_score([3.0]).low, median_score([3.0]).high) == (3, 3)


def test_the_table_says_what_is_reached() -> None:
    found = scores([case(1.5, "extend/join ratio"), case(True, "extend/join")])
    out = StringIO()
    Console(file=out, width=120).print(table(found, GOALS))
    assert "<= 1.25" in out.getvalue()
    assert out.getvalue().count("extend/join") == 2
    assert card(case(True)) is None


# --- scenes


def test_scenes_repeat_and_meet_no_others(core: Evaluator) -> None:
    def drawn() -> list[CaptionedScene]:
        return list(islice(core.draw(held_out.MOVERS, one_actor(CORE), held_out.moves, 3.25), 6))

    assert drawn() == drawn()
    others = {p.scene.seed for stream in (1000, HELD_OUT) for p in draw_prompts(40, CORE, stream=stream)}
    assert others.isdisjoint(told.scene.seed for told in drawn())
    assert {told.scene.actors[0].direction for told in drawn()} == {"left", "right"}
    for told in drawn():
        actor = told.scene.actors[0]
        assert actor.direction in told.text
        assert actor.speed <= 0.84 / 3.25
        heading = 1 if actor.direction == "right" else -1
        assert abs(actor.x + 2 * heading * actor.speed - 0.5) < 0.15  # in the middle after two seconds


def test_another_colour_changes_nothing_else(core: Evaluator) -> None:
    for told in islice(core.draw(held_out.COLORED, replace(one_actor(CORE), natural=0.0), held_out.painted), 4):
        other = recolored(told, 0)
        before, after = truth(told.scene), truth(other.scene)
        assert {slot for slot in before if before[slot] != after[slot]} == {"color"}
        assert len(set(told.text.split()) ^ set(other.text.split())) <= 4  # "a"/"an", and purple is also violet
        assert told.text != other.text


def test_cards_of_a_board_differ(core: Evaluator) -> None:
    for board in islice(groups(core.draw(held_out.BOARDS, one_actor(CORE), held_out.settled), 3, CORE), 4):
        assert len({told.scene.place for told in board}) == 3
        assert len({told.scene.actors[0].noun for told in board}) == 3


def test_nouns_that_never_move_are_an_error(core: Evaluator) -> None:
    with pytest.raises(UserError, match="No scene with these nouns"):
        next(core.draw(held_out.MOVERS, one_actor(["house"]), held_out.moves))


# --- films


def test_what_is_new_lies_where_it_is_looked_for(bench: Evaluator) -> None:
    (told,) = islice(bench.draw(held_out.MOVERS, one_actor(["car"]), held_out.moves, 3.25), 1)
    clip = bench.shoot(told.scene, 33)
    made = bench.film(bench.ask(told.text, 1.25, 0), Extend(seconds=1.25), clip)
    assert len(made) == 53
    assert np.abs(made[:33].astype(int) - round_trip(bench.engine)(clip)).max() <= 1


def test_every_part_has_its_figures(bench: Evaluator, tmp_path: Path) -> None:
    options = Options(prompts=2, json=tmp_path / "figures.json", sheet=tmp_path / "sheet.png")
    out = StringIO()
    parts = [name for name in PARTS if name not in ("long", "walkers")]
    found = evaluate_modes(bench, options, parts, Console(file=out, width=140))
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert set(figures) == set(found)
    assert {name for name in GOALS if not name.startswith("long")} <= set(found)
    for name, figure in figures.items():
        assert set(figure) == {"score", "low", "high", "ceiling", "chance", "n"}
        assert figure["low"] <= figure["score"] <= figure["high"], name
        assert name.removeprefix("autoencoder/") in out.getvalue()
    assert figures["extend/class"]["n"] == 2
    assert figures["extend/class"]["ceiling"] == 1
    assert figures["storyboard/card"]["n"] == 3
    assert figures["storyboard/board"]["n"] == 1
    assert figures["blend/monotone"]["ceiling"] == 1
    assert figures["remix/layout"]["ceiling"] > 0.7
    for name in ("ends/survives", "character/same", "remix/color", "remix/color frames", "edit/color", "ends/figure"):
        assert figures[name]["ceiling"] == 1, name
    for name in ("remix/color", "edit/color"):
        assert figures[name]["chance"] == 0, name
    assert figures["ends/first psnr"]["ceiling"] is None
    assert figures["edit/outside psnr"]["ceiling"] is None
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")


def test_a_long_film_is_made_in_a_process_of_its_own(bench: Evaluator) -> None:
    found = evaluate_modes(bench, Options(prompts=1), ["long"], Console(file=StringIO()))
    assert 0.5 < found["long/memory"].score < 2
    for name in ("colour", "contrast", "sharpness"):
        score = found[f"long/{name} drift"]
        assert score.score >= 0
        assert score.ceiling is not None
        assert score.ceiling < 0.1


def test_frames_are_measured_as_they_come(bench: Evaluator) -> None:
    request = bench.ask("a car", 1.0, 0)
    film = bench.film(request, Generate(seconds=1.0))
    found = measured(bench.engine, request)
    assert found.quality_T3.tolist() == [list(qualities(frame)) for frame in film]
    assert (found.shots[[0, -1]] == film[[0, -1]]).all()
    assert found.memory > 50e6
    assert found.on_device == 0


def test_a_process_that_ends_early_is_one_line(bench: Evaluator, tmp_path: Path) -> None:
    bench.engine.preset = replace(bench.engine.preset, folder=tmp_path)
    with pytest.raises(UserError, match="ended early"):
        measure_film(bench.engine, bench.ask("a car", 0.3, 0))


def test_command(toy: Preset, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--weights", str(toy.folder), "--clips", "1", "--steps", "1", "--guidance", "1", "--device", "cpu"]
    figures = tmp_path / "figures.json"
    assert main([*arguments, "--json", str(figures), "--modes", "image"]) == 0
    assert json.loads(figures.read_text())["image/psnr"]["n"] == 1
    assert main(["--modes", "dance"]) == 2
    assert "Use one of: extend, backward" in capsys.readouterr().err
    assert SUITE.known(["loop", "extend"]) == ["extend", "loop"]
    assert SUITE.known([]) == list(PARTS)
