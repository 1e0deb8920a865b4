"""Sound out of files, into files, and at other rates. Knows nothing of pictures."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from numpy.typing import NDArray

from yozora.films.film import MAX_RATE, Sound
from yozora.media.opening import opened, packets_of

GAP = 0.05  # seconds: a hole in the stream of this length is kept, as silence; what is shorter is rounding
CODED_RATES = (48_000, 44_100, 32_000, 24_000, 22_050, 16_000)  # Hz, that AAC knows; Opus knows the first only
BITS = {1: 96_000, 2: 192_000}  # a second, by channels
PIECE = 1 << 16  # samples that are converted at once
LAYOUTS = {1: "mono", 2: "stereo"}


def read_sound(path: Path, origin: float, seconds: float) -> Sound | None:
    """The first audio stream of a file, from `origin` on (seconds on the file's clock), for at most `seconds`.

    Mono stays mono, all else becomes stereo; at most 48 kHz. None where there is none, or none that can be decoded.
    """
    with opened(path) as container:
        stream = next(iter(container.streams.audio), None)
        if stream is None or stream.codec_context is None or not stream.codec_context.sample_rate:
            return None
        rate = min(MAX_RATE, stream.codec_context.sample_rate)
        channels = min(2, max(1, stream.codec_context.channels))
        timeline = np.zeros((round(seconds * rate), channels), np.float32)
        at = end = 0
        resampler = AudioResampler(format="flt", layout=LAYOUTS[channels], rate=rate)
        for frame in _resampled(_decode_frames(container, stream), resampler):
            start = at if frame.time is None else round((frame.time - origin) * rate)
            at = start if abs(start - at) > GAP * rate or not end else at
            piece = frame.to_ndarray().reshape(-1, channels)
            first, last = max(0, at), max(0, at + len(piece))
            room = timeline[first:last]
            room[:] = piece[first - at :][: len(room)]
            at += len(piece)
            end = max(end, min(last, len(timeline)))
            if at >= len(timeline):
                break
    if not end:
        return None
    return Sound(samples=np.nan_to_num(timeline[:end]).clip(-1, 1), rate=rate)


def resampled(sound: Sound, rate: int) -> Sound:
    """The same sound at another rate, in Hz; as long as before, to a sample."""
    count, channels = round(sound.seconds * rate), sound.samples.shape[1]
    resampler = AudioResampler(format="flt", layout=LAYOUTS[channels], rate=rate)
    pieces = [frame.to_ndarray().reshape(-1, channels) for frame in _resampled(_cut_up(sound), resampler)]
    samples = np.concatenate([*pieces, np.zeros((count, channels), np.float32)])[:count]
    return Sound(samples=samples.clip(-1, 1), rate=rate)


def add_stream(container: OutputContainer, sound: Sound, name: str = "aac") -> AudioStream:
    """A stream in which `encoded` can write this sound; where this FFmpeg lacks the codec, it is Opus."""
    name = name if name in av.codecs_available else "libopus"
    rate = sound.rate if name == "aac" and sound.rate in CODED_RATES else MAX_RATE
    channels = sound.samples.shape[1]
    stream = container.add_stream(name, rate=rate)
    assert isinstance(stream, AudioStream)
    stream.codec_context.layout = LAYOUTS[channels]
    stream.codec_context.bit_rate = BITS[channels]
    return stream


def encoded(stream: AudioStream, sound: Sound) -> Iterator["Packet[AudioStream]"]:
    """The packets of a sound, in order."""
    codec = stream.codec_context
    codec.open(strict=False)
    resampler = AudioResampler(format=codec.format, layout=codec.layout, rate=codec.rate, frame_size=codec.frame_size)
    for frame in _resampled(_cut_up(sound), resampler):
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _decode_frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """Decoded frames; damaged ones are left out, and it ends where the file breaks off."""
    for packet in packets_of(container, stream):
        try:
            yield from packet.decode()
        except av.FFmpegError:
            continue


def _resampled(frames: Iterator[AudioFrame], resampler: AudioResampler) -> Iterator[AudioFrame]:
    for frame in frames:
        yield from resampler.resample(frame)
    yield from resampler.resample(None)


def _cut_up(sound: Sound) -> Iterator[AudioFrame]:
    channels = sound.samples.shape[1]
    for start in range(0, len(sound.samples), PIECE):
        packed: NDArray[np.float32] = np.ascontiguousarray(sound.samples[start : start + PIECE]).reshape(1, -1)
        frame = AudioFrame.from_ndarray(packed, format="flt", layout=LAYOUTS[channels])
        frame.sample_rate, frame.time_base, frame.pts = sound.rate, Fraction(1, sound.rate), start
        yield frame
