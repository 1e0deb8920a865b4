"""Tables: names are checked, weights are by distribution, and functions are found by their path."""

from dataclasses import replace

import pytest

from yozora.errors import UserError
from yozora.world.actions import ACTIONS
from yozora.world.cameras import CAMERAS, Camera
from yozora.world.distributions import CORE_SCENES, LIVELY_SCENES, LONE_SCENES, ROVING_SCENES, SceneDistribution
from yozora.world.styles import STYLES
from yozora.world.tables import Entry, check_name, function_of, weights_of
from yozora.world.weathers import WEATHERS

DISTRIBUTIONS = {
    "general": SceneDistribution(),
    "core": CORE_SCENES,
    "roving": ROVING_SCENES,
    "lone": LONE_SCENES,
    "lively": LIVELY_SCENES,
}
TABLES: dict[str, dict[str, Entry]] = {"cameras": {**CAMERAS}, "styles": {**STYLES}, "weathers": {**WEATHERS}}


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    check_name("style", "noir", STYLES)
    with pytest.raises(UserError) as caught:
        check_name("style", "n" * 99, STYLES)
    assert str(caught.value) == f"The style '{'n' * 40}' is not known. Use one of: {', '.join(STYLES)}."


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_distribution_draws_what_has_a_weight_there(name: str) -> None:
    assert DISTRIBUTIONS[name].cameras == weights_of(CAMERAS, name)
    assert DISTRIBUTIONS[name].styles == weights_of(STYLES, name)
    assert DISTRIBUTIONS[name].weathers == weights_of(WEATHERS, "general")
    assert dict(weights_of(CAMERAS, name)).keys() == CAMERAS.keys()


@pytest.mark.parametrize("table", TABLES)
def test_a_new_entry_changes_no_distribution_that_it_has_no_weight_in(table: str) -> None:
    entries = TABLES[table]
    entry = next(iter(entries.values()))
    for name in ("general", "core", "roving", "lone", "lively", "parser"):
        before = weights_of(entries, name)
        assert weights_of({**entries, "new": replace(entry, drawn={"other": 3.0})}, name) == before  # type: ignore[type-var] # all are dataclasses
    assert weights_of({"new": Camera(pan=1.0, drawn={"core": 2.0})}, "core") == (("new", 2.0),)


def test_all_functions_that_entries_name_are_there() -> None:
    named = [path for action in ACTIONS.values() for path in (action.gait, action.on_legs)]
    named += [path for style in STYLES.values() for path in (style.finish, style.torch_finish)]
    assert len(set(named)) > 15
    assert all(callable(function_of(path)) for path in named if path)
    with pytest.raises(AttributeError):
        function_of("yozora.world.gaits:flounder")
