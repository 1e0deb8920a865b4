"""Connections to addresses that clients name: only to where such a call may go, and never longer than was said.

A name is resolved here, every address that it has is checked, and the connection goes to one of those: a name that
changes its mind in between changes nothing. Proxies of the environment play no part. Knows neither pictures nor
webhooks.
"""

import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, Final

import httpcore
import httpx

INSIDE: Final = "leads into a private or reserved network"
UNREACHED: Final = "cannot be reached, or it is not an HTTP server"
MAX_URL: Final = 2048  # characters
PORTS: Final = (80, 443)  # below 1024, no other is called: mail servers and the like listen there

IPV4_CLOSED: Final = tuple(
    IPv4Network(net)
    for net in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
        *("192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",  # public by its number, the host's own service in one of the large clouds
    )
)
"""Special purposes (IANA's registry), multicast and reserved."""

IPV6_OPEN: Final = IPv6Network("2000::/3")  # the only unicast in use; IPv4-mapped and NAT64 addresses are outside
IPV6_CLOSED: Final = tuple(IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
"""Tunnels, which hide an IPv4 address, and documentation."""

PRIVATE: Final = tuple(
    ip_network(net)
    for net in (
        *("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
        *("::1/128", "fc00::/7"),
    )
)
"""What an operator may open: machines of the own network. Where clouds answer with credentials stays closed."""


log = logging.getLogger(__name__)


class AddressError(Exception):
    """An address that is not called; the message ends a sentence that begins with it."""


def parsed(url: str) -> httpx.URL:
    """A URL that could be called, as far as it says itself. Raises `AddressError`."""
    if len(url) > MAX_URL:
        raise AddressError(f"has more than {MAX_URL:,} characters")
    try:
        found = httpx.URL(url)
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise AddressError("is not a URL") from error
    if found.scheme not in ("http", "https") or not found.host:
        raise AddressError("is not an http or https URL")
    if found.userinfo:
        raise AddressError("has a user name or a password")
    if found.port is not None and (found.port not in PORTS and not 1024 <= found.port <= 65_535):
        raise AddressError(f"has the port {found.port}, which is not allowed")
    return found


def check(url: str, *, private: bool) -> None:
    """Raise `AddressError` for a URL that would never be called. A name is not looked up before it is called: what is
    answered here does not tell which names there are.
    """
    address = _literal(parsed(url).host)
    if address is not None and not is_open(address, private=private):
        raise AddressError(INSIDE)


def addresses(host: str, port: int, *, private: bool, until: float) -> list[str]:
    """Where a name leads. Raises `AddressError` where it has no address, or even one of its addresses is closed: both
    in the words that are used where there is no answer. What was the matter is in the log.
    """
    found = _resolved(host, port, until)
    if found and all(is_open(address, private=private) for address in found):
        return found
    if found and _literal(host) is not None:
        raise AddressError(INSIDE)
    log.info("an address was not called", extra={"host": host, "why": INSIDE if found else "it cannot be found"})
    raise AddressError(UNREACHED)


def _literal(host: str) -> str | None:
    """The IP address that a host is by itself, in any spelling; None for a name."""
    host = host.strip("[]").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761
        return "127.0.0.1"
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))  # 127.1, 0x7f.1, 2130706433
    except (OSError, UnicodeError):
        return None


def is_open(address: str, *, private: bool = False) -> bool:
    """Whether an IP address may be called; `private` opens those of the own network."""
    ip = ip_address(address)
    if private and any(ip in net for net in PRIVATE):
        return True
    if isinstance(ip, IPv4Address):
        return not any(ip in net for net in IPV4_CLOSED)
    return ip.scope_id is None and ip in IPV6_OPEN and not any(ip in net for net in IPV6_CLOSED)


def calls(*, private: bool, seconds: float) -> httpcore.ConnectionPool:
    """Makes calls that may take so many seconds, all of them together. Raise `AddressError` and httpcore's errors."""
    backend = _Guarded(private=private, until=time.monotonic() + seconds)
    return httpcore.ConnectionPool(ssl_context=_trust(), network_backend=backend, max_connections=1)


def target(url: httpx.URL) -> httpcore.URL:
    """The same URL as `calls` takes it."""
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


class _Guarded(httpcore.NetworkBackend):
    """Connects to checked addresses; all that happens on its connections ends in time."""

    def __init__(self, *, private: bool, until: float) -> None:
        self._private, self._until = private, until
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failed: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in addresses(host, port, private=self._private, until=self._until):
            try:
                stream = self._plain.connect_tcp(address, port, _left(self._until), socket_options=socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _Timed(stream, self._until)
        raise failed or httpcore.ConnectError("no address")

    def connect_unix_socket(self, *args: object, **options: object) -> httpcore.NetworkStream:
        raise AddressError("is not an http or https URL")


class _Timed(httpcore.NetworkStream):
    """A stream on which everything together ends in time, however slowly the other side speaks."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream, self._until = stream, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._until))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._until))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, _left(self._until)), self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time is up")
    return left


def _resolved(host: str, port: int, until: float) -> list[str]:
    """The addresses of a name, the system's order kept. The resolver knows no time limit, so a thread waits for it."""
    found: list[str] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        found.extend(dict.fromkeys(str(where[0]) for *_, where in answers))

    thread = threading.Thread(target=ask, daemon=True, name="resolve")
    thread.start()
    thread.join(_left(until))
    return [] if thread.is_alive() else found


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    return httpx.create_ssl_context()
