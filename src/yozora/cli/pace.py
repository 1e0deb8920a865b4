"""How long films took on this machine, remembered so that the next one's time can be told. A guess, never a promise."""

import json
import math
import os
from contextlib import suppress
from pathlib import Path

from yozora import paths
from yozora.films.plans import FilmPlan

MAX_BYTES = 1 << 16
MOST = 100  # kinds of films that are remembered


def expected(plan: FilmPlan, *, loaded: bool = False) -> float | None:
    """Seconds that a film will take, told from the last one of its mode, model and size; None where there was none.
    `loaded`: the model is there already.
    """
    said = _load_paces().get(_pace_key(plan))
    if not isinstance(said, list) or len(said) != 2 or not all(isinstance(part, int | float) for part in said):
        return None
    seconds = (0 if loaded else said[0]) + said[1] * plan.work
    return seconds if math.isfinite(seconds) and seconds > 0 else None


def remember(plan: FilmPlan, loading: float, making: float) -> None:
    """Keep how many seconds loading and making a film took. What cannot be written is not kept."""
    before = [pair for pair in _load_paces().items() if pair[0] != _pace_key(plan)]
    kept = dict([*before[1 - MOST :], (_pace_key(plan), [round(loading, 3), making / plan.work])])
    part = _pace_file().with_name(f".pace-{os.getpid()}.part")
    with suppress(OSError):
        _pace_file().parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_text(json.dumps(kept, indent=1), encoding="utf-8")
            part.replace(_pace_file())
        finally:
            part.unlink(missing_ok=True)


def in_words(seconds: float) -> str:
    """About so long."""
    if seconds < 90:
        return f"about {max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"about {minutes} min" if minutes < 120 else f"about {minutes / 60:.1f} hours"


def _load_paces() -> dict[str, object]:
    try:
        with _pace_file().open("rb") as file:
            said = json.loads(file.read(MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _pace_key(plan: FilmPlan) -> str:
    request = plan.order.request
    quality = "" if request.quality == "exact" else f" {request.quality}"
    return f"{plan.order.mode} {plan.preset.name} {request.width}x{request.height}{quality}"


def _pace_file() -> Path:
    return paths.home() / "pace.json"
