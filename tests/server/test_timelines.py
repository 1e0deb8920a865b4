"""The cards of a film as clips of a timeline."""

import xml.etree.ElementTree as ET

from starlette.testclient import TestClient
from tests.server.app import client_of, error, finish, make

from yozora.server.http.service import Service


def test_a_board_s_timeline_is_downloaded(client: TestClient, service: Service, mp4: bytes) -> None:
    cards = [{"from": 0, "to": 1, "prompt": "a car"}, {"from": 1, "to": 2, "prompt": "a dog"}]
    said = {"board": {"cards": cards, "fps": 16, "size": "64x64"}}
    video = client.post("/v1/videos/storyboards", json=said).json()["id"]
    error(client.get(f"/v1/videos/{video}/timeline.xml"), 404, None, "content_not_ready")
    finish(service, video, mp4)  # of 33 frames
    answer = client.get(f"/v1/videos/{video}/timeline.xml")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/xml")
    assert answer.headers["content-disposition"] == f'attachment; filename="{video}.xml"'
    root = ET.fromstring(answer.text)
    clips = list(root.iterfind("sequence/media/video/track/clipitem"))
    assert [(clip.findtext("name"), clip.findtext("in"), clip.findtext("out")) for clip in clips] == [
        ("a car", "0", "16"),
        ("a dog", "16", "33"),
    ]
    assert clips[0].findtext("file/pathurl") == f"{video}.mp4"
    error(client_of(service, client, "other").get(f"/v1/videos/{video}/timeline.xml"), 404)


def test_a_rate_that_editors_do_not_have(client: TestClient, service: Service, mp4: bytes) -> None:
    video = make(client, fps=12.5)["id"]
    finish(service, video, mp4)
    assert error(client.get(f"/v1/videos/{video}/timeline.xml"), 400)["reason"] == "timeline_rate"
