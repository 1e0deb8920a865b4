"""Write docs/cli.md from what `yozora --help` and its commands print; with --check, only say whether it is current."""

import os
import subprocess
import sys
from pathlib import Path

from yozora.core.modes import MODES

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
COMMANDS = (
    *("", *MODES, "again", "show"),
    *("character", "character add", "character list", "character remove"),
    *("verify", "serve", "worker", "keys", "keys create", "keys list", "keys revoke"),
    *("keys provenance", "keys provenance show", "keys provenance export", "keys provenance rotate"),
    *("db", "db upgrade", "db check", "db backup", "db find-mark"),
    *("styles", "models", "doctor", "train", "eval"),
)
HEAD = """# Command line

Written by `make docs` from the commands' own help, and compared with it by the tests.
Errors are one line on stderr and exit code 2; Ctrl-C is exit code 130 and leaves no partial file.
"""


def reference() -> str:
    """The page, as the commands of this source tree would have it."""
    parts = [HEAD]
    for command in COMMANDS:
        done = subprocess.run(
            [sys.executable, "-m", "yozora", *command.split(), "--help"],
            env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"},
            capture_output=True,
            text=True,
            check=True,
        )
        lines = "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())
        parts.append(f"## yozora {command}".rstrip() + f"\n\n```text\n{lines}\n```\n")
    return "\n".join(parts)


def main() -> int:
    page = reference()
    if "--check" in sys.argv[1:]:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
            print("docs/cli.md is not what the commands print: run `make docs`", file=sys.stderr)
            return 1
        return 0
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
