"""The Videos API as an ASGI application: what uvicorn serves. Starts no worker, and imports no model."""

import logging
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import anyio
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

import yozora
from yozora.server import traces
from yozora.server.accounts import keys
from yozora.server.accounts.shared_rates import rates_of
from yozora.server.http import batches as going
from yozora.server.http import middleware, openapi, origins, pages, runtime
from yozora.server.http.capacity import Capacity
from yozora.server.http.heads import Heads
from yozora.server.http.outlook import Outlook
from yozora.server.http.polling import Holding
from yozora.server.http.retries import Attempts
from yozora.server.http.routes import (
    admin,
    all_events,
    azure,
    batches,
    boards,
    characters,
    consent,
    content,
    deliveries,
    events,
    exports,
    feed,
    files,
    folders,
    front,
    health,
    imports,
    library,
    lineage,
    making_of,
    models,
    moderations,
    overview,
    provenance,
    realtime,
    server,
    sessions,
    share_links,
    timelines,
    usage,
    videos,
    webhooks,
    words,
)
from yozora.server.http.service import Service, rules_of
from yozora.server.http.turns import Turns
from yozora.server.settings import Settings
from yozora.server.store import database, upgrades
from yozora.server.store.objects import open_objects
from yozora.server.work.heartbeats import Reaper
from yozora.server.work.queue import Queue
from yozora.server.work.retry_policy import AWAY, reason

ROUTERS = (
    characters,
    making_of,
    videos,
    content,
    exports,
    events,
    files,
    provenance,
    models,
    webhooks,
    azure,
    batches,
    moderations,
    realtime,
    deliveries,
    usage,
    sessions,
    imports,
    library,
    folders,
    lineage,
    timelines,
    all_events,
    share_links,
    consent,
    words,
    boards,
    feed,
    server,
    overview,
    admin,
    health,
    front,
)
"""In the order in which they are matched: `/v1/videos/characters` before `/v1/videos/{video_id}`."""

log = logging.getLogger(__name__)


class Application(FastAPI):
    """FastAPI with the bodies in its document, see `openapi`."""

    def openapi(self) -> dict[str, Any]:
        return openapi.document(self)


def document() -> dict[str, Any]:
    """The OpenAPI document, without an installation."""
    return _bare().openapi()


def make_app(settings: Settings, *, migrate: bool = True, problems: Callable[[], Sequence[str]] = list) -> FastAPI:
    """The application of one installation. `migrate`: bring the database to the newest form first; `problems` says what
    is wrong with the workers of this machine. Raises `UserError` where the database, the storage or the rules of
    moderation cannot be used.
    """
    if migrate:
        upgrades.migrate(settings.database)
    opened = database.open_database(settings.database, settings.limits.reserve_bytes, settings.times.locked)
    if opened.reserve is not None:
        opened.reserve.keep()
    stopping = threading.Event()
    service = Service(
        settings=settings,
        database=opened,
        objects=open_objects(settings.storage),
        queue=Queue.of(settings),
        rates=rates_of(settings.limits, opened),
        rules=rules_of(settings.policy),
        capacity=Capacity.of(settings.limits),
        attempts=Attempts(opened),
        outlook=Outlook(opened, settings),
        holding=Holding(opened, settings, stopping),
        stopping=stopping,
        problems=problems,
    )
    traces.start(settings, "yozora-api")
    app = _bare(_life(service))
    app.state.service, app.state.routes = service, [route for module in ROUTERS for route in module.router.routes]
    if pages.are_built():
        app.add_middleware(pages.Pages, folder=pages.FOLDER)
    app.add_middleware(Heads, routes=app.state.routes)
    origins.install(app, settings)
    middleware.install(app, service)
    app.add_middleware(Turns)
    return app


def _bare(lifespan: Callable[[FastAPI], Any] | None = None) -> Application:
    """The routes, and nothing behind them."""
    app = Application(
        title="Yozora",
        version=yozora.__version__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=openapi.name_of,
        lifespan=lifespan,
        telemetry=traces.of_requests(),
    )
    for module in ROUTERS:
        app.include_router(module.router)
    return app


def _life(service: Service) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        runtime.settle()
        stop, reaper = threading.Event(), Reaper(service.database, service.queue)
        uses = partial(_write_uses, service.database)
        runs: dict[str, Callable[[threading.Event], None]]
        runs = {"reaper": reaper.run, "attempts": service.attempts.run, "uses": uses, "rules": service.read_rules}
        threads = [threading.Thread(target=run, args=(stop,), daemon=True, name=name) for name, run in runs.items()]
        for thread in threads:
            thread.start()
        async with anyio.create_task_group() as group:
            group.start_soon(going.run, service)
            yield
            group.cancel_scope.cancel()
        stop.set()
        for thread in threads:
            await run_in_threadpool(thread.join)
        await run_in_threadpool(traces.stop)
        service.database.close()

    return life


def _write_uses(opened: database.Database, stop: threading.Event) -> None:
    """Write down when keys were used last, until `stop` is set and once more."""
    over = False
    while not over:
        over = stop.wait(keys.USED_SECONDS)
        try:
            keys.write_uses(opened)
        except AWAY as error:
            log.warning("the database does not answer: %s", reason(error))
