"""Traces for OpenTelemetry, where an operator names a collector: a span a request, and one a film in its worker.

A request's id holds its trace's id, so a film's span is part of the trace of the request that asked for it. Nothing of
OpenTelemetry is imported where no collector is named. Knows no route and no model.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import yozora
from yozora.extras import not_installed
from yozora.server.settings import Settings

if TYPE_CHECKING:
    from fastapi.telemetry import TelemetryConfig
    from opentelemetry.sdk.trace import TracerProvider

PREFIX: Final = "req_"

_providers: list["TracerProvider"] = []  # of this process: none, or one


def start(settings: Settings, service: str) -> None:
    """Send traces of this process from now on, as `service`, where a collector is named. Raises `UserError`."""
    if not settings.traces or _providers:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise not_installed("traces", "--traces", "opentelemetry") from None
    about = Resource.create({"service.name": service, "service.version": yozora.__version__})
    provider = TracerProvider(resource=about)
    exporter = OTLPSpanExporter(endpoint=f"{settings.traces.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _providers.append(provider)


def of_requests() -> "TelemetryConfig":
    """What FastAPI is to send: a span for each request, if traces are sent."""
    if not _providers:
        return {"tracing": False, "metrics": False, "logs": False}
    return {"tracer_provider": _providers[0], "metrics": False, "logs": False, "operation_spans": False}


def new_request_id() -> str:
    """An id that cannot be guessed; within a span, the trace's."""
    if _providers:
        from opentelemetry import trace

        found = trace.get_current_span().get_span_context()
        if found.is_valid:
            return f"{PREFIX}{found.trace_id:032x}"
    return f"{PREFIX}{secrets.token_hex(16)}"


@contextmanager
def film(video_id: str, request_id: str | None) -> Iterator[dict[str, Any]]:
    """A span for a film in the making; what is put into the dictionary is said with it."""
    said: dict[str, Any] = {}
    if not _providers:
        yield said
        return
    from opentelemetry import trace

    tracer = _providers[0].get_tracer("yozora")
    with tracer.start_as_current_span("film", _parent(request_id), attributes={"yozora.video": video_id}) as span:
        try:
            yield said
        finally:
            span.set_attributes({f"yozora.{name}": value for name, value in said.items()})
            if said.get("ended") not in (None, "completed"):
                span.set_status(trace.StatusCode.ERROR, str(said["ended"]))


def stop() -> None:
    """Send what is left."""
    while _providers:
        _providers.pop().shutdown()


def _parent(request_id: str | None) -> Any:
    """The trace of the request that asked for a film; None where it has none."""
    from opentelemetry import trace

    try:
        number = int((request_id or "").removeprefix(PREFIX), 16)
    except ValueError:
        return None
    if not 0 < number < 1 << 128:
        return None
    flags = trace.TraceFlags(trace.TraceFlags.SAMPLED)
    of = trace.SpanContext(number, number >> 64 or 1, is_remote=True, trace_flags=flags)
    return trace.set_span_in_context(trace.NonRecordingSpan(of))
