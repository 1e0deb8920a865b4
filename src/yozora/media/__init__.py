"""Files to frames and sound, and back. Nothing else touches codecs; this knows nothing of how frames are made."""

from yozora.media.pictures import FITS, check_fit
from yozora.media.reading import Clip, Footage, Probe, open, probe, read, shown  # noqa: A004
from yozora.media.sound import resampled
from yozora.media.writing import ROOM, Seal, Writer, check_target, codecs, whole_file, write

__all__ = [
    "FITS",
    "ROOM",
    "Clip",
    "Footage",
    "Probe",
    "Seal",
    "Writer",
    "check_fit",
    "check_target",
    "codecs",
    "open",
    "probe",
    "read",
    "resampled",
    "shown",
    "whole_file",
    "write",
]
