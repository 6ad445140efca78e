"""The store of every app that keeps files: by content, once under their SHA-256, outside the web root, under a quota."""

import hashlib
import os
import tempfile
from pathlib import Path
from uuid import UUID

from django.conf import settings

from web.uploads import FileRefused, scanning

MEGABYTE = 1024 * 1024


def folder_of(organization_id: UUID) -> Path:
    """Return where an organization's files lie."""
    return Path(settings.STATE_DIR) / "files" / str(organization_id)


def path_of(organization_id: UUID, sha256: str) -> Path:
    """Return where a stored file lies."""
    return folder_of(organization_id) / sha256


def quarantine_of(organization_id: UUID) -> Path:
    """Return where files lie that the malware scanner objected to: beside the store, served by nothing."""
    return Path(settings.STATE_DIR) / "quarantine" / str(organization_id)


def keep(organization_id: UUID, name: str, content: bytes, *, shipped: bool = False) -> str:
    """Keep a checked file and return its SHA-256; what is there already stays. `shipped`: our own, not scanned.

    Raises FileRefused over the quota, Quarantined where the malware scanner finds something. Written to a temporary file
    first and renamed: what breaks off leaves nothing behind.
    """
    folder, sha256 = folder_of(organization_id), hashlib.sha256(content).hexdigest()
    if (folder / sha256).exists():
        return sha256
    folder.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb") as target:
            target.write(content)
        if not shipped:
            scanning.scan(Path(temporary), name, quarantine_of(organization_id))
        refuse_over_quota(folder, Path(temporary), len(content))
        Path(temporary).replace(folder / sha256)
        (folder / sha256).chmod(0o600)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return sha256


def refuse_over_quota(folder: Path, besides: Path, size: int) -> None:
    """Raise FileRefused where a folder that holds the temporary file `besides` has no room for so many bytes more."""
    kept = sum(entry.stat().st_size for entry in os.scandir(folder) if entry.path != str(besides))
    if kept + size > settings.FILES_QUOTA:
        raise FileRefused(
            f"The organization's files fill their {settings.FILES_QUOTA // MEGABYTE:,} MB: ask the operator for more."
        )
