import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console

from yozora.errors import UserError
from yozora.evaluate.__main__ import main
from yozora.evaluate.parser import Parser, load
from yozora.evaluate.prompts import HELD_OUT, STREAM, draw_prompts
from yozora.evaluate.report import Size, Verdict, judge, scores, standard, table
from yozora.evaluate.run import Options, check, evaluate
from yozora.presets import Preset
from yozora.world.lexicon import LANGUAGES
from yozora.world.nouns import CORE
from yozora.world.render import render

SMALL = Size(width=112, height=64, frames=9, fps=4.0)


@pytest.fixture(scope="module")
def parser() -> Parser:
    return load()


def renders(count: int, seed: int = 0) -> dict[tuple[str, int], NDArray[np.uint8]]:
    """Perfect films of prompts, by prompt and seed."""
    return {
        (p.text, p.seed): render(p.scene, width=112, height=64, frames=9, fps=4.0).frames_THWC
        for p in draw_prompts(count, CORE, seed=seed)
    }


def test_prompts_repeat_and_each_scene_is_told_in_every_language() -> None:
    prompts = draw_prompts(10, CORE)
    assert prompts == draw_prompts(10, CORE)
    assert [p.language for p in prompts[:5]] == [*LANGUAGES, "en"]
    assert prompts[0].scene == prompts[3].scene != prompts[4].scene
    assert prompts[0].asked == prompts[2].asked
    assert prompts[0].text == prompts[3].english != prompts[3].text
    assert {p.scene.seed for p in draw_prompts(40, CORE)}.isdisjoint(
        {p.scene.seed for p in draw_prompts(40, CORE, stream=HELD_OUT)}
    )
    assert STREAM >= 1000


def test_prompts_name_only_the_vocabulary_and_one_kind_of_actor() -> None:
    for prompt in draw_prompts(40, ("car", "dog")):
        assert {actor.noun for actor in prompt.scene.actors} <= {"car", "dog"}
        assert len(prompt.scene.actors) == prompt.scene.count
        assert (prompt.scene.count > 1) == (prompt.group % 10 == 9)
        assert prompt.asked["noun"] == prompt.scene.actors[0].noun


def test_perfect_films_score_like_renders_and_the_files_are_whole(tmp_path: Path) -> None:
    films = renders(24)
    out = StringIO()
    options = Options(prompts=24, renders=12, json=tmp_path / "figures.json", sheet=tmp_path / "sheet.png", size=SMALL)
    found = evaluate(
        lambda prompt, seed: films[prompt, seed], CORE, options, lambda film: film, Console(file=out, width=140)
    )
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert set(figures) == set(found)
    for figure in figures.values():
        assert set(figure) == {"score", "low", "high", "ceiling", "chance", "n"}
        assert figure["low"] <= figure["score"] <= figure["high"]
    assert {"class", "color", "place", "class/zh", "parity/class", "autoencoder/class", "motion", "psnr"} <= set(
        figures
    )
    assert figures["class"]["score"] >= 0.8
    assert figures["class"]["n"] == 24  # none of the first nine scenes shows several
    assert figures["class"]["chance"] < 0.3
    assert figures["parity/class"]["score"] == 0
    assert figures["psnr"]["score"] == 100
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")
    assert len((tmp_path / "sheet.txt").read_text().splitlines()) == 24
    assert "class" in out.getvalue()


def test_films_of_other_prompts_score_at_chance(parser: Parser) -> None:
    prompts = draw_prompts(64, CORE, languages=("en",))
    films = [render(p.scene, width=112, height=64, frames=3, fps=1.0).frames_THWC for p in prompts]
    turned = list(judge(prompts, lambda p: films[(p.number + 7) % 64], parser, CORE))
    found = scores(turned, standard(parser, CORE, 4, SMALL))
    assert found["class"].low <= 0.12
    assert found["class"].chance == pytest.approx(found["class"].score, abs=0.12)
    assert found["place"].chance == pytest.approx(found["place"].score, abs=0.2)


def test_what_the_words_leave_open_is_not_counted(parser: Parser) -> None:
    prompt = draw_prompts(1, CORE)[0]
    verdict = Verdict(prompt=prompt, told={}, motion=0.0, flicker=None)
    for slot, value in (("direction", "none"), ("color", "natural")):
        assert not (verdict.asked(slot) and prompt.asked[slot] == value)
    assert table({}).row_count == 0


def test_a_noun_that_the_parser_cannot_tell_is_named(parser: Parser) -> None:
    with pytest.raises(UserError, match="unicorn"):
        check(parser, ["car", "unicorn"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"prompts": 0}, "cannot be judged"),
        ({"renders": 10**9}, "cannot be judged"),
        ({"seed": -1}, "out of range"),
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
