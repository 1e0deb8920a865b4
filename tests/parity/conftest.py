"""The references, each built once a session, and quiet about it."""

from collections.abc import Callable, Iterator

import diffusers
import pytest
import transformers
from tests.parity.toys import Toy, build

Reference = Callable[..., Toy]


@pytest.fixture(scope="session", autouse=True)
def quiet() -> Iterator[None]:
    """No bars while weights are read: they are a thread of their own."""
    for logging in (diffusers.utils.logging, transformers.utils.logging):
        logging.disable_progress_bar()
    yield
    for logging in (diffusers.utils.logging, transformers.utils.logging):
        logging.enable_progress_bar()


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """`reference(kind, scheduler="unipc")` of the kinds in `toys.KINDS`."""
    built: dict[tuple[str, str], Toy] = {}

    def find(kind: str, scheduler: str = "unipc") -> Toy:
        if (kind, scheduler) not in built:
            built[kind, scheduler] = build(kind, tmp_path_factory.mktemp("reference"), scheduler)
        return built[kind, scheduler]

    return find
