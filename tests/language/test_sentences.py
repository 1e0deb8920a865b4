# ruff: noqa: E501 (tables: one case a line)
"""Where a prompt is parted, in four languages."""

import time

import pytest

from yozora.language.sentences import language, takes, weight

SPLITS: list[tuple[str, list[tuple[str, str]]]] = [
    ("A red car", [("A red car", "")]),
    ("A dog runs. A cat sleeps! A bird?", [("A dog runs.", ""), ("A cat sleeps!", ""), ("A bird?", "")]),
    ("a dog runs. a cat sleeps", [("a dog runs.", ""), ("a cat sleeps", "")]),
    ("A dog, then a cat.", [("A dog", ""), ("a cat.", "flow")]),
    ("A dog runs then a cat sleeps", [("A dog runs", ""), ("a cat sleeps", "flow")]),
    ("A dog runs, then stops.", [("A dog runs, then stops.", "")]),
    ("A dog. Then a cat. Next, a bird.", [("A dog.", ""), ("a cat.", "flow"), ("a bird.", "cut")]),
    ("A dog. Cut to: a city. Then cut to a cat.", [("A dog.", ""), ("a city.", "cut"), ("a cat.", "cut")]),
    ("A dog runs, cut to a cat", [("A dog runs", ""), ("a cat", "cut")]),
    ("The grass is cut to pieces next to a dog", [("The grass is cut to pieces next to a dog", "")]),
    ("Back then, a dog ran. If it rains then a dog hides.", [("Back then, a dog ran.", ""), ("If it rains then a dog hides.", "")]),
    ("1. A dog. 2. A cat.", [("A dog.", ""), ("A cat.", "")]),
    ("1) a dog 2) a cat (3) a bird", [("a dog", ""), ("a cat", ""), ("a bird", "")]),
    ("Scene 1: a dog. Scene 2: a cat.", [("a dog.", ""), ("a cat.", "")]),
    ("- a dog\n\n* a cat\r\n• a bird", [("a dog", ""), ("a cat", ""), ("a bird", "")]),
    ("A ball of 2.5 m falls at 5 p.m. in a park.", [("A ball of 2.5 m falls at 5 p.m. in a park.", "")]),
    ("At 5 p.m. A dog runs.", [("At 5 p.m.", ""), ("A dog runs.", "")]),
    ("Dr. Smith and Mrs. J. R. Jones vs. a dog, no. 5.", [("Dr. Smith and Mrs. J. R. Jones vs. a dog, no. 5.", "")]),
    ("She says no. A dog runs.", [("She says no.", ""), ("A dog runs.", "")]),
    ('"Run!" he shouts. A man... waits.', [('"Run!" he shouts.', ""), ("A man... waits.", "")]),
    ("Un perro corre. Luego un gato duerme. ¿Quién? Corte a: una casa.", [("Un perro corre.", ""), ("un gato duerme.", "flow"), ("¿Quién?", ""), ("una casa.", "cut")]),
    ("El Sr. López anda, y después de comer, luego se va.", [("El Sr. López anda, y después de comer, luego se va.", "")]),
    ("一只狗跑。一只猫睡觉，然后一只鸟飞！切到：一辆汽车", [("一只狗跑。", ""), ("一只猫睡觉", ""), ("一只鸟飞！", "flow"), ("一辆汽车", "cut")]),
    ("一只狗在跑然后停下", [("一只狗在跑然后停下", "")]),
    ("كلب يجري. قطة تنام، ثم يطير طائر أزرق. هل هذا قط؟ انتقل إلى سيارة", [("كلب يجري.", ""), ("قطة تنام", ""), ("يطير طائر أزرق.", "flow"), ("هل هذا قط؟", ""), ("سيارة", "cut")]),
    ("١- كلب يجري\n٢- قطة تنام", [("كلب يجري", ""), ("قطة تنام", "")]),
    ("A dog runs in a park. A cat sleeps.", [("A dog runs in a park.", ""), ("A cat sleeps in a park.", "")]),
    ("A dog runs in a park. It walks to the left at night in the rain.", [("A dog runs in a park.", ""), ("It walks to the left at night in the rain in a park.", "")]),
    ("A dog runs in a park. A rocket on the moon. A cat.", [("A dog runs in a park.", ""), ("A rocket on the moon.", ""), ("A cat.", "")]),
    ("A dog runs in a park. Cut to a cat.", [("A dog runs in a park.", ""), ("a cat.", "cut")]),
    ("一只狗在公园里跑。一只猫正在睡觉。", [("一只狗在公园里跑。", ""), ("在公园里，一只猫正在睡觉。", "")]),
    ("كلب يجري في الحديقة. قطة تنام.", [("كلب يجري في الحديقة.", ""), ("قطة تنام في الحديقة.", "")]),
    ("Un perro corre en la playa. Un gato duerme.", [("Un perro corre en la playa.", ""), ("Un gato duerme en la playa.", "")]),
    ("... --- ...", []),
]  # fmt: skip


@pytest.mark.parametrize(("prompt", "expected"), SPLITS)
def test_a_prompt_is_parted_at_its_sentences(prompt: str, expected: list[tuple[str, str]]) -> None:
    assert [(take.text, take.joint) for take in takes(prompt)] == expected


@pytest.mark.parametrize(
    "part", ["a. ", "then ", "if then a ", ".", "'\"", "1) ", "然后", "in a park ", "A dog. ", "(1"]
)
def test_long_prompts_are_parted_quickly(part: str) -> None:
    started = time.process_time()
    takes(part * (32_000 // len(part)))
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a red dog runs in a park", "en"),
        ("un perro rojo corre en un parque", "es"),
        ("¡corre!", "es"),
        ("一只狗 on TV", "zh"),
        ("كلب يجري", "ar"),
        ("", "en"),
    ],
)
def test_the_language_is_told_by_script_and_small_words(text: str, expected: str) -> None:
    assert language(text) == expected


def test_two_chinese_characters_weigh_a_word() -> None:
    assert weight("a red dog") == 3
    assert weight("一只红色的狗") == 3
    assert weight("...") == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [("लाल कार", 2), ("हिन्दी में", 2), ("سَيَّارَةٌ حَمْرَاءُ", 2), ("un nin\u0303o cafe\u0301", 3), ("รถสีแดง", 1)],
)
def test_combining_marks_part_no_words(text: str, words: int) -> None:
    """Fault 14: what a take weighs, in scripts that write vowels as marks."""
    assert weight(text) == words
