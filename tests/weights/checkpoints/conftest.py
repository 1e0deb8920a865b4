"""diffusers and transformers, quiet."""

from tests.quiet import quiet  # noqa: F401 # a fixture
