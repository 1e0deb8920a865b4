"""The process that looks at a film that is imported: `python -m yozora.server.safety.film_pictures`, started by
`uploads`.

As `inspection`, it gives up rights before it opens the file. It answers with what the film is, and with its thumbnail
and its contact sheet, made as those of films that are made here; or with `{"error": ...}`.
"""

import base64
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from yozora.errors import UserError
from yozora.provenance.confined import give_up, without
from yozora.server.safety import inspection

if TYPE_CHECKING:
    from yozora.server.work.finish import Frames

PLAYED: Final = {"h264": ("yuv420p", "yuvj420p"), "vp9": ("yuv420p",), "av1": ("yuv420p",)}
"""Codecs that all current browsers play in an MP4, with their pixel formats."""

SOUNDS: Final = ("aac", "mp3", "opus", "flac")
CONVERT: Final = "Convert it to MP4 with H.264 and AAC; the command yozora import does so."


def main(memory: str, seconds: str, answer: str, path: str) -> dict[str, Any]:
    """What the film is, and its pictures in base64."""
    give_up(int(memory), int(seconds), int(answer))
    file = Path(path)
    try:
        kind = inspection.sniffed(file)
        found = inspection.inspect_file(file, kind)
        check_playable(file, kind, str(found["kind"]))
        return found | pictures(shots_of(file))
    except UserError as error:
        return {"error": without(error.message, path), "reason": error.code}
    except MemoryError:
        return {"error": "Decoding the file needs too much memory."}


def check_playable(path: Path, kind: inspection.FileKind, shows: str) -> None:
    """Raise `UserError` for what is not a film that browsers play as MP4."""
    from yozora.media.opening import film_of, opened

    if shows != "film":
        raise UserError("The file is a picture. Send a film.", code="clip_required")
    if kind is not inspection.MP4:
        raise UserError(f"The film is not an MP4 or MOV. {CONVERT}", code="film_unplayable")
    with opened(path) as container:
        context = film_of(container, path).codec_context
        codec, pixels = context.name.removeprefix("lib").partition("-")[0], context.pix_fmt or ""
        known = {"dav1d": "av1", "vpx": "vp9"}.get(codec, codec)
        if pixels not in PLAYED.get(known, ()):
            raise UserError(
                f"Browsers do not play {known} with {pixels or 'no pixels'}. {CONVERT}", code="film_unplayable"
            )
        sounds = [stream.codec_context.name for stream in container.streams.audio]
        if any(name not in SOUNDS for name in sounds):
            raise UserError(f"Browsers do not play its sound ({sounds[0]}). {CONVERT}", code="film_unplayable")


def shots_of(path: Path) -> "list[Frames]":
    """Frames of a film, evenly from the first to the last, as those of a contact sheet; no larger than a thumbnail.

    Raises `UserError` where none can be decoded.
    """
    import numpy as np

    from yozora import media
    from yozora.server.work.finish import SHOTS, THUMBNAIL_SIDE

    found = media.probe(path)
    scale = min(1.0, THUMBNAIL_SIDE / max(found.width, found.height))
    width, height = (max(2, round(side * scale / 2) * 2) for side in (found.width, found.height))
    source = media.open(path, width=width, height=height, fps=found.fps)
    wanted = sorted(set(np.linspace(0, source.count - 1, min(SHOTS, source.count)).round().astype(int).tolist()))
    if source.finds:
        taken = (next(source.frames(index / found.fps), None) for index in wanted)
        shots = [frame for frame in taken if frame is not None]
    else:
        shots = [frame for index, frame in enumerate(source.frames()) if index in wanted]
    if not shots:
        raise UserError("The film has no frame that can be decoded.", code="file_undecodable")
    return shots


def pictures(shots: "list[Frames]") -> dict[str, str]:
    """Thumbnail (WebP) and contact sheet (JPEG) of frames, in base64."""
    from yozora.media import stills
    from yozora.server.work.finish import SHOT_SIDE, contact_sheet

    sheet = contact_sheet([stills.within(shot, SHOT_SIDE) for shot in shots])
    made = {"thumbnail": stills.webp(shots[len(shots) // 2]), "spritesheet": stills.jpeg(sheet)}
    return {name: base64.b64encode(data).decode() for name, data in made.items()}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
