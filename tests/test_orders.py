"""Every mode on real films, with a toy's weights: what is kept is kept, and nothing else is promised."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from yozora import orders
from yozora.board import Board, Card
from yozora.core import modes
from yozora.core.canvas import paste
from yozora.core.sampler import Step
from yozora.engine import Encoded, Engine, Order, Retime, between, is_led, needs
from yozora.errors import UserError
from yozora.film import Film, Sound
from yozora.presets import Preset

Frames = NDArray[np.uint8]
SMALL = {"width": 64, "height": 64, "seed": 5}


@pytest.fixture
def engine(toy: Preset, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setattr("yozora.presets.PRESETS", {"mini": toy})
    return Engine(toy, "cpu", torch.float32)


@pytest.fixture
def clip(make_film: Callable[..., Film]) -> Film:
    """Two seconds of moving bars with a tone."""
    tone = np.sin(np.arange(2 * 8000) * 0.3).astype(np.float32)[:, None] * 0.5
    return replace(make_film(frames=33, height=64, width=64), sound=Sound(samples=tone, rate=8000))


def made(engine: Engine, order: Order) -> Film:
    *_, last = engine.films(order)
    assert last.film is not None
    return last.film


def again(engine: Engine, frames: Frames) -> Frames:
    """A clip through the autoencoder and back, in one piece."""
    video = torch.from_numpy(frames).permute(3, 0, 1, 2).float().div(127.5).sub(1)[None]
    with torch.inference_mode():
        out = engine.autoencoder.decode(engine.autoencoder.encode(video))[0]
    return out.add(1).mul(127.5).round().clamp(0, 255).byte().permute(1, 2, 3, 0).numpy()


def near(a: Frames, b: Frames) -> bool:
    """Equal but for the rounding of a thousandth."""
    return a.shape == b.shape and int(np.abs(a.astype(int) - b.astype(int)).max()) <= 1


def test_an_extension_keeps_the_clip_and_goes_on(engine: Engine, clip: Film) -> None:
    film = made(engine, orders.extend(clip, "a car", seconds=1.0, **SMALL))
    assert film.frames.shape == (33 + 16, 64, 64, 3)
    assert near(film.frames[:33], again(engine, clip.frames))
    assert film.sound is not None
    assert film.sound.seconds == pytest.approx(49 / 16, abs=0.1)
    assert np.abs(film.sound.samples[-2000:]).max() == 0


def test_a_backward_extension_ends_with_the_clip(engine: Engine, clip: Film) -> None:
    film = made(engine, orders.extend(clip, "a car", backward=True, seconds=1.0, **SMALL))
    ongoing = np.concatenate([clip.frames[:1], clip.frames[:32]])
    assert len(film.frames) == 1 + 16 + 33
    # The frames that decoding still mixes with what was invented before them are left out of the comparison.
    assert np.abs(film.frames[-9:-1].astype(int) - again(engine, ongoing)[-8:]).mean() < 12
    assert film.sound is not None
    assert np.abs(film.sound.samples[:4000]).max() == 0


def test_nothing_to_add_is_the_source(engine: Engine, clip: Film) -> None:
    assert np.array_equal(made(engine, orders.extend(clip, "a car", seconds=0.0, seed=1)).frames, clip.frames)


def test_a_remix_at_strength_0_is_the_reconstruction(engine: Engine, clip: Film) -> None:
    film = made(engine, orders.remix(clip, "a boat", strength=0.0, **SMALL))
    assert near(film.frames, again(engine, clip.frames))
    other = made(engine, orders.remix(clip, "a boat", strength="strong", **SMALL))
    assert not near(film.frames, other.frames)


def test_a_loop_is_the_clip_and_a_way_back(engine: Engine, clip: Film) -> None:
    film = made(engine, orders.loop(clip, seconds=1.0, **SMALL))
    assert len(film.frames) == 33 + 16
    # It begins as its way back arrives there, which decoding mixes a little with what is kept.
    assert near(film.frames[16:33], again(engine, clip.frames)[16:])
    ongoing = np.concatenate([clip.frames[:1], clip.frames[:32]])
    assert np.abs(film.frames[8:16].astype(int) - again(engine, ongoing)[9:17]).mean() < 12
    arrival = orders.loop(clip, seconds=1.0, **SMALL)
    (shot,) = arrival.mode(arrival.request, engine.layout, [Encoded(engine, source) for source in arrival.sources])
    assert shot.returns == 4


def test_a_blend_begins_as_one_and_ends_as_the_other(
    engine: Engine, clip: Film, make_film: Callable[..., Film]
) -> None:
    other = make_film(frames=33, height=64, width=64, prompt="other")
    other = replace(other, frames=other.frames[::-1].copy())
    film = made(engine, orders.blend(clip, other, seconds=1.0, **SMALL))
    assert len(film.frames) == 33 + 33 - 16
    assert near(film.frames[:17], again(engine, clip.frames)[:17])


def test_an_edit_and_a_recut_keep_the_length(engine: Engine, clip: Film) -> None:
    film = made(engine, orders.edit(clip, "a boat", region=(0, 0, 0.5, 0.5), start=1.0, **SMALL))
    assert film.frames.shape == clip.frames.shape
    assert near(film.frames[:13], again(engine, clip.frames)[:13])
    film = made(engine, orders.recut(clip, [(0.0, 1.0)], **SMALL))
    assert film.frames.shape == clip.frames.shape
    assert near(film.frames[:16], again(engine, clip.frames)[:16])
    assert film.sound is not None
    assert np.abs(film.sound.samples[-6000:]).max() == 0


def beep(film: Film) -> float:
    """The second at which it is loudest."""
    assert film.sound is not None
    return float(np.abs(film.sound.samples[:, 0]).argmax() / film.sound.rate)


@pytest.mark.parametrize("seconds", [0.3, 0.6, 0.9, 1.0])
def test_sound_stays_with_its_picture(engine: Engine, clip: Film, seconds: float) -> None:
    click = np.zeros((2 * 8000, 1), np.float32)
    click[12_000] = 1.0  # at second 1.5
    loud, quiet = (replace(clip, sound=Sound(samples=samples, rate=8000)) for samples in (click, click * 0))
    film = made(engine, orders.extend(loud, "a car", backward=True, seconds=seconds, **SMALL))
    assert beep(film) == pytest.approx((len(film.frames) - 33) / 16 + 1.5, abs=0.01)
    film = made(engine, orders.blend(quiet, loud, seconds=seconds, **SMALL))
    assert beep(film) == pytest.approx((len(film.frames) - 33) / 16 + 1.5, abs=0.01)
    film = made(engine, orders.blend(quiet, replace(loud, frames=clip.frames[:17]), seconds=1.0, **SMALL))
    assert len(film.frames) == 33 + 17 - 16, "a clip may be about as long as the blend"


def test_sound_stays_with_its_picture_on_a_board(engine: Engine, clip: Film, tmp_path: Path) -> None:
    click = np.zeros((2 * 8000, 1), np.float32)
    click[8_000] = 1.0
    path = replace(clip, sound=Sound(samples=click, rate=8000)).save(tmp_path / "clip.mp4")
    cards = [Card(start=1.03 * k, stop=1.03 * (k + 1), prompt="a car") for k in range(10)]
    flowing = Card(start=10.3, stop=12.3, prompt="a boat", clip=path, transition="flow")
    for last in (flowing, replace(flowing, transition="cut")):
        order = orders.storyboard(Board(cards=(*cards, last)), **SMALL)
        clips = [Encoded(engine, source) for source in order.sources]
        shots = order.mode(order.request, engine.layout, clips)
        assert sum(shot.frames or 0 for shot in shots) == round(12.3 * 16)
        shown = sum(shot.frames or 0 for shot in shots[:-1])
        first = int((shots[-1].canvas.strength_T == 0).int().argmax())
        begins = (shown + (1 + 4 * (first - 1) if first else 0)) / 16
        assert order.sound is not None
        found = float(np.abs(order.sound.samples[:, 0]).argmax() / order.sound.rate)
        assert found == pytest.approx(begins + 1.0, abs=0.05)


@pytest.mark.parametrize("frames", [34, 35, 36])
def test_no_frame_of_a_clip_is_lost(engine: Engine, clip: Film, make_film: Callable[..., Film], frames: int) -> None:
    longer = make_film(frames=frames, height=64, width=64)
    for order in (
        orders.remix(longer, "a boat", strength=0.0, **SMALL),
        orders.edit(longer, "a boat", region=(0, 0, 0.5, 0.5), **SMALL),
        orders.recut(longer, [(0.0, float("inf"))], **SMALL),
    ):
        assert len(made(engine, order).frames) == frames
    assert len(made(engine, orders.extend(longer, "a car", seconds=0.1, **SMALL)).frames) > frames


@pytest.mark.parametrize("frames", [1, 2, 3, 4, 6, 7, 8])
def test_fault_1_and_11_a_clip_of_any_length_is_kept_to_its_last_frame(
    engine: Engine, clip: Film, make_film: Callable[..., Film], frames: int
) -> None:
    """Fault 1: clips of three frames ended in a traceback. Fault 11: the last frames of four to eight were lost."""
    short = make_film(frames=frames, height=64, width=64)
    film = made(engine, orders.extend(short, "a car", seconds=0.5, **SMALL))
    assert len(film.frames) == frames + 8
    standing = np.concatenate([short.frames[:1].repeat(-(frames - 1) % 4, axis=0), short.frames])
    assert near(film.frames[:frames], again(engine, standing)[-frames:])
    assert len(made(engine, orders.extend(short, "a car", backward=True, seconds=0.5, **SMALL)).frames) == frames + 9
    assert len(made(engine, orders.loop(short, "a car", seconds=0.5, **SMALL)).frames) == frames + 8
    assert len(made(engine, orders.remix(short, "a car", **SMALL)).frames) == frames
    assert len(made(engine, orders.edit(short, "a car", region=(0, 0, 0.5, 0.5), **SMALL)).frames) == frames
    assert len(made(engine, orders.recut(short, [(0.0, 9.0)], "a car", **SMALL)).frames) == frames
    assert len(made(engine, orders.image("a car", short, short, seconds=0.6, **SMALL)).frames) == 9
    for pair in ((clip, short), (short, clip)):
        if frames > 1 or pair[0] is clip:
            assert len(made(engine, orders.blend(*pair, seconds=0.25, **SMALL)).frames) == 33 + frames - 4
    card = Card(start=0.0, stop=1.0, prompt="a car")
    shown = [replace(card, clip=short), replace(card, start=1.0, stop=2.0, clip=short, transition="flow")]
    assert len(made(engine, orders.storyboard(Board(cards=tuple(shown)), **SMALL)).frames) == 33


@pytest.mark.parametrize(("frames", "says"), [(1, "has a single frame"), (3, "Ask for 0.25 or fewer")])
def test_fault_1_a_blend_of_too_few_frames_says_how_many_seconds_there_are(
    engine: Engine, clip: Film, frames: int, says: str
) -> None:
    """A brother of fault 19, too."""
    with pytest.raises(UserError, match=says):
        made(engine, orders.blend(replace(clip, frames=clip.frames[:frames]), clip, seconds=1.0, **SMALL))


def test_a_card_s_image_may_be_a_film_too(engine: Engine, clip: Film) -> None:
    """A brother of fault 12: its first frame is the card's."""
    card = Card(start=0.0, stop=1.0, prompt="a car", image=clip)  # type: ignore[arg-type]
    (reel,) = orders.storyboard(Board(cards=(card,)), **SMALL).sources
    assert reel.count == 1
    (reel,) = orders.storyboard(Board(cards=(replace(card, image=None, clip=clip),)), **SMALL).sources  # type: ignore[arg-type]
    assert reel.count == 33


def test_a_film_starts_with_a_clip_s_first_frame(engine: Engine, clip: Film) -> None:
    order = orders.image("a car", clip, clip, seconds=1.0, **SMALL)
    assert [reel.count for reel in order.sources] == [1, 1]  # no more of a long clip is read
    still = orders.image("a car", *[replace(clip, frames=clip.frames[:1])] * 2, seconds=1.0, **SMALL)
    assert np.array_equal(made(engine, order).frames, made(engine, still).frames)


def test_what_a_person_says_goes_before_the_board(engine: Engine) -> None:
    cards = (Card(start=0, stop=1, prompt="a car"), Card(start=1, stop=2, prompt="a boat", style="pixel"))
    board = Board(cards=cards, seed=5, size=(96, 64), fps=8.0, negative_prompt="rain")
    request = orders.storyboard(board).request
    assert (request.seed, request.width, request.height, request.fps) == (5, 96, 64, 8.0)
    assert request.negative_prompt == "rain"
    order = orders.storyboard(board, seed=9, width=64, height=64, fps=4.0, negative_prompt="", style="Noir")
    request = order.request
    assert (request.seed, request.width, request.fps, request.negative_prompt) == (9, 64, 4.0, "rain")
    prompts = [shot.canvas.prompts for shot in order.mode(request, engine.layout, [])]
    assert [text for (text,) in prompts] == ["a car, black and white", "a boat, pixel art"]


@pytest.mark.parametrize(
    "order",
    [
        partial(orders.text, "a car"),
        partial(orders.image, "a car", "missing.png"),
        partial(orders.extend, "missing.mp4", "a car"),
        partial(orders.extend, "missing.mp4", "a car", seconds=0),
        partial(orders.loop, "missing.mp4", "a car"),
        partial(orders.remix, "missing.mp4", "a car"),
        partial(orders.edit, "missing.mp4", "a car", region=(0, 0, 1, 1)),
        partial(orders.recut, "missing.mp4", [(0.0, 1.0)], "a car"),
        partial(orders.storyboard, Board(cards=(Card(start=0, stop=1, prompt="a car", clip=Path("missing.mp4")),))),
    ],
    ids=lambda order: order.func.__name__,
)
def test_a_size_that_cannot_be_made_is_told_before_a_source_is_read(
    engine: Engine, order: Callable[..., Order]
) -> None:
    with pytest.raises(UserError, match="250x140 is not divisible by 32"):
        order(width=250, height=140)


def test_a_board_may_have_any_size_until_a_model_is_to_make_it(engine: Engine) -> None:
    board = Board(cards=(Card(start=0, stop=1, prompt="a car"),), size=(250, 140))
    with pytest.raises(UserError, match=r"250x140 is not divisible by 32\. The next smaller that is: 224x128"):
        orders.storyboard(board)
    assert orders.storyboard(board, width=96, height=64).request.width == 96


def test_an_order_knows_its_preset(engine: Engine, clip: Film) -> None:
    assert orders.remix(clip, "a car", **SMALL).preset is engine.preset


def test_a_style_is_for_both_halves_of_a_blend(engine: Engine, clip: Film) -> None:
    order = orders.blend(clip, replace(clip, prompt="a boat"), style="noir", **SMALL)
    clips = [Encoded(engine, source) for source in order.sources]
    (shot,) = order.mode(order.request, engine.layout, clips)
    assert len(shot.canvas.prompts) == 2
    assert all("black and white" in prompt for prompt in shot.canvas.prompts)


@pytest.mark.parametrize("prompt", ["a" * 40_000, "a\0b", "\ud800"])
def test_what_a_clip_says_of_itself_is_no_error(clip: Film, prompt: str) -> None:
    assert orders.extend(replace(clip, prompt=prompt), **SMALL).request.prompt == ""


def test_what_cannot_be_is_said_before_a_model_is_loaded(clip: Film) -> None:
    with pytest.raises(UserError, match="not inside the picture"):
        orders.edit(clip, "a boat", region=(0, 0, 9, 9), **SMALL)
    for start, stop in ((3.0, 4.0), (1.0, 0.5), (float("nan"), 1.0)):
        with pytest.raises(UserError, match="has no seconds"):
            orders.recut(clip, [(start, stop)], **SMALL)


def test_a_device_that_is_not_there_is_said(toy: Preset) -> None:
    for device in ("tpu", "mps", "cuda:99"):
        with pytest.raises(UserError, match="has no device"):
            Engine(toy, device)


def test_a_picture_starts_and_ends_a_film(engine: Engine, clip: Film) -> None:
    first, last = (replace(clip, frames=clip.frames[k : k + 1]) for k in (0, 20))
    film = made(engine, orders.image("a car", first, seconds=1.0, **SMALL))
    assert near(film.frames[:1], again(engine, clip.frames[:1]))
    film = made(engine, orders.image("a car", first, last, seconds=1.0, **SMALL))
    assert len(film.frames) == 17


def test_long_films_are_made_in_windows(engine: Engine) -> None:
    steps = list(engine.run(orders.text("a car", seconds=5.0, steps=2, **SMALL)))
    inventing = [step for step in steps if step.stage == "inventing"]
    assert len(inventing) == 2 * 5  # 21 latent frames: the first, 9, then 4 more each, and what is left
    assert sum(len(step.frames) for step in steps if step.frames is not None) == 81
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[-1].done == steps[-1].total


def test_one_card_is_text_to_video_to_the_bit(engine: Engine) -> None:
    scene = modes.Scene(start=0.0, stop=0.3, text="a car")
    plain = orders.text("a car", seconds=0.3, **SMALL)
    board = replace(plain, mode=partial(modes.storyboard, scenes=[scene]))
    assert np.array_equal(made(engine, plain).frames, made(engine, board).frames)


def test_kept_tokens_come_out_bit_equal(engine: Engine, clip: Film) -> None:
    order = orders.recut(clip, [(0.0, 0.6)], seconds=2.0, **SMALL)
    (shot,) = order.mode(order.request, engine.layout, [Encoded(engine, order.sources[0])])
    *_, last = engine.fill(shot.canvas, order.request, 3)
    assert isinstance(last, Step)
    kept = shot.canvas.strength_N == 0
    assert kept.any()
    assert not kept.all()
    assert torch.equal(last.tokens_NC[kept], shot.canvas.known_NC[kept])


def test_weights_say_what_they_cannot_do(engine: Engine, clip: Film) -> None:
    first = replace(clip, frames=clip.frames[:1])
    modest = Engine(replace(engine.preset, known="first frame"), "cpu", torch.float32)
    assert len(made(modest, orders.image("a car", first, seconds=0.3, **SMALL)).frames) == 5
    with pytest.raises(UserError, match=r"toy was not trained .* Models that were: toy"):
        made(modest, orders.extend(clip, "a car", seconds=0.5, **SMALL))
    blind = Engine(replace(engine.preset, known="nothing"), "cpu", torch.float32)
    with pytest.raises(UserError, match="not trained"):
        made(blind, orders.image("a car", first, **SMALL))


def test_the_size_is_the_one_most_like_the_source(engine: Engine, make_film: Callable[..., Film]) -> None:
    preset = replace(engine.preset, sizes=((224, 128), (128, 224), (160, 160)))
    assert orders.nearest(preset, 1.9) == (224, 128)
    assert orders.nearest(preset, 0.5) == (128, 224)
    assert orders.nearest(preset, 1.1) == (160, 160)
    assert orders.aspect_of(make_film(height=64, width=96)) == 1.5


def test_sources_come_from_files_too(engine: Engine, clip: Film, tmp_path: Path) -> None:
    path = clip.save(tmp_path / "in.mp4")
    order = orders.extend(path, seconds=0.5, **SMALL)
    assert order.request.prompt == "bars"
    film = made(engine, order)
    assert len(film.frames) == 41
    assert film.sound is not None


@pytest.mark.parametrize(("strength", "value"), [("mild", 0.8), ("0.25", 0.25), (1, 1.0)])
def test_strengths_are_numbers_or_words(strength: str | float, value: float) -> None:
    assert orders.strength_of(strength) == value


@pytest.mark.parametrize("strength", ["fierce", "nan", "1.5", -0.1])
def test_other_strengths_are_told(strength: str | float) -> None:
    with pytest.raises(UserError, match="strength"):
        orders.strength_of(strength)


@pytest.mark.parametrize("rate", [0.25, 0.5, 1.0, 1.5, 3.0])
def test_retiming_in_pieces_is_retiming_at_once(rate: float) -> None:
    frames = np.arange(33, dtype=np.uint8)[:, None, None, None].repeat(3, -1)
    retime = Retime(rate)
    pieces = [retime(piece) for piece in np.split(frames, [1, 5, 9, 30])]
    rest = retime.rest()
    whole = np.concatenate([*pieces, *([] if rest is None else [rest])])[:, 0, 0, 0]
    expected = (np.arange(int(32 * rate + 0.5) + 1) / rate).round().clip(0, 32)
    assert whole.tolist() == expected.tolist()


def test_a_shot_shows_a_part_of_what_is_decoded(engine: Engine) -> None:
    canvas = modes.text_to_video(orders.text("a car", seconds=1.0, **SMALL).request, engine.layout)[0].canvas
    pieces = [np.full((n, 1, 1, 3), k, np.uint8) for k, n in enumerate((1, 4, 4))]
    assert [len(piece) for piece in between(iter(pieces), 2, 7)] == [0, 3, 2]
    assert [len(piece) for piece in between(iter(pieces), 0, None)] == [1, 4, 4]
    assert needs(canvas) == "nothing"


def test_words_lead_less_where_a_film_goes_on(engine: Engine) -> None:
    canvas = modes.text_to_video(orders.text("a car", seconds=1.0, **SMALL).request, engine.layout)[0].canvas
    frames = torch.zeros(engine.layout.channels, 3, *canvas.grid[1:]).repeat(1, 1, 2, 2)
    half = torch.zeros(canvas.grid, dtype=torch.bool)
    half[:, 0] = True
    assert not is_led(canvas)
    assert is_led(paste(canvas, frames, at=1))
    assert not is_led(paste(canvas, frames[:, :2], at=1)), "a still or two do not say what happens"
    assert not is_led(paste(canvas, frames, at=1, strength=0.5))
    assert not is_led(paste(canvas, frames, at=1, region=half[1:4]))


def test_notes_on_boards_are_those_on_their_cards() -> None:
    cards = (
        Card(start=0.0, stop=1.0, prompt="a dog", style="pixel"),
        Card(start=1.0, stop=2.0, prompt="a park, no dogs", style="noir"),
    )
    denied = "mini cannot leave out what a prompt names, so it is not asked for: no dogs"
    assert orders.storyboard(Board(cards=cards)).notes == (denied,)
    assert orders.text("a dog, pixel art", style="noir").notes == (
        "mini has one style a film; the prompt names 2: noir, pixel",
    )
