"""A hub on loopback: the calls of huggingface_hub that `yozora pull` makes, and accidents on order."""

import hashlib
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LARGE = 4096  # bytes from which on a file is in large file storage, as weights are
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def git_hash(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


class Hub(ThreadingHTTPServer):
    """Repositories: files by their names. `hold`: a file of which so many bytes are sent, and then nothing until
    `release`. `spoiled`: files that are sent with a wrong byte, once each. `sent` counts bytes of files, by name."""

    daemon_threads = True

    def __init__(self, repositories: dict[str, dict[str, bytes]]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.repositories = repositories
        self.hold: tuple[str, int] = ("", 0)
        self.held, self.release = threading.Event(), threading.Event()
        self.spoiled: set[str] = set()
        self.sent: dict[str, int] = {}
        self.ranges: list[str] = []
        self.errors: list[str] = []
        self.refusal = 0  # status of every answer, where it is not 0

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever hangs up is no error, and nothing is printed among what a command says."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError):
            self.errors.append(repr(error))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.answer(with_body=False)

    def do_GET(self) -> None:
        self.answer(with_body=True)

    def answer(self, *, with_body: bool) -> None:
        path = self.path.partition("?")[0].strip("/").split("/")
        if self.server.refusal:
            self.say(self.server.refusal, b"{}", {}, with_body)
        elif path[:2] == ["api", "models"]:
            self.api("/".join(path[2:4]), path[4:], with_body)
        elif len(path) < 5:  # whatever else the library asks for
            self.say(404, b"{}", {}, with_body)
        else:
            self.file("/".join(path[:2]), path[3], "/".join(path[4:]), with_body)

    def api(self, repository: str, more: list[str], with_body: bool) -> None:
        files = self.server.repositories.get(repository)
        if files is None:
            self.say(404, b"{}", {"X-Error-Code": "RepoNotFound"}, with_body)
        elif more[:1] == ["revision"] and more[1] not in ("main", COMMIT):
            self.say(404, b"{}", {"X-Error-Code": "RevisionNotFound"}, with_body)
        elif more[:1] == ["tree"]:
            self.say(200, json.dumps([entry(name, data) for name, data in files.items()]).encode(), {}, with_body)
        else:
            said = {
                "id": repository,
                "modelId": repository,
                "sha": COMMIT,
                "siblings": [],
                "private": False,
                "tags": [],
            }
            self.say(200, json.dumps(said).encode(), {}, with_body)

    def file(self, repository: str, revision: str, name: str, with_body: bool) -> None:
        data = self.server.repositories.get(repository, {}).get(name)
        if data is None:
            self.say(404, b"", {"X-Error-Code": "EntryNotFound"}, with_body)
            return
        large = len(data) >= LARGE
        etag = hashlib.sha256(data).hexdigest() if large else git_hash(data)
        head = {"X-Repo-Commit": COMMIT, "X-Linked-Size": str(len(data)), "X-Linked-Etag": f'"{etag}"'}
        head |= {"ETag": f'"{etag}"', "Accept-Ranges": "bytes"}
        begin, status = 0, 200
        if with_body and (asked := self.headers.get("Range")):
            self.server.ranges.append(asked)
            begin, status = int(asked.removeprefix("bytes=").split("-")[0]), 206
            head["Content-Range"] = f"bytes {begin}-{len(data) - 1}/{len(data)}"
        self.say(status, (self.body(name, data) if with_body else data)[begin:], head, with_body, name)

    def body(self, name: str, data: bytes) -> bytes:
        if name not in self.server.spoiled:
            return data
        self.server.spoiled.discard(name)
        return data[:-1] + bytes([data[-1] ^ 1])

    def say(self, status: int, data: bytes, head: dict[str, str], with_body: bool, name: str = "") -> None:
        self.send_response(status)
        for key, value in (head | {"Content-Length": str(len(data)), "Content-Type": "application/json"}).items():
            self.send_header(key, value)
        self.end_headers()
        if not with_body:
            return
        held, count = self.server.hold
        stop = count if name and name == held else len(data)
        self.wfile.write(data[:stop])
        self.wfile.flush()
        self.server.sent[name] = self.server.sent.get(name, 0) + stop
        if stop < len(data):
            self.server.held.set()
            self.server.release.wait(60)
            self.close_connection = True


def entry(name: str, data: bytes) -> dict[str, Any]:
    """A file as a repository's tree says it."""
    said: dict[str, Any] = {"type": "file", "path": name, "size": len(data), "oid": git_hash(data)}
    if len(data) >= LARGE:
        said["lfs"] = {"oid": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}
    return said


@contextmanager
def hub(repositories: dict[str, dict[str, bytes]]) -> Iterator[Hub]:
    """A hub that serves."""
    server = Hub(repositories)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        server.server_close()
        thread.join()
    assert server.errors == []
