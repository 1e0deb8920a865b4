"""A key's library as objects of the wire: videos with their titles and folders, and what was made from what."""

from typing import Any, Literal

import sqlalchemy as sa
from pydantic import BaseModel, Field

from yozora.server.http import responses
from yozora.server.http.outlook import QueuePlace


class LibraryVideo(responses.Video):
    """A video, and where its owner keeps it."""

    mode: str | None = Field(description="How it was made. Null for one of an old release.")
    title: str | None
    folder_id: str | None
    trashed_at: int | None = Field(description="Since when it is in the trash.")
    frames: int | None = Field(
        description="How many frames the film has: it lasts `frames / fps` seconds, and `seconds` is rounded. Null "
        "before it is completed, and for one of an old release."
    )
    fps: float | None = Field(description="Frames a second. Null for one of an old release.")
    seed: int | None = Field(description="The same seed and request make the same film. Null where there is none.")
    error_reason: str | None = Field(description=responses.REASON)
    queue_position: int | None = Field(
        description="1: it is made next. Null where it does not wait. It rises where another key's video goes first."
    )
    seconds_left: int | None = Field(
        description="An estimate of when it will be over, from its own progress or from what is ahead of it and what "
        "videos of these models took lately. Null where nothing is known."
    )


class ImportedVideo(LibraryVideo):
    """A film that was imported."""

    existed: bool = Field(description="The same file was imported before: this is its video.")


class VideoSource(BaseModel):
    """A video of yours that a video was made from."""

    id: str
    slot: str = Field(description="What it is to the mode.")


class LibraryVideoDetails(LibraryVideo):
    """A video of the library, and what is needed to make it again."""

    options: dict[str, Any] = Field(
        description="Fields that the call of its mode takes, such as `prompt`, `seed`, `steps`, `style` and `fps`; "
        "without those that say nothing. Empty for a video of an old release."
    )
    sources: list[VideoSource] = Field(description="Your videos that it was made from, as long as they exist.")
    other_sources: int = Field(
        description="How many sources must be given again: uploads, deleted videos and videos of other keys."
    )
    characters: list[str] = Field(description="Ids of characters in it that you may use now.")
    published: bool = Field(description="Whether it is in the feed of this server, even if hidden there.")


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
    """A video, a character or an uploaded file in a lineage."""

    id: str = Field(description="Of a file, and of what is another key's, only a name within the lineage.")
    kind: Literal["video", "character", "file"]
    name: str | None = Field(description="Its title or its prompt; the name of a character.")
    status: str | None = Field(description="Of a video.")
    mode: str | None
    created_at: int | None
    deleted: bool = Field(description="It was deleted since; nothing else is known of it.")
    foreign: bool = Field(description="It is another key's; nothing else is said of it.")


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


def library_video(row: sa.Row[Any], place: QueuePlace) -> LibraryVideo:
    """A row of `videos`, and where it is in the queue."""
    kept = {"mode": row.mode, "title": row.title, "folder_id": row.folder, "trashed_at": row.trashed_at}
    request = row.job.get("request", {})
    kept |= {"frames": row.frames, "fps": row.fps or request.get("fps"), "seed": request.get("seed")}
    kept |= {"queue_position": place.position, "seconds_left": place.seconds_left}
    return LibraryVideo(**responses.video(row).model_dump(), **kept, error_reason=responses.reason_of(row))
