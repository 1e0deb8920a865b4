"""Progress: a line a minute where there is no terminal, and no item is lost."""

import io

from rich.console import Console

from yozora.evaluate.progress import progress


def lines_of(seconds_an_item: float, items: int) -> tuple[list[int], list[str]]:
    """The items that came through, and what was written."""
    now, out = [0.0], io.StringIO()
    console = Console(file=out, force_terminal=False, width=200)
    seen = []
    with progress(console, clock=lambda: now[0]) as bar:
        for item in bar.track(range(items), items, "films"):
            seen.append(item)
            now[0] += seconds_an_item
    return seen, [line for line in out.getvalue().splitlines() if line.strip()]


def test_a_line_a_minute_says_how_many_and_how_long() -> None:
    seen, lines = lines_of(30.0, 8)
    assert seen == list(range(8))
    assert lines == [f"films: {count} of 8, {(8 - count) / 2:.0f} minutes left" for count in (2, 4, 6, 8)]


def test_what_is_done_within_a_minute_says_nothing() -> None:
    assert lines_of(1.0, 5) == (list(range(5)), [])
