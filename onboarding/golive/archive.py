"""An evidence pack with its files as one ZIP, written while it is sent: nothing of it is ever whole in memory."""

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from onboarding.deployments.models import EvidenceVersion
from onboarding.golive.canonical import canonical
from onboarding.golive.models import EvidencePack
from web.tables import harmless
from web.uploads.kept import path_of

CHUNK = 256 * 1024
PACK, SUMS, INDEX = "evidence-pack.json", "SHA256SUMS", "index.csv"
COLUMNS = ("Path", "What", "As it stood", "SHA-256 when frozen", "SHA-256 in this archive", "Whole")


@dataclass(frozen=True, slots=True)
class Member:
    """A file that stood in the pack, and where it lies; the path is None where the store has it no more."""

    name: str
    what: str
    stood: str
    sha256: str
    path: Path | None


class _Sink:
    """What a ZIP is written into: keeps the bytes until they are taken. It cannot seek, so the ZIP is written in one go."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing to do: whatever was written is there to be taken."""

    def close(self) -> None:
        """Nothing to do either."""

    def take(self) -> bytes:
        taken, self.parts = b"".join(self.parts), []
        return taken


def papers(pack: EvidencePack) -> list[EvidenceVersion]:
    """Return the versions of papers that stood in a pack, in its order."""
    wanted = [(one["evidence"], one["version"]) for one in pack.content["entries"] if one.get("sha256")]
    found = EvidenceVersion.objects.filter(evidence__in=[evidence for evidence, _ in wanted])
    known = {(str(one.evidence_id), one.number): one for one in found.select_related("evidence__item")}
    return [known[key] for key in wanted if key in known]


def members(pack: EvidencePack) -> list[Member]:
    """Return the files of a pack: numbered in its order, so that two of one name stand side by side."""
    listed = []
    for number, one in enumerate((one for one in pack.content["entries"] if one.get("sha256")), start=1):
        path = path_of(pack.organization_id, one["sha256"])
        name = f"files/{number:03}-{one['name']}"
        listed.append(Member(name, one["title"], one["says"], one["sha256"], path if path.exists() else None))
    return listed


def streamed(pack: EvidencePack, files: Sequence[Member]) -> Iterator[bytes]:
    """Write the archive piece by piece: the pack, its files, then sums (`sha256sum -c SHA256SUMS`) and an index.

    The index says of each file whether the bytes in the archive are those that were frozen.
    """
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_info(PACK, pack.frozen_at), canonical(pack.content))
        yield sink.take()
        rows = []
        for one in files:
            found = hashlib.sha256()
            if one.path is not None:
                with archive.open(_info(one.name, pack.frozen_at), "w") as member, one.path.open("rb") as source:
                    while chunk := source.read(CHUNK):
                        found.update(chunk)
                        member.write(chunk)
                        yield sink.take()
            is_there = found.hexdigest() if one.path else ""
            whole = "yes" if is_there == one.sha256 else "no" if one.path else "not in the store any more"
            rows.append((one.name if one.path else "", one.what, one.stood, one.sha256, is_there, whole))
        sums = [f"{pack.sha256}  {PACK}", *(f"{one.sha256}  {one.name}" for one in files if one.path)]
        archive.writestr(_info(SUMS, pack.frozen_at), "\n".join(sums) + "\n")
        archive.writestr(_info(INDEX, pack.frozen_at), _index(pack, rows))
    yield sink.take()


def _index(pack: EvidencePack, rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerow((PACK, pack.content["about"], pack.content["gate"]["title"], pack.sha256, pack.sha256, "yes"))
    writer.writerows([[harmless(cell) for cell in row] for row in rows])
    return text.getvalue()


def _info(name: str, at: datetime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info
