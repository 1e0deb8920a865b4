"""One structure, whatever the spelling; and nothing that a client sends is more than a 4xx."""

import asyncio
import io
import json
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from yozora.server.bounds import Limits
from yozora.server.errors import ApiError
from yozora.server.http import body_parser
from yozora.server.http.body_parser import Raw, Upload, parse
from yozora.server.http.brackets import nested

LIMITS = Limits(text_bytes=4000, upload_bytes=2000, body_bytes=10_000)
EDGE = "edge"


def form(*parts: tuple[str, bytes] | tuple[str, bytes, str]) -> bytes:
    """A multipart body: (name, text) or (name, content, filename)."""
    body = b""
    for name, content, *filename in parts:
        file = f'; filename="{filename[0]}"\r\nContent-Type: application/octet-stream' if filename else ""
        body += f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + content + b"\r\n"
    return body + f"--{EDGE}--\r\n".encode()


def raw(data: bytes, kind: str = "application/json") -> Raw:
    return Raw(kind=kind, boundary=EDGE.encode(), data=io.BytesIO(data))


def read(data: bytes, kind: str = "application/json") -> dict[str, Any]:
    with parse(raw(data, kind), LIMITS) as body:
        return body.fields


def refused(data: bytes, kind: str = "application/json") -> ApiError:
    with pytest.raises(ApiError) as caught:
        read(data, kind)
    return caught.value


SAID = {"prompt": "a cat\nsits", "seconds": "4", "video": {"id": "video_1"}, "characters": [{"id": "a"}, {"id": "b"}]}


def test_every_spelling_says_the_same() -> None:
    pairs = [
        ("prompt", "a cat\nsits"),
        ("seconds", "4"),
        ("video[id]", "video_1"),
        ("characters[][id]", "a"),
        ("characters[][id]", "b"),
    ]
    counted = [*pairs[:3], ("characters[0][id]", "a"), ("characters[1][id]", "b")]
    assert read(json.dumps(SAID).encode()) == SAID
    for spelled in (pairs, counted):
        assert read(urlencode(spelled).encode(), body_parser.URLENCODED) == SAID
        assert read(form(*((name, text.encode()) for name, text in spelled)), body_parser.MULTIPART) == SAID


def test_fingerprints_are_of_the_content() -> None:
    with parse(raw(json.dumps(SAID).encode()), LIMITS) as one, parse(raw(b'{"prompt": "b"}'), LIMITS) as other:
        assert one.fingerprint("/v1/videos") != other.fingerprint("/v1/videos")
        assert one.fingerprint("/v1/videos") != one.fingerprint("/v1/videos/edits")
        whole = one.fingerprint("/v1/videos")
    shuffled = json.dumps(dict(reversed(SAID.items()))).encode()
    with parse(raw(shuffled), LIMITS) as again:
        assert again.fingerprint("/v1/videos") == whole
    for content, same in ((b"abc", True), (b"abd", False)):
        with (
            parse(raw(form(("f", b"abc", "x.png")), body_parser.MULTIPART), LIMITS) as a,
            parse(raw(form(("f", content, "y.png")), body_parser.MULTIPART), LIMITS) as b,
        ):
            assert (a.fingerprint() == b.fingerprint()) is same


def test_files_are_there_while_the_body_is() -> None:
    data = form(("video", b"\x00\xff--edge\r\n", r"C:\films\a.mp4"), ("empty", b"", ""), ("prompt", "山".encode()))
    with parse(raw(data, body_parser.MULTIPART), LIMITS) as body:
        upload = body.fields["video"]
        assert isinstance(upload, Upload)
        assert upload.path.read_bytes() == b"\x00\xff--edge\r\n"
        assert (upload.filename, upload.bytes) == ("a.mp4", 10)
        assert body.fields.keys() == {"video", "prompt"}
        assert body.fields["prompt"] == "山"
    assert not upload.path.exists()


def test_a_json_object_is_never_taken_for_a_file() -> None:
    assert read(b'{"video": {"path": "/etc/passwd", "filename": "x", "bytes": 1, "sha256": ""}}')["video"] == {
        "path": "/etc/passwd",
        "filename": "x",
        "bytes": 1,
        "sha256": "",
    }


def test_empty_bodies() -> None:
    assert read(b"") == {}
    assert read(b"", "") == {}
    assert read(b"", body_parser.URLENCODED) == {}
    assert read(f"--{EDGE}--\r\n".encode(), body_parser.MULTIPART) == {}


def test_json_without_a_content_type() -> None:
    assert read(b' {"prompt": "x"}', "") == {"prompt": "x"}
    assert read(b'{"prompt": "x"}', "text/plain") == {"prompt": "x"}


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"[1]",
        b'"text"',
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": 100000000000000000000}',
        b'{"a": ' + b"[" * 60_000 + b"]" * 60_000 + b"}",
        b'{"a": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"prompt": "\\u0000"}',
        b'{"prompt": "\\ud800"}',
        b'{"\\ud800": 1}',
        b'{"a": {"\\u0000": 1}}',
        b"\xff\xfe",
        b'{"a": "' + bytes([200]) + b'"}',
    ],
)
def test_json_that_is_none(data: bytes) -> None:
    assert refused(data).status == 400


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nothing",
        b"--edge",
        b"--edge\r\n\r\nx\r\n--edge--",
        b'--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\nx',
        b'--edge\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\nx',
        b"--edge\r\nContent-Disposition: form-data\r\n\r\nx\r\n--edge--\r\n",
        form(("a", b"\xff\xfe")),
        form(("a", b"1"), ("a[b]", b"2")),
        form(("a[b]", b"1"), ("a", b"2")),
        form(("a[b]", b"1"), ("a[]", b"2")),
        form(("a[b]", b"1"), ("a[b]", b"2")),
        form(("a[7]", b"1")),
        form(("a[", b"1")),
        form(("[a]", b"1")),
        form(("a[b][c][d][e][f]", b"1")),
        form(*[("a", b"1")] * 101),
    ],
)
def test_forms_that_are_none(data: bytes) -> None:
    error = refused(data, body_parser.MULTIPART)
    assert error.status == 400
    assert error.code in ("invalid_form", "invalid_value")


def test_too_much_is_413() -> None:
    assert refused(form(("a", b"x" * 4001)), body_parser.MULTIPART).status == 413
    assert refused(form(("a", b"x" * 2001), ("b", b"x" * 2001)), body_parser.MULTIPART).status == 413
    error = refused(form(("input_reference", b"x" * 2001, "f")), body_parser.MULTIPART)
    assert (error.status, error.param, error.code) == (413, "input_reference", "file_too_large")


def test_a_kind_that_nobody_reads() -> None:
    assert refused(b"<xml/>", "application/xml").code == "unsupported_content_type"
    with (
        pytest.raises(ApiError, match="boundary"),
        parse(Raw(kind=body_parser.MULTIPART, boundary=b"", data=io.BytesIO()), LIMITS),
    ):
        pass


def receive(chunks: Iterable[bytes], **headers: str) -> bytes:
    """What `body_parser.receive` takes of a stream."""
    left = [*chunks]

    async def stream() -> dict[str, Any]:
        chunk = left.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(left)}

    encoded = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    request = Request({"type": "http", "method": "POST", "path": "/", "headers": encoded}, stream)
    taken = asyncio.run(body_parser.receive(request, LIMITS))
    with taken.data as data:
        data.seek(0)
        return data.read()


def test_limits_hold_before_anything_is_parsed() -> None:
    assert receive([b"a" * 3000, b"b" * 1000]) == b"a" * 3000 + b"b" * 1000
    for chunks, headers in (
        ([b"a" * 3000, b"b" * 1001], {}),  # said nothing, or lied
        ([b""], {"content_length": "4001"}),
        ([b""], {"content_length": "10001", "content_type": "multipart/form-data; boundary=x"}),
    ):
        with pytest.raises(ApiError) as caught:
            receive(chunks, **headers)
        assert caught.value.status == 413
    large = [b"a" * 9000]
    assert len(receive(large, content_type="multipart/form-data; boundary=x")) == 9000
    with pytest.raises(ApiError, match="Compressed"):
        receive([b""], content_encoding="gzip")


def test_lists_in_brackets() -> None:
    assert nested([("keep[0][0]", "0"), ("keep[0][1]", "1.5"), ("keep[1][]", "2")]) == {"keep": [["0", "1.5"], ["2"]]}
    assert nested([("a[]", "1"), ("a[]", "2")]) == {"a": ["1", "2"]}
    assert nested([("a", "1"), ("a", "2"), ("a", "3")]) == {"a": ["1", "2", "3"]}
    assert nested([("c[][id]", "1"), ("c[][name]", "x"), ("c[][id]", "2")]) == {
        "c": [{"id": "1", "name": "x"}, {"id": "2"}]
    }


@given(st.lists(st.tuples(st.text(alphabet="ab[]01", min_size=1, max_size=12), st.text(max_size=3)), max_size=8))
def test_brackets_in_any_order(pairs: list[tuple[str, str]]) -> None:
    with suppress(ApiError):
        assert isinstance(nested(pairs), dict)


@given(
    st.binary(max_size=300),
    st.sampled_from(["application/json", body_parser.URLENCODED, body_parser.MULTIPART, "", "text/plain"]),
)
def test_any_bytes_are_read_or_refused(data: bytes, kind: str) -> None:
    for sent in (data, form(("a", b"1"))[:-8] + data):
        with suppress(ApiError):
            assert isinstance(read(sent, kind), dict)
