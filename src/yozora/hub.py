"""The Hugging Face cache: where weights lie that were fetched. Looks at folders; needs no network."""

import os
from pathlib import Path


def cache() -> Path:
    """The folder of all that was fetched, as huggingface_hub chooses it."""
    home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "huggingface")
    return Path(os.environ.get("HF_HUB_CACHE") or Path(home, "hub")).expanduser()


def snapshot(repository: str) -> Path | None:
    """The folder of a repository's newest revision that is here; None where none is."""
    folder = cache() / f"models--{repository.replace('/', '--')}"
    main = folder / "refs" / "main"
    try:
        named = folder / "snapshots" / main.read_text(encoding="utf-8").strip()
        return named if named.is_dir() else None
    except OSError:
        return None
