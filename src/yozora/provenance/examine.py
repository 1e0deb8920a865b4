"""The process that looks into one file: `python -m yozora.provenance.examine`, started by `verify`.

It gives up rights before it opens the file. What to look for is JSON on its standard input; it answers with one line of
JSON. Knows whose roots and which key it is given, and nothing of who asks.
"""

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from yozora.core.request import MAX_PROMPT
from yozora.errors import UserError
from yozora.provenance.confined import give_up, without

if TYPE_CHECKING:
    from yozora.media import Footage
    from yozora.media.pictures import Picture

MARK_FRAMES: Final = 240  # that are looked at for a mark
MARK_RUN: Final = 24  # of them in turn
MARK_SECONDS: Final = 20.0  # after which no further part of a film is looked at
MAX_ANCESTORS: Final = 200
MAX_DEPTH: Final = 32
MAX_TEXT: Final = 300  # characters of whatever a file says
FACTS: Final = "yozora.film"
STORE: Final = b"jumdc2pa"  # how a manifest store begins (C2PA 2.2, 11.1.4.2)
PLAIN: Final = (str, int, float)
SIGNATURE: Final = ("claimSignature.", "signingCredential.invalid")  # what is wrong with how it was signed


def main(memory: str, seconds: str, answer: str, action: str) -> dict[str, object]:
    """What is in the file."""
    give_up(int(memory), int(seconds), int(answer))
    asked = json.load(sys.stdin)
    try:
        return credentials(asked) if action == "credentials" else mark(asked)
    except (UserError, OSError) as error:
        said = getattr(error, "message", None) or getattr(error, "strerror", None) or "The file cannot be read."
        return {"error": without(said, asked["path"])}
    except MemoryError:
        return {"error": "Reading the file needs too much memory."}


def credentials(arguments: Mapping[str, str]) -> dict[str, Any]:
    """What the credentials of a file say, as `verify.Claim` has it; `damaged` where they cannot be read."""
    import c2pa

    roots, path = arguments["trusted"], Path(arguments["path"])
    with path.open("rb") as file:
        try:
            said = manifests(file, roots) or separate(path, file, roots)
            if said is None:
                return {}
            found = claim(Story(said["manifests"]), said["active_manifest"], said["validation_results"])
        except (c2pa.C2paError, ValueError, LookupError, RecursionError) as error:
            ours = names_us(file, roots)
            return {"damaged": told(error), "ours": ours} if ours or holds(file, [STORE]) else {}
        if any(problem.startswith(SIGNATURE) for problem in found["problems"]):
            found["trusted"] = names_us(file, roots)  # the signature itself tells no more whose it is
    return found


def manifests(file: IO[bytes], roots: str) -> dict[str, Any] | None:
    """What c2pa reads, as its JSON has it; None where a file has no credentials."""
    import c2pa

    from yozora.provenance import trust
    from yozora.provenance.places import kind_of

    kind = kind_of(file)
    if kind is None:
        return None
    with c2pa.Context.from_dict(trust.c2pa_settings_of(roots)) as context:
        reader = c2pa.Reader.try_create(kind, file, context=context)
    if reader is None:
        return None
    with reader:
        said: dict[str, Any] = json.loads(reader.json())
    return said


def separate(path: Path, file: IO[bytes], roots: str) -> dict[str, Any] | None:
    """What c2pa reads in the credentials beside a file; None where there are none."""
    import c2pa

    from yozora.provenance import trust
    from yozora.provenance.places import UNKNOWN, kind_of, store_beside

    store = store_beside(path)
    if store is None:
        return None
    kind = kind_of(file) or UNKNOWN
    with (
        c2pa.Context.from_dict(trust.c2pa_settings_of(roots)) as context,
        c2pa.Reader(kind, file, manifest_data=store, context=context) as reader,
    ):
        said: dict[str, Any] = json.loads(reader.json())
    return said


class Story:
    """Manifests by label, as c2pa tells them, of which so many are read: a file may hold any number."""

    def __init__(self, manifests: Mapping[str, Any]) -> None:
        self.manifests, self.left = manifests, MAX_ANCESTORS

    def take(self, label: str) -> Mapping[str, Any]:
        """The next one. Raises `LookupError` where there is no such, and where no more are read."""
        self.left -= 1
        if self.left < 0:
            raise LookupError("too many ancestors")
        found: Mapping[str, Any] = self.manifests[label]
        return found


def claim(
    story: Story, label: str, results: Mapping[str, Any], depth: int = 0, *, believed: bool = True
) -> dict[str, Any]:
    """One manifest and those of what it was made from. What was found when an ancestor was checked is in the
    credentials of what it became, so only those that are `believed` tell whose it was. Raises `LookupError`.
    """
    found = story.take(label)
    checked = results.get("activeManifest") or {}
    trusted = believed and "signingCredential.trusted" in codes(checked.get("success"))
    problems = [code for code in failures(checked, results) if code != "signingCredential.untrusted"]
    sound = all(code.endswith("Hash.mismatch") for code in problems)  # the picture may have changed, the words have not
    signed = found.get("signature_info") or {}
    return {
        "signer": str(signed.get("common_name") or signed.get("issuer") or "")[:MAX_TEXT],
        "issuer": str(signed.get("issuer") or "")[:MAX_TEXT],
        "signed_at": str(signed.get("time") or "")[:MAX_TEXT],
        "trusted": trusted,
        "problems": problems,
        "tool": tool(found),
        "facts": facts(found) if sound else {},
        "ancestors": ancestors(story, found, depth, believed=trusted and sound) if depth < MAX_DEPTH else [],
    }


def ancestors(story: Story, found: Mapping[str, Any], depth: int, *, believed: bool) -> list[dict[str, Any]]:
    """What a film was made from, by name, each with its own claim or an empty one."""

    def told(each: Mapping[str, Any]) -> dict[str, Any]:
        results, label = each.get("validation_results") or {}, str(each.get("active_manifest"))
        return {
            "title": str(each.get("title") or "")[:MAX_TEXT],
            "relation": str(each.get("relationship") or "")[:MAX_TEXT],
            "claim": claim(story, label, results, depth + 1, believed=believed) if label in story.manifests else {},
        }

    return [told(each) for each in islice(found.get("ingredients", ()), MAX_ANCESTORS)]


def failures(checked: Mapping[str, Any], results: Mapping[str, Any]) -> list[str]:
    """What does not hold: in a manifest, and in how those of its ancestors are bound to it."""
    bound = [each.get("validationDeltas") or {} for each in results.get("ingredientDeltas") or ()]
    broken = [code for delta in bound for code in codes(delta.get("failure")) if code.startswith("ingredient.")]
    return list(dict.fromkeys([*codes(checked.get("failure")), *broken]))


def codes(found: Sequence[Mapping[str, Any]] | None) -> list[str]:
    """C2PA's names for what was found."""
    return [str(each.get("code", ""))[:MAX_TEXT] for each in found or ()]


def facts(found: Mapping[str, Any]) -> dict[str, object]:
    """Our own assertion, where there is one: text and numbers only."""
    for assertion in found.get("assertions", ()):
        data = assertion.get("data")
        if assertion.get("label") == FACTS and isinstance(data, dict):
            return {str(key)[:MAX_TEXT]: plain(value) for key, value in data.items() if isinstance(value, PLAIN)}
    return {}


def plain(value: str | float) -> str | float:
    """A value of no more than a prompt's length."""
    return value[:MAX_PROMPT] if isinstance(value, str) else value


def tool(found: Mapping[str, Any]) -> str:
    """What a file says it was made with."""
    (first, *_) = found.get("claim_generator_info") or [{}]
    said = f"{first.get('name', '')} {first.get('version', '')}".strip() or str(found.get("claim_generator") or "")
    return said[:MAX_TEXT]


def names_us(file: IO[bytes], trusted: str) -> bool:
    """Whether a file holds the key identifier of one of these roots (PEM), as every certificate does that they issue:
    enough to say whose credentials were damaged, not to prove it.
    """
    from cryptography.x509 import SubjectKeyIdentifier, load_pem_x509_certificates

    roots = load_pem_x509_certificates(trusted.encode()) if trusted else []
    return holds(file, [SubjectKeyIdentifier.from_public_key(root.public_key()).digest for root in roots])


def holds(file: IO[bytes], wanted: Sequence[bytes]) -> bool:
    """Whether any of these, of up to 32 bytes each, is somewhere in a file."""
    file.seek(0)
    before = b""
    while piece := file.read(1 << 20):
        if any(each in before + piece for each in wanted):
            return True
        before = piece[-32:]
    return False


def mark(arguments: Mapping[str, str]) -> dict[str, object]:
    """What the watermark of a file says, as `verify.Mark` has it."""
    from yozora import media

    path = Path(arguments["path"])
    found = media.probe(path)
    footage = media.open(path, width=found.width, height=found.height, fps=found.fps or 1.0)
    frames: Iterator[Any] = spread(footage)
    if not arguments["key"]:
        return {"score": 0.0, "present": False, "identifier": None} if next(frames, None) is not None else {}
    from yozora.provenance.marks import backend

    seen = backend(arguments["backend"]).detect(frames, bytes.fromhex(arguments["key"]))
    return {"score": round(float(seen.score), 3), "present": seen.present, "identifier": seen.identifier}


def spread(footage: "Footage") -> "Iterator[Picture]":
    """Frames from all over a film, which may have kept most of its frames from elsewhere: `MARK_RUN` in turn from its
    end, from its beginning, then from in between. All frames of a short film, and the first ones of a long film whose
    file does not tell where later ones are.
    """
    if footage.count <= MARK_FRAMES or not footage.finds:
        yield from islice(footage.frames(), MARK_FRAMES)
        return
    stop, runs = time.monotonic() + MARK_SECONDS, MARK_FRAMES // MARK_RUN
    for run in (runs - 1, *range(runs - 1)):
        if time.monotonic() > stop:
            return
        first = (footage.count - MARK_RUN) * run // (runs - 1)
        yield from islice(footage.frames(first / footage.fps), MARK_RUN)


def told(error: Exception) -> str:
    """What c2pa says of a failure, in one line."""
    return " ".join(str(error).split())[:MAX_TEXT] or type(error).__name__


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
