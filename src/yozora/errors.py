"""The one error that is shown to a person as it stands."""


class UserError(Exception):
    """Something that the user can put right.

    Shown as one line and exit code 2 on the command line, as a 4xx on the server. Anything else is a bug and keeps its
    traceback.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.message = message
        self.hint = hint
