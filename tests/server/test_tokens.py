"""Tokens that open something: random, bounded, kept as hashes."""

import pytest

from yozora.server.store import tokens


def test_tokens_are_random_wellformed_and_kept_as_hashes() -> None:
    made = {tokens.new_token() for _ in range(100)}
    assert len(made) == 100
    assert all(len(token) == 43 and tokens.is_wellformed(token) for token in made)
    assert tokens.hash_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize("text", ["", "x" * 101, "ключ"])
def test_what_cannot_be_a_token_is_not_looked_up(text: str) -> None:
    assert not tokens.is_wellformed(text)
