"""The mailbox of a developer's machine: every message the local sink accepted. There is none under production settings."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from web.render import page

NAME = re.compile(r"^[0-9A-Za-z._-]{1,120}$")
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One message in the list."""

    name: str
    to: str
    subject: str
    at: datetime


@require_safe
def messages(request: HttpRequest) -> HttpResponse:
    """List the newest messages; `?to=` narrows it to an address."""
    folder = _folder()
    to = request.GET.get("to", "").strip()
    entries = []
    for path in sorted(folder.glob("*.sink"), reverse=True) if folder.is_dir() else []:
        read = _read(path)
        if to.lower() in str(read.get("Delivered-To", "")).lower():
            entries.append(_entry(path, read))
        if len(entries) >= SHOWN:
            break
    return page(request, "notices/mailbox.html", {"entries": entries, "to": to})


@require_safe
@csp_replace({"frame-src": ["'self'"]})  # type: ignore[arg-type]
def message(request: HttpRequest, entry: str) -> HttpResponse:
    """Show one message: its headers, its HTML part in a closed frame, its text."""
    path = _path(entry)
    read = _read(path)
    text = read.get_body(preferencelist=("plain",))
    context = {
        "entry": _entry(path, read),
        "headers": [(key, str(value)) for key, value in read.items()],
        "text": text.get_content() if text else "",
        "has_html": read.get_body(preferencelist=("html",)) is not None,
    }
    return page(request, "notices/mailbox_message.html", context)


@require_safe
@xframe_options_sameorigin
@csp_replace(  # type: ignore[arg-type]
    {"frame-ancestors": ["'self'"], "style-src": ["'unsafe-inline'"], "script-src": ["'none'"], "sandbox": True}
)
def html(request: HttpRequest, entry: str) -> HttpResponse:
    """The HTML part alone, as mail programs show it: inline styles, no script, sandboxed."""
    part = _read(_path(entry)).get_body(preferencelist=("html",))
    if part is None:
        raise Http404
    return HttpResponse(part.get_content(), content_type="text/html; charset=utf-8")


def _folder() -> Path:
    if not settings.DEVELOPMENT_SIGN_IN:
        raise Http404
    return Path(settings.STATE_DIR) / "mailbox" / "new"


def _path(name: str) -> Path:
    path = _folder() / name
    if not NAME.match(name) or not path.is_file():
        raise Http404
    return path


def _read(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), policy=policy.default)


def _entry(path: Path, read: EmailMessage) -> Entry:
    at = datetime.fromtimestamp(int(path.name.split(".", 1)[0]) / 1e9, tz=UTC)
    return Entry(path.name, str(read.get("Delivered-To", "")), str(read.get("Subject", "(no subject)")), at)
