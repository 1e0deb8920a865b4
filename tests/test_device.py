"""Which device films are made on, and what is said of one that is not there."""

import pytest
import torch

from yozora.core.options import ArgumentError
from yozora.device import best_device, best_dtype, usable


def test_the_best_device_is_there() -> None:
    assert usable(best_device()).type in ("cpu", "cuda")
    assert usable("cpu") == torch.device("cpu")


@pytest.mark.parametrize("device", ["tpu", "mps", "cuda:99", "cpu:7", "", "meta", "a\0b", "\ud800"])
def test_a_device_that_is_not_there_is_said(device: str) -> None:
    with pytest.raises(ArgumentError, match="has no device") as refused:
        usable(device)
    assert refused.value.argument == "device"


def test_the_fast_dtype_is_one_that_the_cpu_has() -> None:
    assert best_dtype(torch.device("cpu")) in (torch.float32, torch.bfloat16)
