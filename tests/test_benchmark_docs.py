"""The table in docs/benchmarks.md holds the figures of docs/benchmarks.json; the benchmark compares like with like."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch

ROOT = Path(__file__).parents[1]


def benchmark() -> Any:
    spec = importlib.util.spec_from_file_location("versus_diffusers", ROOT / "benchmarks" / "versus_diffusers.py")
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
    made.measure(work, 0.0)
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
