"""Names of form fields with brackets, as one structure."""

import pytest

from yozora.server.errors import ApiError
from yozora.server.http.brackets import nested


@pytest.mark.parametrize(
    ("pairs", "fields"),
    [
        ([("prompt", "a")], {"prompt": "a"}),
        ([("image", 1), ("image", 2), ("image", 3)], {"image": [1, 2, 3]}),
        ([("video[id]", "v"), ("video[name]", "n")], {"video": {"id": "v", "name": "n"}}),
        ([("c[][id]", "a"), ("c[][id]", "b")], {"c": [{"id": "a"}, {"id": "b"}]}),
        ([("c[][id]", "a"), ("c[][x]", "b")], {"c": [{"id": "a", "x": "b"}]}),
        ([("keep[0][0]", 0), ("keep[0][1]", 1), ("keep[1][0]", 2)], {"keep": [[0, 1], [2]]}),
        ([("a[]", 1), ("a[]", 2)], {"a": [1, 2]}),
    ],
)
def test_fields_become_one_structure(pairs: list[tuple[str, object]], fields: dict[str, object]) -> None:
    assert nested(pairs) == fields


@pytest.mark.parametrize(
    "pairs",
    [
        [("[id]", 1)],
        [("a[b", 1)],
        [("a[b][c][d][e][f]", 1)],
        [("a[b]", 1), ("a[b]", 2)],
        [("a[1]", 1)],
        [("a[b]", 1), ("a[]", 2)],
        [("a[b]", 1), ("a", 2)],
        [("a", 1), ("a[b]", 2)],
    ],
)
def test_a_structure_that_contradicts_itself_is_refused(pairs: list[tuple[str, object]]) -> None:
    with pytest.raises(ApiError) as caught:
        nested(pairs)
    assert caught.value.status == 400
    assert caught.value.param == pairs[-1][0][:60].split("[")[0] or caught.value.param == pairs[-1][0]
