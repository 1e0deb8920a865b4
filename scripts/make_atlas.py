"""Rasterise the cut-outs of `yozora.world.nouns` from Noto Color Emoji into `src/yozora/world/atlas.npz`.

    python scripts/make_atlas.py [--font PATH] [--sheet PNG]

Needs Pillow with raqm and Debian's fonts-noto-color-emoji. The atlas holds one uint8 array [6, h, w] for each
cut-out: red, green, blue, alpha (straight, with colour bled under it), paint (how much a recolouring replaces), skin.
People have one for each pose and skin tone, named "key/pose/tone".
"""

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from yozora.world.nouns import NOUNS, POSES, TONES

Floats = npt.NDArray[np.float64]
SKIN = ("🏻", "🏽", "🏾", "🏿")
FEMALE, MALE, WHITE_CANE = "\u200d♀️", "\u200d♂️", "\u200d🦯"
MAKEUP = {"man": MALE, "boy": MALE, "woman": FEMALE, "girl": FEMALE, "person": "", "child": ""}
FLIP = {"airplane", "propeller plane", "rocket", "skateboard", "shopping cart", "bicycle"}
GREY = {  # painted by lightness where they are grey or white, not by hue
    "bicycle", "elephant", "rabbit", "sheep", "cow", "mouse", "rat", "buffalo", "poodle", "penguin", "goose", "swan",
    "dove", "seagull", "wolf", "panda", "koala", "raccoon", "badger", "skunk", "zebra", "gorilla", "llama", "ram",
    "shark", "seal", "ant", "spider", "donkey", "airplane", "ball", "sports ball", "volleyball", "baseball",
    "minibus", "police car", "ambulance", "ship", "cruise ship", "rock", "snowman", "fork", "knife", "spoon",
    "cup", "toilet", "bathtub", "keyboard", "laptop", "desktop computer", "cell phone", "tv", "camera", "watch",
    "traffic light", "hat", "glass of milk", "candle", "robot", "wine glass", "shopping cart", "eagle",
    "castle", "church", "flying saucer", "tram", "high-speed train", "fountain", "egg", "chicken",
    "skateboard",
}  # fmt: skip
BOTH = {"airplane", "bus"}  # painted where they are grey and where they have their dominant hue
HUES = {"cyclist": 0.07}  # where the dominant hue is not the one that names the colour
SATURATED = {"clock": 0.35}  # least saturation of what is painted, where paler parts of the same hue should stay


def glyph(text: str, font: ImageFont.FreeTypeFont) -> Floats:
    """Straight-alpha picture [160, 160, 4] in 0..1; glyphs of one family are aligned with one another."""
    image = Image.new("RGBA", (160, 160), (0, 0, 0, 0))
    ImageDraw.Draw(image).text((12, 12), text, font=font, embedded_color=True)
    return np.asarray(image).astype(np.float64) / 255


def components(alpha: Floats) -> npt.NDArray[np.int64]:
    """Label connected opaque regions, 0 outside (flood fill by label spreading)."""
    labels = np.where(alpha > 0.1, np.arange(1, alpha.size + 1).reshape(alpha.shape), 0)
    while True:
        padded = np.pad(labels, 1)
        best = np.max([padded[1 + dy : 161 + dy, 1 + dx : 161 + dx] for dy in (-1, 0, 1) for dx in (-1, 0, 1)], axis=0)
        best = np.where(labels > 0, best, 0)
        if np.array_equal(best, labels):
            return labels
        labels = best


def keep(picture: Floats, mask: npt.NDArray[np.bool_]) -> Floats:
    out = picture.copy()
    out[~mask, 3] = 0
    return out


def hsv(picture: Floats) -> tuple[Floats, Floats, Floats]:
    """Hue (turns), saturation and value, each [h, w]."""
    rgb = picture[..., :3]
    value, low = rgb.max(-1), rgb.min(-1)
    chroma = value - low
    safe = np.where(chroma > 0, chroma, 1)
    r, g, b = np.moveaxis(rgb, -1, 0)
    hue = np.where(value == r, (g - b) / safe % 6, np.where(value == g, (b - r) / safe + 2, (r - g) / safe + 4)) / 6
    return np.where(chroma > 0, hue, 0), np.where(value > 0, chroma / np.where(value > 0, value, 1), 0), value


def ramp(x: Floats, low: float, high: float) -> Floats:
    return np.clip((x - low) / (high - low), 0, 1)


def paint_mask(picture: Floats, key: str, skin: Floats) -> Floats:
    """How much of each pixel a recolouring replaces, 0..1: the dominant hue, or (GREY) what has hardly any hue."""
    hue, saturation, value = hsv(picture)
    neutral = (1 - ramp(saturation, 0.30, 0.45)) * ramp(value, 0.10, 0.25)
    neutral[skin > 0] = 0
    if key in GREY - BOTH:
        return neutral
    weight = picture[..., 3] * ramp(saturation, 0.15, 0.4) * ramp(value, 0.15, 0.4) * (skin == 0)
    bins = np.bincount((hue * 60).astype(int).ravel() % 60, weights=weight.ravel(), minlength=60)
    smooth = sum(np.roll(bins, k) * (3 - abs(k)) for k in range(-2, 3))
    dominant = HUES.get(key, (float(np.argmax(smooth)) + 0.5) / 60)
    distance = np.abs((hue - dominant + 0.5) % 1 - 0.5)
    least = SATURATED.get(key, 0.06)
    paint = (1 - ramp(distance, 0.11, 0.15)) * ramp(saturation, least, least + 0.1) * ramp(value, 0.12, 0.28)
    if key in BOTH:
        glass = ramp(value, 0.90, 0.96) * ramp(saturation, 0.12, 0.2)
        paint = np.maximum(paint * (1 - glass), neutral * (1 - ramp(saturation, 0.1, 0.2)) * ramp(value, 0.5, 0.62))
    paint[skin > 0] = 0
    return paint


def bleed(picture: Floats) -> Floats:
    """Spread colour under the transparent pixels, so that resampling has no dark fringe."""
    out, known = picture.copy(), (picture[..., 3] > 0.5).astype(np.float64)
    out[..., :3] *= known[..., None]
    for _ in range(24):
        pad_rgb, pad_known = np.pad(out[..., :3], ((1, 1), (1, 1), (0, 0))), np.pad(known, 1)
        h, w = known.shape
        shifts = [(dy, dx) for dy in (0, 1, 2) for dx in (0, 1, 2)]
        rgb = sum(pad_rgb[dy : dy + h, dx : dx + w] * pad_known[dy : dy + h, dx : dx + w, None] for dy, dx in shifts)
        total = sum(pad_known[dy : dy + h, dx : dx + w] for dy, dx in shifts)
        new = (known == 0) & (total > 0)
        out[new, :3] = (rgb / np.maximum(total, 1)[..., None])[new]
        known = np.maximum(known, new)
    return out


def pack(picture: Floats, paint: Floats, skin: Floats, flip: bool = False) -> npt.NDArray[np.uint8]:
    """Crop to what is opaque and store as uint8 [6, h, w]."""
    rows, cols = np.where(picture[..., 3] > 0.03)
    box = np.s_[rows.min() : rows.max() + 1, cols.min() : cols.max() + 1]
    planes = np.concatenate([bleed(picture)[box], paint[box][..., None], skin[box][..., None]], axis=-1)
    out = np.round(planes.transpose(2, 0, 1) * 255).astype(np.uint8)
    return np.ascontiguousarray(out[:, :, ::-1]) if flip else out


def mend(key: str, picture: Floats) -> Floats:
    """Take away what the glyph shows beside the thing itself."""
    hue, saturation, value = hsv(picture)
    if key == "couch":  # a floor lamp stands behind it
        lamp = (hue < 0.2) & (saturation > 0.3)
        rows = np.arange(160)[:, None] * np.ones((1, 160))
        couch = (hue > 0.5) & (saturation > 0.3) & (picture[..., 3] > 0.5)
        return keep(picture, ~lamp & (rows >= np.where(couch)[0].min() - 1))
    if key == "seagull":  # the dove without its olive branch
        return keep(picture, ~((hue > 0.12) & (hue < 0.45) & (saturation > 0.25)))
    if key == "skis":  # snow behind the boot
        return keep(picture, ~((value > 0.72) & (saturation < 0.30)))
    if key in {"tennis racket", "fork", "frisbee", "rocket"}:
        labels = components(picture[..., 3])
        ids, sizes = np.unique(labels[labels > 0], return_counts=True)
        lefts = [np.where(labels == i)[1].min() for i in ids]
        chosen = ids[np.argmin(lefts)] if key == "fork" else ids[np.argmax(sizes)]
        return keep(picture, labels == chosen)
    if key == "stop sign":
        image = Image.fromarray(np.round(picture * 255).astype(np.uint8))
        draw = ImageDraw.Draw(image)
        cols = np.where(picture[..., 3] > 0.5)
        middle = ((cols[1].min() + cols[1].max()) / 2, (cols[0].min() + cols[0].max()) / 2)
        draw.text(middle, "STOP", font=ImageFont.load_default(38), fill="white", anchor="mm", stroke_width=1)
        return np.asarray(image).astype(np.float64) / 255
    if key == "zebra":
        return stripes(picture)
    return picture


def stripes(picture: Floats) -> Floats:
    """A zebra out of the horse: a white coat with dark bands."""
    out = picture.copy()
    _, _, value = hsv(picture)
    coat = ramp(value, 0.55, 0.75)
    y, x = np.mgrid[0:160, 0:160]
    bands = ramp(np.sin(2 * np.pi * (x + 0.25 * y + 3 * np.sin(y / 9)) / 12.5), -0.15, 0.25)
    striped = (0.13 + 0.82 * bands)[..., None] * np.ones(3)
    dark = np.full(3, 0.14)
    out[..., :3] = coat[..., None] * striped + (1 - coat[..., None]) * dark
    return out


def person(key: str, pose: str, tone: str, font: ImageFont.FreeTypeFont) -> npt.NDArray[np.uint8]:
    """One person in one pose and skin tone; children get children's proportions, old people grey hair and a cane."""
    old, small = key.startswith("old "), key in {"boy", "girl", "child"}
    gender = MAKEUP[key.removeprefix("old ")]

    def drawn(skin: str) -> Floats:
        if pose == "dance":
            return glyph(("💃" if gender == FEMALE else "🕺") + skin, font)
        if old and pose == "walk":
            return glyph(("👨" if gender == MALE else "👩") + skin + WHITE_CANE, font)
        return glyph({"walk": "🚶", "run": "🏃", "stand": "🧍"}[pose] + skin + gender, font)

    picture, light, dark = drawn(tone), drawn(SKIN[0]), drawn(SKIN[-1])
    brown = drawn(SKIN[1])
    differs = np.maximum(np.abs(light - dark)[..., :3].max(-1), np.abs(light - brown)[..., :3].max(-1))
    body = (differs > 0.06).astype(np.float64)
    rows = np.where(picture[..., 3] > 0.5)[0]
    top, height = int(rows.min()), int(np.ptp(rows)) + 1
    hair = hair_mask(light, top, height)
    skin = np.maximum(body, hair)
    paint = paint_mask(picture, "sheep" if pose == "dance" and gender != FEMALE else "", skin)
    if pose != "dance":  # shoes keep their colour
        paint[top + round(0.70 * height) :] = 0
    if old:
        picture[..., :3] = np.where(hair[..., None] > 0, 0.62 + 0.9 * hsv(light)[2][..., None], picture[..., :3])
        picture = np.clip(picture, 0, 1)
    planes = np.concatenate([picture, paint[..., None], skin[..., None]], axis=-1)
    if gender == FEMALE and pose in {"walk", "stand", "run"}:
        planes = skirt(planes, top, height)
    if small:
        planes = shrink(planes, top, height)
    return pack(planes[..., :4], planes[..., 4], planes[..., 5])


def hair_mask(light: Floats, top: int, height: int) -> Floats:
    """Dark pixels of the head, seen on the lightest tone."""
    value = light[..., :3].max(-1)
    head = np.arange(160)[:, None] < top + 0.36 * height
    dark = ((value < 0.42) & head & (light[..., 3] > 0.1)).astype(np.float64)
    labels = components(dark)
    ids, sizes = np.unique(labels, return_counts=True)
    return np.isin(labels, ids[(ids > 0) & (sizes > 40)]).astype(np.float64)  # eyes and brows are small


def skirt(planes: Floats, top: int, height: int) -> Floats:
    """Turn shirt and trousers into a dress: the cloth between hips and knees takes the shirt's colour and fills out."""
    out = planes.copy()
    cloth = (planes[..., 4] > 0.5) & (planes[..., 3] > 0.9)
    color = np.median(planes[cloth][:, :3], axis=0)
    _, saturation, value = hsv(planes)
    legs = (saturation < 0.2) & (value > 0.25) & (value < 0.75) & (planes[..., 3] > 0.5) & (planes[..., 5] == 0)
    start, knee = np.where(cloth)[0].max() - 2, top + round(0.76 * height)
    columns = np.where(cloth[: top + round(0.5 * height)])[1]
    flung = (np.arange(160) < columns.min() - 8) | (np.arange(160) > columns.max() + 8)
    legs[:, flung] = cloth[:, flung] = False  # a leg that is flung back stays a leg, with its shoe
    out[top + round(0.5 * height) :, flung, 4] = 0
    first = np.where(legs.any(1))[0].min()
    for y in range(min(start, first), knee):
        cols = np.where(legs[y] | (cloth[y] & (y >= first)))[0]
        if len(cols) == 0:
            continue
        flare = 1 + 5 * max(0, y - first) / max(1, knee - first)
        left, right = cols.min() - flare, cols.max() + flare
        x = np.arange(160)
        cover = np.clip(np.minimum(x - left, right - x) + 0.5, 0, 1) * (planes[y, :, 5] == 0)
        shade = 1 - 0.16 * np.clip((x - left) / max(1, right - left), 0, 1)
        out[y, :, :3] += cover[:, None] * (color * shade[:, None] - out[y, :, :3])
        out[y, :, 3] = np.maximum(out[y, :, 3], cover)
        out[y, :, 4] += cover * (1 - out[y, :, 4])
    return out


def shrink(planes: Floats, top: int, height: int) -> Floats:
    """A child's proportions: the head keeps its size, the body below is three fifths as long."""
    neck = top + round(0.30 * height)
    bottom = top + height
    body_rows = neck + (np.arange(round(0.60 * (bottom - neck))) + 0.5) / 0.60
    rows = np.concatenate([np.arange(neck, dtype=np.float64), body_rows])
    low = np.clip(np.floor(rows).astype(int), 0, 158)
    part = np.clip(rows - low, 0, 1)[:, None, None]
    weighted = planes * np.concatenate([planes[..., 3:4].repeat(3, -1), np.ones((160, 160, 3))], axis=-1)
    mixed = weighted[low] * (1 - part) + weighted[low + 1] * part
    alpha = np.maximum(mixed[..., 3:4], 1e-6)
    out = np.zeros((160, 160, 6))
    out[: len(rows)] = np.concatenate([np.clip(mixed[..., :3] / alpha, 0, 1), mixed[..., 3:]], axis=-1)
    return out


def build(font: ImageFont.FreeTypeFont) -> dict[str, npt.NDArray[np.uint8]]:
    """Every cut-out by its name."""
    atlas: dict[str, npt.NDArray[np.uint8]] = {}
    for key, noun in NOUNS.items():
        if key.removeprefix("old ") in MAKEUP:
            for pose in POSES:
                for tone in range(TONES):
                    atlas[f"{key}/{pose}/{tone}"] = person(key, pose, SKIN[tone], font)
            continue
        tinted = noun.kind == "person"
        picture = glyph(NOUNS["horse"].glyph if key == "zebra" else noun.glyph, font)
        skin = np.zeros((160, 160))
        if tinted:
            base, rest = noun.glyph[0], noun.glyph[1:]
            picture = glyph(base + SKIN[1] + rest, font)
            skin = (
                np.abs(glyph(base + SKIN[0] + rest, font) - glyph(base + SKIN[3] + rest, font))[..., :3].max(-1) > 0.06
            )
            skin = skin.astype(np.float64)
        picture = mend(key, picture)
        atlas[key] = pack(picture, paint_mask(picture, key, skin), skin, key in FLIP)
    return atlas


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--font", default="/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
    parser.add_argument("--out", default=str(Path(__file__).parents[1] / "src/yozora/world/atlas.npz"))
    options = parser.parse_args()
    atlas = build(ImageFont.truetype(options.font, 109))
    np.savez_compressed(options.out, allow_pickle=False, **atlas)
    print(f"{len(atlas)} cut-outs, {Path(options.out).stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
