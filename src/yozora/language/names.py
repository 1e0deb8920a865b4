"""Names of characters in prompts: what they are called there becomes what the model was taught to call them."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping

CALLED = re.compile(r"(?<![\w@])@([^\W\d_][\w-]*)")
CJK = "\u2e80"  # Chinese, Japanese and Korean stand from there on


def renamer(names: Mapping[tuple[str, bool], str]) -> Callable[[str], str]:
    """A function on prompts: (name, whether it counts without an @ too) -> what the model calls it."""
    plain = {name: to for (name, is_plain), to in names.items() if is_plain}
    called = {name.casefold(): to for (name, is_plain), to in names.items() if not is_plain}
    return lambda prompt: renamed(introduced(prompt, plain), called) if names else prompt


def renamed(prompt: str, names: Mapping[str, str]) -> str:
    """The prompt with @names replaced by what the model calls them; keys in lower case and without the @. Names that
    are none of these are left as they stand.
    """

    def replaced(match: re.Match[str]) -> str:
        name = meant(match[1], names)
        return names[name] + match[1][len(name) :] if name else match[0]

    return CALLED.sub(replaced, composed(prompt))


def introduced(prompt: str, names: Mapping[str, str]) -> str:
    """The prompt with names, with or without an @, replaced by what the model calls them; upper or lower case."""
    if not names:
        return prompt
    longest_first = sorted(names, key=len, reverse=True)
    said = re.compile("|".join(f"({_name_pattern(name)})" for name in longest_first), re.IGNORECASE)
    return said.sub(lambda match: names[longest_first[(match.lastindex or 1) - 1]], prompt)


def _name_pattern(name: str) -> str:
    """A pattern for a name that is no part of a longer word, where its script puts spaces between words."""
    words = r"\s+".join(re.escape(word) for word in name.removeprefix("@").split())
    spaced = not any(char >= CJK for char in name)
    return rf"(?<!\w)@?{words}(?!\w)" if spaced else f"@?{words}"


def meant(said: str, names: Iterable[str]) -> str:
    """Which of the names, in lower case, a prompt means by @said; "" for none. Where a script puts no spaces
    between words, what follows the name may stand next to it.
    """
    said = said.casefold()
    unspaced = any(char >= CJK for char in said)
    fitting = (name for name in names if said == name or (unspaced and said.startswith(name)))
    return max(fitting, key=len, default="")


def composed(text: str) -> str:
    """Letters with their accents as one character each, however they were typed."""
    return unicodedata.normalize("NFC", text)
