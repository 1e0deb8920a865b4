"""The local authority: made once, by whoever is first, and read by nobody else."""

import os
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.x509 import ExtendedKeyUsage, KeyUsage, load_pem_x509_certificate
from cryptography.x509.oid import ExtendedKeyUsageOID

from yozora.errors import UserError
from yozora.provenance import authority


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "provenance"
    made = authority.load_or_make(folder, "A Studio")
    key = authority.watermark_key(folder)
    assert authority.load_or_make(folder, "Another") == made
    assert authority.watermark_key(folder) == authority.known_key(folder) == key
    assert (len(key), mode(folder)) == (32, 0o700)
    assert {path.name: mode(path) for path in folder.iterdir()} == {"authority.pem": 0o600, "watermark.key": 0o600}


def test_the_certificate_is_what_c2pa_asks_for(tmp_path: Path) -> None:
    made = authority.load_or_make(tmp_path, "A Studio")
    leaf, root = (load_pem_x509_certificate(text.encode()) for text in (made.chain, made.root))
    leaf.verify_directly_issued_by(root)
    assert leaf.extensions.get_extension_for_class(KeyUsage).value.digital_signature
    assert list(leaf.extensions.get_extension_for_class(ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.EMAIL_PROTECTION
    ]
    assert "A Studio" in leaf.subject.rfc4514_string()
    assert made.key.startswith("-----BEGIN PRIVATE KEY-----")
    assert root.not_valid_after_utc > leaf.not_valid_after_utc > datetime.now(UTC) + timedelta(days=365 * 19)


def test_processes_that_start_together_end_up_with_the_same(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from yozora.provenance import authority as a; f = Path(sys.argv[1]);"
        "print(a.fingerprint(a.load_or_make(f, 'Yozora').chain), a.watermark_key(f).hex())"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "provenance")]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = {process.communicate()[0] for process in started}
    assert len(said) == 1
    assert sorted(path.name for path in (tmp_path / "provenance").iterdir()) == ["authority.pem", "watermark.key"]


def test_a_rotated_root_stays_trusted_and_loses_its_key(tmp_path: Path) -> None:
    before = authority.load_or_make(tmp_path, "Yozora")
    after = authority.rotate(tmp_path, "Yozora")
    assert after == authority.load_or_make(tmp_path, "Yozora")
    assert (after.root != before.root, after.chain != before.chain) == (True, True)
    assert authority.certificates(after.trusted) == [after.root, before.root]
    assert authority.known_roots(tmp_path) == after.trusted
    (kept,) = (tmp_path / "trusted").iterdir()
    assert (kept.read_text(), mode(kept)) == (before.root, 0o600)


def test_another_certificate_signs_once_a_year(tmp_path: Path) -> None:
    before = authority.load_or_make(tmp_path, "Yozora")
    old = time.time() - authority.LEAF_SERVES - 60
    os.utime(tmp_path / "authority.pem", (old, old))
    after = authority.load_or_make(tmp_path, "Yozora")
    assert (after.root, after.chain != before.chain) == (before.root, True)
    assert authority.load_or_make(tmp_path, "Yozora") == after


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    authority.load_or_make(tmp_path, "Yozora")
    (tmp_path / "authority.pem").chmod(0o644)
    with pytest.raises(UserError, match="chmod 600"):
        authority.load_or_make(tmp_path, "Yozora")


@pytest.mark.parametrize("text", ["", "nonsense", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"])
def test_damaged_keys_are_one_line(tmp_path: Path, text: str) -> None:
    for name in ("authority.pem", "watermark.key"):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    with pytest.raises(UserError, match="damaged"):
        authority.load_or_make(tmp_path, "Yozora")
    with pytest.raises(UserError, match="damaged"):
        authority.watermark_key(tmp_path)


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="YOZORA_PROVENANCE_FOLDER"):
        authority.load_or_make(tmp_path / "file" / "provenance", "Yozora")
    assert authority.known_key(tmp_path) == b""
    assert authority.known_roots(tmp_path) == ""
