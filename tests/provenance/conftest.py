"""Films that are quick to write and sign, and settings whose keys lie in a folder of the test's own."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from yozora import media
from yozora.films.film import Origin, Parent
from yozora.provenance import authority, credentials
from yozora.provenance.origin import drawn_identifier
from yozora.provenance.settings import Provenance

Written = Callable[[str], Path]
Told = Callable[..., Origin]
Signed = Callable[..., Path]


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority and a watermark's key."""
    folder = tmp_path_factory.mktemp("keys") / "provenance"
    authority.load_or_make(folder, "Yozora")
    authority.watermark_key(folder)
    return folder


@pytest.fixture
def settings(keys: Path) -> Provenance:
    """Films are signed, and bear no watermark."""
    return Provenance(folder=keys, watermark=False)


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An MP4 that says nothing."""
    path = tmp_path_factory.mktemp("plain") / "plain.mp4"
    noise = np.random.default_rng(0).integers(0, 255, (5, 64, 96, 3), dtype=np.uint8)
    with media.Writer(path, 96, 64, fps=16, facts={}) as writer:
        writer.add(noise)
    return path.read_bytes()


@pytest.fixture
def written(tmp_path: Path, plain: bytes) -> Written:
    """That film under a name."""

    def write(name: str) -> Path:
        path = tmp_path / name
        path.write_bytes(plain)
        return path

    return write


@pytest.fixture
def told() -> Told:
    """An origin, of parents that are named by their files."""

    def tell(mode: str = "text", *parents: Path, prompt: str = "a red car") -> Origin:
        return Origin(
            mode=mode,
            model="toy",
            preset="ab" * 32,
            seed=7,
            prompt=prompt,
            identifier=drawn_identifier(),
            made=datetime(2026, 11, 21, 12, tzinfo=UTC),
            parents=tuple(
                Parent(source=path, title=path.name, relation="componentOf" if k else "parentOf")
                for k, path in enumerate(parents)
            ),
        )

    return tell


@pytest.fixture
def signed(written: Written, told: Told, settings: Provenance) -> Signed:
    """A film under a name, signed, and made from others."""

    def sign(name: str, mode: str = "text", *parents: Path) -> Path:
        path = written(name)
        credentials.sign(path, told(mode, *parents), credentials.signer_of(settings), settings)
        return path

    return sign
