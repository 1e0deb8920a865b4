"""The document says what the routes do, and docs/api.md says what the document does."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from yozora.server.http import mode_requests
from yozora.server.http.app import document
from yozora.server.http.reading import names_of

ROOT = Path(__file__).parents[2]
CONTRACT = {
    "/v1/videos": {"get", "post"},
    "/v1/videos/{video_id}": {"get", "delete"},
    "/v1/videos/{video_id}/content": {"get"},
    "/v1/videos/{video_id}/remix": {"post"},
    "/v1/videos/edits": {"post"},
    "/v1/videos/extensions": {"post"},
    "/v1/videos/characters": {"post"},
    "/v1/videos/characters/{character_id}": {"get"},
    "/v1/models": {"get"},
    "/v1/models/{model}": {"get"},
    "/v1/files": {"get", "post"},
    "/v1/files/{file_id}": {"get", "delete"},
}
BEYOND = ("{video_id}/cancel", "loops", "blends", "storyboards", "recuts")


@pytest.fixture(scope="module")
def said() -> dict[str, Any]:
    return document()


def test_every_endpoint_of_the_contract(said: dict[str, Any]) -> None:
    for path, methods in CONTRACT.items():
        assert methods <= said["paths"][path].keys()
    for path in BEYOND:
        assert "post" in said["paths"][f"/v1/videos/{path}"]
    assert "get" in said["paths"]["/v1/videos/{video_id}/events"]


def test_bodies_are_written_out(said: dict[str, Any]) -> None:
    content = said["paths"]["/v1/videos"]["post"]["requestBody"]["content"]
    assert content.keys() >= {"application/json", "multipart/form-data"}
    assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/CreateVideo"}
    fields = said["components"]["schemas"]["CreateVideo"]["properties"]
    assert fields.keys() == names_of(mode_requests.KINDS["generate"])
    assert {"type": "string", "format": "binary"} in fields["input_reference"]["anyOf"]
    assert {"from", "to", "region"} <= said["components"]["schemas"]["EditVideo"]["properties"].keys()


def test_nothing_is_pointed_at_that_is_not_there(said: dict[str, Any]) -> None:
    def references(part: object) -> set[str]:
        if isinstance(part, dict):
            mine = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
            return mine.union(*(references(one) for one in part.values()))
        return set().union(*(references(one) for one in part)) if isinstance(part, list) else set()

    assert references(said) <= {f"#/components/schemas/{name}" for name in said["components"]["schemas"]}
    assert "Upload" not in said["components"]["schemas"]  # a path of this machine is no part of the wire
    names = [one["operationId"] for operations in said["paths"].values() for one in operations.values()]
    assert len(names) == len(set(names))
    assert "videos_create" in names


def test_refusals_have_the_envelope(said: dict[str, Any]) -> None:
    for path, operations in said["paths"].items():
        for method, operation in operations.items():
            assert "422" not in operation["responses"]
            if path.startswith("/v1/"):
                answer = operation["responses"]["400"]["content"]["application/json"]
                assert answer["schema"] == {"$ref": "#/components/schemas/Error"}
                asks_nobody = (method, path) == ("get", "/v1/sessions")  # a page asks who is signed in
                assert asks_nobody or operation["security"] == [{"HTTPBearer": []}]


def test_a_video_s_keys_are_all_required(said: dict[str, Any]) -> None:
    video = said["components"]["schemas"]["Video"]
    assert len(video["properties"]) == 13
    assert set(video["required"]) >= video["properties"].keys() - {"object"}


def test_the_page_is_current() -> None:
    done = subprocess.run([sys.executable, "scripts/api_docs.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
