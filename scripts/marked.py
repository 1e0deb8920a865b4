"""A part of a page between two marks, which a script writes; with --check, it only says whether that is current."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Marked:
    """What stands on a page between the lines `begin` and `end`."""

    page: Path
    begin: str
    end: str

    def run(self, lines: Callable[[], Sequence[str]]) -> int:
        """Write the lines there. With --check among the arguments: 1 where other ones stand there, and nothing is
        written.
        """
        text = self.page.read_text(encoding="utf-8")
        before, _, rest = text.partition(self.begin)
        new = before + "\n".join([self.begin, "", *lines(), "", self.end]) + rest.partition(self.end)[2]
        if "--check" in sys.argv[1:]:
            return int(new != text)
        self.page.write_text(new, encoding="utf-8")
        return 0
