"""Fixtures of the command line's tests."""

from tests.cli.running import toy_yozora, unmarked, yozora  # noqa: F401
