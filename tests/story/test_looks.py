"""Words for camera moves and styles."""

from yozora.language.languages import LANGUAGES
from yozora.story import looks


def test_a_camera_is_known_by_any_of_its_names() -> None:
    for table in (pack.phrases.cameras for pack in LANGUAGES.values()):
        for name, ways in table.items():
            assert {looks.find_camera(way) for way in (name, *ways.split("|"))} == {name}
    assert looks.find_camera("Pan-Left") == "pan left"
    assert looks.find_camera("slow_zoom in.") == "zoom in"


def test_styles_that_are_not_known_stay_as_they_are() -> None:
    assert looks.find_style(" Water-Color ") == "Water-Color"
    assert looks.find_style("Pixel") == "pixel"
