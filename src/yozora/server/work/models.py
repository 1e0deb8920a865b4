"""Which models a worker can run: those that an operator names, or all whose weights are there and fit."""

from yozora import presets
from yozora.errors import UserError
from yozora.server.settings import Settings
from yozora.server.work.heartbeats import Able

OVERHEAD = 1.5  # memory that a model takes, of the size of its weights: the rest is what it computes with


def able(settings: Settings) -> Able:
    """What a worker with these settings can do. Raises `UserError` for an unknown model, and where none fits."""
    named = [settings.preset(name.strip()).name for name in settings.models.split(",") if name.strip()]
    memory = settings.memory_mib << 20 or None
    if named:
        return Able(presets=tuple(dict.fromkeys(named)), memory=memory)
    if memory is None:
        return Able()
    fit = tuple(name for name, preset in presets.PRESETS.items() if needs(preset) <= memory)
    if not fit:
        raise UserError(f"No model fits into {settings.memory_mib:,} MiB.", "Give workers more with --memory-mib.")
    return Able(presets=fit, memory=memory)


def needs(preset: presets.Preset) -> float:
    """Bytes of memory that a model takes, as far as the size of its weights tells."""
    return OVERHEAD * sum(path.stat().st_size for path in preset.files.values() if path.exists())
