"""`bin/run`: everything up on this machine, until Ctrl-C."""

import argparse
import os
import time

from launcher import application, content
from launcher.instance import Instance
from launcher.places import shown
from launcher.supervisor import Supervisor
from launcher.terminal import LauncherError, say, step

DEFAULT_PORT = 8000


def main(arguments: list[str]) -> int:
    """Start the servers, bring the database up to date, start web, worker, beat and the receiver of answers, and stay."""
    options = _options(arguments)
    began = time.monotonic()
    instance = Instance(name=str(options.port), port=options.port)
    if not instance.take():
        if instance.announced() is not None:
            raise LauncherError(f"Causeway runs already: http://localhost:{options.port}")
        raise LauncherError(
            f"Another command holds the instance {options.port}; wait for it to end, or choose a --port."
        )
    application.ensure_free(options.port)
    say(f"Causeway on port {options.port}")
    if options.fresh:
        if not instance.is_embedded:
            raise LauncherError("--fresh empties only the embedded database; DATABASE_URL names another server.")
        with step("Emptying"):
            instance.empty()
    with step("Data folders"):
        instance.prepare()
    with Supervisor(temporary_folders=instance.temporary_folders) as supervisor:
        for program in instance.programs:
            with step(program.name):
                supervisor.start([program])
        content.bring_up_to_date(instance, supervisor, demo=not options.no_demo)
        web, *background = application.programs(instance)
        with step("Web"):
            supervisor.start([web])
        supervisor.start(background)  # not waited for: nobody sees them, and pages come up twice as fast without them
        instance.announce()
        _greet(instance, time.monotonic() - began)
        supervisor.serve()
        instance.withdraw()
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/run", description="Run Causeway on this machine.")
    parser.add_argument("--port", type=_port, default=os.environ.get("CAUSEWAY_PORT", str(DEFAULT_PORT)))
    parser.add_argument("--fresh", action="store_true", help="throw away this instance's data first")
    parser.add_argument("--no-demo", action="store_true", help="leave the demo's organizations out")
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port number (1 to 65535)")
    return int(text)


def _greet(instance: Instance, seconds: float) -> None:
    address = f"http://localhost:{instance.port}"
    say(f"\nReady in {seconds:.1f} s\n")
    say(f"  Open     {address}")
    say(f"  Sign in  {address}/dev/sign-in   one click as each of the demo's people")
    if "SMTP_HOST" not in os.environ:
        say(f"  Mail     {address}/dev/mailbox   every message it sends")
    say(f"  Answers  smtp://127.0.0.1:{application.replies_port(instance.port)}   mail to its reply addresses")
    say(f"  Logs     {shown(instance.logs)}")
    say("  Stop     Ctrl-C\n")
