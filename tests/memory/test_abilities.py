"""What weights can make, and why not."""

from yozora.core.modes import MODES
from yozora.families import presets
from yozora.memory.abilities import abilities, source_abilities, ways


def test_every_model_has_an_answer_for_every_mode() -> None:
    for preset in presets.PRESETS.values():
        found = abilities(preset)
        assert [one.mode for one in found] == list(MODES)
        assert all(bool(one.reason) != one.possible for one in found)
        able = {one.mode for one in found if one.possible}
        assert able == {way.split()[0] for way in ways(preset)}


def test_a_mode_that_weights_cannot_do_has_a_reason() -> None:
    words = [preset for preset in presets.PRESETS.values() if "anything" not in preset.known]
    reasons = [(preset.name, one.reason) for preset in words for one in abilities(preset) if not one.possible]
    assert len(reasons) > 3
    assert all(reason.startswith(f"{name} was not trained to ") for name, reason in reasons), reasons


def test_optional_sources_are_judged_together() -> None:
    found = {name: source_abilities(preset) for name, preset in presets.PRESETS.items()}
    assert {one.sources for one in found["mini"]} == {("input_reference",), ("last",), ("input_reference", "last")}
    assert all(one.mode == "generate" and one.possible for one in found["mini"])
    for name, preset in presets.PRESETS.items():
        (first,) = [one for one in found[name] if one.sources == ("input_reference",)]
        assert first.possible == preset.can("first frame")
        assert bool(first.reason) != first.possible
        assert first.possible or "be given a first frame" in first.reason
