"""Taking a backup and restoring one.

A backup is a folder: `database.dump` (pg_dump), `state.tar` (evidence, keys, heads) and `manifest.json` with the hash of every
table and file. Tables are hashed in the very snapshot that is dumped.
"""

import json
import os
import tarfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from config.backup import hashes, programs

DUMP, STATE, MANIFEST = "database.dump", "state.tar", "manifest.json"
HEADS = "heads"
VERSION = 1


class NotEmpty(RuntimeError):
    """There is something where the backup would be written or restored."""


class NotEqual(RuntimeError):
    """What was restored is not what was backed up."""


def take(folder: Path, state: Path) -> dict[str, Any]:
    """Write a backup into a new folder; return its manifest. Raise NotEmpty if the folder holds anything.

    The noted heads come before the snapshot and all other files after it: a head that is newer than the database would accuse
    the restored log of having been cut, and a file that is older would leave a row without its evidence.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise NotEmpty(f"{folder} is not empty.")
    with tarfile.open(folder / STATE, "w") as archive:
        _add(archive, state, [HEADS])
        tables = _dump(folder)
        _add(archive, state, [name for name in hashes.KEPT if name != HEADS])
    manifest = {
        "version": VERSION,
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "tables": tables,
        "files": _archived(folder / STATE),
    }
    draft = folder / f"{MANIFEST}.draft"
    draft.write_text(json.dumps(manifest, indent=1))
    draft.replace(folder / MANIFEST)  # a folder without one is no backup
    for path in folder.iterdir():
        path.chmod(0o600)
    return manifest


def _dump(folder: Path) -> dict[str, str]:
    """Write the database as of one snapshot; return the hash of each table in it."""
    address = programs.address()
    with psycopg.connect(address) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        (snapshot,) = connection.execute("select pg_export_snapshot()").fetchone() or ("",)
        programs.run("pg_dump", ["--format=custom", f"--snapshot={snapshot}", f"--file={folder / DUMP}"], address)
        return hashes.of_tables(connection)


def _add(archive: tarfile.TarFile, state: Path, names: Iterable[str]) -> None:
    for name in names:
        if (state / name).is_dir():
            archive.add(state / name, name)


def restore(folder: Path, state: Path) -> dict[str, Any]:
    """Restore into an empty database, whose roles exist, and a state without data; return the manifest.

    Raise NotEmpty before anything is written, NotEqual if a table or file is not what was backed up.
    """
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    address = programs.address()
    with psycopg.connect(address) as connection:
        (tables,) = connection.execute(
            "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
        ).fetchone() or (0,)
    if tables:
        raise NotEmpty(f"The database has {tables} tables: make a new one for the restore.")
    if held := hashes.of_files(state):
        raise NotEmpty(f"{state} holds {len(held)} files: move them away before the restore.")
    programs.run("pg_restore", ["--exit-on-error", "--single-transaction", folder / DUMP], address)
    with tarfile.open(folder / STATE) as archive:
        archive.extractall(state, filter="data")
    compare(manifest, state)
    return manifest


def compare(manifest: dict[str, Any], state: Path) -> None:
    """Raise NotEqual unless the database and the files hash to what the manifest says."""
    with psycopg.connect(programs.address()) as connection:
        found = {"tables": hashes.of_tables(connection), "files": hashes.of_files(state)}
    for what, standing in found.items():
        wanted = manifest[what]
        if wrong := sorted(name for name in wanted.keys() | standing.keys() if wanted.get(name) != standing.get(name)):
            raise NotEqual(f"{len(wrong)} {what} are not what was backed up: {', '.join(wrong[:10])}")


def _archived(archive: Path) -> dict[str, str]:
    import hashlib

    found = {}
    with tarfile.open(archive) as read:
        for member in read:
            if member.isfile() and (file := read.extractfile(member)):
                found[member.name] = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    return dict(sorted(found.items(), key=lambda one: os.fsencode(one[0])))
