"""The entry points behind `bin/`: `python -m launcher run|manage|test|check|pictures|bench [argument...]`."""

import sys

from launcher import check, environment, manage, run, test
from launcher.places import ROOT
from launcher.supervisor import Stopped
from launcher.terminal import LauncherError, say


def pictures(arguments: list[str]) -> int:
    """`bin/manage pictures`, which needs a browser's driver."""
    return manage.main(["pictures", *arguments])


def bench(arguments: list[str]) -> int:
    """`manage.py bench` on servers that are thrown away; with --large on those of `bin/manage`, where it goes on later."""
    if "--large" in arguments:
        return manage.main(["bench", *arguments])
    return test.with_test_servers([sys.executable, str(ROOT / "manage.py"), "bench", *arguments])


COMMANDS = {
    "run": run.main,
    "manage": manage.main,
    "test": test.main,
    "check": check.main,
    "pictures": pictures,
    "bench": bench,
}
NEEDS_TOOLS = {"test", "check", "pictures", "bench"}


def main() -> int:
    """Make the environment, go on inside it, and do what was asked."""
    name, *arguments = sys.argv[1:]
    try:
        environment.ensure("develop" if name in NEEDS_TOOLS else "run")
        environment.enter([name, *arguments])
        return COMMANDS[name](arguments)
    except LauncherError as error:
        say(f"\nbin/{name}: {error}")
        return 1
    except (Stopped, KeyboardInterrupt):
        return 130


if __name__ == "__main__":
    sys.exit(main())
