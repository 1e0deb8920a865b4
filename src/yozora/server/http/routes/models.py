"""`/v1/models`: the names that `model` may have."""

from fastapi import APIRouter

from yozora import presets
from yozora.server.errors import missing
from yozora.server.http import responses
from yozora.server.http.openapi import REFUSALS
from yozora.server.http.service import Owner, ServiceOf
from yozora.server.settings import Settings

router = APIRouter(prefix="/v1/models", tags=["models"], responses=REFUSALS)

CREATED = 1_790_208_000  # 2026-09-24: a model has no date of its own


@router.get("", summary="List models")
def listed(service: ServiceOf, _owner: Owner) -> responses.Page[responses.Model]:
    """Models of this server by their own names, and the names of the closed service that stand for them."""
    names = _names(service.settings)
    return responses.page([_model(name) for name in names], False, names)


@router.get("/{model}", summary="Look at a model")
def retrieve(service: ServiceOf, _owner: Owner, model: str) -> responses.Model:
    if model not in _names(service.settings):
        raise missing("model", model)
    return _model(model)


def _names(settings: Settings) -> list[str]:
    return list(dict.fromkeys([*presets.PRESETS, *settings.aliases]))


def _model(name: str) -> responses.Model:
    return responses.Model(id=name, created=CREATED, owned_by="yozora")
