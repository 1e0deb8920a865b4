"""For the operator: is it alive, can it work, what has it done."""

import time
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from yozora.server import metrics
from yozora.server.http.service import Service, ServiceOf, bearer, owner_of
from yozora.server.store import tables
from yozora.server.store.database import clock
from yozora.server.store.objects import StorageAway, StorageFull

router = APIRouter(tags=["health"])

CHECKED_SECONDS: Final = 5.0  # the storage is written to at most so often
PROBE: Final = "probes/ready"


@router.get("/healthz", summary="Check that the server is alive")
async def alive() -> dict[str, str]:
    """The process runs."""
    return {"status": "ok"}


@router.get(
    "/readyz", summary="Check that the server is ready", responses={503: {"description": "Something is missing."}}
)
def ready(service: ServiceOf) -> JSONResponse:
    """Checks the database, the storage, and whether a worker runs."""
    moment = int(time.monotonic() / CHECKED_SECONDS)
    checks = {"database": _works(_database, service), "storage": _storage(service, moment)}
    checks["worker"] = checks["database"] and _works(_worker, service)
    good = all(checks.values())
    said: dict[str, object] = {"status": "ok" if good else "unavailable", **checks}
    if problems := service.problems():
        said["trouble"] = list(problems)
    return JSONResponse(said, 200 if good else 503)


@router.get("/metrics", summary="Retrieve metrics", response_class=Response)
async def counted(request: Request, service: ServiceOf) -> Response:
    """For Prometheus, with a key, unless the operator opened them."""
    if not service.settings.open_metrics:
        await run_in_threadpool(owner_of, request, await bearer(request))
    text = await run_in_threadpool(metrics.render, service.database, service.settings.times.silence)
    return Response(text, media_type=metrics.CONTENT_TYPE)


def _works(check: Callable[[Service], bool], service: Service) -> bool:
    try:
        return check(service)
    except (sa.exc.SQLAlchemyError, OSError, StorageAway, StorageFull, KeyError):
        return False


def _database(service: Service) -> bool:
    with service.database.read() as connection:
        connection.execute(sa.select(tables.videos.c.id).limit(1))
    return True


@lru_cache(maxsize=8)
def _storage(service: Service, _moment: int) -> bool:
    return _works(_written, service)


def _written(service: Service) -> bool:
    service.objects.put_bytes(PROBE, b"ready")
    return service.objects.get(PROBE) == b"ready"


def _worker(service: Service) -> bool:
    with service.database.read() as connection:
        seen = connection.execute(sa.select(sa.func.max(tables.workers.c.seen))).scalar()
        return seen is not None and bool(seen > clock(connection) - service.settings.times.silence)
