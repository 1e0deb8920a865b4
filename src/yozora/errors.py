"""The one error that is shown to a person as it stands, and a parser of arguments that raises it."""

import argparse
from typing import NoReturn


class UserError(Exception):
    """Something that the user can put right.

    Shown as one line and exit code 2 on the command line, as a 4xx on the server. Anything else is a bug and keeps its
    traceback.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.message = message
        self.hint = hint


class ArgumentParser(argparse.ArgumentParser):
    """One that says what is wrong in one line, as `UserError`."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message[:1].upper()}{message[1:]}.", f"Try: {self.prog} --help")
