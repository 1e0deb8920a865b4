"""Write docs/world.png: takes 0, 1, 2, ... of an evaluation stream, nothing picked."""

from pathlib import Path

from yozora.films.sheet import contact_sheet, write_png
from yozora.train.data import scene_at
from yozora.world.distributions import SceneDistribution
from yozora.world.render import render

if __name__ == "__main__":
    scenes = [scene_at(SceneDistribution(), 1500, index) for index in range(16)]
    films = [render(scene, width=256, height=144, frames=33).frames_THWC for scene in scenes]
    write_png(Path(__file__).parent.parent / "docs" / "world.png", contact_sheet(films, shots=2, columns=2))
