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
from yozora.families.presets import HERO_NAMES
from yozora.world.captions import said
from yozora.world.draw import draw_scene
from yozora.world.nouns import NOUNS
from yozora.world.scene import Scene

GIVEN_DB = 28.0  # a frame as good as given


def first_frames(part: str, bench: Evaluator, count: int) -> Iterator[Make]:
    """Stills of actors come to life; all but the first frame is read."""
    for told in islice(bench.draw(held_out.STILLS, one_actor(bench.nouns), held_out.moves), count):
        yield partial(enlivened, part, bench, told)


def enlivened(part: str, bench: Evaluator, told: CaptionedScene) -> list[Case]:
    true = bench.shoot(told.scene, bench.frames(CLIP_SECONDS))
    made = bench.film(bench.ask(told.text, CLIP_SECONDS, told.index), Generate(seconds=CLIP_SECONDS), true[:1])

    def measure(film: Frames) -> Found:
        ratio = psnr(true[:1], film[:1])
        met: Found = {f"{part}/psnr": ratio, f"{part}/given": ratio >= GIVEN_DB}
        return {**met, **bench.actor(part, told.scene, film[1:])}

    return [unmet(bench.case(part, told, made, true, measure), "psnr", "given")]


def both_ends(part: str, bench: Evaluator, count: int) -> Iterator[Make]:
    """Films between the first and the last frame of renders; what lies between is read."""
    for told in islice(bench.draw(held_out.ENDS, one_actor(bench.nouns), held_out.moves), count):
        yield partial(connected, part, bench, told)


def connected(part: str, bench: Evaluator, told: CaptionedScene) -> list[Case]:
    true = bench.shoot(told.scene, bench.frames(CLIP_SECONDS))
    request = bench.ask(told.text, CLIP_SECONDS, told.index)
    made = bench.film(request, Generate(seconds=CLIP_SECONDS), true[:1], true[-1:])

    def measure(film: Frames) -> Found:
        first, last = psnr(true[:1], film[:1]), psnr(true[-1:], film[-1:])
        both = min(first, last) >= GIVEN_DB
        met: Found = {f"{part}/first psnr": first, f"{part}/last psnr": last, f"{part}/met": both}
        return {**met, **bench.actor(part, told.scene, film[1:-1])}

    return [unmet(bench.case(part, told, made, true, measure), "psnr", "met")]


def unmet(case: Case, *words: str) -> Case:
    """The case without figures that end in these words of the true render: it meets itself, which says nothing."""
    return replace(case, true={name: value for name, value in case.true.items() if not name.endswith(words)})


def characters(part: str, bench: Evaluator, count: int) -> Iterator[Make]:
    """Who is seen at the beginning of one film is put into another one, in another place, whose prompt knows only a
    name. Raises `UserError` for weights that were not taught to be shown characters."""
    if not bench.engine.preset.heroes:
        raise UserError(
            "These weights were not trained with characters.", "Use other weights.", code="characters_untrained"
        )
    draws = bench.draw(held_out.LIVELY_NOUNS, one_actor(bench.nouns), roams)
    for told in islice(draws, count):
        yield partial(starred, part, bench, told)


def roams(scene: Scene, stated: Mapping[str, str]) -> bool:
    """Whether the actor is at home in several places."""
    return "noun" in stated and len(NOUNS[scene.actors[0].noun].places) > 1


def starred(part: str, bench: Evaluator, told: CaptionedScene) -> list[Case]:
    other = elsewhere(told, bench.seed)
    frames = bench.frames(CLIP_SECONDS)
    still, true = bench.shoot(told.scene, 1), bench.shoot(other.scene, frames)
    request = bench.ask(other.text, CLIP_SECONDS, other.index)
    made = bench.film(request, Generate(seconds=CLIP_SECONDS), heroes=[still])
    return [bench.case(part, other, made, true, partial(met, part, bench, other.scene))]


def met(part: str, bench: Evaluator, scene: Scene, film: Frames) -> Found:
    """Whether the film shows who was given, where it was to be put."""
    told, asked = bench.read(film), truth(scene)
    seen = {"class": "noun", "place": "place"} | ({"color": "color"} if held_out.colored(scene) else {})
    found = {f"{part}/{name}": Comparison(told=told[slot], asked=asked[slot]) for name, slot in seen.items()}
    who, right = held_out.who(told, scene), held_out.who(asked, scene)
    return {**found, f"{part}/same": Comparison(told=who, asked=right)}


def elsewhere(told: CaptionedScene, seed: int) -> CaptionedScene:
    """The same actor in another scene, whose caption calls it by the name that the weights know characters by."""
    hero = told.scene.actors[0]
    for index in range(held_out.TRIES):
        key = [STREAM, seed, held_out.LIVELY_NOUNS, told.index, 2, index]
        scene = draw_scene(np.random.default_rng(key), one_actor([hero.noun]))
        if scene.place != told.scene.place:
            break
    else:
        raise UserError(
            f"The world has one place only for {hero.noun}.",
            "Use weights that know more nouns.",
            code="noun_places_too_few",
        )
    scene = replace(scene, style=told.scene.style, actors=(replace(scene.actors[0], color=hero.color),))
    text, _ = said(scene, np.random.default_rng([*key, 1]), "en", "long", HERO_NAMES[0])
    return CaptionedScene(index=told.index, scene=scene, text=text)


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
        StoryboardCard(start=k * CLIP_SECONDS, stop=(k + 1) * CLIP_SECONDS, text=told.text)
        for k, told in enumerate(board)
    )
    request = bench.ask("", CLIP_SECONDS * len(cards), number)
    made = bench.film(request, Storyboard(cards=cards))
    spans = [made[k * (frames - 1) : (k + 1) * (frames - 1)] for k in range(len(cards))]
    found = [shown(part, bench, told.scene, span) for told, span in zip(board, spans, strict=True)]
    true = [shown(part, bench, told.scene, bench.shoot(told.scene, frames)[:-1]) for told in board]
    whole: list[Found] = [{f"{part}/board": all(one[f"{part}/card"].right for one in of)} for of in (found, true)]
    cases = []
    for k, told in enumerate(board):
        of_made, of_true = whole if k == len(cards) - 1 else ({}, {})
        case = Case(title=f"card {k + 1}: {told.text}", made={**found[k], **of_made}, true={**true[k], **of_true})
        cases.append(replace(case, group=number, shots=shots_of(spans[k])))
    return cases


def shown(part: str, bench: Evaluator, scene: Scene, film: Frames) -> dict[str, Comparison]:
    """Class, place, and both as one answer."""
    told, asked = bench.read(film), truth(scene)
    names = {"class": "noun", "place": "place"}
    found = {f"{part}/{name}": Comparison(told=told[slot], asked=asked[slot]) for name, slot in names.items()}
    read, right = (f"{of['noun']} in {of['place']}" for of in (told, asked))
    return found | {f"{part}/card": Comparison(told=read, asked=right)}
