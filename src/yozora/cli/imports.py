"""The command `yozora import`: films of a folder, a ZIP or single files into the library of a server.

What is beside a film as JSON goes with it. What browsers do not play is converted to MP4 here first. Repeats make no
doubles: the server knows a file by its content.
"""

import asyncio
import json
import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final

import typer

from yozora.cli.mcp import HERE, KEY, URL, api_address
from yozora.cli.working import Json, path, say_json
from yozora.errors import UserError
from yozora.extras import require

FILMS: Final = (".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi", ".gif")
MAX_RATE: Final = 60.0  # frames a second of a film that is converted
MAX_JSON: Final = 64 << 20  # bytes
CALLED: Final = ("id", "filename", "file_name", "file", "path", "url", "download_url", "video_url")
"""Fields of an object of a list that may name its film, by its file's name with or without the ending."""

LISTS: Final = ("generations", "videos", "outputs")
"""Fields whose objects are films of the object that they are in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFilm:
    """A film to import, what it is called in messages, and the JSON object that says what it is."""

    path: Path
    name: str
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What became of a film: the id of its video, or an error."""

    name: str
    id: str | None = None
    existed: bool = False
    converted: bool = False
    error: str | None = None

    def line(self) -> str:
        """For people."""
        if self.error is not None:
            return f"{self.name}: error: {self.error}"
        notes = ["already there"] * self.existed + ["converted to MP4"] * self.converted
        return f"{self.name}: {self.id}" + (f" ({', '.join(notes)})" if notes else "")


def import_films(
    what: Annotated[list[Path], typer.Argument(parser=path, metavar="FOLDER|ZIP|FILE...", help="The films.")],
    url: Annotated[
        str | None,
        typer.Option(metavar="URL", help=f"The Videos API of a server, with /v1. [default: ${URL}, or {HERE}]"),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(metavar="KEY", help=f"A key of the server [default: ${KEY}, which other users cannot see]."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Import films into the library of a running server, with their titles, prompts and dates. Repeating it makes no
    doubles. Exit code 1: some could not be imported.
    """
    require("mcp", "yozora import")
    given = (os.environ.get(KEY, "") if key is None else key).strip()
    address = api_address(url or os.environ.get(URL) or HERE)
    with TemporaryDirectory() as folder:
        films = [film for index, place in enumerate(what) for film in found_films(place, Path(folder) / str(index))]
        if not films:
            raise UserError("There are no films.", f"Films end in {', '.join(FILMS)}.", code="import_empty")
        results = asyncio.run(_send_all(films, address, given, Path(folder), quiet=as_json))
    if as_json:
        say_json([asdict(result) for result in results])
    else:
        failed, existed = sum(one.error is not None for one in results), sum(one.existed for one in results)
        typer.echo(f"{len(results) - failed - existed} imported, {existed} already there, {failed} failed")
    if any(result.error is not None for result in results):
        raise typer.Exit(1)


def found_films(place: Path, folder: Path) -> Iterator[FoundFilm]:
    """The films of a folder, with those below, of a ZIP, which is unpacked into `folder`, or a file alone; by name.

    Raises `UserError` for what is not there or cannot be read.
    """
    if not place.exists():
        raise UserError(f"{place} does not exist.", "Pass a folder, a ZIP or films.", code="file_not_found")
    if place.is_file() and place.suffix.lower() == ".zip":
        _unpack(place, folder)
        yield from _films_in(folder)
    elif place.is_file():
        yield FoundFilm(path=place, name=place.name, said=_beside(place) or _listed(place.parent).get(place.stem, {}))
    else:
        yield from _films_in(place)


def _films_in(folder: Path) -> Iterator[FoundFilm]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in FILMS and path.is_file())
    known = {each: _listed(each) for each in dict.fromkeys([folder, *(path.parent for path in paths)])}
    for film in paths:
        listed = known[film.parent].get(film.stem) or known[folder].get(film.stem) or {}
        yield FoundFilm(path=film, name=str(film.relative_to(folder)), said=_beside(film) or listed)


def _unpack(archive: Path, folder: Path) -> None:
    """Films and JSON of a ZIP into a folder; no name in it leads out of that. Raises `UserError`."""
    try:
        with zipfile.ZipFile(archive) as opened:
            for member in opened.infolist():
                if not member.is_dir() and Path(member.filename).suffix.lower() in (*FILMS, ".json"):
                    opened.extract(member, folder)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise UserError(
            f"{archive} cannot be unpacked: {error}.", "Unpack it, and pass the folder.", code="zip_unreadable"
        ) from error


def _beside(film: Path) -> Mapping[str, Any]:
    """The JSON object beside a film: clip.json or clip.mp4.json of clip.mp4."""
    for name in (film.with_suffix(".json"), film.with_name(f"{film.name}.json")):
        said = _json(name)
        if isinstance(said, dict):
            return said
    return {}


def _listed(folder: Path) -> dict[str, Mapping[str, Any]]:
    """What the lists of films in a folder's JSON files say, by the names of films without ending."""
    found: dict[str, Mapping[str, Any]] = {}
    for file in sorted(folder.glob("*.json")):
        said = _json(file)
        lists = [said] if isinstance(said, list) else list(said.values()) if isinstance(said, dict) else []
        for item in (item for each in lists if isinstance(each, list) for item in each if isinstance(item, dict)):
            inner = [one for name in LISTS for one in item.get(name) or () if isinstance(one, dict)]
            for one in ({}, *inner):
                found.update({key: {**item, **one} for key in _film_names(one or item)})
    return found


def _film_names(item: Mapping[str, Any]) -> Iterator[str]:
    for name in CALLED:
        if isinstance(item.get(name), str | int):
            last = str(item[name]).partition("?")[0].replace("\\", "/").rpartition("/")[2]
            yield last[: -len(Path(last).suffix)] if Path(last).suffix.lower() in FILMS else last


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_bytes()) if file.is_file() and file.stat().st_size <= MAX_JSON else None
    except (ValueError, RecursionError, OSError):
        return None


async def _send_all(films: Sequence[FoundFilm], url: str, key: str, folder: Path, *, quiet: bool) -> list[ImportResult]:
    """Send films one after the other. Raises `UserError` where the server does not let this key in."""
    import httpx2

    from yozora.mcp.videos import Videos

    results = []
    async with httpx2.AsyncClient() as http:
        videos = Videos(http=http, url=url, key=key)
        await videos.get("/library", limit=1)
        for index, film in enumerate(films, 1):
            result = await _send(videos, film, folder)
            results.append(result)
            if not quiet:
                typer.echo(f"[{index}/{len(films)}] {result.line()}", err=result.error is not None)
    return results


async def _send(videos: Any, film: FoundFilm, folder: Path) -> ImportResult:
    from yozora.server.http.import_metadata import facts_of

    facts = {name: value for name, value in asdict(facts_of(film.said)).items() if value is not None}
    if "title" in facts:
        facts["title"] = facts["title"][:200]
    try:
        with TemporaryDirectory(dir=folder) as inner:
            sent = await asyncio.to_thread(playable, film.path, Path(inner))
            reply = await videos.post("/library/import", facts, {"video": sent})
    except UserError as error:
        return ImportResult(name=film.name, error=" ".join(str(error).split()))
    return ImportResult(
        name=film.name,
        id=reply.value["id"],
        existed=bool(reply.value.get("existed")),
        converted=sent != film.path,
    )


def playable(film: Path, folder: Path) -> Path:
    """The film, or an MP4 in `folder` that browsers play. Raises `UserError` for what is no film."""
    from yozora.server.safety import film_pictures, inspection

    try:
        film_pictures.check_playable(film, inspection.sniffed(film), "film")
    except UserError as error:
        if error.code != "film_unplayable":
            raise
        return _converted(film, folder / f"{film.stem}.mp4")
    return film


def _converted(film: Path, target: Path) -> Path:
    """The film as an MP4; the same film gives the same bytes."""
    from yozora import media

    found = media.probe(film)
    if found.still:
        raise UserError(f"{film.name} is a picture.", "Pass a film.", code="clip_required")
    width, height = max(2, found.width // 2 * 2), max(2, found.height // 2 * 2)
    source = media.open(film, width=width, height=height, fps=min(found.fps, MAX_RATE))
    with media.Writer(target, width, height, source.fps, {}) as writer:
        for frame in source.frames():
            writer.add(frame[None])
        writer.sound(source.sound())
    return target
