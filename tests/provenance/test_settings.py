"""Settings of provenance: from a file, then from the environment; what is wrong is told in one line."""

from pathlib import Path

import pytest

from yozora import paths
from yozora.errors import UserError
from yozora.provenance.settings import Provenance, load


def test_the_default_signs_and_marks_and_says_no_prompt(tmp_path: Path) -> None:
    found = load({}, tmp_path / "none.toml")
    assert found == Provenance()
    assert (found.credentials, found.watermark, found.visible, found.disclose_prompt) == (True, True, "", False)
    assert (found.folder, found.mining) == (paths.provenance(), "notAllowed")


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "provenance.toml"
    file.write_text('watermark = false\nvisible = "made by A"\nsigner = ["sign", "a key"]\ncertificate = "a.pem"\n')
    found = load(
        {"YOZORA_PROVENANCE_VISIBLE": "made by B", "YOZORA_PROVENANCE_DISCLOSE_PROMPT": "yes", "HOME": "x"}, file
    )
    assert (found.watermark, found.visible, found.disclose_prompt) == (False, "made by B", True)
    assert (found.signer, found.certificate) == (("sign", "a key"), Path("a.pem"))


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"WATERMARKS": "off"}, "provenance setting 'watermarks' is not known"),
        ({"WATERMARK": "perhaps"}, "true or false"),
        ({"MINING": "never"}, "notAllowed"),
        ({"ALGORITHM": "rot13"}, "es256"),
        ({"CERTIFICATE": "a.pem"}, "either a key or a signer"),
        ({"KEY": "a.key"}, "has no certificate"),
        ({"TITLE": " "}, "title"),
    ],
)
def test_what_is_wrong_is_told(said: dict[str, str], message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        load({f"YOZORA_PROVENANCE_{key}": value for key, value in said.items()}, tmp_path / "none.toml")


@pytest.mark.parametrize("text", ["watermark =", "watermark = 3", "title = 3", "signer = 3", "folder = []"])
def test_a_file_that_cannot_be_followed_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "provenance.toml"
    file.write_text(text)
    with pytest.raises(UserError):
        load({}, file)


def test_another_backend_is_chosen_by_name() -> None:
    assert load({"YOZORA_PROVENANCE_BACKEND": "videoseal"}, Path("none")).backend == "videoseal"
    with pytest.raises(UserError, match="watermark 'dust' is not known"):
        load({"YOZORA_PROVENANCE_BACKEND": "dust"}, Path("none"))
