"""The command that films storyboards."""

from pathlib import Path

from tests.cli.running import Yozora, one_line


def test_a_board_of_a_prompt_never_takes_the_place_of_another(toy_yozora: Yozora, tmp_path: Path) -> None:
    for name in ("board.yaml", "board-2.yaml"):
        done = toy_yozora("storyboard", "--from-prompt", "A car. Cut to a boat.", "--steps", "1")
        assert done.returncode == 0, done.stderr
        assert f"{name}: 2 cards" in done.stderr
        assert (tmp_path / name).is_file()


def test_fault_16_a_board_is_replaced_with_force_only(toy_yozora: Yozora, tmp_path: Path) -> None:
    (tmp_path / "dogs.yaml").write_text("cards: []  # mine\n")
    (tmp_path / "link.yaml").symlink_to("dogs.yaml")
    made = ["storyboard", "--from-prompt", "A car. Cut to a boat.", "--steps", "1", "--save"]
    for name in ("dogs.yaml", "link.yaml"):
        assert "exists already. Choose another name, or replace the file with --force" in one_line(
            toy_yozora(*made, name)
        )
    assert (tmp_path / "dogs.yaml").read_text() == "cards: []  # mine\n"
    done = toy_yozora(*made, "link.yaml", "--force")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "link.yaml").is_symlink()
    assert "a boat" in (tmp_path / "dogs.yaml").read_text().lower()
