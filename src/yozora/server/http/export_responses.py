"""Exports of finished films as objects of the wire."""

from dataclasses import asdict
from typing import Any, Literal

import sqlalchemy as sa
from pydantic import BaseModel, Field

from yozora.core.finish import Finish
from yozora.server.http import responses


class Export(BaseModel):
    """Another version of a finished film: a file, or a video of the library."""

    id: str
    object: Literal["video.export"] = "video.export"
    video_id: str
    status: Literal["queued", "in_progress", "completed", "failed"]
    progress: int = Field(ge=0, le=100)
    format: Literal["mp4", "webm", "gif", "frames"]
    size: str | None = Field(description="Null: the film's.")
    fit: Literal["crop", "pad", "stretch"]
    fps: float | None = Field(description="Null: the film's.")
    grade: dict[str, float]
    library: bool
    result_video_id: str | None = Field(description="The video that it became, for `library`.")
    bytes: int | None = Field(description="Of the file, once it is there.")
    has_credentials: bool = Field(description="Whether `variant=credentials` gives a file of content credentials.")
    created_at: int
    completed_at: int | None
    expires_at: int | None = Field(description="When the file is deleted. It can be made again.")
    error: responses.Failure | None
    error_reason: str | None = Field(description=responses.REASON)


def export(row: sa.Row[Any]) -> Export:
    """A row of `exports`."""
    finish = Finish.from_json(row.finish)
    failure = responses.Failure(code=row.error_code or "", message=row.error_message or "")
    return Export(
        id=row.id,
        video_id=row.video,
        status=row.status,
        progress=row.progress,
        format=row.format,
        size=None if finish.size is None else f"{finish.size[0]}x{finish.size[1]}",
        fit=finish.fit,
        fps=finish.fps,
        grade=asdict(finish.grade),
        library=row.library,
        result_video_id=row.result,
        bytes=row.bytes,
        has_credentials=row.credentials is not None,
        created_at=row.created_at,
        completed_at=row.completed_at if row.status == "completed" else None,
        expires_at=row.expires_at,
        error=failure if row.status == "failed" else None,
        error_reason=responses.reason_of(row),
    )
