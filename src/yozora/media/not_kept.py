"""What a film that keeps a file's frames cannot hold of it, in words for the user. Changes nothing."""

from collections.abc import Iterator
from pathlib import Path

from yozora.media.sources import MediaInfo, read_info


def not_kept(path: Path) -> tuple[str, ...]:
    """What of a file a film that keeps its frames cannot hold, a line each: films here have even sides, 8 bits, the
    usual range, a constant rate, and one track of sound in mono or stereo. Raises `UserError` as `read_info` does.
    """
    source = read_info(path)
    return (*_odd(path, source), *_lost(path, source))


def _odd(path: Path, source: MediaInfo) -> Iterator[str]:
    width, height = source.native_size
    if width % 2 or height % 2:
        yield f"{path.name}: the odd side of {width}x{height} becomes even, as most film formats need it"


def _lost(path: Path, source: MediaInfo) -> Iterator[str]:
    """What of a video's streams is not kept."""
    name, streams = path.name, source.streams
    if source.still:
        return
    if streams.bits > 8:
        yield f"{name}: its {streams.bits}-bit colours are converted to 8 bits"
    if streams.range:
        yield f"{name}: its high dynamic range is converted to the standard range"
    if streams.uneven:
        yield f"{name}: its variable frame rate is converted to a constant one, {source.fps:.6g}"
    if streams.channels > 2:
        yield f"{name}: its {streams.channels} audio channels are mixed to stereo"
    if streams.voices > 1:
        yield f"{name}: only the first of its {streams.voices} audio tracks is kept"
    if streams.titles:
        yield f"{name}: its subtitles are not kept"
