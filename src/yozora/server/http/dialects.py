"""What clients of servers of open models call the same things: vLLM's names, which LiteLLM's `hosted_vllm/` sends.

A body in which one of its own names stands is read by vLLM's rules: `num_frames` over `fps` is the duration, `width`
and `height` together go before `size`, `image_reference` may be a list of the first frame and the last, and
`extra_params` holds fields that did not fit elsewhere. What a film here has no use for (`flow_shift`, `generate_sound`)
is left for `reading` to pass over and to name.
"""

from collections.abc import Mapping, Set
from types import MappingProxyType
from typing import Any, Final

from yozora.server.errors import invalid
from yozora.server.http.requests import structured

RENAMED: Final[Mapping[str, str]] = MappingProxyType(
    {"num_inference_steps": "steps", "guidance_scale": "guidance", "image_reference": "input_reference"}
)
SECOND: Final = "guidance_scale_2"  # of the second of two experts
MORE: Final = "extra_params"
FRAMES: Final = "num_frames"
PICTURES: Final = "image_reference"
QUALITIES: Final = frozenset({"auto", "low", "medium", "high", "standard", "hd"})
"""What OpenAI's API of images calls `quality`, which clients send with videos, too: another thing than here."""
OWN: Final = frozenset((*RENAMED, SECOND, MORE, FRAMES, "flow_shift", "generate_sound"))


def is_foreign(name: str, value: object) -> bool:
    """Whether a field means something else than here, and is passed over."""
    return name == "quality" and isinstance(value, str) and value in QUALITIES


def translated(fields: Mapping[str, Any], known: Set[str]) -> dict[str, Any]:
    """The fields by the names that are `known`, for their reader. Raises `ApiError` 400."""
    said = {name: value for name, value in fields.items() if value not in (None, "")}
    if not OWN & said.keys():
        return dict(fields)
    found = {**_more(said.pop(MORE, None)), **said}
    if PICTURES in found and RENAMED[PICTURES] in known:
        _split(found)
    for name, ours in RENAMED.items():
        if name in found and ours in known:
            _add_field(found, ours, found.pop(name), name)
    if SECOND in found and "guidance" in found:
        found["guidance"] = f"{found['guidance']},{found.pop(SECOND)}"
    if FRAMES in found and "fps" in found and "seconds" in known:
        found["seconds"] = _seconds(found.pop(FRAMES), found["fps"])
    if "width" in found and "height" in found:
        found.pop("size", None)
    return found


def _more(value: object) -> dict[str, Any]:
    found = _structured(value, MORE)
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise invalid(MORE, f"'{MORE}' has to be an object.")
    return found


def _split(found: dict[str, Any]) -> None:
    """Pictures in a list are the first frame and the last, in this order."""
    listed = _structured(found[PICTURES], PICTURES)
    if not isinstance(listed, list):
        return
    if not 1 <= len(listed) <= 2:
        raise invalid(PICTURES, f"'{PICTURES}' is one picture, or a list with the first and the last frame.")
    found[PICTURES] = listed[0]
    if len(listed) == 2:
        _add_field(found, "last", listed[1], PICTURES)


def _structured(value: object, name: str) -> object:
    try:
        return structured(value)
    except ValueError as error:
        raise invalid(name, f"'{name}' {error}.") from None


def _add_field(found: dict[str, Any], name: str, value: Any, spelling: str) -> None:
    if name in found:
        raise invalid(spelling, f"'{spelling}' and '{name}' mean the same. Send one of them.")
    found[name] = value


def _seconds(frames: object, fps: object) -> float:
    try:
        return round(float(str(frames)) / float(str(fps)), 6)
    except (ValueError, ZeroDivisionError, OverflowError):
        raise invalid(FRAMES, f"'{FRAMES}' and 'fps' have to be numbers, such as 65 and 16.") from None
