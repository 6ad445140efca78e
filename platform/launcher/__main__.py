"""The entry points behind `bin/`: `python -m launcher run|manage|test|check [argument...]`."""

import sys

from launcher import check, environment, manage, run, test
from launcher.supervisor import Stopped
from launcher.terminal import LauncherError, say

COMMANDS = {"run": run.main, "manage": manage.main, "test": test.main, "check": check.main}
NEEDS_TOOLS = {"test", "check"}


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
