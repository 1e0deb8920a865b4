"""What each mode alone can be asked for: its options as data, and what they mean for the sources that are given.

Of each mode: the options, how the defaults among them are filled in and checked (`settled_...`), how long the film is,
what the model must have been trained to be given, what its prompts are. `modes` declares which belongs to which.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from yozora.core.options import ArgumentError, option
from yozora.core.request import MAX_SECONDS, WORDS
from yozora.core.timeline import Box

if TYPE_CHECKING:
    from yozora.core.order import Order, Source
    from yozora.families.presets import Known, Preset

LENGTH = {
    "unit": "seconds",
    "high": MAX_SECONDS,
    "low": 0.0,
    "above": True,
    "aliases": ("duration", "length", "n_seconds"),
}


# --- films of words and pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class Generate:
    """Options of films of words, perhaps with a first and a last picture."""

    seconds: float | None = option("number", "Length of the film [default: the model's].", **LENGTH)


def as_asked(options: Any, sources: Sequence["Source"], preset: "Preset") -> float:
    return float(options.seconds)


def settled_generate(options: Generate, sources: Sequence["Source"], preset: "Preset") -> Generate:
    seconds = preset.seconds if options.seconds is None else options.seconds
    if {"image", "last"} <= {source.slot for source in sources} and seconds * preset.fps < 2 * preset.frames_a_latent:
        least = 2 * preset.frames_a_latent / preset.fps
        raise ArgumentError(
            "seconds",
            "The film is too short for frames between the first and the last picture.",
            f"Ask for at least {least:g} seconds.",
            code="middle_too_short",
        )
    return replace(options, seconds=seconds)


def known_of_pictures(options: Generate, sources: Sequence["Source"]) -> "Known":
    slots = {source.slot for source in sources}
    if slots == {"image", "last"}:
        return "first and last frame"
    return "nothing" if not slots else "first frame" if slots == {"image"} else "frames"


# --- films that go on from clips


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend:
    """Options of extensions."""

    seconds: float = option("number", "Seconds to add.", 1.25, **{**LENGTH, "above": False})
    backward: bool = option("flag", "Add before the clip instead of after it.", False)


def added(options: Any, sources: Sequence["Source"], preset: "Preset") -> float:
    return sources[0].seconds + float(options.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """Options of loops."""

    seconds: float = option("number", "Length of the transition from the end to the start.", 1.0, **LENGTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blend:
    """Options of blends."""

    seconds: float = option("number", "Length of the transition.", 1.0, **LENGTH)


def settled_blend(options: Blend, sources: Sequence["Source"], preset: "Preset") -> Blend:
    """Neither clip may be shorter than what they share, and a frame of the first one is seen alone, or nothing leads
    over."""
    stride, fps, (a, b) = preset.frames_a_latent, preset.fps, sources
    seen = [max(1, int(source.seconds * fps + 0.5)) for source in sources]
    latents = min(-(-(seen[0] - 1) // stride), -(-seen[1] // stride))
    most = min(latents * stride / fps, a.seconds - 1 / (a.fps or fps), b.seconds)
    if options.seconds > most + 1e-9:
        said = math.floor(most * 1000) / 1000
        hint = f"Ask for at most {said:g} seconds." if said > 0 else "Use a first clip with several frames."
        raise ArgumentError(
            "seconds", f"The clips are too short to blend for {options.seconds:g} seconds.", hint, code="clip_too_short"
        )
    return options


def blended(options: Blend, sources: Sequence["Source"], preset: "Preset") -> float:
    return sources[0].seconds + sources[1].seconds - options.seconds


def prompts_of_both(order: "Order") -> tuple[str, ...]:
    """Without a prompt of its own, each half is told what its clip was made from."""
    told = tuple(source.prompt for source in order.sources)
    if order.request.prompt.strip() or not all(told):
        return (order.request.text,)
    return tuple(replace(order.request, prompt=prompt).text for prompt in told)


# --- films that are clips in which something changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Remix:
    """Options of remixes."""

    strength: float | str = option(
        "strength", "How much changes: 0 (nothing) to 1 (everything), or subtle, mild, strong.", "mild", choices=WORDS
    )


def settled_remix(options: Remix, sources: Sequence["Source"], preset: "Preset") -> Remix:
    return replace(options, strength=preset.strength(options.strength))


def as_the_clip(options: Any, sources: Sequence["Source"], preset: "Preset") -> float:
    return sources[0].seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Options of edits."""

    region: Box | None = option("region", "Region, in fractions of the picture [default: all of it].")
    start: float = option(
        "number", "Second at which the edit starts.", 0.0, low=0, flag="--from", wire="from", aliases=("begin", "from")
    )
    stop: float | None = option(
        "number",
        "Second at which the edit ends [default: that of the clip].",
        flag="--to",
        wire="to",
        aliases=("end", "to"),
    )
    strength: float | str | None = option(
        "strength",
        "How much changes: 0 (nothing) to 1 (everything), or subtle, mild, strong "
        "[default: 1 in a region, strong without].",
        choices=WORDS,
    )


def settled_edit(options: Edit, sources: Sequence["Source"], preset: "Preset") -> Edit:
    which = "start" if options.stop is None or options.start >= sources[0].seconds else "stop"
    start, stop = check_span(which, options.start, options.stop, sources[0].seconds)
    word = "strong" if options.region is None else 1.0
    strength = preset.strength(word if options.strength is None else options.strength)
    return replace(options, start=start, stop=stop, strength=strength)


def known_of_edit(options: Edit, sources: Sequence["Source"]) -> "Known":
    assert options.strength is not None
    whole = not options.region and not options.start and options.stop == sources[0].seconds
    return "whole clip" if whole and options.strength else "frames" if options.strength in (0, 1) else "anything"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recut:
    """Options of re-cuts."""

    keep: tuple[tuple[float, float], ...] = option(
        "spans", "Seconds to keep, such as 0-1.5; may be repeated.", needed=True
    )


def settled_recut(options: Recut, sources: Sequence["Source"], preset: "Preset") -> Recut:
    """Spans in order of time, those that touch as one. The end is kept by what leaves no more than a frame of it."""
    seconds, frame = sources[0].seconds, 1 / (sources[0].fps or preset.fps)
    merged: list[tuple[float, float]] = []
    for start, stop in sorted(check_span("keep", start, stop, seconds) for start, stop in options.keep):
        stop = seconds if seconds - stop <= frame + 1e-6 else stop
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return replace(options, keep=tuple(merged))


# --- films of several cards


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryboardCard:
    """A part of a storyboard: seconds `start` to `stop`, what is to be seen, perhaps one of the sources to begin with
    (`still`: its first frame alone). `flows`: goes on from the card before, without a cut.
    """

    start: float
    stop: float
    text: str
    flows: bool = False
    source: int | None = None
    still: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Storyboard:
    """Options of storyboards: what a board (docs/storyboard.md) says."""

    cards: tuple[StoryboardCard, ...] = option(
        "cards", "The cards: a YAML file, or its text.", needed=True, wire="board"
    )


def as_the_board(options: Storyboard, sources: Sequence["Source"], preset: "Preset") -> float:
    return options.cards[-1].stop


def settled_storyboard(options: Storyboard, sources: Sequence["Source"], preset: "Preset") -> Storyboard:
    """Cards in turn, without gaps, each with a source that is there."""
    cards = options.cards
    if not isinstance(cards, tuple) or not cards or not all(isinstance(card, StoryboardCard) for card in cards):
        raise ArgumentError(
            "cards", "There are no cards.", "Write at least one, with from, to and prompt.", code="cards_missing"
        )
    starts = (0.0, *(card.stop for card in cards[:-1]))
    if any(
        abs(card.start - start) > 1e-6 or not card.stop > card.start for card, start in zip(cards, starts, strict=True)
    ):
        raise ArgumentError(
            "cards",
            "The cards leave gaps or overlap.",
            "Start each card where the one before ends.",
            code="cards_not_contiguous",
        )
    if any(card.source is not None and not 0 <= card.source < len(sources) for card in cards):
        raise ArgumentError(
            "cards",
            "A card uses a source that is not given.",
            "Pass the source, or remove it from the card.",
            code="card_source_missing",
        )
    return options


def prompts_of_cards(order: "Order") -> tuple[str, ...]:
    return tuple(card.text for card in order.options.cards)


def keep_past_the_end(values: Mapping[str, Any], sources: Sequence["Source"]) -> Iterator[str]:
    """A line on each span that a re-cut is to keep and that reaches beyond the clip by more than a frame."""
    for start, stop in values["keep"]:
        if _is_past(stop, sources[0]):
            yield f"{sources[0].title} has {sources[0].seconds:.2f} s: {start:g}-{stop:g} is kept up to its end"


def stop_past_the_end(values: Mapping[str, Any], sources: Sequence["Source"]) -> Iterator[str]:
    """A line on an edit that is to end after the clip does."""
    stop = values.get("stop")
    if stop is not None and _is_past(stop, sources[0]):
        yield f"{sources[0].title} has {sources[0].seconds:.2f} s: it is edited up to its end, not to {stop:g}"


def _is_past(stop: float, clip: "Source") -> bool:
    return clip.fps > 0 and stop > clip.seconds + 1 / clip.fps + 1e-6


def check_span(argument: str, start: float, stop: float | None, seconds: float) -> tuple[float, float]:
    """Seconds of a clip that lasts so long, its end where `stop` says none. Raises `ArgumentError` where it has none
    such."""
    stop = seconds if stop is None else stop
    if start >= seconds:
        raise ArgumentError(
            argument, f"Second {start:g} is outside the clip.", f"Use 0 to {seconds:.2f}.", code="second_outside_clip"
        )
    if not 0 <= start < stop:
        raise ArgumentError(
            argument,
            f"Seconds {start:g} to {stop:g} are outside the clip.",
            f"Use 0 to {seconds:.2f}.",
            code="span_outside_clip",
        )
    return start, min(stop, seconds)
