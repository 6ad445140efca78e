"""Takes the pictures: `docs/pictures/<page>-<look>.png`."""

import io
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from accounts.models import User
from audit.sealing import seal
from onboarding.deployments.portfolio import rebuild
from tenancy.models import Organization
from tenancy.scope import scope
from testing.browser import Windows, launched, served
from testing.pictures.demo import Demo
from testing.pictures.registry import HOST, LOOKS, pictures

COLORS = 128


class NoDemoError(RuntimeError):
    """The demo is not loaded."""


class NotShownError(RuntimeError):
    """Some pages did not answer to their person; the others have been pictured."""


def take(folder: Path, only: str = "") -> Iterator[tuple[str, int]]:
    """Take every picture; yield name and size of each file. Raises NoDemoError, NotShownError at the end."""
    host = Organization.objects.filter(slug=HOST).first()
    if host is None:
        raise NoDemoError("The demo is not loaded: bin/manage load_demo")
    with scope(host.pk):
        rebuild()  # no worker needs to run beside this command, which would carry and seal
        while seal(host.pk):
            pass
        demo = Demo(host)
        wanted = [one for one in pictures() if any(part in one.name for part in only.split(","))]
        addresses = [one.address(demo) for one in wanted]
    people = {user.email: user for user in User.objects.filter(email__endswith=".example")}
    refused: list[str] = []
    folder.mkdir(parents=True, exist_ok=True)
    with launched() as browser, served() as base:
        for picture, address in zip(wanted, addresses, strict=True):
            for look in picture.looks:
                windows = Windows(browser, base)
                size, dark = LOOKS[look]
                email = picture.person if "@" in picture.person else f"{picture.person}@{HOST}.example"
                page = windows.open(people[email] if picture.person else None, size=size, dark=dark)
                answer = page.goto(address, wait_until="load")
                if answer is None or answer.status not in (200, 404):
                    refused.append(f"{picture.name}: {address} answered {answer and answer.status}")
                    windows.close()
                    continue
                if picture.keys:
                    page.keyboard.press(picture.keys)
                    page.get_by_role("dialog").wait_for()
                path = folder / f"{picture.name}-{look}.png"
                path.write_bytes(reduced(page.screenshot()))
                windows.close()
                yield path.name, path.stat().st_size
    if refused:
        raise NotShownError("\n".join(refused))


def reduced(png: bytes) -> bytes:
    """Return the picture with a palette: a page of text and lines loses nothing one sees."""
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(COLORS, dither=Image.Dither.NONE).save(
        out, "PNG", optimize=True
    )
    return out.getvalue()
