"""Single pictures as people have them: photos of phones and cameras, drawings, screenshots. Read by Pillow.

A large one is made smaller while it is read, so that memory is bounded. All come out upright, in sRGB and over white,
whatever their depth, colour space and transparency. Knows nothing of films; what moves is read elsewhere.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from yozora.errors import UserError
from yozora.media import comments
from yozora.media.pictures import Planes, over_paper

if TYPE_CHECKING:
    from PIL import ImageCms
    from PIL.Image import Image

MAX_PIXELS = 128_000_000  # a phone's 108 megapixels, and some more
MAGIC = {  # first bytes, and what Pillow calls the format
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
}
MOVING = ("PNG", "WEBP", "GIF", "AVIF")  # formats that also hold animations; further pictures of others are left out
HEIC = (b"heic", b"heix", b"heim", b"heis", b"mif1")  # brands of HEIC photos, at bytes 8 to 12
ORIENTATION, SWAPPED = 0x0112, 5  # tag of Exif, and from which value on rows are columns; of a TIFF Pillow sees to it
ROWS = 256  # that are brought to 8 bits at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """One picture, uint8 `planes` `[3, H, W]` in sRGB and upright, perhaps smaller than the file has it.

    `size` is the file's own width and height, upright; `comment` is the text that the file carries under that name.
    `clear`: white shows through it.
    """

    planes: Planes
    size: tuple[int, int]
    comment: str
    clear: bool


def is_heic(head: bytes) -> bool:
    """Whether these first bytes, 64 or all that there are, are a HEIC photo's."""
    return head[4:8] == b"ftyp" and head[8:12] in HEIC and b"avif" not in head


def format_of(head: bytes) -> str | None:
    """What Pillow calls the format of a picture, perhaps one that moves, that starts with these 64 bytes."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        return "HEIF" if is_heic(head) else "AVIF" if head[8:12] == b"avif" else None
    return next((name for magic, name in MAGIC.items() if head.startswith(magic)), None)


def knows(path: Path) -> bool:
    """Whether a file is a still that Pillow opens as what it begins like."""
    with _opened(path) as image:
        return image is not None


def load(path: Path, cover: tuple[int, int]) -> Photo | None:
    """The picture in a file, made smaller where it is at least twice as large as `cover` (width, height) in both
    directions; it stays at least that large. None for what moves, and for what only a film's decoders may know.

    Raises `UserError` for a picture of more than `MAX_PIXELS`.
    """
    with _opened(path) as image:
        if image is None:
            return None
        stored, long_side = image.size, max(cover)
        swapped = image.format != "TIFF" and image.getexif().get(ORIENTATION, 1) >= SWAPPED
        comment = _comment(image)
        image.draft(None, (long_side, long_side))  # only JPEG can: its decoder then makes 1/2, 1/4 or 1/8 of the size
        shrink = min(image.width, image.height) // long_side
        drawn = _planes(image, max(1, shrink))
        if drawn is None:
            return None
    planes, clear = drawn
    return Photo(planes=planes, size=stored[::-1] if swapped else stored, comment=comment, clear=clear)


@contextmanager
def _opened(path: Path) -> "Iterator[Image | None]":
    """The picture, of which only the header is read yet; None where it moves or is of no kind that is known here."""
    with path.open("rb") as file:
        name = format_of(file.read(64))
    if name is None or (name == "HEIF" and not knows_heic()):
        yield None
        return
    from PIL import Image, UnidentifiedImageError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of large pictures, which are wanted here, and of odd metadata
        try:
            image = Image.open(path, formats=[name])
        except Image.DecompressionBombError as error:
            raise _too_large(path) from error
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, KeyError):
            yield None
            return
        with image:
            if image.width * image.height > MAX_PIXELS:
                raise _too_large(path, image.size)
            yield None if image.format in MOVING and getattr(image, "is_animated", False) else image


def _comment(image: "Image") -> str:
    """What a file of a kind that is written here says of itself."""
    if image.format == "WEBP":
        return comments.text_of(image.getexif().get(comments.DESCRIPTION, ""))
    return comments.text_of(image.info.get({"PNG": "Comment", "GIF": "comment"}.get(image.format or "", ""), ""))


def _too_large(path: Path, size: tuple[int, int] | None = None) -> UserError:
    said = f"is {size[0]}x{size[1]}, " if size else "is "
    return UserError(
        f"{str(path)!r} {said}larger than {MAX_PIXELS // 10**6} megapixels.", "Scale it down.", code="picture_too_large"
    )


@lru_cache(maxsize=1)
def knows_heic() -> bool:
    """Whether HEIC photos can be read on this machine; Pillow reads them from now on."""
    try:
        import pi_heif
    except ImportError:
        return False
    pi_heif.register_heif_opener(thumbnails=False)
    return True


def _planes(image: "Image", shrink: int) -> tuple[Planes, bool] | None:
    """The picture as it is to be seen, and whether white shows through it; None where it is damaged."""
    from PIL import ImageOps

    profile = image.info.get("icc_profile")
    try:
        small = _reduced(image, shrink)
        ImageOps.exif_transpose(small, in_place=True)
        alpha = small.getchannel("A") if small.mode == "RGBA" else None
        picture_HWC = np.asarray(_in_srgb(small, profile))
    except (OSError, ValueError, SyntaxError, EOFError):
        return None
    planes = np.ascontiguousarray(picture_HWC.transpose(2, 0, 1))
    if alpha is None:
        return planes, False
    alpha_HW = np.asarray(alpha)
    return over_paper(planes, alpha_HW), bool((alpha_HW < 255).any())


def _reduced(image: "Image", shrink: int) -> "Image":
    """The picture, or a copy that is `shrink` times smaller, in RGB, RGBA, L, CMYK or LAB and with its Exif data."""
    if image.mode.startswith(("I", "F")):
        plain = _eight_bits(image)
    elif image.has_transparency_data:
        plain = image.convert("RGBA")
    elif image.mode in ("RGB", "L", "CMYK", "LAB"):
        image.load()
        plain = image
    else:
        plain = image.convert("RGB")
    small = plain.reduce(shrink) if shrink > 1 else plain
    if small is not image:
        small.info.update({key: image.info[key] for key in ("exif", "xmp") if key in image.info})
        small.getexif().update(image.getexif())
    return small


def _eight_bits(image: "Image") -> "Image":
    """A grey picture of 16 bits, or of numbers from 0 to 1, in 8 bits: white stays white."""
    from PIL import Image

    values = np.asarray(image)
    top = 1.0 if image.mode == "F" and values.max() <= 1 else 65535.0 if image.mode.startswith("I") else 255.0
    grey: NDArray[np.uint8] = np.empty(values.shape, np.uint8)
    for start in range(0, len(values), ROWS):
        some = slice(start, start + ROWS)
        grey[some] = np.clip(values[some].astype(np.float32) * (255 / top) + 0.5, 0, 255)
    return Image.fromarray(grey)


def _in_srgb(image: "Image", profile: bytes | None) -> "Image":
    """The colours as sRGB has them, by the picture's own ICC profile; a profile that makes no sense is passed over."""
    from PIL import ImageCms

    plain = image.convert("RGB") if image.mode == "RGBA" else image
    if profile:
        try:
            known = ImageCms.ImageCmsProfile(BytesIO(profile))
            if known.profile.xcolor_space.strip() == "RGB" and plain.mode != "RGB":
                plain = plain.convert("RGB")
            if not _is_srgb(known):
                turned = ImageCms.profileToProfile(plain, known, ImageCms.createProfile("sRGB"), outputMode="RGB")
                assert turned is not None
                return turned
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    return plain if plain.mode == "RGB" else plain.convert("RGB")


def _is_srgb(profile: "ImageCms.ImageCmsProfile") -> bool:
    return "sRGB" in (profile.profile.profile_description or "")
