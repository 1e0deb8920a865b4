"""Random tokens that open something: links, sessions. The database holds only their hashes."""

import secrets
from hashlib import sha256
from typing import Final

MAX_LENGTH: Final = 100  # characters; what is longer is no token of ours


def new_token() -> str:
    """A new one: 256 random bits in letters that an address may have."""
    return secrets.token_urlsafe(32)


def is_wellformed(text: str) -> bool:
    """Whether a text could be a token at all."""
    return 0 < len(text) <= MAX_LENGTH and text.isascii()


def hash_of(token: str) -> str:
    """SHA-256 of a token, in hex: what the database holds of it."""
    return sha256(token.encode()).hexdigest()
