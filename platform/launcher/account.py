"""The user the servers run as: PostgreSQL refuses root, so root lends it another name."""

import hashlib
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from launcher.places import ROOT
from launcher.terminal import LauncherError

CANDIDATES = ("postgres", "nobody")
SHELTER = Path("/var/lib/causeway-embedded")


@dataclass(frozen=True)
class Account:
    """A user of this machine that servers are run as."""

    name: str
    uid: int
    gid: int

    def reaches(self, path: Path) -> bool:
        """Whether this user may walk to `path` and enter or execute it, asked of the system itself."""
        asked = subprocess.run(
            ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)],
            user=self.uid, group=self.gid, extra_groups=[], cwd="/", check=False,
        )  # fmt: skip
        return asked.returncode == 0

    def owns(self, folder: Path) -> None:
        """Give a folder to this user."""
        os.chown(folder, self.uid, self.gid)


def for_servers() -> Account | None:
    """The account to drop to when we are root; None when we are an ordinary user already."""
    if os.geteuid() != 0:
        return None
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise LauncherError(
        f"PostgreSQL refuses to run as root, and none of the users {', '.join(CANDIDATES)} exists here."
    )


def shelter() -> Path:
    """Where root keeps what the servers' user must reach, when the project lies under a closed home."""
    folder = SHELTER / hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    return folder
