"""Evidence files: checked by content, stored once under their SHA-256, outside the web root."""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from web.uploads import FileRefused, scanning
from web.uploads.archives import check_office
from web.uploads.kept import MEGABYTE, folder_of, path_of, quarantine_of, refuse_over_quota
from web.uploads.pictures import without_metadata

LARGEST = 25 * MEGABYTE


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the store."""

    name: str
    content_type: str
    size: int
    sha256: str
    scan: str = "not scanned"


def store(organization_id: UUID, name: str, chunks: Iterable[bytes]) -> StoredFile:
    """Check and keep a file; raise FileRefused for one that is too large, empty, of a kind not allowed, or over the quota.

    Pictures are kept without their metadata. What the malware scanner objects to is kept apart (raises Quarantined).
    Written to a temporary file first and renamed: a broken upload leaves nothing behind.
    """
    folder = folder_of(organization_id)
    folder.mkdir(parents=True, exist_ok=True)
    size, head = 0, b""
    handle, temporary = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb") as target:
            for chunk in chunks:
                size += len(chunk)
                if size > LARGEST:
                    raise FileRefused(f"{name} is larger than {LARGEST // MEGABYTE} MB.")
                head = head or chunk[:4096]
                target.write(chunk)
        if size == 0:
            raise FileRefused(f"{name} is empty.")
        content_type = sniff(name, head, Path(temporary))
        scanned = scanning.scan(Path(temporary), clean_name(name), quarantine_of(organization_id))
        content = Path(temporary).read_bytes()
        kept = without_metadata(content, content_type)
        if kept != content:
            Path(temporary).write_bytes(kept)
        sha256 = hashlib.sha256(kept).hexdigest()
        path = folder / sha256
        if not path.exists():
            refuse_over_quota(folder, Path(temporary), len(kept))
        Path(temporary).replace(path)
        path.chmod(0o600)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return StoredFile(clean_name(name), content_type, len(kept), sha256, scanned)


def copy(giver_id: UUID, receiver_id: UUID, sha256: str) -> None:
    """Give another organization its own copy of a file; raise FileRefused where the bytes are not those of the hash."""
    source = path_of(giver_id, sha256)
    content = source.read_bytes() if source.exists() else b""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise FileRefused("The file is not the one that was offered: ask for a new offer.")
    target = path_of(receiver_id, sha256)
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(temporary).replace(target)
    target.chmod(0o600)


def clean_name(name: str) -> str:
    """Return the last part of a path without control characters, at most 160 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if letter.isprintable())[-160:] or "file"


def sniff(name: str, head: bytes, path: Path) -> str:
    """Return the content type by content; raise FileRefused where it is not allowed or not what the name says."""
    extension = name.lower().rsplit(".", 1)[-1] if "." in name else ""
    for marker, content_type, extensions in _MARKERS:
        if head.startswith(marker):
            if extension in extensions:
                return content_type
            raise FileRefused(f"{name} is a {content_type} file: its name should end in .{extensions[0]}.")
    if head.startswith(b"PK\x03\x04"):
        return _office(name, extension, path)
    if extension in _TEXT and _is_text(head):
        return _TEXT[extension]
    raise FileRefused(
        f"{name} is of a kind that cannot be stored. Allowed: PDF, PNG, JPEG, DOCX, XLSX, PPTX, TXT, MD, CSV, JSON."
    )


def _office(name: str, extension: str, path: Path) -> str:
    if extension not in _OFFICE:
        raise FileRefused(f"{name} is an archive: unpack it and add the files one by one.")
    check_office(path, name)
    return _OFFICE[extension]


def _is_text(head: bytes) -> bool:
    try:
        head[:4000].decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(head[:4000]) - 4
    return b"\x00" not in head


_MARKERS: list[tuple[bytes, str, tuple[str, ...]]] = [
    (b"%PDF-", "application/pdf", ("pdf",)),
    (b"\x89PNG\r\n\x1a\n", "image/png", ("png",)),
    (b"\xff\xd8\xff", "image/jpeg", ("jpg", "jpeg")),
]
_OFFICE = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_TEXT = {"txt": "text/plain", "md": "text/plain", "log": "text/plain", "csv": "text/csv", "json": "application/json"}
