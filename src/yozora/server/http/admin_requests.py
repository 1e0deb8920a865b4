"""Bodies of `/v1/admin`, field by field, as `requests` has those of all users."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from yozora.server.accounts import keys
from yozora.server.http.requests import BodyModel, structured


def _scopes(value: object) -> object:
    """One scope may stand without brackets."""
    value = structured(value)
    return [value] if isinstance(value, str) else value


Scopes = Annotated[
    tuple[keys.Scope, ...],
    BeforeValidator(_scopes),
    Field(min_length=1, max_length=3, description="Its scopes: `read`, `create` (includes reading), `admin`."),
]
Limits = Annotated[
    dict[str, float],
    BeforeValidator(structured),
    Field(description="Its own limits, such as `concurrent`, see docs/operations.md.", max_length=20),
]
Priority = Annotated[float, Field(gt=0, le=keys.MAX_WEIGHT, description="Its share of the workers; other keys have 1.")]
Ends = Annotated[int, Field(gt=0, lt=1 << 40, description="When it ends, in Unix seconds.")]


class CreateKey(BodyModel):
    """Who is to have a key, and what for."""

    name: Annotated[str, Field(min_length=1, max_length=keys.MAX_NAME)]
    scopes: Scopes = keys.USUAL
    limits: Limits = Field(default_factory=dict)
    priority: Priority = 1.0
    expires_at: Ends | None = None

    @property
    def grant(self) -> keys.Grant:
        """What the key may do. Raises `UserError` for limits that there are not."""
        return keys.Grant(scopes=self.scopes, limits=self.limits, weight=self.priority, expires_at=self.expires_at)


class ChangeKey(BodyModel):
    """What is to be other than before. Limits take the place of all those that it had."""

    scopes: Scopes | None = None
    limits: Limits | None = None
    priority: Priority | None = None
    expires_at: Annotated[int, Field(ge=0, lt=1 << 40, description="When it ends; 0: never.")] | None = None

    def of(self, grant: keys.Grant) -> keys.Grant:
        """What a key that had `grant` may do now. Raises `UserError` as `CreateKey.grant`."""
        ends = grant.expires_at if self.expires_at is None else self.expires_at or None
        said: dict[str, Any] = {"scopes": self.scopes, "limits": self.limits, "weight": self.priority}
        had = {"scopes": grant.scopes, "limits": grant.limits, "weight": grant.weight}
        return keys.Grant(
            **{**had, **{name: value for name, value in said.items() if value is not None}}, expires_at=ends
        )


class DrainWorker(BodyModel):
    """Whether the worker is to take nothing new."""

    draining: bool = True
