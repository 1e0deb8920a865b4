"""Mini's linear path starts from the principal components of real frames."""

import torch
from torch import Tensor

from yozora.model.autoencoder import Linear, VideoAutoencoder


def fit_linear(model: VideoAutoencoder, frames_BCTHW: Tensor, blocks: int = 16384, seed: int = 0) -> None:
    """Start mini from the principal components of real frames; its networks add nothing until they are trained.

    frames_BCTHW: clips [B, 3, 4n + 1, H, W] in [-1, 1], at least a few hundred blocks of 4x16x16 more than latent
    channels. The raw latents come out with zero mean and unit variance a channel, strongest component first.
    Source of the algorithm: Halko et al., arXiv 0909.4061 (randomised range finder with four power iterations).
    """
    if model.linear is None:
        raise ValueError("this autoencoder has no linear path")
    chosen = torch.Generator().manual_seed(seed)
    samples_ND = _sample_blocks(model.linear, frames_BCTHW, blocks, chosen)
    components = model.config.z + 16  # a few more than wanted make the range finder exact
    if len(samples_ND) < components:
        raise ValueError(f"{len(samples_ND)} blocks are too few for {model.config.z} latent channels")
    mean_D = samples_ND.mean(0)
    samples_ND -= mean_D
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        _, strength_Z, basis_DZ = torch.svd_lowrank(samples_ND, q=components, niter=4)
    basis_DZ = basis_DZ[:, : model.config.z]
    scale_Z = (strength_Z[: model.config.z] / len(samples_ND) ** 0.5).clamp_min(1e-4)
    with torch.no_grad():
        model.linear.down.weight.copy_((basis_DZ / scale_Z).T)
        model.linear.down.bias.copy_(-mean_D @ (basis_DZ / scale_Z))
        model.linear.up.weight.copy_(basis_DZ * scale_Z)
        model.linear.up.bias.copy_(mean_D)
        for parameter in model.decoder.head[2].parameters():
            parameter.zero_()


def _sample_blocks(linear: Linear, frames_BCTHW: Tensor, count: int, chosen: torch.Generator) -> Tensor:
    """Random blocks of the clips, [count, pixels of a block], float32."""
    each = -(-count // len(frames_BCTHW))
    taken = []
    for clip_CTHW in frames_BCTHW:
        blocks_ND = linear.fold(clip_CTHW[None].float(), first=True).flatten(0, 3)
        taken.append(blocks_ND[torch.randperm(len(blocks_ND), generator=chosen)[:each]])
    return torch.cat(taken)
