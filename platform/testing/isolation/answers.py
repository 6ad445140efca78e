"""Who asks in the isolation suite, what comes back, and what a mode adds up to."""

import html
import io
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from access.permissions import Part
from accounts.models import User
from testing.isolation.homes import LIMITED, Home
from testing.isolation.registry import Values

IDS = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
CSRF = re.compile(rb'(?<=["\'= :])[A-Za-z0-9]{64}(?=["\'&])')
MOMENT = re.compile(
    rb'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}|(?<=W3CDTF">)[\dT:-]+Z|(?:(?<=Recomputed at )|(?<=good until ))\d\d:\d\d'
    rb"|(?<=\d{4}, )\d\d:\d\d(?= [A-Z]{3,5}\b)"
)
AGO = re.compile(rb"just now|in \d+ (?:minute|hour)s?\b|\d+ (?:minute|hour)s? ago")
"""`web.formats.ago`: it says something else when a minute has passed between two answers."""
SECRET = re.compile(rb"(?<=[a-z]_)[0-9a-f]{32}_[\w-]{43}(?![\w-])")
"""A secret that was just made and is shown once: the organization's id and 256 random bits (accounts.models.bearer)."""
REASON = re.compile(rb'(?:role="alert"[^>]*>|"detail": ?")(.{1,2000}?)(?:</div>|</ul>|"[,}])', re.DOTALL)
TAG = re.compile(rb"<[^>]*>")
CUT = re.compile(rb"(?<==)[0-9a-f]{8}[0-9a-f-]{0,27}(?=[&\"'<])")
"""An id in a query that was too long to be kept whole."""
SHORT = 12
"""How many letters the pages show of an id that they have no name for."""
PDF = re.compile(
    rb"(?<=Date\(D:)\d{14}|(?:(?<=ModifyDate>)|(?<=CreateDate>))[\dT:+-]+|(?<=InstanceID>)[\w+/=]+|(?<=\)\()[\w+/=]{24}(?=\)\])"
)
"""When a PDF was made, to the second, and its id that follows from it."""
LIVE = re.compile(rb'(?<=data-version=")[^"]*')
"""The version of a live region, which changes by itself from minute to minute (`golive.web.room.version_of`)."""
REQUEST_ID = re.compile(rb"(?i)(request[ _-]?id|reference)\W{1,12}[0-9a-zA-Z-]{8,40}")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who asks: in one tenant by a role or as a partner, or nobody at all."""

    role: str
    user: User | None
    home: Home | None
    bearer: str = ""
    """The secret of the token with which this person's program calls the API; no session then."""

    @property
    def is_limited(self) -> bool:
        """Whether this is a member limited to the site of the shared deployment."""
        return self.role == LIMITED

    @property
    def sees_one_lane(self) -> bool:
        """Whether the other deployment is nothing to this person."""
        return self.is_partner or self.is_limited

    @property
    def is_partner(self) -> bool:
        """Whether this is a vendor, hub or funder, to whom one deployment is shared."""
        return self.role in set(Part)

    def __str__(self) -> str:
        who = f"{self.role}'s program" if self.bearer else self.role
        return f"{who} of {self.home.slug}" if self.home else who


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and whether somebody else's rows were written."""

    status: int
    head: bytes
    body: bytes
    wrote_elsewhere: tuple[str, ...] = ()

    @property
    def refusal(self) -> str:
        """Status and, as far as the page or problem says it, the reason: for whoever fills an address in."""
        said = REASON.search(self.body)
        text = TAG.sub(b" ", said[1]).decode("utf-8", "replace") if said else ""
        return " ".join(f"{self.status} {html.unescape(text)}".split())[:300]

    def plain(self, sent: Values, slug: str, known: set[bytes]) -> tuple[int, bytes]:
        """Return it without what differs from request to request: ids and slug that were asked for, new ids, tokens."""
        text = self.head + b"\n" + self.body
        for name, thing in sorted(sent.items()):
            if isinstance(thing, UUID):
                text = text.replace(str(thing).encode(), f"<{name}>".encode())
                text = text.replace(str(thing)[-SHORT:].encode(), f"<short {name}>".encode())
        asked = [str(thing).encode() for thing in sent.values() if isinstance(thing, UUID)]
        text = CUT.sub(lambda found: b"<cut>" if any(one.startswith(found[0]) for one in asked) else found[0], text)
        text = text.replace(f"/o/{slug}/".encode(), b"/o/<slug>/").replace(f"%2Fo%2F{slug}%2F".encode(), b"/o/<slug>/")
        text = IDS.sub(lambda found: found[0] if found[0] in known else b"<new id>", text)
        text = SECRET.sub(lambda found: found[0] if found[0] in known else b"<new secret>", text)
        text = PDF.sub(b"<made>", LIVE.sub(b"<version>", AGO.sub(b"<ago>", text)))
        return self.status, MOMENT.sub(b"<moment>", REQUEST_ID.sub(b"<request>", CSRF.sub(b"<csrf>", text)))


def unpacked(body: bytes) -> bytes:
    """Return what stands in a workbook or another ZIP file; anything else as it is."""
    if not body.startswith(b"PK\x03\x04"):
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as found:
        return b"\n".join(found.read(name) for name in sorted(found.namelist()))


@dataclass(slots=True)
class Result:
    """The outcome of one mode."""

    requests: int = 0
    leaks: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    succeeded: set[tuple[str, str]] = field(default_factory=set)
    refused: dict[tuple[str, str], str] = field(default_factory=dict)
    """For an address and a method, what the owner was told instead of success."""
    vacuous: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing leaked, nothing broke, and every operation worked for somebody."""
        return not (self.leaks or self.errors or self.vacuous)
