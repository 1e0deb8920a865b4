"""The one error that is shown to a person as it stands, and a parser of arguments that raises it."""

import argparse
from typing import Any, NoReturn


class UserError(Exception):
    """Something that the user can put right.

    `message` says what is wrong, `hint` what to do. `code` names the fault, such as "file_not_found": it is in
    docs/errors.md, and stays the same when the texts change or are translated. Shown as one line and exit code 2 on the
    command line, as a 4xx on the server. Anything else is a bug and keeps its traceback.
    """

    def __init__(self, message: str, hint: str = "", *, code: str) -> None:
        super().__init__(f"{message} {hint}".strip())
        self.message = message
        self.hint = hint
        self.code = code

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors travel between processes, whatever arguments their classes take."""
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[UserError], args: tuple[Any, ...], fields: dict[str, Any]) -> UserError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(fields)
    return error


class ArgumentParser(argparse.ArgumentParser):
    """One that says what is wrong in one line, as `UserError`."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message[:1].upper()}{message[1:]}.", f"Try: {self.prog} --help", code="command_line_invalid")
