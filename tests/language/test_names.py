"""What characters are called in prompts becomes what the model was taught to call them."""

import pytest

from yozora.language.names import composed, introduced, meant, renamed, renamer


def test_names_are_replaced_where_they_are_called() -> None:
    assert renamed("@Rex walks, @rex runs", {"rex": "@hero"}) == "@hero walks, @hero runs"
    assert renamed("mail me@rex.org, @@rex", {"rex": "@hero"}) == "mail me@rex.org, @@rex"
    assert renamed("rex and @max", {"rex": "@hero"}) == "rex and @max"


def test_names_in_scripts_without_spaces_and_with_accents() -> None:
    names = {"小明": "@hero", "rené": "@second"}
    assert renamed("@小明在公园, like @Rene\u0301 and @banksy", names) == "@hero在公园, like @second and @banksy"


@pytest.mark.parametrize(
    ("said", "names", "who"),
    [
        ("REX", ["rex"], "rex"),
        ("rexy", ["rex"], ""),
        ("小明在公园里", ["小", "小明"], "小明"),
        ("小狗", ["小", "小明"], "小"),
        ("rex", [], ""),
    ],
)
def test_who_is_meant(said: str, names: list[str], who: str) -> None:
    assert meant(said, names) == who


def test_names_may_be_said_plainly() -> None:
    names = {"rex": "@hero", "Old Ben": "@second"}
    assert introduced("Rex meets old  ben; @rex, trex and rexes", names) == "@hero meets @second; @hero, trex and rexes"
    assert introduced("小明在公园", {"小明": "@hero"}) == "@hero在公园"
    assert introduced("rex", {}) == "rex"


def test_the_longest_name_goes_first() -> None:
    assert introduced("rex the second", {"rex": "@hero", "rex the second": "@second"}) == "@second"


def test_a_renamer_knows_who_is_called_and_who_is_said() -> None:
    rename = renamer({("rex", True): "@hero", ("max", False): "@second"})
    assert rename("Rex, @rex, max and @Max") == "@hero, @hero, max and @second"
    assert renamer({})("@rex") == "@rex"
    assert renamer({("a.b|c", True): "@hero"})("a.b|c and aXb") == "@hero and aXb", "a name is no pattern"


def test_letters_are_composed() -> None:
    assert composed("rene\u0301") == "rené"
