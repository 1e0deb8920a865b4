"""What films can be right or wrong in, and who is who where two were asked for."""

from dataclasses import replace

import numpy as np
import pytest

from yozora.evaluate.prompts import EvaluationPrompt, draw_prompts
from yozora.evaluate.verdicts import METRICS, ParserVerdict, oriented, verdict_of
from yozora.world.nouns import CORE


def verdict(prompt: EvaluationPrompt, told: dict[str, str]) -> ParserVerdict:
    return ParserVerdict(prompt=prompt, told=told, last=told, motion=1.5, flicker=None)


def a_pair(**asked: str) -> EvaluationPrompt:
    """Two actors with these words."""
    return replace(next(prompt for prompt in draw_prompts(40, CORE) if prompt.pair), asked=asked)


def told(*values: str) -> dict[str, str]:
    return dict(zip(("noun", "color", "noun2", "color2", "relation"), values, strict=True))


def test_what_the_words_leave_open_is_not_counted() -> None:
    prompt = replace(draw_prompts(1, CORE)[0], asked={"noun": "car", "direction": "none", "color": "natural"})
    found = verdict(prompt, {"noun": "car", "direction": "left", "color": "red", "place": "sea", "figure": "whole"})
    counted = {metric for metric in METRICS if found.answer(metric) is not None}
    assert counted == {"class", "last/class", "figure", "last/figure"}
    assert found.misread == {}


def test_what_the_parser_does_not_read_is_not_counted() -> None:
    assert all(verdict(draw_prompts(1, CORE)[0], {}).answer(metric) is None for metric in METRICS)


def test_two_actors_are_right_in_whichever_order_they_are_read() -> None:
    prompt = a_pair(noun="car", color="red", noun2="dog", color2="blue", relation="left of")
    right, turned = told("car", "red", "dog", "blue", "left of"), told("dog", "blue", "car", "red", "right of")
    for read in (right, turned):
        found = verdict(prompt, read)
        for metric in ("both", "both colors", "relation"):
            answer = found.answer(metric)
            assert answer is not None
            assert answer.right, metric
        assert found.answer("class") is None
    swapped = verdict(prompt, told("car", "blue", "dog", "red", "right of"))
    assert set(swapped.misread) == {"both colors", "relation"}


@pytest.mark.parametrize(("read", "turned"), [("behind", "in front of"), ("on top of", "under"), ("none", "none")])
def test_a_relation_turns_with_its_actors(read: str, turned: str) -> None:
    prompt = a_pair(noun="car", noun2="dog", relation="left of")
    assert oriented(prompt, told("dog", "red", "cat", "red", read))["relation"] == turned
    assert oriented(prompt, told("cat", "red", "bird", "red", read))["relation"] == read


def test_one_of_two_is_not_both() -> None:
    prompt = a_pair(noun="car", noun2="dog")
    answer = verdict(prompt, told("car", "red", "none", "none", "none")).answer("both")
    assert answer is not None
    assert not answer.right


def test_a_verdict_survives_json() -> None:
    prompt = draw_prompts(1, CORE)[0]
    shots = np.random.default_rng(0).integers(0, 255, (4, 8, 8, 3), np.uint8)
    found = replace(verdict(prompt, {"noun": "car"}), shots=shots)
    again = verdict_of(prompt, found.to_json())
    assert again.shots is not None
    assert (again.shots == shots).all()
    assert replace(again, shots=None) == replace(found, shots=None)
