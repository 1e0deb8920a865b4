"""What is asked for, and the declarations, are read without torch and numpy: the command line answers in a moment."""

import subprocess
import sys
from pathlib import Path

import pytest

LIGHT = ("options", "modes", "order", "ordering", "plain", "timeline", "request")


@pytest.mark.parametrize("module", LIGHT)
def test_asking_needs_no_torch(module: str) -> None:
    heavy = "{'torch', 'numpy', 'av', 'PIL', 'safetensors'} & set(sys.modules)"
    code = f"import sys, yozora.core.{module}; sys.exit(bool({heavy}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_film_of_the_default_model_needs_none_of_the_others_packages(tmp_path: Path) -> None:
    """`yozora generate` with mini imports nothing that only open weights need."""
    code = (
        "import sys; sys.argv = ['yozora', 'generate', 'a car', '--seconds', '0.1', '--steps', '1', '-o', 'a.mp4']\n"
        "from yozora.cli import main\n"
        "try:\n    main()\nexcept SystemExit as ended:\n    assert not ended.code, ended\n"
        "heavy = {'transformers', 'diffusers', 'huggingface_hub', 'gguf', 'ftfy', 'tokenizers', 'httpx2'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
    assert (tmp_path / "a.mp4").is_file()
