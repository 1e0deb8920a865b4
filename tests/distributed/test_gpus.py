"""`gpus`: how many are meant, and what is said where there are not so many."""

import pytest
import torch

import yozora
from yozora.core.options import ArgumentError
from yozora.distributed.ranks import check

CUDA = torch.device("cuda")


def test_there_are_not_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.distributed, "is_nccl_available", lambda: True)
    check(CUDA, 2)
    with pytest.raises(ArgumentError, match="gpus is 3, and this machine has 2"):
        check(CUDA, 3)
    with pytest.raises(ArgumentError, match="gpus is 2, and this machine has 1"):
        check(torch.device("cuda:1"), 2)
    with pytest.raises(ArgumentError, match="this machine has 1"):
        check(torch.device("mps"), 2)
    for count in (0, -1, 65):
        with pytest.raises(ArgumentError, match="it is 1 to 64"):
            check(torch.device("cpu"), count)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there are GPUs")
@pytest.mark.parametrize(("gpus", "why"), [(2, "this machine has none"), (0, "it is 1 to 64"), (True, "whole number")])
def test_python_refuses_before_anything_is_loaded(gpus: int, why: str) -> None:
    with pytest.raises(ArgumentError, match=why) as told:
        yozora.generate("a red ball", gpus=gpus)
    assert told.value.argument == "gpus"
