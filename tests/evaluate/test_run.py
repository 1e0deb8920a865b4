import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console
from tests.evaluate.oracle import Oracle, watching

from yozora.errors import UserError
from yozora.evaluate import report
from yozora.evaluate.__main__ import main
from yozora.evaluate.prompts import HELD_OUT, PAIRS, SEVERAL, STREAM, draw_prompts
from yozora.evaluate.report import Size, scores, standard, table
from yozora.evaluate.run import Options, check, evaluate
from yozora.evaluate.verdicts import judge
from yozora.families.presets import Preset
from yozora.language.languages import TRANSFORMER_LANGUAGES
from yozora.world.nouns import CORE

SMALL = Size(width=112, height=64, frames=9, fps=4.0)


@pytest.fixture
def parser(monkeypatch: pytest.MonkeyPatch) -> Oracle:
    return watching(monkeypatch)


def renders(count: int, seed: int = 0) -> dict[tuple[str, int], NDArray[np.uint8]]:
    """Perfect films of prompts, by prompt and seed."""
    return {
        (p.text, p.seed): report.render(p.scene, width=112, height=64, frames=9, fps=4.0).frames_THWC
        for p in draw_prompts(count, CORE, seed=seed)
    }


def test_prompts_repeat_and_each_scene_is_told_in_every_language() -> None:
    prompts = draw_prompts(10, CORE)
    assert prompts == draw_prompts(10, CORE)
    assert [p.language for p in prompts[:5]] == [*TRANSFORMER_LANGUAGES, "en"]
    assert prompts[0].scene == prompts[3].scene != prompts[4].scene
    assert prompts[0].asked == prompts[2].asked
    assert prompts[0].text == prompts[3].english != prompts[3].text
    assert {p.scene.seed for p in draw_prompts(40, CORE)}.isdisjoint(
        {p.scene.seed for p in draw_prompts(40, CORE, stream=HELD_OUT)}
    )
    assert STREAM >= 1000


def test_prompts_name_only_the_vocabulary() -> None:
    for prompt in draw_prompts(80, ("car", "dog")):
        assert {actor.noun for actor in prompt.scene.actors} <= {"car", "dog"}
        assert (prompt.scene.count > 1) == (prompt.group % SEVERAL == SEVERAL - 1)
        assert prompt.pair == (prompt.group % PAIRS == PAIRS // 2)
        assert prompt.asked["noun"] == prompt.scene.actors[0].noun
        if prompt.pair:
            assert prompt.asked["noun2"] == prompt.scene.actors[1].noun


def test_perfect_films_score_like_renders_and_the_files_are_whole(parser: Oracle, tmp_path: Path) -> None:
    films = renders(48)
    out = StringIO()
    options = Options(prompts=48, renders=40, json=tmp_path / "figures.json", sheet=tmp_path / "sheet.png", size=SMALL)
    found = evaluate(
        lambda prompt, seed: films[prompt, seed], CORE, options, lambda film: film, Console(file=out, width=140)
    )
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert set(figures) == set(found)
    for figure in figures.values():
        assert set(figure) == {"score", "low", "high", "ceiling", "chance", "n"}
        assert figure["low"] <= figure["score"] <= figure["high"]
    read = {"class", "color", "place", "both", "relation", "figure", "last/class", "last/color", "last/figure"}
    assert {*read, "class/zh", "parity/class", "autoencoder/both", "motion", "psnr"} <= set(figures)
    for name in read:
        assert (figures[name]["score"], figures[name]["ceiling"]) == (1, 1), name
    assert figures["class"]["n"] == 4 * (12 - 2 - 1)  # of 12 scenes two show two actors, and one several
    assert figures["both"]["n"] == 8
    assert figures["class"]["chance"] < 0.3
    assert figures["figure"]["chance"] is None
    assert figures["parity/class"]["score"] == 0
    assert figures["psnr"]["score"] == 100
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")
    assert len((tmp_path / "sheet.txt").read_text().splitlines()) == 48
    assert "last/class" in out.getvalue()
    assert not (tmp_path / "figures.json.part").exists()


def test_films_of_other_prompts_score_at_chance(parser: Oracle) -> None:
    prompts = draw_prompts(64, CORE, languages=("en",))
    films = [report.render(p.scene, width=112, height=64, frames=3, fps=1.0).frames_THWC for p in prompts]
    turned = list(judge(prompts, lambda p: films[(p.number + 7) % 64], parser, CORE))
    found = scores(turned, standard(parser, CORE, 8, SMALL))
    assert found["class"].low <= 0.12
    assert found["class"].chance == pytest.approx(found["class"].score, abs=0.12)
    assert found["place"].chance == pytest.approx(found["place"].score, abs=0.2)


def test_films_that_fall_apart_at_the_end_are_told_from_whole_ones(parser: Oracle, tmp_path: Path) -> None:
    films = renders(8)

    def melting(prompt: str, seed: int) -> NDArray[np.uint8]:
        film = films[prompt, seed].copy()
        film[-1] = 0
        return film

    options = Options(prompts=8, renders=4, size=SMALL)
    found = evaluate(melting, CORE, options, console=Console(file=StringIO()))
    assert found["figure"].score == found["class"].score == 1
    assert found["last/figure"].score == 0
    assert found["last/class"].score < 0.5
    assert found["last/figure"].ceiling == 1


def test_a_killed_evaluation_goes_on_where_it_was(parser: Oracle, tmp_path: Path) -> None:
    films, made = renders(12), []

    def dying(prompt: str, seed: int) -> NDArray[np.uint8]:
        if len(made) == 5:
            raise KeyboardInterrupt
        made.append(prompt)
        return films[prompt, seed]

    options = Options(prompts=12, renders=4, json=tmp_path / "a.json", sheet=tmp_path / "a.png", size=SMALL)
    quiet = Console(file=StringIO())
    with pytest.raises(KeyboardInterrupt):
        evaluate(dying, CORE, options, lambda film: film, quiet)
    part = tmp_path / "a.json.part"
    part.write_bytes(part.read_bytes() + b'{"kind": "fi')  # as if it had been killed while it wrote
    again: list[str] = []
    with pytest.raises(UserError, match="other options"):
        evaluate(lambda prompt, seed: films[prompt, seed], CORE, replace(options, prompts=8), None, quiet)

    def film(prompt: str, seed: int) -> NDArray[np.uint8]:
        again.append(prompt)
        return films[prompt, seed]

    found = evaluate(film, CORE, options, lambda film: film, quiet)
    assert len(again) == 12 - 5
    assert found == evaluate(lambda prompt, seed: films[prompt, seed], CORE, options, lambda film: film, quiet)
    assert len((tmp_path / "a.txt").read_text().splitlines()) == 12
    assert not part.exists()


def test_a_table_of_nothing_is_empty() -> None:
    assert table({}).row_count == 0


def test_a_noun_that_the_parser_cannot_tell_is_named(parser: Oracle) -> None:
    with pytest.raises(UserError, match="unicorn"):
        check(parser, ["car", "unicorn"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"prompts": 0}, "cannot be judged"),
        ({"renders": 10**9}, "cannot be judged"),
        ({"seed": -1}, "out of range"),
        ({"long": 0}, "long films"),
        ({"json": Path("/nowhere/at/all.json")}, "Cannot write"),
    ],
)
def test_bad_options_end_in_one_line(options: dict[str, int], said: str) -> None:
    with pytest.raises(UserError, match=said):
        Options(**options)  # type: ignore[arg-type]


def test_command_on_a_bare_machine(toy: Preset, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--weights", str(toy.folder), "--prompts", "2", "--renders", "2", "--steps", "1", "--device", "cpu"]
    assert main([*arguments, "--json", str(tmp_path / "figures.json")]) == 0
    assert json.loads((tmp_path / "figures.json").read_text())["class"]["n"] == 2
    assert main(["--model", "nothing"]) == 2
    assert "Known models" in capsys.readouterr().err
    assert main(["--weights", str(tmp_path)]) == 2
