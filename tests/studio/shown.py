"""The pages of the studio, as tests of every page go through them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A page. `address` may name films: {film}, {other}. `key`: who opens it; None is not signed in."""

    name: str
    address: str
    key: str | None = "own"


PAGES = (
    Shown(name="sign-in", address="/", key=None),
    Shown(name="create", address="/"),
    Shown(name="board", address="/board"),
    Shown(name="library", address="/library"),
    Shown(name="film", address="/films/{film}"),
    Shown(name="lineage", address="/films/{film}/lineage"),
    Shown(name="compare", address="/library/compare?a={film}&b={other}"),
    Shown(name="characters", address="/characters"),
    Shown(name="feed", address="/feed"),
    Shown(name="operations", address="/operations", key="admin"),
    Shown(name="not-found", address="/nothing/here"),
)
