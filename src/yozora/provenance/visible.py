"""A text that wanders over the picture, pale and see-through. Off by default. Knows nothing of files and keys."""

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from yozora.errors import UserError

CELL_W, CELL_H = 6, 9  # dots of a letter with the space around it
SHARE = 36  # a letter's height is this part of the picture's shorter side
WIDEST = 0.6  # of the picture, the text
OPACITY, SHADE = 0.38, 0.22  # of the white letters, and of their dark rim
ROUND = (11.0, 7.0)  # seconds for a way across and back, and up and back
MOST = 60  # letters

# Each letter is five columns of seven dots in two hexadecimal digits, the lowest bit on top.
ALPHABET = """
A 7e1111117e B 7f49494936 C 3e41414122 D 7f4141221c E 7f49494941 F 7f09090901 G 3e4149497a H 7f0808087f I 00417f4100
J 2040413f01 K 7f08142241 L 7f40404040 M 7f020c027f N 7f0408107f O 3e4141413e P 7f09090906 Q 3e4151215e R 7f09192946
S 4649494931 T 01017f0101 U 3f4040403f V 1f2040201f W 3f4038403f X 6314081463 Y 0708700807 Z 6151494543
a 2054545478 b 7f48444438 c 3844444420 d 384444487f e 3854545418 f 087e090102 g 0c5252523e h 7f08040478 i 00447d4000
j 2040443d00 k 7f10284400 l 00417f4000 m 7c04180478 n 7c08040478 o 3844444438 p 7c14141408 q 081414187c r 7c08040408
s 4854545420 t 043f444020 u 3c4040207c v 1c2040201c w 3c4030403c x 4428102844 y 0c5050503c z 4464544c44 + 08083e0808
0 3e5149453e 1 00427f4000 2 4261514946 3 2141454b31 4 1814127f10 5 2745454539 6 3c4a494930 7 0171090503 8 3649494936
9 064949291e , 0050300000 . 0060600000 : 0036360000 ; 0056360000 - 0808080808 ' 0005030000 ! 00005f0000 ? 0201510906
/ 2010080402 ( 001c224100 ) 0041221c00 % 2313086462 & 3649552250 @ 324979413e _ 4040404040 © 3e415d553e # 147f147f14
"""


class Visible:
    """Puts a text on the frames of one film, `width` x `height` at `fps`; where it is depends on the time alone.

    Letters without accents, digits and common signs can be written. Raises `UserError` for a text that cannot.
    """

    def __init__(self, width: int, height: int, text: str, fps: float) -> None:
        dots = lettered(text)
        scale = max(1, min(round(min(width, height) / SHARE / 7), int(WIDEST * width / dots.shape[1])))
        drawn = np.kron(dots, np.ones((scale, scale), np.bool_))[:height, :width]
        rim = _rim(drawn, max(1, scale // 2))
        self._alpha = np.where(drawn, OPACITY, np.where(rim, SHADE, 0)).astype(np.float32)[..., None]
        self._ink = np.where(drawn, 255, 0).astype(np.float32)[..., None]
        self._room = width - drawn.shape[1], height - drawn.shape[0]
        self._fps, self._count = fps, 0

    def __call__(self, frames_THWC: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The next frames, uint8 `[T, H, W, 3]`, with the text on them: new ones."""
        marked = frames_THWC.copy()
        rows, columns = self._alpha.shape[:2]
        for frame in marked:
            left, top = self.place(self._count / self._fps)
            part = frame[top : top + rows, left : left + columns]
            part[:] = part + self._alpha * (self._ink - part) + np.float32(0.5)
            self._count += 1
        return marked

    def skip(self, count: int) -> None:
        """So many frames pass without the text."""
        self._count += count

    def place(self, second: float) -> tuple[int, int]:
        """The text's left and top, in pixels."""
        across, down = (0.5 - 0.5 * np.cos(2 * np.pi * (second / period + 0.15)) for period in ROUND)
        return round(float(across) * self._room[0]), round(float(down) * self._room[1])


def lettered(text: str) -> NDArray[np.bool_]:
    """One line of text as dots, `[rows, columns]`."""
    plain = [each for each in unicodedata.normalize("NFKD", text.strip()) if not unicodedata.combining(each)]
    unknown = sorted({each for each in plain if each != " " and each not in glyphs()})
    if unknown or not 0 < len(plain) <= MOST:
        raise UserError(
            f"A visible mark cannot have these letters: {' '.join(unknown)}."
            if unknown
            else f"A visible mark cannot have {len(plain)} letters.",
            f"Use 1 to {MOST} Latin letters, digits and common signs.",
            code="visible_mark_invalid",
        )
    line = np.zeros((CELL_H, CELL_W * len(plain) + 1), np.bool_)
    for place, each in enumerate(plain):
        columns = np.frombuffer(glyphs().get(each, bytes(5)), np.uint8)
        line[1:8, 1 + CELL_W * place :][:, :5] = (columns[None] >> np.arange(7)[:, None]) & 1
    return line


@cache
def glyphs() -> dict[str, bytes]:
    """Every letter that can be written, as its columns."""
    parts = ALPHABET.split()
    return {letter: bytes.fromhex(columns) for letter, columns in zip(parts[::2], parts[1::2], strict=True)}


def _rim(drawn: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    rim = drawn.copy()
    for axis in (0, 1):
        rim = np.logical_or.reduce([np.roll(rim, by, axis) for by in range(-reach, reach + 1)])
    return rim
