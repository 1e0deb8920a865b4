"""Where Yozora keeps what is not part of a film: the one place that reads paths from the environment."""

import os
from pathlib import Path

HOME = "YOZORA_HOME"
"""Environment variable: the folder of all that is kept. Default: `yozora` in the user's data folder (XDG)."""

CONFIG = "YOZORA_CONFIG"
"""Environment variable: the file with the server's settings, where no `--config` names it."""

ENCODINGS = "YOZORA_ENCODINGS"
"""Environment variable: the folder of what large text encoders made of prompts, or `off`: none is kept. Default:
`encodings` in the folder of all that is kept."""

SECRETS_KEY = "YOZORA_SECRETS_KEY"
"""Environment variable: what webhooks' secrets are encrypted with, where no file has it."""


def home() -> Path:
    """The folder of all that is kept; it need not exist yet."""
    chosen = os.environ.get(HOME)
    if chosen:
        return Path(os.path.expanduser(chosen))  # as a shell does: of a user who is not there it stays
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "yozora"


def characters() -> Path:
    """A folder for each character."""
    return home() / "characters"


def server() -> Path:
    """The database and the stored films of `yozora serve`."""
    return home() / "server"


def secrets_key() -> Path:
    """The file with what webhooks' secrets are encrypted with; it need not exist yet."""
    return server() / "secrets.key"


def encodings() -> Path | None:
    """What large text encoders made of prompts; None: it is not kept."""
    chosen = os.environ.get(ENCODINGS, "")
    if chosen.strip().lower() == "off":
        return None
    return Path(os.path.expanduser(chosen)) if chosen else home() / "encodings"


def config() -> Path | None:
    """The file with the server's settings; None: there is none."""
    chosen = os.environ.get(CONFIG)
    return Path(os.path.expanduser(chosen)) if chosen else None


def provenance() -> Path:
    """What signs and marks films: the local authority and the watermark's key."""
    return home() / "provenance"
