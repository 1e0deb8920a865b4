"""Training on several devices, a process each, as `torchrun` starts them; with one process everything is a no-op.

Every process holds the whole model and its own batches; gradients are averaged. Knows nothing of tasks.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from importlib import import_module

import torch
from torch import Tensor, distributed, nn

BUCKET = 1 << 24  # elements of gradients that travel together
TIMEOUT = timedelta(hours=6)  # the first process fills caches and draws samples while the others wait for it


def start(device: str) -> None:
    """Join the processes that `torchrun` started: over NCCL where `device` is "cuda", else over Gloo. Each process
    takes the GPU of its LOCAL_RANK as its current one, which is what "cuda" then means.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return
    cuda = torch.device(device).type == "cuda"
    if cuda:
        use_device()
    # Its functions take the group that exists when it is first imported as a default argument. An optimiser imports it
    # later, and a group that is held so is never destroyed: its threads then end the interpreter with an abort.
    import_module("torch.distributed.nn.functional")
    distributed.init_process_group("nccl" if cuda else "gloo", timeout=TIMEOUT)


def stop() -> None:
    """Leave the other processes."""
    if distributed.is_initialized():
        distributed.destroy_process_group()


def use_device() -> None:
    """Make this process's GPU the current one of this thread; each new thread starts with the first GPU."""
    if "LOCAL_RANK" in os.environ and torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))


def world() -> int:
    """Number of processes, 1 or more."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def rank() -> int:
    """Number of this process, from 0."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def first() -> bool:
    """Whether this is the process that writes files, prints, and decides when to stop."""
    return rank() == 0


def number(step: int) -> int:
    """The batch that this process takes at a step: no other process takes it, at no step."""
    return step * world() + rank()


def agree(*values: float) -> list[float]:
    """The values of the first process, in all of them."""
    if world() == 1:
        return list(values)
    told = torch.tensor(values, dtype=torch.float64, device=_device())
    distributed.broadcast(told, 0)
    return [float(value) for value in told.tolist()]


def wait() -> None:
    """Return when all processes have come here."""
    if world() > 1:
        total(torch.zeros(1, device=_device())).item()


def total(x: Tensor) -> Tensor:
    """Sum of a tensor over all processes, of the same shape; no gradient flows through it.

    A mean over a batch is exact as it is, where all batches are of one size. A loss that is divided by a sum of
    weights is exact so, with `world` undoing the mean over the processes:

        loss = world() * (error * weight).sum() / total(weight.sum())

    Every process has to call it, equally often and in the same order.
    """
    summed = x.detach().clone()
    if world() > 1:
        distributed.all_reduce(summed)
    return summed


def mean(x: Tensor) -> Tensor:
    """Mean of a tensor over all processes, without gradient."""
    return total(x) / world()


@torch.no_grad()
def divide(stack_B: Tensor, work: Callable[[Tensor], Tensor]) -> Tensor:
    """What `work` makes of a stack `[B, ...]` that all processes hold, row for row and of the same shape: each process
    does its part, and all get the whole.
    """
    if world() == 1:
        return work(stack_B)
    parts = [part.contiguous() for part in stack_B.tensor_split(world())]
    if len(parts[rank()]):
        parts[rank()] = work(parts[rank()]).contiguous()
    for number, part in enumerate(parts):
        if len(part):
            distributed.broadcast(part, number)
    return torch.cat(parts)


@torch.no_grad()
def spread(model: nn.Module) -> None:
    """Give all processes the parameters and buffers of the first one."""
    if world() == 1:
        return
    for value in model.state_dict().values():
        sent = value.contiguous()
        distributed.broadcast(sent, 0)
        value.copy_(sent)


@torch.no_grad()
def average_gradients(model: nn.Module) -> None:
    """Replace every gradient by its mean over all processes; one that some processes lack counts as zero there."""
    if world() == 1:
        return
    trained = [p for p in model.parameters() if p.requires_grad]
    some_P = torch.tensor([float(p.grad is not None) for p in trained], device=_device())
    distributed.all_reduce(some_P, distributed.ReduceOp.MAX)
    for p, some in zip(trained, some_P.tolist(), strict=True):
        if some and p.grad is None:
            p.grad = torch.zeros_like(p)
    for bucket in buckets(p.grad for p in trained if p.grad is not None):
        flat = torch.cat([gradient.flatten() for gradient in bucket])
        distributed.all_reduce(flat)
        flat /= world()
        for gradient, part in zip(bucket, flat.split([gradient.numel() for gradient in bucket]), strict=True):
            gradient.copy_(part.view_as(gradient))


def buckets(tensors: Iterable[Tensor]) -> Iterator[list[Tensor]]:
    """Tensors in order, so many together as are of one type and have up to `BUCKET` elements, or a larger one alone."""
    bucket: list[Tensor] = []
    for tensor in tensors:
        size = tensor.numel() + sum(other.numel() for other in bucket)
        if bucket and (size > BUCKET or tensor.dtype != bucket[0].dtype):
            yield bucket
            bucket = []
        bucket.append(tensor)
    if bucket:
        yield bucket


def _device() -> torch.device:
    """Where tensors have to be to travel."""
    return torch.device("cuda" if distributed.get_backend() == "nccl" else "cpu")
