"""What films have used: a row each, written by the transaction that ends it. A film that failed has used nothing."""

from typing import Any

import sqlalchemy as sa

from yozora.server.store import tables
from yozora.server.store.database import now, upsert

WAITING = "queue"  # in a video's timings: seconds in which nothing was computed


def record(connection: sa.Connection, row: sa.Row[Any], watts: int = 0) -> None:
    """Write down what a video, which is completed or has failed, has used; `watts` is what its worker draws."""
    completed = row.status == "completed"
    worked = sum(seconds for stage, seconds in (row.timings or {}).items() if stage != WAITING) if completed else 0.0
    width, height = (int(side) for side in row.size.split("x")) if completed else (0, 0)
    said = {
        "video": row.id,
        "owner": row.owner,
        "model": row.model,
        "mode": row.job.get("mode", ""),
        "status": row.status,
        "error_code": row.error_code,
        "seconds": float(row.seconds) if completed else 0.0,
        "width": width,
        "height": height,
        "steps": _steps(row.job) if completed else 0,
        "compute_seconds": worked,
        "energy_joules": worked * watts,
        "worker": row.worker,
        "created_at": row.created_at,
        "ended_at": row.completed_at or now(),
    }
    upsert(connection, tables.usage, said)


def _steps(job: dict[str, Any]) -> int:
    """Sampler steps of a job, also of one that an earlier version wrote."""
    said = job.get("request") or job.get("settings") or {}
    return int(said.get("steps") or 0)
