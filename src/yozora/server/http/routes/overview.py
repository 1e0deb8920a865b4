"""`/v1/admin/overview`: the state of an installation at one glance."""

from dataclasses import asdict
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from yozora.server.http.openapi import REFUSALS
from yozora.server.http.service import Owner, ServiceOf
from yozora.server.store.database import now
from yozora.server.work import overview

router = APIRouter(prefix="/v1/admin", tags=["admin"], responses=REFUSALS)


class WaitingVideo(BaseModel):
    """A video in the queue, of any key."""

    position: int
    id: str
    key: str
    model: str
    mode: str | None
    size: str
    seconds: str
    created_at: int


class QueueOverview(BaseModel):
    """Videos of all keys by status."""

    queued: int
    in_progress: int
    completed: int
    failed: int
    oldest_seconds: int = Field(description="How long the first queued video has waited.")
    waiting: list[WaitingVideo] = Field(description="The next 50 videos, in the order in which workers take them.")


class WorkersOverview(BaseModel):
    """How many workers there are. `busy` and `draining` are of those that are alive."""

    total: int
    alive: int
    busy: int
    draining: int


class StageOverview(BaseModel):
    """Seconds in a stage of the newest 200 completed videos."""

    name: str = Field(description="`queue`, `encode`, `denoise`, `decode`, `finish`, `upload`.")
    count: int
    mean_seconds: float
    median_seconds: float
    p95_seconds: float


class DeliveriesOverview(BaseModel):
    """Events for webhooks of the last 30 days by status."""

    pending: int
    delivered: int
    failed: int
    oldest_seconds: int = Field(description="How long the first pending event has waited.")


class ReportsOverview(BaseModel):
    """Reports of films of the feed. `open`: of films that are shown."""

    open: int
    total: int
    hidden_posts: int


class DiskOverview(BaseModel):
    """Bytes of the disk that the storage is on, null for a bucket; and of what is kept, at most 30 seconds old."""

    total_bytes: int | None
    used_bytes: int | None
    free_bytes: int | None
    videos_bytes: int
    files_bytes: int
    database_bytes: int | None


class Overview(BaseModel):
    """The state of the installation."""

    object: Literal["overview"] = "overview"
    at: int
    queue: QueueOverview
    workers: WorkersOverview
    stages: list[StageOverview]
    deliveries: DeliveriesOverview
    reports: ReportsOverview
    disk: DiskOverview
    problems: list[str] = Field(description="What is wrong with the workers of the machine that answers.")


@router.get("/overview", summary="Retrieve an overview", name="overview")
def retrieve(service: ServiceOf, _owner: Owner) -> Overview:
    """Queue, workers, times of the stages, webhook deliveries, reports and disk. `GET /v1/usage?group_by=key` has the
    usage by key.
    """
    with service.database.read() as connection:
        waiting = overview.queue(connection)
        said: dict[str, Any] = {
            "workers": overview.workers(connection, service.settings.times.silence),
            "stages": [asdict(each) for each in overview.stages(connection)],
            "deliveries": overview.delivered(connection),
            "reports": overview.reported(connection),
        }
    waiting["waiting"] = [{**row, "key": row["owner"]} for row in waiting["waiting"]]
    kept = asdict(overview.stored(service.database))
    disk = overview.disk(service.objects.folder) | {f"{name}_bytes": size for name, size in kept.items()}
    return Overview.model_validate(
        {"at": now(), "queue": waiting, "disk": disk, "problems": list(service.problems()), **said}
    )
