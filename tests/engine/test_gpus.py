"""`gpus`: how many are meant, and what is said where there are not so many."""

import pytest
import torch

import yozora
from yozora.core.options import ArgumentError
from yozora.engine.gpus import gpus_of


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with two GPUs."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.distributed, "is_nccl_available", lambda: True)


def test_there_are_not_so_many(two: None) -> None:
    assert gpus_of("2") == 2
    assert gpus_of(2, "cuda:0") == 2
    for device, why in (("cuda", "has 2."), ("cuda:1", "has 1 from cuda:1 on.")):
        with pytest.raises(ArgumentError, match=f"gpus is 3, and this machine {why}") as told:
            gpus_of(3, device)
        assert told.value.argument == "gpus"
    assert gpus_of(4, "cpu") == 4


def test_torch_needs_nccl(two: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.distributed, "is_nccl_available", lambda: False)
    with pytest.raises(ArgumentError, match="no NCCL"):
        gpus_of(2)


@pytest.mark.parametrize("said", [0, -1, 65, 1.5, True, "two", None])
def test_other_numbers_are_refused(said: object) -> None:
    with pytest.raises(ArgumentError, match="gpus"):
        gpus_of(said)


@pytest.mark.skipif(torch.cuda.is_available() or torch.backends.mps.is_available(), reason="there are GPUs")
def test_python_refuses_before_anything_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yozora.api._engine", None)
    with pytest.raises(ArgumentError, match=r"gpus is 2, and this machine has none. For one GPU, leave out gpus."):
        yozora.generate("a red ball", gpus=2)
