"""Which bytes of an object a client wants."""

import pytest

from yozora.server.http.ranges import ByteRange, Unsatisfiable, same, still, wanted


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-", 10, 100),
        ("bytes=-7", 93, 100),
        ("bytes=90-999", 90, 100),
        ("BYTES = 1 - 2", 1, 3),
    ],
)
def test_a_single_range_is_cut_to_what_there_is(header: str, start: int, stop: int) -> None:
    found = wanted(header, 100)
    assert found == ByteRange(start=start, stop=stop, size=100)
    assert found is not None
    assert found.content_range == f"bytes {start}-{stop - 1}/100"


@pytest.mark.parametrize(
    "header", [None, "", "bytes=", "bytes=-", "bytes=3-2", "bytes=0-1,3-4", "lines=1-2", "bytes=a-b"]
)
def test_anything_else_is_all_of_it(header: str | None) -> None:
    assert wanted(header, 100) is None


@pytest.mark.parametrize(("header", "size"), [("bytes=100-", 100), ("bytes=0-", 0), ("bytes=-0", 100)])
def test_a_range_after_the_end_cannot_be_given(header: str, size: int) -> None:
    with pytest.raises(Unsatisfiable):
        wanted(header, size)


def test_a_version_is_known_by_its_tag() -> None:
    assert same('"a", W/"b"', '"b"')
    assert same("*", '"b"')
    assert not same('"a"', '"b"')
    assert not same(None, '"b"')


def test_a_range_counts_for_the_very_version_only() -> None:
    date = "Sat, 28 Nov 2026 10:00:00 GMT"
    assert still(None, '"a"', date)
    assert still(' "a" ', '"a"', date)
    assert still(date, '"a"', date)
    assert not still('W/"a"', '"a"', date)
    assert not still('"b"', '"a"', date)
