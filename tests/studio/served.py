"""A real `yozora serve` with pages and with the weights of mini, its keys, and films that flows share."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from tests.server.conftest import free_port, until

from yozora.server.accounts import keys, sessions
from yozora.server.http.service import COOKIE
from yozora.server.store.database import open_database
from yozora.server.store.upgrades import migrate

SCOPES = {"own": ("create",), "second": ("create",), "admin": ("admin", "create")}
"""Keys that every server of these tests has, and what each may do."""
OPTIONS = ("--feed", "--private-webhooks", "--poll-ms", "100", "--limit", "requests_a_minute=100000")
STEPS = 4
SIZE = "224x128"
SECONDS = 1
ENDED = ("completed", "failed")


@dataclass(frozen=True, kw_only=True)
class Key:
    """A key, and a session of it that browsers are given instead of signing in."""

    id: str
    name: str
    secret: str
    cookie: str
    api: httpx.Client


@dataclass(kw_only=True, eq=False)
class Studio:
    """A server in a folder of its own. It keeps its port when it is stopped and started again."""

    folder: Path
    options: tuple[str, ...] = OPTIONS
    port: int = field(default_factory=free_port)
    keys: dict[str, Key] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The origin, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> str:
        return f"sqlite:///{self.folder / 'yozora.db'}"

    @property
    def log(self) -> Path:
        """What the server and its worker have printed, of all starts."""
        return self.folder / "log.txt"

    def start(self) -> None:
        """Serve, and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        migrate(self.database)
        command = [sys.executable, "-u", "-m", "yozora", "serve", "--port", str(self.port), *self.options]
        where = ["--database", self.database, "--storage", str(self.folder / "objects")]
        own = {"YOZORA_HOME": str(self.folder / "home"), "OMP_WAIT_POLICY": "PASSIVE", **self.environment}
        with self.log.open("ab") as said:
            self.process = subprocess.Popen([*command, *where], stdout=said, stderr=said, env=os.environ | own)
        until(self.answers, "the server")
        for name, scopes in SCOPES.items():
            if name not in self.keys:
                self.keys[name] = self.new_key(name, *scopes)

    @contextmanager
    def beside(self, *options: str) -> Iterator["Studio"]:
        """Another server on the same films and keys, with such options, and without a worker of its own."""
        other = Studio(folder=self.folder, options=("--workers", "0", *options), keys=self.keys)
        try:
            other.start()
            yield other
        finally:
            other.stop()

    def answers(self) -> bool:
        """Whether it does. Fails where it has ended."""
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        try:
            return httpx.get(f"{self.url}/healthz").is_success
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """As an operator stops it."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def close(self) -> None:
        for key in self.keys.values():
            key.api.close()
        self.stop()

    def new_key(self, name: str, *scopes: str) -> Key:
        """A key that only one flow uses, for what would disturb others; for example to be revoked."""
        with closing(open_database(self.database)) as database:
            key_id, secret = keys.create(database, name, keys.Grant(scopes=scopes or ("create",)))
        api = httpx.Client(base_url=self.url, headers={"authorization": f"Bearer {secret}"}, timeout=120)
        answer = api.post("/v1/sessions")
        answer.raise_for_status()
        cookie = str(answer.cookies[COOKIE])
        api.cookies.clear()
        made = Key(id=key_id, name=name, secret=secret, cookie=cookie, api=api)
        self.keys.setdefault(name, made)
        return made

    def link(self, key: str = "own") -> str:
        """An address that signs in once, as `yozora keys link` prints it."""
        with closing(open_database(self.database)) as database:
            return sessions.link_url(self.url, sessions.make_link(database, self.keys[key].id))

    def printed_link(self) -> str:
        """That which `yozora serve` printed when it started last."""
        lines = [line for line in self.log.read_text().splitlines() if "#code=" in line]
        return lines[-1].rpartition(" ")[2]

    def call(self, method: str, path: str, key: str = "own", **said: Any) -> Any:
        """What the API answers, as JSON; fails where it refuses."""
        answer = self.keys[key].api.request(method, path, **said)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def completed(self, video_id: str, key: str = "own", seconds: float = 120) -> dict[str, Any]:
        """A video as soon as it is completed; fails where it fails."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            video: dict[str, Any] = self.call("GET", f"/v1/videos/{video_id}", key, params={"wait": 10})
            if video["status"] in ENDED:
                assert video["status"] == "completed", video
                return video
        raise AssertionError(f"{video_id} was not completed within {seconds:g} seconds")

    def newest(self, key: str = "own") -> dict[str, Any]:
        """The video that a key ordered last."""
        found: dict[str, Any] = self.call("GET", "/v1/videos", key, params={"limit": 1})["data"][0]
        return found

    def secrets(self) -> set[str]:
        """What must not stand in a log, in a browser or in an address."""
        return {key.secret for key in self.keys.values()}


@dataclass(kw_only=True, eq=False)
class Films:
    """Films and characters that are made once, when a flow first asks for them. No flow changes or deletes them."""

    studio: Studio
    made: dict[str, dict[str, Any]] = field(default_factory=dict)

    def text(self) -> dict[str, Any]:
        """A film of a prompt."""
        return self.film("text", "/v1/videos", {"prompt": "A red car drives left on a city street.", "size": SIZE})

    def other(self) -> dict[str, Any]:
        """Another film of a prompt."""
        return self.film("other", "/v1/videos", {"prompt": "A blue boat on the sea at night.", "size": SIZE})

    def extended(self) -> dict[str, Any]:
        """`text` and a second more: a film of two seconds."""
        return self.film("extended", "/v1/videos/extensions", {"video": {"id": self.text()["id"]}})

    def remix(self) -> dict[str, Any]:
        """A remix of `text`: a film with a source."""
        return self.film("remix", f"/v1/videos/{self.text()['id']}/remix", {"prompt": "A red car drives in the snow."})

    def storyboard(self) -> dict[str, Any]:
        """A film of a board of two cards."""
        cards = [
            {"from": 0, "to": 0.5, "prompt": "A red car."},
            {"from": 0.5, "to": 1, "prompt": "A boat.", "transition": "cut"},
        ]
        return self.film(
            "storyboard", "/v1/videos/storyboards", {"board": {"cards": cards}, "size": SIZE}, seconds=None
        )

    def character(self) -> dict[str, Any]:
        """A character, @Rex, of the first frame of `text`; only its own key may use it."""
        said = {"name": "Rex", "video": {"id": self.text()["id"]}}
        return self.once("character", lambda: self.studio.call("POST", "/v1/videos/characters", json=said))

    def film(self, name: str, path: str, said: dict[str, Any], *, seconds: float | None = SECONDS) -> dict[str, Any]:
        """A completed film of such a name; made by a call of the API where there is none yet."""
        body = {"steps": STEPS, **({} if seconds is None or "/remix" in path else {"seconds": seconds}), **said}

        def make() -> dict[str, Any]:
            return self.studio.completed(self.studio.call("POST", path, json=body)["id"])

        return self.once(name, make)

    def once(self, name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What `make` gives the first time."""
        if name not in self.made:
            self.made[name] = make()
        return json.loads(json.dumps(self.made[name]))  # type: ignore[no-any-return] # a copy
