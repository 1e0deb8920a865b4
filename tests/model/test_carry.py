"""What is carried is what was cut out, where it was told to be."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from yozora.core.canvas import lattice, patchify, unpatchify
from yozora.model.carry import COLOURS, Carrier, Sources
from yozora.model.dit import SpacetimeTransformer, Time, TransformerConfig

BLOCK, PATCH = (4, 4, 4), (1, 2, 2)
SIZE = 8  # pixels of a token's side
GRID = (3, 3, 4)
CHANNELS = COLOURS * 4 * 4 * 4


class Bright(nn.Module):
    """Cuts out what is bright."""

    def forward(self, picture_U3HW: Tensor) -> Tensor:
        return (picture_U3HW.amin(1, keepdim=True) - 0.5) * 100


def carrier() -> Carrier:
    """Latents are the pixels themselves."""
    made = Carrier(CHANNELS, BLOCK, PATCH)
    for linear in (made.up, made.down):
        nn.init.eye_(linear.weight)
        nn.init.zeros_(linear.bias)
    made.cutter = Bright()  # type: ignore[assignment]
    return made


def tokens_of(video_3THW: Tensor) -> Tensor:
    """A film of 4 T frames as tokens `[N, C]`."""
    cut = video_3THW.unflatten(3, (-1, 4)).unflatten(2, (-1, 4)).unflatten(1, (-1, 4))
    return patchify(cut.permute(0, 2, 4, 6, 1, 3, 5).flatten(0, 3), PATCH)


def film_of(tokens_NC: Tensor) -> Tensor:
    cells = unpatchify(tokens_NC, GRID, PATCH).unflatten(0, (COLOURS, 4, 4, 4))
    return cells.permute(0, 4, 1, 5, 2, 6, 3).flatten(5, 6).flatten(3, 4).flatten(1, 2)


def carried(x_BNC: Tensor, guess_BNC: Tensor, move_BNK23: Tensor, sources: Sources) -> tuple[Tensor, Tensor]:
    made = carrier()
    return made.show(made.lay(x_BNC, move_BNK23, sources), guess_BNC)


def walk() -> Tensor:
    """A white square on a dark stage goes right by a pixel a frame: `[3, 12, 24, 32]`; the first four are one frame."""
    column = torch.linspace(-0.8, 0.0, 32)
    video = column.expand(3, 12, 24, 32).clone()
    for frame in range(12):
        x = 5 + max(0, frame - 3)
        video[:, frame, 10:16, x : x + 6] = 1.0
    return video


def told() -> Tensor:
    """The moves of `walk`: back by as many pixels as it went."""
    frames = torch.arange(1, 9).view(2, 4).float()
    move_FK23 = torch.zeros(3, 4, 2, 3)
    move_FK23[1:, :, 0, 2] = -frames / SIZE
    return move_FK23.repeat_interleave(12, 0)[None]


def times(known: tuple[int, ...]) -> Tensor:
    time_F = torch.ones(3)
    time_F[list(known)] = 0.0
    return time_F.repeat_interleave(12)[None]


def test_a_figure_is_carried_and_the_stage_is_left() -> None:
    video, pos_N3 = walk(), lattice(GRID)
    tokens_BNC = tokens_of(video)[None]
    stage_BNC = tokens_of(torch.linspace(-0.8, 0.0, 32).expand(3, 12, 24, 32))[None]
    time_BN = times((0,))
    sources = Sources.of(time_BN, pos_N3)
    assert sources is not None
    content_BNC, there_BN1 = carried(tokens_BNC * (time_BN == 0)[..., None], stage_BNC, told(), sources)
    still_BNC = tokens_BNC[:, :12].repeat(1, 3, 1)
    made = film_of(torch.where(there_BN1, content_BNC, still_BNC)[0])
    assert (made[:, 4:] - video[:, 4:]).abs().max() < 0.02
    assert there_BN1[0, 12:, 0].float().mean() < 0.8, "tokens that no figure meets are left alone"
    assert not there_BN1[0, :12].any(), "what is known needs no witness"


def test_what_is_known_later_is_carried_back() -> None:
    video = walk()
    tokens_BNC, time_BN = tokens_of(video)[None], times((2,))
    sources = Sources.of(time_BN, lattice(GRID))
    assert sources is not None
    assert sources.from_G.tolist() == [2, 2]
    assert not sources.earlier_G.any()
    move_BNK23 = torch.zeros(1, 36, 4, 2, 3)
    move_BNK23[:, 12:24, :, 0, 2] = torch.tensor([4.0, 3.0, 2.0, 1.0]) / SIZE  # to the first frame of the last latent
    content_BNC, there_BN1 = carried(tokens_BNC * (time_BN == 0)[..., None], tokens_BNC, move_BNK23, sources)
    made = film_of(torch.where(there_BN1, content_BNC, tokens_BNC)[0])
    assert (made[:, 4:8] - video[:, 4:8]).abs().max() < 0.02


def test_the_order_of_tokens_does_not_matter() -> None:
    generator = torch.Generator().manual_seed(0)
    tokens_BNC, time_BN, pos_N3 = tokens_of(walk())[None], times((0,)), lattice(GRID)
    order = torch.randperm(36, generator=generator)
    found = []
    for pick in (torch.arange(36), order):
        sources = Sources.of(time_BN[:, pick], pos_N3[pick])
        assert sources is not None
        found.append(carried(tokens_BNC[:, pick], tokens_BNC[:, pick], told()[:, pick], sources))
    (straight, there), (mixed, there_mixed) = found
    torch.testing.assert_close(straight[:, order], mixed)
    assert torch.equal(there[:, order], there_mixed)


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (0.7, 1.0, 1.0)])
def test_without_a_whole_known_frame_on_the_lattice_nothing_is_carried(spacing: tuple[float, float, float]) -> None:
    time_BN = torch.ones(1, 36)
    time_BN[0, :11] = 0.0 if spacing[0] == 1 else 1.0
    sources = Sources.of(time_BN, lattice(GRID) * torch.tensor(spacing))
    assert sources is not None
    assert not len(sources.row_G)


def test_a_still_that_only_informs_counts_before_the_free_token_at_its_place() -> None:
    pos_N3 = torch.cat([lattice(GRID), lattice((1, 3, 4)) + torch.tensor([1.0, 0.0, 0.0])])
    sources = Sources.of(torch.cat([torch.ones(1, 36), torch.zeros(1, 12)], dim=1), pos_N3)
    assert sources is not None
    assert sources.lattice.slot_FRQ[1].flatten().tolist() == list(range(36, 48))
    assert sources.frame_G.tolist() == [0, 2]


CONFIG = TransformerConfig(
    dim=32,
    heads=2,
    layers=1,
    ffn=32,
    in_channels=4,
    out_channels=4,
    text_dim=8,
    text_len=None,
    predicts="clean",
    recalls=True,
    points=True,
    carries=(4, 16, 16),
)


def transformer() -> SpacetimeTransformer:
    model = SpacetimeTransformer(CONFIG)
    for parameter in model.carrier.parameters():  # type: ignore[union-attr]
        nn.init.normal_(parameter, std=0.02)
    return model


def test_a_transformer_that_carries_runs_in_half_precision() -> None:
    with pytest.raises(ValueError, match="clean"):
        replace(CONFIG, predicts="velocity")
    model = transformer().bfloat16()
    x_BNC, time_BN = torch.randn(2, 36, 16), times((0,)).expand(2, -1)
    with torch.no_grad():
        reading = model.read(torch.randn(1, 1, 3, 8))
        velocity_BNC = model(x_BNC, Time.of(time_BN), lattice(GRID)[None], reading)
        carriage = model.carriage(x_BNC[:1], Time.of(time_BN[:1]), lattice(GRID)[None], reading)
        assert carriage is not None
        again_BNC = model(x_BNC, Time.of(time_BN), lattice(GRID)[None], reading, carriage=carriage.repeated(2))
    assert velocity_BNC.dtype == torch.float32
    assert velocity_BNC.isfinite().all()
    torch.testing.assert_close(velocity_BNC[:1], again_BNC[:1])


def test_where_nothing_is_known_nothing_is_carried_and_nobody_looks_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    model, x_BNC, time = transformer(), torch.randn(1, 36, 16), Time.of(torch.ones(1, 36))
    with torch.no_grad():
        reading = model.read(torch.randn(1, 1, 3, 8))
        velocity_BNC = model(x_BNC, time, lattice(GRID)[None], reading)
        carriage = model.carriage(x_BNC, time, lattice(GRID)[None], reading)
        assert carriage is not None
        assert len(carriage) == len(carriage.repeated(2)) == 0
        monkeypatch.setattr(Sources, "of", None)
        again_BNC = model(x_BNC, time, lattice(GRID)[None], reading, carriage=carriage.repeated(1))
    assert torch.equal(velocity_BNC, again_BNC)


def test_one_row_stands_for_many() -> None:
    tokens_BNC, time_BN, made = tokens_of(walk())[None], times((0,)), carrier()
    guess_BNC = torch.randn(2, 36, tokens_BNC.shape[-1], generator=torch.Generator().manual_seed(0))
    one, two = (Sources.of(time_BN.expand(rows, -1), lattice(GRID)) for rows in (1, 2))
    assert one is not None
    assert two is not None
    repeated = made.lay(tokens_BNC, told(), one).repeated(2)
    laid = made.lay(tokens_BNC.expand(2, -1, -1), told().expand(2, -1, -1, -1, -1), two)
    for ours, theirs in zip(made.show(repeated, guess_BNC), made.show(laid, guess_BNC), strict=True):
        torch.testing.assert_close(ours, theirs)
