"""What becomes of a film that is imported: its row, its bytes, and its second import."""

from starlette.testclient import TestClient
from tests.server.app import client_of, count, error
from tests.server.test_imports import imported

from yozora.server.http.import_metadata import FilmFacts
from yozora.server.http.importing import checked
from yozora.server.http.service import Service


def test_the_same_file_is_the_same_video(client: TestClient, service: Service, mp4: bytes) -> None:
    first = imported(client, mp4, title="First")
    client.post(f"/v1/videos/{first['id']}", json={"trashed": True})
    again = imported(client, mp4, title="Second")
    assert (again["id"], again["title"], again["existed"]) == (first["id"], "First", True)
    assert again["trashed_at"] is None
    other = client_of(service, client, "other")
    assert imported(other, mp4)["id"] != first["id"]
    assert count(service) == 2


def test_bytes_count_as_stored(client: TestClient, service: Service, mp4: bytes) -> None:
    object.__setattr__(service.settings.limits, "stored_bytes", len(mp4) + 10)
    imported(client, mp4)
    answer = client.post("/v1/library/import", files={"video": ("b.mp4", mp4 + b"\0\0\0\x08free", "video/mp4")})
    error(answer, 429, None, "storage_limit")
    assert count(service) == 1


def test_facts_fit_into_rows() -> None:
    said = checked(
        FilmFacts(title="two\nlines \u202e and \U0001f468\u200d\U0001f469", prompt="a\0b\nc", model="m" * 200)
    )
    assert (said.title, said.prompt) == ("two lines and \U0001f468\u200d\U0001f469", "a b\nc")
    assert said.model == "m" * 100
    assert checked(FilmFacts(title="\n", prompt=" ")) == FilmFacts()
