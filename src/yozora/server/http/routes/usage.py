"""`/v1/usage`: what videos have used, added up or one by one, as JSON or as a table (CSV)."""

import time
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, cast

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from yozora.server.accounts import usage
from yozora.server.errors import ApiError, invalid
from yozora.server.http import responses
from yozora.server.http.openapi import REFUSALS
from yozora.server.http.service import Administers, Owner, Service, ServiceOf

router = APIRouter(prefix="/v1/usage", tags=["usage"], responses=REFUSALS)

DAYS: Final = 30  # that are shown where no time is said
Seconds = Annotated[int, Query(ge=0, lt=1 << 40)]
Format = Annotated[Literal["json", "csv"], Query(description="`csv`: one table of everything, without pages.")]
TABLE: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


class Sum(BaseModel):
    """The usage of some videos. Fields that are not in `group_by` are null."""

    object: Literal["usage.sum"] = "usage.sum"
    day: int | None = Field(None, description="The first second of a day in UTC.")
    key: str | None = None
    model: str | None = None
    mode: str | None = None
    status: str | None = None
    videos: int
    seconds: float = Field(description="Of film.")
    megapixel_seconds: float = Field(description="Width x height / 1,000,000 x seconds of film.")
    steps: int
    compute_seconds: float = Field(description="Of a worker.")
    energy_joules: float = Field(description="Of a worker, as `--watts` says.")


class Sums(BaseModel):
    """Some of the sums. The next page is `page=<next_page>`."""

    object: Literal["page"] = "page"
    start_time: int
    end_time: int
    data: list[Sum]
    has_more: bool
    next_page: str | None


class Used(BaseModel):
    """The usage of a video; 0 after a failure. The video may be deleted."""

    id: str
    object: Literal["usage.video"] = "usage.video"
    key: str
    model: str
    mode: str
    status: str
    error_code: str | None
    seconds: float
    width: int
    height: int
    steps: int
    compute_seconds: float
    energy_joules: float
    worker: str | None
    created_at: int
    ended_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageQuery:
    """Of which videos usage is wanted, and of which keys."""

    service: Service
    period: usage.Period


def _read_query(
    service: ServiceOf,
    owner: Owner,
    administers: Administers,
    start_time: Annotated[Seconds | None, Query(description="Unix seconds. Default: 30 days before the end.")] = None,
    end_time: Annotated[Seconds | None, Query(description="Unix seconds, not included. Default: now.")] = None,
    key: Annotated[
        str | None, Query(max_length=80, description="The usage of another key, for administrators.")
    ] = None,
    model: Annotated[str | None, Query(max_length=100)] = None,
    status: Annotated[Literal["completed", "failed"] | None, Query()] = None,
) -> UsageQuery:
    if key is not None and key != owner and not administers:
        raise ApiError(403, "This key can only read its own usage.", kind="permission_error", code="insufficient_scope")
    end = int(time.time()) + 1 if end_time is None else end_time
    start = max(0, end - DAYS * usage.DAY) if start_time is None else start_time
    if start > end:
        raise invalid("start_time", "start_time is after end_time.")
    whose = key if administers else owner
    return UsageQuery(
        service=service, period=usage.Period(start=start, end=end, owner=whose, model=model, status=status)
    )


AskedOf = Annotated[UsageQuery, Depends(_read_query)]


By = Annotated[
    list[str], Query(max_length=5, description="`day`, `key`, `model`, `mode`, `status`, separated by commas.")
]


def _groups(texts: list[str]) -> list[usage.Group]:
    """`day,model` as well as `group_by=day&group_by=model`. Raises `ApiError` 400 for what there is not."""
    names = dict.fromkeys(name.strip() for text in texts for name in text.split(",") if name.strip())
    for name in names:
        if name not in usage.GROUPS:
            raise invalid("group_by", f"Invalid 'group_by': '{name[:60]}'. Use {', '.join(usage.GROUPS)}.")
    return cast(list[usage.Group], list(names))


@router.get("", summary="Sum up usage", response_model=Sums, responses=TABLE)
def sums(
    query: AskedOf,
    group_by: By = ["day,model,status"],  # noqa: B006 - only read
    page: Annotated[str | None, Query(pattern=r"^\d{1,9}$", description="`next_page` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1_000, description="How many.")] = 100,
    format: Format = "json",  # noqa: A002 - the name in the query
) -> Sums | StreamingResponse:
    """The usage of your videos that ended within a time, by default by day, model and status. A key of the scope
    `admin` sees all keys and may group by `key`.
    """
    groups, period = _groups(group_by), query.period
    skip = int(page or 0)
    with query.service.database.read() as connection:
        bounds = {"skip": skip, "limit": limit + 1} if format == "json" else {}
        found = usage.sums(connection, period, groups, **bounds)
    if format == "csv":
        return _csv_response(usage.csv([*groups, *usage.SUMS], found), "usage.csv")
    more = len(found) > limit
    return Sums(
        start_time=period.start,
        end_time=period.end,
        data=[Sum(**row) for row in found[:limit]],
        has_more=more,
        next_page=str(skip + limit) if more else None,
    )


@router.get("/videos", summary="List usage", response_model=responses.Page[Used], responses=TABLE)
def listed(
    query: AskedOf,
    after: Annotated[str | None, Query(max_length=80, description="The last id of the page before.")] = None,
    limit: Annotated[int, Query(ge=0, le=1_000, description="How many.")] = 100,
    format: Format = "json",  # noqa: A002
) -> responses.Page[Used] | StreamingResponse:
    """The usage of each of your videos that ended within a time, in that order, also of deleted ones. A key of the
    scope `admin` sees all keys.
    """
    database, period = query.service.database, query.period
    if format == "csv":
        return _csv_response(usage.csv(usage.ROWS, usage.every(database, period)), "usage-videos.csv")
    with database.read() as connection:
        found = usage.listed(connection, period, after=after, limit=limit + 1)
    shown = [_used(row._mapping) for row in found[:limit]]
    return responses.page(shown, len(found) > limit, [row.id for row in shown])


def _used(row: Any) -> Used:
    return Used(
        id=row["video"], key=row["owner"], **{name: row[name] for name in usage.ROWS if name in Used.model_fields}
    )


def _csv_response(lines: Any, name: str) -> StreamingResponse:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(lines, headers=headers, media_type="text/csv; charset=utf-8")
