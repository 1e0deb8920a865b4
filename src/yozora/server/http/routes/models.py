"""`/v1/models`: the names that `model` may have."""

from dataclasses import asdict

from fastapi import APIRouter

from yozora.families import FAMILIES
from yozora.memory.abilities import abilities, source_abilities
from yozora.server.errors import missing
from yozora.server.http import responses
from yozora.server.http.openapi import REFUSALS
from yozora.server.http.service import Owner, Service, ServiceOf
from yozora.server.work.models import lora_names
from yozora.server.work.offers import offered

router = APIRouter(prefix="/v1/models", tags=["models"], responses=REFUSALS)

CREATED = 1_790_208_000  # 2026-09-24: a model has no date of its own


@router.get("", summary="List models")
def listed(service: ServiceOf, _owner: Owner) -> responses.Page[responses.Model]:
    """The models of this server, and their other names: those of the closed service, and the operator's."""
    names = _model_names(service)
    return responses.page([_model_response(name) for name in names], False, names)


@router.get("/{model}", summary="Retrieve a model")
def retrieve(service: ServiceOf, _owner: Owner, model: str) -> responses.ModelFacts:
    """A model with its licence, what it can make and how much memory it takes."""
    if model not in _model_names(service):
        raise missing("model", model)
    preset = service.settings.preset(model)
    sizes = FAMILIES[preset.family].sizes(preset)
    takes_loras = FAMILIES[preset.family].composed
    return responses.ModelFacts(
        **_model_response(model).model_dump(),
        preset=preset.name,
        summary=preset.summary,
        licence=preset.licence,
        modes=[responses.ModelMode(**asdict(each)) for each in abilities(preset)],
        mode_sources=[responses.ModelModeSources(**asdict(each)) for each in source_abilities(preset)],
        loras=lora_names(service.settings.loras) if takes_loras else [],
        takes_loras=takes_loras,
        sizes=[f"{width}x{height}" for width, height in preset.sizes],
        fps=preset.fps,
        seconds=preset.seconds,
        max_seconds=preset.max_seconds,
        steps=preset.steps,
        guidance=preset.guidance,
        max_characters=preset.characters,
        memory_bytes=FAMILIES[preset.family].needs(preset),
        download_bytes=sizes.fetched if sizes else 0,
    )


def _model_names(service: Service) -> list[str]:
    settings, offers = service.settings, offered(service.settings, service.database)
    aliases = [name for name in settings.aliases if settings.preset(name).name in offers]
    return list(dict.fromkeys([*offers, *aliases]))


def _model_response(name: str) -> responses.Model:
    return responses.Model(id=name, created=CREATED, owned_by="yozora")
