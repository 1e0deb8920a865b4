"""Tokens shared out among processes; around self-attention each has all of them for some of the heads (DeepSpeed
Ulysses, arXiv 2309.14509).

Of every run of tokens at one time each process takes a piece, so that there are as few times as before. Where processes
do not divide tokens or heads, pads stand in for those that are missing; no token attends to them. Names of shapes as in
`dit`; besides R processes, g tokens of a run and n = M g tokens of each, h heads of each.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor, distributed

from yozora.model.attention import attend
from yozora.model.control import Control
from yozora.model.places import Places
from yozora.model.sharing import Attend, Share, Tokens

FEW = 8
"""Runs are cut where they have so many tokens for each process, or can be cut evenly; else all are cut as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """How N tokens, M runs of them, are shared out among R processes, of which this is one."""

    tokens: int
    runs: int
    ranks: int
    rank: int

    @classmethod
    def of(cls, tokens: int, runs: int, ranks: int, rank: int) -> Self:
        """Runs that are too short are not cut, but all of them as one."""
        length = tokens // runs
        return cls(tokens=tokens, runs=1 if length % ranks and length < FEW * ranks else runs, ranks=ranks, rank=rank)

    @property
    def piece(self) -> int:
        """Tokens of a run that one process takes, pads included: g."""
        return -(-self.tokens // self.runs // self.ranks)

    def part(self, x_BN: Tensor) -> Tensor:
        """``[B, N, ...]`` to this process's ``[B, n, ...]``; pads are zeros."""
        g = self.piece
        mine_BMg = x_BN.unflatten(1, (self.runs, -1))[:, :, self.rank * g : (self.rank + 1) * g]
        if mine_BMg.shape[2] < g:
            pads = [0, 0] * (x_BN.ndim - 2) + [0, g - mine_BMg.shape[2]]
            mine_BMg = F.pad(mine_BMg, pads)
        part_Bn: Tensor = mine_BMg.flatten(1, 2)
        return part_Bn

    def parts(self, x_BN: Tensor) -> Tensor:
        """``[B, N, ...]`` to the tokens of all processes, ``[R, B, n, ...]``."""
        x_BMG = x_BN.unflatten(1, (self.runs, -1))
        pads = [0, 0] * (x_BN.ndim - 2) + [0, self.ranks * self.piece - x_BMG.shape[2]]
        parts_RBn: Tensor = F.pad(x_BMG, pads).unflatten(2, (self.ranks, -1)).movedim(2, 0).flatten(2, 3)
        return parts_RBn

    def whole(self, x_RBn: Tensor) -> Tensor:
        """The inverse of `parts`."""
        x_BMG = x_RBn.unflatten(2, (self.runs, -1)).movedim(0, 2).flatten(2, 3)
        x_BN: Tensor = x_BMG[:, :, : self.tokens // self.runs].flatten(1, 2)
        return x_BN


@dataclass(frozen=True, slots=True)
class Ulysses:
    """What shares tokens out among the processes of a group."""

    group: "distributed.ProcessGroup"

    def __call__(self, tokens: Tokens) -> Share:
        N, M = tokens.x_BNC.shape[1], tokens.time.index_BN.shape[1]
        ranks, rank = distributed.get_world_size(self.group), distributed.get_rank(self.group)
        cut = Cut.of(N, M, ranks, rank)
        own = Tokens(
            x_BNC=cut.part(tokens.x_BNC),
            time=tokens.time,
            places=part_of(tokens.places, cut.part),
            reads_BNP=None if tokens.reads_BNP is None else cut.part(tokens.reads_BNP),
            control=None,
        )
        if cut.runs != M:
            index_BN = tokens.time.index_BN.repeat_interleave(N // M, dim=1)
            own = replace(own, time=replace(tokens.time, index_BN=cut.part(index_BN)))
        if (control := tokens.control) is not None:
            own = replace(own, control=Control(tokens_BNC=cut.part(control.tokens_BNC), strengths=control.strengths))
        return Share(tokens=own, attend=self.attending(cut), joined=self.joining(cut))

    def attending(self, cut: Cut) -> Attend:
        """Self-attention: from some tokens of all heads to all tokens of some heads, and back."""

        def attend_to_all(q_BnKE: Tensor, k_BnKE: Tensor, v_BnKE: Tensor) -> Tensor:
            R, K = cut.ranks, q_BnKE.shape[2]
            each = torch.stack((q_BnKE, k_BnKE, v_BnKE))
            each = F.pad(each, (0, 0, 0, -K % R)).unflatten(3, (R, -1)).movedim(3, 0).flatten(1, 2)
            q_BNhE, k_BNhE, v_BNhE = cut.whole(self._exchanged(each)).chunk(3)
            seen_BNH = attend(q_BNhE, k_BNhE, v_BNhE)
            seen_RBnH = self._exchanged(cut.parts(seen_BNH))
            seen_BnD: Tensor = seen_RBnH.movedim(0, 2).flatten(2)[..., : K * q_BnKE.shape[3]]
            return seen_BnD

        return attend_to_all

    def joining(self, cut: Cut) -> Callable[[Tensor], Tensor]:
        """The tokens of all, for each."""

        def joined(x_BnD: Tensor) -> Tensor:
            return cut.whole(gathered(x_BnD, self.group))

        return joined

    def _exchanged(self, x_R: Tensor) -> Tensor:
        """What each process has for this one, of what it has for each; as large."""
        given, found = x_R.contiguous(), torch.empty_like(x_R, memory_format=torch.contiguous_format)
        distributed.all_to_all_single(found, given, group=self.group)
        return found


def gathered(x: Tensor, group: "distributed.ProcessGroup | None" = None) -> Tensor:
    """What all processes of a group have, all of one shape: ``[R, ...]``."""
    own = x.contiguous()
    all_R = own.new_empty((distributed.get_world_size(group), *own.shape))
    distributed.all_gather(list(all_R), own, group=group)
    return all_R


def part_of(places: Places, part: Callable[[Tensor], Tensor]) -> Places:
    """Some of the places."""
    return Places(
        pos_BN3=part(places.pos_BN3),
        rope=(part(places.rope[0]), part(places.rope[1])),
        rope_BN1J=part(places.rope_BN1J),
        embedded_BND=None if places.embedded_BND is None else part(places.embedded_BND),
    )
