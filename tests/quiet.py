"""diffusers and transformers, quiet."""

from collections.abc import Iterator

import diffusers
import pytest
import transformers


@pytest.fixture(scope="session", autouse=True)
def quiet() -> Iterator[None]:
    """No bars while weights are read: they are a thread of their own."""
    for logging in (diffusers.utils.logging, transformers.utils.logging):
        logging.disable_progress_bar()
    yield
    for logging in (diffusers.utils.logging, transformers.utils.logging):
        logging.enable_progress_bar()
