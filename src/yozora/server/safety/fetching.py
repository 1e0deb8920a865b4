"""Pictures that a client names instead of sending them: by an address, or written out in a data URL.

What comes is only bytes; `uploads` says what they are.
"""

import base64
import binascii
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from yozora.server.errors import ApiError
from yozora.server.pieces import pieces
from yozora.server.settings import Settings

if TYPE_CHECKING:
    import httpcore
    import httpx

SECONDS: Final = 30.0  # for all of it: the name, redirects, every byte
MAX_REDIRECTS: Final = 3
REDIRECTS: Final = (301, 302, 303, 307, 308)
TAKEN: Final = re.compile(r"(image|video)/(?!svg)|(application|binary)/octet-stream\b|$", re.IGNORECASE)
HEADERS: Final = ((b"accept", b"image/*, video/*"), (b"accept-encoding", b"identity"), (b"user-agent", b"yozora"))
DATA_HEAD: Final = re.compile(r"data:(?:[\w.+-]+/[\w.+-]+)?(?:;[\w.+-]+=[\w.+-]+)*;base64", re.ASCII | re.IGNORECASE)


def fetch(url: str, settings: Settings, target: Path) -> None:
    """Save what is at an http or https address. Raises `ApiError` 400, and leaves no file then.

    Only where the operator allows it; never from private or reserved networks, neither at once nor after a redirect;
    never more than `Limits.upload_bytes`, nor longer than 30 seconds.
    """
    if not settings.fetch_urls:
        raise _invalid("This server does not fetch URLs. Send the file itself or a data URL.", "url_refused")
    import httpcore

    from yozora.server.safety import ssrf

    try:
        with ssrf.calls(private=False, seconds=SECONDS) as calls:
            _follow_redirects(calls, ssrf.parsed(url), settings.limits.upload_bytes, target)
    except ssrf.AddressError as error:
        raise _failed(f"The URL {error}") from error
    except httpcore.TimeoutException as error:
        raise _failed(f"The URL did not answer within {SECONDS:g} seconds") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError, httpcore.UnsupportedProtocol) as error:
        raise _failed(f"The URL {ssrf.UNREACHED}") from error


def data_url(text: str, limit: int) -> bytes:
    """The bytes in a `data:...;base64,...` URL (RFC 2397) of up to `limit` characters. Raises `ApiError` 400."""
    if len(text) > limit:
        raise _invalid(f"The data URL has more than {limit:,} characters.")
    head, comma, data = text.partition(",")
    if not comma or not DATA_HEAD.fullmatch(head):
        raise _invalid("A data URL has to begin like data:image/png;base64.")
    try:
        found = base64.b64decode(data.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise _invalid("The data URL is not valid base64.") from error
    if not found:
        raise _invalid("The data URL is empty.")
    return found


def save_data_url(text: Path, target: Path, limit: int) -> None:
    """Save what `data_url` gives of a text in a file, piece by piece. Raises as it does.

    A text without a colon is what follows in such a URL.
    """
    size = text.stat().st_size
    if size > limit:
        raise _invalid(f"The data URL has more than {limit:,} characters.")
    with text.open("rb") as source, target.open("wb") as file:
        head, comma, _ = source.read(1000).partition(b",")
        bare = b":" not in head
        if not bare and not (comma and DATA_HEAD.fullmatch(head.decode("latin-1"))):
            raise _invalid("A data URL has to begin like data:image/png;base64.")
        source.seek(0 if bare else len(head) + 1)
        for piece in pieces(source):
            try:
                file.write(base64.b64decode(piece, validate=True))
            except binascii.Error as error:
                raise _invalid("The data URL is not valid base64.") from error
            if b"=" in piece and source.tell() < size:
                raise _invalid("The data URL is not valid base64.")
        if not file.tell():
            raise _invalid("The data URL is empty.")


def _follow_redirects(calls: "httpcore.ConnectionPool", url: "httpx.URL", limit: int, target: Path) -> None:
    from yozora.server.safety import ssrf

    for _ in range(1 + MAX_REDIRECTS):
        with calls.stream("GET", ssrf.target(url), headers=[(b"host", url.netloc), *HEADERS]) as response:
            said = {name.lower(): value.decode("latin-1") for name, value in response.headers}
            if response.status in REDIRECTS and b"location" in said:
                url = ssrf.parsed(_join_url(url, said[b"location"]))
                continue
            _check_response(response.status, said, limit)
            _save(response, limit, target)
            return
    raise ssrf.AddressError(f"redirects more than {MAX_REDIRECTS} times")


def _join_url(url: "httpx.URL", location: str) -> str:
    import httpx

    from yozora.server.safety import ssrf

    try:
        return str(url.join(location))
    except (httpx.InvalidURL, ValueError) as error:
        raise ssrf.AddressError("redirects to an invalid URL") from error


def _check_response(status: int, headers: dict[bytes, str], limit: int) -> None:
    if status != 200:
        raise _failed(f"The URL answered with status {status}")
    if not TAKEN.match(headers.get(b"content-type", "").strip()):
        raise _failed("By its content type, the URL is neither a picture nor a film")
    if headers.get(b"content-encoding", "identity").strip().lower() != "identity":
        raise _failed("The URL sends compressed content")
    length = headers.get(b"content-length", "0").strip()
    if not length.isdecimal() or int(length[:20]) > limit:
        raise _failed(f"The URL has more than {limit:,} bytes")


def _save(response: "httpcore.Response", limit: int, target: Path) -> None:
    size, whole = 0, False
    try:
        with target.open("wb") as file:
            for part in response.iter_stream():
                size += len(part)
                if size > limit:
                    raise _failed(f"The URL has more than {limit:,} bytes")
                file.write(part)
        whole = True
    finally:
        if not whole:
            target.unlink(missing_ok=True)


def _failed(what: str) -> ApiError:
    return _invalid(f"{what}. Send the file itself or another URL.")


def _invalid(message: str, code: str = "invalid_url") -> ApiError:
    return ApiError(400, message, code=code)
