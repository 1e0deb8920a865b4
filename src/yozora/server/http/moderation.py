"""Whether the policy blocks what a client says: a thread reads the rules, and none waits for the guard model."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from yozora.server.http.service import Service

if TYPE_CHECKING:
    from yozora.server.safety.policy import Policy


async def blocked(service: Service, owner: str, texts: Sequence[str]) -> str | None:
    """Why one of these texts is blocked, None where none is. Raises `ApiError`: 503 where a guard model is silent, 429
    where too many are waiting for it.
    """
    reason = await service.capacity.do(partial(_by_words, service.policy, texts))
    guard = service.policy.guard
    if reason is not None or guard is None:
        return reason
    for text in filter(str.strip, dict.fromkeys(texts)):
        async with service.capacity.guards.place(owner):
            reason = await guard.reason(text)
        if reason is not None:
            return reason
    return None


def _by_words(policy: "Policy", texts: Sequence[str]) -> str | None:
    return next((reason for text in texts if (reason := policy.check_words(text))), None)
