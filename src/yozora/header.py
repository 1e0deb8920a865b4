"""What a safetensors file says of itself, read without torch. Knows nothing of tensors and of what the facts mean."""

import json
from pathlib import Path

from yozora.errors import UserError

MAX_BYTES = 100_000_000  # of a header


def metadata(path: Path) -> dict[str, str]:
    """The metadata of a safetensors file; its tensors are not looked at.

    Raises:
        UserError: no such file, one that cannot be read, or not a safetensors file.
    """
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            data = file.read(length) if 0 < length <= MAX_BYTES else b""
        said = json.loads(data).get("__metadata__", {}) if len(data) == length else None
    except FileNotFoundError as error:
        raise UserError(f"There are no weights at {path}.") from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, AttributeError, RecursionError):
        said = None
    if not isinstance(said, dict) or not all(isinstance(value, str) for value in said.values()):
        raise UserError(f"{path} cannot be read as weights.", "Is the file whole?")
    return said
