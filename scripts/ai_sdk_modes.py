"""Write the creation modes for the AI SDK's provider from their declarations; with --check, only say whether it is
current.
"""

import json
import sys
from pathlib import Path
from typing import Any

from yozora.core.modes import MODES, Mode

FILE = Path(__file__).parents[1] / "clients" / "ai-sdk-provider" / "src" / "modes.ts"
HEAD = """// Written by `make docs` from yozora.core.modes, and compared with it by the tests.

/** A way to make a film: its route below /v1/videos, its own options, and the fields of its sources. */
export interface ModeFacts {
  route: string;
  options: string[];
  pictures: string[];
  clips: string[];
}

"""


def facts(mode: Mode) -> dict[str, Any]:
    named = {
        kind: [slot.wire or slot.name for slot in mode.slots if slot.takes == kind] for kind in ("picture", "clip")
    }
    return {
        "route": mode.route,
        "options": [option.wired for option in mode.own],
        "pictures": named["picture"],
        "clips": named["clip"],
    }


def written() -> str:
    """The file, as the modes of this source tree would have it."""
    names = " | ".join(f"'{name}'" for name in MODES)
    lines = "".join(f"  {mode.name}: {literal(facts(mode))},\n" for mode in MODES.values())
    return f"{HEAD}export type Mode = {names};\n\nexport const modes: Record<Mode, ModeFacts> = {{\n{lines}}};\n"


def literal(value: Any) -> str:
    """A value of JSON as TypeScript has it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name}: {literal(one)}" for name, one in value.items()) + " }"
    return json.dumps(value).replace('"', "'")


def main() -> int:
    if "--check" in sys.argv[1:]:
        if not FILE.exists() or FILE.read_text(encoding="utf-8") != written():
            print(f"{FILE.name} is not what the modes say: run `make docs`", file=sys.stderr)
            return 1
        return 0
    FILE.write_text(written(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
