"""What a page has to know of a server."""

from math import inf

from starlette.testclient import TestClient
from tests.server.app import error

import yozora
from yozora.server.accounts import keys
from yozora.server.http.service import Service


def test_what_a_server_is_and_allows(client: TestClient, service: Service) -> None:
    said = client.get("/v1/server").json()
    limits = said.pop("limits")
    assert said == {
        "object": "server",
        "version": yozora.__version__,
        "feed": False,
        "director": False,
        "fetch_urls": False,
        "model": "sora-2",
        "expires": None,
    }
    assert (limits["queued"], limits["cards"], limits["prompt_characters"]) == (50, 64, 32_000)
    assert service.settings.limits.stored_bytes == inf
    assert limits["stored_bytes"] is None
    error(TestClient(client.app).get("/v1/server"), 401)


def test_limits_are_those_of_the_key(client: TestClient, service: Service) -> None:
    _, secret = keys.create(service.database, "small", keys.Grant(limits={"queued": 2}, scopes=("read",)))
    said = client.get("/v1/server", headers={"authorization": f"Bearer {secret}"}).json()
    assert said["limits"]["queued"] == 2
