"""A prompt as the world's weights understand it, and a line on everything in it that they do not.

What a person typed stays as it is everywhere else: only the model is told something else. Knows no weights.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final

from yozora.language import negation, numbers
from yozora.language.grammar import noun_phrase
from yozora.language.known import Known, known, plain, tokens, unknown_words
from yozora.language.languages import LANGUAGES, NOUNS, PLACES
from yozora.language.lexicon import CALLED, Change, Table, changed, forms, kept, matches, table
from yozora.language.nearest import EMOJI, NEAREST, SIGNS
from yozora.language.pack import Group, Language, Pen
from yozora.language.sentences import by_script
from yozora.language.sentences import language as written_in
from yozora.language.untaught import is_taught, untaught

LONGEST: Final = 4000  # characters that are looked at; the text encoder reads 64 words
SHOWN: Final = 8  # words of one kind that a note names
LONG: Final = 60  # characters of one of them
VARIANTS: Final = re.compile("[\ufe0f\u200d\U0001f3fb-\U0001f3ff]")


@dataclass(frozen=True, slots=True)
class PromptReading:
    """`told` is what the model is told; each of `notes` is a line."""

    told: str
    notes: tuple[str, ...] = ()


def read(prompt: str, nouns: Collection[str], model: str = "the model", *, negations: bool = True) -> PromptReading:
    """A prompt for weights that know these nouns of the world; without nouns they are no weights of the world's, and
    the prompt stays as it is. `model` is what notes call it. `negations`: what the prompt says is not there is taken
    out; of a negative prompt it is not.

    A prompt that is a caption of the world stays as it is.
    """
    known_ones = frozenset(noun for noun in nouns if noun in NOUNS)
    if not known_ones or not prompt.strip():
        return PromptReading(prompt)
    return _parse_prompt(prompt, known_ones, model, negations)


def notes_on(
    prompts: Iterable[str],
    nouns: Collection[str],
    model: str,
    taught: Mapping[str, Collection[str]] | None = None,
    hashes: frozenset[int] = frozenset(),
) -> tuple[str, ...]:
    """The notes on several prompts, such as the cards of a board, each once. `taught`: the actions, weathers, cameras
    and styles that the weights know, by slot; what the prompts name beyond these is noted. `hashes`: of the words that
    the text encoder knows; a language that it does not know is noted.
    """
    notes: list[str] = []
    for prompt in prompts:
        notes += read(prompt, nouns, model).notes
        language = prompt_language(prompt, frozenset(nouns))
        new = untaught(prompt, language, taught) if taught and nouns else ()
        notes += [f"{model} was not trained on: {', '.join(new)}"] if new else []
        if nouns and not is_taught(language, hashes):
            title = LANGUAGES[language].title
            notes.append(
                f"the text encoder of {model} was not trained on {title}: it may ignore prompts in this language"
            )
    return tuple(dict.fromkeys(notes))


@lru_cache(maxsize=256)
def _parse_prompt(prompt: str, nouns: frozenset[str], model: str, negations: bool) -> PromptReading:
    head, tail = prompt[:LONGEST], prompt[LONGEST:]
    language = prompt_language(head, nouns)
    told = _without_emoji(head, nouns, language)
    denied: list[str] = []
    if negations:
        told, denied = negation.taken_out(told, language)
    told, capped = numbers.counted(told, language)
    told, missing_places = _without_places(told, nouns, language)
    told, changes = changed(told, table(nouns, language))
    notes = [
        _note_unknown(told, nouns, nothing=not (denied or missing_places) and not _says(told, nouns)),
        _note_changes(changes),
        _list("cannot leave out what a prompt names, so it is not asked for: {}", denied),
        _list(f"has no such place: {{}} (it knows {', '.join(PLACES)})", missing_places),
        _list("shows at most four of a kind: four instead of {}", capped),
        _note_conflict("style", told, language),
        _note_conflict("camera", told, language),
    ]
    return PromptReading(told + tail, tuple(f"{model} {note}" for note in notes if note))


def prompt_language(text: str, nouns: frozenset[str]) -> Language:
    """The language whose words a prompt holds most of, where its script does not tell."""
    found = written_in(text)
    if by_script(text):
        return found
    words = [plain(token.text) for token in tokens(text) if token.kind == "word"]
    scores = {
        key: sum(word in vocabulary(key, nouns) for word in words) for key, pack in LANGUAGES.items() if not pack.script
    }
    best = max(scores.values())
    return found if scores[found] == best else next(key for key, score in scores.items() if score == best)


@lru_cache(maxsize=32)
def vocabulary(language: Language, nouns: frozenset[str]) -> frozenset[str]:
    """The words of a language that weights with these nouns understand, without case and accents."""
    words = known(nouns, (language,)).words | set(table(nouns, language).entries) | negation.words(language)
    return frozenset(words | {plain(token.text) for token in tokens(LANGUAGES[language].wording.unknown_places)})


def _without_emoji(text: str, nouns: frozenset[str], language: Language) -> str:
    """Pictures of known nouns, actions, places, weathers and colours as words; what repeats is counted."""
    parts: list[str] = []
    at = 0
    run: list[tuple[str, int]] = []  # emoji in a row, and how often
    for token in [*(token for token in tokens(text) if token.kind == "emoji"), None]:
        if run and (token is None or text[at : token.start].strip()):
            parts.append(" ".join(_spell_emoji(sign, count, nouns, language) for sign, count in run))
            run = []
        if token is None:
            break
        if not run:
            parts.append(text[at : token.start])
        sign = VARIANTS.sub("", token.text)
        if run and run[-1][0] == sign:
            run[-1] = (sign, run[-1][1] + 1)
        else:
            run.append((sign, 1))
        at = token.stop
    return _join_with_spaces([*parts, text[at:]]) if parts else text


def _join_with_spaces(parts: list[str]) -> str:
    """Parts with a space between them where there is none."""
    out = ""
    for part in parts:
        glued = out and part and not out[-1].isspace() and part[0].isalnum()
        after = out and part and out[-1].isalnum() and not part[0].isspace() and part[0] not in ",.;:!?"
        out += f" {part}" if glued or after else part
    return out


class _First:
    """A generator of random numbers that always takes the first synonym and no chance."""

    def random(self) -> float:
        return 1.0

    def integers(self, low: int, high: int) -> int:
        return low


def _spell_emoji(sign: str, count: int, nouns: frozenset[str], language: Language) -> str:
    """An emoji in words, or itself where there are none."""
    key, pack = EMOJI.get(sign, ""), LANGUAGES[language]
    key = next((one for one in (key, *NEAREST.get(key, ())) if one in nouns), "")
    if key:
        pen = Pen(pack, _First())
        return noun_phrase(Group(key, pen.name(key), min(count, 4), ""), pen)
    if sign not in SIGNS:
        return sign * count
    return pack.phrase(*SIGNS[sign]).split("|")[0].split("/")[0]


def _without_places(text: str, nouns: frozenset[str], language: Language) -> tuple[str, list[str]]:
    """The text without the names of places that the world has nothing near to, and these."""
    found = list(matches(text, _missing_places(nouns, language)))
    out, at = "", 0
    for match in found:
        out, at = out + text[at : match.start], match.stop
    told = (out + text[at:]).strip() if found else text
    return told, [text[match.start : match.stop] for match in found]


@lru_cache(maxsize=32)
def _missing_places(nouns: frozenset[str], language: Language) -> Table:
    """Places that the world does not have, less those that are known as things."""
    own = forms(nouns, language)
    rows = [
        (word, Change("", "place"))
        for word in LANGUAGES[language].wording.unknown_places.split("|")
        if word and word not in own
    ]
    return Table.of(language, [*kept(own, language), *rows])


def _says(text: str, nouns: frozenset[str]) -> bool:
    """Whether a text holds anything that a caption would be about."""
    sense = known(nouns, glue=False)
    if CALLED.search(text):
        return True
    found = (token for token in tokens(text) if token.kind in ("word", "run"))
    return any(
        plain(token.text) in sense.words if token.kind == "word" else _holds(token.text, sense) for token in found
    )


def _holds(text: str, sense: Known) -> bool:
    sizes = range(1, sense.longest + 1)
    return any(text[start : start + size] in sense.runs for start in range(len(text)) for size in sizes)


def _note_unknown(told: str, nouns: frozenset[str], *, nothing: bool) -> str:
    """What has never been seen; `nothing`: the rest says nothing either."""
    words = unknown_words(CALLED.sub("", told), nouns)
    knows = f" (it knows {_some(_common_first(nouns), 6)})"
    if not nothing:
        return f"does not know: {_some(words, SHOWN)}{knows}" if words else ""
    if not words:
        return f"did not understand the prompt{knows}"
    return f"did not understand the prompt; it does not know: {_some(words, SHOWN)}{knows}"


def _common_first(nouns: frozenset[str]) -> list[str]:
    """The nouns, those first that most people ask for."""
    common = ("dog", "cat", "car", "man", "woman", "child", "bird", "boat")
    return [*(one for one in common if one in nouns), *(one for one in NOUNS if one in nouns and one not in common)]


def _note_changes(changes: list[tuple[str, Change]]) -> str:
    near = dict.fromkeys((change.phrase or change.added, word.casefold()) for word, change in changes if change.near)
    return _list("shows the nearest that it knows: {}", [f"{phrase} for {word}" for phrase, word in near])


def _note_conflict(what: str, told: str, language: Language) -> str:
    values = [value for value, pattern in _value_patterns(what, language) if pattern.search(told)]
    return f"has one {what} a film; the prompt names {len(values)}: {', '.join(values)}" if len(values) > 1 else ""


@lru_cache(maxsize=32)
def _value_patterns(what: str, language: Language) -> tuple[tuple[str, re.Pattern[str]], ...]:
    pack = LANGUAGES[language]
    bound = partial(r"(?<!\w){}(?!\w)".format) if pack.spaced else "{}".format
    return tuple(
        (value, re.compile("|".join(bound(re.escape(one)) for one in text.split("|")), re.IGNORECASE))
        for value, text in pack.table(f"{what}s").items()
    )


def _list(sentence: str, words: list[str]) -> str:
    return sentence.format(_some(list(dict.fromkeys(words)), SHOWN)) if words else ""


def _some(words: list[str], count: int) -> str:
    """The first of them, each in one line that is not long."""
    shown = [" ".join(word.split()) for word in words[:count]]
    shown = [word if len(word) <= LONG else f"{word[: LONG - 3]}..." for word in shown]
    return ", ".join(shown) + (", ..." if len(words) > count else "")
