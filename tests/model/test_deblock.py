"""The filter in time: calms what hardly changes at a new latent, leaves motion alone, and works piece by piece."""

import torch

from yozora.model.autoencoder_layers import Past
from yozora.model.deblock import Deblock

WEIGHTS = (0.3, 0.15, 0.05)


def flickering(latents: int) -> torch.Tensor:
    """A grey wall that is a little lighter or darker in each latent, `[1, 3, 4 n + 1, 8, 8]`."""
    levels = 0.02 * (torch.arange(latents) % 2 * 2.0 - 1.0)
    frames = torch.cat([levels[:1], levels[1:].repeat_interleave(4)])
    return frames[None, None, :, None, None].expand(1, 3, -1, 8, 8)


def test_the_step_onto_a_new_latent_shrinks() -> None:
    film = flickering(5)
    calm = Deblock(WEIGHTS, 4)(film, Past())
    steps, before = calm.diff(dim=2).abs().mean((0, 1, 3, 4)), film.diff(dim=2).abs().mean((0, 1, 3, 4))
    assert torch.equal(calm[:, :, :1], film[:, :, :1])
    assert (steps[::4] < 0.75 * before[::4]).all()
    assert (calm[:, :, 4::4] - film[:, :, 4::4]).abs().max() == 0  # the last frame of a latent is as it was


def test_what_moves_is_left_alone() -> None:
    film = torch.rand(1, 3, 9, 8, 8, generator=torch.Generator().manual_seed(0)).round() * 2 - 1
    film[..., 1:, :, :] = -film[..., :1, :, :]
    assert torch.equal(Deblock(WEIGHTS, 4)(film, Past()), film)


def test_pieces_give_the_same_film() -> None:
    film = torch.rand(2, 3, 17, 8, 8, generator=torch.Generator().manual_seed(1)) * 0.2
    deblock, past = Deblock(WEIGHTS, 4), Past(keep=True)
    pieces = [deblock(piece, past) for piece in film.split([1, 4, 8, 4], dim=2)]
    assert torch.equal(torch.cat(pieces, dim=2), deblock(film, Past()))


def test_without_weights_it_does_nothing() -> None:
    film = flickering(3)
    assert Deblock((), 4)(film, Past()) is film
