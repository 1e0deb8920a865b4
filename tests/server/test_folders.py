"""Folders of a key's library: made, renamed, deleted; their videos stay."""

import pytest
from starlette.testclient import TestClient
from tests.server.app import error, make
from tests.server.test_library import changed, folder, listed

from yozora.server.http.routes import folders
from yozora.server.http.service import Service


def test_folders_are_made_renamed_and_deleted(client: TestClient, service: Service) -> None:
    trips, video = folder(client), make(client)["id"]
    assert changed(client, video, folder_id=trips)["folder_id"] == trips
    (one,) = client.get("/v1/folders").json()["data"]
    assert (one["name"], one["videos"]) == ("Trips", 1)
    assert client.post(f"/v1/folders/{trips}", json={"name": "Travels"}).json()["name"] == "Travels"
    other = make(client)["id"]
    assert (listed(client, folder=trips), listed(client, folder="none")) == ([video], [other])
    changed(client, video, folder_id="")
    assert listed(client, folder=trips) == []
    changed(client, video, folder_id=trips)
    assert client.delete(f"/v1/folders/{trips}").json()["deleted"]
    assert client.get(f"/v1/library/{video}").json()["folder_id"] is None
    error(client.post(f"/v1/videos/{video}", json={"folder_id": trips}), 404)
    for name in ("", "  ", "a\nb", "x" * 81):
        error(client.post("/v1/folders", json={"name": name}), 400, "name")


def test_a_key_has_so_many_folders(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MAX_FOLDERS", 1)
    folder(client)
    error(client.post("/v1/folders", json={"name": "b"}), 400, None, "too_many_folders")
