"""What every mode takes is declared once, and is no option of a single mode."""

from yozora.core.common_options import COMMON
from yozora.core.modes import MODES
from yozora.core.request import Request


def test_every_mode_takes_them_after_its_own() -> None:
    for mode in MODES.values():
        assert mode.takes[-len(COMMON) :] == COMMON
        assert not {option.name for option in mode.own} & {option.name for option in COMMON}


def test_what_is_asked_for_has_its_place_in_a_request() -> None:
    settings = {"size", "fit", "native", "style", "untrained"}  # which become others, or say how sources are used
    fields = set(Request.__dataclass_fields__)
    assert {option.name for option in COMMON} - fields <= settings
