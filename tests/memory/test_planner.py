"""Which arrangement is chosen, that what is chosen stays within the bounds, and what is said where nothing does."""

from dataclasses import replace

import pytest
import torch

from yozora.core.options import ArgumentError, Option, read
from yozora.families import presets
from yozora.families.preset import Budget, Preset
from yozora.memory import arranging, catalogue, planner
from yozora.memory.planner import Arrangement, Machine, Plan

SMALLEST, MIDDLE, LARGE = (presets.PRESETS[f"wan{name}"] for name in ("2.1-t2v-1.3b", "2.2-ti2v-5b", "2.1-t2v-14b"))


def card(memory: float, ram: float = 64.0) -> Machine:
    """A GPU and a machine with so many GB."""
    sizes = {"memory": int(memory * 1e9), "ram": int(ram * 1e9)}
    return Machine(kind="cuda", itemsize=2, program=planner.CUDA_PROGRAM, context=planner.CUDA_CONTEXT, **sizes)


def planned(preset: Preset, machine: Machine, budget: Budget | None = None) -> Plan | None:
    film = arranging.film_of(preset, budget)
    return planner.plan(arranging.model_of(preset), film, machine, (budget or preset.budget).weights or None)


def test_what_fits_as_a_whole_is_left_whole() -> None:
    found = planned(SMALLEST, card(24))
    assert found is not None
    assert found.arrangement == Arrangement()


@pytest.mark.parametrize("preset", [SMALLEST, MIDDLE, LARGE], ids=lambda preset: preset.name)
@pytest.mark.parametrize("memory", [8, 12, 16, 24, 48, 80])
def test_what_is_chosen_stays_within_the_bounds(preset: Preset, memory: int) -> None:
    for ram in (16, 32, 64):
        found = planned(preset, card(memory, ram))
        if found is not None:
            assert found.device <= memory * 1e9
            assert found.main <= ram * 1e9


def test_weights_are_rounded_last_of_all() -> None:
    """What changes nothing goes before what changes the film."""
    found = planned(MIDDLE, card(8))
    assert found is not None
    assert found.arrangement.weights == "full"
    assert found.arrangement.offloaded
    assert found.arrangement.streamed
    tight = planned(LARGE, card(8, 32), Budget(size=(832, 480), seconds=5.0))
    assert tight is not None
    assert tight.arrangement.weights == "int8"


def test_more_memory_never_makes_it_slower() -> None:
    for preset in (SMALLEST, MIDDLE, LARGE):
        every = list(planner.arrangements(arranging.model_of(preset), arranging.film_of(preset), card(8)))
        found = [planned(preset, card(memory)) for memory in range(6, 100, 2)]
        places = [every.index(each.arrangement) for each in found if each is not None]
        assert places == sorted(places, reverse=True)
        assert places[-1] == 0


def test_a_precision_that_is_asked_for_is_taken() -> None:
    for weights in ("fp8", "int8"):
        found = planned(SMALLEST, card(80), Budget(weights=weights))
        assert found is not None
        assert found.arrangement == Arrangement(weights=weights)


def test_each_measure_takes_less_of_the_device() -> None:
    model, film, machine = arranging.model_of(LARGE), arranging.film_of(LARGE), card(80)
    whole = planner.measured(model, film, machine, Arrangement()).device
    for change in ({"streamed": True}, {"offloaded": True}, {"apart": True}, {"weights": "int8"}):
        assert planner.measured(model, film, machine, Arrangement(**change)).device < whole  # type: ignore[arg-type]
    alone = Arrangement(offloaded=True, streamed=True, apart=True)
    tiled = replace(alone, tile=planner.TILE)
    small = arranging.film_of(MIDDLE)
    sizes = [planner.measured(arranging.model_of(MIDDLE), small, machine, each).device for each in (alone, tiled)]
    assert sizes[1] < sizes[0]


def test_on_a_cpu_both_bounds_are_one() -> None:
    machine = planner.within(Machine(kind="cpu", itemsize=2, memory=64 << 30, ram=64 << 30), 8_000_000_000, 0)
    assert machine.memory == machine.ram == 8_000_000_000
    found = planned(SMALLEST, machine)
    assert found is not None
    assert found.device == found.main <= machine.ram
    assert not found.arrangement.offloaded


def test_what_does_not_fit_is_refused_in_a_line_that_says_what_would() -> None:
    device, dtype = torch.device("cpu"), torch.bfloat16
    with pytest.raises(ArgumentError) as refused:
        arranging.arranged(replace(LARGE, budget=Budget(memory=8_000_000_000)), device, dtype)
    assert refused.value.argument == "memory"
    assert str(refused.value).startswith("wan2.1-t2v-14b at 1280x720 for 5 s needs at least ")
    assert str(refused.value).endswith(" Use the model mini.")
    assert "\n" not in str(refused.value)
    with pytest.raises(ArgumentError, match="Allow more memory"):
        arranging.arranged(replace(presets.PRESETS["mini"], budget=Budget(memory=100_000_000)), device, dtype)


def test_a_smaller_film_is_named_where_one_would_fit() -> None:
    preset = replace(LARGE, budget=Budget(memory=8_000_000_000, size=(1280, 720), seconds=5.0))
    assert arranging.would_fit(preset, card(8, 32)) == "Use 832x480 for 5 s."


def test_without_a_bound_an_estimate_refuses_nothing() -> None:
    arranged = arranging.arranged(LARGE, torch.device("cpu"), torch.float32)
    assert isinstance(arranged, Arrangement)


def test_the_catalogue_s_verdict_is_the_planner_s(monkeypatch: pytest.MonkeyPatch) -> None:
    from yozora import device

    monkeypatch.setattr(device, "devices", lambda: ["cuda"])
    monkeypatch.setattr(device, "best_dtype", lambda _: torch.bfloat16)
    monkeypatch.setattr(device, "device_name", lambda _: "a card")
    monkeypatch.setattr(device, "memory", lambda kind: int(64e9) if kind == "cpu" else int(8e9))
    verdict = catalogue.verdict(MIDDLE)
    found = planned(MIDDLE, card(8))
    assert found is not None
    assert (verdict.runs, verdict.needs) == (True, found.device)
    assert verdict.how == f"bfloat16 on a card; {found.arrangement.words}"
    verdict = catalogue.verdict(LARGE)
    assert not verdict.runs
    assert verdict.how.endswith("which has 8.0 GB")


MEMORY = Option(name="memory", kind="bytes", help="")


@pytest.mark.parametrize(
    ("said", "size"),
    [
        ("8GB", 8_000_000_000),
        ("8 GiB", 8 << 30),
        ("1.5g", 1_500_000_000),
        ("700MB", 700_000_000),
        (2_000_000, 2_000_000),
    ],
)
def test_sizes_of_memory_are_read(said: object, size: int) -> None:
    assert read(MEMORY, said) == size


@pytest.mark.parametrize("said", ["", "8 gigabytes", "-8GB", "0GB", True, 8.5, None, "8GB8", 10**30])
def test_what_is_no_size_is_refused(said: object) -> None:
    with pytest.raises(ArgumentError, match="8GB"):
        read(MEMORY, said)
