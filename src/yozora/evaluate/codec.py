"""How well an autoencoder carries films of the world that it never saw: keyframes, whole films, and what moves.

Knows no transformer: it measures the best that any film made with this autoencoder can be.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table
from torch import Tensor

from yozora.films.sheet import Frames, contact_sheet, write_png
from yozora.train.data import psnr, to_frames, to_video
from yozora.world.distributions import LIVELY_SCENES, LONE_SCENES, with_moving_camera
from yozora.world.draw import draw_scene
from yozora.world.render import render

STREAM = 1040
"""Of the scenes: training draws from streams below 1000."""
WIDTH, HEIGHT, FRAMES = 256, 144, 33
TIMED = 7


class Autoencoder(Protocol):
    """What is measured; `yozora.model` has two."""

    def encode(self, frames_BCTHW: Tensor) -> Tensor: ...
    def decode(self, latents_BZNhw: Tensor) -> Tensor: ...
    def encode_stream(self, chunks: Any) -> Iterator[Tensor]: ...
    def decode_stream(self, latents_BZNhw: Tensor, chunk: int = 1) -> Iterator[Tensor]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CodecScores:
    """Means over films of peak signal-to-noise ratios in dB; seconds to decode 33 frames of 256x144."""

    films: int
    keyframes: float  # frames 0, 4, 8, ...
    whole: float
    actors: float  # inside the actors, in the frames between keyframes
    actors_static: float  # the same, of films whose camera stands
    actors_moving: float
    streaming: float  # largest difference between streamed and whole decoding, in units of -1..1
    seconds: float  # smallest of `TIMED`
    seconds_median: float


def held_back(count: int) -> Iterator[tuple[Frames, NDArray[np.bool_], bool]]:
    """Films of scenes that training never draws: frames, where actors are seen `[T, H, W]`, whether the camera moves.
    Every second one has a moving camera."""
    distributions = [
        with_moving_camera(distribution, moving)
        for moving in (0.0, 1.0)
        for distribution in (LONE_SCENES, LIVELY_SCENES)
    ]
    for number in range(count):
        moving = number % 2
        scene = draw_scene(np.random.default_rng([STREAM, number]), distributions[2 * moving + number // 2 % 2])
        take = render(scene, width=WIDTH, height=HEIGHT, frames=FRAMES)
        yield take.frames_THWC, np.logical_or.reduce(take.masks_ATHW), bool(moving)


@torch.inference_mode()
def measure(codec: Autoencoder, count: int = 100, console: Console | None = None) -> tuple[CodecScores, list[Frames]]:
    """The figures over `count` films, and the first twelve with what became of them, in turns."""
    found: dict[str, list[float]] = {"keyframes": [], "whole": [], "static": [], "moving": []}
    shown: list[Frames] = []
    films = track(held_back(count), "films", count, console=console or Console(), transient=True)
    for frames_THWC, actors_THW, moving in films:
        video = to_video(frames_THWC)[None]
        with torch.autocast("cpu", torch.bfloat16):
            made = codec.decode(codec.encode(video)).float()
        error_THW = (made - video).square().mean(1)[0]
        inside = torch.from_numpy(actors_THW)
        inside[::4] = False
        found["keyframes"].append(psnr(error_THW[::4].mean()))
        found["whole"].append(psnr(error_THW.mean()))
        if inside.any():
            found["moving" if moving else "static"].append(psnr(error_THW[inside].mean()))
        if len(shown) < 24:
            shown += [frames_THWC, to_frames(made[0])]
    seconds = timed(codec, video)
    return (
        CodecScores(
            films=count,
            keyframes=mean(found["keyframes"]),
            whole=mean(found["whole"]),
            actors=mean(found["static"] + found["moving"]),
            actors_static=mean(found["static"]),
            actors_moving=mean(found["moving"]),
            streaming=streaming_error(codec, video),
            seconds=min(seconds),
            seconds_median=statistics.median(seconds),
        ),
        shown,
    )


def timed(codec: Autoencoder, video: Tensor, clock: Callable[[], float] = time.perf_counter) -> list[float]:
    """Seconds to decode a film, `TIMED` times after a first one that does not count."""
    seconds = []
    with torch.autocast("cpu", torch.bfloat16):
        latents = codec.encode(video)
        for _ in range(TIMED + 1):
            began = clock()
            codec.decode(latents)
            seconds.append(clock() - began)
    return seconds[1:]


def streaming_error(codec: Autoencoder, video: Tensor) -> float:
    """The largest difference that it makes whether a film is encoded and decoded whole or as it comes, in fp32."""
    latents = codec.encode(video)
    pieces = [video[:, :, :1], *video[:, :, 1:].split(4, dim=2)]
    apart = (torch.cat(list(codec.encode_stream(pieces)), dim=2) - latents).abs().max()
    whole, streamed = codec.decode(latents), torch.cat(list(codec.decode_stream(latents)), dim=2)
    return max(float(apart), float((whole - streamed).abs().max()))


def mean(values: list[float]) -> float:
    """The mean, or NaN of nothing: films without actors, or none with such a camera."""
    return statistics.fmean(values) if values else float("nan")


def evaluate_codec(codec: Autoencoder, count: int, json_path: Path | None, sheet: Path | None) -> CodecScores:
    """Measure, print a table and write the files that are named."""
    console = Console()
    figures, shown = measure(codec, count, console)
    table = Table("measured", "figure", title=f"{count} films of {WIDTH}x{HEIGHT} that were kept back")
    for name, value in asdict(figures).items():
        table.add_row(name.replace("_", " "), f"{value:.5g}")
    console.print(table)
    if json_path:
        told = {name: value if value == value else None for name, value in asdict(figures).items()}  # JSON has no NaN
        json_path.write_text(json.dumps(told, indent=2) + "\n")
    if sheet:
        write_png(sheet, contact_sheet([film[8:21:2] for film in shown], shots=7, columns=1))
    return figures
