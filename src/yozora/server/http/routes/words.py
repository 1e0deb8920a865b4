"""Before a film is ordered: words that a model knows and does not know. Nothing is stored."""

from dataclasses import asdict
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from yozora.errors import UserError
from yozora.server.errors import invalid
from yozora.server.http import reading
from yozora.server.http.openapi import REFUSALS, body
from yozora.server.http.requests import CheckPrompt
from yozora.server.http.service import BodyOf, Owner, Service, ServiceOf

if TYPE_CHECKING:
    from yozora.families.preset import Preset

router = APIRouter(tags=["words"], responses=REFUSALS)

SUGGESTIONS: Final = 3  # of a word
ALIKE: Final = 0.7
CHECKED: Final = 4_000  # characters that are looked at
MAX_UNKNOWN: Final = 50
CACHED: Final = {"cache-control": "private, max-age=3600"}


class UnknownWord(BaseModel):
    """A word that the model has not seen. `start` and `end` are UTF-16 code units, as browsers count."""

    text: str
    start: int
    end: int
    suggestions: list[str]


class PromptCheck(BaseModel):
    """What a model does not understand of a prompt."""

    object: Literal["prompt.check"] = "prompt.check"
    model: str
    language: str | None = Field(description="Of the prompt; null where the model knows any words.")
    unknown: list[UnknownWord]
    notes: list[str] = Field(description="Each is a line, as in the header `yozora-notes`.")


class VocabularyWord(BaseModel):
    """Something that a prompt may name."""

    value: str = Field(description="Its name: what `style` takes, and `camera` and `style` of a card.")
    label: str = Field(description="Its usual phrase in the language, as prompts say it.")
    phrases: list[str] = Field(description="All phrases and forms; the first is the label.")


class ModelVocabulary(BaseModel):
    """The words that a model knows, in one language."""

    object: Literal["vocabulary"] = "vocabulary"
    model: str
    language: str
    languages: list[str] = Field(description="That there are words in.")
    open: bool = Field(description="It knows any words: only styles and cameras are listed.")
    nouns: list[VocabularyWord]
    colors: list[VocabularyWord]
    places: list[VocabularyWord]
    actions: list[VocabularyWord]
    weathers: list[VocabularyWord]
    daytimes: list[VocabularyWord]
    styles: list[VocabularyWord]
    cameras: list[VocabularyWord] = Field(
        description="Camera moves. Videos without cards take the label in the prompt."
    )


@router.post("/v1/prompts/check", summary="Check a prompt", openapi_extra=body(CheckPrompt, files=False))
async def check_words(service: ServiceOf, _owner: Owner, said: BodyOf) -> PromptCheck:
    """Find the words that a model does not know, with known words that are spelled alike."""
    asked = reading.read(CheckPrompt, said)
    return await service.capacity.do(partial(_checked_prompt, service, asked))


@router.get("/v1/vocabulary", summary="List known words")
def vocabulary(
    service: ServiceOf,
    _owner: Owner,
    response: Response,
    model: Annotated[str | None, Query(max_length=100, description="Of `/v1/models`; default: the server's.")] = None,
    language: Annotated[str, Query(max_length=20, description="Such as `en`; `languages` has all.")] = "en",
) -> ModelVocabulary:
    """The words that a model knows, for suggestions and menus: what there can be, in which colors, where, and doing
    what. The others are weathers, times of day, styles and camera moves.
    """
    preset = _preset(service, model)
    made = _vocabulary(preset, language)
    response.headers.update(CACHED)
    return made


def _checked_prompt(service: Service, asked: CheckPrompt) -> PromptCheck:
    from yozora.language import notes_on, reading  # knows every word in every language: slow to load
    from yozora.language.known import unknown_words

    preset = _preset(service, asked.model)
    nouns = _nouns(preset)
    text = asked.prompt[:CHECKED]
    if not nouns:
        return PromptCheck(model=preset.name, language=None, unknown=[], notes=[])
    language = reading.prompt_language(text, nouns)
    words = unknown_words(reading.read(text, nouns).told, nouns)[:MAX_UNKNOWN]
    return PromptCheck(
        model=preset.name,
        language=language,
        unknown=_unknown_spans(text, words, sorted(reading.vocabulary(language, nouns))),
        notes=list(notes_on((text,), nouns, preset.name)),
    )


def _preset(service: Service, model: str | None) -> "Preset":
    """The weights that a name of a model stands for. Raises `ApiError` 400."""
    try:
        return service.settings.preset(model or service.settings.usual)
    except UserError as error:
        raise invalid("model", str(error), "model_not_found", reason=error.code) from error


def _nouns(preset: "Preset") -> frozenset[str]:
    """The nouns that weights know; none where they know any words, or are on other machines."""
    try:
        return frozenset(preset.nouns)
    except UserError:
        return frozenset()


def _vocabulary(preset: "Preset", language: str) -> ModelVocabulary:
    from yozora.language.languages import LANGUAGES  # every word in every language: slow to load
    from yozora.language.vocabulary import vocabulary_of

    key = language.replace("_", "-").partition("-")[0].lower()
    if key not in LANGUAGES:
        raise invalid("language", f"There are no words in '{language[:20]}'. Use one of: {', '.join(LANGUAGES)}.")
    try:
        taught = preset.taught
    except UserError:
        taught = {}
    made = vocabulary_of(_nouns(preset), taught, key)
    return ModelVocabulary(model=preset.name, language=key, languages=list(LANGUAGES), **asdict(made))


def _unknown_spans(text: str, words: list[str], vocabulary: list[str]) -> list[UnknownWord]:
    """Where the words are in a text, each time that they are there as words."""
    from yozora.language.known import tokens

    found = []
    for token in tokens(text):
        here = token.text.casefold()
        parts = [here] if token.kind != "run" else [word for word in words if word in here]
        for part in (part for part in parts if part in words):
            start = token.start + here.index(part)
            stop = start + len(part)
            alike = get_close_matches(part, vocabulary, SUGGESTIONS, ALIKE) if token.kind == "word" else []
            spans = {"start": _units(text[:start]), "end": _units(text[:stop])}
            found.append(UnknownWord(text=text[start:stop], suggestions=alike, **spans))
    return found[:MAX_UNKNOWN]


def _units(text: str) -> int:
    """The length of a text in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
