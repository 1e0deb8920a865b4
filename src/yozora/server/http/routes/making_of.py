"""`/v1/videos`, one route for each creation mode: made of its declaration."""

from collections.abc import Awaitable, Callable
from functools import partial

from fastapi import APIRouter

from yozora.core.modes import MODES, Mode
from yozora.server.http import mode_requests, order_requests, reading, responses
from yozora.server.http.creating import CallOf, make
from yozora.server.http.openapi import REFUSALS, body
from yozora.server.http.order_requests import NAMED
from yozora.server.http.responses import Video
from yozora.server.http.service import BodyOf

router = APIRouter(prefix="/v1/videos", responses=REFUSALS)
CONTRACT = ("", "edits", "extensions", f"{NAMED}/remix")
"""Routes that the closed service had; what goes beyond is told apart in the documentation."""

OF_CLIPS = """ It has the size and the rate of its source. Kept frames stay unchanged."""


def asking(mode: Mode) -> Callable[..., Awaitable[Video]]:
    """What answers calls of a mode's route."""

    async def ask(call: CallOf, parsed: BodyOf) -> Video:
        asked = await call.service.capacity.do(partial(reading.read, mode_requests.KINDS[mode.name], parsed))
        return responses.video(await make(call, lambda finder: order_requests.order_request(finder, mode, asked)))

    async def ask_of(call: CallOf, parsed: BodyOf, video_id: str) -> Video:
        asked = await call.service.capacity.do(partial(reading.read, mode_requests.KINDS[mode.name], parsed))
        return responses.video(
            await make(call, lambda finder: order_requests.order_request(finder, mode, asked, video_id))
        )

    return ask_of if NAMED in mode.route else ask


for each in MODES.values():
    kind = mode_requests.KINDS[each.name]
    has_files = NAMED not in each.route
    of_clips = any(slot.takes == "clip" for slot in each.slots)
    router.add_api_route(
        f"/{each.route}".rstrip("/"),
        asking(each),
        methods=["POST"],
        name=mode_requests.api_name(each),
        tags=["videos" if each.route in CONTRACT else "more videos"],
        summary=each.summary.rstrip("."),
        description=f"The video enters the queue; poll it until it is `completed`.{OF_CLIPS if of_clips else ''}",
        openapi_extra=body(kind, files=has_files),
    )
