"""Makes a pack: a section at a time, each in a transaction of its own, each kept when it is done.

A worker that dies leaves its lease behind; who comes next keeps the sections whose files are still what was noted.
"""

import hashlib
import json
import logging
import os
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connections
from django.utils import timezone

import audit as log_package
from assurance.models import AuditPack
from assurance.packs import index, sections
from assurance.packs.sections import Folder, Section
from audit.actor import Actor
from audit.models import LegalHold
from audit.timer import every
from tenancy.scope import scope

log = logging.getLogger(__name__)
BY = Actor.system("audit packs")
RENEWED = timedelta(seconds=30)
VERIFIER = Path(log_package.__file__).parent / "outside" / "verify_log.py"
AFTER_SECTION: list[Callable[[str], None]] = []
"""Called with a section's name when it is noted: the tests strike there."""


def zip_of(organization_id: UUID, pk: UUID) -> Path:
    """Return where a finished pack lies: outside the web root, served by the view alone."""
    return Path(settings.STATE_DIR) / "packs" / str(organization_id) / f"{pk}.zip"


@every(15, "audit packs")
def sweep() -> int:
    """Ring for packs that wait; make one here if nobody can be rung. Return how many wait."""
    with connections["steward"].cursor() as steward:
        steward.execute(
            "select organization_id, id from assurance_auditpack where state in ('asked', 'making') and next_at <= %s"
            " order by next_at limit 100",
            [timezone.now()],
        )
        waiting: list[tuple[UUID, UUID]] = steward.fetchall()
    for organization_id, pk in waiting:
        if not ring(organization_id, pk):
            make(organization_id, pk)
            break
    return len(waiting)


def ring(organization_id: UUID, pk: UUID) -> bool:
    """Tell the workers of a pack; False if nobody can be told."""
    from assurance.tasks import make_pack

    try:
        make_pack.apply_async(args=(str(organization_id), str(pk)), expires=60)
    except Exception as error:
        log.warning("the workers could not be told of a pack (%s)", error)
        return False
    return True


def make(organization_id: UUID, pk: UUID) -> bool:
    """Make the pack if it waits and nobody else does; return whether it is ready now."""
    with scope(organization_id):
        pack = AuditPack.claim(pk)
    if pack is None:
        return False
    folder = zip_of(organization_id, pk).with_suffix("")
    try:
        with _kept(pack):
            for section in sections.every():
                if not _stands(pack, section, folder) and not _collect(pack, section, folder):
                    return False
            return _seal(pack, folder)
    except Exception as error:
        log.exception("the audit pack %s failed", pk)
        with scope(organization_id):
            pack.fail(f"{type(error).__name__}: {error}")
        return False


@contextmanager
def _kept(pack: AuditPack) -> Iterator[None]:
    """Renew the lease from a thread of its own meanwhile: the evidence of a large house takes longer than a lease."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(RENEWED.total_seconds()):
            try:
                with scope(pack.organization_id):
                    pack.renew()
            except Exception:
                log.exception("the lease of the audit pack %s could not be renewed", pack.pk)
            finally:
                connections.close_all()

    thread = threading.Thread(target=renew, name=f"lease of pack {pack.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def clear(organization_id: UUID) -> int:
    """Remove the files of packs that are old; return how many: none while a legal hold stands. Needs the organization's scope."""
    if LegalHold.objects.in_force().exists():
        return 0
    old = AuditPack.objects.filter(state=AuditPack.State.READY, ready_at__lt=timezone.now() - timedelta(days=30))
    found = list(old)
    for pack in found:
        pack.remove(by=BY)
        zip_of(organization_id, pack.pk).unlink(missing_ok=True)
    return len(found)


def _stands(pack: AuditPack, section: Section, folder: Path) -> bool:
    """Whether a section was noted and all of its files are what was noted."""
    noted = next((one for one in pack.done if one["name"] == section.name), None)
    return noted is not None and all(
        (folder / one["path"]).is_file() and sha256_of(folder / one["path"]) == one["sha256"] for one in noted["files"]
    )


def _collect(pack: AuditPack, section: Section, folder: Path) -> bool:
    place = folder / section.name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    with scope(pack.organization_id):
        entries = section.collect(pack.wanted(), Folder(place))
    files = [
        {"path": path.relative_to(folder).as_posix(), "size": path.stat().st_size, "sha256": sha256_of(path)}
        for path in sorted(place.rglob("*"))
        if path.is_file()
    ]
    entry = {"name": section.name, "title": section.title, "entries": entries, "files": files}
    with scope(pack.organization_id):
        noted = pack.note(entry)
    for strike in AFTER_SECTION:
        strike(section.name)
    return noted


def _seal(pack: AuditPack, folder: Path) -> bool:
    """Write manifest, index and verifier beside the sections, and all of it into one file."""
    order = {one.name: place for place, one in enumerate(sections.every())}
    parts = sorted(pack.done, key=lambda one: order.get(one["name"], 99))
    with scope(pack.organization_id):
        about = index.about(pack, parts)
    extra = {
        "index.pdf": index.document(about),
        "README.txt": index.readme(about).encode(),
        "verify_log.py": VERIFIER.read_bytes(),
    }
    files = [file for part in parts for file in part["files"]]
    files += [
        {"path": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in extra.items()
    ]
    manifest = json.dumps({**about, "files": files}, indent=1, sort_keys=True, ensure_ascii=False).encode()
    sums = "".join(f"{one['sha256']}  {one['path']}\n" for one in files)
    extra |= {"manifest.json": manifest, "SHA256SUMS": sums.encode()}
    target = zip_of(pack.organization_id, pack.pk)
    temporary = target.with_suffix(f".{pack.attempt}.part")
    _write(temporary, folder, parts, extra)
    size, sha256 = temporary.stat().st_size, sha256_of(temporary)
    temporary.replace(target)
    target.chmod(0o600)
    with scope(pack.organization_id):
        done = pack.finish(size=size, sha256=sha256, manifest_sha256=hashlib.sha256(manifest).hexdigest(), by=BY)
    if done:
        shutil.rmtree(folder, ignore_errors=True)
    return done


def _write(target: Path, folder: Path, parts: list[dict[str, Any]], extra: dict[str, bytes]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in extra.items():
            archive.writestr(name, content)
        for part in parts:
            for file in part["files"]:
                archive.write(folder / file["path"], file["path"])
    with target.open("rb") as written:
        os.fsync(written.fileno())


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
