"""The restore drill: back up a house that is in use, destroy it, bring it back on a new server, and prove it the same."""

import shutil
import signal
from pathlib import Path

from testing.faults.ground import Ground


def lose_and_restore(ground: Ground) -> list[str]:
    """Back up, destroy database and files, restore on a new and empty server; return what is not as it was.

    Nobody may be writing. `restore` itself compares the hash of every table and file with the backup's.
    """
    evidence = ground.instance.state / "files" / "drill" / "evidence.pdf"
    evidence.parent.mkdir(parents=True, exist_ok=True)
    evidence.write_bytes(bytes(range(256)) * 400)
    ground.manage("audit", "seal")
    backup = ground.folder / "backup"
    shutil.rmtree(backup, ignore_errors=True)
    ground.manage("backup", str(backup))
    before = _whole(ground)
    _destroy(ground)
    ground.renew_database()
    ground.manage("ensure_roles")
    told = ground.manage("restore", str(backup))
    wrong = [] if "are back, equal" in told else [told.strip()]
    if (after := _whole(ground)) != before:
        wrong.append(f"{before} before, {after} after")
    if not evidence.exists():
        wrong.append("the evidence is not back")
    ground.manage(
        "audit", "verify"
    )  # every log against its seals and the heads noted outside; raises if one does not hold
    return wrong


def _whole(ground: Ground) -> tuple[int, ...]:
    tables = ("notices_reminder", "audit_event", "audit_rowimage", "audit_leaf", "accounts_user")
    return tuple(int(ground.rows(f"select count(*) from {table}")[0][0]) for table in tables)  # noqa: S608


def _destroy(ground: Ground) -> None:
    process = ground.running["PostgreSQL"]
    process.send_signal(signal.SIGKILL)
    process.wait()
    arguments = [str(argument) for argument in ground.programs["PostgreSQL"].arguments]
    shutil.rmtree(Path(arguments[arguments.index("-D") + 1]))
    for name in ("files", "keys", "heads"):
        shutil.rmtree(ground.instance.state / name, ignore_errors=True)
