"""The tables in docs/benchmarks.md hold the figures of their files; the benchmarks compare like with like."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

ROOT = Path(__file__).parents[1]


def benchmark(name: str = "versus_diffusers") -> Any:
    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_table_is_current() -> None:
    script = [sys.executable, str(ROOT / "scripts" / "benchmark_docs.py"), "--check"]
    assert subprocess.run(script, check=False).returncode == 0, "run: python scripts/benchmark_docs.py"


def test_figures_have_names_ratios_and_errors() -> None:
    found = {each["name"]: each for each in json.loads((ROOT / "docs" / "benchmarks.json").read_text())}
    assert {f"{name} fp32 eager" for name in ("mini", "1.3b-slice", "decode")} <= found.keys()
    assert all({"name", "ours", "theirs", "ratio", "error"} <= each.keys() for each in found.values())
    assert all(found[f"{name} fp32 eager"]["error"] < 1e-4 for name in ("mini", "1.3b-slice", "decode"))


def test_each_setting_is_compared_with_its_like_and_with_the_best() -> None:
    made = benchmark()
    truth = torch.ones(4)
    settings = {
        "theirs fp32 eager": (4.0, 0.0),
        "theirs bf16 eager": (3.0, 0.02),
        "theirs bf16 compiled blocks": (2.0, 0.02),
        "ours fp32 eager": (2.0, 0.0),
        "ours bf16 eager": (1.0, 0.01),
        "torch.mm": (0.5, 0.0),
    }
    work = made.Work(
        name="toy",
        operations=1e9,
        settings=[made.Setting(name=name, run=lambda off=off: truth + off) for name, (_, off) in settings.items()],
    )
    made.measure(work, 0.0, least=2)
    assert [len(each.seconds) for each in work.settings] == [2] * 6
    for each in work.settings:
        each.seconds = [settings[each.name][0]]
    figures = {each["name"]: each for each in made.compared(work)}
    ratios = {name: each["ratio"] for name, each in figures.items() if "torch.mm" not in name}
    assert ratios == {
        "toy fp32 eager": 2.0,
        "toy bf16 eager": 3.0,
        "toy bf16 eager against fp32 eager": 4.0,
        "toy best against best": 2.0,
    }
    assert abs(figures["toy bf16 eager"]["error"] - 0.01) < 1e-6
    assert figures["toy bf16 eager of torch.mm"]["ours"] == 1e9
    assert "| toy best against best | 1.000 s | 2.000 s | 2.00 | 1.0e-02 |" in made.table(list(figures.values()))


def test_qualities_are_near_to_exact_films_and_nearer_than_fewer_steps() -> None:
    found = {each["name"]: each for each in json.loads((ROOT / "docs" / "quality.json").read_text())}
    assert all(each["films"] == 40 for each in found.values())
    assert found["balanced"]["psnr"] >= 20
    for quality, fewer in (("balanced", "exact, 8 steps"), ("fast", "exact, 6 steps")):
        for figure in ("psnr", "worst", "sampling_ratio"):
            assert found[quality][figure] > found[fewer][figure]


def test_a_quality_is_compared_with_the_exact_films() -> None:
    made = benchmark("quality")
    times = {"sampling": 4.0, "seconds": 5.0}
    half = {"sampling": 2.0, "seconds": 4.0}
    lines = [
        {name: {"psnr": psnr, **(times if name == "exact" else half)} for name in made.SETTINGS}
        for psnr in (30.0, 40.0)
    ]
    found = {each["name"]: each for each in made.summed(lines)}
    assert (found["exact"]["sampling_ratio"], found["fast"]["sampling_ratio"]) == (1.0, 2.0)
    fast = found["fast"]
    assert (fast["films"], fast["psnr"], fast["worst"], fast["seconds_ratio"]) == (2, 35.0, 30.0, 1.25)
    black = np.zeros((2, 4, 4, 3), np.uint8)
    assert made.decibels(black, black) == made.EQUAL
    assert made.decibels(black + np.uint8(255), black) == pytest.approx(0.0)
