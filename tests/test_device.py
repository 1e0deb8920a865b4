"""Which device films are made on, and what is said of one that is not there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from yozora import device
from yozora.core.options import ArgumentError
from yozora.device import best_device, best_dtype, usable


def test_the_best_device_is_there() -> None:
    assert usable(best_device()).type in ("cpu", "cuda")
    assert usable("cpu") == torch.device("cpu")


@pytest.mark.parametrize("device", ["tpu", "mps:1", "cuda:99", "cpu:7", "", "meta", "a\0b", "\ud800"])
def test_a_device_that_is_not_there_is_said(device: str) -> None:
    with pytest.raises(ArgumentError, match="is not available") as refused:
        usable(device)
    assert refused.value.argument == "device"


def test_devices_are_chosen_in_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """CUDA, which is also what torch calls AMD's cards, then Apple's GPU, then the CPU."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert (device.devices(), best_device()) == (["mps", "cpu"], "mps")
    assert usable("mps") == torch.device("mps")
    assert device.device_name("mps") == "Apple GPU"
    assert "not tested" in device.untested("mps")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert device.devices() == ["cpu"]
    with pytest.raises(ArgumentError, match="device 'mps' is not available"):
        usable("mps")


def test_a_card_of_amd_is_said_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "a card")
    assert (best_device(), device.device_name("cuda"), device.untested("cuda")) == ("cuda", "a card", "")
    monkeypatch.setattr(torch.version, "hip", "7.1")
    assert device.device_name("cuda") == "a card (ROCm)"
    assert "not tested" in device.untested("cuda")


def test_apple_s_gpu_multiplies_in_bf16_where_its_system_can(monkeypatch: pytest.MonkeyPatch) -> None:
    for newer, dtype in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr(torch.backends.mps, "is_macos_or_newer", lambda *_, newer=newer: newer)
        assert best_dtype(torch.device("mps")) == dtype


def test_memory_is_told() -> None:
    assert device.memory("cpu") > 1 << 28


def test_the_fast_dtype_is_one_that_the_cpu_has() -> None:
    assert best_dtype(torch.device("cpu")) in (torch.float32, torch.bfloat16)


SHOW = """
from pathlib import Path
from yozora import device
import torch
tensor = torch.ones(16 << 20)
lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
print(next(line.split()[1] for line in lines if "AnonHugePages" in line))
"""
PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")


@pytest.mark.skipif(not PAGES.exists() or "[never]" in PAGES.read_text(), reason="this system has no huge pages")
def test_large_tensors_are_on_huge_pages() -> None:
    unset = {name: value for name, value in os.environ.items() if name != device.HUGE_PAGES}
    kilobytes = [
        int(subprocess.run([sys.executable, "-c", SHOW], capture_output=True, check=True, env=unset | chosen).stdout)
        for chosen in ({}, {device.HUGE_PAGES: "0"})
    ]
    assert kilobytes[0] > kilobytes[1] + (32 << 10)
