"""A key's library as objects of the wire: videos with their titles and folders, and what was made from what."""

from dataclasses import asdict
from typing import Any, Final, Literal

import sqlalchemy as sa
from pydantic import BaseModel, Field

from yozora.core.finish import Finish
from yozora.server.http import responses

REASON: Final = (
    "The fault in finer steps: a code of docs/errors.md, or the code of `error` again. Null without `error`."
)


class LibraryVideo(responses.Video):
    """A video, and where its owner keeps it."""

    mode: str | None = Field(description="How it was made. Null for one of an old release.")
    title: str | None
    folder_id: str | None
    trashed_at: int | None = Field(description="Since when it is in the trash.")
    error_reason: str | None = Field(description=REASON)


class Folder(BaseModel):
    """A folder of videos."""

    id: str
    object: Literal["folder"] = "folder"
    name: str
    created_at: int
    videos: int = Field(description="How many are in it, without those in the trash.")


class ChangedVideos(BaseModel):
    """What became of several videos."""

    object: Literal["list"] = "list"
    data: list[LibraryVideo] = Field(description="As they are now; empty where they were deleted.")
    deleted: list[str]


class LineageNode(BaseModel):
    """A video or a character in a lineage."""

    id: str
    kind: Literal["video", "character"]
    name: str | None = Field(description="Its title or its prompt; the name of a character.")
    status: str | None = Field(description="Of a video.")
    mode: str | None
    created_at: int | None
    deleted: bool = Field(description="It was deleted since; nothing else is known of it.")


class LineageEdge(BaseModel):
    """`target` was made from `source`."""

    source: str
    target: str
    slot: str = Field(description="What `source` is to the mode of `target`.")


class Lineage(BaseModel):
    """What a video was made from and what was made from it, as far as that goes."""

    object: Literal["lineage"] = "lineage"
    video_id: str
    nodes: list[LineageNode]
    edges: list[LineageEdge]
    complete: bool = Field(description="False: there is more than is shown.")


class ShareLink(BaseModel):
    """A link that shows a film to anyone who has it."""

    id: str
    object: Literal["share_link"] = "share_link"
    video_id: str
    created_at: int
    expires_at: int


class CreatedShareLink(ShareLink):
    """A new link, with its address."""

    url: str
    path: str = Field(description="The address without scheme and host, which a proxy may have changed.")


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
    error_reason: str | None = Field(description=REASON)


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
        error_reason=_reason_of(row),
    )


def library_video(row: sa.Row[Any]) -> LibraryVideo:
    """A row of `videos`."""
    kept = {"mode": row.mode, "title": row.title, "folder_id": row.folder, "trashed_at": row.trashed_at}
    return LibraryVideo(**responses.video(row).model_dump(), **kept, error_reason=_reason_of(row))


def _reason_of(row: sa.Row[Any]) -> str | None:
    """Why something has failed, as finely as that is known."""
    return row.error_reason or row.error_code if row.status == "failed" else None
