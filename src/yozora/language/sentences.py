"""Prompts of several sentences: where one take ends, how the next one follows, and in which language it is told.

Rules only, for the four languages of the world's captions. Knows nothing of boards, seconds and models.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from yozora.world import phrases
from yozora.world.lexicon import LANGUAGES, NAMES, Language, names

Joint = Literal["", "cut", "flow"]  # what the prompt says of how a take follows the one before

LABEL: Final = r"(?:scene|shot|card|escena|toma|plano|场景|镜头|(?:ال)?مشهد|(?:ال)?لقطة)\s*\d{1,2}\s*[:.)\-–：、]"
NUMBER: Final = re.compile(
    rf"(?:(?:^|(?<=[.!?。！？؟…])\s*)(?:{LABEL}|\(?(\d{{1,2}})(?:[.)、](?!\d)|\s*[-–:：]\s))|(?<=\s)\(?(\d{{1,2}})\)(?=\s))\s*",
    re.IGNORECASE,
)
BULLET: Final = re.compile(r"^(?:[-*+•·–—▪◦]+\s+|#+\s+)")
CLOSERS: Final = "\"'”’»)\\]」』）"
END: Final = re.compile(
    rf"(?<![.!?؟۔…])(?:\.{{3,}}+|…++|[.!?؟۔]++)(?P<quote>[{CLOSERS}]*+)(?=\s|$)|[。！？｡]++[{CLOSERS}]*+"
)
NEVER_LAST: Final = re.compile(
    r"mrs?|ms|drs?|prof|st|mt|vs|e\.g|i\.e|cf|gen|sgt|capt|col|rev|hon|sr|sra|srta|dra|ud|uds|p\.ej",
    re.IGNORECASE,
)
BEFORE_A_NUMBER: Final = re.compile(r"nos?|figs?|vol|approx|p|pp|pág|núm|aprox", re.IGNORECASE)
SELDOM_LAST: Final = re.compile(r"etc|ft|av|a\.m|p\.m|u\.s|u\.k|u\.n|b\.c|a\.d|inc|ltd|co|jr|ee\.uu", re.IGNORECASE)

CUT: Final = "|".join(
    (
        r"(?:and\s+)?(?:then\s+)?(?:(?:we|the\s+camera)\s+)?(?:(?:smash|hard|jump|match)[\s-]+)?cuts?\s+to\b",
        r"(?:and\s+)?next\b(?=\s*[,:]|\s+(?:an?|the|we|some|two|three|four)\b)",
        r"(?:y\s+)?(?:luego\s+)?(?:corte|cortamos|se\s+corta|la\s+cámara\s+corta)\s+a\b",
        r"(?:然后)?(?:镜头|画面)?(?:切换|跳转|切|转)(?:到|至)",
        r"(?:و?ثم\s+)?(?:ننتقل|انتقل|تنتقل\s+الكاميرا|انتقال|قطع)\s+إلى\b",
    )
)
FLOW: Final = "|".join(
    (
        r"(?:and\s+|but\s+)?(?:then|after\s+that|afterwards?)\b",
        r"(?:y\s+)?(?:luego|después|despues|entonces|a\s+continuación)\b(?!\s+de\b)",
        r"(?:紧接着|然后|接着|随后|接下来)",
        r"(?:و?من\s+)?(?:و?ثم|و?بعد\s+ذلك)\b",
    )
)
JOINT: Final = re.compile(
    rf"(?:^[\s¡¿]*|(?P<mark>[,;:，；、،؛—–]\s*)|\s+|(?<=[\u3400-\u9fff])(?=[\u3400-\u9fff]))"
    rf"(?:(?P<cut>{CUT})|(?P<flow>{FLOW}))[\s,:，：،]*",
    re.IGNORECASE,
)
NOT_A_JOINT_AFTER: Final = re.compile(r"\b(?:back|since|until|till|by|even|just|from|desde|hasta)$", re.IGNORECASE)
DETERMINER: Final = re.compile(
    r"(?:an?|the|one|two|three|four|five|six|some|several|many|another|this|that|these|those|both|his|her|its|their|my|"
    r"our|una?|unos|unas|el|la|los|las|dos|tres|cuatro|cinco|varios|varias|muchos|muchas|otro|otra|su|sus|mi|\d+)\b",
    re.IGNORECASE,
)
CHINESE_COUNTS: Final = "一二两三四五六七八九十几许很这那另"

SETTING_WORDS: Final[dict[Language, str]] = {  # a sentence that holds one of these may well name a place of its own
    "en": r"\b(?:in|on|at|inside|outside|under|over|above|below|through|across|along|near|beside|behind|beneath|by|"
    r"into|onto|from|to|towards?|around|between|among|overhead|outdoors|indoors|beach|park|city|street|desert|sea|ocean|"
    r"mountains?|room|forest|sky)\b",
    "es": r"\b(?:en|sobre|bajo|por|entre|dentro|fuera|junto|cerca|tras|ante|frente|hacia|desde|al?|playa|parque|ciudad|"
    r"calle|desierto|mar|océano|montañas?|habitación|sala|bosque|cielo)\b",
    "zh": r"在|里|上|中|下|边|到|前|后|旁|海|公园|城|街|沙漠|山|房|室|林|天",
    "ar": r"(?<!\w)(?:في|على|فوق|تحت|بين|أمام|خلف|داخل|خارج|عند|قرب|عبر|إلى|من|نحو|وسط)(?!\w)|شاطئ|حديقة|مدينة|شارع|"
    r"صحراء|بحر|محيط|جبال|غرفة|غابة|سماء",
}


@dataclass(frozen=True, slots=True)
class PromptPart:
    """One sentence or clause, and how it follows the one before: "" where the prompt does not say."""

    text: str
    joint: Joint = ""


def takes(prompt: str) -> list[PromptPart]:
    """The takes of a prompt, in order; none where it holds no word.

    Ends are . ! ? and their like in Chinese and Arabic, line breaks, numbers of a list, and words such as "then" and
    "cut to"; abbreviations and decimals are not ends. "Then" inside a sentence parts it only where somebody new is
    named ("then a cat sleeps", not "then sleeps"). A take that names no place plays where the one before did, unless
    it is cut to.
    """
    lines = re.split(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+", prompt)
    sentences = (one for line in lines for item in _items(line) for one in _sentences(item))
    return list(_carry_over_settings(take for sentence in sentences for take in _clauses(sentence)))


def language(text: str) -> Language:
    """The language of the world's four that a text is most probably in, by its script and its small words."""
    letters = re.findall(r"[^\W\d_]", text)
    if sum("\u0600" <= letter <= "\u06ff" for letter in letters) * 2 > len(letters):
        return "ar"
    if any("\u3400" <= letter <= "\u9fff" for letter in letters):
        return "zh"
    words = re.findall(r"[^\W\d_]+", text.casefold())
    english, spanish = _small_words("en"), _small_words("es")
    score = sum((word in spanish) - (word in english) for word in words)
    return "es" if score > 0 or (score == 0 and re.search("[ñáéíóú¿¡]", text.casefold())) else "en"


@lru_cache(maxsize=4)
def _small_words(tongue: Language) -> frozenset[str]:
    return frozenset(phrases.GLUE[tongue].split())


def weight(text: str) -> float:
    """How many words a text has, two Chinese characters being one; at least 1. Combining marks part no words."""
    text = "".join(char for char in text if unicodedata.category(char) not in ("Mn", "Mc"))
    chinese = len(re.findall(r"[\u3400-\u9fff]", text))
    return max(1.0, len(re.findall(r"[^\W\u3400-\u9fff]+", text)) + chinese / 2)


def _items(line: str) -> Iterator[str]:
    """A line without its bullet, parted at the numbers of a list that count up from 1, or from any at its start."""
    line = BULLET.sub("", " ".join(line.split()))
    start, expected = 0, None
    for match in NUMBER.finditer(line):
        number = match[1] or match[2]
        if number is not None and match.start() > 0 and int(number) != (expected or 1):
            continue
        expected = int(number) + 1 if number is not None else None
        yield line[start : match.start()]
        start = match.end()
    yield line[start:]


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for match in END.finditer(text):
        if _ends(text, match):
            yield text[start : match.end()].strip()
            start = match.end()
    yield text[start:].strip()


def _ends(text: str, match: re.Match[str]) -> bool:
    """Whether a mark ends the sentence: not after an abbreviation or an initial, nor where speech or dots go on."""
    mark, after = match.group(), text[match.end() : match.end() + 2].lstrip()
    if not after or mark[0] in "。！？｡":
        return True
    goes_on = after[0].islower()
    if mark[0] != "." or mark.startswith("..."):
        return not (goes_on and (match["quote"] or mark[0] in ".…"))
    word = re.split(r"[\s(\"“'«]", text[max(0, match.start() - 20) : match.start()])[-1]
    if SELDOM_LAST.fullmatch(word):
        return not goes_on
    numbered = BEFORE_A_NUMBER.fullmatch(word) and after[0].isdecimal()
    return not (numbered or NEVER_LAST.fullmatch(word) or _initial(word))


def _initial(word: str) -> bool:
    """ "J" of "J. R. Smith", and the doctor's of Arabic; no English I."""
    return len(word) == 1 and (word.isupper() or word == "د") and word != "I"


def _clauses(sentence: str) -> Iterator[PromptPart]:
    """A sentence parted at its joints."""
    start: int = 0
    joint: Joint = ""
    for match in JOINT.finditer(sentence):
        before, after = sentence[start : match.start()], sentence[match.end() :]
        if not _worded(after) or (_worded(before) and not _is_joint(match, before, after)):
            continue
        yield from _yield_take(before, joint)
        start, joint = match.end(), "cut" if match["cut"] else "flow"
    yield from _yield_take(sentence[start:], joint)


def _yield_take(text: str, joint: Joint) -> Iterator[PromptPart]:
    if _worded(text):
        yield PromptPart(text.strip(" \t,;:，；、،؛—–"), joint)


def _worded(text: str) -> bool:
    return re.search(r"[^\W_]", text) is not None


def _is_joint(match: re.Match[str], before: str, after: str) -> bool:
    """Whether what reads like a joint inside a sentence is one."""
    if match["cut"]:
        return bool(match["mark"]) or match["cut"].isupper() or len(match["cut"].split()) > 2
    if not _names_somebody(after[:80].strip()):
        return False
    near = before[-200:].rstrip()
    return not (NOT_A_JOINT_AFTER.search(near) or re.search(r"\bif\b", near, re.IGNORECASE))


def _names_somebody(text: str) -> bool:
    """Whether a clause begins with whom or what it shows, or, in Arabic, has it after its verb."""
    nouns = _nouns()
    if re.match(r"[\u3400-\u9fff]", text):
        return text[0] in CHINESE_COUNTS or any(text[:size] in nouns for size in range(1, 7))
    words = re.findall(r"[^\W_]+", text.casefold())[:3]
    if any("\u0600" <= letter <= "\u06ff" for letter in text[:3]):
        return any(word in nouns or word.removeprefix("ال") in nouns for word in words)
    return bool(DETERMINER.match(text)) or words[0] in nouns or " ".join(words[:2]) in nouns


@lru_cache(maxsize=1)
def _nouns() -> frozenset[str]:
    """The names of all things in all languages, one and many."""
    every = (name for key in NAMES for one in LANGUAGES for name in names(key, one))
    return frozenset(form.casefold() for name in every for form in (name.one, name.many, name.two) if form)


def _carry_over_settings(found: Iterator[PromptPart]) -> Iterator[PromptPart]:
    """The takes, told where they play where they do not say so and the one before did."""
    setting = ""
    for take in found:
        tongue = language(take.text)
        table, text = _settings(tongue), take.text
        named = [match.group() for match in table.finditer(text)]
        if named:
            setting = named[-1]
        elif take.joint == "cut" or _elsewhere(text, tongue):
            setting = ""
        elif setting and table.fullmatch(setting):
            text = _placed(text, setting, tongue)
        yield PromptPart(text, take.joint)


def _placed(text: str, setting: str, tongue: Language) -> str:
    if tongue == "zh":
        return f"在{setting}，{text}"
    body = text.rstrip(".!?؟۔… ")
    return f"{body} {setting}{text[len(body) :]}"


@lru_cache(maxsize=4)
def _settings(tongue: Language) -> re.Pattern[str]:
    """Matches the world's phrases for a place, such as "in a park"."""
    tables = (phrases.PLACES, phrases.THROUGH)
    return _any_of([text for table in tables for text in table[tongue].values()], tongue)


@lru_cache(maxsize=4)
def _asides(tongue: Language) -> re.Pattern[str]:
    """Matches phrases that hold words of place and name none, such as "to the left" and "in the rain"."""
    tables = (phrases.DIRECTIONS, phrases.DAYTIMES, phrases.WEATHERS, phrases.CAMERAS, phrases.STYLES)
    return _any_of([text for table in tables for text in table[tongue].values()] + ["正在"], tongue)


def _any_of(written: list[str], tongue: Language) -> re.Pattern[str]:
    options = sorted({option for text in written for option in text.split("|")}, key=len, reverse=True)
    bounds = ("", "") if tongue == "zh" else (r"(?<!\w)", r"(?!\w)")
    return re.compile(f"{bounds[0]}(?:{'|'.join(map(re.escape, options))}){bounds[1]}", re.IGNORECASE)


def _elsewhere(text: str, tongue: Language) -> bool:
    """Whether a sentence without a place of the world may name another one."""
    return re.search(SETTING_WORDS[tongue], _asides(tongue).sub("", text), re.IGNORECASE) is not None
