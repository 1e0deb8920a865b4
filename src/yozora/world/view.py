"""The camera: where the world is in the picture, and which part of each sheet is seen in a frame.

Knows sheets and scenes, no actors' pixels. Pictures are planes [C, H, W] float32 in 0..1, premultiplied.
"""

from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np

from yozora.world import cutouts, occluders, stages
from yozora.world.cameras import CAMERAS, MIDDLE, WIDEST
from yozora.world.light import Light
from yozora.world.nouns import NOUNS
from yozora.world.paint import Box, Floats, Sheet, over
from yozora.world.puppets import move, unit
from yozora.world.scene import Scene
from yozora.world.scenery import StageLayer, StageView
from yozora.world.stages import GROUND
from yozora.world.styles import STYLES
from yozora.world.tables import check_name


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Where the world is in the picture, and where the camera looks in each frame."""

    width: int
    height: int
    scale: float  # pixels a world unit, camera at rest
    middle: tuple[float, float]  # pixels of the world's origin, camera at rest
    shift_T2: Floats  # of the camera, in world units
    zoom_T: Floats
    sharp: float  # the zoom for which sheets are drawn
    known: dict[float, Floats] = field(default_factory=dict, repr=False, compare=False)  # places by parallax

    def places(self, parallax: float) -> Floats:
        """(k, bx, by) in every frame [T, 3]: world (X, Y) of a sheet is at pixels (k X + bx, k Y + by)."""
        if parallax not in self.known:
            k_T = self.scale * self.zoom_T.astype(np.float64)
            shift_T2 = self.shift_T2.astype(np.float64)
            bx_T = self.middle[0] - k_T * shift_T2[:, 0] * parallax
            by_T = self.middle[1] + self.scale * FOCUS - k_T * (FOCUS + shift_T2[:, 1] * parallax)
            self.known[parallax] = np.stack((k_T, bx_T, by_T), axis=1)
            self.known[parallax].flags.writeable = False
        return self.known[parallax]

    def seen(self, parallax: float) -> Box:
        """The box of the world that the camera sees at that parallax in any frame."""
        k_T, bx_T, by_T = self.places(parallax).T
        left, right = (-bx_T / k_T).min(), ((self.width - bx_T) / k_T).max()
        top, bottom = (-by_T / k_T).min(), ((self.height - by_T) / k_T).max()
        return (float(left), float(top), float(right), float(bottom))

    @property
    def moves(self) -> bool:
        """Whether the camera does."""
        return bool(np.any(self.shift_T2 != 0) or np.any(self.zoom_T != 1))


FOCUS = -0.24  # world Y that a zoom keeps in place


def camera(move: str, seconds_T: Floats) -> tuple[Floats, Floats]:
    """Shift [T, 2] in world units and zoom [T] of a camera move; pans and tilts pass their middle after a second."""
    check_name("camera move", move, CAMERAS)
    t_T, entry = np.asarray(seconds_T, np.float32), CAMERAS[move]
    shift_T2, zoom_T = np.zeros((len(t_T), 2), np.float32), np.ones_like(t_T)
    if entry.pan:
        shift_T2[:, 0] = entry.pan * (t_T - MIDDLE)
    if entry.tilt:
        shift_T2[:, 1] = entry.tilt * (t_T - MIDDLE)
    if entry.zoom:
        zoom_T = np.exp(entry.zoom * (t_T if entry.zoom > 0 else (t_T - WIDEST).clip(None, WIDEST)))
    return shift_T2, zoom_T.astype(np.float32)


def view(scene: Scene, width: int, height: int, seconds_T: Floats) -> View:
    """The view of a scene in a picture of that size."""
    shift_T2, zoom_T = camera(scene.camera, seconds_T)
    return View(
        width=width,
        height=height,
        scale=unit(width / height) * height,
        middle=(width / 2, GROUND[scene.place] * height),
        shift_T2=shift_T2,
        zoom_T=zoom_T,
        sharp=float(np.sqrt(zoom_T.max() * zoom_T.min())),
    )


# -------------------------------------------------------------------- layers


def bench(scene: Scene, seen_by: View, light: Light) -> StageView:
    """The drawing table for a scene's stage."""
    scale = seen_by.scale * seen_by.sharp
    origin = (seen_by.middle[0] * seen_by.sharp, seen_by.middle[1] * seen_by.sharp)
    return StageView(
        light=light, seed=scene.seed, scale=scale, origin=origin, ink=STYLES[scene.style].ink, seen=cache(seen_by.seen)
    )


def stage(scene: Scene, seen_by: View, light: Light) -> list[StageLayer]:
    """All sheets of a scene, as few as the camera allows."""
    table = bench(scene, seen_by, light)
    layers = stages.build(scene.place, table)
    if not np.any(seen_by.shift_T2):
        layers = [replace(layer, parallax=1.0) for layer in layers]
    layers = _merged(layers)
    if scene.occluder and scene.actors:
        layers.append(occluders.occluder(scene.place, table, *_hiding_place(scene, seen_by)))
    return layers


def _hiding_place(scene: Scene, seen_by: View) -> tuple[float, float]:
    """X and width of the occluder: where actors[0] is after a second, wide enough to hide it."""
    actor = scene.actors[0]
    aspect = seen_by.width / seen_by.height
    motion = move(actor, NOUNS[actor.noun], scene.place, np.ones(1, np.float32), aspect)
    picture = cutouts.load(actor.noun, actor.color)
    wide = actor.height * picture.shape[1] / picture.shape[0]
    return float(motion.ground_T2[0, 0]), wide * 1.12 + 0.03


def _merged(layers: list[StageLayer]) -> list[StageLayer]:
    """Sheets that are next to each other in depth and move alike become one."""
    out: list[StageLayer] = []
    for layer in layers:
        last = out[-1] if out else None
        if (
            last is not None
            and last.sway is None
            and layer.sway is None
            and not (last.window or layer.window)
            and (last.parallax, last.before, last.sheet.left) == (layer.parallax, layer.before, layer.sheet.left)
            and last.sheet.image_4HW.shape[2] == layer.sheet.image_4HW.shape[2]
        ):
            out[-1] = replace(last, sheet=_composited(last.sheet, layer.sheet))
        else:
            out.append(layer)
    return out


def _composited(under: Sheet, upper: Sheet) -> Sheet:
    """One sheet over another one of the same columns, which grows downwards where it must."""
    row = upper.top - under.top
    rows = row + upper.image_4HW.shape[1]
    if row < 0:
        return _composited(_extended(under, -row, 0), upper)
    if rows > under.image_4HW.shape[1]:
        under = _extended(under, 0, rows - under.image_4HW.shape[1])
    over(under.image_4HW[:, row:rows], upper.image_4HW)
    return under


def _extended(paper: Sheet, above: int, below: int) -> Sheet:
    image = np.pad(paper.image_4HW, ((0, 0), (above, below), (0, 0)))
    y_H = (np.arange(image.shape[1], dtype=np.float32) + (paper.top - above + 0.5 - paper.offset_y)) / paper.scale
    return replace(paper, image_4HW=image, top=paper.top - above, y_H=y_H.astype(np.float32))
