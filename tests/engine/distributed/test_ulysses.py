"""Tokens are shared out and come together again as they were."""

import pytest
import torch

from yozora.engine.distributed.ulysses import Cut


@pytest.mark.parametrize(
    ("tokens", "runs", "ranks"), [(12, 1, 2), (12, 3, 2), (15, 3, 2), (7, 7, 2), (35, 5, 3), (96, 2, 5), (2, 1, 4)]
)
def test_parts_are_those_of_each_and_come_together_again(tokens: int, runs: int, ranks: int) -> None:
    x_BNC = torch.randn(2, tokens, 3)
    cuts = [Cut.of(tokens, runs, ranks, rank) for rank in range(ranks)]
    parts_RBnC = torch.stack([cut.part(x_BNC) for cut in cuts])
    for cut in cuts:
        assert torch.equal(cut.parts(x_BNC), parts_RBnC)
        assert torch.equal(cut.whole(parts_RBnC), x_BNC)


def test_runs_are_kept_where_each_has_enough_tokens_of_them() -> None:
    """Of a clip whose first frame is known, each process has tokens of every frame, and as few times as before."""
    assert Cut.of(31 * 880, 31, 8, 0) == Cut(tokens=31 * 880, runs=31, ranks=8, rank=0)
    assert Cut.of(31 * 880, 31, 8, 0).piece == 110
    assert Cut.of(3 * 65, 3, 2, 0).runs == 3  # a pad each
    assert Cut.of(15, 15, 2, 0).runs == 1  # a time for each token: cut as one


def test_pads_are_no_more_than_a_rank_has() -> None:
    for tokens in range(1, 40):
        cut = Cut.of(tokens, 1, 4, 3)
        assert cut.piece * 4 - tokens < 4
        assert cut.part(torch.ones(1, tokens)).sum() == max(0, tokens - 3 * cut.piece)
