"""A forward that is replayed gives what it would give; here the graph is a closure."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from yozora.engine.parts import alone
from yozora.model.graphs import KEPT, Graphed, Recorded


@dataclass(frozen=True)
class Told:
    text: tuple[Tensor, ...]
    none: Tensor | None = None


class Graph:
    """Computes again into the tensor that it gave first."""

    count = 0

    def __init__(self, call: Callable[[], Tensor]) -> None:
        self.call, self.out = call, call()

    def replay(self) -> None:
        Graph.count += 1
        self.out.copy_(self.call())


def record(call: Callable[[], Tensor]) -> tuple[Recorded, Tensor]:
    graph = Graph(call)
    return graph, graph.out


def model(x: Tensor, told: Told) -> Tensor:
    return x * 2 + told.text[0].sum()


def test_what_is_replayed_is_what_would_be_computed() -> None:
    Graph.count = 0
    graphed, found = Graphed(record, after=2), []
    for step in range(6):
        x_BNC, told = torch.randn(1, 5, 3), Told((torch.randn(1).expand(4),))
        found.append((graphed(model, x_BNC, told), model(x_BNC, told)))
        assert Graph.count == max(0, step - 1)
    for ours, theirs in found:  # none was overwritten by a later one
        torch.testing.assert_close(ours, theirs)


def test_long_canvases_and_what_cannot_be_recorded_run_as_ever() -> None:
    def refuse(_: Callable[[], Tensor]) -> tuple[Recorded, Tensor]:
        tried.append(1)
        raise RuntimeError("operation not permitted when stream is capturing")

    tried: list[int] = []
    told = Told((torch.ones(1),))
    for graphed, tokens, tries in ((Graphed(refuse, most=4, after=0), 5, 0), (Graphed(refuse, after=0), 5, 1)):
        tried.clear()
        for _ in range(3):
            x_BNC = torch.randn(1, tokens, 3)
            torch.testing.assert_close(graphed(model, x_BNC, told), alone(model, x_BNC, told))  # type: ignore[arg-type]
        assert len(tried) == tries


def test_only_some_graphs_are_kept() -> None:
    graphed = Graphed(record, after=0)
    for tokens in range(1, 6):
        graphed(model, torch.randn(1, tokens, 3), Told((torch.ones(1),)))
        assert len(graphed.graphs) <= KEPT
