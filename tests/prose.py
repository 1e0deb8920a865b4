"""Sentences of messages and of Markdown, and how long they are.

Code is no prose: fenced blocks and tables are left out, and what stands in backticks counts as one word.
"""

import re
from collections.abc import Sequence

import textstat

MOST_WORDS = 35  # of any sentence
MEAN_WORDS = 20  # of all sentences of a text, at most on average
FENCED = re.compile(r"^( *)(```|~~~).*?^\1\2[^\n]*$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
BLOCK = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*+>]|\d+[.)]|#{1,6})\s)")
LINK = re.compile(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
MARKS = re.compile(r"^\s*(?:[-*+>]|\d+[.)]|#{1,6})\s+|\*\*|(?<!\w)_(?=\w)|(?<=\w)_(?!\w)", re.MULTILINE)
END = re.compile(r"(?<=[.!?…。！？])[\"')»”]*\s+(?=[\"'(«“]?[A-Z0-9À-Þ`@$/~<>{\[-])|(?<=[。！？])")
SHORTENED = re.compile(r"\b(e\.g|i\.e|etc|vs|cf|approx|Fig|Eq|No|al)\.$")


def sentences(text: str) -> list[str]:
    """The sentences of a message or of Markdown, each on one line and without marks.

    A heading, an item of a list and a paragraph end a sentence. Tables and blocks of code are left out.
    """
    text = COMMENT.sub(" ", FENCED.sub("\n\n", text))
    text = "\n".join("" if line.lstrip().startswith("|") else line for line in text.split("\n"))
    found = []
    for block in BLOCK.split(text):
        plain = MARKS.sub("", LINK.sub(r"\1", CODE.sub("code", block)))
        found += _split(" ".join(plain.split()))
    return [each for each in found if re.search(r"\w", each)]


def words(sentence: str) -> int:
    """How many words a sentence has, as textstat counts them."""
    return int(textstat.lexicon_count(sentence))


def mean_words(found: Sequence[str]) -> float:
    """The words of a sentence, on average."""
    return sum(map(words, found)) / len(found)


def too_long(found: Sequence[str], most: int = MOST_WORDS) -> list[str]:
    """The sentences with more than so many words, each with their count before it."""
    return [f"{words(each)}: {each}" for each in found if words(each) > most]


def _split(text: str) -> list[str]:
    """Sentences of one paragraph; a point after a shortened word ends none."""
    found: list[str] = []
    for part in END.split(text):
        if found and SHORTENED.search(found[-1]):
            found[-1] += f" {part}"
        else:
            found.append(part)
    return found
