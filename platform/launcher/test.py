"""`bin/test [pytest arguments]`: the tests, on servers of their own."""

import itertools
import sys

from launcher.instance import Instance
from launcher.places import ROOT, shown
from launcher.supervisor import Supervisor
from launcher.terminal import say

PROCESSES = "2"


def main(arguments: list[str]) -> int:
    """Start throw-away servers, run pytest on them, and return its exit status."""
    return with_test_servers([sys.executable, "-m", "pytest", *parallel(arguments), *arguments])


def parallel(arguments: list[str]) -> list[str]:
    """Two processes for the whole suite; one where the arguments name files, or say how many themselves."""
    names_files = any(
        not argument.startswith("-") and (ROOT / argument.split("::")[0]).exists() for argument in arguments
    )
    says_itself = any(argument.startswith(("-n", "--numprocesses", "--pdb", "--co")) for argument in arguments)
    return [] if names_files or says_itself else ["-n", PROCESSES]


def with_test_servers(*commands: list[str]) -> int:
    """Run commands one after the other on throw-away servers; the first status that is not 0, or 0."""
    instance = take_free()
    instance.prepare()
    with Supervisor(temporary_folders=instance.temporary_folders, quiet=True) as supervisor:
        supervisor.start(instance.programs)
        statuses = [supervisor.run(command, instance.environment, ROOT) for command in commands]
    return next((status for status in statuses if status != 0), 0)


def take_free() -> Instance:
    """A test instance that no other run uses."""
    for number in itertools.count(1):
        name = "test" if number == 1 else f"test-{number}"
        instance = Instance(name=name, port=8000, settings="config.settings.test", throwaway=True)
        if instance.take():
            return instance
        say(f"({shown(instance.folder)} is in use by another run)")
    raise AssertionError("count() does not end")
