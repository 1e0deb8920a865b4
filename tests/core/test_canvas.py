"""The canvas: its invariants, its verbs, and the way from latents to tokens and back."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from yozora.core.canvas import Canvas, Layout, blank, lattice, paste, patchify, picture, refer, say, unpatchify

GRID = (3, 2, 4)
FRAME = 8  # tokens in one frame of GRID


def latents(frames: int, seed: int = 0) -> torch.Tensor:
    """Random latents of 5 channels that fill `frames` token frames of GRID through patches of 1x2x2."""
    return torch.randn(5, frames, 4, 8, generator=torch.Generator().manual_seed(seed))


def test_a_blank_canvas_knows_nothing_and_is_free() -> None:
    canvas = blank(GRID, 20)
    assert canvas.known_NC.shape == (24, 20)
    assert not canvas.known_NC.any()
    assert (canvas.strength_N == 1).all()
    assert canvas.prompts == ()
    assert canvas.reads_NP.shape == (24, 0)
    assert canvas.pos_N3[0].tolist() == [0, 0, 0]
    assert canvas.pos_N3[FRAME + 5].tolist() == [1, 1, 1]
    assert canvas.pos_N3[-1].tolist() == [2, 1, 3]


def test_rate_and_size_are_data() -> None:
    half_rate = blank(GRID, 20, spacing=(2.0, 1.0, 0.5))
    assert half_rate.pos_N3[-1].tolist() == [4, 1, 1.5]


@pytest.mark.parametrize(
    "change",
    [
        {"known_NC": torch.zeros(23, 20)},
        {"known_NC": torch.zeros(24, 20, dtype=torch.float64)},
        {"known_NC": torch.zeros(24)},
        {"known_NC": torch.full((24, 20), torch.nan)},
        {"strength_N": torch.full((24,), 1.01)},
        {"strength_N": torch.full((24,), -0.01)},
        {"strength_N": torch.full((24,), torch.nan)},
        {"strength_N": torch.ones(24, 1)},
        {"pos_N3": torch.zeros(24, 2)},
        {"pos_N3": torch.full((24, 3), torch.inf)},
        {"pos_N3": torch.zeros(24, 3, device="meta")},
        {"prompts": ("one too many",)},
        {"reads_NP": torch.zeros(24, 0)},
        {"grid": (4, 2, 4)},
        {"grid": (3, 0, 4)},
    ],
    ids=lambda change: f"{next(iter(change))}-{type(next(iter(change.values()))).__name__}",
)
def test_no_half_built_canvas(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"canvas|picture|strength|finite"):
        replace(blank(GRID, 20), **change)


def test_a_canvas_is_frozen() -> None:
    with pytest.raises(AttributeError):
        blank(GRID, 20).prompts = ("no",)  # type: ignore[misc]


def test_paste_keeps_what_it_is_given() -> None:
    clip = latents(2)
    before = blank(GRID, 20)
    after = paste(before, clip, at=1)
    assert torch.equal(after.known_NC[FRAME:], patchify(clip))
    assert not after.known_NC[:FRAME].any()
    assert after.strength_N.tolist() == [1.0] * FRAME + [0.0] * 2 * FRAME
    assert not before.known_NC.any(), "the canvas before is as it was"
    assert (before.strength_N == 1).all()


def test_latents_and_their_patches_paste_alike() -> None:
    clip = latents(3)
    patched = patchify(clip).T.reshape(20, *GRID)
    assert torch.equal(paste(blank(GRID, 20), clip).known_NC, paste(blank(GRID, 20), patched).known_NC)


def test_paste_with_a_bump_of_strength() -> None:
    bump = torch.tensor([0.0, 0.5, 0.0])[:, None, None]
    canvas = paste(blank(GRID, 20), latents(3), strength=bump)
    assert canvas.strength_N.reshape(GRID)[:, 0, 0].tolist() == [0.0, 0.5, 0.0]
    assert canvas.strength_N.reshape(GRID)[1].unique().tolist() == [0.5]


def test_paste_lands_in_its_region_only() -> None:
    first, second = latents(3, seed=1), latents(3, seed=2)
    left = torch.zeros(2, 4, dtype=torch.bool)
    left[:, :2] = True
    canvas = paste(paste(blank(GRID, 20), first), second, strength=0.75, region=left)
    known, strength = canvas.known_NC.reshape(*GRID, 20), canvas.strength_N.reshape(GRID)
    assert torch.equal(known[:, :, :2], patchify(second).reshape(*GRID, 20)[:, :, :2])
    assert torch.equal(known[:, :, 2:], patchify(first).reshape(*GRID, 20)[:, :, 2:])
    assert strength[:, :, :2].unique().tolist() == [0.75]
    assert strength[:, :, 2:].unique().tolist() == [0.0]


@pytest.mark.parametrize(
    ("clip", "at"),
    [
        (latents(2), 2),
        (latents(1), -1),
        (latents(1)[:, :, :2], 0),
        (latents(1)[:4], 0),
        (latents(1)[0], 0),
        (latents(1)[:, :, :3], 0),
    ],
    ids=["past the end", "before the start", "too low", "too few channels", "no channels", "half a patch"],
)
def test_paste_refuses_what_does_not_fit(clip: torch.Tensor, at: int) -> None:
    with pytest.raises(ValueError, match=r"fit|tokens|divide"):
        paste(blank(GRID, 20), clip, at=at)


def test_refer_appends_tokens_that_inform() -> None:
    still = torch.ones(5, 1, 6, 2)  # another size than the picture
    before = say(blank(GRID, 20), "a red car")
    after = refer(before, still, at=1.5)
    assert after.grid == before.grid
    assert after.picture_tokens == 24
    assert len(after.known_NC) == 27
    assert torch.equal(after.known_NC[:24], before.known_NC)
    assert (after.known_NC[24:] == 1).all()
    assert after.strength_N[24:].tolist() == [0.0] * 3
    assert after.pos_N3[24:].tolist() == [[1.5, 0, 0], [1.5, 1, 0], [1.5, 2, 0]]
    assert after.reads_NP.all()


def test_say_to_all_and_to_a_span() -> None:
    canvas = refer(say(blank(GRID, 20), "everywhere"), latents(1), at=-1.0)
    canvas = say(say(canvas, "first card", span=(0, 1)), "second card", span=(1, 3))
    assert canvas.prompts == ("everywhere", "first card", "second card")
    heard = canvas.reads_NP[:24].reshape(*GRID, 3)
    assert heard[..., 0].all()
    assert heard[..., 1].all(dim=(1, 2)).tolist() == [True, False, False]
    assert heard[..., 1].any(dim=(1, 2)).tolist() == [True, False, False]
    assert heard[..., 2].all(dim=(1, 2)).tolist() == [False, True, True]
    assert canvas.reads_NP[24:].all(), "what informs the picture hears everything"


@pytest.mark.parametrize("span", [(0, 0), (2, 1), (-1, 2), (0, 4)])
def test_say_refuses_what_is_no_span(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="not a span"):
        say(blank(GRID, 20), "a red car", span)


@pytest.mark.parametrize("patch", [(1, 2, 2), (1, 1, 1), (2, 1, 4)])
def test_patches_go_back_and_forth(patch: tuple[int, int, int]) -> None:
    clips = torch.randn(2, 3, 5, 4, 6, 8)  # two leading axes
    grid = tuple(n // p for n, p in zip(clips.shape[-3:], patch, strict=True))
    tokens = patchify(clips, patch)
    assert tokens.shape == (2, 3, grid[0] * grid[1] * grid[2], 5 * patch[0] * patch[1] * patch[2])
    assert torch.equal(unpatchify(tokens, grid, patch), clips)
    assert torch.equal(patchify(clips[1, 2], patch), tokens[1, 2])


def test_the_order_inside_a_token() -> None:
    clip = torch.arange(2 * 2 * 4 * 4).reshape(2, 2, 4, 4)
    token = patchify(clip)[1 * 4 + 0 * 2 + 1]  # frame 1, row 0, column 1
    corner = clip[:, 1, 0:2, 2:4]
    assert token.tolist() == corner.flatten().tolist()


def test_a_patch_is_what_a_convolution_sees() -> None:
    clip, weight = torch.randn(1, 5, 3, 4, 8), torch.randn(7, 5, 1, 2, 2)
    slow = torch.nn.functional.conv3d(clip, weight, stride=(1, 2, 2)).flatten(2).mT
    torch.testing.assert_close(patchify(clip) @ weight.flatten(1).T, slow, rtol=1e-5, atol=1e-5)


def test_the_picture_comes_back_without_what_informs_it() -> None:
    clip = latents(3)
    canvas = refer(paste(blank(GRID, 20), clip), latents(1), at=5.0)
    assert torch.equal(picture(canvas, canvas.known_NC), clip)
    assert torch.equal(picture(canvas, canvas.known_NC.expand(2, -1, -1))[1], clip)


def test_wrong_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="do not divide"):
        patchify(torch.zeros(5, 1, 3, 4))
    with pytest.raises(ValueError, match="not a picture"):
        unpatchify(torch.zeros(23, 20), GRID)
    with pytest.raises(ValueError, match="not a picture"):
        unpatchify(torch.zeros(24, 18), GRID)


def test_lattice_runs_frame_by_frame() -> None:
    assert lattice((2, 1, 2)).tolist() == [[0, 0, 0], [0, 0, 1], [1, 0, 0], [1, 0, 1]]


def test_layout_of_the_default_film() -> None:
    layout = Layout()
    assert layout.token_channels == 192
    assert layout.grid(33, 128, 224) == (9, 4, 7)
    assert layout.grid(1, 224, 128) == (1, 7, 4)


@pytest.mark.parametrize("film", [(32, 128, 224), (0, 128, 224), (33, 120, 224), (33, 128, 208), (33, 128, 0)])
def test_layout_refuses_what_does_not_divide(film: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        Layout().grid(*film)


def test_layout_is_checked() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Layout(stride=(0, 16, 16))


def test_a_canvas_moves_as_a_whole() -> None:
    canvas = say(paste(blank(GRID, 20), latents(1)), "a red car")
    moved = canvas.to("cpu")
    assert isinstance(moved, Canvas)
    assert moved.prompts == canvas.prompts
    assert torch.equal(moved.known_NC, canvas.known_NC)
