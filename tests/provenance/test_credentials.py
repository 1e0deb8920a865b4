"""Content credentials: trusted with our root, and telling where a film comes from."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import c2pa
import numpy as np
import pytest

from yozora.errors import UserError
from yozora.films.film import Origin, Parent, Unsaved
from yozora.media import stills
from yozora.provenance import authority, credentials, trust
from yozora.provenance.places import kind_of
from yozora.provenance.settings import Provenance

Written = Callable[[str], Path]
Told = Callable[..., Origin]
Signed = Callable[..., Path]


def reader(path: Path, settings: Provenance) -> c2pa.Reader:
    with path.open("rb") as file, c2pa.Context.from_dict(trust.c2pa_settings(settings)) as context:
        kind = kind_of(file)
        assert kind is not None
        return c2pa.Reader(kind, file, context=context)


def active(path: Path, settings: Provenance) -> dict[str, Any]:
    found: dict[str, Any] = reader(path, settings).get_active_manifest()
    return found


def assertion(found: dict[str, Any], label: str) -> dict[str, Any]:
    (data,) = [each["data"] for each in found["assertions"] if each["label"] == label]
    assert isinstance(data, dict)
    return data


def test_trusted_with_our_root_and_only_with_it(signed: Signed, settings: Provenance, tmp_path: Path) -> None:
    path = signed("film.mp4")
    assert reader(path, settings).get_validation_state() == "Trusted"
    other = Provenance(folder=tmp_path / "other")
    authority.load_or_make(other.folder, "Other")
    assert reader(path, other).get_validation_state() == "Valid"


def test_invalid_after_one_changed_byte(signed: Signed, settings: Provenance) -> None:
    path = signed("film.mp4")
    data = bytearray(path.read_bytes())
    data[data.rfind(b"mdat") + 1000] ^= 1
    path.write_bytes(data)
    assert reader(path, settings).get_validation_state() == "Invalid"


def test_a_new_film_tells_what_made_it(signed: Signed, settings: Provenance) -> None:
    found = active(signed("film.mp4"), settings)
    facts = assertion(found, "yozora.film")
    assert (facts["mode"], facts["model"], facts["seed"], facts["preset_sha256"]) == ("text", "toy", 7, "ab" * 32)
    assert facts["quality"] == "exact"
    assert len(facts["identifier"]) == 12
    assert (len(facts["prompt_sha256"]), "prompt" in facts) == (64, False)
    (made,) = assertion(found, "c2pa.actions.v2")["actions"]
    assert (made["action"], made["digitalSourceType"]) == ("c2pa.created", credentials.INVENTED)
    entries = assertion(found, "cawg.training-mining")["entries"]
    assert {entry["use"] for entry in entries.values()} == {"notAllowed"}
    assert "red car" not in json.dumps(found)


def test_what_may_be_told_is_told(written: Written, told: Told, settings: Provenance) -> None:
    settings = replace(settings, disclose_prompt=True, mining="allowed", watermark=True)
    path = written("film.mp4")
    credentials.sign(path, told(), credentials.signer_of(settings), settings)
    found = active(path, settings)
    assert assertion(found, "yozora.film")["prompt"] == "a red car"
    assert assertion(found, "cawg.training-mining")["entries"]["cawg.ai_training"] == {"use": "allowed"}
    actions = [action["action"] for action in assertion(found, "c2pa.actions.v2")["actions"]]
    assert actions == ["c2pa.created", "c2pa.watermarked.unbound"]


def test_a_chain_of_films_is_trusted_with_all_its_ancestors(signed: Signed, settings: Provenance) -> None:
    remixed = signed("remix.mp4", "remix", signed("new.mp4"))
    extended = signed("extend.mp4", "extend", remixed)
    blended = signed("blend.mp4", "blend", extended, signed("other.mp4"))
    found = reader(blended, settings)
    assert found.get_validation_state() == "Trusted"
    manifests = json.loads(found.json())["manifests"]
    modes = sorted(assertion(manifest, "yozora.film")["mode"] for manifest in manifests.values())
    assert modes == ["blend", "extend", "remix", "text", "text"]
    made_of = active(blended, settings)["ingredients"]
    assert [(each["title"], each["relationship"]) for each in made_of] == [
        ("extend.mp4", "parentOf"),
        ("other.mp4", "componentOf"),
    ]
    actions = assertion(active(blended, settings), "c2pa.actions.v2")["actions"]
    assert [action["action"] for action in actions] == ["c2pa.opened", "c2pa.edited", "c2pa.placed"]
    assert actions[1]["digitalSourceType"] == credentials.COMPOSITE


@pytest.mark.parametrize("kind", ["gone", "plain", "cut", "foreign kind", "bent"])
def test_a_parent_without_sound_credentials_is_named(
    kind: str, written: Written, signed: Signed, settings: Provenance, tmp_path: Path
) -> None:
    parent = tmp_path / "parent.mp4"
    data = signed("signed.mp4").read_bytes()
    at = data.find(b"yozora.film") - 30
    made = {
        "plain": written("parent.mp4").read_bytes(),
        "cut": data[:3000],
        "foreign kind": b"\x1a\x45\xdf\xa3" + data,
        "bent": data[:at] + b"\xff" * 40 + data[at + 40 :],
    }
    parent.write_bytes(made.get(kind, b""))
    if kind == "gone":
        parent.unlink()
    child = signed("child.mp4", "extend", parent)
    assert reader(child, settings).get_validation_state() == "Trusted"
    (ingredient,) = active(child, settings)["ingredients"]
    assert (ingredient["title"], ingredient.get("active_manifest")) == ("parent.mp4", None)


def test_a_film_in_memory_is_an_ancestor_too(
    written: Written, told: Told, signed: Signed, settings: Provenance
) -> None:
    still = np.full((64, 96, 3), 90, np.uint8)
    unsaved = Unsaved(still=still, origin=told("remix", signed("new.mp4")))
    parent = Parent(source=unsaved, title="a film that was not saved", relation="parentOf")
    path = written("film.mp4")
    credentials.sign(path, replace(told("extend"), parents=(parent,)), credentials.signer_of(settings), settings)
    found = reader(path, settings)
    assert found.get_validation_state() == "Trusted"
    modes = {assertion(each, "yozora.film")["mode"] for each in json.loads(found.json())["manifests"].values()}
    assert modes == {"text", "remix", "extend"}


def test_pictures_are_signed_too(told: Told, settings: Provenance, tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    for name, data in (("thumbnail.webp", stills.webp(picture)), ("sheet.jpg", stills.jpeg(picture))):
        path = tmp_path / name
        path.write_bytes(data)
        credentials.sign(path, told(), credentials.signer_of(settings), settings)
        assert reader(path, settings).get_validation_state() == "Trusted"


def own_authority(folder: Path) -> tuple[Path, Path, Path]:
    """Certificate, key and root of somebody else, as files."""
    made = authority.load_or_make(folder / "theirs", "A Studio")
    for name, text in (("chain.pem", made.chain), ("key.pem", made.key), ("root.pem", made.root)):
        (folder / name).write_text(text)
    return folder / "chain.pem", folder / "key.pem", folder / "root.pem"


def test_an_own_certificate_signs(written: Written, told: Told, settings: Provenance, tmp_path: Path) -> None:
    certificate, key, root = own_authority(tmp_path)
    settings = replace(settings, certificate=certificate, key=key, trusted=root)
    path = written("film.mp4")
    credentials.sign(path, told(), credentials.signer_of(settings), settings)
    assert active(path, settings)["signature_info"]["common_name"] == "A Studio films"
    assert reader(path, settings).get_validation_state() == "Trusted"
    assert reader(path, replace(settings, trusted=None)).get_validation_state() == "Valid"


SIGNER = """
import sys
from pathlib import Path
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
key = load_pem_private_key(Path(sys.argv[1]).read_bytes(), None)
sys.stdout.buffer.write(key.sign(sys.stdin.buffer.read(), ec.ECDSA(SHA256())))
"""


def test_an_external_signer_signs(written: Written, told: Told, settings: Provenance, tmp_path: Path) -> None:
    certificate, key, root = own_authority(tmp_path)
    command = (sys.executable, "-c", SIGNER, str(key))
    settings = replace(settings, certificate=certificate, signer=command, trusted=root)
    path = written("film.mp4")
    credentials.sign(path, told(), credentials.signer_of(settings), settings)
    assert reader(path, settings).get_validation_state() == "Trusted"


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("no-such-signer",), "No such file"),
        ((sys.executable, "-c", "raise SystemExit('the vault is shut')"), "the vault is shut"),
        ((sys.executable, "-c", ""), "exit code 0 and printed 0 bytes"),
        ((sys.executable, "-c", "print('nonsense')"), "cannot be signed"),
    ],
)
def test_a_signer_that_fails_is_one_line_and_leaves_the_film(
    command: tuple[str, ...], says: str, written: Written, told: Told, settings: Provenance, tmp_path: Path
) -> None:
    certificate, _, _ = own_authority(tmp_path)
    settings = replace(settings, certificate=certificate, signer=command)
    path = written("film.mp4")
    before, names = path.read_bytes(), sorted(tmp_path.iterdir())
    with pytest.raises(UserError, match=says):
        credentials.sign(path, told(), credentials.signer_of(settings), settings)
    assert (path.read_bytes(), sorted(tmp_path.iterdir())) == (before, names)


def test_a_dead_timestamp_service_is_one_line(written: Written, told: Told, settings: Provenance) -> None:
    settings = replace(settings, timestamp_url="http://127.0.0.1:9/")
    with pytest.raises(UserError, match="cannot be signed"):
        credentials.sign(written("film.mp4"), told(), credentials.signer_of(settings), settings)


def test_what_cannot_hold_credentials_is_refused(told: Told, settings: Provenance, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("a note")
    with pytest.raises(UserError, match="MP4, MOV, JPEG, PNG, GIF or WebP"):
        credentials.sign(tmp_path / "note.txt", told(), credentials.signer_of(settings), settings)


def test_kinds_are_told_by_content() -> None:
    heads = {b"\0\0\0\x20ftypisom": "video/mp4", b"RIFF\0\0\0\0WEBP": "image/webp", b"\x89PNG\r\n\x1a\n": "image/png"}
    for head, kind in {**heads, b"\xff\xd8\xff\xe0": "image/jpeg", b"#!/bin/sh": None, b"": None}.items():
        assert kind_of(BytesIO(head)) == kind


def test_signing_loads_neither_torch_nor_the_server() -> None:
    code = (
        "import sys, yozora.provenance.credentials, yozora.provenance.stamp, yozora.provenance.verify;"
        "print(*{'torch', 'c2pa', 'cryptography', 'av', 'fastapi'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
