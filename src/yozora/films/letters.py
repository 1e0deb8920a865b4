"""Lines of text as pixels, for contact sheets and curves: a 5x7 dot-matrix alphabet, enough for English."""

import unicodedata

import numpy as np
from numpy.typing import NDArray

ADVANCE, LINE = 6, 10  # pixels from letter to letter, and of a line

# Each letter is five columns of seven dots in two hexadecimal digits, the lowest bit on top.
ALPHABET = """
a 2054545478 b 7f48444438 c 3844444420 d 384444487f e 3854545418 f 087e090102 g 0c5252523e h 7f08040478 i 00447d4000
j 2040443d00 k 7f10284400 l 00417f4000 m 7c04180478 n 7c08040478 o 3844444438 p 7c14141408 q 081414187c r 7c08040408
s 4854545420 t 043f444020 u 3c4040207c v 1c2040201c w 3c4030403c x 4428102844 y 0c5050503c z 4464544c44 + 08083e0808
0 3e5149453e 1 00427f4000 2 4261514946 3 2141454b31 4 1814127f10 5 2745454539 6 3c4a494930 7 0171090503 8 3649494936
9 064949291e , 0050300000 . 0060600000 : 0036360000 ; 0056360000 - 0808080808 ' 0005030000 ! 00005f0000 ? 0201510906
/ 2010080402 ( 001c224100 ) 0041221c00 % 2313086462 & 3649552250
"""
PARTS = ALPHABET.split()
GLYPHS = {letter: bytes.fromhex(columns) for letter, columns in zip(PARTS[::2], PARTS[1::2], strict=True)}


def write(text: str, width: int, ink: tuple[int, int, int]) -> NDArray[np.uint8]:
    """One line of text on white, uint8 `[LINE, width, 3]`; accents are dropped, what does not fit is cut."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    line = np.full((LINE, width, 3), 255, np.uint8)
    for k, letter in enumerate(c for c in plain if not unicodedata.combining(c)):
        left = 2 + k * ADVANCE
        if left + 5 > width:
            break
        columns = np.frombuffer(GLYPHS.get(letter, bytes(5)), np.uint8)
        dots = (columns[None, :] >> np.arange(7)[:, None]) & 1
        line[2:9, left : left + 5][dots == 1] = ink
    return line
