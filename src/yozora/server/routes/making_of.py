"""`/v1/videos`, beyond the contract: loops, blends, storyboards and re-cuts."""

from fastapi import APIRouter

from yozora.server import answers, drafts, reading, schema
from yozora.server.answers import Video
from yozora.server.creating import CallOf, make
from yozora.server.openapi import REFUSALS, body
from yozora.server.service import BodyOf

router = APIRouter(prefix="/v1/videos", tags=["more videos"], responses=REFUSALS)


@router.post("/loops", summary="Make a loop", openapi_extra=body(schema.LoopVideo))
def loop(call: CallOf, said: BodyOf) -> Video:
    """A film that plays on and on: `seconds` lead from its end back to its beginning."""
    asked = reading.read(schema.LoopVideo, said)
    return answers.video(make(call, lambda finder: drafts.loop(finder, asked)))


@router.post("/blends", summary="Blend two videos", openapi_extra=body(schema.BlendVideos))
def blend(call: CallOf, said: BodyOf) -> Video:
    """One film turns into another for `seconds`, in which both are seen. In a form, send `videos[]` twice."""
    asked = reading.read(schema.BlendVideos, said)
    return answers.video(make(call, lambda finder: drafts.blend(finder, asked)))


@router.post("/storyboards", summary="Film a storyboard", openapi_extra=body(schema.CreateStoryboard))
def storyboard(call: CallOf, said: BodyOf) -> Video:
    """Cards one after the other. The board names no files; what the request says beside it goes before what it says."""
    asked = reading.read(schema.CreateStoryboard, said)
    return answers.video(make(call, lambda finder: drafts.storyboard(finder, asked)))


@router.post("/recuts", summary="Re-cut a video", openapi_extra=body(schema.RecutVideo))
def recut(call: CallOf, said: BodyOf) -> Video:
    """Spans of a film stay where they are; what lies between them is made anew."""
    asked = reading.read(schema.RecutVideo, said)
    return answers.video(make(call, lambda finder: drafts.recut(finder, asked)))
