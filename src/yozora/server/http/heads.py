"""HEAD, wherever there is GET: the same answer without its body. Knows no route by name."""

from collections.abc import Sequence
from typing import Final

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEAD: Final = "HEAD"


class Heads:
    """Asks for what HEAD names as GET, and lets nothing but the headers through."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self.app, self.routes = app, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != HEAD or self._answers_itself(scope):
            await self.app(scope, receive, send)
            return
        began = False

        async def receive_until_sent() -> Message:
            """Once the headers are out, the client is as good as gone: no stream goes on for it."""
            return {"type": "http.disconnect"} if began else await receive()

        async def said(message: Message) -> None:
            nonlocal began
            if began:
                return
            began = message["type"] == "http.response.start"
            await send(message)
            if began:
                await send({"type": "http.response.body", "body": b""})

        inner = {**scope, "method": "GET"}
        try:
            await self.app(inner, receive_until_sent, said)
        finally:
            kept = {name: value for name, value in inner.items() if name.startswith("yozora.") or name == "route"}
            scope.update(kept)

    def _answers_itself(self, scope: Scope) -> bool:
        return any(route.matches(scope)[0] is Match.FULL for route in self.routes)


def allowed(routes: Sequence[BaseRoute], scope: Scope) -> str:
    """The methods that the path of a request takes, as `Allow` has them."""
    methods: set[str] = set()
    for route in routes:
        if route.matches(scope)[0] is not Match.NONE:
            methods |= set(getattr(route, "methods", None) or ())
    return ", ".join(sorted(methods | ({HEAD} if "GET" in methods else set())))
