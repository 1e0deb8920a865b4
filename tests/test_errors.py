"""Errors that are shown: a message, what to do next, and a parser of arguments that raises them."""

import pytest

from yozora.errors import ArgumentParser, UserError


def test_an_error_reads_as_message_and_hint() -> None:
    error = UserError("There is no film.", "Make one.")
    assert (str(error), error.message, error.hint) == ("There is no film. Make one.", "There is no film.", "Make one.")
    assert str(UserError("There is no film.")) == "There is no film."


def test_a_wrong_argument_is_one_line_with_the_way_to_the_help() -> None:
    parser = ArgumentParser(prog="make-film")
    parser.add_argument("--steps", type=int)
    assert parser.parse_args(["--steps", "3"]).steps == 3
    with pytest.raises(UserError) as caught:
        parser.parse_args(["--steps", "many"])
    assert "--steps" in caught.value.message
    assert caught.value.message[0].isupper()
    assert caught.value.message.endswith(".")
    assert "make-film --help" in caught.value.hint
