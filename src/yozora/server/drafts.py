"""What a video is to be: a request of each kind, with what it points at, checked against the model that will make it.

One function a kind. Nothing is stored here, and nothing is made.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from yozora.core.request import MAX_PROMPT, MAX_SIDE, MIN_SIDE, STRENGTHS, drawn_seed
from yozora.errors import UserError
from yozora.presets import Known, Preset
from yozora.server import schema
from yozora.server.errors import invalid
from yozora.server.job import Mode
from yozora.server.schema import MAX_FILM_PIXELS
from yozora.server.sources import Actor, Finder, Source
from yozora.server.wire import Upload

if TYPE_CHECKING:
    from yozora.board import Board

SIZE = (720, 1280)
NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A video before it has an id. `prompt` None: nothing was said."""

    mode: Mode
    model: str  # as it was asked for
    preset: str
    prompt: str | None
    width: int
    height: int
    seconds: float  # of the mode, see `job.Job`
    total: str  # seconds of the whole film, as they are answered
    settings: Mapping[str, Any]
    sources: tuple[Source, ...] = ()
    actors: tuple[Actor, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    remixed_from: str | None = None
    words: tuple[str, ...] = ()  # what the rules of moderation are to see
    told: tuple[str, ...] = ()  # what the model is told


def create(finder: Finder, asked: schema.CreateVideo) -> Draft:
    """Words to film, or a picture comes to life."""
    plan = _Plan.of(finder, asked, asked.prompt)
    width, height = _pixels(asked.size)
    seconds = plan.seconds(float(asked.seconds), "seconds")
    draft = plan.draft("text", (width, height), seconds, asked.seconds)
    if asked.input_reference is None:
        return draft
    plan.can("first frame", "input_reference")
    picture = finder.picture(asked.input_reference, "input_reference")
    return replace(draft, mode="image", sources=(picture,))


def remix(finder: Finder, asked: schema.RemixVideo, video_id: str) -> Draft:
    """The whole video again, as the prompt says."""
    source = finder.video(video_id, None)
    return _repainted(finder, asked, asked.prompt, source, asked.strength)


def edit(finder: Finder, asked: schema.EditVideo) -> Draft:
    """A region or some seconds of a film become what the prompt says, or all of it does."""
    source = finder.film(asked.video, "video")
    if asked.region is None and asked.start is None and asked.stop is None:
        strength = STRENGTHS["strong"] if asked.strength is None else asked.strength
        return _repainted(finder, asked, asked.prompt, source, strength)
    plan = _Plan.of(finder, asked, asked.prompt, source)
    plan.can("anything", "video")
    start, stop = asked.start or 0.0, asked.stop
    if start >= source.seconds:
        raise invalid("from", f"The film lasts {source.seconds:g} seconds.")
    if stop is not None and stop <= start:
        raise invalid("to", "An edit ends after it starts.")
    box = asked.region
    region = (0.0, 0.0, 1.0, 1.0) if box is None else (box.x, box.y, box.w, box.h)
    whole = STRENGTHS["strong"] if box is None else 1.0
    strength = whole if asked.strength is None else asked.strength
    options = {"region": region, "start": start, "stop": stop, "strength": strength}
    return plan.derived("edit", (source,), source.seconds, source.seconds, options)


def extend(finder: Finder, asked: schema.ExtendVideo) -> Draft:
    """A film goes on, or begins earlier."""
    source = finder.film(asked.video, "video")
    plan = _Plan.of(finder, asked, asked.prompt, source)
    plan.can("anything", "video")
    added, most = float(asked.seconds), finder.service.settings.limits.added_seconds
    if added > most:
        raise invalid("seconds", f"An extension adds up to {most:g} seconds at a time.")
    total = plan.seconds(source.seconds + added, "seconds")
    return plan.derived("extend", (source,), added, total, {"backward": asked.backward})


def loop(finder: Finder, asked: schema.LoopVideo) -> Draft:
    """A film that plays on and on."""
    source = finder.film(asked.video, "video")
    plan = _Plan.of(finder, asked, asked.prompt, source)
    plan.can("anything", "video")
    gap = float(asked.seconds)
    return plan.derived("loop", (source,), gap, plan.seconds(source.seconds + gap, "seconds"), NOTHING)


def blend(finder: Finder, asked: schema.BlendVideos) -> Draft:
    """One film turns into another."""
    a, b = (finder.film(one, "videos") for one in asked.videos)
    plan = _Plan.of(finder, asked, asked.prompt, a)
    plan.can("anything", "videos")
    both = float(asked.seconds)
    if both >= min(a.seconds, b.seconds):
        raise invalid(
            "seconds", f"The films last {a.seconds:g} and {b.seconds:g} seconds: too short to share {both:g}."
        )
    draft = plan.derived("blend", (a, b), both, plan.seconds(a.seconds + b.seconds - both, "seconds"), NOTHING)
    return replace(draft, remixed_from=None)


def recut(finder: Finder, asked: schema.RecutVideo) -> Draft:
    """Spans of a film stay, what lies between is made anew."""
    source = finder.film(asked.video, "video")
    plan = _Plan.of(finder, asked, asked.prompt, source)
    plan.can("anything", "video")
    for start, stop in asked.keep:
        if not start < stop or start >= source.seconds:
            raise invalid("keep", f"The film has no seconds {start:g} to {stop:g}: it lasts {source.seconds:g}.")
    return plan.derived("recut", (source,), source.seconds, source.seconds, {"keep": asked.keep})


def storyboard(finder: Finder, asked: schema.CreateStoryboard) -> Draft:
    """Cards one after the other. What the request says beside the board goes before what the board says."""
    from yozora.board import dump

    board = _board(asked.board)
    prompt = " ".join(card.prompt for card in board.cards)[:MAX_PROMPT]
    plan = _Plan.of(finder, asked, prompt)
    seconds = plan.seconds(board.seconds, "board")
    said = {"negative_prompt": board.negative_prompt or None, "fps": board.fps, "seed": board.seed}
    chosen = {name: value for name, value in said.items() if value is not None and name not in asked.model_fields_set}
    plan = replace(plan, settings={**plan.settings, **chosen})
    size = _pixels(asked.size) if asked.size else board.size or SIZE
    if size[0] % 2 or size[1] % 2:
        raise invalid("board", f"size: {size[0]}x{size[1]} cannot be made: width and height are even numbers.")
    draft = plan.draft("storyboard", size, seconds, spoken(seconds))
    bare = replace(board, size=None, fps=None, seed=None, negative_prompt="")
    told = tuple(card.text for card in board.cards)
    return replace(draft, options={"board": dump(bare)}, words=(*told, board.title, asked.style), told=told)


def spoken(seconds: float) -> str:
    """A duration as the wire has it: "12", "8.5", "2.063"."""
    return f"{seconds:.3f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """A model, the settings for it, and who plays: what every kind of video has."""

    finder: Finder
    model: str
    preset: Preset
    prompt: str | None
    settings: Mapping[str, Any]
    actors: tuple[Actor, ...]
    style: str

    @classmethod
    def of(cls, finder: Finder, asked: schema.Wishes, prompt: str | None, source: Source | None = None) -> "_Plan":
        """Without a model of its own, a video is made by the one that made its source."""
        settings = finder.service.settings
        model = asked.model or (source.model if source else None) or settings.usual
        try:
            preset = settings.preset(model)
        except UserError as error:
            raise invalid("model", str(error), "model_not_found") from error
        if prompt is not None and not prompt.strip():
            raise invalid("prompt", "The prompt is empty.")
        if len(asked.characters) > preset.heroes:
            message = f"{preset.name} can be shown no more than {preset.heroes} of {len(asked.characters)} characters."
            raise invalid("characters", f"{message} Describe the others in words.")
        actors = finder.actors(asked.characters, prompt or "")
        return cls(
            finder=finder,
            model=model,
            preset=preset,
            prompt=prompt,
            settings=_settings(asked),
            actors=actors,
            style=asked.style,
        )

    def can(self, known: Known, param: str) -> None:
        """Raises `ApiError` 400 where the weights were not trained to be given so much."""
        try:
            self.preset.check_known(known)
        except UserError as error:
            raise invalid(param, str(error)) from error

    def seconds(self, total: float, param: str) -> float:
        """So many seconds, if the server and the model make films of that length."""
        most = min(self.finder.service.settings.limits.seconds, self.preset.max_seconds)
        if total > most:
            raise invalid(param, f"The film would last {spoken(total)} seconds; at most {most:g} can be made.")
        return total

    def draft(self, mode: Mode, size: tuple[int, int], seconds: float, total: str) -> Draft:
        words = tuple(text for text in (self.prompt, self.style) if text)
        return Draft(
            mode=mode,
            model=self.model,
            preset=self.preset.name,
            prompt=self.prompt,
            width=size[0],
            height=size[1],
            seconds=seconds,
            total=total,
            settings=self.settings,
            actors=self.actors,
            words=words,
            told=(", ".join(words),),
        )

    def derived(
        self, mode: Mode, films: tuple[Source, ...], seconds: float, total: float, options: Mapping[str, Any]
    ) -> Draft:
        """A draft that is made from films: it has the size of the first one."""
        draft = self.draft(mode, _size_of(films[0]), seconds, spoken(self.seconds(total, "video")))
        return replace(draft, sources=films, options=options, remixed_from=films[0].video)


def _repainted(finder: Finder, asked: schema.Wishes, prompt: str, source: Source, strength: float) -> Draft:
    plan = _Plan.of(finder, asked, prompt, source)
    plan.can("anything", "video")
    return plan.derived("remix", (source,), source.seconds, source.seconds, {"strength": strength})


def _settings(asked: schema.Wishes) -> dict[str, Any]:
    """What is said, and a seed: drawn now, so that a film that is made again is the same film."""
    names = ("negative_prompt", "style", "steps", "guidance", "fps")
    said = {name: value for name in names if (value := getattr(asked, name)) not in (None, "")}
    return {**said, "seed": drawn_seed() if asked.seed is None else asked.seed}


def _pixels(size: str) -> tuple[int, int]:
    width, height = (int(side) for side in size.split("x"))
    return width, height


def _size_of(source: Source) -> tuple[int, int]:
    """A source's size, even, and as near to it as a finished film may be."""
    width, height = source.width, source.height
    scale = min(1.0, MAX_SIDE / max(width, height), math.sqrt(MAX_FILM_PIXELS / (width * height)))
    even = (min(MAX_SIDE, max(MIN_SIDE, int(side * scale) // 2 * 2)) for side in (width, height))
    return next(even), next(even)


def _board(said: Upload | str) -> "Board":
    from yozora import board as boards  # knows every style and camera move in every language: slow to load

    if isinstance(said, Upload):
        with said.path.open("rb") as file:
            data = file.read(boards.MAX_BYTES + 1)
        try:
            said = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise invalid("board", "The board is no text in UTF-8.") from None
    try:
        return boards.parse(said, None)
    except UserError as error:
        raise invalid("board", str(error)) from error
