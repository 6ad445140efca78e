"""`bin/manage COMMAND`: a Django command with the servers up; it joins those of a running `bin/run`, or starts its own."""

import os
import sys
from pathlib import Path

from launcher import content
from launcher.instance import Instance, running
from launcher.places import ROOT, source_path
from launcher.run import DEFAULT_PORT
from launcher.supervisor import Supervisor
from launcher.terminal import LauncherError, say

# These look at no table of the instance's database.
CONTENTLESS = {"help", "version", "--help", "--version", "check", "makemigrations", "bench", "isolation", "faults"}
# After these the next start looks at the database again, whatever the source says.
UNSETTLING = {"flush", "migrate", "ensure_roles", "restore", "load_starter", "load_demo", "loaddata"}


def main(arguments: list[str]) -> int:
    """Run the command and return its exit status."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    instance = choose()
    words = instance.announced()
    if not instance.take():
        if words is None:
            raise LauncherError(f"Another command holds the instance {instance.name}; try again when it has ended.")
        if UNSETTLING.intersection(arguments[:1]):
            content.forget(instance)
        inherited = source_path(os.environ.get("PYTHONPATH"))
        os.execve(sys.executable, command, {**os.environ, **words, "PYTHONPATH": inherited})  # noqa: S606 - no shell
    instance.prepare()
    with Supervisor(temporary_folders=instance.temporary_folders, quiet=True) as supervisor:
        supervisor.start(instance.programs)
        if UNSETTLING.intersection(arguments[:1]):
            content.forget(instance)
        elif arguments and arguments[0] not in CONTENTLESS:
            content.bring_up_to_date(instance, supervisor, demo=content.had_demo(instance))
        return supervisor.run(command, instance.environment, Path.cwd())


def choose() -> Instance:
    """The instance named by CAUSEWAY_PORT, else the one that runs, else the one on the usual port."""
    if named := os.environ.get("CAUSEWAY_PORT"):
        return Instance(name=named, port=int(named))
    up = running()
    usual = Instance(name=str(DEFAULT_PORT), port=DEFAULT_PORT)
    if not up or usual.name in {instance.name for instance in up}:
        return usual
    if len(up) > 1:
        ports = ", ".join(instance.name for instance in up)
        raise LauncherError(f"Several instances run ({ports}). Say which: CAUSEWAY_PORT={up[0].name} bin/manage ...")
    say(f"(instance {up[0].name})")
    return up[0]
