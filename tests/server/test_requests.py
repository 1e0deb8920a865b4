"""Fields: what they may hold, in every way to write it, and which one is named when it is wrong."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from yozora.core.modes import MODES
from yozora.server.errors import ApiError
from yozora.server.http import dialects, reading, requests
from yozora.server.http.body_parser import Body, Upload
from yozora.server.http.mode_requests import KINDS
from yozora.server.http.requests import BodyModel
from yozora.server.http.responses import Video

CREATE, REMIX, EDIT, RECUT, BLEND, STORYBOARD = (
    KINDS[name] for name in ("generate", "remix", "edit", "recut", "blend", "storyboard")
)


def read(kind: type[BodyModel], **fields: Any) -> Any:
    return reading.read(kind, Body(fields=fields, folder=Path("/nowhere")))


def refused(kind: type[BodyModel], **fields: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        read(kind, **fields)
    assert caught.value.status == 400
    return caught.value


def upload() -> Upload:
    return Upload(path=Path("/nowhere/upload"), filename="a.png", bytes=1, sha256="0")


def test_what_is_not_said_is_none() -> None:
    """Defaults are settled where it is known what else is said; those of the contract are in `test_api`."""
    asked = read(CREATE, prompt="a cat", seconds="", size=None)
    assert (asked.seconds, asked.size, asked.model, asked.characters, asked.last) == (None, None, None, (), None)


def test_the_document_says_the_defaults_of_the_contract() -> None:
    fields = CREATE.model_json_schema()["properties"]
    assert (fields["seconds"]["default"], fields["size"]["default"], fields["fit"]["default"]) == (
        4,
        "720x1280",
        "crop",
    )
    assert KINDS["extend"].model_json_schema()["properties"]["seconds"]["default"] == 4
    assert KINDS["loop"].model_json_schema()["properties"]["seconds"]["default"] == 1


@pytest.mark.parametrize(
    ("said", "kept"), [("4", 4), (4, 4), (4.0, 4), (8.5, 8.5), ("8.5", 8.5), (" 12 ", 12), (0.1, 0.1), ("", None)]
)
def test_seconds(said: object, kept: float | None) -> None:
    assert read(CREATE, prompt="x", seconds=said).seconds == kept


@pytest.mark.parametrize("said", ["0", 0, -1, "four", "nan", float("inf"), True, [4], "4s", "9" * 40, "٤", {"a": 1}])
def test_seconds_that_are_none(said: object) -> None:
    error = refused(CREATE, prompt="x", seconds=said)
    assert (error.param, error.code) == ("seconds", "invalid_value")
    assert "seconds" in error.message


@pytest.mark.parametrize("said", ["1280x720", "1280X720", "64x64", "4096x2304", " 1920x1080 ", [1280, 720]])
def test_sizes(said: Any) -> None:
    sides = said.strip().lower().split("x") if isinstance(said, str) else said
    assert read(CREATE, prompt="x", size=said).size == tuple(map(int, sides))


@pytest.mark.parametrize("said", ["1280", 720, "axb", "-64x64", "1e3x64", [1], {"width": 1}])
def test_sizes_that_are_none(said: object) -> None:
    assert refused(CREATE, prompt="x", size=said).param == "size"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("prompt", ""),
        ("prompt", "x" * 32_001),
        ("prompt", 5),
        ("seed", -1),
        ("seed", "many"),
        ("seed", 10**400),
        ("seed", "9" * 5000),
        ("seed", 1.5),
        ("steps", 0),
        ("guidance", 99),
        ("guidance", "nan"),
        ("guidance", 10**400),
        ("seconds", 10**400),
        ("fps", 0),
        ("fps", 61),
        ("native", "perhaps"),
        ("fit", "zoom"),
        ("width", "wide"),
        ("style", "x" * 32_001),
        ("style", "a\0b"),
        ("style", ["noir"]),
        ("negative_prompt", 7),
        ("negative_prompt", "\ud800"),
        ("characters", [{"id": "a"}] * 9),
        ("characters", "{"),
        ("input_reference", {"image_url": "data:x", "file_id": "f"}),
        ("input_reference", {}),
        ("input_reference", 7),
        ("last", 7),
        ("model", 7),
    ],
)
def test_the_field_is_named(field: str, value: object) -> None:
    assert refused(CREATE, **{"prompt": "x", field: value}).param == field


def test_messages_say_what_would_do_by_the_names_of_the_api() -> None:
    assert refused(CREATE, prompt="x", steps=0).message == ("Invalid 'steps': steps 0 is out of range. Use 1 to 200.")
    assert refused(EDIT, prompt="x", video="v", **{"from": -1}).message.startswith("Invalid 'from': from -1 is")
    assert refused(EDIT, prompt="x", video="v", **{"from": "{a}"}).message.endswith("is not valid JSON.")
    assert refused(CREATE, prompt="x", fit="{zoom").param == "fit"


def test_texts_that_look_like_json_are_texts() -> None:
    asked = read(CREATE, prompt="[x]", style="[noir]", negative_prompt='{"a": 1}')
    assert (asked.prompt, asked.style, asked.negative_prompt) == ("[x]", "[noir]", '{"a": 1}')


def test_a_file_is_not_made_of_json() -> None:
    forged = {"path": "/etc/passwd", "filename": "a", "bytes": 1, "sha256": "0"}
    assert refused(EDIT, prompt="x", video=forged).param == "video"
    assert refused(CREATE, prompt="x", input_reference=forged).param == "input_reference"
    assert refused(requests.CreateFile, file=forged).param == "file"
    for name in ("seed", "size", "style", "fit", "native"):  # no option is made of a file
        assert refused(CREATE, **{"prompt": "x", name: upload()}).param == name
    for name in ("region", "from", "strength"):
        assert refused(EDIT, **{"prompt": "x", "video": upload(), name: upload()}).param == name


def test_references_in_every_spelling() -> None:
    for said in ({"id": "video_1"}, '{"id": "video_1"}', "video_1"):
        assert read(EDIT, prompt="x", video=said).video.id == "video_1"
    assert read(EDIT, prompt="x", video=upload()).video == upload()
    for name in ("input_reference", "last"):
        for said in ({"file_id": "file_1"}, '{"file_id": "file_1"}', "file_1"):
            assert getattr(read(CREATE, **{"prompt": "x", name: said}), name).file_id == "file_1"
        for said in ({"image_url": "data:image/png;base64,AA=="}, "data:image/png;base64,AA=="):
            assert getattr(read(CREATE, **{"prompt": "x", name: said}), name).image_url.startswith("data:")
    for said in ([{"id": "char_1"}], {"id": "char_1"}, ["char_1"], '[{"id": "char_1"}]', "char_1"):
        assert [one.id for one in read(CREATE, prompt="x", characters=said).characters] == ["char_1"]


def test_blends_take_two_films() -> None:
    asked = read(BLEND, videos=[upload(), {"id": "video_1"}])
    assert asked.videos == (upload(), requests.VideoReference(id="video_1"))
    for said in ([upload()], [upload()] * 3, "x", None):
        assert refused(BLEND, videos=said).param == "videos"


def test_regions() -> None:
    box = {"x": 0.1, "y": 0.2, "w": 0.5, "h": 0.8}
    for said in (box, [0.1, 0.2, 0.5, 0.8], "0.1,0.2,0.5,0.8", {key: str(value) for key, value in box.items()}):
        assert read(EDIT, prompt="x", video="v", region=said).region == (0.1, 0.2, 0.5, 0.8)
    for said in ("0,0,1", [0.5, 0.5, 0.6, 0.1], {"x": 0}, "a,b,c,d", 5, [0, 0, 0, 1]):
        assert refused(EDIT, prompt="x", video="v", region=said).param == "region"


def test_an_edit_says_from_and_to() -> None:
    asked = read(EDIT, prompt="x", video="v", **{"from": "0.5", "to": 2})
    assert (asked.start, asked.stop) == (0.5, 2.0)
    error = refused(EDIT, prompt="x", video="v", start=1)
    assert (error.param, error.code) == ("start", "unknown_parameter")
    assert "Did you mean 'from'?" in error.message


def test_spans() -> None:
    for said in ([[0, 1.5], [2, 3]], ["0-1.5", "2-3"], "0-1.5, 2-3", [["0", "1.5"], ["2", "3"]], "[[0,1.5],[2,3]]"):
        assert read(RECUT, video="v", keep=said).keep == ((0.0, 1.5), (2.0, 3.0))
    for said in ([], "0", [[1]], [[-1, 2]], 5, [[0, 1]] * 65):
        assert refused(RECUT, video="v", keep=said).param == "keep"
    assert refused(RECUT, video="v", keep="").code == "missing_required_parameter"


def test_strengths_are_numbers_or_words() -> None:
    for said, kept in (("strong", "strong"), (" Mild ", "mild"), (0.92, 0.92), ("0.92", 0.92), (None, None)):
        assert read(REMIX, prompt="x", strength=said).strength == kept
    assert refused(REMIX, prompt="x", strength="mighty").param == "strength"


@pytest.mark.parametrize(
    ("slip", "meant"),
    [("promt", "prompt"), ("second", "seconds"), ("duration", "seconds"), ("cfg_scale", "guidance")],
)
def test_slips_are_told(slip: str, meant: str) -> None:
    error = refused(CREATE, prompt="x", **{slip: "4"})
    assert error.param == slip
    assert f"'{meant}'" in error.message


@pytest.mark.parametrize("mode", MODES.values(), ids=lambda mode: mode.name)
def test_other_names_of_an_option_are_told(mode: Any) -> None:
    """Python and the command line understand them; the API, where a field has one name but for vLLM's, says which."""
    named = {option.wired: (option.name, *option.aliases) for option in mode.takes}
    if "{video_id}" not in mode.route:
        named |= {slot.wire or slot.name: (slot.name, *slot.aliases) for slot in mode.slots if slot.wire != "videos"}
    for wired, others in named.items():
        for other in set(others) - {wired} - dialects.OWN:
            error = refused(KINDS[mode.name], **{other: "1"})
            assert (error.param, error.code) == (other, "unknown_parameter")
            assert f"Did you mean '{wired}'?" in error.message


def test_the_names_of_vllm_are_understood() -> None:
    """What `hosted_vllm/` of LiteLLM sends: frames are a duration, sides go before the size, more is in one field."""
    asked = read(
        CREATE,
        prompt="x",
        size="1280x720",
        seconds="4",
        width=320,
        height="240",
        num_frames="49",
        fps=12,
        num_inference_steps="4",
        guidance_scale=3,
        flow_shift=5,
        generate_sound=True,
        image_reference="file_1",
        extra_params='{"seed": 7, "prompt": "y"}',
    )
    assert (asked.prompt, asked.seed, asked.steps, asked.guidance) == ("x", 7, 4, (3.0,))
    two = read(CREATE, prompt="x", guidance_scale=4, guidance_scale_2="3.0")
    assert two.guidance == (4.0, 3.0)
    assert (asked.size, asked.width, asked.height) == (None, 320, 240)
    assert asked.seconds == pytest.approx(49 / 12)
    assert asked.input_reference.file_id == "file_1"
    assert read(REMIX, prompt="x", num_inference_steps=4).steps == 4


@pytest.mark.parametrize("sent", [list, json.dumps])
def test_pictures_in_a_list_are_the_first_frame_and_the_last(sent: Callable[[list[Any]], Any]) -> None:
    one, two = {"image_url": "data:image/png;base64,QQ=="}, {"file_id": "file_2"}
    asked = read(CREATE, prompt="x", image_reference=sent([one]))
    assert (asked.input_reference.image_url, asked.last) == (one["image_url"], None)
    asked = read(CREATE, prompt="x", image_reference=sent([one, two]))
    assert (asked.input_reference.image_url, asked.last.file_id) == (one["image_url"], "file_2")


def test_references_that_a_call_does_not_take_are_not_dropped() -> None:
    error = refused(CREATE, prompt="x", video_reference={"video_url": "data:video/mp4;base64,QQ=="})
    assert (error.param, error.code) == ("video_reference", "unknown_parameter")
    assert "/v1/videos/edits" in error.message
    assert "Did you mean 'video'?" in refused(EDIT, prompt="x", video=upload(), video_reference="x").message
    assert refused(CREATE, prompt="x", audio_reference={"audio_url": "data:,"}).param == "audio_reference"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"num_frames": 49}, "num_frames"),  # of which rate?
        ({"num_frames": 49, "fps": 0}, "num_frames"),
        ({"num_frames": "many", "fps": 12}, "num_frames"),
        ({"extra_params": "{"}, "extra_params"),
        ({"extra_params": [1]}, "extra_params"),
        ({"extra_params": {"promt": "x"}}, "promt"),
        ({"steps": 4, "num_inference_steps": 4}, "num_inference_steps"),
        ({"num_inference_steps": "a"}, "steps"),
        ({"image_reference": "["}, "image_reference"),
        ({"image_reference": ["file_1"] * 3}, "image_reference"),
        ({"image_reference": []}, "image_reference"),
        ({"image_reference": ["file_1", "file_2"], "last": "file_3"}, "image_reference"),
    ],
)
def test_the_names_of_vllm_are_checked(fields: dict[str, Any], param: str) -> None:
    assert refused(CREATE, prompt="x", **fields).param == param


def test_a_bare_picture_is_a_picture() -> None:
    """As promptfoo and LobeHub send one: base64, an address, or an id, without an object round it."""
    found = read(CREATE, prompt="x", input_reference="iVBORw0KGgo" * 10).input_reference
    assert found.image_url == "data:;base64," + "iVBORw0KGgo" * 10
    assert read(CREATE, prompt="x", input_reference="https://a.example/b.png").input_reference.image_url[:5] == "https"
    assert read(CREATE, prompt="x", input_reference="file_1").input_reference.file_id == "file_1"


def test_other_fields_are_passed_over() -> None:
    assert read(CREATE, prompt="x", user="me", metadata={"a": 1}, n=1, quality="high", duration=None).prompt == "x"


def test_boards_are_texts_objects_or_files() -> None:
    board = {"cards": [{"from": 0, "to": 1, "prompt": "山"}]}
    assert "山" in read(STORYBOARD, board=board).cards
    assert read(STORYBOARD, board="cards: []").cards == "cards: []"
    assert read(STORYBOARD, board=upload()).cards == upload()
    for said in (7, True, 1.5):
        assert refused(STORYBOARD, board=said).param == "board"
    assert refused(STORYBOARD).code == "missing_required_parameter"


def test_a_video_has_thirteen_keys() -> None:
    assert set(Video.model_fields) == {
        *("id", "object", "model", "status", "progress", "created_at", "completed_at", "expires_at"),
        *("prompt", "size", "seconds", "remixed_from_video_id", "error"),
    }
