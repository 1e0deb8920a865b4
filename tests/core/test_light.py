"""What is asked for, and the declarations, are read without torch and numpy: the command line answers in a moment."""

import subprocess
import sys

import pytest

LIGHT = ("options", "modes", "order", "ordering", "plain", "timeline", "request")


@pytest.mark.parametrize("module", LIGHT)
def test_asking_needs_no_torch(module: str) -> None:
    heavy = "{'torch', 'numpy', 'av', 'PIL', 'safetensors'} & set(sys.modules)"
    code = f"import sys, yozora.core.{module}; sys.exit(bool({heavy}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
