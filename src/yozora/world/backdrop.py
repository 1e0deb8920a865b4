"""The stage in a picture, frame by frame: what of each sheet is seen, without what nearer sheets hide.

Knows no actors. Pictures are planes [C, H, W] float32 in 0..1, premultiplied.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yozora.world.paint import Floats, over
from yozora.world.sampling import sampled, shifted
from yozora.world.scenery import StageLayer
from yozora.world.staging import Grid, Ints, spread_out
from yozora.world.view import View

OPAQUE = 0.9995  # from this alpha on nothing is seen behind a sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A sheet, and where it is in each frame; see `staging.spread_out`."""

    layer: StageLayer
    placed_T3: Floats
    rows_T2: Ints
    cols_T2: Ints
    solid_T: Ints  # the row of the picture from which on nothing is seen behind it, down to its last row

    def seen(self, frame: int, rows: tuple[int, int], planes: int, into: Floats | None = None) -> Floats:
        """The first planes of it in these rows of the picture and its columns; `into`: where they are written."""
        step, x, y = self.placed_T3[frame].tolist()
        c0, c1 = self.cols_T2[frame].tolist()
        image = self.layer.sheet.image_4HW[:planes]
        if abs(step - 1.0) < 1e-9:
            part = shifted(image, 1, y + rows[0], rows[1] - rows[0])
            whole = None if part is None else shifted(part, 2, x + c0, c1 - c0, into)
            if whole is not None:
                return whole
        out = sampled(image, np.array((step, 0.0, x, 0.0, step, y)), (c0, c1, *rows))
        if into is None:
            return out
        into[...] = out
        return into

    def draw(
        self, image_3HW: Floats, frame: int, rows: tuple[int, int], masks_AHW: NDArray[np.bool_] | None = None
    ) -> None:
        """Draw its part in these rows over a picture; actors that it hides are no longer seen."""
        c0, c1 = self.cols_T2[frame].tolist()
        first, last = max(rows[0], int(self.rows_T2[frame, 0])), min(rows[1], int(self.rows_T2[frame, 1]))
        solid = min(max(first, int(self.solid_T[frame])), last) if first < last else last
        if first < solid and c0 < c1:
            planes = self.seen(frame, (first, solid), 4)
            over(image_3HW[:, first:solid, c0:c1], planes)
            if masks_AHW is not None:
                masks_AHW[:, first:solid, c0:c1] &= planes[3] <= 0.5
        if solid < last and c0 < c1:
            self.seen(frame, (solid, last), 3, image_3HW[:, solid:last, c0:c1])
            if masks_AHW is not None:
                masks_AHW[:, solid:last, c0:c1] = False


def panel(layer: StageLayer, seen_by: View, seconds_T: Floats, *, narrow: bool) -> Panel:
    """A sheet in a picture. `narrow`: it ends at its sides; otherwise its outermost columns go on beyond them."""
    image_4HW = layer.sheet.image_4HW
    placed_T3, rows_T2, cols_T2 = spread_out(Grid.of(layer.sheet), layer.parallax, layer.sway, seen_by, seconds_T)
    if not narrow:
        cols_T2[:] = (0, seen_by.width)
    step_T, _, y_T = placed_T3.T
    some_H = np.flatnonzero(image_4HW[3].max(axis=1) > 0)
    clear, solid = (int(some_H[0]) if len(some_H) else len(image_4HW[3])), _solid(image_4HW[3])
    rows_T2[:, 0] = np.maximum(rows_T2[:, 0], np.floor((clear - 1 - y_T) / step_T))
    rows_T2[:, 1] = np.maximum(rows_T2[:, 0], rows_T2[:, 1])
    solid_T = np.ceil((solid - y_T) / step_T - 1e-6).astype(np.int64)
    whole_T = (cols_T2[:, 0] == 0) & (cols_T2[:, 1] == seen_by.width)
    return Panel(
        layer=layer,
        placed_T3=placed_T3,
        rows_T2=rows_T2,
        cols_T2=cols_T2,
        solid_T=np.where(whole_T, solid_T, rows_T2[:, 1]),
    )


def _solid(alpha_HW: Floats) -> int:
    """The first row from which on all rows are opaque."""
    open_H = np.flatnonzero(alpha_HW.min(axis=1) < OPAQUE)
    return int(open_H[-1]) + 1 if len(open_H) else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backdrop:
    """All sheets behind the actors."""

    panels: tuple[Panel, ...]  # far to near, those that are drawn in every frame
    until_PT: Ints  # the row from which on nearer sheets hide each of them
    still_3HW: Floats | None  # what is behind all of these and never moves
    rest_3HW: Floats | None  # the whole backdrop, right but for the rows that change; None: all change
    rows: tuple[int, int]  # that change

    def draw(self, image_3HW: Floats, frame: int) -> None:
        """The rows that change."""
        first, last = self.rows
        if first < last and self.still_3HW is not None:
            image_3HW[:, first:last] = self.still_3HW[:, first:last]
        for layer, until_T in zip(self.panels, self.until_PT, strict=True):
            layer.draw(image_3HW, frame, (first, min(last, int(until_T[frame]))))


def backdrop(behind: list[StageLayer], fronts: list[Panel], seen_by: View, seconds_T: Floats) -> Backdrop:
    """The sheets behind the actors; what those before them hide of it is not drawn either."""
    panels = [panel(layer, seen_by, seconds_T, narrow=False) for layer in behind]
    until_PT = _hidden(panels, fronts)
    if seen_by.moves:
        blank = np.zeros((3, seen_by.height, seen_by.width), np.float32) if _gaps(panels, seen_by.height) else None
        return Backdrop(
            panels=tuple(panels), until_PT=until_PT, still_3HW=blank, rest_3HW=None, rows=(0, seen_by.height)
        )
    everything = (0, seen_by.height)
    resting = next((k for k, layer in enumerate(behind) if layer.sway is not None), len(behind))
    still_3HW = np.zeros((3, seen_by.height, seen_by.width), np.float32)
    for part in panels[:resting]:
        part.draw(still_3HW, 0, everything)
    if resting == len(panels):
        return Backdrop(panels=(), until_PT=until_PT[:0], still_3HW=None, rest_3HW=still_3HW, rows=(0, 0))
    rest_3HW = still_3HW.copy()
    for part in panels[resting:]:
        part.draw(rest_3HW, 0, everything)
    rocking = [part.rows_T2 for part in panels[resting:] if part.layer.sway is not None]
    rows = (min(int(r[:, 0].min()) for r in rocking), max(int(r[:, 1].max()) for r in rocking))
    return Backdrop(
        panels=tuple(panels[resting:]),
        until_PT=until_PT[resting:],
        still_3HW=still_3HW,
        rest_3HW=rest_3HW,
        rows=rows,
    )


def _gaps(panels: list[Panel], height: int) -> bool:
    """Whether the farthest sheet leaves something of the picture open, so that it must be cleared."""
    far = panels[0]
    return bool(np.any(far.rows_T2 != (0, height)) or np.any(far.solid_T > 0))


def _hidden(panels: list[Panel], fronts: list[Panel]) -> Ints:
    """The row [P, T] from which on each panel is behind opaque parts of nearer ones."""
    out = np.array([part.rows_T2[:, 1] for part in panels], np.int64).reshape(len(panels), -1)
    for number, until_T in enumerate(out):
        for nearer in reversed([*panels[number + 1 :], *fronts]):
            hides_T = (nearer.rows_T2[:, 1] >= until_T) & (nearer.solid_T < until_T)
            until_T[hides_T] = nearer.solid_T[hides_T]
    return out
