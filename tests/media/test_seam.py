import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from yozora.media import seam
from yozora.media.scale import scaled

Frames = NDArray[np.uint8]


def sharp(count: int, height: int = 144, width: int = 256) -> Frames:
    """Sharp things that move over a sharp ground."""
    rng = np.random.default_rng(3)
    ground = cv2.GaussianBlur(rng.uniform(0, 255, (height, width, 3)).astype(np.float32), (0, 0), 1.2)
    ground = (128 + 3 * (ground - ground.mean())).clip(40, 215).astype(np.uint8)
    frames = np.repeat(ground[None], count, 0)
    for k in range(count):
        cv2.circle(frames[k], (60 + 4 * k, 70), 24, (220, 60, 40), -1, cv2.LINE_AA)
        cv2.circle(frames[k], (60 + 4 * k, 70), 8, (30, 30, 80), 2, cv2.LINE_AA)
    return frames


def seen(frame: Frames) -> Frames:
    """As a model has it: small, soft, and of other colours."""
    small = cv2.resize(frame, (128, 72), interpolation=cv2.INTER_AREA).astype(np.float32)
    soft = cv2.GaussianBlur(small, (0, 0), 0.7) * np.array([0.95, 0.97, 0.93], np.float32) + np.float32(6)
    return np.asarray(soft.clip(0, 255), np.uint8)


def off(a: Frames, b: Frames) -> float:
    return float(np.abs(a.astype(int) - b).mean())


def sharpness(frame: Frames) -> float:
    return float(np.abs(cv2.Laplacian(frame.astype(np.float32), cv2.CV_32F)).mean())


def test_at_the_seam_itself_the_kept_frame_comes_out() -> None:
    (kept,) = sharp(1)
    made = seam.match_seams(seen(kept), 256, 144, [(seam.Seam.between(kept, seen(kept)), 0.0)])
    assert np.abs(made.astype(int) - kept).max() <= 2


def test_the_step_at_the_join_is_no_larger_than_others() -> None:
    frames = sharp(8)
    met = seam.Seam.between(frames[3], seen(frames[3]))
    after = [seam.match_seams(seen(frames[k]), 256, 144, [(met, (k - 3) / 16)]) for k in range(4, 8)]
    usual = off(frames[2], frames[3])
    assert off(frames[3], scaled(seen(frames[4]), 256, 144)) > 3 * usual
    assert off(frames[3], after[0]) < 2 * usual
    assert off(after[0], frames[4]) < 0.4 * off(scaled(seen(frames[4]), 256, 144), frames[4])
    assert sharpness(after[0]) > 0.8 * sharpness(frames[4])


def test_detail_fades_first_and_colours_after() -> None:
    frames = sharp(1).repeat(2, 0)
    met = seam.Seam.between(frames[0], seen(frames[0]))
    bare = scaled(seen(frames[0]), 256, 144)
    half, late, gone = (seam.match_seams(seen(frames[1]), 256, 144, [(met, second)]) for second in (0.25, 0.6, 1.5))
    assert sharpness(frames[0]) > sharpness(half) > 1.2 * sharpness(late)
    assert sharpness(late) == pytest.approx(sharpness(bare), rel=0.02)
    assert abs(float(late.mean()) - float(frames[0].mean())) < 0.8 * abs(float(bare.mean()) - float(frames[0].mean()))
    assert np.array_equal(gone, bare)


def test_two_seams_do_not_add_up() -> None:
    (kept,) = sharp(1)
    met = seam.Seam.between(kept, seen(kept))
    made = seam.match_seams(seen(kept), 256, 144, [(met, 0.05), (met, 0.05)])
    assert np.abs(made.astype(int) - kept).max() <= 2


def test_over_a_cut_only_colours_are_carried() -> None:
    frames = sharp(2)
    other = np.ascontiguousarray(255 - frames[1][::-1, ::-1])
    made = seam.match_seams(seen(other), 256, 144, [(seam.Seam.between(frames[0], seen(frames[0])), 1 / 16)])
    change = made.astype(np.float32) - scaled(seen(other), 256, 144)
    assert np.abs(cv2.Laplacian(change, cv2.CV_32F)).mean() < 3
    assert np.abs(change).max() < 40


@pytest.mark.parametrize(
    "region", [(0.25, 0.25, 0.4, 0.5), (0.0, 0.0, 0.1, 0.1), (0.5, 0.5, 0.1, 0.1), (0.3, 0, 0.7, 1)]
)
def test_nothing_outside_of_a_region_changes(region: tuple[float, float, float, float]) -> None:
    (source,) = sharp(1)
    made = np.ascontiguousarray(seen(source)[:, ::-1])
    out = seam.inside(source, made, region)
    left, top, right, bottom = seam.box(region, 256, 144)
    outside = np.ones((144, 256), np.bool_)
    outside[top:bottom, left:right] = False
    assert np.array_equal(out[outside], source[outside])
    assert (out[top:bottom, left:right] != source[top:bottom, left:right]).any(-1).mean() > 0.5


def test_a_region_takes_the_colours_around_it() -> None:
    (source,) = sharp(1)
    darker = (source.clip(0, 200).astype(int) - [20, 8, 14]).clip(0).astype(np.uint8)
    out = seam.inside(source.clip(0, 200).astype(np.uint8), darker, (0.3, 0.2, 0.3, 0.6))
    assert np.abs(out.astype(int) - source.clip(0, 200)).max() <= 3


def test_the_edge_is_soft_and_a_few_pixels_wide() -> None:
    source = np.full((144, 256, 3), 40, np.uint8)
    made = np.full((72, 128, 3), 220, np.uint8)
    out = seam.inside(source, made, (0.25, 0.25, 0.5, 0.5))[72, :, 0].astype(int)
    assert (out[:64] == 40).all()
    assert (out[192:] == 40).all()
    assert 40 < out[64] < out[65] < out[66] < out[67] <= 220
    assert (out[68:188] == 220).all()


def test_a_region_has_a_pixel_at_least() -> None:
    assert seam.box((0.999, 0.999, 0.0001, 0.0001), 100, 50) == (99, 49, 100, 50)
    assert seam.box((0.1, 0.1, 22 / 640, 13 / 360), 640, 360) == (64, 36, 86, 49)
