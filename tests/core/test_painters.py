"""Each mode paints the canvas that the table of the design says, and shows what was kept where it was."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.core.numbered import FPS, GRID, LAYOUT, MINI, Numbered, asked, boundaries, decoded, paint, possible, source

from yozora.core.canvas import Canvas, blank, patchify
from yozora.core.modes import MODES, Generate, StoryboardCard
from yozora.core.options import ArgumentError
from yozora.core.order import Order
from yozora.core.ordering import ordered
from yozora.core.painters import Given, Shot, begin_with, end_with, lead, meet, painted
from yozora.core.request import Request
from yozora.core.timeline import Changed, Invented, Kept

TOKENS = (GRID[0] // 2) * (GRID[1] // 2)


def known(canvas: Canvas | None) -> list[float]:
    """Strength of each latent frame, where its tokens have one."""
    assert canvas is not None
    strength_TN = canvas.strength_N[: canvas.picture_tokens].reshape(canvas.grid[0], -1)
    assert (strength_TN == strength_TN[:, :1]).all()
    return [round(s, 3) for s in strength_TN[:, 0].tolist()]


def shot_of(order: Order) -> Shot:
    (shot,) = paint(order)
    return shot


def canvas_of(order: Order) -> Canvas:
    canvas = shot_of(order).canvas
    assert canvas is not None
    return canvas


# --- films of words and pictures


def test_text_to_video_invents_everything() -> None:
    shot = shot_of(asked("generate", seconds=1.0, style="noir"))
    canvas = shot.canvas
    assert canvas is not None
    assert canvas.grid == (5, GRID[0] // 2, GRID[1] // 2)
    assert canvas.known_NC.shape == (5 * TOKENS, LAYOUT.token_channels)
    assert known(canvas) == [1] * 5
    assert canvas.prompts == ("a red car, noir",)
    assert canvas.reads_NP.all()
    assert (shot.first, shot.frames, shot.pieces) == (0, 17, (Invented(seconds=17 / 16),))


@pytest.mark.parametrize(
    ("seconds", "frames", "latents"), [(2, 33, 9), (5, 81, 21), (0.01, 1, 1), (0.25, 5, 2), (2.1, 35, 10), (0.3, 6, 3)]
)
def test_a_film_shows_the_seconds_asked_for_and_a_frame_at_their_end(seconds: float, frames: int, latents: int) -> None:
    shot = shot_of(asked("generate", seconds=seconds))
    assert shot.canvas is not None
    assert (shot.frames, shot.canvas.grid[0]) == (frames, latents)
    assert shot.pieces == (Invented(seconds=frames / 16),)


def test_a_first_and_a_last_picture_are_kept_and_led_to() -> None:
    shot = shot_of(asked("generate", (1,), ("image",), seconds=1.0))
    assert known(shot.canvas) == [0, 1, 1, 1, 1]
    assert shot.pieces == (Kept(source=0, seconds=1 / 16), Invented(seconds=1.0))
    shot = shot_of(asked("generate", (1, 1), seconds=1.0))
    assert known(shot.canvas) == [0, 1, 1, 1, 0]
    assert shot.pieces == (Kept(source=0, seconds=1 / 16), Invented(seconds=15 / 16), Kept(source=1, seconds=1 / 16))
    with pytest.raises(ArgumentError, match="too short for frames between") as refused:
        asked("generate", (1, 1), seconds=0.3)
    assert refused.value.argument == "seconds"


def test_a_last_picture_may_stand_alone() -> None:
    shot = shot_of(asked("generate", (1,), ("last",), seconds=1.0))
    assert known(shot.canvas) == [1, 1, 1, 1, 0]
    assert shot.pieces == (Invented(seconds=1.0), Kept(source=0, seconds=1 / 16))


def test_of_a_film_that_is_given_as_a_picture_the_first_frame_is_known() -> None:
    """Not its first four, where it comes last."""
    canvas = canvas_of(asked("generate", (33, 33), seconds=1.0))
    frames = decoded(canvas)
    assert (frames[0], frames[-4:]) == ((1, 0), [(2, 0)] * 4)


@given(seconds=st.floats(0.01, 5), fps=st.floats(1, 60), slots=st.sets(st.sampled_from(["image", "last"])))
def test_pictures_at_any_rate(seconds: float, fps: float, slots: set[str]) -> None:
    order = possible("generate", (1,) * len(slots), tuple(sorted(slots)), seconds=seconds, fps=fps)
    assume(order is not None)
    assert order is not None
    shot = shot_of(order)
    adds_up(order, (shot,))
    assert [piece.source for piece in shot.pieces if isinstance(piece, Kept)] == list(range(len(slots)))[
        : round(sum(piece.seconds for piece in shot.pieces) * fps)
    ]


# --- films that go on from clips


def test_an_extension_adds_the_seconds_asked_for() -> None:
    shot = shot_of(asked("extend", (9,), seconds=1.0))
    assert known(shot.canvas) == [0, 0, 0, 1, 1, 1, 1]
    assert shot.canvas is not None
    assert torch.equal(shot.canvas.known_NC[: 3 * TOKENS], patchify(Numbered(frames=9).closing()))
    assert shot.pieces[0] == Kept(source=0, seconds=9 / 16)
    assert (shot.pieces[1].seconds, shot.first, shot.frames) == (1.0, 0, 25)
    shot = shot_of(asked("extend", (9,), seconds=1.0, backward=True))
    assert known(shot.canvas) == [1, 1, 1, 1, 1, 0, 0, 0]
    assert shot.canvas is not None
    assert torch.equal(shot.canvas.known_NC[-3 * TOKENS :], patchify(Numbered(frames=9).ongoing(whole=True)))
    assert shot.pieces[1] == Kept(source=0, seconds=9 / 16)
    assert (shot.pieces[0].seconds, shot.frames) == (1.0, 17 + 9)


@pytest.mark.parametrize("backward", [False, True])
def test_nothing_to_add_is_the_source(backward: bool) -> None:
    shot = shot_of(asked("extend", (9,), seconds=0, backward=backward))
    assert (shot.canvas, shot.pieces) == (None, (Kept(source=0, seconds=9 / 16),))


def test_of_a_long_clip_the_model_is_shown_no_more_than_it_sees() -> None:
    for backward in (False, True):
        shot = shot_of(asked("extend", (1600,), seconds=1.0, backward=backward))
        assert known(shot.canvas).count(0) == MINI.window
        assert sum(isinstance(piece, Kept) and piece.seconds == 100 for piece in shot.pieces) == 1
    assert known(shot_of(asked("loop", (1600,), seconds=1.0)).canvas).count(0) == MINI.window + MINI.overlap
    assert len(known(shot_of(asked("blend", (1600, 1600), seconds=1.0)).canvas)) == MINI.window * 2 + 4


def test_a_loop_ends_where_it_begins() -> None:
    clip = Numbered(frames=13)
    shot = shot_of(asked("loop", (13,), seconds=1.0))
    assert known(shot.canvas) == [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0]
    assert shot.canvas is not None
    assert torch.equal(shot.canvas.known_NC[: 4 * TOKENS], patchify(clip.closing()))
    assert torch.equal(shot.canvas.known_NC[-3 * TOKENS :], patchify(clip.ongoing()))
    assert (shot.first, shot.frames, shot.returns) == (0, 13 + 16, (3 + MINI.lead, 12))
    frames = decoded(shot.canvas)
    _, invented, begins = shot.pieces
    assert isinstance(invented, Invented)
    assert begins == Kept(source=0, seconds=0)
    (_, last), (second, first) = invented.anchors
    assert (frames[int(last)], frames[int(first)]) == ((1, 12), (1, 0))
    assert second == sum(piece.seconds for piece in shot.pieces)


def test_a_blend_is_most_free_in_its_middle() -> None:
    a, b = Numbered(frames=21), Numbered(frames=24, name=2)
    shot = shot_of(asked("blend", (21, 24), seconds=0.75))
    bump = MINI.blend_strength
    assert known(shot.canvas) == [0, 0, 0, pytest.approx(bump * 0.75), bump, pytest.approx(bump * 0.75), 0, 0, 0]
    assert shot.canvas is not None
    middle = shot.canvas.known_NC[4 * TOKENS : 5 * TOKENS]
    assert torch.allclose(middle, patchify((a.closing()[:, 4:5] + b.ongoing()[:, 1:2]) / 2))
    assert [piece.seconds for piece in shot.pieces] == [21 / 16 - 0.75, 0.375, 0.375, 24 / 16 - 0.75]


def test_each_half_of_a_blend_hears_its_own_prompt() -> None:
    sources = [source("a", 21, prompt="a car"), source("b", 24, prompt="a boat")]
    canvas = canvas_of(ordered("blend", None, {"seconds": 0.75, "width": 128, "height": 64, "style": "noir"}, sources))
    assert canvas.prompts == ("a car, noir", "a boat, noir")
    assert (canvas.reads_NP.sum(1) == 1).all()
    (prompt,) = canvas_of(asked("blend", (21, 24), seconds=0.75, prompt="a bird")).prompts
    assert prompt == "a bird"


@pytest.mark.parametrize(("frames", "says"), [((1, 33), "several frames"), ((3, 33), "Ask for at most 0.125 seconds")])
def test_fault_19_a_blend_of_short_clips_says_how_many_seconds_there_are(frames: tuple[int, int], says: str) -> None:
    with pytest.raises(ArgumentError, match=says) as refused:
        asked("blend", frames, seconds=3.0)
    assert refused.value.argument == "seconds"


@given(
    a=st.integers(2, 60), b=st.integers(1, 60), rates=st.tuples(*[st.sampled_from([8.0, 15.0, 16.0, 24.0, 30.0])] * 2)
)
def test_fault_19_what_a_blend_says_can_be_done_is_done(a: int, b: int, rates: tuple[float, float]) -> None:
    """Its hint does not lead into the next error, and what is blended leaves no gap."""
    sources = [source("a", a, rates[0]), source("b", b, rates[1])]
    try:
        ordered("blend", "a car", {"seconds": 600}, sources)
    except ArgumentError as refused:
        assume("several" not in refused.hint)
        seconds = float(refused.hint.split()[4])
    order = ordered("blend", "a car", {"seconds": seconds, "width": 128, "height": 64}, sources)
    adds_up(order, paint(order))


# --- films that are clips in which something changes


def test_a_remix_repaints_all_of_it() -> None:
    shot = shot_of(asked("remix", (9,), strength=0.25))
    assert known(shot.canvas) == [0.25] * 3
    assert shot.canvas is not None
    assert torch.equal(shot.canvas.known_NC, patchify(Numbered(frames=9).opening()))
    assert shot.pieces == (Changed(source=0, seconds=9 / 16, sounds=False),)
    assert known(shot_of(asked("remix", (9,), strength="strong")).canvas) == [MINI.strengths[2]] * 3


@pytest.mark.parametrize("mode", ["remix", "edit"])
def test_at_strength_0_a_clip_is_what_it_was(mode: str) -> None:
    shot = shot_of(asked(mode, (9,), strength=0))
    assert (shot.canvas, shot.pieces) == (None, (Kept(source=0, seconds=9 / 16),))


def test_an_edit_frees_the_tokens_that_the_region_touches() -> None:
    box = (0.3, 0.5, 0.3, 0.5)
    shot = shot_of(asked("edit", (17,), region=box, start=0.5, stop=0.7))
    assert shot.canvas is not None
    free_THW = shot.canvas.strength_N.reshape(5, 2, 4) == 1
    assert free_THW.any(dim=2).any(dim=1).tolist() == [False, False, True, True, False]
    assert free_THW[2].tolist() == [[False] * 4, [False, True, True, False]]
    before, changed, after = shot.pieces
    assert changed == Changed(source=0, start=0.5, seconds=pytest.approx(0.2), region=box)
    assert before == Kept(source=0, seconds=0.5)
    assert after == Kept(source=0, seconds=pytest.approx(17 / 16 - 0.7), start=pytest.approx(0.7))
    assert known(shot_of(asked("edit", (17,), region=(0, 0, 1, 1))).canvas) == [1] * 5
    assert known(shot_of(asked("edit", (17,))).canvas) == [MINI.strengths[2]] * 5


def test_an_edit_keeps_the_sound_and_a_remix_does_not() -> None:
    edits = [shot_of(asked("edit", (17,), region=region, start=0.5)).pieces[1] for region in (None, (0, 0, 0.5, 1))]
    for changed, sounds in ((edits[0], True), (edits[1], True), (shot_of(asked("remix", (17,))).pieces[0], False)):
        assert isinstance(changed, Changed)
        assert changed.sounds is sounds


@pytest.mark.parametrize("region", [(0.5, 0, 0.6, 1), (-0.1, 0, 1, 1), (0, 0, 0, 1), (0, 0, float("nan"), 1)])
def test_a_region_lies_in_the_picture(region: tuple[float, float, float, float]) -> None:
    with pytest.raises(ArgumentError, match="region"):
        asked("edit", (17,), region=region)


def test_a_recut_keeps_spans_where_they_are() -> None:
    shot = shot_of(asked("recut", (33,), keep=[(0, 0.5), (1.5, 2.0)]))
    assert known(shot.canvas) == [0, 0, 0, 1, 1, 1, 0, 0, 0]
    assert shot.pieces == (
        Kept(source=0, seconds=0.5),
        Invented(seconds=1.0),
        Kept(source=0, seconds=33 / 16 - 1.5, start=1.5),
    ), "a frame that is left at the end is kept too"
    for keep in ([], [(1.0, 1.0)], [(3.0, 4.0)], [(-1.0, 1.0)]):
        with pytest.raises(ArgumentError) as refused:
            asked("recut", (33,), keep=keep)
        assert refused.value.argument == "keep"


def test_a_recut_that_keeps_all_is_the_clip() -> None:
    shot = shot_of(asked("recut", (33,), keep=[(0, 1), (1, 9)]))
    assert (shot.canvas, shot.pieces) == (None, (Kept(source=0, seconds=33 / 16),))


@given(frames=st.integers(1, 60), bounds=st.lists(st.floats(0, 4), min_size=2, max_size=6, unique=True))
def test_of_a_recut_only_latents_without_a_kept_frame_are_invented(frames: int, bounds: list[float]) -> None:
    """But for one in a gap that is too short to hold any."""
    spans = list(zip(sorted(bounds)[::2], sorted(bounds)[1::2], strict=False))
    order = possible("recut", (frames,), keep=spans)
    assume(order is not None)
    assert order is not None
    shot = shot_of(order)
    if shot.canvas is None:
        return
    gaps = sum(isinstance(piece, Invented) for piece in shot.pieces)
    kept = [k for k in range(frames) for a, b in order.options.keep if a + 1e-6 <= k / FPS < b - 1e-6]
    lost = {(k + 3) // 4 for k in kept if decoded(shot.canvas)[k] is None}
    assert len(lost) <= gaps
    assert all(frame in (None, (1, min(k, frames - 1))) for k, frame in enumerate(decoded(shot.canvas)))


@given(frames=st.integers(1, 60), span=st.tuples(st.integers(0, 400), st.integers(0, 400)), whole=st.booleans())
def test_an_edit_frees_every_latent_that_has_a_changed_frame(frames: int, span: tuple[int, int], whole: bool) -> None:
    region = None if whole else (0, 0, 0.5, 0.5)
    order = possible("edit", (frames,), region=region, start=span[0] / 100, stop=span[1] / 100, strength=1)
    assume(order is not None)
    assert order is not None
    canvas = canvas_of(order)
    start, stop = order.options.start, order.options.stop
    changed = [k for k in range(frames) if start <= k / FPS < stop - 1e-6]
    assert all(decoded(canvas)[k] is None for k in changed)
    outside = {(k + 3) // 4 for k in range(frames)} - {(k + 3) // 4 for k in changed}
    free = {t for t, strength in enumerate(canvas.strength_T.tolist()) if strength}
    assert len(free & outside) <= (0 if changed else 1), "no more is freed than must be"


# --- storyboards


def board(*cards: StoryboardCard, sources: Sequence[int] = (), **requested: Any) -> Order:
    return asked("storyboard", tuple(sources), cards=cards, **requested)


def test_a_storyboard_cuts_or_flows() -> None:
    order = board(
        StoryboardCard(start=0, stop=1, text="a car"),
        StoryboardCard(start=1, stop=2, text="a boat", source=0, still=True),
        StoryboardCard(start=2, stop=2.5, text="a bird", flows=True),
        sources=[1],
    )
    first, second = paint(order)
    assert first.canvas is not None
    assert second.canvas is not None
    assert (first.canvas.grid[0], first.frames, second.canvas.grid[0], second.frames) == (5, 16, 7, 24)
    assert known(second.canvas) == [0, 1, 1, 1, 1, 1, 1]
    assert second.canvas.prompts == ("a boat", "a bird")
    assert second.canvas.reads_NP.reshape(7, TOKENS, 2)[:, 0].tolist() == [[True, False]] * 5 + [[False, True]] * 2
    assert second.pieces == (Kept(source=0, seconds=1 / 16), Invented(seconds=pytest.approx(23 / 16)))


def test_a_clip_in_the_middle_of_a_take_is_kept_where_its_card_begins() -> None:
    """And the model knows it there, but for the two frames by which a latent may begin earlier or later."""
    order = board(
        StoryboardCard(start=0, stop=1, text="a car", source=0),
        StoryboardCard(start=1, stop=2, text="a boat", source=1, flows=True),
        StoryboardCard(start=2, stop=3, text="a bird", flows=True, source=2, still=True),
        sources=[5, 33, 1],
    )
    (shot,) = paint(order)
    kept = [piece for piece in shot.pieces if isinstance(piece, Kept)]
    assert [piece.source for piece in kept] == [0, 1, 2]
    assert kept[0].seconds == 5 / 16
    assert kept[1].seconds == pytest.approx(1), "no longer than its card"
    assert kept[2].seconds == 1 / 16
    assert shot.canvas is not None
    begins = list(accumulate((piece.seconds for piece in shot.pieces), initial=0.0))
    at = [round(begins[shot.pieces.index(piece)] * 16) for piece in kept]
    assert at == [0, 16, 32]
    frames = decoded(shot.canvas)
    assert frames[:5] == [(1, k) for k in range(5)]
    assert abs(frames.index((2, 0)) - 16) <= 2
    assert abs(frames.index((3, 0)) - 32) <= 2


def test_a_storyboard_of_one_card_is_text_to_video() -> None:
    (card,) = paint(board(StoryboardCard(start=0, stop=1, text="a red car"), seed=1))
    (plain,) = paint(asked("generate", seconds=1))
    for name in ("known_NC", "strength_N", "pos_N3", "reads_NP"):
        assert torch.equal(getattr(card.canvas, name), getattr(plain.canvas, name))
    assert card.canvas is not None
    assert plain.canvas is not None
    assert (card.canvas.prompts, card.frames, card.pieces) == (plain.canvas.prompts, plain.frames, plain.pieces)


@st.composite
def boards(draw: st.DrawFn) -> Order:
    """Storyboards of cards of any length, some of which begin with a picture or a clip."""
    cards, start, sources = [], 0.0, []
    for _ in range(draw(st.integers(1, 5))):
        stop = start + draw(st.floats(0.1, 2))
        index = None
        if draw(st.booleans()):
            index = len(sources)
            sources.append(draw(st.integers(1, 40)))
        flows, still = draw(st.booleans()), draw(st.booleans())
        cards.append(
            StoryboardCard(start=start, stop=stop, text="a car", flows=bool(cards) and flows, source=index, still=still)
        )
        start = stop
    return board(*cards, sources=sources, fps=draw(st.sampled_from([16.0, 24.0, 30.0, 12.5])))


@given(boards())
def test_pieces_of_any_storyboard_add_up(order: Order) -> None:
    adds_up(order, paint(order))


# --- what holds for all of them


def adds_up(order: Order, shots: Sequence[Shot]) -> None:
    """The pieces last as long as the order says, all of them last, and what is kept is there."""
    pieces = [piece for shot in shots for piece in shot.pieces]
    whole = order.mode == "generate" or (order.mode == "storyboard" and len(shots) == 1)  # has the frame at its end
    end = 1 / order.request.fps if whole else 0.0
    most = (1 if order.mode == "blend" else 0.5001) / order.request.fps + 1e-6  # what is blended are whole frames
    assert abs(sum(piece.seconds for piece in pieces) - order.request.seconds - end) <= most
    assert all(piece.seconds > 0 for piece in pieces[: -1 if order.mode == "loop" else None])
    for piece in pieces:
        if not isinstance(piece, Invented) and order.request.seconds > 1 / order.request.fps:
            assert piece.start >= 0
            length = max(order.sources[piece.source].seconds, 1 / order.request.fps)
            assert piece.start + piece.seconds <= length + 1e-6


CLIPS: dict[str, dict[str, Any]] = {
    "extend": {},
    "backward": {"backward": True},
    "loop": {},
    "blend": {},
    "remix": {},
    "edit": {"start": 0.1, "region": (0, 0, 0.5, 1)},
    "recut": {"keep": [(0.2, 0.4), (1, 1.5)]},
}


@given(
    mode=st.sampled_from(sorted(CLIPS)),
    frames=st.tuples(st.integers(1, 100), st.integers(1, 100)),
    seconds=st.floats(0.05, 3),
)
def test_pieces_add_up_and_meet_where_the_source_is_known(mode: str, frames: tuple[int, int], seconds: float) -> None:
    """The model's clock shows the last frame that is kept, and the first one, when these are shown."""
    name = "extend" if mode == "backward" else mode
    requested = {**CLIPS[mode], **({"seconds": seconds} if mode in ("extend", "backward", "loop", "blend") else {})}
    order = possible(name, frames if mode == "blend" else frames[:1], **requested)
    assume(order is not None)
    assert order is not None
    shots = paint(order)
    adds_up(order, shots)
    (shot,) = shots
    if shot.canvas is None:
        return
    model = decoded(shot.canvas)
    for _, frame, shown in boundaries(shot):
        seen = model[min(len(model) - 1, max(0, round(frame)))]
        assert seen == shown or (seen is None and mode in ("edit", "recut", "remix")) or off_grid(mode, seconds)
    if mode == "loop":
        (_, _), (second, frame) = shot.pieces[1].anchors  # type: ignore[union-attr]
        assert model[round(frame)] == (1, 0)
        assert second == pytest.approx(order.request.seconds)


def off_grid(mode: str, seconds: float) -> bool:
    """A blend of so many seconds that its ends lie between two frames of the model, or of latents."""
    return mode == "blend" and abs(seconds * FPS / 4 - round(seconds * FPS / 4)) > 1e-6


@pytest.mark.parametrize("frames", range(1, 10))
def test_fault_1_and_11_a_short_clip_is_known_to_its_last_frame_in_every_mode(frames: int) -> None:
    """Fault 1: clips of three frames ended in a traceback. Fault 11: the last frames of four to eight were lost."""
    last = (1, frames - 1)
    assert decoded(canvas_of(asked("extend", (frames,), seconds=0.5)))[-9] == last
    assert last in decoded(canvas_of(asked("extend", (frames,), seconds=0.5, backward=True)))
    looped = shot_of(asked("loop", (frames,), seconds=0.5))
    assert looped.canvas is not None
    assert decoded(looped.canvas)[: looped.first + frames][-1] == last
    for order in (
        asked("remix", (frames,)),
        asked("edit", (frames,), region=(0, 0, 0.5, 0.5)),
        asked("recut", (frames,), keep=[(0, 9)]),
        board(StoryboardCard(start=0, stop=1, text="a car", source=0), sources=[frames]),
        asked("generate", (frames, frames), seconds=0.6),
        asked("blend", (33, frames), seconds=1 / 16),
    ):
        adds_up(order, paint(order))


@pytest.mark.parametrize("frames", range(1, 10))
def test_a_clip_of_any_length_fills_its_latents(frames: int) -> None:
    assert (lead(frames, 4) + frames) % 4 == 1
    assert 0 <= lead(frames, 4) < 4


def test_the_helpers_of_training_paint_the_same() -> None:
    clip = Numbered(frames=9)
    canvas = end_with(begin_with(blank((5, 2, 4), LAYOUT.token_channels), clip.first().opening()), clip.ongoing())
    assert known(canvas) == [0, 1, 1, 0, 0]


def test_characters_inform_every_shot_by_the_name_that_the_weights_were_taught() -> None:
    still = Numbered(frames=1).opening()
    two = replace(MINI, characters=2)
    given = Given(layout=LAYOUT, preset=two, stills=[still, still], rename=lambda text: text.replace("@rex", "@hero"))
    request = Request(prompt="@rex", seconds=1, width=128, height=64)
    (shot,) = painted(Order.of(request, Generate(seconds=1.0)), given)
    assert shot.canvas is not None
    assert shot.canvas.prompts == ("@hero",)
    assert shot.canvas.pos_N3[shot.canvas.picture_tokens :, 0].unique().tolist() == [
        2 * two.character_at,
        two.character_at,
    ]
    assert (shot.canvas.strength_N[shot.canvas.picture_tokens :] == 0).all()
    assert len(meet(shot.canvas, given).strength_N) == len(shot.canvas.strength_N) + 2 * TOKENS


def test_every_mode_has_a_painter() -> None:
    assert all(callable(mode.paint) for mode in MODES.values())
