"""Storyboards: cards one after the other; those without a cut between them are a take, which has a canvas."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from yozora.core.canvas import Canvas, paste, say
from yozora.core.mode_options import Storyboard, StoryboardCard
from yozora.core.order import Order
from yozora.core.painters.given import Given, Shot, Shots
from yozora.core.painters.sizes import blank_of, lasting, with_its_end
from yozora.core.timeline import Invented, Kept, Piece

__all__ = ["storyboard"]


def storyboard(order: Order, given: Given) -> Shots:
    """Cards one after the other; those that flow share a canvas, each span of it hearing its own prompt."""
    return tuple(_build_shot(take, order, given) for take in takes_of(order.options_as(Storyboard).cards, given))


@dataclass(frozen=True, slots=True, kw_only=True)
class UncutCards:
    """Cards without a cut between them: how many latent frames there are, of which each card has [first, last).

    `whole`: it is all of the film, and has the frame at its very end too, as any film has.
    """

    cards: Sequence[StoryboardCard]
    latents: int
    spans: tuple[tuple[int, int], ...]
    whole: bool

    @property
    def start(self) -> float:
        """The second at which it begins."""
        return self.cards[0].start

    @property
    def stop(self) -> float:
        """The second at which it ends."""
        return self.cards[-1].stop

    def frames(self, fps: float) -> int:
        """How many frames of the film it has, where a cut follows."""
        return max(1, round(self.stop * fps) - round(self.start * fps))


def takes_of(cards: Sequence[StoryboardCard], given: Given) -> tuple[UncutCards, ...]:
    """A storyboard's takes."""
    cuts = [k for k, card in enumerate(cards) if k == 0 or not card.flows]
    return tuple(_measure_take(cards[a:b], given, whole=len(cuts) == 1) for a, b in pairwise([*cuts, len(cards)]))


def _measure_take(cards: Sequence[StoryboardCard], given: Given, *, whole: bool) -> UncutCards:
    start, stop = cards[0].start, cards[-1].stop
    frames = max(1, round(stop * given.fps) - round(start * given.fps))
    T = (given.preset.frames(stop - start) - 1 if whole else frames + given.stride - 2) // given.stride + 1
    spans: list[tuple[int, int]] = []
    for card in cards:
        first, last = (given.nearest(at - start) for at in (card.start, card.stop))
        first = min(T - 1, first)
        last = T if card is cards[-1] else min(T, max(first + 1, last))
        spans.append((first, last))
    return UncutCards(cards=cards, latents=T, spans=tuple(spans), whole=whole)


def _build_shot(take: UncutCards, order: Order, given: Given) -> Shot:
    """The canvas of cards without a cut between them, and of what each of them shows."""
    canvas, fps = blank_of(take.latents, order, given), order.request.fps
    for card, span in zip(take.cards, take.spans, strict=True):
        canvas = say(_begun(canvas, card, span, given), card.text, span)
    whole = with_its_end(take.stop - take.start, order) if take.whole else take.frames(fps) / fps
    starts = [min(whole, int((card.start - take.start) * fps + 0.5) / fps) for card in take.cards]
    pieces: list[Piece] = []
    for card, start, stop in zip(take.cards, starts, [*starts[1:], whole], strict=True):
        kept = _kept_pieces(card, stop - start, order)
        pieces += [*kept, Invented(seconds=stop - start - sum(each.seconds for each in kept))]
    frames = given.preset.shown(take.stop) + 1 if take.whole else take.frames(given.fps)
    return Shot(canvas=canvas, pieces=_merge_invented(lasting(*pieces)), frames=frames)


def _merge_invented(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Pieces of a shot, those that are invented one after the other as one."""
    found: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Invented):
            before = found.pop().seconds if found and isinstance(found[-1], Invented) else 0.0
            piece = Invented(seconds=before + piece.seconds)
        found.append(piece)
    return tuple(found)


def _kept_pieces(card: StoryboardCard, room: float, order: Order) -> tuple[Kept, ...]:
    """What a card shows of its source as it is: a picture, or as much of a clip as there is room for, in seconds."""
    if card.source is None:
        return ()
    still = 1 / order.request.fps
    seconds = still if card.still else order.sources[card.source].seconds or still
    seconds = min(seconds, room)
    return (Kept(source=card.source, seconds=seconds),) if seconds > 1e-6 else ()


def _begun(canvas: Canvas, card: StoryboardCard, span: tuple[int, int], given: Given) -> Canvas:
    """The canvas with a card's source where the card begins, as much of it as the card has time for."""
    if card.source is None:
        return canvas
    (first, last), clip = span, given.clips[card.source]
    if card.still:
        clip = clip.first()
    return paste(canvas, clip.ongoing(head=last - first) if first else clip.opening(head=last), at=first)
