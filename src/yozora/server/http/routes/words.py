"""Before a film is ordered: words that a model does not know. Nothing is stored."""

from difflib import get_close_matches
from functools import partial
from typing import Final, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from yozora.errors import UserError
from yozora.server.errors import invalid
from yozora.server.http import reading
from yozora.server.http.openapi import REFUSALS, body
from yozora.server.http.requests import CheckPrompt
from yozora.server.http.service import BodyOf, Owner, Service, ServiceOf

router = APIRouter(tags=["words"], responses=REFUSALS)

SUGGESTIONS: Final = 3  # of a word
ALIKE: Final = 0.7
CHECKED: Final = 4_000  # characters that are looked at
MAX_UNKNOWN: Final = 50


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


@router.post("/v1/prompts/check", summary="Check a prompt", openapi_extra=body(CheckPrompt, files=False))
async def check_words(service: ServiceOf, _owner: Owner, said: BodyOf) -> PromptCheck:
    """Find the words that a model does not know, with known words that are spelled alike."""
    asked = reading.read(CheckPrompt, said)
    return await service.capacity.do(partial(_checked_prompt, service, asked))


def _checked_prompt(service: Service, asked: CheckPrompt) -> PromptCheck:
    from yozora.language import notes_on, reading  # knows every word in every language: slow to load
    from yozora.language.known import unknown_words

    try:
        preset = service.settings.preset(asked.model or service.settings.usual)
    except UserError as error:
        raise invalid("model", str(error), "model_not_found", reason=error.code) from error
    try:
        nouns = frozenset(preset.nouns)
    except UserError:  # the weights are on other machines
        nouns = frozenset()
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
