"""What the extras of this package bring, and how one that is missing is named. Imports none of it.

`pip install yozora` makes films, signs them and has the command line; all that only some need is an extra, listed in
pyproject.toml. A module that uses one calls `require` before its first import.
"""

from collections.abc import Mapping
from importlib.util import find_spec
from types import MappingProxyType

from yozora.errors import UserError

MODULES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "server": (
            *("alembic", "anyio", "fastapi", "fastapi_offline", "httpcore", "httptools", "httpx", "obstore"),
            *("prometheus_client", "pydantic", "python_multipart", "sqlalchemy", "standardwebhooks", "starlette"),
            *("uvicorn", "uvloop", "websockets"),
        ),
        "postgres": ("psycopg",),
        "traces": ("opentelemetry",),
        "mcp": ("anyio", "httpx2", "jsonschema", "mcp", "mcp_types", "uvicorn"),
        "director": ("httpx",),
        "wan": ("filelock", "ftfy", "gguf", "httpx2", "huggingface_hub", "sentencepiece", "tqdm", "transformers"),
        "diffusers": ("diffusers", "peft"),
        "train": (),
    }
)
"""Extra -> modules that it brings, some of them by others."""


def require(extra: str, user: str) -> None:
    """Raise `UserError` where a module of an extra is not installed. `user` is who needs it, such as "yozora serve"."""
    missing = [name for name in MODULES[extra] if find_spec(name) is None]
    if missing:
        raise not_installed(extra, user, *missing)


def not_installed(extra: str, user: str, *modules: str) -> UserError:
    """What is said of modules that are needed and not installed."""
    named = f"the package {modules[0]}" if len(modules) == 1 else f"the packages {', '.join(modules)}"
    return UserError(f"{user} needs {named}.", f"Install it: pip install 'yozora[{extra}]'", code="extra_missing")


def explained(error: ModuleNotFoundError, user: str) -> UserError | None:
    """What is said of an import that failed; None where no extra brings the module."""
    name = (error.name or "").partition(".")[0]
    extra = next((extra for extra, modules in MODULES.items() if name in modules), None)
    return None if extra is None else not_installed(extra, user, name)
