"""How a card's words for a camera move and for a style become the world's names of them. Knows no cards."""

from functools import lru_cache

from yozora.language.languages import CAMERA_NAMES, LANGUAGES, STYLE_NAMES
from yozora.story.fields import FieldError, short


def find_camera(words: str) -> str:
    """The world's camera move that is meant: by its name, or as captions say it. Empty for none.

    Raises FieldError that lists the moves.
    """
    if not words.strip():
        return ""
    meant = _cameras().get(_normalize_phrase(words))
    if meant is None:
        raise FieldError(
            "camera", f"{short(words)} is not known.", f"Use one of: {', '.join(CAMERA_NAMES)}.", code="unknown_camera"
        )
    return meant


def find_style(words: str) -> str:
    """The name of one of the world's styles; other words as they are."""
    return next((style for style in STYLE_NAMES if style == _normalize_phrase(words)), words.strip())


def _normalize_phrase(words: str) -> str:
    return " ".join(words.casefold().replace("-", " ").replace("_", " ").rstrip(".").split())


@lru_cache(maxsize=1)
def _cameras() -> dict[str, str]:
    """Every way to say a camera move in the languages of the world -> its name."""
    said = {
        _normalize_phrase(way): name
        for table in (pack.phrases.cameras for pack in LANGUAGES.values())
        for name in table
        for way in table[name].split("|")
    }
    return said | {str(name): name for name in CAMERA_NAMES}
