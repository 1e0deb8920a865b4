"""Errors as values of the API: what clients of the closed service expect to be told.

`ApiError` is raised anywhere below the edge; the edge answers with its envelope.
"""

from collections.abc import Mapping
from typing import Literal

Kind = Literal[
    "invalid_request_error", "authentication_error", "permission_error", "not_found_error", "rate_limit_error",
    "server_error",
]  # fmt: skip


class ApiError(Exception):
    """A refusal: `status` of HTTP, and the fields of the envelope. `headers` go with it.

    `code` is that of the API and keeps its values. `reason` is the code of the `UserError` behind it, where there is
    one, and else the same as `code`.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: Kind = "invalid_request_error",
        param: str | None = None,
        code: str,
        reason: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.kind, self.param, self.code = status, message, kind, param, code
        self.reason = reason or code
        self.headers = dict(headers or {})

    @property
    def envelope(self) -> dict[str, dict[str, str | None]]:
        """The body of the answer."""
        said = {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}
        return {"error": {**said, "reason": self.reason}}


def invalid(param: str | None, message: str, code: str = "invalid_value", *, reason: str = "") -> ApiError:
    """400: a field has a value that cannot be used."""
    return ApiError(400, message, param=param, code=code, reason=reason)


def missing(what: str, name: str) -> ApiError:
    """404: nothing of that name, or not this key's."""
    return ApiError(404, f"No {what} with id '{name[:80]}' was found.", kind="not_found_error", code="not_found")
