"""What is written before the content of a log ends: its export with proofs, where AUDIT_ARCHIVE names a folder for it."""

import gzip
import os
from pathlib import Path
from uuid import UUID

from django.conf import settings

from audit import proofs


def write(organization_id: UUID, first: int, last: int) -> Path | None:
    """Write these batches as JSON lines, compressed, into the archive; return the file, None where there is no archive.

    The file appears whole or not at all, and is on the disk when this returns; one that is there already stays.
    """
    if not settings.AUDIT_ARCHIVE:
        return None
    folder = Path(settings.AUDIT_ARCHIVE) / str(organization_id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{first:012}-{last:012}.jsonl.gz"
    if path.exists():
        return path
    draft = path.with_suffix(".draft")
    with draft.open("wb") as file:
        with gzip.open(file, "wt", encoding="utf-8") as packed:
            packed.writelines(proofs.export(organization_id, first - 1, last))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return path
