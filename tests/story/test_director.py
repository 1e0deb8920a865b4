"""The director: a real local server that speaks the protocol of chat completions, well and badly."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from yozora.errors import UserError
from yozora.story.board import Board
from yozora.story.director import KEY, direct

PROMPT = "A red dog runs left in a park. Then a blue cat sleeps in a room."
GOOD = {
    "cards": [
        {"from": 0, "to": 2.5, "prompt": "a red dog runs left in a park", "camera": "pan left"},
        {"from": 2.5, "to": 4, "prompt": "a blue cat sleeps in a room 😀", "transition": "flow"},
    ]
}
GAP = json.dumps(GOOD).replace('"from": 2.5', '"from": 3')


class Director(ThreadingHTTPServer):
    """Answers each chat with the next of `script`: a text to say, or a function that handles the request itself."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: list[str | Callable[[Handler], None]] = []
        self.models: list[str] | None = ["toy"]
        self.asked: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.keys: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Director

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        if self.server.models is None:
            return send(self, 404, b"{}")
        return send(self, 200, json.dumps({"data": [{"id": name} for name in self.server.models]}).encode())

    def do_POST(self) -> None:
        self.server.paths.append(self.path)
        self.server.keys.append(self.headers["Authorization"])
        self.server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        part = self.server.script.pop(0)
        if callable(part):
            part(self)
        else:
            say(self, part)

    def log_message(self, *args: object) -> None:
        pass


def send(handler: Handler, status: int, body: bytes, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def say(handler: Handler, content: object) -> None:
    send(handler, 200, json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode())


def sends(status: int, body: bytes = b"{}", **headers: str) -> Callable[[Handler], None]:
    return lambda handler: send(handler, status, body, **headers)


def says(content: object) -> Callable[[Handler], None]:
    return lambda handler: say(handler, content)


@pytest.fixture
def director(monkeypatch: pytest.MonkeyPatch) -> Iterator[Director]:
    monkeypatch.delenv(KEY, raising=False)
    with Director() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def refusal(director: Director, **options: Any) -> str:
    with pytest.raises(UserError) as caught:
        direct(director.url, PROMPT, 4, **options)
    line = str(caught.value)
    assert "\n" not in line
    assert line.isprintable()
    return line


def check(made: Board) -> None:
    assert [(card.start, card.stop, card.transition) for card in made.cards] == [(0, 2.5, "cut"), (2.5, 4, "flow")]
    assert made.cards[0].camera == "pan left"
    assert made.cards[1].prompt == "a blue cat sleeps in a room 😀"


YAML = """\
cards:
  - {from: 0, to: 2.5, prompt: a red dog runs left in a park, camera: pan left}
  - from: 2.5
    to: 4
    prompt: a blue cat sleeps in a room 😀
    transition: flow
"""
ANSWERS: dict[str, object] = {
    "json": json.dumps(GOOD),
    "escaped json with tabs": json.dumps(GOOD, indent="\t"),
    "json in a fence": f"Here it is:\n\n```json\n{json.dumps(GOOD, indent=2)}\n```\nEnjoy!",
    "yaml in a fence": f"Sure.\n```yaml\n{YAML}```\nEnjoy: it.",
    "a fence that is not closed": f"```\n{YAML}",
    "the second fence": f"A plan:\n```\nfirst a dog\n```\nThe board:\n```yml\n{YAML}```",
    "bare yaml": YAML,
    "yaml after prose": f"Here is the storyboard:\n\n{YAML}",
    "json after prose and before it": f"The board is {json.dumps(GOOD)} as you asked.",
    "json after thoughts": f"<think>maybe {{'cards': 3}}?</think>\n{json.dumps(GOOD)}",
    "json in a wrapper": json.dumps({"storyboard": GOOD}),
    "json with fields that say nothing": json.dumps(GOOD).replace('"camera"', '"image": null, "clip": "", "camera"'),
    "content in parts": [{"type": "text", "text": part} for part in (json.dumps(GOOD)[:30], json.dumps(GOOD)[30:])],
    "with settings": json.dumps({**GOOD, "size": "64x64", "fps": 8, "seed": 3}),
}  # fmt: skip


@pytest.mark.parametrize("content", ANSWERS.values(), ids=ANSWERS)
def test_a_board_is_found_in_an_answer(director: Director, content: object) -> None:
    director.script = [says(content)]
    made = direct(director.url, PROMPT, 4)
    check(made)
    assert (made.size, made.fps, made.seed) == (None, None, None)


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/", "/v1/chat/completions", "  "])
def test_the_address_may_be_written_in_many_ways(director: Director, ending: str) -> None:
    director.script = [json.dumps(GOOD)]
    check(direct(director.url + ending, PROMPT, 4))
    assert director.paths == ["/v1/models", "/v1/chat/completions"]


@pytest.mark.parametrize(
    ("base", "path"),
    [
        ("/v1beta/openai/", "/v1beta/openai/chat/completions"),
        ("/api/v3", "/api/v3/chat/completions"),
        ("/proxy", "/proxy/v1/chat/completions"),
        ("/v1?api-version=7", "/v1/chat/completions?api-version=7"),
    ],
)
def test_other_bases_are_kept(director: Director, base: str, path: str) -> None:
    director.script = [json.dumps(GOOD)]
    direct(director.url + base, PROMPT, 4, model="big")
    assert director.paths == [path]


def test_what_is_asked(director: Director, monkeypatch: pytest.MonkeyPatch) -> None:
    director.script = [json.dumps(GOOD)] * 3
    direct(director.url, PROMPT, 4, model="big")
    (asked,) = director.asked
    assert asked["model"] == "big"
    assert asked["response_format"] == {"type": "json_object"}
    system, user = asked["messages"]
    assert (system["role"], user["role"]) == ("system", "user")
    assert "watercolor" in system["content"]
    assert "zoom in" in system["content"]
    assert user["content"] == f"The film lasts 4 seconds. It tells:\n\n{PROMPT}"
    assert director.paths == ["/v1/chat/completions"]
    monkeypatch.setenv(KEY, "from-environment")
    direct(director.url, PROMPT, 4, model="big")
    direct(director.url, PROMPT, 4, model="big", key=" given ")
    assert director.keys == [None, "Bearer from-environment", "Bearer given"]


def test_the_only_model_is_chosen(director: Director) -> None:
    director.script = [json.dumps(GOOD)] * 2
    direct(director.url, PROMPT, 4)
    director.models = None
    direct(director.url, PROMPT, 4)
    assert [asked.get("model") for asked in director.asked] == ["toy", None]
    director.models = ["small", "large"]
    assert "serves several models. Choose one with --director-model: small, large." in refusal(director)


def test_json_is_not_insisted_on(director: Director) -> None:
    director.script = [sends(400, b'{"error": {"message": "response_format is not supported"}}'), YAML]
    check(direct(director.url, PROMPT, 4))
    assert ["response_format" in asked for asked in director.asked] == [True, False]


@pytest.mark.parametrize(
    ("first", "why"),
    [
        (GAP, "cards[1].from: no card covers seconds 2.5 to 3"),
        (json.dumps(GOOD).replace('"to": 4', '"to": 3'), "The last card ends at 3 seconds, the film at 4."),
        (json.dumps(GOOD).replace("camera", "image"), "cards[0].image: this board cannot use files"),
        ('{"cards": ' + "[" * 700 + "]" * 700 + "}", "nested too deep"),
        ("\ud83d", "control characters are not allowed"),
        ("I cannot do that.", "has no fields"),
        ('{"cards": ' + "[" * 50_000, "not valid YAML"),
        ('{"cards": [{"from": 0, "to": 4, "prompt": "\\ud83d"}]}', "control characters are not allowed"),
    ],
)
def test_a_mistake_goes_back_once(director: Director, first: str, why: str) -> None:
    director.script = [first, json.dumps(GOOD)]
    check(direct(director.url, PROMPT, 4))
    talk = director.asked[1]["messages"]
    assert [message["role"] for message in talk] == ["system", "user", "assistant", "user"]
    assert talk[2]["content"] == first
    assert why in talk[3]["content"]


def test_a_second_mistake_is_the_last(director: Director) -> None:
    director.script = [GAP, GAP]
    line = refusal(director)
    assert line.startswith("The director's second board is invalid, too: the board, line ")
    assert "no card covers seconds 2.5 to 3" in line


def endless(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" " * 65_536)
    except OSError:
        pass


def dripping(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(100):
            handler.wfile.write(b" ")
            time.sleep(0.05)
    except OSError:
        pass


def silent(handler: Handler) -> None:
    time.sleep(0.6)


def half(handler: Handler) -> None:
    send(handler, 200, b'{"choices": [', Content_Length="1000")


def not_http(handler: Handler) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n")


BAD: dict[str, tuple[Callable[[Handler], None], str]] = {
    "401": (sends(401, b'{"error": {"message": "bad sk-12"}}'), f"does not accept the key. Put a valid one into {KEY}"),
    "403": (sends(403), "does not allow this with the key"),
    "404": (sends(404, b'{"error": {"message": "no model x"}}'), "has no such model or route: 'no model x'. Check"),
    "404 in words": (sends(404, b"<html>nginx</html>"), "has no such model or route. Check the address"),
    "429": (sends(429), "accepts no more requests for now. Try again later."),
    "429 with a time": (sends(429, Retry_After="20"), "accepts no more requests for now. Try again in 20 seconds."),
    "500": (sends(500, b"oops"), "failed (status 500). Try again later."),
    "307": (sends(307, Location="http://example.org/"), "redirects (status 307)"),
    "418": (sends(418, b'{"detail": "a\\u001b[31m\\nteapot"}'), "refused (status 418): 'a\\x1b[31m teapot'."),
    "402": (sends(402, b'{"error": "pay ' + b"a" * 500 + b'"}'), "refused (status 402): 'pay aaa"),
    "not JSON": (sends(200, b"<html>hello</html>"), "did not answer with JSON"),
    "not UTF-8": (sends(200, b'"\xff"'), "did not answer with JSON"),
    "deep JSON": (sends(200, b"[" * 100_000), "did not answer with JSON"),
    "a number": (sends(200, b"7"), "sent an empty answer"),
    "no choices": (sends(200, b'{"choices": []}'), "sent an empty answer"),
    "no content": (sends(200, b'{"choices": [{"message": {"content": null, "refusal": "no"}}]}'), "an empty answer"),
    "odd content": (sends(200, b'{"choices": [{"message": {"content": {"a": 1}}}]}'), "an empty answer"),
    "nothing": (sends(200, b""), "did not answer with JSON"),
    "too much": (endless, "sent more than 1 MiB"),
    "half": (half, "ended its answer too early"),
    "not HTTP": (not_http, "ended its answer too early"),
    "silent": (silent, "did not answer in 0.3 seconds"),
    "dripping": (dripping, "did not answer in 0.3 seconds"),
}  # fmt: skip


@pytest.mark.parametrize(("part", "expected"), BAD.values(), ids=BAD)
def test_what_goes_wrong_is_one_line(director: Director, part: Callable[[Handler], None], expected: str) -> None:
    director.script = [part]
    line = refusal(director, timeout=0.3 if "0.3" in expected else 30, key="secret-key")
    assert line.startswith(f"The director at {director.url} ")
    assert expected in line
    assert "secret-key" not in line


def test_a_bad_request_that_stays_one(director: Director) -> None:
    director.script = [sends(400, b'{"error": {"message": "no"}}')] * 2
    assert "refused (status 400): 'no'. Check the model's name." in refusal(director)


def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://me:secret@127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(UserError, match=r"^The director at http://127\.0\.0\.1:\d+ cannot be reached\."):
            direct(url, PROMPT, 4)


@pytest.mark.parametrize(
    "url",
    ["", "localhost:11434", "ftp://localhost", "http://", "http://[::1", "http://localhost:99999", "http://a b/", "file:///etc"],
)  # fmt: skip
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(UserError, match=r"^The director(.s URL| at http)"):
        direct(url, PROMPT, 4, timeout=5)


def test_an_address_is_said_without_its_password() -> None:
    with pytest.raises(UserError, match="URL") as caught:
        direct("ftp://me:secret@localhost", PROMPT, 4)
    assert "secret" not in str(caught.value)


def test_what_is_not_even_asked(director: Director) -> None:
    for options, expected in (
        ({"key": "a\nb"}, "key has invalid characters"),
        ({"key": "schlüssel"}, "key has invalid characters"),
        ({"timeout": 0}, "timeout 0 is invalid"),
        ({"timeout": float("nan")}, "timeout nan is invalid"),
    ):
        assert expected in refusal(director, **options)
    with pytest.raises(UserError, match="The prompt is empty"):
        direct(director.url, " ", 4)
    with pytest.raises(UserError, match="601 seconds are out of range"):
        direct(director.url, PROMPT, 601)
    assert director.paths == []
