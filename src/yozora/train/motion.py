"""Teach the mover how figures really move: it tells of each token where what is known is carried (`model.carry`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yozora.model.carry import Sources
from yozora.model.dit import SpacetimeTransformer, TransformerConfig
from yozora.model.text import TextEncoder
from yozora.train.canvases import Canvases
from yozora.train.data import FRAMES_PER_LATENT, TOKEN_PIXELS, LatentCache, Sample
from yozora.train.transformer import told
from yozora.weights import save

MIDDLE = (0.0, -0.5, 1.0)  # of a cut-out, in its own coordinates
REACH = 1.5  # tokens round a figure's middle within which its motion counts
ELSEWHERE = 0.02  # weight of tokens far from everybody
LINEAR = 0.05  # tokens; larger errors count linearly
TURN = 0.3  # tokens that a turn moves the pixels of a token by, on average


@dataclass(frozen=True, slots=True, kw_only=True)
class MoverRecipe:
    """What the mover sees: canvases where something is known, with noise of up to `noise` on a share of them."""

    config: TransformerConfig
    cache: Path
    canvases: Canvases
    noise: float = 0.3
    noisy: float = 0.3
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class Take:
    """A sample, its tokens as they are known, their times (0 known, 1 not), and what is carried where."""

    sample: Sample
    known_BNC: Tensor
    time_BN: Tensor
    sources: Sources
    move_GRQK23: Tensor
    weight_GRQ: Tensor


class MoverTask:
    """Tell how figures move, from what is known and from the prompt."""

    name = "mover"

    def __init__(self, recipe: MoverRecipe, text: TextEncoder, before: SpacetimeTransformer | None = None) -> None:
        self.recipe = recipe
        self.text = text.to(recipe.device).eval().requires_grad_(False)
        self.model: nn.Module = (SpacetimeTransformer(recipe.config) if before is None else before).to(recipe.device)
        self.cache = LatentCache(recipe.cache)

    def batch(self, step: int) -> Take:
        recipe = self.recipe
        if step % 50 == 0:
            self.cache.refresh()
        rng = np.random.default_rng([recipe.canvases.stream, step, 3])
        sample, strength_BN = recipe.canvases.draw(self.cache, step, rng)
        known_BNC, time_BN = sample.tokens_BNC, (strength_BN > 0).float()
        if rng.random() < recipe.noisy:
            noise = torch.from_numpy(rng.standard_normal(known_BNC.shape, np.float32))
            known_BNC = known_BNC + recipe.noise * float(rng.random()) * noise
        pos_BN3 = told(sample, known_BNC, time_BN)[2].cpu()
        sources = Sources.of(time_BN, pos_BN3[0, : time_BN.shape[1]])
        assert sources is not None
        return Take(sample, known_BNC, time_BN, sources, *moves(sample.ways, sample.latents, sources))

    def loss(self, batch: Take, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        device, model = self.recipe.device, typed(self.model)
        known_BNC = (batch.known_BNC * (batch.time_BN == 0)[..., None]).to(device)
        with torch.no_grad():
            text_BLD = self.text(batch.sample.prompts)
        with torch.autocast(torch.device(device).type, torch.bfloat16):
            told_BNC = model(*told(batch.sample, known_BNC, batch.time_BN.to(device)), model.read(text_BLD[:, None]))
        told_BNK23, sources = told_BNC.unflatten(-1, (-1, 2, 3)), batch.sources
        told_GRQK23 = told_BNK23[sources.row_G[:, None, None], sources.slot_GRQ]
        true_GRQK23, weight_GRQ = batch.move_GRQK23.to(device), batch.weight_GRQ.to(device)
        apart_GRQK23 = F.smooth_l1_loss(told_GRQK23, true_GRQK23, reduction="none", beta=LINEAR)
        shifted_GRQ, turned_GRQ = apart_GRQK23[..., 2].mean((-1, -2)), apart_GRQK23[..., :2].sum(-1).mean((-1, -2))
        weights = weight_GRQ.sum().clamp_min(1)
        pixels_GRQ = (told_GRQK23 - true_GRQK23)[..., 2].detach().abs().mean((-1, -2)) * TOKEN_PIXELS
        error = ((shifted_GRQ + TURN * turned_GRQ) * weight_GRQ).sum() / weights
        return error, {"pixels": float((pixels_GRQ * weight_GRQ).sum() / weights)}

    def sample(self, model: nn.Module, folder: Path, step: int) -> None:
        """There is nothing to look at."""

    def export(self, model: nn.Module, path: Path, facts: dict[str, object]) -> None:
        save(path, model, self.recipe.config, dtype=torch.float16, stream=self.recipe.canvases.stream, **facts)


def typed(model: nn.Module) -> SpacetimeTransformer:
    """The model of the task, by its type."""
    assert isinstance(model, SpacetimeTransformer)
    return model


def moves(ways: Sequence[Tensor], latents: Sequence[int], sources: Sources) -> tuple[Tensor, Tensor]:
    """What `Carrier` wants to know of the tokens to be filled, `[G, R, Q, K, 2, 3]`, and how much each counts,
    `[G, R, Q]`.

    Args:
        ways: of each take the matrices `[A, T, 2, 3]` that carry its actors' cut-outs to pixels.
        latents: which of the takes' latent frames the lattice's frames are.
    """
    device = sources.row_G.device
    G, R, Q = sources.slot_GRQ.shape
    most = max(1, *(len(way) for way in ways))
    whole_BAT33 = torch.eye(3).repeat(len(ways), most, max(way.shape[1] for way in ways), 1, 1)
    for row, way in enumerate(ways):
        whole_BAT33[row, : len(way), :, :2] = way
    there_GA = torch.tensor([[k < len(way) for k in range(most)] for way in ways])[sources.row_G.cpu()].to(device)
    whole_BAT33 = whole_BAT33.to(device)
    latent_F = torch.tensor(latents, device=device)
    ends_G1 = FRAMES_PER_LATENT * latent_F[sources.frame_G][:, None]
    frame_GK = (ends_G1 - torch.arange(FRAMES_PER_LATENT - 1, -1, -1, device=device)).clamp_min(0)
    from_G = FRAMES_PER_LATENT * latent_F[sources.from_G] - (FRAMES_PER_LATENT - 1) * (~sources.earlier_G).long()
    now_GKA33 = whole_BAT33[sources.row_G[:, None], :, frame_GK]
    then_GA33 = whole_BAT33[sources.row_G, :, from_G.clamp_min(0)]
    back_GKA33 = then_GA33[:, None] @ torch.linalg.inv(now_GKA33)
    middle_31 = torch.tensor(MIDDLE, device=device)[:, None]
    token_RQ2 = torch.stack(
        torch.meshgrid(torch.arange(R, device=device), torch.arange(Q, device=device), indexing="ij"), dim=-1
    ).flip(-1)
    token_RQ2 = (token_RQ2 + 0.5) * TOKEN_PIXELS
    apart_GRQA = _apart(token_RQ2, (now_GKA33.mean(1) @ middle_31)[..., :2, 0], there_GA)
    gone_GRQA = _apart(token_RQ2, (then_GA33 @ middle_31)[..., :2, 0], there_GA)
    who_GRQ = apart_GRQA.argmin(-1)
    near_GRQ = torch.minimum(apart_GRQA, gone_GRQA).amin(-1) / (REACH * TOKEN_PIXELS)
    weight_GRQ = torch.exp(-near_GRQ.square()).clamp_min(ELSEWHERE) * there_GA.any(-1)[:, None, None]
    back_GRQK33 = back_GKA33.movedim(2, 1)[torch.arange(G, device=device)[:, None, None], who_GRQ]
    turn_GRQK22 = back_GRQK33[..., :2, :2] - torch.eye(2, device=device)
    at_RQ12 = token_RQ2[:, :, None]
    shift_GRQK2 = (turn_GRQK22 @ at_RQ12[..., None])[..., 0] + back_GRQK33[..., :2, 2]
    return torch.cat([turn_GRQK22, shift_GRQK2[..., None] / TOKEN_PIXELS], dim=-1), weight_GRQ


def _apart(token_RQ2: Tensor, middle_GA2: Tensor, there_GA: Tensor) -> Tensor:
    """Pixels from tokens to figures, `[G, R, Q, A]`; a long way to those who are not there."""
    apart_GRQA: Tensor = (token_RQ2[:, :, None] - middle_GA2[:, None, None]).norm(dim=-1)
    return apart_GRQA.masked_fill(~there_GA[:, None, None], 1e4)
