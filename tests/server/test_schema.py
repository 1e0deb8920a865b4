"""Fields: what they may hold, in every way to write it, and which one is named when it is wrong."""

from pathlib import Path
from typing import Any

import pytest

from yozora.core import modes
from yozora.server import reading, schema
from yozora.server.answers import Video
from yozora.server.errors import ApiError
from yozora.server.schema import CreateVideo, EditVideo, Part, RecutVideo
from yozora.server.wire import Body, Upload


def read(kind: type[Part], **fields: Any) -> Any:
    return reading.read(kind, Body(fields=fields, folder=Path("/nowhere")))


def refused(kind: type[Part], **fields: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        read(kind, **fields)
    assert caught.value.status == 400
    return caught.value


def upload() -> Upload:
    return Upload(path=Path("/nowhere/upload"), filename="a.png", bytes=1, sha256="0")


def test_defaults_are_those_of_the_contract() -> None:
    asked = read(CreateVideo, prompt="a cat")
    assert (asked.seconds, asked.size, asked.model, asked.characters) == ("4", "720x1280", None, ())


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("4", "4"),
        (4, "4"),
        (4.0, "4"),
        (8.5, "8.5"),
        ("8.5", "8.5"),
        (" 12 ", "12"),
        (0.1, "0.1"),
        ("", "4"),
        (None, "4"),
    ],
)
def test_seconds(said: object, kept: str) -> None:
    assert read(CreateVideo, prompt="x", seconds=said).seconds == kept


@pytest.mark.parametrize("said", ["0", 0, -1, "four", "1e3", "nan", float("inf"), True, [4], "4s", "9" * 40, "٤"])
def test_seconds_that_are_none(said: object) -> None:
    assert refused(CreateVideo, prompt="x", seconds=said).param == "seconds"


@pytest.mark.parametrize("said", ["1280x720", "1280X720", "64x64", "4096x2304", " 1920x1080 "])
def test_sizes(said: str) -> None:
    assert read(CreateVideo, prompt="x", size=said).size == said.strip().lower()


@pytest.mark.parametrize(
    "said", ["1280", "1281x720", "62x64", "4098x64", "4096x4096", "0x0", 720, "axb", "-64x64", "1e3x64"]
)
def test_sizes_that_are_none(said: object) -> None:
    assert refused(CreateVideo, prompt="x", size=said).param == "size"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("prompt", ""),
        ("prompt", "x" * 32_001),
        ("prompt", 5),
        ("seed", -1),
        ("seed", "many"),
        ("steps", 0),
        ("guidance", 99),
        ("guidance", "nan"),
        ("guidance", 10**400),
        ("seed", 10**400),
        ("seed", "9" * 5000),
        ("seconds", 10**400),
        ("fps", 0),
        ("characters", [{"id": "a"}] * 3),
        ("characters", "{"),
        ("input_reference", {"image_url": "data:x", "file_id": "f"}),
        ("input_reference", {}),
        ("input_reference", 7),
        ("model", 7),
    ],
)
def test_the_field_is_named(field: str, value: object) -> None:
    assert refused(CreateVideo, **{"prompt": "x", field: value}).param == field


def test_a_file_is_not_made_of_json() -> None:
    forged = {"path": "/etc/passwd", "filename": "a", "bytes": 1, "sha256": "0"}
    assert refused(EditVideo, prompt="x", video=forged).param == "video"
    assert refused(CreateVideo, prompt="x", input_reference=forged).param == "input_reference"
    assert refused(schema.CreateFile, file=forged).param == "file"


def test_references_in_every_spelling() -> None:
    for said in ({"id": "video_1"}, '{"id": "video_1"}', "video_1"):
        assert read(EditVideo, prompt="x", video=said).video.id == "video_1"
    assert read(EditVideo, prompt="x", video=upload()).video == upload()
    for said in ({"file_id": "file_1"}, '{"file_id": "file_1"}', "file_1"):
        assert read(CreateVideo, prompt="x", input_reference=said).input_reference.file_id == "file_1"
    for said in ({"image_url": "data:image/png;base64,AA=="}, "data:image/png;base64,AA=="):
        assert read(CreateVideo, prompt="x", input_reference=said).input_reference.image_url.startswith("data:")
    for said in ([{"id": "char_1"}], {"id": "char_1"}, ["char_1"], '[{"id": "char_1"}]', "char_1"):
        assert [one.id for one in read(CreateVideo, prompt="x", characters=said).characters] == ["char_1"]


def test_blends_take_two_films() -> None:
    asked = read(schema.BlendVideos, videos=[upload(), {"id": "video_1"}])
    assert asked.videos == (upload(), schema.VideoReference(id="video_1"))
    for said in ([upload()], [upload()] * 3, "x", None):
        assert refused(schema.BlendVideos, videos=said).param == "videos"


def test_regions() -> None:
    box = {"x": 0.1, "y": 0.2, "w": 0.5, "h": 0.8}
    for said in (box, [0.1, 0.2, 0.5, 0.8], "0.1,0.2,0.5,0.8", {key: str(value) for key, value in box.items()}):
        assert read(EditVideo, prompt="x", video="v", region=said).region.model_dump() == box
    for said in ("0,0,1", [0.5, 0.5, 0.6, 0.1], {"x": 0}, "a,b,c,d", 5, [0, 0, 0, 1]):
        assert refused(EditVideo, prompt="x", video="v", region=said).param == "region"


def test_an_edit_says_from_and_to() -> None:
    asked = read(EditVideo, prompt="x", video="v", **{"from": "0.5", "to": 2})
    assert (asked.start, asked.stop) == (0.5, 2.0)
    assert refused(EditVideo, prompt="x", video="v", start=1).param == "start"


def test_spans() -> None:
    for said in ([[0, 1.5], [2, 3]], ["0-1.5", "2-3"], "0-1.5, 2-3", [["0", "1.5"], ["2", "3"]], "[[0,1.5],[2,3]]"):
        assert read(RecutVideo, video="v", keep=said).keep == ((0.0, 1.5), (2.0, 3.0))
    for said in ([], "", "0", [[1]], [[-1, 2]], 5):
        assert refused(RecutVideo, video="v", keep=said).param == "keep"


def test_strengths_are_those_of_the_modes() -> None:
    assert dict(schema.STRENGTHS) == modes.STRENGTHS
    assert read(schema.RemixVideo, prompt="x").strength == modes.STRENGTHS["mild"]
    for said in ("strong", 0.92, "0.92"):
        assert read(schema.RemixVideo, prompt="x", strength=said).strength == 0.92
    assert refused(schema.RemixVideo, prompt="x", strength="mighty").param == "strength"


@pytest.mark.parametrize(
    ("slip", "meant"),
    [("promt", "prompt"), ("second", "seconds"), ("duration", "seconds"), ("guidance_scale", "guidance")],
)
def test_slips_are_told(slip: str, meant: str) -> None:
    error = refused(CreateVideo, prompt="x", **{slip: "4"})
    assert error.param == slip
    assert f"'{meant}'" in error.message


def test_other_fields_are_passed_over() -> None:
    assert read(CreateVideo, prompt="x", user="me", metadata={"a": 1}, n=1, quality="high", duration=None).prompt == "x"


def test_boards_are_texts_objects_or_files() -> None:
    board = {"cards": [{"from": 0, "to": 1, "prompt": "山"}]}
    assert "山" in read(schema.CreateStoryboard, board=board).board
    assert read(schema.CreateStoryboard, board="cards: []").board == "cards: []"
    assert read(schema.CreateStoryboard, board=upload()).board == upload()


def test_a_video_has_thirteen_keys() -> None:
    assert set(Video.model_fields) == {
        *("id", "object", "model", "status", "progress", "created_at", "completed_at", "expires_at"),
        *("prompt", "size", "seconds", "remixed_from_video_id", "error"),
    }
