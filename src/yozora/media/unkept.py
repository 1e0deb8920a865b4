"""What a film that keeps a file's frames cannot hold of it, in words for whoever gave it. Changes nothing."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from yozora.media import tone, webp
from yozora.media.sources import Source, check_source, film_of, frames_of, look, opened, packets_of


def unkept(path: Path) -> tuple[str, ...]:
    """What of a file a film that keeps its frames cannot hold, a line each: films here have even sides, 8 bits, the
    usual range, a constant rate, and one track of sound in mono or stereo. Raises `UserError` as `look` does.
    """
    source = look(path)
    if source.still or webp.is_animated(check_source(path)):
        return tuple(_odd(path, source))
    return (*_odd(path, source), *_lost(path, source))


def _odd(path: Path, source: Source) -> Iterator[str]:
    width, height = source.native_size
    if width % 2 or height % 2:
        yield f"{path.name}: an odd side ({width}x{height}) is not kept; most kinds of film have even sides"


def _lost(path: Path, source: Source) -> Iterator[str]:
    """What of a video's streams is not kept."""
    name, frame = path.name, next(frames_of(path))
    bits = max((part.bits for part in frame.format.components), default=8)
    if bits > 8 and not frame.format.has_palette:
        yield f"{name}: colours of {bits} bits are not kept; films have 8"
    if int(frame.color_trc) in (tone.PQ, tone.HLG):
        yield f"{name}: its high dynamic range is not kept; it is shown in the usual one"
    with opened(path) as container:
        stream = film_of(container, path)
        shown = [packet for packet in packets_of(container, stream) if packet.size and not packet.is_discard]
        starts = sorted(float(packet.pts * packet.time_base) for packet in shown if packet.pts is not None)
    if _is_uneven(starts, 1 / source.fps):
        yield f"{name}: its varying frame rate is not kept; films have a constant one, here {source.fps:.6g}"
    with opened(path) as container:
        voices, titles = container.streams.audio, container.streams.subtitles
        channels = voices[0].codec_context.channels if voices and voices[0].codec_context is not None else 0
        if channels > 2:
            yield f"{name}: its {channels} channels of sound are not kept; they are mixed to stereo"
        if len(voices) > 1:
            yield f"{name}: only the first of its {len(voices)} tracks of sound is kept"
        if titles:
            yield f"{name}: its subtitles are not kept"


def _is_uneven(starts: Sequence[float], step: float) -> bool:
    """Whether frames stand for times that differ by more than rounding to milliseconds does."""
    lengths = [later - before for before, later in pairwise(starts)]
    return any(abs(length - step) > max(0.0025, 0.1 * step) for length in lengths)
