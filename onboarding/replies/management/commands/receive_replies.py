"""`bin/manage receive_replies --listen 127.0.0.1:2525`: take answers by mail until stopped."""

import asyncio
import signal
import socket
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from onboarding.replies.receiver import serve


class Command(BaseCommand):
    """Run the receiver."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen."""
        parser.add_argument("--listen", default="127.0.0.1:2525", help="address:port")

    def handle(self, *args: Any, listen: str, **options: Any) -> None:
        """Serve until the process is stopped."""
        host, _, port = listen.rpartition(":")
        if not port.isdecimal():
            raise CommandError(f"{listen} is no address:port.")
        listener = socket.create_server(
            (host.strip("[]"), int(port)), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
        self.stdout.write(f"Takes answers on {listen}")
        asyncio.run(_until_told(listener))


async def _until_told(listener: socket.socket) -> None:
    """End in good order when told to: as the first process of a container nothing else ends it but a kill."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(listener, stop)
