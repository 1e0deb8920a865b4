"""The messages of `WS /v1/realtime/video`, as vLLM-Omni documents them (docs/serving/streaming_video_output_api.md of
vllm-project/vllm-omni at commit 4ebf447), read and checked.

Knows no socket, no database and no film.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from yozora.core.request import MAX_PROMPT, is_prompt
from yozora.server.errors import ApiError

MAX_START: Final = 16 << 20  # characters: a first frame may be in it
MAX_CONTROL: Final = 128 << 10
MAX_EVENT: Final = 200  # characters of an event's id
MAX_WINDOWS: Final = 1_000  # of a transition
FORMAT: Final = "m4s"

START, INTERACTION, PING, STOP = "session.start", "session.interaction", "session.ping", "session.stop"
BEGUN, CHUNK, QUEUED, PONG, DONE, ERROR = (
    *("video.start", "video.chunk_metadata", "session.interaction.queued"),
    *("session.pong", "session.done", "error"),
)
ABOUT: Final = """The client gets a film while it is made, as fragments of an MP4: the first ones come before the film
is finished. The prompt may change meanwhile. The messages are those of vLLM-Omni
(`docs/serving/streaming_video_output_api.md` of github.com/vllm-project/vllm-omni at commit
4ebf4479d0aa67f661b761a8d8a67248877db22f): JSON as text, and one binary message after each `video.chunk_metadata`. All
fragments together are one file.

Send the key in the header `Authorization: Bearer <key>`. Web pages send it as the subprotocol
`openai-insecure-api-key.<key>` beside `realtime`. Clients that only know an address send it as the password
(`ws://:<key>@HOST/v1/realtime/video`).

| message | from | content |
|---|---|---|
| `session.start` | client | The film: `prompt`; `model`, `width`, `height`, `fps`, `num_frames`, `seed`, \
`negative_prompt`, `num_inference_steps`, `guidance_scale`, `image_reference` (its first frame), `sampling_params` \
and `extra_params` (objects that may contain these, too), and other fields of a video. `format` can only be `m4s`. |
| `video.start` | server | `request_id` (the id of the video), `format`, and `config` (the accepted fields). |
| `video.chunk_metadata` | server | The binary message that follows: `request_id`, `kind` (`media`), \
`transport_chunk_index`, `generation_chunk_index` (the window), `num_frames`, `byte_length`. Ids of interactions: \
`started_event_ids` (this chunk is the first with their prompt), `active_event_ids` (their prompt applies here) and \
`completed_event_ids` (their prompt alone applies here). `realtime_factor`, which vLLM-Omni does not have, is the \
seconds of film made per second. Below 1, the model is too slow for real time on this machine; the film is still \
streamed. |
| `session.interaction` | client | `interaction`: `event_id` (by default the server chooses it), `event` with a \
`prompt`, and `transition_chunks`. The prompt applies from the next chunk, together with the one before for so many \
chunks; 0 and 1 replace it at once. Of several within a chunk, the last one counts. |
| `session.interaction.queued` | server | `request_id`, `event_id`: the interaction was accepted. |
| `session.ping` | client | The client is connected. |
| `session.pong` | server | The answer. |
| `session.stop` | client | Cancels the film. |
| `session.done` | server | `request_id`, `chunks` (how many were sent), `stopped` (whether by `session.stop`). |
| `error` | server | `message` and `code`, and if known `request_id`, `event_id`, `param`. These errors do not end \
the session: `invalid_message`, `interaction_failed` (no model here takes a camera or another negative prompt), \
`event_id_conflict`, `moderation_blocked`, `database_unavailable`. Any other error ends it. |

A film is cancelled when its client has gone, or after a minute without progress or `session.ping`. If its worker dies,
it is not made again: `worker_crashed`. While all workers are busy, it waits in the queue. A finished film is a video
like others: download, extend or remix it by its id.
"""
"""What docs/api.md says of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """A new prompt; `refused` says why the model cannot do what is asked, `said` is how it came, to know repeats."""

    event: str
    prompt: str
    windows: int
    refused: str
    said: Any


class Refused(ApiError):  # noqa: N818
    """A message that cannot be, or an interaction, of that `event`, which is not done."""

    def __init__(self, text: str, code: str = "invalid_message", event: str | None = None) -> None:
        super().__init__(400, text, code=code)
        self.event = event


def message(text: str, longest: int) -> dict[str, Any]:
    """A message as an object. Raises `ApiError` 400."""
    if len(text) > longest:
        raise wrong(f"A message can have up to {longest:,} characters.")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise wrong("The message is not valid JSON.") from None
    if not isinstance(found, dict):
        raise wrong("The message is not a JSON object.")
    return found


def requested(message: Mapping[str, Any], fps: float) -> dict[str, Any]:
    """The fields of the film that `session.start` asks for; `fps` is the model's. Raises `ApiError` 400."""
    if message.get("type") != START:
        raise wrong(f"Expected {START}, got: {str(message.get('type'))[:60]}")
    if message.get("format", FORMAT) != FORMAT:
        raise wrong(f"Invalid {START} format: expected '{FORMAT}'.")
    more = message.get("sampling_params")
    fields = {**(more if isinstance(more, dict) else {}), **message}
    fields = {name: value for name, value in fields.items() if name not in ("type", "format", "sampling_params")}
    if fields.get("size"):  # goes before both sides, which vLLM-Omni's own client always sends
        fields = {name: value for name, value in fields.items() if name not in ("width", "height")}
    frames = fields.pop("num_frames", None)
    if frames is None:
        return fields
    fields.setdefault("fps", fps)
    try:
        seconds = (int(str(frames)) - 1) / float(str(fields["fps"]))
    except (ValueError, ZeroDivisionError, OverflowError):
        raise wrong("num_frames and fps are numbers, such as 65 and 16.") from None
    return {"seconds": seconds, **fields}


def interaction(message: Mapping[str, Any]) -> Interaction:
    """What `session.interaction` asks for. Raises `ApiError` 400."""
    asked = message.get("interaction")
    if not isinstance(asked, dict) or not isinstance(asked.get("event"), dict):
        raise wrong(f"{INTERACTION} requires an interaction object with an event object.")
    event, name, windows = asked["event"], asked.get("event_id", uuid.uuid4().hex), asked.get("transition_chunks", 0)
    if not isinstance(name, str) or not 0 < len(name) <= MAX_EVENT or not name.isprintable():
        raise wrong(f"event_id is a text of up to {MAX_EVENT} characters.")
    if isinstance(windows, bool) or not isinstance(windows, int | float) or windows != windows // 1:
        raise wrong("transition_chunks is a whole number.", name)
    if not 0 <= windows <= MAX_WINDOWS:
        raise wrong(f"transition_chunks is 0 to {MAX_WINDOWS}.", name)
    prompt, refused = event.get("prompt"), ""
    for field, what in (
        ("multi_modal_data", "The model takes no camera."),
        ("negative_prompt", "It cannot change during a film."),
    ):
        if event.get(field) is not None:
            refused = f"{field} is not supported. {what}"
    if not refused and not (isinstance(prompt, str) and prompt.strip() and len(prompt) <= MAX_PROMPT):
        raise wrong(f"{INTERACTION} requires a non-empty event.prompt of up to {MAX_PROMPT:,} characters.", name)
    if not refused and not is_prompt(prompt):
        raise wrong("The prompt is not valid text.", name)
    return Interaction(event=name, prompt=str(prompt), windows=int(windows), refused=refused, said=asked)


def wrong(text: str, event: str | None = None) -> Refused:
    """A message that cannot be; `event` is that of an interaction."""
    return Refused(text, event=event)
