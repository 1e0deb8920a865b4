"""What a token's clean content can be told from: the model's guess, what is known at its place, what is known wherever
the model points, and the noisy token.

Each is off by some width, and they are weighed by their variances. Names of shapes as in `dit`.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from yozora.model.attention import MASKED


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of each token: the content, by how much it may have changed since, and where there is any."""

    content_BNC: Tensor
    change_BNC: Tensor
    there_BN1: Tensor  # bool


def recall(x_BNC: Tensor, t_BN: Tensor, pos_BN3: Tensor, change_BNC: Tensor) -> Memory:
    """For every token the known one at its row and column that is nearest in time.

    What is before the film (positions below 0: who is in it, how it began) is not meant.
    """
    frame_BN, place_BN2 = pos_BN3[..., 0], pos_BN3[..., 1:]
    known_BN = (t_BN == 0) & (frame_BN >= 0)
    elsewhere_BNN = (place_BN2[:, :, None] - place_BN2[:, None]).abs().amax(-1) > 0.25
    away_BNN = (frame_BN[:, :, None] - frame_BN[:, None]).abs().masked_fill(elsewhere_BNN, torch.inf)
    away_BNN = away_BNN.expand(len(x_BNC), -1, -1).masked_fill(~known_BN[:, None], torch.inf)
    nearest_BN, which_BN = away_BNN.min(dim=-1)
    content_BNC = x_BNC.gather(1, which_BN[..., None].expand(-1, -1, x_BNC.shape[-1]))
    return Memory(content_BNC=content_BNC, change_BNC=change_BNC, there_BN1=nearest_BN.isfinite()[..., None])


def point(x_BNC: Tensor, t_BN: Tensor, q_BNKE: Tensor, k_BNKE: Tensor, change_BNC: Tensor) -> Memory:
    """For every token the known ones that it points at (Vinyals et al. 2015, arXiv 1506.03134), with one head.

    Who walks on looks as he did a step ago, elsewhere: he need not pass through the model's width either. What is
    before the film is meant too.
    """
    known_BN, count = t_BN == 0, x_BNC.shape[1]
    if not torch.is_grad_enabled():  # no token points at the others
        known_N = known_BN.any(dim=0)
        x_BNC, k_BNKE, known_BN = x_BNC[:, known_N], k_BNKE[:, known_N], known_BN[:, known_N]
    with torch.autocast(x_BNC.device.type, enabled=False):  # a content is carried as exactly as it is known
        scores_BNN = torch.einsum("bnke,bmke->bnm", q_BNKE.float(), k_BNKE.float()) * q_BNKE.shape[-1] ** -0.5
        aims_BNN = (scores_BNN + (~known_BN).float()[:, None] * MASKED).softmax(dim=-1)
        content_BNC = aims_BNN @ (x_BNC * known_BN[..., None])
    there_BN1 = known_BN.any(dim=1)[:, None, None].expand(-1, count, 1)
    return Memory(content_BNC=content_BNC, change_BNC=change_BNC, there_BN1=there_BN1)


def agree(guess_BNC: Tensor, spread_BNC: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
    """A guess that is off by about `spread_BNC` and a memory, weighed by their variances, and how far off the two are
    together. A stage that stays as it was is so passed on exactly, which the width of a model could not.
    """
    variance_BNC, change_BNC = spread_BNC.square(), memory.change_BNC.square()
    rest_BNC = torch.where(memory.there_BN1, change_BNC / (variance_BNC + change_BNC), 1.0)
    return torch.lerp(memory.content_BNC, guess_BNC, rest_BNC), spread_BNC * rest_BNC.sqrt()


def settle(x_BNC: Tensor, guess_BNC: Tensor, t_BN1: Tensor, spread_BNC: Tensor) -> Tensor:
    """Velocity, from noisy tokens and a guess of the clean ones that is off by about `spread_BNC`.

    x = (1 - t) clean + t noise is itself an estimate of the clean tokens, off by t / (1 - t). The two are weighed by
    their variances: in much noise the guess counts, in little what can be seen. So nothing has to be carried through
    the model's width only to come out as it went in, as by the skip of Karras et al. 2022 (arXiv 2206.00364, section
    5), but round the model's guess instead of round zero, and with a width for each channel of each token. With w = t^2
    + (1 - t)^2 spread^2 the velocity is (x (t - (1 - t) spread^2) - t guess) / w: without a division by t or by 1 - t.
    """
    weight_BNC = (1.0 - t_BN1) * spread_BNC.square()
    return (x_BNC * (t_BN1 - weight_BNC) - t_BN1 * guess_BNC) / (t_BN1.square() + (1.0 - t_BN1) * weight_BNC)
