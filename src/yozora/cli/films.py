"""The commands that make films: each says what it takes and makes an order of it; all share settings and progress."""

import inspect
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yozora import presets
from yozora.core.request import MAX_PROMPT, parse_size
from yozora.errors import UserError
from yozora.presets import Preset

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from yozora.board import Board
    from yozora.engine import Order, Progress
    from yozora.orders import Choices

Clip = Annotated[Path, typer.Argument(metavar="CLIP", help="A film file: MP4, WebM, MOV, GIF and others.")]


def from_stdin(text: str | None) -> str | None:
    """A prompt, read from standard input where it is "-". Raises `UserError` where there is none."""
    if text is None or text.strip() != "-":
        return text
    hint = 'Pipe it in: echo "a red car" | yozora generate -'
    if sys.stdin is None or sys.stdin.isatty():
        raise UserError("The prompt - is read from standard input, which is a terminal.", hint)
    try:
        read = sys.stdin.buffer.read(4 * MAX_PROMPT + 4).decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise UserError("Standard input is not text.", "Write the prompt in UTF-8.") from error
    if not read:
        raise UserError("Standard input is empty, and so is the prompt.", hint)
    return read


STDIN = "- reads it from standard input."
Prompt = Annotated[
    str, typer.Argument(metavar="PROMPT", help=f"What is to be seen, in quotes; {STDIN}", callback=from_stdin)
]
PICTURE = "JPEG, PNG, WebP, HEIC and others, or a film, of which it is the first frame"
MaybePrompt = Annotated[
    str,
    typer.Option(
        "--prompt",
        metavar="TEXT",
        help=f"What is to be seen; {STDIN} [default: what the clip was made from]",
        callback=from_stdin,
    ),
]
Strength = Annotated[str, typer.Option(metavar="S", help="0 (as it is) to 1 (all anew), or subtle, mild, strong.")]


def settings(
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="NAME",
            help="A .mp4, .mov, .webm, .gif, .webp or .png (the first frame), or frames: FOLDER/ or %04d.png. What is"
            " there is replaced when the film is done, but never a source. [default: film.mp4, film-2.mp4, ...]",
        ),
    ] = None,
    seconds: Annotated[float | None, typer.Option(metavar="S", help="Length of what is made.")] = None,
    size: Annotated[str | None, typer.Option(metavar="WxH", help="Width and height in pixels.")] = None,
    fit: Annotated[
        str, typer.Option(metavar="RULE", help="How sources fill the picture: crop, pad or stretch.")
    ] = "crop",
    fps: Annotated[float | None, typer.Option(metavar="N", help="Frames a second.")] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="The same seed makes the same film, but for its invisible mark.")
    ] = None,
    steps: Annotated[int | None, typer.Option(metavar="N", help="More are slower and finer.")] = None,
    guidance: Annotated[
        float | None, typer.Option(metavar="G", help="How strictly to follow the prompt; 1: no guidance.")
    ] = None,
    negative: Annotated[str, typer.Option(metavar="TEXT", help="What the film should not show.")] = "",
    style: Annotated[str, typer.Option(metavar="NAME", help="One of `yozora styles`, or words of your own.")] = "",
    model: Annotated[
        str, typer.Option(metavar="NAME", help="One of `yozora models`, or a folder of weights.")
    ] = presets.DEFAULT,
) -> "tuple[str | None, Choices]":
    """What every film command takes, as the name to write to and the choices for an order.

    Raises `UserError` for a model that is not there and for a size that it cannot make.
    """
    preset = presets.find(model)
    numbers = {"seconds": seconds, "fps": fps, "seed": seed, "steps": steps, "guidance": guidance}
    choices: Any = {name: value for name, value in numbers.items() if value is not None}
    if size is not None:
        choices["width"], choices["height"] = parse_size(size)
        preset.check_size(choices["width"], choices["height"])
    choices.update(negative_prompt=negative, style=style, fit=fit, model=model)
    return output, choices


def film_command(make: "Callable[..., Order]") -> Callable[..., None]:
    """A command out of a function that makes an order: it takes what the function takes, and all `settings`."""
    own = inspect.signature(make).parameters
    shared = inspect.signature(settings).parameters
    taken = {name: parameter for name, parameter in own.items() if name != "choices"}

    def command(**given: Any) -> None:
        output, choices = settings(**{name: given.pop(name) for name in shared})
        produce(output, lambda: make(choices=choices, **given))

    parameters = [p.replace(kind=p.KEYWORD_ONLY) for p in (*taken.values(), *shared.values())]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    command.__name__, command.__doc__ = make.__name__, make.__doc__
    return command


def generate(
    prompt: Annotated[
        str,
        typer.Argument(
            metavar="PROMPT",
            help=f"What the film shows, in quotes, in any language the model reads; {STDIN}",
            callback=from_stdin,
        ),
    ],
    image: Annotated[Path | None, typer.Option(metavar="FILE", help=f"What the film starts with: {PICTURE}.")] = None,
    last: Annotated[Path | None, typer.Option(metavar="FILE", help="What it ends with, likewise.")] = None,
    *,
    choices: Any,
) -> "Order":
    """Make a film from a prompt, perhaps from a picture on, and write it to a file.

    What is not said is the model's default (see `yozora models`), and the seed is drawn.
    """
    from yozora import orders

    if image is None and last is not None:
        raise UserError("--last says how a film ends, --image how it starts.", "Give both, or --image alone.")
    return orders.text(prompt, **choices) if image is None else orders.image(prompt, image, last, **choices)


def extend(
    clip: Clip,
    prompt: Annotated[
        str,
        typer.Argument(metavar="[PROMPT]", help=f"What happens; {STDIN} Default: as before.", callback=from_stdin),
    ] = "",
    backward: Annotated[bool, typer.Option("--backward", help="What came before instead of what comes next.")] = False,
    *,
    choices: Any,
) -> "Order":
    """Let a clip go on for --seconds, or begin so much earlier."""
    from yozora import orders

    return orders.extend(clip, prompt, backward=backward, **choices)


def loop(clip: Clip, prompt: MaybePrompt = "", *, choices: Any) -> "Order":
    """Make a clip that plays on and on: --seconds lead from its end back to its beginning."""
    from yozora import orders

    return orders.loop(clip, prompt, **choices)


def blend(
    a: Annotated[Path, typer.Argument(metavar="A", help="The film that comes first.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="The film that it turns into.")],
    prompt: MaybePrompt = "",
    *,
    choices: Any,
) -> "Order":
    """Turn one clip into another; for --seconds both are there."""
    from yozora import orders

    return orders.blend(a, b, prompt, **choices)


def remix(clip: Clip, prompt: Prompt, strength: Strength = "mild", *, choices: Any) -> "Order":
    """Make a clip again as the prompt says, keeping its layout and movement."""
    from yozora import orders

    return orders.remix(clip, prompt, strength=strength, **choices)


def edit(
    clip: Clip,
    prompt: Prompt,
    region: Annotated[str, typer.Option(metavar="X,Y,W,H", help="The part of the picture, in fractions of it.")],
    start: Annotated[float, typer.Option("--from", metavar="S", help="Second at which it begins.")] = 0.0,
    stop: Annotated[float | None, typer.Option("--to", metavar="S", help="Second at which it ends.")] = None,
    strength: Strength = "1",
    *,
    choices: Any,
) -> "Order":
    """Make a part of the picture anew, all around it stays."""
    from yozora import orders

    return orders.edit(clip, prompt, region=parse_region(region), start=start, stop=stop, strength=strength, **choices)


def recut(
    clip: Clip,
    keep: Annotated[list[str], typer.Option(metavar="A-B", help="Seconds that stay; may be repeated.")],
    prompt: MaybePrompt = "",
    *,
    choices: Any,
) -> "Order":
    """Keep spans of a clip where they are and make anew what lies between."""
    from yozora import orders

    return orders.recut(clip, [parse_span(span) for span in keep], prompt, **choices)


def storyboard(
    board: Annotated[
        Path | None, typer.Argument(metavar="[BOARD]", help="A YAML file with cards (docs/storyboard.md).")
    ] = None,
    prompt: Annotated[
        str,
        typer.Option(
            "--from-prompt",
            metavar="TEXT",
            help=f"Make the board of a prompt of several sentences; {STDIN}",
            callback=from_stdin,
        ),
    ] = "",
    director: Annotated[
        str, typer.Option(metavar="URL", help="An OpenAI-compatible endpoint that writes the board instead.")
    ] = "",
    director_model: Annotated[str, typer.Option(metavar="NAME", help="The model that it is to use.")] = "",
    save: Annotated[
        Path | None,
        typer.Option(
            "--save", metavar="FILE", help="Where a written board is kept. [default: board.yaml, board-2.yaml, ...]"
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Let --save replace a board that is there.")] = False,
    *,
    choices: Any,
) -> "Order":
    """Film a storyboard: cards of several seconds each, with a cut or a flow between them."""
    from yozora import board as boards
    from yozora import orders

    if (board is None) == (not prompt):
        raise UserError("There is no board, or two.", "Give a YAML file, or sentences with --from-prompt.")
    if board is not None:
        if "seconds" in choices:
            raise UserError("A board says itself how long it is.", "Leave --seconds out, or change its cards.")
        return orders.storyboard(boards.load(board), **choices)
    from yozora import media

    target = save or media.free_name(Path("board.yaml"))
    if target.suffix.lower() not in (".yaml", ".yml"):
        raise UserError(f"{str(target)!r} is not the name of a board.", "Name it such as board.yaml.")
    if target.exists() and not force:
        raise UserError(f"{str(target)!r} is there already.", "Choose another name, or replace it with --force.")
    written = written_board(prompt, choices.get("seconds"), (director, director_model))
    order = orders.storyboard(written, **choices)
    keep_board(written, target)
    return order


FILM_COMMANDS = (generate, extend, loop, blend, remix, edit, recut, storyboard)


def written_board(prompt: str, seconds: float | None, director: tuple[str, str]) -> "Board":
    """A board made of a prompt."""
    from yozora import board as boards
    from yozora.director import direct
    from yozora.sentences import takes

    length = 2.0 * max(1, len(takes(prompt))) if seconds is None else seconds
    url, model = director
    return direct(url, prompt, length, model=model or None) if url else boards.split(prompt, length)


def keep_board(made: "Board", target: Path) -> None:
    """Show a board and save it, before it is filmed."""
    from yozora import board as boards
    from yozora import media

    text = boards.dump(made)
    try:
        with media.whole_file(target.resolve()) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"Cannot write the board {str(target)!r}: {error.strerror}.", "Name a file with --save."
        ) from error
    typer.echo(text, nl=False, err=True)
    typer.echo(f"{target}: {len(made.cards)} cards, {made.seconds:g} seconds", err=True)


def produce(output: str | None, order_of: "Callable[[], Order]") -> None:
    """Make an order's film and write it as it comes; one line says what it is, others what its file does not hold."""
    from yozora import media

    started = time.monotonic()
    output = str(media.free_name(Path("film.mp4"))) if output is None else output
    target = media.check_target(output)
    order = order_of()
    media.check_apart(target, [source for source in (*order.made_of, *order.cast.values()) if isinstance(source, Path)])
    request, preset = order.request, order.preset
    for note in order.notes:
        print(note, file=sys.stderr)
    facts = {"prompt": request.prompt, "seed": request.seed, "model": preset.name}
    with progress_bar(preset) as show:
        from yozora.engine import Engine
        from yozora.provenance import origin
        from yozora.provenance.stamp import stamp_of

        size = request.width, request.height
        seal = stamp_of(origin.of(order, preset), size, request.fps)
        with media.Writer(output, *size, fps=request.fps, facts=facts, title=request.prompt, seal=seal) as film:
            for progress in Engine(preset).run(order):
                show(progress)
                if progress.frames is not None:
                    film.add(progress.frames)
            if order.sound is not None:
                film.sound(order.sound)
        seconds = time.monotonic() - started
    made = f"{size[0]}x{size[1]}, {film.count} frames at {request.fps:g} fps, seed {request.seed}"
    typer.echo(f"{output}: {made}, {seconds:.1f} s")
    for note in film.notes:
        typer.echo(note, err=True)


def parse_region(text: str) -> tuple[float, float, float, float]:
    """Four fractions out of "x,y,w,h"."""
    try:
        x, y, width, height = (float(part) for part in text.split(","))
    except ValueError:
        raise UserError(f"{text!r} is not a region.", "Write x,y,w,h in fractions, such as 0,0.5,0.5,0.5.") from None
    return x, y, width, height


def parse_span(text: str) -> tuple[float, float]:
    """Two seconds out of "a-b"."""
    try:
        start, stop = (float(part) for part in text.split("-"))
    except ValueError:
        raise UserError(f"{text!r} is not a span of time.", "Write seconds, such as 0-1.5.") from None
    return start, stop


@contextmanager
def progress_bar(preset: Preset) -> Iterator["Show"]:
    """A bar with the time left on stderr, where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<18}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        yield Show(bar, bar.add_task(f"loading {preset.name}", total=None))


class Show:
    """Moves a bar to where the film is."""

    def __init__(self, bar: "Bar", task: "TaskID") -> None:
        self.bar, self.task = bar, task

    def __call__(self, progress: "Progress") -> None:
        stage = "writing" if progress.stage == "done" else progress.stage
        total = None if stage == "reading" else progress.total  # how long sources are read nobody knows
        self.bar.update(self.task, description=stage, completed=progress.done, total=total)
