"""How well a codec carries photographs, none of which it was trained on: six that scikit-image brings.

    pip install scikit-image
    python benchmarks/photographs.py FOLDER [SHEET.png]

FOLDER holds autoencoder.safetensors.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from yozora.engine.parts import load_autoencoder
from yozora.evaluate.codec import HEIGHT, WIDTH
from yozora.films.sheet import contact_sheet, write_png
from yozora.train.data import psnr, to_frames, to_video

NAMES = ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg", "motorcycle_left.png", "ihc.png")


def photograph(path: Path) -> NDArray[np.uint8]:
    """The middle of a picture in the measured size, uint8 `[1, H, W, 3]`."""
    picture = Image.open(path).convert("RGB")
    scale = max(WIDTH / picture.width, HEIGHT / picture.height)
    wide, high = round(picture.width * scale), round(picture.height * scale)
    left, top = (wide - WIDTH) // 2, (high - HEIGHT) // 2
    fitted = picture.resize((wide, high), Image.Resampling.LANCZOS).crop((left, top, left + WIDTH, top + HEIGHT))
    return np.array(fitted)[None]


def main(folder: Path, sheet: Path | None) -> None:
    import skimage.data

    codec, shown, found = load_autoencoder(folder / "autoencoder.safetensors"), [], []
    for name in NAMES:
        still = photograph(Path(skimage.data.__file__).parent / name)
        video = to_video(still)[None]
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            made = codec.decode(codec.encode(video)).float()
        found.append(psnr((made - video).square().mean()))
        shown += [still, to_frames(made[0])]
        print(f"{name:16} {found[-1]:.1f} dB")
    print(f"{'mean':16} {sum(found) / len(found):.1f} dB")
    if sheet:
        write_png(sheet, contact_sheet(shown, shots=1, columns=4))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
