"""Write docs/cli.md from what `yozora --help` and its commands print; with --check, only say whether it is current."""

import io
import os
import sys
from contextlib import redirect_stdout
from pathlib import Path

from yozora.cli import main as yozora
from yozora.core.modes import MODES

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
COMMANDS = (
    *("", *MODES, "finish", "again", "show"),
    *("character", "character add", "character list", "character remove"),
    *("verify", "serve", "worker", "mcp", "import", "keys", "keys create", "keys list", "keys change", "keys revoke"),
    *("keys provenance", "keys provenance show", "keys provenance export", "keys provenance rotate"),
    *("db", "db upgrade", "db check", "db backup", "db find-mark"),
    *("admin", "admin jobs", "admin cancel", "admin workers", "admin drain", "admin deliveries", "admin redeliver"),
    *("admin usage", "admin export", "admin erase", "admin audit"),
    *("styles", "models", "pull", "doctor", "train", "eval"),
)
HEAD = """# Command line

`make docs` writes this page from the commands' own help, and the tests compare it with them. An error is one line on
stderr and exit code 2. Ctrl-C gives exit code 130 and leaves no partial file.

Results go to stdout. With `--json` they are JSON: one object in a line for each film, one value for other commands.
Everything else goes to stderr. Before the work, a line says what will be made and, after the first film of a kind,
about how long it takes. Other lines say what is scaled, what cannot be kept, and what the model did not understand of
a prompt. `--dry-run` stops there.

Several prompts, or `--variations`, make several films in one process, with the given seed and the next ones. All
options are checked before the first film is made. If one film fails, a line says so, the others are still made, and
the exit code is 2. If you gave a file name, the first film replaces that file; the others get the next free numbers.

A film contains how it was made (`yozora show`), so `yozora again` can make it again, also with another seed or
option. This works for videos, GIF, WebP and PNG files, folders of frames, and films of a server. A film contains the
names and hashes of its sources, but no paths.
"""


def reference() -> str:
    """The page, as the commands of this source tree would have it."""
    os.environ.update(COLUMNS="100", NO_COLOR="1", TERM="dumb")
    parts = [HEAD]
    for command in COMMANDS:
        lines = "\n".join(line.rstrip() for line in help_of(command).strip().splitlines())
        parts.append(f"## yozora {command}".rstrip() + f"\n\n```text\n{lines}\n```\n")
    return "\n".join(parts)


def help_of(command: str) -> str:
    """What a command prints with --help. Raises RuntimeError where it fails."""
    out = io.StringIO()
    sys.argv = ["yozora", *command.split(), "--help"]
    try:
        with redirect_stdout(out):
            yozora()
    except SystemExit as ended:
        if ended.code:
            raise RuntimeError(f"yozora {command} --help ended with {ended.code}") from ended
    return out.getvalue()


def main() -> int:
    check = "--check" in sys.argv[1:]
    page = reference()
    if check:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
            print("docs/cli.md is not what the commands print: run `make docs`", file=sys.stderr)
            return 1
        return 0
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
