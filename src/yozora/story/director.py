"""A board written by a language model: any endpoint that speaks OpenAI's chat completions.

Knows nothing of films; what comes back is read like any other board, and may name no files.
"""

import json
import math
import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from yozora.errors import UserError
from yozora.extras import require
from yozora.language.languages import CAMERA_NAMES, STYLE_NAMES
from yozora.story.board import BOARD_KEYS, MAX_CARDS, Board, check_prompt, parse
from yozora.story.fields import short

if TYPE_CHECKING:
    import httpx

KEY: Final = "YOZORA_DIRECTOR_KEY"  # environment variable
MAX_ANSWER: Final = 1 << 20  # bytes
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
SYSTEM: Final = f"""\
You are a film director. Turn what the user tells into a storyboard for a text-to-video model, as one JSON object and \
nothing else:
{{"cards": [{{"from": 0, "to": 2.5, "prompt": "...", "camera": "pan left", "style": "noir", "transition": "cut"}}]}}
- "from" and "to" are seconds. The first card starts at 0, each next one where the one before ends, and the last one \
ends exactly where the film ends. A card lasts at least 1 second; there are at most {MAX_CARDS}.
- "prompt" describes one take in one or two plain sentences, in the user's language: who or what is seen and in which \
colour, what it does and which way it moves, the place, the time of day, the weather. Each card is read alone, so each \
names its actors and its place again; no "he", "she" or "it" for an actor of another card.
- "camera" may be left out, or is one of: {", ".join(CAMERA_NAMES)}.
- "style" may be left out, or is one of: {", ".join(STYLE_NAMES)}, or a few words.
- "transition" says how a card follows the one before: "cut" to another take, or "flow" where the same take goes on. \
The first card has none.
There are no other fields."""

COMPATIBLE: Final = "Use an OpenAI-compatible endpoint."

Message = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where the director is asked: the base of its address, with the key that opens it."""

    base: "httpx.URL"
    key: str = field(repr=False)
    timeout: float  # seconds for a whole answer
    total: float = math.inf  # seconds for all answers together,
    started: float = field(default_factory=time.monotonic)  # from this moment of the monotonic clock
    label: str = ""  # what errors call it instead of its address

    @property
    def name(self) -> str:
        """The address as errors say it, without a password that may be in it."""
        return self.label or f"The director at {self.base.scheme}://{self.base.netloc.decode('ascii')}"

    @property
    def left(self) -> float:
        """Seconds that the next answer may take. Raises `UserError` where none are left."""
        left = min(self.timeout, self.started + self.total - time.monotonic())
        if left <= 0:
            raise self.late()
        return left

    def late(self) -> UserError:
        """What is said of an answer that did not come in time."""
        seconds = min(self.timeout, self.total)
        said = f"{self.name} did not answer in {seconds:g} seconds."
        return UserError(said, "Use a faster model.", code="director_timeout")

    def at(self, path: str) -> "httpx.URL":
        """The address of one of its routes, with the query of the base."""
        return self.base.copy_with(path=self.base.path + path)


@dataclass(frozen=True, slots=True)
class Completion:
    status: int
    body: bytes
    wait: str  # what the header Retry-After says

    def data(self) -> object:
        """The body as JSON. Raises ValueError."""
        try:
            return json.loads(self.body)
        except RecursionError as error:
            raise ValueError("nested too deep") from error


def direct(
    url: str, prompt: str, seconds: float, *, model: str | None = None, key: str | None = None, timeout: float = 60
) -> Board:
    """A board of `seconds` that the model behind a chat endpoint writes of a prompt.

    `url` is the endpoint's base, with or without /v1. `model` None: the only one that the endpoint serves. `key` None:
    the environment's YOZORA_DIRECTOR_KEY. `timeout` is in seconds, for each of at most five answers. A board with a
    mistake goes back to the model once. `UserError` in one line for all that goes wrong.
    """
    check_prompt(prompt, seconds)
    return ask_director(endpoint_of(url, key, timeout), prompt, seconds, model)


def ask_director(endpoint: Endpoint, prompt: str, seconds: float, model: str | None) -> Board:
    """The same of an endpoint whose address was checked."""
    import httpx

    with httpx.Client(trust_env=endpoint.base.host not in LOOPBACK) as client:
        chosen = _only_model(client, endpoint) if model is None else model
        talk = [
            {"role": "system", "content": SYSTEM},
            {"role": "user", "content": f"The film lasts {seconds:g} seconds. It tells:\n\n{prompt.strip()}"},
        ]
        said = _ask_model(client, endpoint, chosen, talk)
        try:
            return _board(said, seconds)
        except UserError as error:
            repair = (
                f"This board cannot be filmed. {error}\nAnswer with the whole board again, put right, as JSON only."
            )
            talk += [{"role": "assistant", "content": said}, {"role": "user", "content": repair}]
        try:
            return _board(_ask_model(client, endpoint, chosen, talk), seconds)
        except UserError as error:
            hint = "Write the board by hand, or use another model."
            raise UserError(
                f"The director's second board is invalid, too: {error.message}", hint, code="director_board_invalid"
            ) from error


def endpoint_of(url: str, key: str | None, timeout: float) -> Endpoint:
    """The endpoint at an address, see `direct`. Raises `UserError` where the address, the key or the time is none."""
    require("director", "A director")
    import httpx

    key = os.environ.get(KEY, "") if key is None else key
    hint = "Write it like http://localhost:11434/v1"
    try:
        address = httpx.URL(url.strip())
    except httpx.InvalidURL as error:
        raise UserError(
            f"The director's URL {_address(url)} is invalid.", hint, code="director_url_malformed"
        ) from error
    if address.scheme not in ("http", "https") or not address.host:
        raise UserError(f"The director's URL {_address(url)} is invalid.", hint, code="director_url_malformed")
    key = key.strip()
    if not (key.isascii() and key.isprintable()):
        raise UserError("The director's key has invalid characters.", f"Check {KEY}.", code="director_key_malformed")
    if not 0 < timeout < float("inf"):
        raise UserError(
            f"The director's timeout {timeout:g} is invalid.", "Use seconds above 0.", code="value_out_of_range"
        )
    path = address.path.rstrip("/").removesuffix("/chat/completions")
    if not re.search(r"/v\d+[a-z]*\d*(/|$)", path):
        path += "/v1"
    return Endpoint(base=address.copy_with(path=path, fragment=None), key=key, timeout=timeout)


def _address(url: str) -> str:
    """An address as typed, without name and password."""
    return short(re.sub(r"//[^/@]*@", "//", url), 80)


def _only_model(client: "httpx.Client", endpoint: Endpoint) -> str:
    """The one model that an endpoint serves; empty where it does not say. `UserError` where there are several."""
    answer = _send_question(client, endpoint, "/models", None)
    if answer.status in (401, 403, 429):
        raise _status_error(endpoint, answer)
    try:
        listed = answer.data()
        names = [str(entry["id"]) for entry in listed["data"]] if isinstance(listed, dict) else []
    except (ValueError, LookupError, TypeError):
        return ""
    if answer.status != 200 or not names:
        return ""
    if len(names) > 1:
        some = ", ".join(short(name, 60, quoted=False) for name in names[:6]) + (", ..." if len(names) > 6 else "")
        raise UserError(
            f"{endpoint.name} serves several models.",
            f"Choose one with --director-model: {some}.",
            code="director_model_ambiguous",
        )
    return names[0]


def _ask_model(client: "httpx.Client", endpoint: Endpoint, model: str, talk: Sequence[Message]) -> str:
    """What the model answers. JSON is asked for in the protocol's way too, where the endpoint knows it."""
    asked: dict[str, object] = {"messages": list(talk), "stream": False}
    asked |= {"model": model} if model else {}
    answer = _send_question(client, endpoint, "/chat/completions", asked | {"response_format": {"type": "json_object"}})
    if answer.status in (400, 422):
        answer = _send_question(client, endpoint, "/chat/completions", asked)
    if answer.status != 200:
        raise _status_error(endpoint, answer)
    try:
        data = answer.data()
    except ValueError as error:
        raise UserError(
            f"{endpoint.name} did not answer with JSON.",
            COMPATIBLE,
            code="director_answer_malformed",
        ) from error
    content = _content(data)
    if not content.strip():
        raise UserError(
            f"{endpoint.name} sent an empty answer.", "Try again, or use another model.", code="director_answer_empty"
        )
    return content


def _content(data: object) -> str:
    """The first choice's text, as a string or in parts; empty where there is none."""
    match data:
        case {"choices": [{"message": {"content": str(text)}}, *_]}:
            return text
        case {"choices": [{"message": {"content": [*parts]}}, *_]}:
            return "".join(str(part.get("text") or "") for part in parts if isinstance(part, dict))
    return ""


def _send_question(
    client: "httpx.Client", endpoint: Endpoint, path: str, asked: dict[str, object] | None
) -> Completion:
    """One question and its whole answer, which may have 1 MiB and take as long as the endpoint may."""
    import httpx

    headers = {"Accept-Encoding": "identity", "Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    method, content = ("GET", None) if asked is None else ("POST", json.dumps(asked))
    seconds = endpoint.left
    deadline = time.monotonic() + seconds
    call: dict[str, Any] = {"headers": headers, "content": content, "timeout": seconds}
    try:
        with client.stream(method, endpoint.at(path), **call) as response:
            body = b""
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MAX_ANSWER:
                    reason, hint = f"{endpoint.name} sent more than {MAX_ANSWER >> 20} MiB.", COMPATIBLE
                    raise UserError(reason, hint, code="director_answer_too_large")
                if time.monotonic() > deadline:
                    raise endpoint.late()
            return Completion(response.status_code, body, response.headers.get("Retry-After", ""))
    except httpx.TimeoutException as error:
        raise endpoint.late() from error
    except httpx.ConnectError as error:
        raise UserError(
            f"{endpoint.name} cannot be reached.", "Check that it runs.", code="director_unreachable"
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UserError(
            f"{endpoint.name} ended its answer too early.",
            COMPATIBLE,
            code="director_answer_cut",
        ) from error


def _status_error(endpoint: Endpoint, answer: Completion) -> UserError:
    """What a status other than 200 means for the user."""
    reason = _reason(answer)
    why = f": {reason}" if reason else "."
    wait = f"Try again in {answer.wait} seconds." if answer.wait.isdecimal() else "Try again later."
    known = {
        401: ("does not accept the key.", f"Put a valid one into {KEY}."),
        403: ("does not allow this with the key.", f"Put another one into {KEY}."),
        404: (f"has no such model or route{why}", "Check the address, which ends in /v1, and the model's name."),
        429: ("accepts no more requests for now.", wait),
    }
    if answer.status in known:
        problem, hint = known[answer.status]
    elif 300 <= answer.status < 400:
        problem, hint = f"redirects (status {answer.status}).", "Use the URL that it redirects to."
    elif answer.status >= 500:
        problem, hint = f"failed (status {answer.status}).", wait
    else:
        reason = _reason(answer)
        problem, hint = (
            f"refused (status {answer.status}){': ' + reason if reason else '.'}",
            "Check the model's name.",
        )
    return UserError(f"{endpoint.name} {problem}", hint, code="director_refused")


def _reason(answer: Completion) -> str:
    """What an error's body says, in one short line; empty where it says nothing readable."""
    try:
        data = answer.data()
    except ValueError:
        return ""
    found = data.get("error", data) if isinstance(data, dict) else data
    found = found.get("message", found.get("detail")) if isinstance(found, dict) else found
    return short(" ".join(found.split()), 200) + "." if isinstance(found, str) else ""


def _board(answer: str, seconds: float) -> Board:
    """The board in an answer. `UserError` where it is none, or of another length. Size, rate and seed are not its."""
    board = parse(_yaml(answer), None, name="the board")
    if abs(board.seconds - seconds) > 0.001:
        raise UserError(
            f"The last card ends at {board.seconds:g} seconds, the film at {seconds:g}.",
            code="director_length_mismatch",
        )
    return replace(board, size=None, fps=None, seed=None)


def _yaml(answer: str) -> str:
    """The board's text in an answer: without thoughts, a fence, and prose before it."""
    answer = answer.rpartition("</think>")[2]
    fences = re.findall(r"```[^\n`]*\n(.*?)(?:```|\Z)", answer, re.DOTALL)
    answer = next((text for text in fences if "cards" in text), answer)
    found = _extract_json(answer)
    if found:
        return found
    start = re.search(rf"^(?:{'|'.join(BOARD_KEYS)})\s*:", answer, re.MULTILINE)
    return answer[start.start() :] if start else answer


def _extract_json(text: str) -> str:
    """The first JSON object in a text, or what in it holds cards, written without quotes; empty where there is none."""
    start = text.find("{")
    if start < 0:
        return ""
    try:
        found, _ = json.JSONDecoder().raw_decode(text, start)
        if "cards" not in found:
            found = next((inner for inner in found.values() if isinstance(inner, dict) and "cards" in inner), found)
        return json.dumps(_stated(found), ensure_ascii=False, indent=1)
    except (ValueError, RecursionError):
        return ""


def _stated(found: object) -> object:
    """JSON without the fields that say nothing, which models like to write: null and ""."""
    if isinstance(found, list):
        return [_stated(item) for item in found]
    if isinstance(found, dict):
        return {key: _stated(value) for key, value in found.items() if value not in (None, "")}
    return found
