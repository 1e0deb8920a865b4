"""The benchmark of GPUs, rehearsed on a CPU at toy size: it runs, and its file has all figures at any moment."""

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

ROOT = Path(__file__).parents[1]


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    spec = importlib.util.spec_from_file_location("gpu", ROOT / "benchmarks" / "gpu.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "gpu", module)
    spec.loader.exec_module(module)
    return module


def figures(path: Path) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in json.loads(path.read_text())}


def test_a_rehearsal_writes_a_list(benchmark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, seen = tmp_path / "gpu.json", []
    write = benchmark.Session.write

    def written(session: Any, *given: Any) -> None:
        write(session, *given)
        seen.append(len(figures(path)))

    monkeypatch.setattr(benchmark.Session, "write", written)
    monkeypatch.setattr(sys, "argv", ["gpu.py", "--toy", "--only", "5b", "--json", str(path)])
    benchmark.main()
    found = figures(path)
    names = ("attention", "bf16 eager", "bf16 compiled", "best against best", "decode bf16 eager")
    assert {f"5b 720p {name}" for name in names} <= found.keys()
    for each in found.values():
        assert {"ours", "theirs", "ratio", "error", "device", "versions"} <= each.keys()
        assert each["ours"] > 0
    for name in ("bf16 eager", "bf16 compiled", "decode bf16 eager"):
        each = found[f"5b 720p {name}"]
        assert each["error"] < 0.05
        assert each["ratio"] == pytest.approx(each["theirs"] / each["ours"])
        assert each["memory_ours"] > 0
    assert seen == sorted(seen)  # a run that is cut has what was measured before
    assert seen[0] == 1


def test_without_diffusers_ours_is_measured_alone(
    benchmark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import beside  # type: ignore[import-not-found]

    for module in (benchmark, beside):
        monkeypatch.setattr(module, "installed", lambda: {"torch": torch.__version__})
    path = tmp_path / "gpu.json"
    monkeypatch.setattr(sys, "argv", ["gpu.py", "--toy", "--only", "1.3b", "--json", str(path)])
    benchmark.main()
    found = figures(path)
    assert {"1.3b 480p bf16 eager", "1.3b 480p decode bf16 eager", "1.3b few-step 256x256 bf16 eager graphs"} <= set(
        found
    )
    assert all(
        each["theirs"] is None and each["ratio"] is None for name, each in found.items() if "attention" not in name
    )
    assert "ours is measured alone" in capsys.readouterr().out


def test_nothing_is_begun_when_the_time_is_over(
    benchmark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "gpu.json"
    arguments = ["gpu.py", "--toy", "--only", "1.3b few", "--seconds", "-1", "--json", str(path)]
    monkeypatch.setattr(sys, "argv", arguments)
    benchmark.main()
    assert not path.exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_full_size_needs_a_gpu(
    benchmark: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["gpu.py"])
    with pytest.raises(SystemExit):
        benchmark.main()
    assert "rehearse with --toy" in capsys.readouterr().err
