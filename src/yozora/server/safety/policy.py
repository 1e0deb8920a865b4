"""Moderation: what prompts may not say and finished films may not show. Rules are read from YAML, docs/moderation.md.

Rules look for words, a guard model that an operator runs is asked, and a function of the operator's looks at frames.
Knows no HTTP edge and no job: a reason comes out, or None.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib import import_module, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import yaml
from anyio import CapacityLimiter, to_thread

from yozora.errors import UserError
from yozora.server.errors import ApiError
from yozora.server.safety.wording import Lexicon, Span, Term, TextForm, apart, near, readings, term
from yozora.story.fields import FieldError, Fields, inside, reading

if TYPE_CHECKING:
    import ssl

    import numpy as np
    from numpy.typing import NDArray

    Frames = Sequence[NDArray[np.uint8]]

SHIPPED: Final = "policy.yaml"
KEYS: Final = ("include", "without", "rules", "guard", "frames")
RULE_KEYS: Final = ("name", "reason", "words", "patterns", "with", "then", "within", "unless")
GUARD_KEYS: Final = ("url", "kind", "model", "key_file", "seconds", "failing")
OTHER_NAMES: Final = {"terms": "words", "category": "name", "except": "unless", "near": "with", "timeout": "seconds"}
ANYWHERE: Final = 1 << 30  # words
GUARD_SECONDS: Final = 10.0
DOTTED: Final = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", re.ASCII)


Role = Literal["words", "with", "unless"]
Found = Mapping[tuple[str, Role], Sequence[Span]]  # where the terms of each rule stand in a text


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Blocks a text in which one of `words` or `patterns` stands, and near it, where there are any, of `companions`.

    What shares a word with one of `unless` is passed over. `within` counts the words between; `ordered` asks for the
    companion after the word.
    """

    name: str
    reason: str
    words: tuple[Term, ...]
    patterns: tuple[re.Pattern[str], ...]
    companions: tuple[Term, ...]
    ordered: bool
    within: int
    unless: tuple[Term, ...]

    def terms(self) -> Iterator[tuple[tuple[str, Role], Term]]:
        """All its terms, and what they are for."""
        roles: dict[Role, tuple[Term, ...]] = {"words": self.words, "with": self.companions, "unless": self.unless}
        for role, terms in roles.items():
            yield from (((self.name, role), one) for one in terms)

    def blocks(self, text_form: TextForm, found: Found) -> bool:
        """Whether a text, read in one way, may not be."""
        passed = found.get((self.name, "unless"), ())
        words = apart(found.get((self.name, "words"), ()), passed)
        for pattern in self.patterns:
            words = sorted([*words, *apart(text_form.spans(pattern), passed)])
        if not self.companions:
            return bool(words)
        companions = apart(found.get((self.name, "with"), ()), passed)
        return near(words, companions, self.within, ordered=self.ordered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A model that says whether a text is safe, behind an OpenAI-compatible endpoint of the operator's."""

    url: str  # up to and with /v1
    kind: Literal["moderation", "chat"]
    model: str
    key: str = field(repr=False)  # empty: none is sent
    seconds: float
    failing: Literal["refuse", "allow"]  # what becomes of prompts while it does not answer

    async def reason(self, text: str) -> str | None:
        """Why the text is not safe. Waits in the event loop, for up to `seconds`.

        Raises `ApiError` 503 where there is no answer, and it is not to be passed over.
        """
        trust = await to_thread.run_sync(_trust, limiter=CapacityLimiter(1))  # the first time it takes long
        import httpx

        path, body = self._question(text)
        headers = {"authorization": f"Bearer {self.key}"} if self.key else {}
        try:
            async with (
                asyncio.timeout(self.seconds),
                httpx.AsyncClient(timeout=self.seconds, trust_env=False, verify=trust) as client,
            ):
                answer = await client.post(self.url.rstrip("/") + path, json=body, headers=headers)
            answer.raise_for_status()
            return self._verdict(answer.json())
        except (
            httpx.HTTPError,
            TimeoutError,
            json.JSONDecodeError,
            LookupError,
            TypeError,
            AttributeError,
        ) as error:
            if self.failing == "allow":
                return None
            message = "Moderation cannot be reached. Try again later."
            raise ApiError(503, message, kind="server_error", code="moderation_unavailable") from error

    def _question(self, text: str) -> tuple[str, dict[str, Any]]:
        model = {"model": self.model} if self.model else {}
        if self.kind == "moderation":
            return "/moderations", {**model, "input": text}
        messages = [{"role": "user", "content": text}]
        return "/chat/completions", {**model, "messages": messages, "temperature": 0, "max_tokens": 32}

    def _verdict(self, reply: Any) -> str | None:
        """Of a moderation: `flagged` and the categories. Of a chat: an answer that begins with "unsafe"."""
        if self.kind == "moderation":
            result = reply["results"][0]
            names = [name for name, flagged in result.get("categories", {}).items() if flagged]
            return f"The guard model flagged it: {', '.join(names) or 'unsafe'}." if result["flagged"] else None
        answer = str(reply["choices"][0]["message"]["content"]).strip()
        if not answer.lower().startswith("unsafe"):
            return None
        return f"The guard model flagged it: {' '.join(answer.split()[1:])[:80] or 'unsafe'}."


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What is blocked. The first rule that blocks says why."""

    rules: tuple[Rule, ...]
    guard: Guard | None = None
    frames: str = ""  # package.module:function, called with a film's frames; says why not, or None

    def check_text(self, text: str) -> str | None:
        """Why a text is blocked, None where it is not. Raises `ApiError` 503 where a guard model is silent, which it
        waits for: in an event loop, use `check_words`, and then ask the guard.
        """
        reason = self.check_words(text)
        if reason is None and self.guard and text.strip():
            return asyncio.run(self.guard.reason(text))
        return reason

    def check_words(self, text: str) -> str | None:
        """Why a text is blocked by the rules, None where it is not; takes milliseconds of the processor."""
        ways = [(way, self._lexicon.found(way)) for way in readings(text)]
        for rule in self.rules:
            if any(rule.blocks(way, found) for way, found in ways):
                return rule.reason
        return None

    def broken(self, text: str) -> list[str]:
        """The names of all rules that block a text; the guard model is not asked."""
        ways = [(way, self._lexicon.found(way)) for way in readings(text)]
        return [rule.name for rule in self.rules if any(rule.blocks(way, found) for way, found in ways)]

    def check_frames(self, frames: "Frames") -> str | None:
        """Why a film is blocked by what some of its frames show: uint8 `[H, W, 3]` in sRGB. Words play no part."""
        if not self._frames_function:
            return None
        reason = self._frames_function(frames)
        return None if not reason else str(reason)

    @cached_property
    def _lexicon(self) -> Lexicon[tuple[str, Role]]:
        return Lexicon(entry for rule in self.rules for entry in rule.terms())

    @cached_property
    def _frames_function(self) -> "Callable[[Frames], object] | None":
        """The operator's function, found when it is first needed: it may bring a model along."""
        if not self.frames:
            return None
        module, _, name = self.frames.partition(":")
        try:
            found = getattr(import_module(module), name)
        except (ImportError, AttributeError) as error:
            raise UserError(
                f"The policy's function {self.frames} cannot be imported: {error}.",
                "Correct frames in the policy.",
                code="policy_function_unimportable",
            ) from error
        if not callable(found):
            raise UserError(
                f"The policy's function {self.frames} is not callable.",
                "Correct frames in the policy.",
                code="policy_function_invalid",
            )
        return found  # type: ignore[no-any-return] # whatever the operator wrote


def load(path: Path | None) -> Policy:
    """The policy in a file, or the one that ships. Raises `UserError` with line and field."""
    if path is None:
        return _shipped()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"The policy {path} cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8'}.",
            "Use another file, or save it as UTF-8.",
            code="policy_unreadable",
        ) from error
    return parse(text, path.name)


def parse(text: str, name: str) -> Policy:
    """The policy that a YAML text says. `name` is what the text is called in errors."""
    if not text.strip():
        raise UserError(f"The policy {name} is empty.", "To block nothing, write: rules: []", code="policy_empty")
    with reading(text, name) as fields:
        fields.expect(KEYS, (), {})
        guard = _guard(_mapping(fields, "guard")) if "guard" in fields.nodes else None
        frames = fields.text("frames")
        if frames and not DOTTED.fullmatch(frames):
            raise FieldError(
                "frames", f"{frames[:60]!r} is not a function.", "Write module:function.", code="policy_function_name"
            )
        own = tuple(_rule(item) for item in fields.items("rules")) if "rules" in fields.nodes else ()
        rules = (*_included(fields), *own)
        for k, rule in enumerate(own):
            if sum(other.name == rule.name for other in rules) > 1:
                raise FieldError(
                    f"rules[{k}].name",
                    f"another rule is named {rule.name[:40]!r}.",
                    "Rename one.",
                    code="policy_rule_duplicate",
                )
        return Policy(rules=rules, guard=guard, frames=frames)


def _included(fields: Fields) -> tuple[Rule, ...]:
    """The rules that ship, where a policy asks for them, without those that it names."""
    included, without = fields.text("include"), _texts(fields, "without")
    if not included:
        if without:
            raise FieldError("without", "include is missing.", "Add include: default.", code="policy_include_missing")
        return ()
    if included != "default":
        raise FieldError(
            "include", f"{included[:40]!r} is not known.", "Write include: default.", code="policy_include_unknown"
        )
    shipped = _shipped().rules
    known = [rule.name for rule in shipped]
    for name in without:
        if name not in known:
            raise FieldError(
                "without",
                f"no rule is named {name[:40]!r}.",
                f"Use one of: {', '.join(known)}.",
                code="policy_rule_unknown",
            )
    return tuple(rule for rule in shipped if rule.name not in without)


def _rule(fields: Fields) -> Rule:
    fields.expect(RULE_KEYS, ("name", "reason"), OTHER_NAMES)
    ordered = "then" in fields.nodes
    if ordered and "with" in fields.nodes:
        raise FieldError(
            fields.at("then"), "this rule has both with and then.", "Keep one of them.", code="policy_with_and_then"
        )
    words, companions, unless = (_terms(fields, key) for key in ("words", "then" if ordered else "with", "unless"))
    patterns = tuple(_patterns(fields))
    if not words and not patterns:
        raise FieldError(
            fields.at("words"), "this rule has neither words nor patterns.", "Add one.", code="policy_rule_empty"
        )
    within = fields.whole("within")
    if within is not None and (within < 0 or not companions):
        reason = "needs with or then in this rule." if not companions else "is below 0."
        hint = "Add one of them, or remove within." if not companions else "Use 0 or more."
        raise FieldError(fields.at("within"), reason, hint, code="policy_within_unpaired")
    return Rule(
        name=fields.text("name"),
        reason=fields.text("reason"),
        words=words,
        patterns=patterns,
        companions=companions,
        ordered=ordered,
        within=ANYWHERE if within is None else within,
        unless=unless,
    )


def _terms(fields: Fields, key: str) -> tuple[Term, ...]:
    """Terms as a list, or as lists by language."""
    if isinstance(fields.nodes.get(key), yaml.MappingNode):
        languages = _mapping(fields, key)
        return tuple(one for language in languages.nodes for one in _terms(languages, language))
    found = []
    for k, text in enumerate(_texts(fields, key)):
        with inside(f"{fields.at(key)}[{k}]"):
            found.append(term(text))
    return tuple(found)


def _patterns(fields: Fields) -> Iterator[re.Pattern[str]]:
    for k, pattern in enumerate(_texts(fields, "patterns")):
        try:
            yield re.compile(pattern)
        except re.error as error:
            place = fields.at(f"patterns[{k}]")
            raise FieldError(
                place, f"is not a regular expression: {error.msg}.", "Correct it.", code="policy_pattern_invalid"
            ) from error


def _guard(fields: Fields) -> Guard:
    fields.expect(GUARD_KEYS, ("url",), OTHER_NAMES)
    kind, failing = fields.text("kind") or "moderation", fields.text("failing") or "refuse"
    if kind not in ("moderation", "chat"):
        raise FieldError(
            fields.at("kind"),
            f"{kind[:40]!r} is not known.",
            "Write moderation or chat.",
            code="policy_guard_kind_unknown",
        )
    if failing not in ("refuse", "allow"):
        raise FieldError(
            fields.at("failing"),
            f"{failing[:40]!r} is not known.",
            "Write refuse or allow.",
            code="policy_failing_unknown",
        )
    if not re.match(r"https?://[^/]", fields.text("url")):
        raise FieldError(
            fields.at("url"), "is not a URL.", "Write http://... or https://...", code="policy_guard_url_invalid"
        )
    return Guard(
        url=fields.text("url"),
        kind="chat" if kind == "chat" else "moderation",
        model=fields.text("model"),
        key=_secret(fields),
        seconds=fields.number("seconds") or GUARD_SECONDS,
        failing="allow" if failing == "allow" else "refuse",
    )


def _secret(fields: Fields) -> str:
    """What the file holds that `key_file` names."""
    path = fields.text("key_file")
    try:
        return Path(path).read_text(encoding="utf-8").strip() if path else ""
    except (OSError, UnicodeDecodeError) as error:
        reason = f"{path!r} cannot be read."
        raise FieldError(
            fields.at("key_file"), reason, "Use a file that contains only the key.", code="policy_key_unreadable"
        ) from error


def _mapping(fields: Fields, key: str) -> Fields:
    """A mapping in a mapping."""
    node = fields.nodes[key]
    if not isinstance(node, yaml.MappingNode):
        raise FieldError(fields.at(key), "has no fields.", "Write key: value.", code="fields_missing")
    return Fields(fields.at(key), {str(name.value): value for name, value in node.value})


def _texts(fields: Fields, key: str) -> list[str]:
    """A list of texts, empty where the key is not there."""
    node = fields.nodes.get(key)
    if node is None:
        return []
    if not isinstance(node, yaml.SequenceNode):
        raise FieldError(fields.at(key), "is not a list.", "Write [one, two].", code="field_not_list")
    listed = Fields("", {f"{fields.at(key)}[{k}]": item for k, item in enumerate(node.value)})
    return [listed.text(place) for place in listed.nodes]


@lru_cache(maxsize=1)
def _trust() -> "ssl.SSLContext":
    import httpx

    return httpx.create_ssl_context()


@lru_cache(maxsize=1)
def _shipped() -> Policy:
    """Parsed once in each process: it takes a tenth of a second."""
    return parse(resources.files("yozora.server").joinpath(SHIPPED).read_text(encoding="utf-8"), SHIPPED)
