"""The toys of tests/parity, and quiet about it."""

from tests.parity.conftest import reference  # noqa: F401 # a fixture
from tests.quiet import quiet  # noqa: F401 # a fixture
