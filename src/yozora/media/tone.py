"""Films of high dynamic range and of wide colour, brought to what sRGB screens show.

The light that a film's numbers stand for (ITU-R BT.2100: PQ and HLG) is dimmed by the curve of ITU-R BT.2390, section
5.4, from 1000 candela a square metre to 203, where BT.2408 has white; what is below about 100 stays as it is. Colours
outside of sRGB are cut off. FFmpeg does the work with a table that is made here. Knows nothing of files and sizes.
"""

import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np
from av.filter import Graph
from av.video.frame import VideoFrame
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PQ, HLG = 16, 18  # code points of transfer functions in ISO/IEC 23091-2
PEAK, WHITE = 1000.0, 203.0  # candela a square metre
STEPS = 33  # of the table, along each colour
GAMMA = 2.4  # of a film of usual range (ITU-R BT.1886)
FORMAT = "gbrp12le"

# Matrices from a film's primaries, by their code point in ISO/IEC 23091-2, to those of sRGB; all have white at D65.
TO_SRGB = {
    9: (
        (1.660491, -0.587641, -0.072850),
        (-0.124550, 1.132900, -0.008349),
        (-0.018151, -0.100579, 1.118730),
    ),  # BT.2020
    12: ((1.224940, -0.224940, 0.0), (-0.042057, 1.042057, 0.0), (-0.019638, -0.078636, 1.098274)),  # Display P3
}
SAME = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def is_needed(frame: VideoFrame) -> bool:
    """Whether a frame's numbers are not those of sRGB, as it is tagged."""
    return int(frame.color_trc) in (PQ, HLG) or int(frame.color_primaries) in TO_SRGB


class Tone:
    """Frames in `FORMAT`, full range, to the same format in sRGB. Keeps no frame."""

    def __init__(self) -> None:
        self._key: tuple[int, int, int, int] | None = None
        self._graph = Graph()

    def __call__(self, frame: VideoFrame, curve: int, primaries: int) -> VideoFrame:
        """A frame whose numbers follow these code points."""
        key = (frame.width, frame.height, curve, primaries)
        if key != self._key:
            self._graph, self._key = _graph(frame, curve, primaries), key
        self._graph.vpush(frame)
        return self._graph.vpull()


def _graph(frame: VideoFrame, curve: int, primaries: int) -> Graph:
    graph = Graph()
    with tempfile.TemporaryDirectory(prefix="yozora-") as folder:
        path = Path(folder) / "tone.cube"
        path.write_text(_cube(curve, primaries), encoding="ascii")
        buffer = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
        )
        table = graph.add("lut3d", file=str(path), interp="tetrahedral")
        graph.link_nodes(buffer, table, graph.add("buffersink")).configure()  # which reads the table
    return graph


@lru_cache(maxsize=4)
def _cube(curve: int, primaries: int) -> str:
    """The table as Adobe's Cube LUT Specification 1.0 has it: red runs fastest."""
    axis = np.linspace(0, 1, STEPS)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    shown_N3 = to_srgb(np.stack([red, green, blue], axis=-1).reshape(-1, 3), curve, primaries)
    lines = [f"{r:.6f} {g:.6f} {b:.6f}" for r, g, b in shown_N3.tolist()]
    return "\n".join([f"LUT_3D_SIZE {STEPS}", *lines, ""])


def to_srgb(values_N3: Floats, curve: int, primaries: int) -> Floats:
    """Numbers of a film, 0 to 1, as sRGB has them."""
    if curve == PQ:
        light_N3 = _dimmed(_light_of_pq(values_N3))
    elif curve == HLG:
        light_N3 = _dimmed(_light_of_hlg(values_N3))
    else:
        light_N3 = values_N3**GAMMA
    light_N3 = np.clip(light_N3 @ np.array(TO_SRGB.get(primaries, SAME)).T, 0, 1)
    if curve not in (PQ, HLG):
        usual_N3: Floats = light_N3 ** (1 / GAMMA)  # as all other films of usual range are taken
        return usual_N3
    shown_N3: Floats = np.where(light_N3 <= 0.0031308, 12.92 * light_N3, 1.055 * light_N3 ** (1 / 2.4) - 0.055)
    return shown_N3


def _dimmed(light_N3: Floats) -> Floats:
    """Candela a square metre to 0..1, where 1 is white; all three colours are dimmed alike, so that hues stay."""
    peak, white = _pq_of_light(np.array(PEAK)), _pq_of_light(np.array(WHITE))
    most_N1 = light_N3.max(axis=1, keepdims=True).clip(1e-6, PEAK)
    top = white / peak
    knee = 1.5 * top - 0.5
    bright_N1 = _pq_of_light(most_N1) / peak
    t = ((bright_N1 - knee) / (1 - knee)).clip(0, 1)
    spline = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (-2 * t**3 + 3 * t**2) * top
    dim_N1 = _light_of_pq(np.where(bright_N1 < knee, bright_N1, spline) * peak)
    dimmed_N3: Floats = light_N3.clip(0, PEAK) * dim_N1 / most_N1 / WHITE
    return dimmed_N3


def _light_of_pq(values: Floats) -> Floats:
    """SMPTE ST 2084: numbers to candela a square metre."""
    root: Floats = np.maximum(values, 0) ** (32 / 2523)
    light: Floats = 10_000 * (np.maximum(root - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * root)) ** (8192 / 1305)
    return light


def _pq_of_light(light: Floats) -> Floats:
    """The way back."""
    root = (light / 10_000) ** (1305 / 8192)
    values: Floats = ((107 / 128 + 2413 / 128 * root) / (1 + 2392 / 128 * root)) ** (2523 / 32)
    return values


def _light_of_hlg(values_N3: Floats) -> Floats:
    """BT.2100: numbers to candela a square metre on a screen of `PEAK`, for which the system gamma is 1.2."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene_N3 = np.where(values_N3 <= 0.5, values_N3**2 / 3, (np.exp((values_N3 - c) / a) + b) / 12)
    luma_N1 = (scene_N3 @ np.array([0.2627, 0.6780, 0.0593]))[:, None]
    light_N3: Floats = PEAK * scene_N3 * np.maximum(luma_N1, 1e-9) ** 0.2
    return light_N3
