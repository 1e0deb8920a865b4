"""Keyframes are stills, what lies between is drawn from flow, and a film that comes in pieces is the same film."""

import json
from dataclasses import asdict, replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from yozora.model.codec import (
    CELL,
    FLOW,
    OFFSETS,
    STEP,
    CodecConfig,
    FrameInterpolator,
    KeyframeCodec,
    correlation,
    curved,
    enlarged,
    flow_at,
    lucas_kanade,
    straight,
    warp,
)

TOY = CodecConfig(
    still=4,
    mean=(0.1, -0.2, 0.3, 0.0) + (0.0,) * FLOW,
    spread=(0.5, 1.0, 2.0, 1.5) + (0.7,) * FLOW,
    encoder=(8, 1),
    decoder=(8, 1),
    decoder_fine=(8, 1),
    estimator=(8, 1),
    refiner=(8, 1),
    refinements=2,
    drawing=(8, 1),
    drawing_wide=(8, 1),
)


def codec() -> KeyframeCodec:
    """A toy whose every layer says something."""
    torch.manual_seed(0)
    made = KeyframeCodec(TOY).eval().requires_grad_(False)
    for module in made.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.normal_(module.weight, std=0.7 / module.weight[0].numel() ** 0.5)
    return made


CODEC = codec()


def texture(size: tuple[int, int], seed: int = 0, smooth: int = 4) -> Tensor:
    """A picture `[3, H, W]` in -1..1 without edges finer than `smooth` pixels; it goes on at its opposite border."""
    H, W = size
    coarse = torch.rand(1, 3, H // smooth, W // smooth, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    picture = F.interpolate(F.pad(coarse, (2, 2, 2, 2), mode="circular"), scale_factor=smooth, mode="bicubic")
    return picture[0, :, 2 * smooth : -2 * smooth, 2 * smooth : -2 * smooth].clamp(-1, 1)


def rolling(frames: int, right: int, down: int = 0, size: tuple[int, int] = (64, 96)) -> Tensor:
    """A film `[3, T, H, W]` of a texture that goes right and down by so many pixels a frame."""
    picture = texture(size)
    return torch.stack([picture.roll((down * t, right * t), (1, 2)) for t in range(frames)], dim=1)


def told(right: float, down: float = 0.0, size: tuple[int, int] = (8, 12)) -> Tensor:
    """The true flow `[1, 8, h, w]` of `rolling`."""
    numbers = torch.tensor([float(part * offset) for offset in OFFSETS for part in (right, down)])
    return numbers.view(1, FLOW, 1, 1).expand(1, FLOW, *size).clone()


def psnr(made: Tensor, meant: Tensor) -> float:
    return float(10 * torch.log10(4 / (made - meant).square().mean()))


# --- latents and frames


@pytest.mark.parametrize("n", [0, 1, 3])
def test_four_frames_more_are_one_latent_more(n: int) -> None:
    film = torch.rand(2, 3, STEP * n + 1, 16, 24) * 2 - 1
    latents = CODEC.encode(film)
    assert latents.shape == (2, TOY.z, n + 1, 2, 3)
    frames = CODEC.decode(latents)
    assert frames.shape == film.shape
    assert float(frames.abs().max()) <= 1


def test_a_still_is_the_first_latent_of_every_film_that_begins_with_it() -> None:
    film = rolling(9, 2)[None]
    alone, whole = CODEC.encode(film[:, :, :1]), CODEC.encode(film)
    torch.testing.assert_close(alone[:, :, 0], whole[:, :, 0])
    torch.testing.assert_close(CODEC.encode(film[:, :, 4:5])[:, : TOY.still, 0], whole[:, : TOY.still, 1])
    assert torch.equal(CODEC.denormalise(whole)[:, TOY.still :, 0], torch.zeros(1, FLOW, 8, 12))
    assert CODEC.denormalise(whole)[:, TOY.still :, 1:].abs().amax() > 0.1


def test_every_fourth_frame_of_a_decoded_film_is_a_decoded_still() -> None:
    latents = torch.randn(1, TOY.z, 4, 4, 6)
    film = CODEC.decode(latents)
    for k in range(4):
        still = CODEC.decode(latents[:, :, k : k + 1])
        assert still.shape[2] == 1
        torch.testing.assert_close(film[:, :, STEP * k], still[:, :, 0])
    assert not torch.equal(film[:, :, 1], film[:, :, 0])


def test_what_lies_between_depends_on_the_flow_and_on_both_keyframes() -> None:
    latents = torch.randn(1, TOY.z, 3, 4, 6)
    film = CODEC.decode(latents)
    for channels in (slice(0, TOY.still), slice(TOY.still, None)):
        other = latents.clone()
        other[:, channels, 2] += 1.0
        changed = (CODEC.decode(other) - film).abs().amax((0, 1, 3, 4)) > 1e-6
        keyframe = channels.start == 0
        assert changed.tolist() == [False] * 5 + [True] * 3 + [keyframe]


@settings(max_examples=12)
@given(sizes=st.lists(st.integers(1, 7), min_size=1, max_size=6), chunk=st.integers(1, 3))
def test_a_film_in_pieces_is_the_whole_film(sizes: list[int], chunk: int) -> None:
    short = -(sum(sizes) - 1) % STEP
    film = rolling(sum(sizes) + short, 1, size=(16, 32))[None]
    whole = CODEC.encode(film)
    pieces = film.split([*sizes, *([short] if short else [])], dim=2)
    torch.testing.assert_close(torch.cat(list(CODEC.encode_stream(pieces)), dim=2), whole, atol=1e-4, rtol=0)
    streamed = list(CODEC.decode_stream(whole, chunk))
    assert streamed[0].shape[2] == 1
    assert all(piece.shape[2] <= STEP * chunk for piece in streamed)
    torch.testing.assert_close(torch.cat(streamed, dim=2), CODEC.decode(whole), atol=1e-4, rtol=0)


def test_latents_come_as_soon_as_their_frames_are_there() -> None:
    taken = []

    def frames() -> object:
        for t, frame in enumerate(rolling(9, 1, size=(16, 32))[None].split(1, dim=2)):
            taken.append(t)
            yield frame

    stream = CODEC.encode_stream(frames())  # type: ignore[arg-type]
    assert next(stream).shape[2] == 1
    assert taken == [0]
    assert next(stream).shape[2] == 1
    assert taken == [0, 1, 2, 3, 4]


def test_normalised_latents_follow_mean_and_spread() -> None:
    raw = torch.randn(1, TOY.z, 2, 2, 2)
    latents = CODEC.normalise(raw)
    torch.testing.assert_close(latents[:, 1], (raw[:, 1] + 0.2) / 1.0)
    torch.testing.assert_close(latents[:, -1], raw[:, -1] / 0.7)
    torch.testing.assert_close(CODEC.denormalise(latents), raw)


def test_pictures_have_the_dtype_of_the_weights_and_latents_are_exact() -> None:
    half = KeyframeCodec(TOY).bfloat16().eval()
    with torch.no_grad():
        latents = half.encode(torch.rand(1, 3, 5, 16, 16))
        assert latents.dtype == torch.float32
        assert half.decode(latents).dtype == torch.bfloat16
        assert half.decode(latents).isfinite().all()


@pytest.mark.parametrize("frames", [0, 2, 4, 6, 8])
def test_films_of_other_lengths_are_refused(frames: int) -> None:
    with pytest.raises(ValueError, match="4n \\+ 1 frames"):
        CODEC.encode(torch.zeros(1, 3, frames, 16, 16))
    with pytest.raises(ValueError, match="4n \\+ 1 frames"):
        list(CODEC.encode_stream([torch.zeros(1, 3, 1, 16, 16)] * frames))


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="24 x 20 pixels are no multiple of 8 x 8"):
        CODEC.encode(torch.zeros(1, 3, 5, 20, 24))
    for shape in ((3, 5, 16, 16), (1, 4, 5, 16, 16)):
        with pytest.raises(ValueError, match=r"frames are \[B, 3, T, H, W\]"):
            CODEC.encode(torch.zeros(shape))
    with pytest.raises(ValueError, match="at least one latent frame"):
        next(CODEC.decode_stream(torch.zeros(1, TOY.z, 2, 2, 2), chunk=0))


def test_a_config_comes_back_out_of_json() -> None:
    again = CodecConfig(**json.loads(json.dumps(asdict(TOY))))
    assert again == TOY
    assert hash(again) == hash(TOY)
    assert (TOY.z, TOY.stride) == (12, (4, 8, 8))
    with pytest.raises(ValueError, match="11 and 12 channels of 12"):
        replace(TOY, mean=TOY.mean[1:])
    with pytest.raises(ValueError, match="above 0"):
        replace(TOY, spread=(0.0, *TOY.spread[1:]))


# --- flow


def test_coefficients_of_flow_are_another_orthonormal_basis() -> None:
    flow = torch.randn(3, FLOW, 2, 5)
    torch.testing.assert_close(straight(curved(flow)), flow)
    torch.testing.assert_close(curved(straight(flow)), flow)
    torch.testing.assert_close(curved(flow).square().sum(1), flow.square().sum(1))


def test_constant_velocity_is_the_first_order_alone() -> None:
    found = curved(told(3.0, -1.0))
    assert found[:, 2:].abs().max() < 1e-4
    length = sum(offset**2 for offset in OFFSETS) ** 0.5
    torch.testing.assert_close(found[0, :2, 0, 0], torch.tensor([3.0, -1.0]) * length)
    squares = torch.tensor([float(part * offset**2) for offset in OFFSETS for part in (1, 0)]).view(1, FLOW, 1, 1)
    assert curved(squares)[0, 4:].abs().max() < 1e-5, "constant acceleration needs the second as well, and no more"
    assert curved(squares)[0, 2].abs() > 0.1


def test_warping_by_whole_pixels_moves_a_picture_exactly() -> None:
    picture = torch.rand(1, 3, 16, 24)
    flow = torch.tensor([3.0, -2.0]).view(1, 2, 1, 1).expand(1, 2, 16, 24)
    moved = warp(picture, flow)
    torch.testing.assert_close(moved[:, :, 2:, :-3], picture[:, :, :-2, 3:], atol=1e-5, rtol=0)
    torch.testing.assert_close(moved[:, :, 2:, -2:], picture[:, :, :-2, -1:].expand(-1, -1, -1, 2), atol=1e-5, rtol=0)


def test_flow_of_cells_is_enlarged_without_a_change_of_scale() -> None:
    assert torch.equal(enlarged(told(2.0, 1.0), CELL), told(2.0, 1.0, size=(64, 96)))


def test_cells_match_best_where_they_went() -> None:
    features = F.normalize(torch.randn(1, 16, 9, 9), dim=1)
    alike = correlation(features, features.roll((1, 2), (2, 3)))
    best = alike[0, :, 4, 4].argmax()
    assert (int(best) // 7 - 3, int(best) % 7 - 3) == (1, 2)


@pytest.mark.parametrize(("right", "down"), [(1, 0), (0, 1), (-1, 1)])
def test_a_step_of_lucas_and_kanade_mends_a_small_error(right: int, down: int) -> None:
    """Both from nothing and from a flow that is off by a pixel."""
    film = torch.stack([texture((64, 96), smooth=8).roll((down * t, right * t), (1, 2)) for t in range(5)])
    middle, others = film[2][None], film[[0, 1, 3, 4]][None]
    meant = told(right, down)
    for flow in (told(0.0), meant + told(0.5, -0.5)):
        misfit, step = lucas_kanade(middle, others, flow)
        assert misfit.shape == (1, 4, 3, 64, 96)
        inner = (slice(None), slice(None), slice(2, -2), slice(2, -2))
        before, after = ((found - meant)[inner].abs().mean() for found in (flow, flow + step))
        assert after < 0.5 * before
    nothing, step = lucas_kanade(middle, others, meant)
    assert nothing[..., 16:-16, 16:-16].abs().max() < 1e-4
    assert step[..., 2:-2, 2:-2].abs().max() < 1e-2


def test_steps_are_at_most_half_a_cell() -> None:
    _, step = lucas_kanade(torch.rand(1, 3, 16, 16), torch.rand(1, 4, 3, 16, 16) * 50, torch.zeros(1, FLOW, 2, 2))
    assert step.abs().max() <= CELL / 2


@pytest.mark.parametrize("k", [0, 1, 2])
def test_flow_of_the_middle_says_where_each_frame_between_comes_from(k: int) -> None:
    """Frame k is k + 1 frames after the first keyframe, and 3 - k before the second."""
    found = flow_at(told(3.0, -2.0, size=(16, 24)), k)
    meant = torch.tensor([3.0, -2.0])
    torch.testing.assert_close(found[0, :2, 8, 12], -(k + 1.0) * meant)
    torch.testing.assert_close(found[0, 2:, 8, 12], (3.0 - k) * meant)
    assert found.std((2, 3)).max() < 1e-4


def test_an_untrained_interpolator_draws_what_moves_where_the_flow_says() -> None:
    """It repairs nothing yet, so that what it draws is warped keyframes."""
    film = rolling(5, 3, -1)
    draw = FrameInterpolator(TOY)
    with torch.no_grad():
        made = draw(film[None, :, 0], film[None, :, 4], told(3.0, -1.0))
        still = draw(film[None, :, 0], film[None, :, 4], told(0.0))
    assert made.shape == (1, 3, 3, 64, 96)
    for k in range(3):
        meant, inner = film[:, k + 1], (slice(None), slice(12, -12), slice(16, -16))
        assert psnr(made[0, k][inner], meant[inner]) > 35
        assert psnr(still[0, k][inner], meant[inner]) < 25
