"""Asks a malware scanner about a file before it is kept. Where there is none, the file says so and policy decides.

`settings.MALWARE_SCANNER` names a callable that takes a path and returns a Verdict; `clamd` below is one.
"""

import hashlib
import logging
import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.module_loading import import_string

from web.uploads import FileRefused

log = logging.getLogger(__name__)
NOT_SCANNED, CLEAN = "not scanned", "clean"
CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a scanner says of a file; `found` names what is in it, empty for nothing."""

    found: str = ""


class ScannerDown(OSError):
    """The scanner did not answer, or not in words that mean anything."""


class Quarantined(FileRefused):
    """A file in which the scanner found something; it is kept apart, and nothing serves it."""

    def __init__(self, name: str, found: str, sha256: str) -> None:
        self.name, self.found, self.sha256 = name, found, sha256
        super().__init__(f"{name} was held back: the malware scanner found {found}. An administrator can look into it.")


def scan(path: Path, name: str, quarantine: Path) -> str:
    """Return "clean" or "not scanned"; raise Quarantined, with the file moved into `quarantine`, where something is found.

    Raises FileRefused where the scanner does not answer and settings.MALWARE_SCAN_REQUIRED is set.
    """
    if not settings.MALWARE_SCANNER:
        if settings.MALWARE_SCAN_REQUIRED:
            raise FileRefused(f"{name} was not kept: no malware scanner is set up, and files must be scanned here.")
        return NOT_SCANNED
    try:
        verdict: Verdict = import_string(settings.MALWARE_SCANNER)(path)
    except ScannerDown as down:
        log.warning("the malware scanner does not answer: %s", down)
        if settings.MALWARE_SCAN_REQUIRED:
            raise FileRefused(f"{name} was not kept: the malware scanner does not answer. Try again later.") from down
        return NOT_SCANNED
    if not verdict.found:
        return CLEAN
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    quarantine.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = path.replace(quarantine / sha256)
    kept.chmod(0o600)
    log.warning("a file was put into quarantine: %s holds %s", sha256, verdict.found)
    raise Quarantined(name, verdict.found, sha256)


def clamd(path: Path) -> Verdict:
    """Ask the ClamAV daemon at settings.CLAMD_ADDRESS (tcp://host:port or unix:///path) with its INSTREAM command.

    Raises ScannerDown. The protocol: clamd(8), COMMANDS.
    """
    try:
        with _connect(settings.CLAMD_ADDRESS) as link, path.open("rb") as file:
            link.sendall(b"zINSTREAM\0")
            while chunk := file.read(CHUNK):
                link.sendall(struct.pack(">I", len(chunk)) + chunk)
            link.sendall(struct.pack(">I", 0))
            answer = b""
            while not answer.endswith(b"\0"):
                part = link.recv(4096)
                if not part:
                    break
                answer += part
    except OSError as error:
        raise ScannerDown(str(error)) from error
    said = answer.rstrip(b"\0\n").decode("utf-8", "replace")
    if said == "stream: OK":
        return Verdict()
    if said.startswith("stream: ") and said.endswith(" FOUND"):
        return Verdict(said.removeprefix("stream: ").removesuffix(" FOUND"))
    raise ScannerDown(f"clamd said {said!r}")


def _connect(address: str) -> socket.socket:
    parts = urlsplit(address)
    if parts.scheme == "unix":
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(settings.CLAMD_TIMEOUT)
        try:
            link.connect(parts.path)
        except OSError:
            link.close()
            raise
        return link
    return socket.create_connection((parts.hostname or "localhost", parts.port or 3310), settings.CLAMD_TIMEOUT)
