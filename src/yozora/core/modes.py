"""The creation modes, each declared once: what it is called, what it takes, how long its film is, who paints it.

Python, the command line, the API and the documentation read these declarations; `MODES` is the only dispatch. A
painter needs torch, and is imported when the first film is painted.
"""

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from yozora.core import mode_options as own
from yozora.core.common_options import COMMON
from yozora.core.mode_options import Blend, Edit, Extend, Generate, Loop, Recut, Remix, Storyboard, StoryboardCard
from yozora.core.options import Option, options_of
from yozora.errors import UserError

if TYPE_CHECKING:
    from yozora.core.order import Order, Source
    from yozora.families.presets import Known, Preset

__all__ = [
    "CLIP",
    "COMMON",
    "MODES",
    "PICTURE",
    "Blend",
    "Edit",
    "Extend",
    "Generate",
    "Loop",
    "Mode",
    "Option",
    "Recut",
    "Remix",
    "Slot",
    "Storyboard",
    "StoryboardCard",
    "find",
    "having",
    "of",
]


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
    have. `shortened`: a line on each thing that was said and goes beyond the sources. `route`: of the API, below
    /v1/videos.
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
    prompt_help: str = "What the film shows."
    keeps: bool = True
    wire_defaults: Mapping[str, Any] = field(default_factory=dict)  # of the API, where its contract has others
    closed: Callable[[Any], bool] = lambda options: False
    shortened: Callable[[Mapping[str, Any], Sequence["Source"]], Iterable[str]] = lambda said, sources: ()
    silences: Callable[[Any], bool] = lambda options: False  # whether the sound of its sources is not kept
    painter: str = ""  # "module:function"; empty: the function of the mode's name that the package `painters` exports

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
        found: Callable[..., Any] = getattr(importlib.import_module(module), function)
        return found


# --- all of them


PICTURE = "JPEG, PNG, WebP, HEIC and others, or the first frame of a film"
CLIP = Slot(
    name="source",
    takes="clip",
    help="A film file: MP4, WebM, MOV, GIF and others.",
    wire="video",
    aliases=("video_id", "clip"),
)

ENTRIES: tuple[Mode, ...] = (
    Mode(
        name="generate",
        summary="Make a film from a prompt, optionally with a first and a last picture.",
        options=Generate,
        slots=(
            Slot(
                name="image",
                takes="picture",
                help=f"First frame of the film: {PICTURE}.",
                needed=False,
                metavar="FILE",
                wire="input_reference",
                aliases=("image_url", "reference_image", "first_frame", "first"),
            ),
            Slot(
                name="last",
                takes="picture",
                help="Last frame of the film: a picture, or the first frame of a clip.",
                needed=False,
                metavar="FILE",
                aliases=("last_frame",),
                parent=False,
            ),
        ),
        route="",
        wire_defaults={"seconds": 4.0, "size": (720, 1280)},
        length=own.as_asked,
        invented=own.as_asked,
        settled=own.settled_generate,
        known=own.known_of_pictures,
        closed=lambda options: True,
        prompt_help="What the film shows, in quotes, in any language that the model knows.",
    ),
    Mode(
        name="extend",
        summary="Continue a clip, or add seconds before it.",
        options=Extend,
        slots=(CLIP,),
        route="extensions",
        wire_defaults={"seconds": 4.0},
        length=own.added,
        invented=own.as_asked,
        prompt="optional",
        prompt_help="What the film shows [default: as before].",
    ),
    Mode(
        name="loop",
        summary="Make a clip loop: add a transition from its end to its start.",
        options=Loop,
        slots=(CLIP,),
        route="loops",
        length=own.added,
        invented=own.as_asked,
        prompt="optional",
        prompt_flag=True,
        prompt_help="What the film shows [default: what the clip was made from].",
    ),
    Mode(
        name="blend",
        summary="Turn one clip into another; the transition shows both.",
        options=Blend,
        slots=(
            Slot(name="a", takes="clip", help="The first film.", metavar="A", wire="videos"),
            Slot(name="b", takes="clip", help="The second film.", metavar="B", wire="videos", parent=False),
        ),
        route="blends",
        length=own.blended,
        invented=own.as_asked,
        settled=own.settled_blend,
        known=lambda options, sources: "anything",
        prompts=own.prompts_of_both,
        prompt="optional",
        prompt_flag=True,
        prompt_help="What the film shows [default: what the clips were made from].",
    ),
    Mode(
        name="remix",
        summary="Change a clip as the prompt says, and keep its layout and movement.",
        options=Remix,
        slots=(CLIP,),
        route="{video_id}/remix",
        length=own.as_the_clip,
        invented=own.as_the_clip,
        settled=own.settled_remix,
        known=lambda options, sources: "whole clip",
        silences=lambda options: options.strength != 0,
    ),
    Mode(
        name="edit",
        summary="Generate a region or some seconds of a clip again, and keep the rest.",
        options=Edit,
        slots=(CLIP,),
        route="edits",
        length=own.as_the_clip,
        invented=own.as_the_clip,
        settled=own.settled_edit,
        shortened=own.stop_past_the_end,
        known=own.known_of_edit,
    ),
    Mode(
        name="recut",
        summary="Keep spans of a clip at their times, and generate the rest again.",
        options=Recut,
        slots=(CLIP,),
        route="recuts",
        length=own.as_the_clip,
        invented=own.as_the_clip,
        settled=own.settled_recut,
        shortened=own.keep_past_the_end,
        prompt="optional",
        prompt_flag=True,
        prompt_help="What the film shows [default: what the clip was made from].",
    ),
    Mode(
        name="storyboard",
        summary="Make a film from a storyboard: cards with prompts, joined by cuts or continuous takes.",
        options=Storyboard,
        slots=(),
        route="storyboards",
        wire_defaults={"size": (720, 1280)},
        length=own.as_the_board,
        invented=own.as_the_board,
        settled=own.settled_storyboard,
        known=lambda options, sources: "first frame" if sources else "nothing",
        prompts=own.prompts_of_cards,
        prompt="optional",
        closed=lambda options: all(card.flows for card in options.cards[1:]),
    ),
)

MODES: dict[str, Mode] = {mode.name: mode for mode in ENTRIES}
"""Every mode by its name."""


def find(name: str) -> Mode:
    """The mode of that name. Raises `UserError` that lists the known ones."""
    if name not in MODES:
        raise UserError(f"The mode {name!r} is not known.", f"Use one of: {', '.join(MODES)}.", code="unknown_mode")
    return MODES[name]


def of(options: object) -> Mode:
    """The mode that has these options."""
    return having(type(options))


def having(kind: type[Any]) -> Mode:
    """The mode whose options are of that type."""
    return next(mode for mode in MODES.values() if mode.options is kind)
