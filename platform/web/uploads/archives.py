"""Office documents are ZIP archives: looked through without unpacking anything."""

import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from web.uploads import FileRefused

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an archive may hold."""

    unpacked: int = 200 * MEGABYTE
    entries: int = 5_000
    ratio: int = 200
    """Unpacked to packed bytes of one entry of more than a megabyte; XML seldom reaches 100."""


def check_office(path: Path, name: str, bounds: Bounds | None = None) -> None:
    """Raise FileRefused for a damaged or encrypted archive, a bomb, a path that leads out, a macro, or no Office document."""
    bounds = bounds or Bounds()
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise FileRefused(f"{name} is damaged: {error}.") from error
    if len(entries) > bounds.entries:
        raise FileRefused(f"{name} holds more than {bounds.entries:,} parts.")
    if sum(entry.file_size for entry in entries) > bounds.unpacked:
        raise FileRefused(f"{name} unpacks to more than {bounds.unpacked // MEGABYTE} MB.")
    for entry in entries:
        if entry.file_size > max(MEGABYTE, entry.compress_size * bounds.ratio):
            raise FileRefused(f"{name} is packed more tightly than any document: {entry.filename[:80]}.")
        if leads_out(entry.filename):
            raise FileRefused(f"{name} holds a part whose path leads out of it: {entry.filename[:80]}.")
        if entry.flag_bits & 1:
            raise FileRefused(f"{name} is encrypted: save it without a password.")
    names = [entry.filename for entry in entries]
    if "[Content_Types].xml" not in names or any("vbaproject" in part.lower() for part in names):
        raise FileRefused(f"{name} is not a plain Office document: macros cannot be stored.")


def leads_out(path: str) -> bool:
    """Whether a path inside an archive is absolute or climbs above it."""
    path = path.replace("\\", "/")
    return path.startswith("/") or path[1:2] == ":" or ".." in PurePosixPath(path).parts
