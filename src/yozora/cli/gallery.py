"""Styles and camera moves as they look and as a prompt calls them."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.text import Text

from yozora.cli.working import say_json
from yozora.errors import UserError
from yozora.films.sheet import contact_sheet, write_png
from yozora.language.languages import LANGUAGES
from yozora.media import whole_file
from yozora.world.cameras import CAMERAS
from yozora.world.render import render
from yozora.world.scene import Actor, Scene
from yozora.world.styles import STYLES

THUMBNAIL = (32, 18)  # pixels; two of them, one above the other, in a character


def thumbnail(style: str, width: int, height: int) -> NDArray[np.uint8]:
    """The same scene in a style, uint8 `[H, W, 3]`."""
    actors = (
        Actor(noun="car", color="red", action="drive", direction="right", x=0.32, y=0.86, height=0.42, speed=0.0),
        Actor(noun="house", x=0.74, y=0.8, height=0.5),
    )
    scene = Scene(seed=3, place="park", daytime="day", weather="clear", camera="static", style=style, actors=actors)
    frame: NDArray[np.uint8] = render(scene, width=width, height=height, frames=1).frames_THWC[0]
    return frame


def show_styles(sheet: Path | None, *, as_json: bool = False) -> None:
    """List styles with thumbnails, then camera moves; with `sheet` also as a PNG."""
    if sheet is not None:
        save_sheet(sheet)
    if as_json:
        said = {style: LANGUAGES["en"].phrases.styles[style].split("|") for style in STYLES}
        say_json({"styles": said, "cameras": list(CAMERAS)})
        return
    console = Console()
    for style in STYLES:
        words = LANGUAGES["en"].phrases.styles[style].split("|")
        console.print(f"[bold]{style}[/]  {', '.join(words)}", highlight=False)
        if console.color_system is not None:
            console.print(halves(thumbnail(style, *THUMBNAIL)))
    console.print("\ncamera: " + ", ".join(CAMERAS), highlight=False)
    if sheet is not None:
        console.print(f"{sheet}: {', '.join(STYLES)}", highlight=False)


def save_sheet(path: Path) -> None:
    """All styles as a PNG. Raises `UserError` where it cannot be written."""
    if path.suffix.lower() != ".png":
        raise UserError(
            f"{str(path)!r} is not the name of a PNG.", "Use a name such as styles.png.", code="output_not_png"
        )
    try:
        with whole_file(path.resolve()) as part:
            write_png(part, contact_sheet([thumbnail(style, 224, 128)[None] for style in STYLES], shots=1, columns=3))
    except OSError as error:
        raise UserError(
            f"Cannot write {str(path)!r}: {error.strerror}.", "Choose another place.", code="output_unwritable"
        ) from error


def halves(frame_HWC: NDArray[np.uint8]) -> Text:
    """A picture in characters, each an upper half in one colour over a lower half in another."""
    text = Text()
    for upper, lower in zip(frame_HWC[::2], frame_HWC[1::2], strict=False):
        for above, below in zip(upper.tolist(), lower.tolist(), strict=True):
            text.append("▀", style=f"rgb({above[0]},{above[1]},{above[2]}) on rgb({below[0]},{below[1]},{below[2]})")
        text.append("\n")
    return text
