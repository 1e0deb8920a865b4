"""Numbers above four become four, of which the world shows four, and are told."""

import pytest

from yozora.language.numbers import counted


@pytest.mark.parametrize(
    ("language", "text", "four", "found"),
    [
        ("en", "seven dogs in a park", "four dogs in a park", ["seven"]),
        ("en", "12 red cars", "four red cars", ["12"]),
        ("es", "siete perros", "cuatro perros", ["siete"]),
        ("zh", "八只狗", "四只狗", ["八"]),
        ("fr", "sept chiens", "quatre chiens", ["sept"]),
        ("de", "sieben Hunde", "vier Hunde", ["sieben"]),
        ("pt", "oito gatos", "quatro gatos", ["oito"]),
        ("ja", "八匹の犬", "四匹の犬", ["八"]),
        ("hi", "सात कुत्ते", "चार कुत्ते", ["सात"]),
    ],
)
def test_a_high_number_becomes_four(language: str, text: str, four: str, found: list[str]) -> None:
    assert counted(text, language) == (four, found)  # type: ignore[arg-type] # a language's key


@pytest.mark.parametrize(
    ("language", "text"), [("en", "three dogs"), ("en", "a dog"), ("es", "dos perros"), ("zh", "三只狗"), ("ar", "كلب")]
)
def test_up_to_four_stays(language: str, text: str) -> None:
    assert counted(text, language) == (text, [])  # type: ignore[arg-type] # the same


def test_chinese_digits_are_written_out() -> None:
    told, found = counted("3只狗", "zh")
    assert found == []
    assert told.startswith("三")
    assert counted("12只狗", "zh") == ("四只狗", ["12"])
