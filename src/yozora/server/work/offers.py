"""What models an installation can make films with: what its workers say, or what is here before the first one lives."""

import sqlalchemy as sa

from yozora.families import presets
from yozora.server.settings import Settings
from yozora.server.store import tables
from yozora.server.store.database import Database, clock


def is_offered(settings: Settings, database: Database, preset: presets.Preset) -> bool:
    """Whether films can be made with a model; workers are asked only where it is not here."""
    here = not settings.models and (preset.name == presets.DEFAULT or preset.available)
    return here or preset.name in offered(settings, database)


def offered(settings: Settings, database: Database) -> list[str]:
    """Names of models: those that the operator names, else those of living workers, those whose weights are here, and
    the default one, which every worker comes with: it may be that none lives yet.
    """
    if settings.models:
        return list(settings.named)
    workers = tables.workers.c
    with database.read() as connection:
        lives = workers.seen > clock(connection) - settings.times.silence
        said = connection.execute(sa.select(workers.presets).where(lives)).scalars().all()
    able = {presets.DEFAULT} | {name for names in said if names is not None for name in names}
    every = any(names is None for names in said)  # workers of older versions say nothing
    return [name for name, preset in presets.PRESETS.items() if every or name in able or preset.available]
