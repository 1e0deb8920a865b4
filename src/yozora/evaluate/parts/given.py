"""Films that are given pictures: a first one, a first and a last one, a character, and boards of cards."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice

import numpy as np

from yozora.core.modes import Generate, Storyboard, StoryboardCard
from yozora.errors import UserError
from yozora.evaluate import bench as held_out
from yozora.evaluate.bench import CLIP_SECONDS, STREAM, CaptionedScene, Evaluator
from yozora.evaluate.data import truth
from yozora.evaluate.figures import Case, Comparison, Found, Frames, shots_of
from yozora.evaluate.metrics import psnr
from yozora.evaluate.prompts import one_actor
from yozora.evaluate.suite import Make
from yozora.families.presets import CHARACTER_NAMES
from yozora.world.captions import said
from yozora.world.draw import draw_scene
from yozora.world.nouns import NOUNS
from yozora.world.scene import Scene

GIVEN_DB = 28.0  # a frame as good as given


def first_frames(part: str, bench: Evaluator, count: int) -> Iterator[Make]:
    """Stills of actors come to life; all but the first frame is read."""
    for read_slots in islice(bench.draw(held_out.STILLS, one_actor(bench.nouns), held_out.moves), count):
        yield partial(from_first_frame, part, bench, read_slots)


def from_first_frame(part: str, bench: Evaluator, captioned: CaptionedScene) -> list[Case]:
    true = bench.shoot(captioned.scene, bench.frames(CLIP_SECONDS))
    made = bench.film(
        bench.ask(captioned.text, CLIP_SECONDS, captioned.index), Generate(seconds=CLIP_SECONDS), true[:1]
    )

    def measure(film: Frames) -> Found:
        ratio = psnr(true[:1], film[:1])
        character_figures: Found = {f"{part}/psnr": ratio, f"{part}/given": ratio >= GIVEN_DB}
        return {**character_figures, **bench.actor(part, captioned.scene, film[1:])}

    return [unmet(bench.case(part, captioned, made, true, measure), "psnr", "given")]


def both_ends(part: str, bench: Evaluator, count: int) -> Iterator[Make]:
    """Films between the first and the last frame of renders; what is between them is read."""
    for read_slots in islice(bench.draw(held_out.ENDS, one_actor(bench.nouns), held_out.moves), count):
        yield partial(connected, part, bench, read_slots)


def connected(part: str, bench: Evaluator, captioned: CaptionedScene) -> list[Case]:
    true = bench.shoot(captioned.scene, bench.frames(CLIP_SECONDS))
    request = bench.ask(captioned.text, CLIP_SECONDS, captioned.index)
    made = bench.film(request, Generate(seconds=CLIP_SECONDS), true[:1], true[-1:])

    def measure(film: Frames) -> Found:
        first, last = psnr(true[:1], film[:1]), psnr(true[-1:], film[-1:])
        both = min(first, last) >= GIVEN_DB
        character_figures: Found = {f"{part}/first psnr": first, f"{part}/last psnr": last, f"{part}/met": both}
        return {**character_figures, **bench.actor(part, captioned.scene, film[1:-1])}

    return [unmet(bench.case(part, captioned, made, true, measure), "psnr", "met")]


def unmet(case: Case, *words: str) -> Case:
    """The case without figures that end in these words of the true render: it meets itself, which says nothing."""
    return replace(case, true={name: value for name, value in case.true.items() if not name.endswith(words)})


def characters(part: str, bench: Evaluator, count: int) -> Iterator[Make]:
    """Who is seen at the beginning of one film is put into another one, in another place, whose prompt knows only a
    name. Raises `UserError` for weights that were not taught to be shown characters."""
    if not bench.engine.preset.characters:
        raise UserError(
            "These weights were not trained with characters.", "Use other weights.", code="characters_untrained"
        )
    draws = bench.draw(held_out.LIVELY_NOUNS, one_actor(bench.nouns), roams)
    for read_slots in islice(draws, count):
        yield partial(character_film, part, bench, read_slots)


def roams(scene: Scene, stated: Mapping[str, str]) -> bool:
    """Whether the actor is at home in several places."""
    return "noun" in stated and len(NOUNS[scene.actors[0].noun].places) > 1


def character_film(part: str, bench: Evaluator, captioned: CaptionedScene) -> list[Case]:
    other = elsewhere(captioned, bench.seed)
    frames = bench.frames(CLIP_SECONDS)
    still, true = bench.shoot(captioned.scene, 1), bench.shoot(other.scene, frames)
    request = bench.ask(other.text, CLIP_SECONDS, other.index)
    made = bench.film(request, Generate(seconds=CLIP_SECONDS), characters=[still])
    return [bench.case(part, other, made, true, partial(character_figures, part, bench, other.scene))]


def character_figures(part: str, bench: Evaluator, scene: Scene, film: Frames) -> Found:
    """Whether the film shows who was given, where it was to be put."""
    read_slots, asked = bench.read(film), truth(scene)
    seen = {"class": "noun", "place": "place"} | ({"color": "color"} if held_out.colored(scene) else {})
    found = {f"{part}/{name}": Comparison(told=read_slots[slot], asked=asked[slot]) for name, slot in seen.items()}
    who, right = held_out.who(read_slots, scene), held_out.who(asked, scene)
    return {**found, f"{part}/same": Comparison(told=who, asked=right)}


def elsewhere(captioned: CaptionedScene, seed: int) -> CaptionedScene:
    """The same actor in another scene, whose caption calls it by the name that the weights know characters by."""
    shown_actor = captioned.scene.actors[0]
    for index in range(held_out.TRIES):
        key = [STREAM, seed, held_out.LIVELY_NOUNS, captioned.index, 2, index]
        scene = draw_scene(np.random.default_rng(key), one_actor([shown_actor.noun]))
        if scene.place != captioned.scene.place:
            break
    else:
        raise UserError(
            f"Scenes with {shown_actor.noun} have only one place.",
            "Use weights with more nouns.",
            code="noun_places_too_few",
        )
    scene = replace(scene, style=captioned.scene.style, actors=(replace(scene.actors[0], color=shown_actor.color),))
    text, _ = said(scene, np.random.default_rng([*key, 1]), "en", "long", CHARACTER_NAMES[0])
    return CaptionedScene(index=captioned.index, scene=scene, text=text)


# --- boards


def boards(part: str, bench: Evaluator, count: int) -> Iterator[Make]:
    """Boards of three cards with different places and, where enough are known, actors; a case for each span. A span
    reads as its card where class and place both do."""
    draws = bench.draw(held_out.BOARDS, one_actor(bench.nouns), held_out.settled)
    for number, board in enumerate(islice(held_out.groups(draws, 3, bench.nouns), count)):
        yield partial(boarded, part, bench, number, board)


def boarded(part: str, bench: Evaluator, number: int, board: Sequence[CaptionedScene]) -> list[Case]:
    frames = bench.frames(CLIP_SECONDS)
    cards = tuple(
        StoryboardCard(start=k * CLIP_SECONDS, stop=(k + 1) * CLIP_SECONDS, text=read_slots.text)
        for k, read_slots in enumerate(board)
    )
    request = bench.ask("", CLIP_SECONDS * len(cards), number)
    made = bench.film(request, Storyboard(cards=cards))
    spans = [made[k * (frames - 1) : (k + 1) * (frames - 1)] for k in range(len(cards))]
    found = [shown(part, bench, read_slots.scene, span) for read_slots, span in zip(board, spans, strict=True)]
    true = [shown(part, bench, read_slots.scene, bench.shoot(read_slots.scene, frames)[:-1]) for read_slots in board]
    whole: list[Found] = [{f"{part}/board": all(one[f"{part}/card"].right for one in of)} for of in (found, true)]
    cases = []
    for k, read_slots in enumerate(board):
        of_made, of_true = whole if k == len(cards) - 1 else ({}, {})
        case = Case(title=f"card {k + 1}: {read_slots.text}", made={**found[k], **of_made}, true={**true[k], **of_true})
        cases.append(replace(case, group=number, shots=shots_of(spans[k])))
    return cases


def shown(part: str, bench: Evaluator, scene: Scene, film: Frames) -> dict[str, Comparison]:
    """Class, place, and both as one answer."""
    read_slots, asked = bench.read(film), truth(scene)
    names = {"class": "noun", "place": "place"}
    found = {f"{part}/{name}": Comparison(told=read_slots[slot], asked=asked[slot]) for name, slot in names.items()}
    read, right = (f"{of['noun']} in {of['place']}" for of in (read_slots, asked))
    return found | {f"{part}/card": Comparison(told=read, asked=right)}
