"""Each mode as a person knows it: films and files go in, an order for the engine comes out.

Knows sources, their sizes and sounds, and the presets; paints nothing itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Literal, Unpack, cast

from yozora import characters, media, presets
from yozora.board import Board, find_style
from yozora.core import modes
from yozora.core.canvas import Layout
from yozora.core.modes import Box
from yozora.core.request import FRAMES_A_LATENT, MAX_PROMPT, STRENGTHS, Request, drawn_seed, is_prompt
from yozora.engine import Order
from yozora.errors import UserError
from yozora.film import Film, Sound
from yozora.media import Footage
from yozora.media.mixing import mixed
from yozora.presets import Preset, Settings
from yozora.sentences import language
from yozora.world import phrases

Source = Film | str | PathLike[str]
Fit = Literal["crop", "pad", "stretch"]

LOOP_SECONDS = 1.0
BLEND_SECONDS = 1.0
EXTEND_SECONDS = 1.25


class Choices(Settings, total=False):
    """`Settings`, how sources are fitted to the picture, and who may be called by name.

    `cast` are pictures by name; a prompt may say the names with an @ or without. Where it is not given, @names are
    those of this machine's characters. `model` is a name, or a folder of weights.
    """

    model: str | PathLike[str]
    fit: Fit
    cast: Mapping[str, Path]


def text(prompt: str, **choices: Unpack[Choices]) -> Order:
    """Words to film."""
    studio = Studio.of(choices)
    return studio.order("text", studio.ask(prompt), modes.text_to_video)


def image(prompt: str, first: Source, last: Source | None = None, **choices: Unpack[Choices]) -> Order:
    """A picture comes to life; with a second one, on the way there. Of a clip it is the first frame."""
    given = [first] if last is None else [first, last]
    studio = Studio.of(choices, given[0])
    reels = [studio.reel(source).first() for source in given]
    return studio.order("image", studio.ask(prompt), modes.image_to_video, reels)


def extend(source: Source, prompt: str = "", *, backward: bool = False, **choices: Unpack[Choices]) -> Order:
    """A clip goes on for `seconds`, or begins so much earlier; for 0 it is what it was."""
    if choices.get("seconds") == 0:
        studio = Studio.of({**choices, "seconds": EXTEND_SECONDS}, source)
        reel = studio.reel(source)
        request = studio.ask(prompt or prompt_of(source), wordless=True)
        return studio.order("extend", request, modes.as_it_is, [reel], reel.sound())
    studio = Studio.of(choices, source, seconds=EXTEND_SECONDS)
    request, reel = studio.ask(prompt or prompt_of(source), wordless=True), studio.reel(source)
    begins = studio.second(1 + max(1, studio.latents(request.seconds))) if backward else 0.0
    sound = laid([(begins, reel.sound())], reel.seconds + request.seconds)
    return studio.order("extend", request, partial(modes.extend, backward=backward), [reel], sound)


def loop(source: Source, prompt: str = "", **choices: Unpack[Choices]) -> Order:
    """A clip that plays on and on: `seconds` lead from its end back to its beginning."""
    studio = Studio.of(choices, source, seconds=LOOP_SECONDS)
    request, reel = studio.ask(prompt or prompt_of(source), wordless=True), studio.reel(source)
    mode = partial(modes.loop, overlap=studio.preset.overlap)
    sound = laid([(0.0, reel.sound())], reel.seconds + request.seconds)
    return studio.order("loop", request, mode, [reel], sound)


def blend(a: Source, b: Source, prompt: str = "", **choices: Unpack[Choices]) -> Order:
    """One clip turns into another in the course of `seconds`, which both share."""
    studio = Studio.of(choices, a, seconds=BLEND_SECONDS)
    told = (prompt_of(a), prompt_of(b))
    request = studio.ask(prompt, wordless=True)
    reels = (studio.reel(a), studio.reel(b))
    texts = tuple(studio.ask(text, wordless=True).text for text in told)
    mode = modes.blend if prompt or not all(told) else partial(modes.blend, prompts=(texts[0], texts[1]))
    mixed = max(1, studio.latents(request.seconds))
    begins = (reels[0].count - mixed * FRAMES_A_LATENT) / studio.preset.fps
    half = mixed * FRAMES_A_LATENT / studio.preset.fps / 2
    before, after = (reel.sound() for reel in reels)
    sound = laid(
        [(0.0, before and before.cut(0.0, begins + half)), (begins + half, after and after.cut(half, after.seconds))],
        begins + reels[1].seconds,
    )
    return studio.order("blend", request, mode, reels, sound)


def remix(source: Source, prompt: str, *, strength: float | str = "mild", **choices: Unpack[Choices]) -> Order:
    """The clip again, as the prompt says; `strength` 0..1 or subtle, mild, strong."""
    studio = Studio.of(choices, source)
    reel, strength = studio.reel(source), strength_of(strength)
    sound = None if strength else reel.sound()
    return studio.order("remix", studio.ask(prompt), partial(modes.remix, strength=strength), [reel], sound)


def edit(
    source: Source,
    prompt: str,
    *,
    region: Box,
    start: float = 0.0,
    stop: float | None = None,
    strength: float | str = 1.0,
    **choices: Unpack[Choices],
) -> Order:
    """A region of the picture, x, y, width and height in fractions of it, becomes what the prompt says."""
    studio = Studio.of(choices, source)
    reel = studio.reel(source)
    modes.check_region(region)
    modes.check_span(start, stop, reel.seconds)
    mode = partial(modes.edit, region=region, start=start, stop=stop, strength=strength_of(strength))
    return studio.order("edit", studio.ask(prompt), mode, [reel], laid([(0.0, reel.sound())], reel.seconds))


def recut(source: Source, keep: Sequence[tuple[float, float]], prompt: str = "", **choices: Unpack[Choices]) -> Order:
    """Spans of a clip in seconds are kept where they are, what lies between is made anew."""
    studio = Studio.of(choices, source)
    request, reel = studio.ask(prompt or prompt_of(source), wordless=True), studio.reel(source)
    keep = [modes.check_span(start, stop, reel.seconds) for start, stop in keep]
    sound = reel.sound()
    parts = [(start, sound and sound.cut(start, stop)) for start, stop in keep]
    return studio.order("recut", request, partial(modes.recut, keep=tuple(keep)), [reel], laid(parts, reel.seconds))


def storyboard(board: Board, **choices: Unpack[Choices]) -> Order:
    """Cards one after the other. What is in `choices` goes before what the board says of the whole film; a style is
    for cards that have none.
    """
    said: Choices = {"negative_prompt": board.negative_prompt} if board.negative_prompt else {}
    if board.fps is not None:
        said["fps"] = board.fps
    if board.seed is not None:
        said["seed"] = board.seed
    if board.size is not None:
        said["width"], said["height"] = board.size
    chosen: Choices = {**choices}
    if not chosen.get("negative_prompt"):
        chosen.pop("negative_prompt", None)
    studio = Studio.of({**said, **chosen, "seconds": board.seconds})
    request = studio.ask(" ".join(card.prompt for card in board.cards)[:MAX_PROMPT])
    cards = [replace(card, style=card.style or choices.get("style", "")) for card in board.cards]
    given = [card.image or card.clip for card in cards]
    reels = [None if path is None else studio.reel(path) for path in given]
    reels = [reel and (reel.first() if card.image else reel) for card, reel in zip(cards, reels, strict=True)]
    scenes = [
        modes.Scene(start=card.start, stop=card.stop, text=card.text, flows=card.transition == "flow") for card in cards
    ]
    parts = [
        (second, cut_to(reel.sound(), card.stop - card.start))
        for card, reel, second in zip(cards, reels, studio.beginnings(scenes, request), strict=True)
        if reel is not None and card.clip is not None
    ]

    def paint(request: Request, layout: Layout, clips: Sequence[modes.Clip]) -> modes.Shots:
        waiting = iter(clips)
        shown = [
            replace(scene, clip=next(waiting)) if path else scene for scene, path in zip(scenes, given, strict=True)
        ]
        return modes.storyboard(request, layout, scenes=shown)

    order = studio.order(
        "storyboard",
        request,
        paint,
        [reel for reel in reels if reel is not None],
        laid(parts, board.seconds),
        called=[card.prompt for card in cards],
    )
    return replace(order, told=tuple(card.text for card in cards))


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """A preset, the settings for it, and how sources are fitted: all that an order is made with."""

    preset: Preset
    settings: Settings
    fit: Fit
    cast: Mapping[str, Path] | None = None

    @classmethod
    def of(cls, choices: Choices, like: Source | None = None, seconds: float | None = None) -> "Studio":
        """Without a size among the choices, that of the preset which is most like the source `like`; without a seed, a
        drawn one.
        """
        rest: Choices = {**choices}
        preset = presets.find(rest.pop("model", presets.DEFAULT))
        fit = rest.pop("fit", "crop")
        media.check_fit(fit)
        known = rest.pop("cast", None)
        settings = cast(Settings, rest)
        settings.setdefault("seed", drawn_seed())
        if like is not None and "width" not in settings:
            settings["width"], settings["height"] = nearest(preset, aspect_of(like))
        if seconds is not None:
            settings.setdefault("seconds", seconds)
        return cls(preset=preset, settings=settings, fit=fit, cast=known)

    def ask(self, prompt: str, *, wordless: bool = False) -> Request:
        """The request; a style of the world is said as captions in the prompt's language say it."""
        style = find_style(self.settings.get("style", ""))
        words = phrases.STYLES[language(prompt)].get(style, style).split("|")[0]
        return self.preset.ask(prompt, {**self.settings, "style": words}, wordless=wordless)

    def order(
        self,
        name: str,
        request: Request,
        mode: Callable[[Request, Layout, Sequence[modes.Clip]], modes.Shots],
        reels: Sequence[Footage] = (),
        sound: Sound | None = None,
        called: Sequence[str] = (),
    ) -> Order:
        """The order, named after its mode in `MODES`, with the characters whom the prompt, or the prompts `called`,
        call by name. Raises `UserError` for too many of them.
        """
        stars = self.cast
        if stars is None:
            stars = {hero.name.casefold(): hero.picture for hero in characters.called(called or [request.prompt])}
        if len(stars) > self.preset.heroes:
            raise UserError(
                f"{self.preset.name} can be shown no more than {self.preset.heroes} of {len(stars)} characters.",
                "Describe the others in words.",
            )
        if stars:
            rename = characters.renamed if self.cast is None else characters.introduced
            names = dict(zip(stars, modes.HEROES, strict=False))
            mode = modes.starring(mode, len(stars), partial(rename, names=names))
        sources = (*reels, *(self.reel(picture) for picture in stars.values()))
        return Order(
            request=request,
            preset=self.preset,
            mode=mode,
            sources=sources,
            sound=sound,
            name=name,
            made_of=tuple(reel.source for reel in reels),
            cast=stars,
        )

    def latents(self, seconds: float) -> int:
        """Latent frames in so many seconds, as modes count them."""
        return round(seconds * self.preset.fps / FRAMES_A_LATENT)

    def second(self, latent: int) -> float:
        """When latent frame number `latent` begins: the first one is one frame, each later one `FRAMES_A_LATENT`."""
        return (FRAMES_A_LATENT * (latent - 1) + 1) / self.preset.fps if latent > 0 else 0.0

    def beginnings(self, scenes: Sequence[modes.Scene], request: Request) -> list[float]:
        """The second at which the picture of each card of a storyboard really begins."""
        takes = modes.takes_of(scenes, replace(request, fps=self.preset.fps), FRAMES_A_LATENT)
        return [take.begin / self.preset.fps + self.second(first) for take in takes for first, _ in take.spans]

    def reel(self, source: Source) -> Footage:
        """The source as the model is shown it."""
        request = self.ask("", wordless=True)
        size = {"width": request.width, "height": request.height}
        if isinstance(source, Film):
            return media.shown(source, **size, fps=self.preset.fps, fit=self.fit)
        return media.open(Path(source), **size, fps=self.preset.fps, fit=self.fit)


def nearest(preset: Preset, aspect: float) -> tuple[int, int]:
    """The size of a preset whose width to height is most like that."""
    return min(preset.sizes, key=lambda size: max(size[0] / size[1] / aspect, aspect * size[1] / size[0]))


def aspect_of(source: Source) -> float:
    """Width to height as it is to be seen."""
    if isinstance(source, Film):
        return float(source.frames.shape[2] / source.frames.shape[1])
    found = media.probe(Path(source))
    return found.width / found.height


def prompt_of(source: Source) -> str:
    """What a film was made from, where it says so in a way that can be said again; characters in it may be gone, so
    their names are only words.
    """
    said = source.prompt if isinstance(source, Film) else media.probe(Path(source)).facts.get("prompt", "")
    return said.replace("@", "") if isinstance(said, str) and is_prompt(said) else ""


def strength_of(strength: float | str) -> float:
    """0..1 out of a number or a word. Raises UserError for what is neither."""
    if isinstance(strength, str):
        if strength in STRENGTHS:
            return STRENGTHS[strength]
        try:
            strength = float(strength)
        except ValueError:
            raise UserError(f"There is no strength {strength!r}.", f"Use 0 to 1, or {', '.join(STRENGTHS)}.") from None
    if not 0 <= strength <= 1:
        raise UserError(f"A strength of {strength:g} cannot be done.", "Use 0 (as it is) to 1 (all anew).")
    return strength


def cut_to(sound: Sound | None, seconds: float) -> Sound | None:
    """The beginning of a sound, where there is one."""
    return None if sound is None else sound.cut(0.0, seconds)


def laid(parts: Sequence[tuple[float, Sound | None]], seconds: float) -> Sound | None:
    """Sounds on a timeline; None where nothing sounds."""
    return mixed([(start, sound) for start, sound in parts if sound is not None], seconds)
