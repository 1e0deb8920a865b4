"""The local certificate authority: a root of this installation's own, and the certificate that signs its films.

Both live with their keys in one file, `authority.pem`, which only its owner may read; so it is made, and exchanged, in
one step, and processes that start together end up with the same. Knows nothing of films and of credentials.
"""

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from yozora.errors import UserError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate, CertificateBuilder, Name

FILE, MARK_KEY, TRUSTED = "authority.pem", "watermark.key", "trusted"
FOLDER_MODE, FILE_MODE = 0o700, 0o600
KEY_BYTES = 32  # of the watermark
ROOT_YEARS = 40
LEAF_YEARS = 20  # a film without a timestamp counts as signed today, so what signed it must not have run out
LEAF_SERVES = 365 * 86_400  # seconds: when the file is so old, another certificate signs
OVERLAP = timedelta(hours=1)  # certificates begin so long ago: clocks differ


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """PEM texts. `chain` is the certificate that signs, `key` its private key in PKCS#8, `root` who is responsible for
    it; `trusted` are the roots whose films count as ours: this one and those before it.
    """

    root: str
    chain: str
    key: str
    trusted: str


def load_or_make(folder: Path, title: str) -> Authority:
    """The authority in a folder, made where there is none; a new certificate signs once a year.

    Raises `UserError` for a folder that cannot be written, a damaged file, and keys that others may read.
    """
    file = folder / FILE
    with _report_key_errors(folder):
        if not file.exists():
            _make_folder(folder)
            _create(file, _pem_of(*_root(title), title))
        text = private_text(file)
        if time.time() - file.stat().st_mtime > LEAF_SERVES:
            text = renewed(text, title)
            _replace(file, text)
        return _authority(text, folder)


def rotate(folder: Path, title: str) -> Authority:
    """A new root and a new certificate sign from now on. The old root stays trusted, and its private key is gone."""
    load_or_make(folder, title)
    file = folder / FILE
    with _report_key_errors(folder):
        root = _split_authority(private_text(file))[1]
        kept = folder / TRUSTED
        _make_folder(kept)
        _replace(kept / f"{fingerprint(root)[:16]}.pem", root)
        text = _pem_of(*_root(title), title)
        _replace(file, text)
        return _authority(text, folder)


def watermark_key(folder: Path) -> bytes:
    """The secret of this installation's watermarks, made where there is none. Raises `UserError`."""
    file = folder / MARK_KEY
    with _report_key_errors(folder):
        if not file.exists():
            _make_folder(folder)
            _create(file, secrets.token_hex(KEY_BYTES) + "\n")
        try:
            key = bytes.fromhex(private_text(file))
        except ValueError:
            key = b""
    if len(key) != KEY_BYTES:
        raise UserError(
            f"{str(file)!r} is damaged.",
            "Restore a backup; without this file, earlier marks cannot be read.",
            code="watermark_key_damaged",
        )
    return key


def known_key(folder: Path) -> bytes:
    """The same secret; empty where there is none yet."""
    return watermark_key(folder) if (folder / MARK_KEY).exists() else b""


def known_roots(folder: Path) -> str:
    """The roots in PEM whose films count as ours; empty where there is no authority yet."""
    file = folder / FILE
    with _report_key_errors(folder):
        return _authority(private_text(file), folder).trusted if file.exists() else ""


def fingerprint(certificate: str) -> str:
    """SHA-256 of a certificate in PEM, in hexadecimal."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509 import load_pem_x509_certificate

    return load_pem_x509_certificate(certificate.encode()).fingerprint(SHA256()).hex()


def valid_until(certificate: str) -> datetime:
    """The last moment of a certificate in PEM."""
    from cryptography.x509 import load_pem_x509_certificate

    return load_pem_x509_certificate(certificate.encode()).not_valid_after_utc


def renewed(text: str, title: str) -> str:
    """The same root with a new certificate."""
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from cryptography.x509 import load_pem_x509_certificate

    root_key, root, _, _ = _split_authority(text)
    key = load_pem_private_key(root_key.encode(), None)
    assert isinstance(key, EllipticCurvePrivateKey)
    return _pem_of(key, load_pem_x509_certificate(root.encode()), title)


def private_text(path: Path) -> str:
    """A file that only its owner may read. Raises `UserError` where others may."""
    if path.stat().st_mode & 0o077:
        raise UserError(
            f"Other users can read the key in {str(path)!r}.", f"Run: chmod 600 {path}", code="key_readable_by_others"
        )
    return path.read_text(encoding="ascii")


def _authority(text: str, folder: Path) -> Authority:
    _, root, key, chain = _split_authority(text)
    before = [path.read_text(encoding="ascii") for path in sorted((folder / TRUSTED).glob("*.pem"))]
    return Authority(root=root, chain=chain, key=key, trusted="".join([root, *before]))


def certificates(text: str) -> list[str]:
    """PEM texts one by one."""
    end = "-----END "
    pieces, held = [], ""
    for line in text.splitlines(keepends=True):
        held += line
        if line.startswith(end):
            pieces.append(held)
            held = ""
    return pieces


def _split_authority(text: str) -> tuple[str, str, str, str]:
    """The root's key, the root, the key that signs, and its certificate."""
    pieces = certificates(text)
    kinds = [piece.split("-----")[1].removeprefix("BEGIN ") for piece in pieces]
    if kinds != ["PRIVATE KEY", "CERTIFICATE"] * 2:
        raise UserError(
            f"The authority's file {FILE} is damaged.",
            "Restore a backup, or remove the file to get a new one.",
            code="authority_damaged",
        )
    root_key, root, key, chain = pieces
    return root_key, root, key, chain


def _root(title: str) -> "tuple[EllipticCurvePrivateKey, Certificate]":
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256

    key = ec.generate_private_key(ec.SECP256R1())
    name = _x509_name(f"{title} local authority", title)
    usage = x509.KeyUsage(**{**_USAGE, "key_cert_sign": True, "crl_sign": True})
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    made = (
        _certificate(name, name, ROOT_YEARS)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
    )
    return key, made.sign(key, SHA256())


def _leaf(
    root_key: "EllipticCurvePrivateKey", root: "Certificate", title: str
) -> "tuple[EllipticCurvePrivateKey, Certificate]":
    """What C2PA 2.2, 14.5.1 asks of a signer: digitalSignature, emailProtection, not a CA, issued by another."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = ec.generate_private_key(ec.SECP256R1())
    usage = x509.KeyUsage(**{**_USAGE, "digital_signature": True})
    made = (
        _certificate(_x509_name(f"{title} films", title), root.subject, LEAF_YEARS)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
    )
    return key, made.sign(root_key, SHA256())


def _certificate(subject: "Name", issuer: "Name", years: int) -> "CertificateBuilder":
    from cryptography import x509

    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - OVERLAP)
        .not_valid_after(now + timedelta(days=365 * years))
    )


def _x509_name(common: str, organization: str) -> "Name":
    from cryptography.x509 import Name, NameAttribute, NameOID

    parts = ((NameOID.COMMON_NAME, common[:64]), (NameOID.ORGANIZATION_NAME, organization))
    return Name([NameAttribute(kind, value) for kind, value in parts])


_USAGE = dict.fromkeys(
    (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ),
    False,
)


def _pem_of(root_key: "EllipticCurvePrivateKey", root: "Certificate", title: str) -> str:
    """The four parts of the file, with a certificate made for it."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    leaf_key, leaf = _leaf(root_key, root, title)
    texts = []
    for key, certificate in ((root_key, root), (leaf_key, leaf)):
        texts.append(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        texts.append(certificate.public_bytes(Encoding.PEM))
    return b"".join(texts).decode()


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
        folder.chmod(FOLDER_MODE)


def _create(path: Path, text: str) -> None:
    """Make a file that is not there; of several that try at once, one does it, and all read what that one wrote."""
    part = _written(path, text)
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    finally:
        part.unlink()


def _replace(path: Path, text: str) -> None:
    _written(path, text).replace(path)


def _written(path: Path, text: str) -> Path:
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return part


@contextmanager
def _report_key_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is damaged"
        raise UserError(
            f"Cannot use the keys in {str(folder)!r}: {reason}.",
            "Set another folder with YOZORA_PROVENANCE_FOLDER.",
            code="provenance_keys_unusable",
        ) from error
