"""Requested options become an order: every option is known to the mode, every value is what it should be, every default
is filled in. All interfaces use it, and no checks are elsewhere.

Opens no file: what is known of the sources is told. Raises `ArgumentError`, which names the argument, for whatever
cannot be made.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from yozora.core import modes
from yozora.core.modes import Mode, Slot
from yozora.core.options import ArgumentError, Option, about, read
from yozora.core.order import CharacterSource, Order, Source
from yozora.core.request import (
    MAX_FPS,
    MAX_LENGTH,
    MAX_PIXELS,
    MAX_PROMPT,
    MAX_SIDE,
    MIN_FPS,
    MIN_SIDE,
    Request,
    drawn_seed,
    is_prompt,
)
from yozora.families import presets
from yozora.families.presets import Preset

PICTURE_PIXELS = 1920 * 1080  # a film that begins with a picture is as large as the picture, up to this
PARTS = (
    "vae",
    "text_encoder",
    "loras",
    "weights",
    "memory",
    "ram",
    "untrained",
)  # options that say what the model is put together of
ALIKE = 0.75  # how like a known name an unknown one is to be a slip of the keyboard

RequestedOptions = Mapping[str, Any]


def ordered(
    mode: str,
    prompt: str | None,
    requested: RequestedOptions,
    sources: Sequence[Source] = (),
    characters: Sequence[CharacterSource] = (),
    preset: Preset | None = None,
) -> Order:
    """The order of what is requested; what is None, or left out, is the default. Names may be aliases. `preset`: that
    of the model, where its name is known to the caller alone.
    """
    found = modes.find(mode)
    settings = values(found, requested)
    prompt = prompt_of(found, prompt, sources)
    check_sources(found, sources)
    with about("model"):
        preset = preset or presets.find(settings.get("model", presets.DEFAULT))
    with_parts = Request(prompt="", **{name: settings[name] for name in PARTS if name in settings})
    preset = presets.composed(preset, with_parts)
    check_characters(preset, characters)
    own = {each.name for each in found.own}
    options = found.options(**{name: value for name, value in settings.items() if name in own})
    options = found.settled(options, sources, preset)
    with about("model"):
        presets.check_known(preset, found.known(options, sources))
    check_length(found, options, sources, preset)
    size, fps = format_of(found, settings, sources, preset)
    request = Request(
        prompt=prompt,
        seconds=found.length(options, sources, preset),
        width=size[0],
        height=size[1],
        fps=fps,
        **chosen(settings, preset),
    )
    return Order(mode=mode, request=request, options=options, sources=tuple(sources), characters=tuple(characters))


def chosen(settings: dict[str, Any], preset: Preset) -> dict[str, Any]:
    """The fields of a request that depend on nothing but what is said of them and on the model."""
    guidance, low_guidance = guidance_of(settings, preset)
    return {
        "negative_prompt": settings.get("negative_prompt", preset.negative_prompt),
        "style": settings.get("style", ""),
        "fit": settings.get("fit", "crop"),
        "seed": drawn_seed() if settings.get("seed") is None else settings["seed"],
        "steps": settings.get("steps", preset.steps),
        "quality": settings.get("quality", "exact"),
        "guidance": guidance,
        "low_guidance": low_guidance,
        "model": settings.get("model", presets.DEFAULT),
        "vae": settings.get("vae", ""),
        "text_encoder": settings.get("text_encoder", ""),
        "loras": settings.get("loras", ()),
        "weights": settings.get("weights", ""),
        "memory": settings.get("memory", 0),
        "ram": settings.get("ram", 0),
        "untrained": settings.get("untrained", False),
    }


def values(mode: Mode, requested: RequestedOptions) -> dict[str, Any]:
    """What is said, by the options' own names, read and checked. Raises `ArgumentError` for an option that this mode
    does not take, and for a value that is not one.
    """
    found: dict[str, Any] = {}
    names = named(mode)
    for name, value in requested.items():
        if value is None:
            continue
        if name not in names:
            raise unknown(mode, name)
        option = names[name]
        if option.name in found:
            raise ArgumentError(option.name, f"{option.name} appears twice.", "Pass it once.", code="option_duplicate")
        found[option.name] = read(option, value)
    for option in mode.own:
        if option.needed and option.name not in found:
            raise ArgumentError(option.name, f"{option.name} is missing.", option.help, code="option_missing")
    return found


def named(mode: Mode) -> dict[str, Option]:
    """The options that a mode takes, by all their names."""
    return {name: each for each in mode.takes for name in each.names}


def unknown(mode: Mode, name: str) -> ArgumentError:
    """What is said of an option that a mode does not take: who does, or what may have been meant."""
    others = [
        other.name
        for other in modes.MODES.values()
        if other is not mode and name in _argument_names(other.takes, other.slots)
    ]
    if others:
        return ArgumentError(
            name, f"{mode.name} takes no {name}.", f"Use it with {', '.join(others)}.", code="option_of_other_mode"
        )
    known = sorted(_argument_names(mode.takes, mode.slots))
    meant = get_close_matches(name, known, 1, ALIKE)
    hint = f"Did you mean {meant[0]}?" if meant else f"Use one of: {', '.join(each.name for each in mode.takes)}."
    return ArgumentError(name, f"{mode.name} has no option {name[:60]!r}.", hint, code="unknown_option")


def sources_of(
    mode: Mode, given: Mapping[str, Any], requested: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was given, by the mode's slots, and the requested options that are left: a source may be among these, under
    another name of its slot. Raises `ArgumentError` where it is there twice.
    """
    found = {name: value for name, value in given.items() if value is not None}
    names = {alias: slot.name for slot in mode.slots for alias in (slot.name, *slot.aliases)}
    names = {name: slot for name, slot in names.items() if name not in _argument_names(mode.takes, ())}
    for name in [name for name in requested if name in names and requested[name] is not None]:
        if names[name] in found:
            raise ArgumentError(name, f"{names[name]} appears twice.", "Pass it once.", code="option_duplicate")
        found[names[name]] = requested[name]
    return found, {name: value for name, value in requested.items() if name not in names}


def prompt_of(mode: Mode, prompt: str | None, sources: Sequence[Source]) -> str:
    """What is to be seen: as it is said, or what the one source was made from where the mode allows it."""
    if prompt is not None and not isinstance(prompt, str):
        raise ArgumentError(
            "prompt", f"The prompt is {type(prompt).__name__}, not text.", "Pass text.", code="wrong_type"
        )
    if prompt is not None and not is_prompt(prompt):
        most = f"Use UTF-8 and up to {MAX_PROMPT:,} characters."
        raise ArgumentError("prompt", "The prompt is not text, or it is too long.", most, code="prompt_invalid")
    if prompt is not None and prompt.strip():
        return prompt
    if mode.prompt == "needed":
        raise ArgumentError(
            "prompt",
            "The prompt is empty.",
            "Describe the film, such as: a red car driving at night.",
            code="prompt_empty",
        )
    return sources[0].prompt if len(sources) == 1 else ""


def check_sources(mode: Mode, sources: Sequence[Source]) -> None:
    """Raises `ArgumentError` where a needed source is missing or is of another kind."""
    given = [source.slot for source in sources]
    for slot in mode.slots:
        if slot.needed and slot.name not in given:
            raise ArgumentError(slot.name, f"{mode.name} needs a {slot.takes}.", slot.help, code="source_missing")
    clips = [slot.name for slot in mode.slots if slot.takes == "clip"]
    for source in sources:
        if source.slot in clips and not source.seconds:
            raise ArgumentError(
                source.slot,
                "This is a picture, not a clip.",
                "To start a film with it, run: yozora generate --image",
                code="clip_required",
            )


def guidance_of(settings: Mapping[str, Any], preset: Preset) -> tuple[float, float | None]:
    """The guidance scale, and that of the second of two experts: as the first where one number is said."""
    given: tuple[float, ...] | None = settings.get("guidance")
    if given is None:
        return preset.guidance, preset.low_guidance
    if len(given) == 2 and preset.boundary is None:
        hint = f"Write it such as {given[0]:g}."
        raise ArgumentError(
            "guidance",
            f"{preset.name} has one transformer and takes one guidance scale.",
            hint,
            code="guidance_pair_unsupported",
        )
    return given[0], None if preset.boundary is None else given[-1]


def check_length(mode: Mode, options: Any, sources: Sequence[Source], preset: Preset) -> None:
    """Raises `ArgumentError` for more seconds than any film may have, or than these weights can make."""
    named = [each.name for each in mode.own if each.name in ("seconds", "cards")]
    argument = (named or [slot.name for slot in mode.slots])[0]
    whole, invented = mode.length(options, sources, preset), mode.invented(options, sources, preset)
    if not 0 < whole <= MAX_LENGTH:
        most = f"Use up to {MAX_LENGTH:g}."
        raise ArgumentError(argument, f"{whole:g} seconds are out of range.", most, code="duration_out_of_range")
    with about(argument):
        preset.check_seconds(invented)


def check_characters(preset: Preset, characters: Sequence[CharacterSource]) -> None:
    """Raises `ArgumentError` for more than the weights were taught to be shown."""
    if len(characters) > preset.characters:
        raise ArgumentError(
            "cast" if any(each.plain for each in characters) else "prompt",
            f"{preset.name} takes {preset.characters} of these {len(characters)} characters.",
            "Describe the others in words.",
            code="too_many_characters_for_model",
        )


# --- size and rate


def format_of(
    mode: Mode, settings: Mapping[str, Any], sources: Sequence[Source], preset: Preset
) -> tuple[tuple[int, int], float]:
    """Width, height and frames a second of the film: as asked, as the sources have them, or the model's own."""
    native = settings.get("native", False)
    asked = next((name for name in ("size", "width", "height", "fps") if name in settings), None)
    if native and asked:
        raise ArgumentError(
            "native", f"native and {asked} cannot be used together.", "Pass one of them.", code="native_conflict"
        )
    like = like_of(mode, sources)
    if native:
        return (preset.nearest(like.aspect) if like else preset.sizes[0]), preset.fps
    fps = settings.get("fps") or (like.fps if like and like.fps else preset.fps)
    return size_of(settings, like, preset), min(MAX_FPS, max(MIN_FPS, fps))


def like_of(mode: Mode, sources: Sequence[Source]) -> Source | None:
    """Which source the film has its size and rate of, where no others are asked for: the first clip, whose frames then
    stay as they are, or else the first picture.
    """
    if not sources or not mode.keeps:
        return None
    pictures = {slot.name for slot in mode.slots if slot.takes == "picture"}
    return next((each for each in sources if each.seconds and each.slot not in pictures), sources[0])


def size_of(settings: Mapping[str, Any], like: Source | None, preset: Preset) -> tuple[int, int]:
    """Width and height; where one side is asked for, the other one follows the source's shape, or the model's."""
    sides = [name for name in ("width", "height") if name in settings]
    if "size" in settings:
        if sides:
            raise ArgumentError(
                sides[0], f"size and {sides[0]} cannot be used together.", "Pass one of them.", code="size_conflict"
            )
        return checked(settings["size"], "size")
    aspect = like.aspect if like else preset.sizes[0][0] / preset.sizes[0][1]
    if len(sides) == 2:
        return checked((settings["width"], settings["height"]), "width")
    if sides == ["width"]:
        return checked((settings["width"], even(settings["width"] / aspect)), "width")
    if sides == ["height"]:
        return checked((even(settings["height"] * aspect), settings["height"]), "height")
    return preset.sizes[0] if like is None else as_large_as(like)


def as_large_as(source: Source) -> tuple[int, int]:
    """A source's size, even, and as near to it as a film may be: a picture may be larger than any film should."""
    most = MAX_PIXELS if source.seconds else PICTURE_PIXELS
    scale = min(1.0, MAX_SIDE / max(source.width, source.height), math.sqrt(most / (source.width * source.height)))
    scale = max(scale, MIN_SIDE / min(source.width, source.height))
    width, height = (min(MAX_SIDE, even(side * scale, down=True)) for side in (source.width, source.height))
    return width, height


def checked(size: tuple[int, int], argument: str) -> tuple[int, int]:
    """The size, where a film can have it."""
    width, height = size
    if min(size) < MIN_SIDE or max(size) > MAX_SIDE or width * height > MAX_PIXELS:
        limits = f"Use sides of {MIN_SIDE} to {MAX_SIDE} pixels, at most {MAX_PIXELS:,} pixels in all; try 1280x720."
        raise ArgumentError(argument, f"The size {width}x{height} is out of range.", limits, code="size_out_of_range")
    if width % 2 or height % 2:
        near = f"{max(MIN_SIDE, width // 2 * 2)}x{max(MIN_SIDE, height // 2 * 2)}"
        raise ArgumentError(argument, f"The size {width}x{height} has an odd side.", f"Try {near}.", code="size_odd")
    return size


def even(side: float, *, down: bool = False) -> int:
    """The nearest even number of pixels, or the next lower one."""
    return max(MIN_SIDE, 2 * (int(side / 2) if down else round(side / 2)))


def _argument_names(options: Sequence[Option], slots: Sequence[Slot]) -> set[str]:
    named = {name for each in options for name in each.names}
    return named | {name for slot in slots for name in (slot.name, slot.wire, *slot.aliases) if name}


def reseeded(order: Order, seed: int) -> Order:
    """The same film with another seed."""
    return replace(order, request=replace(order.request, seed=seed))
