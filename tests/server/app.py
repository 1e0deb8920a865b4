"""For the tests of the edge: an app without a worker, films completed by hand, and refusals looked at closely."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from numpy.typing import NDArray
from starlette.testclient import TestClient

from yozora.core.order import Order
from yozora.core.request import Request
from yozora.films.film import Film
from yozora.films.sheet import write_png
from yozora.provenance.settings import Provenance
from yozora.server.accounts import keys
from yozora.server.bounds import Limits
from yozora.server.http.app import make_app
from yozora.server.http.service import Service
from yozora.server.settings import Settings
from yozora.server.store import tables
from yozora.server.store.database import now
from yozora.server.store.upgrades import migrate
from yozora.server.work.job import Job


def settings_in(folder: Path, **choices: Any) -> Settings:
    limits = Limits(requests_a_minute=100_000, creates_a_minute=100_000, files=3, characters=2, queued=50)
    said: dict[str, Any] = {"database": f"sqlite:///{folder / 'yozora.db'}", "storage": str(folder / "objects")}
    said |= {"hosts": "testserver,127.0.0.1", "limits": limits, "provenance": Provenance(folder=folder / "provenance")}
    return Settings(**{**said, **choices})


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of today's form, to be copied: making one takes a second."""
    path = tmp_path_factory.mktemp("template") / "yozora.db"
    migrate(f"sqlite:///{path}")
    return path


def client_of(service: Service, client: TestClient, name: str) -> TestClient:
    """The same server with the key of somebody else."""
    _, secret = keys.create(service.database, name)
    return TestClient(client.app, headers={"authorization": f"Bearer {secret}"}, raise_server_exceptions=False)


@pytest.fixture
def client(tmp_path: Path, template: Path) -> Iterator[TestClient]:
    shutil.copy(template, tmp_path)
    app = make_app(settings_in(tmp_path), migrate=False)
    with TestClient(app, raise_server_exceptions=False) as opened:
        opened.headers["authorization"] = f"Bearer {keys.create(app.state.service.database, 'me')[1]}"
        yield opened


@pytest.fixture
def service(client: TestClient) -> Service:
    return client.app.state.service  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def png(tmp_path: Path) -> bytes:
    path = tmp_path / "still.png"
    write_png(path, np.full((48, 64, 3), 90, np.uint8))
    return path.read_bytes()


@pytest.fixture
def mp4(tmp_path: Path, make_film: Callable[..., Film]) -> bytes:
    path = tmp_path / "film.mp4"
    make_film(frames=33).save(path)
    return path.read_bytes()


def finish(service: Service, video_id: str, film: bytes = b"0123456789" * 100) -> None:
    """What a worker does at the end."""
    folder = f"videos/{video_id}/1"
    parts = {"file": (f"{folder}/film.mp4", film), "thumbnail": (f"{folder}/t.webp", b"webp")}
    parts["spritesheet"] = (f"{folder}/s.jpg", b"jpeg")
    for key, data in parts.values():
        service.objects.put_bytes(key, data)
    done = {"status": "completed", "progress": 100, "completed_at": now(), "bytes": len(film)}
    values = done | {column: key for column, (key, _) in parts.items()}
    with service.database.begin() as connection:
        mine = tables.videos.c.id == video_id
        connection.execute(sa.update(tables.videos).where(mine).values(**values))


@dataclass(frozen=True, kw_only=True)
class Queued:
    """What a worker is told to make."""

    order: Order
    sources: tuple[str, ...]
    characters: tuple[str, ...]

    @property
    def request(self) -> Request:
        return self.order.request

    @property
    def options(self) -> dict[str, Any]:
        return asdict(self.order.options)


def job_of(service: Service, video_id: str) -> Queued:
    with service.database.read() as connection:
        said = connection.execute(sa.select(tables.videos.c.job).where(tables.videos.c.id == video_id)).scalar_one()
    job = Job.from_json(said)
    assert job.order is not None
    assert job.to_json() == job.order.to_json()
    return Queued(order=job.order, sources=job.sources, characters=job.characters)


def make(client: TestClient, **fields: Any) -> dict[str, Any]:
    answer = client.post("/v1/videos", json={"prompt": "a cat", **fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def made(client: TestClient, service: Service, **fields: Any) -> str:
    video_id = str(make(client, **fields)["id"])
    finish(service, video_id)
    return video_id


def count(service: Service) -> int:
    with service.database.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(tables.videos)).scalar_one()


def error(answer: Any, status: int, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    """The envelope of a refusal, whole and with its headers."""
    assert answer.status_code == status, answer.text
    said = answer.json()["error"]
    assert said.keys() == {"message", "type", "param", "code", "reason"}
    assert said["message"]
    assert said["param"] == param
    assert code is None or said["code"] == code
    assert answer.headers["x-request-id"].startswith("req_")
    assert answer.headers["openai-poll-after-ms"] == "1000"
    return dict(said)


def luma_psnr(a_THWC: NDArray[np.uint8], b_THWC: NDArray[np.uint8]) -> float:
    """Of the brightness (BT.709) of two clips, or parts of them, in dB."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    error = ((a_THWC @ weights - b_THWC @ weights) ** 2).mean()
    return float(10 * np.log10(255**2 / max(error, 1e-9)))
