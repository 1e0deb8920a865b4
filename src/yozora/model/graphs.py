"""A forward as one CUDA graph: recorded once for its shapes, then started with one call and not a thousand.

It pays where kernels are done sooner than the next one is started: few tokens. Knows nothing of samplers.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Protocol, cast

import torch
from torch import Tensor

Forward = Callable[..., Tensor]
MOST_TOKENS = 4096
"""Of longer canvases, kernels take longer than it takes to start them."""
AFTER = 8
"""Forwards of one shape after which it is recorded, for that takes as long as some."""
KEPT = 2  # graphs


class Recorded(Protocol):
    """A forward that has been recorded."""

    def replay(self) -> None:
        """Compute the same with what its tensors hold by now."""


Record = Callable[[Callable[[], Tensor]], tuple[Recorded, Tensor]]
"""Records a call: what replays it, and the tensor that then holds what it gives."""


def recorded(call: Callable[[], Tensor]) -> tuple[Recorded, Tensor]:
    """A CUDA graph of a call, which is made once before. Raises RuntimeError where it waits for the device."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        call()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        out = call()
    return cast(Recorded, graph), out


class Graphed:
    """Runs a transformer, by graphs where the same shapes come often. What is given may change at every call."""

    def __init__(self, record: Record = recorded, most: int = MOST_TOKENS, after: int = AFTER) -> None:
        self.record, self.most, self.after = record, most, after
        self.counts: dict[tuple[object, ...], int] = {}
        self.graphs: dict[tuple[object, ...], tuple[tuple[Any, ...], Recorded, Tensor]] = {}

    def __call__(self, transformer: Forward, *given: Any) -> Tensor:
        """What the transformer gives, as a tensor of the caller's own."""
        if given[0].shape[1] > self.most:
            return transformer(*given)
        key = (id(transformer), *((each.shape, each.dtype) for each in tensors(given)))
        count = self.counts[key] = self.counts.get(key, 0) + 1
        if key not in self.graphs:
            if count != self.after + 1:  # not yet, or it could not be recorded
                return transformer(*given)
            own = copy.deepcopy(given, {id(each): each.contiguous().clone() for each in tensors(given)})
            try:
                graph, out = self.record(lambda: transformer(*own))
            except RuntimeError:
                return transformer(*given)
            self.graphs[key] = own, graph, out
            if len(self.graphs) > KEPT:
                oldest = next(iter(self.graphs))
                del self.graphs[oldest], self.counts[oldest]
        own, graph, out = self.graphs[key]
        for mine, new in zip(tensors(own), tensors(given), strict=True):
            mine.copy_(new)
        graph.replay()
        return out.clone()


def tensors(value: Any) -> Iterator[Tensor]:
    """All tensors of a value, of its items and of its fields."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from tensors(item)
    elif is_dataclass(value):
        for each in fields(value):
            yield from tensors(getattr(value, each.name))
