"""The ways to mark films invisibly, by name. Knows how none of them works."""

from importlib import import_module
from typing import TYPE_CHECKING, cast

from yozora.errors import UserError

if TYPE_CHECKING:
    from yozora.provenance import videoseal, watermark
    from yozora.provenance.watermark import WatermarkMethod

    _BOTH: tuple[WatermarkMethod, ...] = (watermark, videoseal)  # so that their signatures are compared

BUILT_IN = "spectrum"
BACKENDS = {BUILT_IN: "yozora.provenance.watermark", "videoseal": "yozora.provenance.videoseal"}


def backend(name: str = BUILT_IN) -> "WatermarkMethod":
    """A module with `embedder` and `detect`. Raises `UserError` for a name that is not known."""
    if name not in BACKENDS:
        raise UserError(
            f"The watermark {name!r} is not known.", f"Use one of: {', '.join(BACKENDS)}.", code="unknown_watermark"
        )
    return cast("WatermarkMethod", import_module(BACKENDS[name]))
