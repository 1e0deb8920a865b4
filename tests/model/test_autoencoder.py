import dataclasses
from collections.abc import Iterator

import pytest
import torch
from diffusers import AutoencoderKLWan
from torch import Tensor

from yozora.families.wan_shapes import VAE_2_1, VAE_2_2
from yozora.model.autoencoder import MINI, AutoencoderConfig, VideoAutoencoder
from yozora.model.autoencoder_keys import config_from_diffusers, native_to_diffusers
from yozora.model.autoencoder_layers import Past, fold_patches, unfold_patches
from yozora.weights.checkpoints.names import inverse, rename


def small(config: AutoencoderConfig, **changes: object) -> AutoencoderConfig:
    sizes = {
        "dim": 8,
        "dec_dim": 8,
        "z": 4,
        "mean": (0.1, -0.2, 0.3, 0.0),
        "std": (0.5, 1.0, 2.0, 1.5),
        "res_blocks": 1,
    }
    return dataclasses.replace(config, **(sizes | changes))


KINDS = {
    "2.1": small(VAE_2_1),
    "2.2": small(VAE_2_2),
    "mini": small(MINI),
    "mini with attention": small(MINI, attention=True, linear=False),
}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    torch.manual_seed(0)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with torch.random.fork_rng():
        yield
    torch.set_num_threads(threads)


def build(config: AutoencoderConfig) -> VideoAutoencoder:
    model = VideoAutoencoder(config).eval().requires_grad_(False)
    for name, parameter in model.named_parameters():
        if parameter.ndim > 1 and "gamma" not in name:
            torch.nn.init.normal_(parameter, std=1.5 / parameter[0].numel() ** 0.5)
        else:
            torch.nn.init.normal_(parameter, mean=float("gamma" in name), std=0.1)
    return model


def film(frames: int, config: AutoencoderConfig, batch: int = 1) -> Tensor:
    _, h, w = config.stride
    return torch.rand(batch, 3, frames, 2 * h, 3 * w) * 2 - 1


def smooth_clips(count: int, frames: int = 9, height: int = 64, width: int = 96) -> Tensor:
    """Coloured waves that drift: [count, 3, frames, height, width] in [-1, 1]."""
    t, y, x = torch.meshgrid(torch.arange(frames), torch.arange(height), torch.arange(width), indexing="ij")
    waves = torch.zeros(count, 3, frames, height, width)
    for _ in range(3):
        size, along_x, along_y, speed, phase = torch.randn(5, count, 3, 1, 1, 1)
        waves += size * torch.sin(along_x * x / 24 + along_y * y / 24 + speed * t / 5 + 6 * phase)
    return torch.tanh(waves / 2)


def relative(ours: Tensor, theirs: Tensor) -> float:
    assert ours.shape == theirs.shape
    return float((ours - theirs).norm() / theirs.norm())


def psnr(a: Tensor, b: Tensor) -> float:
    return float(-10 * torch.log10(((a - b) / 2).square().mean()))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("frames", [1, 5, 13])
def test_shapes_follow_the_stride(kind: str, frames: int) -> None:
    model = build(KINDS[kind])
    clip = film(frames, model.config, batch=2)
    latents = model.encode(clip)
    assert latents.shape == (2, 4, (frames - 1) // 4 + 1, 2, 3)
    decoded = model.decode(latents)
    assert decoded.shape == clip.shape
    assert decoded.abs().max() <= 1
    assert decoded.std() > 0.05


@pytest.mark.parametrize("kind", KINDS)
def test_streamed_encoding_equals_whole_encoding(kind: str) -> None:
    model = build(KINDS[kind])
    clip = film(17, model.config)
    whole = model.encode(clip)
    for pieces in ([1] * 17, [1, 4, 4, 4, 4], [1, 8, 8], [3, 7, 2, 5], [9, 8]):
        streamed = list(model.encode_stream(clip.split(pieces, dim=2)))
        torch.testing.assert_close(torch.cat(streamed, dim=2), whole, atol=1e-4, rtol=0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chunk", [1, 2, 3, 10])
def test_streamed_decoding_equals_whole_decoding(kind: str, chunk: int) -> None:
    model = build(KINDS[kind])
    latents = torch.randn(1, 4, 5, 2, 3)
    whole = model.decode(latents)
    streamed = list(model.decode_stream(latents, chunk))
    assert streamed[0].shape[2] == 1
    torch.testing.assert_close(torch.cat(streamed, dim=2), whole, atol=1e-4, rtol=0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_remembers_a_fixed_number_of_frames(kind: str) -> None:
    model = build(KINDS[kind])
    past = Past(keep=True)
    sizes = []
    for latent in torch.randn(1, 4, 6, 1, 1).split(1, dim=2):
        model.picture(latent, past)
        tails = [past.tail(layer) for layer in model.modules()]
        sizes.append(sum(tail.untyped_storage().nbytes() for tail in tails if tail is not None))
    assert sizes[2] == sizes[3] == sizes[5] > 0


@pytest.mark.parametrize("kind", KINDS)
def test_later_frames_do_not_change_earlier_latents(kind: str) -> None:
    model = build(KINDS[kind])
    clip = film(13, model.config)
    changed = clip.clone()
    changed[:, :, 5:] = -changed[:, :, 5:]
    before, after = model.encode(clip), model.encode(changed)
    torch.testing.assert_close(after[:, :, :2], before[:, :, :2], atol=1e-5, rtol=0)
    assert (after[:, :, 2:] - before[:, :, 2:]).abs().amax((0, 1, 3, 4)).min() > 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_later_latents_do_not_change_earlier_frames(kind: str) -> None:
    model = build(KINDS[kind])
    latents = torch.randn(1, 4, 4, 2, 3)
    changed = latents.clone()
    changed[:, :, 2:] *= -1
    before, after = model.decode(latents), model.decode(changed)
    torch.testing.assert_close(after[:, :, :5], before[:, :, :5], atol=1e-5, rtol=0)
    assert (after[:, :, 5:] - before[:, :, 5:]).abs().amax((0, 1, 3, 4)).min() > 1e-3


def test_a_still_is_the_first_latent_of_its_clip() -> None:
    model = build(KINDS["mini"])
    clip = film(9, model.config)
    torch.testing.assert_close(model.encode(clip[:, :, :1]), model.encode(clip)[:, :, :1], atol=1e-5, rtol=0)


def toy_diffusers(name: str) -> AutoencoderKLWan:
    sizes: dict[str, object] = {"base_dim": 8, "z_dim": 4, "dim_mult": [1, 2, 4, 4], "num_res_blocks": 2}
    sizes |= {"latents_mean": [0.1, -0.2, 0.3, 0.0], "latents_std": [0.5, 1.0, 2.0, 1.5]}
    if name == "2.2":
        sizes |= {"decoder_base_dim": 12, "is_residual": True, "patch_size": 2, "in_channels": 12, "out_channels": 12}
        sizes |= {"scale_factor_spatial": 16}
    model = AutoencoderKLWan(**sizes).eval().requires_grad_(False)
    for parameter in model.parameters():
        parameter.add_(torch.randn_like(parameter), alpha=0.05)
    return model


@pytest.mark.parametrize("name", ["2.1", "2.2"])
@pytest.mark.parametrize("frames", [1, 9, 13])
def test_diffusers_weights_load_and_agree(name: str, frames: int) -> None:
    theirs = toy_diffusers(name)
    config = config_from_diffusers(theirs.config)
    state = rename(theirs.state_dict(), inverse(native_to_diffusers(config)))
    with torch.device("meta"):
        ours = VideoAutoencoder(config).eval()
    ours.load_state_dict(state, strict=True, assign=True)
    clip = film(frames, config)
    with torch.no_grad():
        posterior = theirs.encode(clip).latent_dist
        mean, log_variance = ours.posterior(clip)
        assert relative(mean, posterior.mean) < 1e-4
        assert relative(log_variance, posterior.logvar) < 1e-4
        assert relative(ours.decode(ours.normalise(posterior.mean)), theirs.decode(posterior.mean).sample) < 1e-4


def test_native_keys() -> None:
    keys = set(VideoAutoencoder(KINDS["2.1"]).state_dict())
    assert {"conv1.weight", "conv2.bias", "encoder.conv1.weight", "decoder.head.0.gamma"} <= keys
    assert {"encoder.downsamples.0.residual.2.weight", "encoder.middle.1.to_qkv.weight"} <= keys
    assert {"decoder.upsamples.2.resample.1.weight", "decoder.upsamples.2.time_conv.weight"} <= keys
    assert "encoder.downsamples.1.downsamples.1.time_conv.weight" in VideoAutoencoder(KINDS["2.2"]).state_dict()


def test_patches_fold_columns_before_rows_and_unfold_again() -> None:
    picture = torch.arange(16.0).reshape(1, 1, 1, 4, 4)
    folded = fold_patches(picture, 2)
    assert folded[0, :, 0, 0, 0].tolist() == [0.0, 4.0, 1.0, 5.0]
    assert torch.equal(unfold_patches(folded, 2), picture)


@pytest.mark.parametrize("frames", [0, 2, 4])
def test_a_film_has_a_frame_more_than_whole_latents(frames: int) -> None:
    model = build(KINDS["mini"])
    clip = film(frames, model.config)
    with pytest.raises(ValueError, match="frames"):
        model.encode(clip)
    with pytest.raises(ValueError, match="frames"):
        list(model.encode_stream([clip]))


def test_sizes_are_whole_latents() -> None:
    model = build(KINDS["mini"])
    with pytest.raises(ValueError, match="multiples of 16x16"):
        model.encode(torch.zeros(1, 3, 1, 24, 32))
    with pytest.raises(ValueError, match="at least one"):
        list(model.decode_stream(torch.zeros(1, 4, 2, 2, 2), chunk=0))


@pytest.mark.parametrize(
    "wrong",
    [
        {"dim": 0},
        {"temporal": (True,)},
        {"mean": (0.0,)},
        {"std": (1.0, 1.0, 0.0, 1.0)},
        {"dec_dim": 3, "mult": (1, 1, 1)},
    ],
)
def test_a_config_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        small(MINI, **wrong)


def test_half_precision_stays_close() -> None:
    torch.manual_seed(0)
    model = VideoAutoencoder(dataclasses.replace(MINI, dim=8, dec_dim=8)).eval().requires_grad_(False)
    clips = smooth_clips(1)
    exact = model.decode(model.encode(clips[:1]))
    half = model.bfloat16()
    assert psnr(half.decode(half.encode(clips[:1])).float(), exact) > 36
