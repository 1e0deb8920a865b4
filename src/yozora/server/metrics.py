"""Figures for Prometheus: what this process answered, what the database holds, and what the workers have counted.

Workers have no port of their own: each writes its `WorkerCounts` into its row, and the process that is asked renders
them all. Nothing is counted per key.

Kept by hand: prometheus-fastapi-instrumentator looks up the route of each request once more before it is answered.
"""

import functools
import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from yozora.server.store import tables
from yozora.server.store.database import Database, clock

if TYPE_CHECKING:
    import prometheus_client
    from prometheus_client.core import Metric

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
REQUEST_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
STAGE_SECONDS: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
STATUSES: Final = ("queued", "in_progress", "completed", "failed")
DELIVERY_STATUSES: Final = ("pending", "delivered", "failed")


class WorkerCounts:
    """What one worker has done since it started. Any thread may add to it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: Counter[str] = Counter()
        self._stages: dict[str, list[float]] = {}  # the sum, then a count a bucket and one for what is longer
        self._deliveries: Counter[str] = Counter()

    def ended(self, how: str, stages: Mapping[str, float]) -> None:
        """A job is over: "completed", or the code of its error, after so many seconds in each stage."""
        with self._lock:
            self._jobs[how] += 1
            for stage, seconds in stages.items():
                counts = self._stages.setdefault(stage, [0.0] * (len(STAGE_SECONDS) + 2))
                counts[0] += seconds
                counts[1 + bisect_left(STAGE_SECONDS, seconds)] += 1

    def delivered(self, how: str) -> None:
        """An event was sent to a webhook: it was "delivered", is sent "again", or has "failed" for good."""
        with self._lock:
            self._deliveries[how] += 1

    def to_json(self) -> dict[str, Any]:
        """As it is in `workers.metrics`."""
        with self._lock:
            stages = {stage: list(said) for stage, said in self._stages.items()}
            return {"jobs": dict(self._jobs), "stages": stages, "deliveries": dict(self._deliveries)}


def requested(route: str, method: str, status: int, seconds: float) -> None:
    """A request was answered. `route` is a template such as `/v1/videos/{video_id}`, never the path itself."""
    meters = _meters()
    meters.count.labels(route, method, str(status)).inc()
    meters.seconds.labels(route, method).observe(seconds)


def connected(count: int) -> None:
    """So many connections are open now."""
    _meters().connections.set(count)


def closed(why: str, count: int) -> None:
    """Connections were closed by us, for a reason of `http.connections`."""
    _meters().closed.labels(why).inc(count)


def render(database: Database, silence: float) -> bytes:
    """All figures, in the text format of Prometheus (`CONTENT_TYPE`). Workers are alive that gave a sign of life in the
    last `silence` seconds.
    """
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    registry.register(_Stored(database, silence))
    return generate_latest(_meters().registry) + generate_latest(registry)


@dataclass(frozen=True, slots=True)
class _Meters:
    """What this process counts itself."""

    registry: "prometheus_client.CollectorRegistry"
    count: "prometheus_client.Counter"
    seconds: "prometheus_client.Histogram"
    connections: "prometheus_client.Gauge"
    closed: "prometheus_client.Counter"


@functools.cache
def _meters() -> _Meters:
    import prometheus_client as prometheus

    prometheus.disable_created_metrics()  # type: ignore[no-untyped-call] # it has no annotations
    registry = prometheus.CollectorRegistry()
    prometheus.ProcessCollector(registry=registry)
    count = prometheus.Counter(
        "yozora_requests", "Requests that were answered.", ("route", "method", "status"), registry=registry
    )
    seconds = prometheus.Histogram(
        "yozora_request_seconds",
        "Seconds until the answer was sent.",
        ("route", "method"),
        buckets=REQUEST_SECONDS,
        registry=registry,
    )
    connections = prometheus.Gauge("yozora_connections", "Connections that are open.", registry=registry)
    closed = prometheus.Counter(
        "yozora_connections_closed", "Connections that were closed here, and why.", ("why",), registry=registry
    )
    return _Meters(registry, count, seconds, connections, closed)


class _Stored:
    """What the database knows, read when it is asked."""

    def __init__(self, database: Database, silence: float) -> None:
        self.database, self.silence = database, silence

    def collect(self) -> Iterator["Metric"]:
        with self.database.read() as connection:
            yield from _of_videos(connection)
            yield from _of_deliveries(connection)
            yield from _of_workers(connection, self.silence)


def _of_videos(connection: sa.Connection) -> Iterator["Metric"]:
    from prometheus_client.core import GaugeMetricFamily

    videos = tables.videos.c
    grouped = sa.select(videos.status, sa.func.count(), sa.func.min(videos.created_at)).group_by(videos.status)
    rows = {status: (count, first) for status, count, first in connection.execute(grouped)}
    held = GaugeMetricFamily("yozora_videos", "Videos that there are.", labels=["status"])
    for status in STATUSES:
        held.add_metric([status], rows.get(status, (0, 0))[0])
    yield held
    waiting, first = rows.get("queued", (0, 0))
    yield GaugeMetricFamily("yozora_queue_length", "Videos that wait for a worker.", waiting)
    waited = max(0, round(clock(connection)) - first) if waiting else 0
    yield GaugeMetricFamily("yozora_queue_oldest_seconds", "How long the first of them has waited.", waited)
    stored = sum(
        connection.execute(sa.select(sa.func.coalesce(sa.func.sum(table.c.bytes), 0))).scalar_one()
        for table in (tables.videos, tables.files)
    )
    yield GaugeMetricFamily("yozora_stored_bytes", "Size of all films and uploaded files.", float(stored))


def _of_deliveries(connection: sa.Connection) -> Iterator["Metric"]:
    from prometheus_client.core import GaugeMetricFamily

    table = tables.deliveries.c
    grouped = sa.select(table.status, sa.func.count()).group_by(table.status)
    rows: dict[str, int] = dict(list(connection.execute(grouped)))
    held = GaugeMetricFamily("yozora_deliveries", "Events for webhooks, of the last 30 days.", labels=["status"])
    for status in DELIVERY_STATUSES:
        held.add_metric([status], rows.get(status, 0))
    yield held
    oldest = connection.execute(sa.select(sa.func.min(table.created_at)).where(table.status == "pending")).scalar()
    waited = 0 if oldest is None else max(0, round(clock(connection)) - oldest)
    yield GaugeMetricFamily("yozora_delivery_oldest_seconds", "How long the first that is pending has waited.", waited)


def _of_workers(connection: sa.Connection, silence: float) -> Iterator["Metric"]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

    workers = tables.workers.c
    rows = connection.execute(sa.select(workers.id, workers.seen, workers.metrics)).all()
    moment = clock(connection)
    alive = sum(row.seen > moment - silence for row in rows)
    yield GaugeMetricFamily("yozora_workers", "Workers that are alive.", alive)
    jobs = CounterMetricFamily("yozora_jobs", "Videos that a worker has ended, and how.", labels=["worker", "ended"])
    stages = HistogramMetricFamily("yozora_stage_seconds", "Seconds in a stage of a job.", labels=["worker", "stage"])
    sent = CounterMetricFamily(
        "yozora_delivery_attempts", "Events that a worker has sent, and what came of it.", labels=["worker", "ended"]
    )
    for row in rows:
        metrics_of = row.metrics or {}
        for how, count in metrics_of.get("jobs", {}).items():
            jobs.add_metric([row.id, how], count)
        for how, count in metrics_of.get("deliveries", {}).items():
            sent.add_metric([row.id, how], count)
        for stage, (total, *counts) in metrics_of.get("stages", {}).items():
            stages.add_metric([row.id, stage], _buckets(counts), total)
    yield jobs
    yield sent
    yield stages


def _buckets(counts: list[float]) -> list[tuple[str, float]]:
    return list(zip([*map(str, STAGE_SECONDS), "+Inf"], accumulate(counts), strict=False))
