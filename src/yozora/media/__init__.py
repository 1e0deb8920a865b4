"""Files to frames and sound, and back. Nothing else touches codecs; this knows nothing of how frames are made."""

from yozora.media.memo import remembered
from yozora.media.not_kept import not_kept
from yozora.media.pictures import FITS, check_fit
from yozora.media.reading import Clip, Footage, Probe, footage, open, probe, read, shown  # noqa: A004
from yozora.media.sinks import codecs
from yozora.media.sound import resampled
from yozora.media.targets import (
    CREDENTIALS,
    ROOM,
    Target,
    check_apart,
    check_target,
    first_frame,
    free_name,
    whole_file,
)
from yozora.media.writing import Seal, Writer, write, written

__all__ = [
    "CREDENTIALS",
    "FITS",
    "ROOM",
    "Clip",
    "Footage",
    "Probe",
    "Seal",
    "Target",
    "Writer",
    "check_apart",
    "check_fit",
    "check_target",
    "codecs",
    "first_frame",
    "footage",
    "free_name",
    "not_kept",
    "open",
    "probe",
    "read",
    "remembered",
    "resampled",
    "shown",
    "whole_file",
    "write",
    "written",
]
