"""Addresses that clients name: called only where they may lead, and only for so long and so much."""

import socket
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from yozora.server.bounds import Limits
from yozora.server.errors import ApiError
from yozora.server.safety import fetching, ssrf
from yozora.server.settings import Settings

SETTINGS = Settings(database="sqlite:///unused.db", storage="memory:///", fetch_urls=True)
SMALL = replace(SETTINGS, limits=Limits(upload_bytes=1000))
Reply = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """A web server on this machine; `replies` says what each path answers."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {}
        self.asked: list[tuple[str, str]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.asked.append((self.path, self.headers["host"]))
                self.close_connection = True
                site.replies[self.path](self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"http://pictures.example:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def says(self, path: str, data: bytes = b"", status: int = 200, **headers: str) -> None:
        def reply(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in {"content_length": str(len(data)), **headers}.items():
                if value:
                    handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(data)

        self.replies[path] = reply


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """A resolver of our own: name -> addresses. Addresses are themselves."""
    known = {"pictures.example": ["127.0.0.1"]}
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        if host in known:
            return [answer for address in known[host] for answer in real(address, port, *args, **options)]
        return real(host, port, socket.AF_UNSPEC, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return known


@pytest.fixture
def site(names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The site stands in for one out there, so its address counts as open; all others are what they are."""
    real = ssrf.is_open
    monkeypatch.setattr(ssrf, "is_open", lambda ip, private=False: ip == "127.0.0.1" or real(ip, private=private))
    made = Site()
    yield made
    made.server.shutdown()
    made.server.server_close()


def refused(url: str, target: Path, settings: Settings = SETTINGS) -> str:
    with pytest.raises(ApiError) as caught:
        fetching.fetch(url, settings, target)
    assert caught.value.status == 400
    assert not target.exists()
    return caught.value.message


def test_a_picture_is_saved(site: Site, tmp_path: Path) -> None:
    site.says("/a.png", b"picture", content_type="image/png")
    site.says("/untold", b"picture2")
    fetching.fetch(f"{site.url}/a.png", SETTINGS, tmp_path / "a")
    fetching.fetch(f"{site.url}/untold", SETTINGS, tmp_path / "b")
    assert ((tmp_path / "a").read_bytes(), (tmp_path / "b").read_bytes()) == (b"picture", b"picture2")
    assert site.asked[0] == ("/a.png", f"pictures.example:{site.port}")


def test_nothing_is_fetched_where_the_operator_does_not_say_so(site: Site, tmp_path: Path) -> None:
    assert "does not fetch URLs" in refused(f"{site.url}/a.png", tmp_path / "a", replace(SETTINGS, fetch_urls=False))
    assert site.asked == []


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
        *("100.64.0.1", "169.254.169.254", "192.0.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "255.255.255.255"),
        *("240.0.0.1", "168.63.129.16", "100.100.100.200"),
        *("::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8"),
        *("64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "2001:db8::1", "::127.0.0.1", "fec0::1"),
        *("fe80::1%1", "2606:4700::1111%1"),
    ],
)
def test_private_and_reserved_addresses_are_closed(address: str) -> None:
    assert not ssrf.is_open(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111"])
def test_public_addresses_are_open(address: str) -> None:
    assert ssrf.is_open(address)


def test_an_operator_may_open_the_own_network_and_no_more() -> None:
    for address in ("127.0.0.1", "10.1.2.3", "192.168.1.1", "::1", "fd00::1", "8.8.8.8"):
        assert ssrf.is_open(address, private=True)
    for address in ("169.254.169.254", "0.0.0.0", "224.0.0.1", "fe80::1", "::ffff:10.0.0.1", "64:ff9b::1"):
        assert not ssrf.is_open(address, private=True)


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1/a", "http://[::1]/a", "http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://0/"),
        *("http://[::ffff:127.0.0.1]/", "https://169.254.169.254/latest/meta-data"),
    ],
)
def test_no_spelling_leads_inside(names: dict[str, list[str]], tmp_path: Path, url: str) -> None:
    assert "private or reserved network" in refused(url, tmp_path / "a")
    with pytest.raises(ssrf.AddressError, match="private or reserved network"):
        ssrf.check(url, private=False)


def test_which_names_there_are_inside_is_not_told(
    names: dict[str, list[str]], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Row 15: a name that leads inside, one that leads nowhere and one where nobody answers are alike."""
    with socket.socket() as silent:  # bound, and never listening
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        names |= {
            "inside.example": ["10.0.0.7"],
            "INSIDE.example": ["10.0.0.7"],
            "mixed.example": ["8.8.8.8", "10.0.0.7"],
        }
        caplog.set_level("INFO")
        hosts = ("inside.example", "INSIDE.example", "mixed.example", "nowhere.example", f"pictures.example:{port}")
        said = {refused(f"http://{host}/", tmp_path / "a") for host in hosts}
    assert len(said) == 1
    assert "cannot be reached" in said.pop()
    assert "private or reserved network" in caplog.records[0].why  # type: ignore[attr-defined] # for the operator
    for host in hosts:
        ssrf.check(f"http://{host}/", private=False)  # nothing is looked up


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("file:///etc/passwd", "is not an http or https URL"),
        ("ftp://pictures.example/a", "is not an http or https URL"),
        ("/etc/passwd", "is not an http or https URL"),
        ("http://", "is not an http or https URL"),
        ("http://user:pw@pictures.example/a", "has a user name"),
        ("http://pictures.example:25/a", "has the port 25"),
        ("http://pictures.example:99999/a", "is not"),
        ("http://[::1/a", "is not a URL"),
        ("http://pictures.example/" + "a" * 2048, "more than 2,048 characters"),
        ("http://nowhere.example/", "cannot be reached"),
        ("http://\udcff/", "is not"),
        ("http://a b/", ""),
        ("http://ＩＮＳＩＤＥ.example/", ""),
        ("http://" + "a" * 70 + ".example/", ""),
    ],
)
def test_only_plain_web_addresses_are_called(names: dict[str, list[str]], tmp_path: Path, url: str, told: str) -> None:
    assert told in refused(url, tmp_path / "a")


def test_a_name_that_changes_its_mind_is_not_asked_again(site: Site, names: dict[str, Any], tmp_path: Path) -> None:
    """DNS rebinding: what was checked is what is called."""
    site.says("/a.png", b"picture")
    asked: list[str] = []

    class Fickle(list[str]):
        def __iter__(self) -> Iterator[str]:
            asked.append("again")
            return iter(["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"])

    names["pictures.example"] = Fickle()
    fetching.fetch(f"{site.url}/a.png", SETTINGS, tmp_path / "a")
    assert asked == ["again"]


def test_redirects_are_followed_and_checked_again(site: Site, names: dict[str, list[str]], tmp_path: Path) -> None:
    site.says("/a.png", b"picture")
    for k in range(4):
        site.says(f"/{k}", status=302, location=f"/{k - 1}" if k else "a.png")
    fetching.fetch(f"{site.url}/2", SETTINGS, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"picture"
    assert "redirects more than 3 times" in refused(f"{site.url}/3", tmp_path / "b")
    names["inside.example"] = ["10.0.0.7"]
    told = {
        f"http://inside.example:{site.port}/": "cannot be reached",
        "http://169.254.169.254/latest": "private or reserved",
        "file:///etc/passwd": "is not an http",
        "//user@pictures.example/": "user name",
        "http://[": "The URL",
    }
    for location, message in told.items():
        site.says("/away", status=307, location=location)
        assert message in refused(f"{site.url}/away", tmp_path / "b")


def test_too_much_is_refused_whether_told_or_not(site: Site, tmp_path: Path) -> None:
    site.says("/told", bytes(1001))
    site.says("/untold", bytes(1001), content_length="")
    site.says("/lie", b"", content_length="nonsense")
    site.says("/huge", b"", content_length="9" * 5000)
    site.says("/just", bytes(1000))
    for path in ("told", "untold", "lie", "huge"):
        assert refused(f"{site.url}/{path}", tmp_path / "a", SMALL)
    fetching.fetch(f"{site.url}/just", SMALL, tmp_path / "a")


def test_content_is_a_picture_as_it_is(site: Site, tmp_path: Path) -> None:
    site.says("/page", b"<html>", content_type="text/html; charset=utf-8")
    site.says("/drawing", b"<svg/>", content_type="image/svg+xml")
    site.says("/packed", b"..", content_type="image/png", content_encoding="gzip")
    site.says("/gone", b"", status=404, content_type="image/png")
    site.says("/nowhere", b"", status=302)
    for path, told in (
        ("page", "type"),
        ("drawing", "type"),
        ("packed", "compressed"),
        ("gone", "404"),
        ("nowhere", "302"),
    ):
        assert told in refused(f"{site.url}/{path}", tmp_path / "a")


def test_whoever_speaks_slowly_is_hung_up_on(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nx: ")
        while not stop.wait(0.1):
            handler.wfile.write(b"y")

    def drip_body(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not stop.wait(0.1):
            handler.wfile.write(b"y")

    monkeypatch.setattr(fetching, "SECONDS", 1.0)
    site.server.handle_error = lambda *_: None  # type: ignore[method-assign]
    site.replies |= {"/head": drip, "/body": drip_body}
    for path in ("head", "body"):
        began = time.monotonic()
        assert "did not answer within 1 seconds" in refused(f"{site.url}/{path}", tmp_path / "a")
        assert time.monotonic() - began < 10
    stop.set()


def test_a_resolver_that_sleeps_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    woken = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: woken.wait(30) and [])
    monkeypatch.setattr(fetching, "SECONDS", 0.3)
    assert refused("http://slow.example/", tmp_path / "a")
    woken.set()


def test_it_speaks_http_or_is_nothing(site: Site, tmp_path: Path) -> None:
    def babble(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"220 mail ready\r\n")

    site.replies["/"] = babble
    assert "cannot be reached, or it is not an HTTP server" in refused(f"{site.url}/", tmp_path / "a")
    assert "cannot be reached" in refused(f"https://pictures.example:{site.port}/", tmp_path / "a")
    site.server.shutdown()
    site.server.server_close()
    assert "cannot be reached" in refused(f"{site.url}/", tmp_path / "a")


def test_proxies_of_the_environment_play_no_part(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    site.says("/a.png", b"picture")
    fetching.fetch(f"{site.url}/a.png", SETTINGS, tmp_path / "a")


def test_certificates_are_checked() -> None:
    assert ssrf._trust().verify_mode is ssl.CERT_REQUIRED
    assert ssrf._trust().check_hostname


def test_a_data_url_is_its_bytes() -> None:
    data = bytes(range(256))
    for head in ("data:image/png;base64", "data:;base64", "DATA:image/svg+xml;charset=utf-8;BASE64"):
        assert fetching.data_url(f"{head},{b64encode(data).decode()}", 10_000) == data


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "data:",
            "data:image/png;base64",
            "data:image/png;base64,",
            "data:image/png,abcd",
            "data:text/plain,hello",
        ),
        *("data:image/png;base64,abc", "data:image/png;base64,ab cd", "data:image/png;base64,abcd\n", "http://x/,abcd"),
        *("data:image/png;base64,äbcd", "data:image/png;base64,ab-_", "data:image/png;base64;base64,abcd="),
        "data:image/png;base64," + "A" * 200,
    ],
)
def test_a_data_url_is_read_strictly(text: str) -> None:
    with pytest.raises(ApiError) as caught:
        fetching.data_url(text, 200)
    assert (caught.value.status, caught.value.code) == (400, "invalid_url")
