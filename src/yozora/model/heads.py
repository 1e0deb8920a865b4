"""The last layer of the spacetime transformer, and how a model that guesses clean latents gets its velocity.

All but `Head.project` is for weights of `mini` that were trained here: they weigh their guess against what is known
(`evidence`, `carry`). Names of shapes as in `dit`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from yozora.model.attention import Rotation, rotate
from yozora.model.carry import Carriage, Carrier, Sources
from yozora.model.configurations import TransformerConfig
from yozora.model.evidence import Memory, agree, point, recall, settle

WIDTHS = ("head.doubt.weight", "head.recall.weight", "head.point.weight", "head.carry.weight")
POINTED = 2.0
"""Biases of a pointer's queries and keys before it is trained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadInputs:
    """What the head weighs its guess against: the noisy tokens, when and where they are, and their hidden state."""

    x_BNC: Tensor  # fp32
    t_BN: Tensor
    pos_BN3: Tensor
    rope: Rotation
    out_BND: Tensor  # after the last norm


class Head(nn.Module):
    """The last norm, modulated by time, and the projection to latents in the order (cells, channels)."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        self.head = nn.Linear(config.dim, config.volume * config.out_channels)
        self.modulation = nn.Parameter(torch.empty(1, 2, config.dim))
        if config.predicts == "clean":
            self.doubt = nn.Linear(config.dim, config.out_channels)  # logarithm of how far off the guess is
        if config.recalls:
            self.recall = nn.Linear(config.dim, config.out_channels)  # the same of what is known at that place
        if config.points:
            self.q = nn.Linear(config.dim, config.head_dim)
            self.k = nn.Linear(config.dim, config.head_dim)
            self.point = nn.Linear(config.dim, config.out_channels)  # the same of what is pointed at
        if config.carries:
            self.carry = nn.Linear(config.dim, config.out_channels)  # the same of what is carried

    def project(self, out_BND: Tensor) -> Tensor:
        """Tokens in fp32, in the order (channels, cells)."""
        out_BNC: Tensor = self.head(out_BND).float()
        cells_BNPC: Tensor = out_BNC.unflatten(-1, (self.config.volume, -1))
        return cells_BNPC.transpose(-1, -2).flatten(-2)

    def weighed(
        self, guess_BNC: Tensor, seen: HeadInputs, carrier: Carrier | None, carriage: Carriage | None
    ) -> tuple[Tensor, tuple[Memory, ...]]:
        """Velocity, from a guess of the clean tokens and all that is known of them, and what was known."""
        spread_BNC = self._width(self.doubt, seen.out_BND)
        memories = self._remembered(seen)
        for memory in memories:
            guess_BNC, spread_BNC = agree(guess_BNC, spread_BNC, memory)
        if carrier is not None and carriage is not None and len(carriage):
            with torch.autocast(guess_BNC.device.type, enabled=False):  # exactly as it is known
                content_BNC, there_BN1 = carrier.show(carriage, guess_BNC)
            change_BNC = self._width(self.carry, seen.out_BND)
            memory = Memory(content_BNC=content_BNC, change_BNC=change_BNC, there_BN1=there_BN1)
            memories = (*memories, memory)
            guess_BNC, spread_BNC = agree(guess_BNC, spread_BNC, memory)
        return settle(seen.x_BNC, guess_BNC, seen.t_BN[..., None], spread_BNC), memories

    def _remembered(self, seen: HeadInputs) -> tuple[Memory, ...]:
        """What is known of each token, by the means that the config names."""
        found, out_BND = [], seen.out_BND
        if self.config.recalls:
            found.append(recall(seen.x_BNC, seen.t_BN, seen.pos_BN3, self._width(self.recall, out_BND)))
        if self.config.points:
            q_BN1E, k_BN1E = (rotate(each(out_BND)[:, :, None].float(), seen.rope) for each in (self.q, self.k))
            found.append(point(seen.x_BNC, seen.t_BN, q_BN1E, k_BN1E, self._width(self.point, out_BND)))
        return tuple(found)

    def _width(self, head: nn.Module, out_BND: Tensor) -> Tensor:
        """How far off something is, for each number of each token, from the logarithm that a head gives a channel."""
        log_BNZ: Tensor = head(out_BND).float()
        return log_BNZ.exp().repeat_interleave(self.config.volume, dim=-1)


def carried(
    carrier: Carrier, tell: Callable[[Tensor, Tensor], Tensor], x_BNC: Tensor, t_BN: Tensor, pos_BN3: Tensor
) -> Carriage:
    """Figures of what is known, cut out and laid where they get to.

    Args:
        carrier: what cuts and lays.
        tell: the mover: known tokens, others zero, and when each is (1: not known), to its six numbers a frame.
        x_BNC: tokens, of which those at time 0 are known.
    """
    sources = Sources.of(t_BN, pos_BN3[0])
    if sources is None or not len(sources.row_G):
        return Carriage.nothing(x_BNC.float())
    known_BN1 = (t_BN == 0)[..., None]
    told_BNC = tell(x_BNC * known_BN1, (~known_BN1[..., 0]).float())
    with torch.autocast(x_BNC.device.type, enabled=False):
        return carrier.lay(x_BNC.float(), told_BNC.unflatten(-1, (-1, 2, 3)), sources)
