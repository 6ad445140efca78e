"""What is written before the content of a log ends: its events with proofs, where AUDIT_ARCHIVE names a folder for them.

Row images end without a copy; what is written holds their digest alone.
"""

import gzip
import os
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings

from audit import proofs


def write(organization_id: UUID, first: int, last: int) -> Path | None:
    """Write these batches as JSON lines, compressed, into the archive; return the file, None where there is no archive.

    The file appears whole or not at all, and is on the disk when this returns; one that is there already stays, also where
    another process wrote it meanwhile: what that one ended since is in its file alone.
    """
    if not settings.AUDIT_ARCHIVE:
        return None
    folder = Path(settings.AUDIT_ARCHIVE) / str(organization_id)
    fresh = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for one in fresh:
        _sync(one.parent)
    path = folder / f"{first:012}-{last:012}.jsonl.gz"
    if not path.exists():
        draft = folder / f".{uuid4()}.draft"
        try:
            with draft.open("xb") as file:
                with gzip.open(file, "wt", encoding="utf-8") as packed:
                    packed.writelines(proofs.export(organization_id, first - 1, last))
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                path.hardlink_to(draft)
        finally:
            draft.unlink(missing_ok=True)
    _sync(folder)
    return path


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
