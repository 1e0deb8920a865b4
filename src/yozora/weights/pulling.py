"""Weights are fetched from a hub into the Hugging Face cache: resumed where they were cut, and verified.

A file is in the cache only once its hash is the hub's; a model is here only once all its files are, which a marker
beside them says (`hub.snapshot` looks for it). Needs huggingface_hub, which is imported when something is fetched.
"""

import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from yozora.errors import UserError
from yozora.extras import not_installed
from yozora.weights import hub

CHUNK = 1 << 22  # bytes that are hashed at once
SPARE = 1 << 28  # bytes of disk that stay free
AGAIN = "Try again: what was fetched is kept."
SETTINGS = {"HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
"""Of huggingface_hub, where nothing else is said: plain HTTP, whose files can be resumed; no bars beside our own."""

HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")

Told = Callable[[int, int], None]
"""How far it is: bytes that are here, of so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A file of a repository: its size in bytes, and its hash as the hub says it: SHA-256, of small files git's."""

    name: str
    size: int
    sha256: str
    git: str

    @property
    def blob(self) -> str:
        """What the cache calls it."""
        return self.sha256 or self.git


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadPlan:
    """What is fetched of one repository."""

    repository: str
    revision: str | None
    commit: str
    files: tuple[Wanted, ...]

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(each.size for each in self.files)

    @property
    def facts(self) -> dict[str, Any]:
        """What is written down once all of it is here."""
        return {"commit": self.commit, "files": {each.name: each.size for each in self.files}}

    def missing(self) -> int:
        """Bytes that are not here."""
        blobs = hub.folder_of(self.repository) / "blobs"
        sizes = ((each.size, _file_size(blobs / each.blob), _file_size(_growing(blobs, each))) for each in self.files)
        return sum(size - (here or partly) for size, here, partly in sizes)


def planned(repository: str, revision: str | None, patterns: Sequence[str] = hub.NEEDED) -> DownloadPlan:
    """What is to be fetched. Raises `UserError` where the hub does not say it."""
    with _asking(repository, revision):
        from huggingface_hub import HfApi
        from huggingface_hub.hf_api import RepoFile

        api = HfApi()
        commit = str(api.model_info(repository, revision=revision).sha)
        listed = api.list_repo_tree(repository, recursive=True, revision=commit)
        files = tuple(
            Wanted(name=each.path, size=each.size, sha256=each.lfs.sha256 if each.lfs else "", git=each.blob_id)
            for each in listed
            if isinstance(each, RepoFile) and hub.is_needed(each.path, tuple(patterns))
        )
    odd = next((each for each in files if not HASH.fullmatch(each.blob)), None)
    if odd is not None:
        raise UserError(
            f"{repository} states no hash of {odd.name}.", "Check that HF_ENDPOINT is a hub.", code="hub_hash_missing"
        )
    if not files:
        raise UserError(
            f"{repository} has none of the needed files.",
            f"Use a repository with {', '.join(patterns)}.",
            code="hub_files_missing",
        )
    return DownloadPlan(repository=repository, revision=revision, commit=commit, files=files)


def check_room(plans: Sequence[DownloadPlan]) -> None:
    """Raises `UserError` where what is missing does not fit on the disk of the cache."""
    place = hub.cache()
    while not place.exists():
        place = place.parent
    missing, free = sum(plan.missing() for plan in plans), shutil.disk_usage(place).free
    if missing and missing + SPARE > free:
        raise UserError(
            f"{missing / 1e9:.1f} GB are needed, and {place} has {free / 1e9:.1f} GB left.",
            "Free some space, or use another disk: HF_HOME=/path yozora pull ...",
            code="disk_full",
        )


def fetch(plan: DownloadPlan, report: Told = lambda done, total: None) -> Path:
    """Fetch what is missing, verify all, and say so beside it. The folder of the revision.

    Raises `UserError` where that fails; what is whole by then is kept, and so is a part of a large file.
    """
    folder = hub.folder_of(plan.repository)
    place = folder / "snapshots" / plan.commit
    marked = hub.marker(folder)
    known = marked.get("commit") == plan.commit and plan.facts["files"].items() <= marked["files"].items()
    if known and all(_file_size(place / each.name) == each.size for each in plan.files):
        report(plan.size, plan.size)
        return place
    with _asking(plan.repository, plan.revision), _lock_folder(folder):
        from huggingface_hub import snapshot_download

        before = 0
        for each in plan.files:
            blob = folder / "blobs" / each.blob
            if blob.is_file() and not _is_as_said(blob, each):
                blob.unlink()
            if not blob.is_file() and each.sha256:
                _large(plan, each, blob, partial(_report_progress, report, before, plan.size))
            before += each.size
            report(before, plan.size)
        names = [each.name for each in plan.files]
        found = Path(
            snapshot_download(plan.repository, revision=plan.revision, allow_patterns=names, tqdm_class=_silent())
        )
    if found.name != plan.commit:
        raise UserError(
            f"{plan.repository} has changed since the download began.", "Try again.", code="hub_repository_changed"
        )
    for each in plan.files:
        if not _is_as_said(place / each.name, each, hashed=not each.sha256):
            _damaged(place / each.name, each)
    _write_marker(folder, plan)
    return place


def _report_progress(report: Told, before: int, size: int, done: int) -> None:
    report(before + done, size)


def _large(plan: DownloadPlan, wanted: Wanted, blob: Path, report: Callable[[int], None]) -> None:
    """A file of weights, from where it was cut; it gets its name once it is verified."""
    from huggingface_hub import hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined] # it is in none of its lists

    growing = _growing(blob.parent, wanted)
    growing.parent.mkdir(parents=True, exist_ok=True)
    if _file_size(growing) > wanted.size:
        growing.unlink()
    with growing.open("ab") as file:
        http_get(
            hf_hub_url(plan.repository, wanted.name, revision=plan.commit),
            file,
            resume_size=file.tell(),
            headers=build_hf_headers(),
            expected_size=wanted.size,
            tqdm_class=_bar(report, file.tell()),
        )
    if not _is_as_said(growing, wanted):
        _damaged(growing, wanted)
    growing.replace(blob)


def _bar(report: Callable[[int], None], begin: int) -> Any:
    """What huggingface_hub tells how much has come."""

    class Bar:
        def __init__(self, *args: object, **about: object) -> None:
            self.done = begin

        def __enter__(self) -> "Bar":
            return self

        def __exit__(self, *error: object) -> None:
            pass

        def close(self) -> None:
            pass

        def update(self, count: float | None = 1) -> None:
            self.done += int(count or 0)
            report(self.done)

    return Bar


def _silent() -> Any:
    """A bar that is not drawn: a module that imported huggingface_hub before has settled whether its own are."""
    from tqdm.auto import tqdm  # type: ignore[import-untyped] # it has none

    class Silent(tqdm):  # type: ignore[misc] # tqdm has no annotations
        def __init__(self, *args: Any, **about: Any) -> None:
            super().__init__(*args, **{**about, "disable": True})

    return Silent


def _growing(blobs: Path, wanted: Wanted) -> Path:
    """Where a file grows. Its name ends as those of huggingface_hub do, which knows then that it is none of its own."""
    return blobs / f"{wanted.blob}.yozora.incomplete"


def _file_size(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _is_as_said(path: Path, wanted: Wanted, *, hashed: bool = True) -> bool:
    """Whether a file has the size, and the hash, that the hub says."""
    if _file_size(path) != wanted.size:
        return False
    if not hashed:
        return True
    digest = hashlib.sha256() if wanted.sha256 else hashlib.sha1(b"blob %d\0" % wanted.size, usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest() == wanted.blob


def _damaged(path: Path, wanted: Wanted) -> None:
    """Removes the file, and what the cache has of it."""
    path.resolve().unlink(missing_ok=True)
    path.unlink(missing_ok=True)
    raise UserError(
        f"{wanted.name} is damaged: its hash is not the hub's.",
        "Try again; only this file is fetched again.",
        code="download_damaged",
    )


def _write_marker(folder: Path, plan: DownloadPlan) -> None:
    """Write down what is here, whole and verified, beside what was before."""
    facts, marked = plan.facts, hub.marker(folder)
    if marked.get("commit") == plan.commit:
        facts["files"] = {**marked["files"], **facts["files"]}
    new = folder / f"{hub.MARKER}.{os.getpid()}"
    new.write_text(json.dumps(facts, indent=1), encoding="utf-8")
    new.replace(folder / hub.MARKER)


@contextmanager
def _lock_folder(folder: Path) -> Iterator[None]:
    """No other process fetches the same. Raises `UserError` where one does."""
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / "yozora.lock", timeout=1):
            yield
    except Timeout:
        raise UserError(
            f"Another process is fetching {folder.name}.", "Wait until it has finished.", code="download_in_progress"
        ) from None


@contextmanager
def _asking(repository: str, revision: str | None) -> Iterator[None]:
    """What goes wrong between here and the hub is a line."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        import httpx2
        from huggingface_hub import constants, errors
    except ImportError as error:
        raise not_installed("wan", "Fetching weights", "huggingface_hub") from error
    try:
        yield
    except errors.GatedRepoError as error:
        hint = f"Accept them at {constants.ENDPOINT}/{repository}, then run: hf auth login"
        raise UserError(f"The terms of {repository} are not accepted.", hint, code="hub_terms_not_accepted") from error
    except errors.RepositoryNotFoundError as error:
        raise UserError(
            f"{constants.ENDPOINT} has no {repository}.",
            "Check whether it was renamed or is private.",
            code="hub_repository_not_found",
        ) from error
    except errors.RevisionNotFoundError as error:
        raise UserError(
            f"{repository} has no revision {revision}.",
            "For the newest, leave out --revision.",
            code="hub_revision_not_found",
        ) from error
    except errors.OfflineModeIsEnabled as error:
        raise UserError("HF_HUB_OFFLINE is set, so nothing is fetched.", "Unset it.", code="hub_offline") from error
    except OSError as error:  # a hub that is not reached is one, too
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UserError(
                f"The disk of {hub.cache()} is full.", "Free some space; the fetched files are kept.", code="disk_full"
            ) from error
        raise UserError(f"{repository} cannot be fetched: {_reason(error)}.", AGAIN, code="download_failed") from error
    except httpx2.HTTPError as error:
        raise UserError(
            f"{constants.ENDPOINT} cannot be reached: {_reason(error)}.", AGAIN, code="hub_unreachable"
        ) from error


def _reason(error: Exception) -> str:
    """In one line."""
    said = getattr(error, "strerror", None) or str(error)
    return " ".join(said.split()).rstrip(".")[:200] or type(error).__name__
