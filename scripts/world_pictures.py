"""Draw docs/world/*.jpg: sheets of what the world can do, and write the list of camera moves in docs/world.md; with
--check, only say whether they are current.

Needs Pillow. A sheet is current where no block of it differs visibly from what is drawn now and packed as JPEG as well:
other processors and versions of libjpeg may round differently.
"""

import sys
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from yozora.films.sheet import contact_sheet
from yozora.world.cameras import CAMERAS
from yozora.world.figures import figure
from yozora.world.joints import STEPS
from yozora.world.light import light_of
from yozora.world.paint import over
from yozora.world.render import render
from yozora.world.sampling import sampled
from yozora.world.scene import DAYTIMES, PLACES, Actor, Direction, Place, Scene
from yozora.world.sprites import sprite
from yozora.world.stages import GROUND
from yozora.world.styles import STYLES
from yozora.world.weathers import WEATHERS

FOLDER = Path(__file__).parents[1] / "docs" / "world"
PAGE = FOLDER.with_suffix(".md")
MARKS = ("<!-- camera moves -->", "<!-- end of the camera moves -->")  # of the page, around their list
MOVES = [name for name in CAMERAS if name != "static"]
LIKENESS = 3.0  # mean difference, in 1/255, of two blocks that look the same
BLOCK = 16  # pixels
Picture = NDArray[np.uint8]

JOINTED: tuple[tuple[str, str], ...] = (
    *(("man", "walk"), ("woman", "run"), ("child", "walk"), ("cyclist", "ride"), ("dog", "walk"), ("cat", "walk")),
    *(
        ("horse", "run"),
        ("zebra", "run"),
        ("cow", "walk"),
        ("elephant", "walk"),
        ("giraffe", "walk"),
        ("camel", "walk"),
    ),
    *(("tiger", "run"), ("dinosaur", "walk"), ("tyrannosaurus", "run"), ("crocodile", "walk"), ("crab", "walk")),
    *(("duck", "walk"), ("penguin", "walk"), ("parrot", "fly"), ("seagull", "fly"), ("eagle", "fly"), ("bat", "fly")),
    *(("butterfly", "fly"), ("fish", "swim"), ("octopus", "swim"), ("car", "drive"), ("truck", "drive")),
    *(("train", "drive"), ("tractor", "drive"), ("bicycle", "ride"), ("helicopter", "fly"), ("robot", "dance")),
)  # in the order of the sheet


def _actor(
    noun: str,
    action: str,
    place: Place,
    *,
    x: float = 0.5,
    up: float = -0.045,
    height: float = 0.46,
    direction: Direction = "none",
    speed: float = 0.0,
    color: str | None = None,
) -> Actor:
    """An actor whose feet are `up` above the ground line."""
    return Actor(
        noun=noun,
        action=action,
        color=color,  # type: ignore[arg-type]
        direction=direction,
        x=x,
        y=GROUND[place] - up,
        height=height,
        speed=speed,
    )


def _scene(place: Place, *actors: Actor, seed: int = 1, **changes: object) -> Scene:
    return Scene(seed=seed, place=place, actors=actors, **changes)  # type: ignore[arg-type]


def actions() -> Picture:
    """One of every action, three moments each, 0.7 seconds apart."""
    right: dict[str, object] = {"direction": "right", "x": 0.24}
    left: dict[str, object] = {"direction": "left", "x": 0.76}
    told: tuple[tuple[str, str, Place, dict[str, object], dict[str, object]], ...] = (
        ("stand", "cat", "room", {"height": 0.5}, {"daytime": "sunset"}),
        ("walk", "woman", "city", {**right, "speed": 0.2, "height": 0.55}, {"daytime": "sunset"}),
        ("run", "horse", "desert", {**left, "speed": 0.28, "height": 0.5}, {"daytime": "sunset"}),
        ("hop", "kangaroo", "mountains", {**right, "speed": 0.2}, {}),
        ("dance", "man", "room", {"height": 0.6, "color": "red"}, {"daytime": "night"}),
        ("fly", "eagle", "mountains", {**left, "speed": 0.24, "up": 0.12, "height": 0.4}, {"weather": "snow"}),
        ("drive", "car", "city", {**right, "speed": 0.25, "color": "yellow", "height": 0.36}, {"weather": "rain"}),
        ("ride", "cyclist", "park", {**left, "speed": 0.24, "height": 0.5}, {"weather": "leaves"}),
        ("sail", "boat", "sea", {**right, "speed": 0.18, "height": 0.5}, {"daytime": "sunset"}),
        ("swim", "dolphin", "sea", {**left, "speed": 0.2, "height": 0.4}, {}),
        ("roll", "skateboard", "beach", {**right, "speed": 0.25, "height": 0.3}, {}),
        ("bounce", "basketball", "park", {"up": 0.38, "height": 0.3}, {}),
        (
            "rise",
            "balloon",
            "snow",
            {"color": "red", "up": 0.05, "height": 0.4},
            {"daytime": "night", "weather": "snow"},
        ),
        ("fall", "parachute", "beach", {"up": 0.42, "height": 0.42}, {}),
    )
    films = [
        render(
            _scene(place, _actor(noun, action, place, **who), **where),  # type: ignore[arg-type]
            width=208,
            height=117,
            frames=3,
            fps=1 / 0.7,
        ).frames_THWC
        for action, noun, place, who, where in told
    ]
    return contact_sheet(films, shots=3, columns=2)


def places() -> Picture:
    """Every place with somebody in it."""
    who: dict[Place, tuple[Actor, ...]] = {
        "park": (_actor("dog", "walk", "park", x=0.4, direction="right", speed=0.2),),
        "beach": (
            _actor("crab", "walk", "beach", x=0.62, height=0.3),
            _actor("child", "run", "beach", x=0.35, height=0.44),
        ),
        "city": (_actor("taxi", "drive", "city", x=0.5, direction="left", speed=0.2, height=0.36),),
        "snow": (_actor("penguin", "walk", "snow", x=0.4), _actor("snowman", "stand", "snow", x=0.68, height=0.5)),
        "desert": (_actor("camel", "walk", "desert", x=0.5, direction="left", speed=0.2, height=0.52),),
        "sea": (
            _actor("whale", "swim", "sea", x=0.38),
            _actor("boat", "sail", "sea", x=0.74, height=0.34, color="red"),
        ),
        "mountains": (_actor("goat", "stand", "mountains", x=0.4), _actor("eagle", "fly", "mountains", x=0.72, up=0.2)),
        "room": (_actor("teddy bear", "dance", "room", x=0.4), _actor("robot", "dance", "room", x=0.68, height=0.4)),
    }
    scenes = [_scene(place, *who[place], daytime=DAYTIMES[(k // 3) % 2]) for k, place in enumerate(PLACES)]
    return _stills(scenes, 300, 169, columns=4)


def weathers() -> Picture:
    """Every weather by day, at sunset and at night."""
    rows: tuple[tuple[Place, str, str], ...] = (
        ("park", "elephant", "walk"),
        ("city", "bus", "drive"),
        ("mountains", "deer", "walk"),
    )
    scenes = [
        _scene(
            place,
            _actor(noun, action, place, direction="right", speed=0.2, x=0.42, height=0.4),
            daytime=daytime,
            weather=weather,
        )
        for daytime, (place, noun, action) in zip(DAYTIMES, rows, strict=True)
        for weather in WEATHERS
    ]
    return _stills(scenes, 256, 144, columns=5)


def looks() -> Picture:
    """Every style."""
    actors = (
        _actor("giraffe", "walk", "park", x=0.30, direction="right", speed=0.1, height=0.6),
        _actor("woman", "walk", "park", x=0.62, direction="right", speed=0.1, color="red", height=0.48),
    )
    scenes = [_scene("park", *actors, style=style, daytime="sunset", seed=4) for style in STYLES]
    return _stills(scenes, 400, 225, columns=3)


def cameras() -> Picture:
    """Every camera move but the one at rest, three moments each."""
    boat = _actor("boat", "sail", "sea", x=0.5, height=0.42, color="yellow")
    films = [
        render(_scene("sea", boat, camera=move, daytime="sunset"), width=208, height=117, frames=3, fps=1.0).frames_THWC
        for move in MOVES
    ]
    return contact_sheet(films, shots=3, columns=2)


def _stills(scenes: list[Scene], width: int, height: int, columns: int) -> Picture:
    """The frame after a second of each scene."""
    films = [render(scene, width=width, height=height, frames=2, fps=1.0).frames_THWC[1:] for scene in scenes]
    return contact_sheet(films, shots=1, columns=columns)


def joints(size: int = 84, shots: int = 5, columns: int = 3) -> Picture:
    """Jointed nouns, each at some steps of its cycle, on paper."""
    light, edge = light_of("day", "clear", indoors=False), STYLES["paper"].edge
    films = []
    for number, (noun, action) in enumerate(JOINTED):
        assert figure(noun, action) is not None
        shade = 0.06 * ((number + number // columns) % 2)
        ground = np.array((0.66 - shade, 0.80 - shade, 0.84 - shade), np.float32)
        images = []
        for shot in range(shots):
            image = np.ascontiguousarray(np.broadcast_to(ground[:, None, None], (3, size, size)))
            shape = sprite(noun, None, action, 1, 96, (edge, 200.0), light, shot * STEPS // shots)
            tall = min(0.72 * size, 0.80 * size / shape.wide)
            step, (x, y) = shape.scale / tall, shape.foot
            map_6 = np.array((step, 0.0, x - step * (size - 1) / 2, 0.0, step, y - step * (size + tall - 1) / 2))
            over(image, sampled(shape.image_4HW, map_6 - (0, 0, 0.5, 0, 0, 0.5), (0, size, 0, size)))
            images.append((image.clip(0, 1).transpose(1, 2, 0) * 255 + 0.5).astype(np.uint8))
        films.append(np.stack(images))
    return contact_sheet(films, shots=shots, columns=columns)


SHEETS = {
    "joints": joints,
    "actions": actions,
    "places": places,
    "weathers": weathers,
    "styles": looks,
    "cameras": cameras,
}


def jpeg(picture: Picture) -> bytes:
    """The picture as a JPEG file."""
    out = BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=84, optimize=True, progressive=True)
    return out.getvalue()


def away(path: Path, picture: Picture) -> float:
    """How far the blocks of a file and a picture differ at most, in 1/255; of other sizes, or no file: infinite."""
    if not path.is_file():
        return float("inf")
    there, here = (np.asarray(Image.open(data)).astype(np.float32) for data in (path, BytesIO(jpeg(picture))))
    if there.shape != here.shape:
        return float("inf")
    apart_HW = np.abs(there - here).mean(axis=-1)
    rows, cols = (np.arange(0, size, BLOCK) for size in apart_HW.shape)
    sums = np.add.reduceat(np.add.reduceat(apart_HW, rows, axis=0), cols, axis=1)
    return float(sums.max()) / BLOCK**2


def with_moves(page: str) -> str:
    """The page with the camera moves of today."""
    begin, end = MARKS
    line = f"Row by row: {', '.join(MOVES)}. With `static`, the camera is at rest."
    return f"{page.partition(begin)[0]}{begin}\n\n{line}\n\n{end}{page.partition(end)[2]}"


def main() -> int:
    check = "--check" in sys.argv[1:]
    drawn = {f"{name}.jpg": draw() for name, draw in SHEETS.items()}
    stale = [name for name, picture in drawn.items() if not away(FOLDER / name, picture) < LIKENESS]
    gone = sorted(path.name for path in FOLDER.glob("*.jpg") if path.name not in drawn)
    page = PAGE.read_text(encoding="utf-8")
    if check:
        gone += [PAGE.name] if with_moves(page) != page else []
        if stale or gone:
            print(f"docs/world: {', '.join(stale + gone)}: not what is drawn: run `make docs`", file=sys.stderr)
        return 1 if stale or gone else 0
    if with_moves(page) != page:
        PAGE.write_text(with_moves(page), encoding="utf-8")
    FOLDER.mkdir(exist_ok=True)
    for name in stale:
        (FOLDER / name).write_bytes(jpeg(drawn[name]))
    for name in gone:
        (FOLDER / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
