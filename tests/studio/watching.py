"""What a browser does while a flow runs: requests, messages of the console, errors, and where it stores things."""

import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, WebError, WebSocket

REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`));
"""
ENDLESS = ("eventsource", "media", "websocket")  # requests that stay open while a page is used
QUIET = 0.15  # seconds without a request after which a page has loaded


@dataclass(eq=False)
class Watch:
    """Collects what happens in all pages of a context."""

    context: BrowserContext
    origin: str
    addresses: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    expected: list[re.Pattern[str]] = field(default_factory=list)
    pending: set[Request] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.context.add_init_script(REPORT_VIOLATIONS)
        self.context.on("request", self._requested)
        self.context.on("requestfinished", self._answered)
        self.context.on("requestfailed", self._answered)
        self.context.on("console", self._printed)
        self.context.on("weberror", self._threw)
        self.context.on("page", lambda page: page.on("websocket", self._connected))

    def forget(self) -> None:
        """Another flow begins."""
        for seen in (self.addresses, self.messages, self.expected, self.pending):
            seen.clear()

    def expect(self, pattern: str) -> None:
        """Messages that this flow brings about on purpose, such as those of a server that is gone."""
        self.expected.append(re.compile(pattern))

    def foreign(self) -> list[str]:
        """Addresses that are not of our own server."""
        own = (f"{self.origin}/", f"blob:{self.origin}/", "data:", self.origin.replace("http", "ws", 1) + "/")
        return [address for address in self.addresses if not address.startswith(own)]

    def unexpected(self) -> list[str]:
        return [text for text in self.messages if not any(pattern.search(text) for pattern in self.expected)]

    def leaks(self, secrets: Iterable[str]) -> list[str]:
        """Where a secret stands that must not: addresses, cookies, and what scripts have stored."""
        places = {"an address": "\n".join(self.addresses), "the storage": stored(self.context, self.origin)}
        return [place for place, text in places.items() if any(secret in text for secret in secrets)]

    def problems(self, secrets: Iterable[str]) -> list[str]:
        """All that must not happen in any flow."""
        return [
            *(f"requested from elsewhere: {address}" for address in self.foreign()),
            *(f"said in the console: {text}" for text in self.unexpected()),
            *(f"the key stands in {place}" for place in self.leaks(secrets)),
        ]

    def wait_for_quiet(self, page: Page, seconds: float = 20) -> None:
        """Until nothing is requested any more, but for streams of events and films."""
        deadline, since = time.monotonic() + seconds, time.monotonic()
        while time.monotonic() - since < QUIET:
            page.wait_for_timeout(30)
            if self.pending:
                since = time.monotonic()
                assert since < deadline, f"still requested: {[request.url for request in self.pending]}"

    def _requested(self, request: Request) -> None:
        self.addresses.append(request.url)
        if request.resource_type not in ENDLESS:
            self.pending.add(request)

    def _answered(self, request: Request) -> None:
        self.pending.discard(request)

    def _printed(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "assert"):
            where = message.location.get("url", "")
            self.messages.append(f"{message.type}: {message.text} ({where})")

    def _threw(self, error: WebError) -> None:
        self.messages.append(f"uncaught: {error.error}")

    def _connected(self, socket: WebSocket) -> None:
        self.addresses.append(socket.url)


def stored(context: BrowserContext, origin: str) -> str:
    """Cookies, localStorage, IndexedDB and sessionStorage of all pages, as text."""
    kept: Any = context.storage_state(indexed_db=True)
    sessions = [
        page.evaluate("JSON.stringify({...sessionStorage})") for page in context.pages if page.url.startswith(origin)
    ]
    return json.dumps([kept, sessions])
