"""The creation modes, each declared once: what it is called, what it takes, how long its film is, who paints it.

Python, the command line, the API and the documentation read these declarations; `MODES` is the only dispatch. A mode's
painter is a function of its name in `painters`, which needs torch, and is imported when the first film is painted.
"""

import importlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from yozora.core.options import ArgumentError, Option, option, options_of
from yozora.core.request import (
    MAX_FPS,
    MAX_GUIDANCE,
    MAX_SECONDS,
    MAX_SEED,
    MAX_SIDE,
    MAX_STEPS,
    MIN_FPS,
    MIN_SIDE,
    WORDS,
)
from yozora.core.timeline import Box
from yozora.errors import UserError

if TYPE_CHECKING:
    from yozora.core.order import Order, Source
    from yozora.presets import Known, Preset

LENGTH = {
    "unit": "seconds",
    "high": MAX_SECONDS,
    "low": 0.0,
    "above": True,
    "aliases": ("duration", "length", "n_seconds"),
}

COMMON: tuple[Option, ...] = (
    Option(
        name="size",
        kind="size",
        help="Width and height of the film in pixels [default: as the sources, or the model's].",
        aliases=("resolution",),
    ),
    Option(
        name="width", kind="whole", help="Width alone; the height follows.", unit="pixels", low=MIN_SIDE, high=MAX_SIDE
    ),
    Option(
        name="height", kind="whole", help="Height alone; the width follows.", unit="pixels", low=MIN_SIDE, high=MAX_SIDE
    ),
    Option(
        name="fit",
        kind="choice",
        help="How sources of another shape fill the picture: crop, pad or stretch.",
        default="crop",
        choices=("crop", "pad", "stretch"),
    ),
    Option(
        name="fps",
        kind="number",
        help="Frames a second [default: as the sources, or the model's].",
        low=MIN_FPS,
        high=MAX_FPS,
        aliases=("frames_per_second", "frame_rate"),
    ),
    Option(name="native", kind="flag", help="Keep the model's own size and rate.", default=False),
    Option(
        name="seed",
        kind="whole",
        help="The same seed makes the same film, but for its invisible mark [default: drawn].",
        low=0,
        high=MAX_SEED,
    ),
    Option(
        name="steps",
        kind="whole",
        help="Steps of the sampler: more are slower and finer [default: the model's].",
        low=1,
        high=MAX_STEPS,
        aliases=("num_inference_steps", "num_steps"),
    ),
    Option(
        name="guidance",
        kind="pair",
        help="How strictly to follow the prompt, where 1 is no guidance; 4,3 is a number for each of two experts"
        " [default: the model's].",
        low=0,
        high=MAX_GUIDANCE,
        aliases=("guidance_scale", "cfg", "cfg_scale"),
    ),
    Option(
        name="negative_prompt",
        kind="text",
        help="What the film should not show.",
        default="",
        flag="--negative",
        aliases=("negative",),
    ),
    Option(name="style", kind="text", help="One of `yozora styles`, or words of your own.", default=""),
    Option(name="model", kind="text", help="One of `yozora models`, or a folder or a file of weights."),
    Option(name="vae", kind="text", help="A file or a folder of another autoencoder than the model's.", local=True),
    Option(name="text_encoder", kind="text", help="The same of another text encoder.", local=True),
    Option(
        name="loras",
        kind="loras",
        help="A LoRA and its strength, such as style.safetensors:0.8, or high=FILE or low=FILE for one of two experts;"
        " may be repeated.",
        flag="--lora",
        aliases=("lora",),
    ),
    Option(
        name="untrained",
        kind="flag",
        help="Also give weights what they were not trained to be given, where they can be given it at all.",
        default=False,
    ),
)
"""What every mode takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place for a source: its name, and what it takes. A film is taken for its first frame where a picture is."""

    name: str
    takes: Literal["picture", "clip"]
    help: str
    needed: bool = True
    metavar: str = "CLIP"
    aliases: tuple[str, ...] = ()
    wire: str = ""  # the API's name of it
    parent: bool = True  # whether the film counts as another version of it; else it is a component


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One way to make a film.

    `prompt`: needed, or what the source was made from where nothing is said. `settled` fills defaults into the options
    and checks them against the sources (raises `ArgumentError`); `length` is that of the film in seconds, `invented`
    how many of them weights must be able to make; `known` is what these must have been trained to be given. `keeps`:
    the film has its sources' size and rate. `closed`: it has the frame at its very end too, one more than its seconds
    have. `route`: of the API, below /v1/videos.
    """

    name: str
    summary: str
    options: type[Any]
    slots: tuple[Slot, ...]
    route: str
    length: Callable[[Any, Sequence["Source"], "Preset"], float]
    invented: Callable[[Any, Sequence["Source"], "Preset"], float]
    settled: Callable[[Any, Sequence["Source"], "Preset"], Any] = lambda options, sources, preset: options
    known: Callable[[Any, Sequence["Source"]], "Known"] = lambda options, sources: "frames"
    prompts: Callable[["Order"], tuple[str, ...]] = lambda order: (order.request.text,)
    prompt: Literal["needed", "optional"] = "needed"
    prompt_flag: bool = False  # on the command line it is --prompt, since the sources come first
    prompt_help: str = "What is to be seen."
    keeps: bool = True
    wire_defaults: Mapping[str, Any] = field(default_factory=dict)  # of the API, where its contract has others
    closed: Callable[[Any], bool] = lambda options: False
    silences: Callable[[Any], bool] = lambda options: False  # whether the sound of its sources is not kept
    painter: str = ""  # module:function

    @property
    def own(self) -> tuple[Option, ...]:
        """The options that this mode alone gives a meaning to."""
        return options_of(self.options)

    @property
    def takes(self) -> tuple[Option, ...]:
        """All options, its own first."""
        return (*self.own, *COMMON)

    @property
    def paint(self) -> Callable[..., Any]:
        """The pure function `(order, given) -> shots`, see `painters`."""
        module, _, function = (self.painter or f"yozora.core.painters:{self.name}").partition(":")
        return getattr(importlib.import_module(module), function)  # type: ignore[no-any-return]


# --- films of words and pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class Generate:
    """Options of films of words, perhaps with a first and a last picture."""

    seconds: float | None = option("number", "Length of the film [default: the model's].", **LENGTH)


def _as_asked(options: Any, sources: Sequence["Source"], preset: "Preset") -> float:
    return float(options.seconds)


def _settled_generate(options: Generate, sources: Sequence["Source"], preset: "Preset") -> Generate:
    seconds = preset.seconds if options.seconds is None else options.seconds
    if {"image", "last"} <= {source.slot for source in sources} and seconds * preset.fps < 2 * preset.frames_a_latent:
        least = 2 * preset.frames_a_latent / preset.fps
        raise ArgumentError(
            "seconds",
            "There is no time between the first and the last picture.",
            f"Ask for at least {least:g} seconds.",
        )
    return replace(options, seconds=seconds)


def _known_of_pictures(options: Generate, sources: Sequence["Source"]) -> "Known":
    slots = {source.slot for source in sources}
    if slots == {"image", "last"}:
        return "first and last frame"
    return "nothing" if not slots else "first frame" if slots == {"image"} else "frames"


# --- films that go on from clips


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend:
    """Options of extensions."""

    seconds: float = option("number", "How much is added.", 1.25, **{**LENGTH, "above": False})
    backward: bool = option("flag", "What came before instead of what comes next.", False)


def _added(options: Any, sources: Sequence["Source"], preset: "Preset") -> float:
    return sources[0].seconds + float(options.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """Options of loops."""

    seconds: float = option("number", "How long the way from the end back to the beginning is.", 1.0, **LENGTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blend:
    """Options of blends."""

    seconds: float = option("number", "How long both are seen.", 1.0, **LENGTH)


def _settled_blend(options: Blend, sources: Sequence["Source"], preset: "Preset") -> Blend:
    """Neither clip may be shorter than what they share, and a frame of the first one is seen alone, or nothing leads
    over."""
    stride, fps, (a, b) = preset.frames_a_latent, preset.fps, sources
    seen = [max(1, int(source.seconds * fps + 0.5)) for source in sources]
    latents = min(-(-(seen[0] - 1) // stride), -(-seen[1] // stride))
    most = min(latents * stride / fps, a.seconds - 1 / (a.fps or fps), b.seconds)
    if options.seconds > most + 1e-9:
        said = math.floor(most * 1000) / 1000
        hint = f"Ask for {said:g} or fewer." if said > 0 else "The first one has a single frame: nothing can lead over."
        raise ArgumentError("seconds", f"The clips are too short to blend for {options.seconds:g} seconds.", hint)
    return options


def _blended(options: Blend, sources: Sequence["Source"], preset: "Preset") -> float:
    return sources[0].seconds + sources[1].seconds - options.seconds


def _prompts_of_both(order: "Order") -> tuple[str, ...]:
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
        "strength", "How far it may go: 0 (as it is) to 1 (all anew), or subtle, mild, strong.", "mild", choices=WORDS
    )


def _settled_remix(options: Remix, sources: Sequence["Source"], preset: "Preset") -> Remix:
    return replace(options, strength=preset.strength(options.strength))


def _as_the_clip(options: Any, sources: Sequence["Source"], preset: "Preset") -> float:
    return sources[0].seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Options of edits."""

    region: Box | None = option("region", "The part of the picture, in fractions of it [default: all of it].")
    start: float = option(
        "number", "Second at which it begins.", 0.0, low=0, flag="--from", wire="from", aliases=("begin", "from")
    )
    stop: float | None = option(
        "number", "Second at which it ends [default: that of the clip].", flag="--to", wire="to", aliases=("end", "to")
    )
    strength: float | str | None = option(
        "strength", "0 (as it is) to 1 (all anew), or a word [default: 1 in a region, strong without].", choices=WORDS
    )


def _settled_edit(options: Edit, sources: Sequence["Source"], preset: "Preset") -> Edit:
    which = "start" if options.stop is None or options.start >= sources[0].seconds else "stop"
    start, stop = check_span(which, options.start, options.stop, sources[0].seconds)
    word = "strong" if options.region is None else 1.0
    strength = preset.strength(word if options.strength is None else options.strength)
    return replace(options, start=start, stop=stop, strength=strength)


def _known_of_edit(options: Edit, sources: Sequence["Source"]) -> "Known":
    assert options.strength is not None
    whole = not options.region and not options.start and options.stop == sources[0].seconds
    return "whole clip" if whole and options.strength else "frames" if options.strength in (0, 1) else "anything"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recut:
    """Options of re-cuts."""

    keep: tuple[tuple[float, float], ...] = option(
        "spans", "Seconds that stay, such as 0-1.5; several are allowed.", needed=True
    )


def _settled_recut(options: Recut, sources: Sequence["Source"], preset: "Preset") -> Recut:
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
class Card:
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

    cards: tuple[Card, ...] = option("cards", "The cards: a YAML file, or its text.", needed=True, wire="board")


def _as_the_board(options: Storyboard, sources: Sequence["Source"], preset: "Preset") -> float:
    return options.cards[-1].stop


def _settled_storyboard(options: Storyboard, sources: Sequence["Source"], preset: "Preset") -> Storyboard:
    """Cards in turn, without gaps, each with a source that is there."""
    cards = options.cards
    if not isinstance(cards, tuple) or not cards or not all(isinstance(card, Card) for card in cards):
        raise ArgumentError("cards", "There are no cards.", "Write at least one, with from, to and prompt.")
    starts = (0.0, *(card.stop for card in cards[:-1]))
    if any(
        abs(card.start - start) > 1e-6 or not card.stop > card.start for card, start in zip(cards, starts, strict=True)
    ):
        raise ArgumentError("cards", "The cards do not follow each other.", "Each begins where the last one ends.")
    if any(card.source is not None and not 0 <= card.source < len(sources) for card in cards):
        raise ArgumentError("cards", "A card begins with a source that is not there.", "Give it, or leave it out.")
    return options


def _prompts_of_cards(order: "Order") -> tuple[str, ...]:
    return tuple(card.text for card in order.options.cards)


# --- all of them


PICTURE = "JPEG, PNG, WebP, HEIC and others, or a film, of which it is the first frame"
CLIP = Slot(
    name="source",
    takes="clip",
    help="A film file: MP4, WebM, MOV, GIF and others.",
    wire="video",
    aliases=("video_id", "clip"),
)

MODES: dict[str, Mode] = {
    mode.name: mode
    for mode in (
        Mode(
            name="generate",
            summary="Make a film from a prompt, perhaps from a picture on, and to a last one.",
            options=Generate,
            slots=(
                Slot(
                    name="image",
                    takes="picture",
                    help=f"What the film starts with: {PICTURE}.",
                    needed=False,
                    metavar="FILE",
                    wire="input_reference",
                    aliases=("image_url", "reference_image", "first_frame", "first"),
                ),
                Slot(
                    name="last",
                    takes="picture",
                    help="What it ends with, likewise.",
                    needed=False,
                    metavar="FILE",
                    aliases=("last_frame",),
                    parent=False,
                ),
            ),
            route="",
            wire_defaults={"seconds": 4.0, "size": (720, 1280)},
            length=_as_asked,
            invented=_as_asked,
            settled=_settled_generate,
            known=_known_of_pictures,
            closed=lambda options: True,
            prompt_help="What the film shows, in quotes, in any language the model reads.",
        ),
        Mode(
            name="extend",
            summary="Let a clip go on for some seconds, or begin so much earlier.",
            options=Extend,
            slots=(CLIP,),
            route="extensions",
            wire_defaults={"seconds": 4.0},
            length=_added,
            invented=_as_asked,
            prompt="optional",
            prompt_help="What happens [default: as before].",
        ),
        Mode(
            name="loop",
            summary="Make a clip that plays on and on: some seconds lead from its end back to its beginning.",
            options=Loop,
            slots=(CLIP,),
            route="loops",
            length=_added,
            invented=_as_asked,
            prompt="optional",
            prompt_flag=True,
            prompt_help="What is to be seen [default: what the clip was made from].",
        ),
        Mode(
            name="blend",
            summary="Turn one clip into another; for some seconds both are seen.",
            options=Blend,
            slots=(
                Slot(name="a", takes="clip", help="The film that comes first.", metavar="A", wire="videos"),
                Slot(
                    name="b",
                    takes="clip",
                    help="The film that it turns into.",
                    metavar="B",
                    wire="videos",
                    parent=False,
                ),
            ),
            route="blends",
            length=_blended,
            invented=_as_asked,
            settled=_settled_blend,
            known=lambda options, sources: "anything",
            prompts=_prompts_of_both,
            prompt="optional",
            prompt_flag=True,
            prompt_help="What is to be seen [default: what the clips were made from].",
        ),
        Mode(
            name="remix",
            summary="Make a clip again as the prompt says, keeping its layout and movement.",
            options=Remix,
            slots=(CLIP,),
            route="{video_id}/remix",
            length=_as_the_clip,
            invented=_as_the_clip,
            settled=_settled_remix,
            known=lambda options, sources: "whole clip",
            silences=lambda options: options.strength != 0,
        ),
        Mode(
            name="edit",
            summary="Make a part of the picture anew, or some seconds of it; all around stays.",
            options=Edit,
            slots=(CLIP,),
            route="edits",
            length=_as_the_clip,
            invented=_as_the_clip,
            settled=_settled_edit,
            known=_known_of_edit,
        ),
        Mode(
            name="recut",
            summary="Keep spans of a clip where they are and make anew what lies between.",
            options=Recut,
            slots=(CLIP,),
            route="recuts",
            length=_as_the_clip,
            invented=_as_the_clip,
            settled=_settled_recut,
            prompt="optional",
            prompt_flag=True,
            prompt_help="What is to be seen [default: what the clip was made from].",
        ),
        Mode(
            name="storyboard",
            summary="Film a storyboard: cards of several seconds each, with a cut or a flow between them.",
            options=Storyboard,
            slots=(),
            route="storyboards",
            wire_defaults={"size": (720, 1280)},
            length=_as_the_board,
            invented=_as_the_board,
            settled=_settled_storyboard,
            known=lambda options, sources: "first frame" if sources else "nothing",
            prompts=_prompts_of_cards,
            prompt="optional",
            closed=lambda options: all(card.flows for card in options.cards[1:]),
        ),
    )
}
"""Every mode by its name."""


def find(name: str) -> Mode:
    """The mode of that name. Raises `UserError` that lists the known ones."""
    if name not in MODES:
        raise UserError(f"There is no mode {name!r}.", f"Known modes: {', '.join(MODES)}.")
    return MODES[name]


def of(options: object) -> Mode:
    """The mode that has these options."""
    return having(type(options))


def having(kind: type[Any]) -> Mode:
    """The mode whose options are of that type."""
    return next(mode for mode in MODES.values() if mode.options is kind)


def check_span(argument: str, start: float, stop: float | None, seconds: float) -> tuple[float, float]:
    """Seconds of a clip that lasts so long, its end where `stop` says none. Raises `ArgumentError` where it has none
    such."""
    stop = seconds if stop is None else stop
    if start >= seconds:
        raise ArgumentError(argument, f"The clip has no second {start:g}.", f"It lasts {seconds:.2f}.")
    if not 0 <= start < stop:
        raise ArgumentError(argument, f"The clip has no seconds {start:g} to {stop:g}.", f"It lasts {seconds:.2f}.")
    return start, min(stop, seconds)
