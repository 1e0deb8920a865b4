"""What a key may change in its library of videos, field by field. An empty field takes away what was there."""

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from yozora.core.finish import GRADES
from yozora.core.request import MAX_PROMPT
from yozora.server.accounts.consent import Consent
from yozora.server.http.requests import MAX_ID, BodyModel, File, structured

MAX_TITLE: Final = 200  # characters
MAX_FOLDER: Final = 80  # characters
MAX_AT_ONCE: Final = 200  # videos


def _number_of(name: str) -> Any:
    """The field of a number of a grade."""
    option = next(each for each in GRADES if each.name == name)
    return Field(ge=option.low, le=option.high, description=option.help)


class _WithBlanks(BodyModel):
    """A body in which an empty field says something."""

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, said: Any) -> Any:
        return said


class ChangeVideo(_WithBlanks):
    """What is not said stays as it is."""

    title: Annotated[str | None, Field(max_length=MAX_TITLE, description="Empty: none.")] = None
    folder_id: Annotated[str | None, Field(max_length=MAX_ID, description="Empty: in no folder.")] = None
    trashed: Annotated[
        bool | None, Field(description="True: into the trash, where it is kept for 30 days; false: out of it.")
    ] = None


class ChangeVideos(_WithBlanks):
    """Several videos at once: all of them are changed, or none."""

    ids: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=MAX_ID)], ...], Field(min_length=1, max_length=MAX_AT_ONCE)
    ]
    folder_id: Annotated[str | None, Field(max_length=MAX_ID, description="Empty: in no folder.")] = None
    trashed: bool | None = None
    deleted: Annotated[bool, Field(description="True: deletes them at once, without other changes.")] = False


class NameFolder(BodyModel):
    """A folder of videos."""

    name: Annotated[str, Field(min_length=1, max_length=MAX_FOLDER)]


class ImportFilm(BodyModel):
    """A film that was made elsewhere, and what is known of it."""

    video: File
    title: Annotated[str | None, Field(max_length=MAX_TITLE)] = None
    prompt: Annotated[str | None, Field(max_length=MAX_PROMPT)] = None
    model: Annotated[str | None, Field(max_length=100, description="That made it, in any words.")] = None
    created_at: Annotated[
        int | float | str | None, Field(description="Unix seconds or milliseconds, or an ISO 8601 date.")
    ] = None
    metadata: Annotated[
        dict[str, Any] | None,
        BeforeValidator(structured),
        WithJsonSchema({"type": "object"}),
        Field(description="The JSON object that an export has beside the film."),
    ] = None


class ShareVideo(BodyModel):
    """A link to a film."""

    expires_in: Annotated[int, Field(ge=60, le=366 * 86_400, description="Seconds until it ends.")] = 7 * 86_400


class GradeValues(BodyModel):
    """How light and colours change; docs/cli.md describes each number."""

    exposure: Annotated[float, _number_of("exposure")] = 0.0
    contrast: Annotated[float, _number_of("contrast")] = 1.0
    saturation: Annotated[float, _number_of("saturation")] = 1.0
    temperature: Annotated[float, _number_of("temperature")] = 0.0


class CreateExport(BodyModel):
    """Another version of a finished film."""

    format: Annotated[
        Literal["mp4", "webm", "gif", "frames"], Field(description="`frames`: a ZIP of numbered PNG files.")
    ] = "mp4"
    size: Annotated[str | None, Field(max_length=20, description="Such as 1280x720. Default: the film's.")] = None
    fit: Annotated[Literal["crop", "pad", "stretch"], Field(description="For a size of another shape.")] = "crop"
    fps: Annotated[float | None, Field(description="Frames a second. Default: the film's.")] = None
    grade: Annotated[GradeValues, BeforeValidator(structured)] = GradeValues()
    library: Annotated[
        bool, Field(description="True: the result becomes a video of the library, and no file. For `mp4` only.")
    ] = False


class ChangeConsent(BodyModel):
    """Who may use a character."""

    consent: Consent
    keys: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=MAX_ID)], ...],
        Field(max_length=100, description="Ids of keys, where `consent` is `keys`."),
    ] = ()


class ReportPost(BodyModel):
    """What is wrong with a film of the feed."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class HidePost(BodyModel):
    """Whether a film of the feed is hidden."""

    hidden: bool = True
