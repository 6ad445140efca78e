"""Asks every address as everybody, for every tenant's objects, and reports whatever comes back that should not."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from access.permissions import Part, Role
from accounts.models import Membership, User
from accounts.second_factor import DEVELOPMENT_FLAG
from audit.models import Event, RowImage
from onboarding.deployments.models import Deployment
from tenancy.scope import scope
from testing.isolation import registry
from testing.isolation.homes import HIDDEN, SETUP, SHARED, Home
from testing.isolation.registry import Missing, Operation, Values

IDS = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
CSRF = re.compile(rb'(?<=["\'= :])[A-Za-z0-9]{64}(?=["\'&])')
REQUEST_ID = re.compile(rb"(?i)(request[ _-]?id|reference)\W{1,12}[0-9a-zA-Z-]{8,40}")
ODD_METHODS = ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")
NOWHERE = "nowhere-at-all"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who asks: in one tenant by a role or as a partner, or nobody at all."""

    role: str
    user: User | None
    home: Home | None

    @property
    def is_partner(self) -> bool:
        """Whether this is a vendor, hub or funder, to whom one deployment is shared."""
        return self.role in set(Part)

    def __str__(self) -> str:
        return f"{self.role} of {self.home.slug}" if self.home else self.role


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and whether somebody else's rows were written."""

    status: int
    head: bytes
    body: bytes
    wrote_elsewhere: tuple[str, ...] = ()

    def plain(self, sent: Values, slug: str, known: set[bytes]) -> tuple[int, bytes]:
        """Return it without what differs from request to request: ids and slug that were asked for, new ids, tokens."""
        text = self.head + b"\n" + self.body
        for name, thing in sorted(sent.items()):
            if isinstance(thing, UUID):
                text = text.replace(str(thing).encode(), f"<{name}>".encode())
        text = text.replace(f"/o/{slug}/".encode(), b"/o/<slug>/").replace(f"%2Fo%2F{slug}%2F".encode(), b"/o/<slug>/")
        text = IDS.sub(lambda found: found[0] if found[0] in known else b"<new id>", text)
        return self.status, REQUEST_ID.sub(b"<request>", CSRF.sub(b"<csrf>", text))


@dataclass(slots=True)
class Result:
    """The outcome of one mode."""

    requests: int = 0
    leaks: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    succeeded: set[tuple[str, str]] = field(default_factory=set)
    vacuous: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing leaked, nothing broke, and every operation worked for somebody."""
        return not (self.leaks or self.errors or self.vacuous)


class Suite:
    """The whole matrix over two tenants. Every request runs in a transaction that is undone."""

    def __init__(self, homes: list[Home], reach: dict[str, dict[str, set[UUID]]], only: str = "") -> None:
        self.homes, self.reach = homes, reach
        self.operations = [found for found in registry.operations() if only in found.name]
        self.links = [found for found in registry.public_links() if only in found.name]
        self.known = {str(pk).encode() for found in reach.values() for pk in found["all"]}
        self.result = Result()
        self.clients: dict[str, Client] = {}
        self.forbidden: dict[str, tuple[list[bytes], set[bytes]]] = {}

    def run(self) -> Result:
        """Ask everything."""
        for victim in self.homes:
            other = next(home for home in self.homes if home is not victim)
            people = list(self._people(victim, other))
            for operation in self.operations:
                for person in people:
                    self._one(operation, person, victim, other)
                self._revoked(operation, victim)
        for operation in self.links:
            self._public(operation)
        self._judge_success()
        return self.result

    def _people(self, victim: Home, other: Home) -> Iterator[Person]:
        for role in (*Role, *Part):
            yield Person(role.value, victim.people[role.value], victim)
        yield Person("owner", other.people["owner"], other)
        yield Person("vendor", other.people["vendor"], other)
        yield Person("anonymous", None, None)

    # --- One address, one person -----------------------------------------------------------------------------------

    def _one(self, operation: Operation, person: Person, victim: Home, other: Home) -> None:
        own, hidden = victim.lanes[SHARED].things, victim.lanes[HIDDEN].things
        foreign = other.lanes[SHARED].things
        if person.home is not victim:
            self._outsider(operation, person, victim, own)
            return
        for method in self._methods(operation):
            answer = self._ask(operation, person, victim, method, own, own)
            if answer.status < 400 and not self._sent_away(answer):
                self.result.succeeded.add((operation.name, method))
            if method == "GET" and not operation.get:
                continue
            missing = Missing(own)
            as_missing = self._ask(operation, person, victim, method, missing, missing).plain(
                missing, victim.slug, self.known
            )
            as_foreign = self._ask(operation, person, victim, method, foreign, foreign).plain(
                foreign, victim.slug, self.known
            )
            self._same(operation, person, method, "foreign id", as_foreign, as_missing)
            if person.is_partner:
                unshared = self._ask(operation, person, victim, method, hidden, hidden).plain(
                    hidden, victim.slug, self.known
                )
                self._same(operation, person, method, "deployment not shared", unshared, as_missing)
            if method == "POST" and operation.body and operation.path(own):
                self._foreign_in_body(operation, person, victim, own, foreign)
        for method in ODD_METHODS if person.role == Role.OWNER else ():
            self._ask(operation, person, victim, method, foreign, foreign)

    def _foreign_in_body(
        self, operation: Operation, person: Person, victim: Home, own: Values, foreign: Values
    ) -> None:
        missing = Missing(own)
        with_foreign = self._ask(operation, person, victim, "POST", own, foreign)
        with_missing = self._ask(operation, person, victim, "POST", own, missing)
        self._same(operation, person, "POST", "foreign id in the body", with_foreign.plain(foreign, victim.slug, self.known),
                   with_missing.plain(missing, victim.slug, self.known))  # fmt: skip

    def _outsider(self, operation: Operation, person: Person, victim: Home, own: Values) -> None:
        odd = ODD_METHODS if person.role == Role.OWNER else ()
        for method in (*self._methods(operation), *odd):
            answer = self._ask(operation, person, victim, method, own, own)
            nowhere = self._ask(operation, person, None, method, own, own)
            self._same(operation, person, method, "organization of others", answer.plain(own, victim.slug, self.known),
                       nowhere.plain(own, NOWHERE, self.known))  # fmt: skip

    def _revoked(self, operation: Operation, victim: Home) -> None:
        """A role, or a share, that ends between two requests of the same session."""
        own = victim.lanes[SHARED].things
        for role in (Role.IMPLEMENTATION_MANAGER, Role.AUDITOR, Role.APPROVER, Part.VENDOR, Part.HUB):
            person = Person(role.value, victim.people[role.value], victim)
            with transaction.atomic():
                with scope(victim.organization.pk):
                    if person.is_partner:
                        deployment = Deployment.objects.get(pk=own["deployment"])
                        deployment.withdraw_share(victim.partners[role.value], by=SETUP)
                    else:
                        Membership.objects.active().get(user=person.user).end(by=SETUP)
                for method in self._methods(operation):
                    answer = self._ask(operation, person, victim, method, own, own)
                    nowhere = self._ask(operation, person, None, method, own, own)
                    self._same(operation, person, method, "role revoked", answer.plain(own, victim.slug, self.known),
                               nowhere.plain(own, NOWHERE, self.known))  # fmt: skip
                transaction.set_rollback(True)

    def _public(self, operation: Operation) -> None:
        """A signed link opens its own organization's object, and under another's address or with another's id nothing."""
        anonymous = Person("anonymous", None, None)
        for victim in self.homes:
            other = next(home for home in self.homes if home is not victim)
            own, foreign = victim.lanes[SHARED].things, other.lanes[SHARED].things
            right = operation.path(own)
            for person in (anonymous, Person("owner", other.people["owner"], other)):
                for method in self._methods(operation):
                    body = operation.body(own) if operation.body else None
                    answer = self._send(operation, person, method, right, body, may_write=victim.slug)
                    if answer.status < 400:
                        self.result.succeeded.add((operation.name, method))
                    for name, value in operation.path(foreign).items():
                        if value == right.get(name):
                            continue
                        crossed = self._send(
                            operation, person, method, {**right, name: value}, body, may_write="nobody"
                        )
                        if crossed.status < 400:
                            self._leak(
                                operation,
                                person,
                                method,
                                f"signed link with another's {name} answered {crossed.status}",
                            )

    # --- Asking and judging ----------------------------------------------------------------------------------------

    def _methods(self, operation: Operation) -> tuple[str, ...]:
        return ("GET", "POST") if operation.body is not None or not operation.get else ("GET",)

    def _ask(
        self, operation: Operation, person: Person, home: Home | None, method: str, path: Values, body: Values
    ) -> Answer:
        arguments = {"org": home.slug if home else NOWHERE, **operation.path(path)}
        sent = {str(thing).encode() for lane in (path, body) for thing in lane.values() if isinstance(thing, UUID)}
        query = operation.query(path) if operation.query else {}
        if method == "GET" and not operation.path(path):
            query = {name: thing for name, thing in path.items() if isinstance(thing, UUID)} | query
        payload = operation.body(body) if operation.body and method == "POST" else None
        return self._send(operation, person, method, arguments, payload, query, sent)

    def _send(
        self,
        operation: Operation,
        person: Person,
        method: str,
        arguments: dict[str, Any],
        payload: dict[str, Any] | None,
        query: dict[str, Any] | None = None,
        sent: set[bytes] | None = None,
        may_write: str = "",
    ) -> Answer:
        address = reverse(operation.name, kwargs=arguments)
        if query:
            address = f"{address}?{urlencode(query)}"
        client = self._client(person)
        cookies = client.cookies.output()
        with transaction.atomic():
            if method == "POST":
                response: Any = client.post(address, payload or {})
            else:
                response = client.generic(method, address)
            body = b"".join(response.streaming_content) if response.streaming else response.content
            elsewhere = (
                self._written_elsewhere(may_write or self._own(person, arguments))
                if method not in {"GET", "HEAD"}
                else ()
            )
            transaction.set_rollback(True)
        if client.cookies.output() != cookies:
            self.clients.pop(str(person), None)
        kept = ("Location", "Content-Type", "Content-Disposition", "HX-Redirect", "Link")
        head = "\n".join(f"{name}: {response.headers[name]}" for name in kept if name in response.headers).encode()
        answer = Answer(response.status_code, head, body, elsewhere)
        self.result.requests += 1
        if answer.status >= 500:
            self.result.errors[f"{operation.name} {method} as {person.role}: {answer.status}"] += 1
        self._look(operation, person, method, answer, sent or set())
        return answer

    def _client(self, person: Person) -> Client:
        key = str(person)
        if key not in self.clients:
            client = Client(raise_request_exception=False)
            if person.user is not None:
                client.force_login(person.user, backend="allauth.account.auth_backends.AuthenticationBackend")
                session = client.session
                session[DEVELOPMENT_FLAG] = True
                session.save()
            self.clients[key] = client
        return self.clients[key]

    def _look(self, operation: Operation, person: Person, method: str, answer: Answer, sent: set[bytes]) -> None:
        tokens, ids = self._forbidden(person)
        text = answer.head + b"\n" + answer.body
        for token in tokens:
            if token in text:
                self._leak(operation, person, method, f"shows {token.decode()}")
        for found in set(IDS.findall(text)) & ids - sent:
            self._leak(operation, person, method, f"names the row {found.decode()}")
        for slug in answer.wrote_elsewhere:
            self._leak(operation, person, method, f"wrote rows of {slug}")

    def _forbidden(self, person: Person) -> tuple[list[bytes], set[bytes]]:
        key = str(person)
        if key not in self.forbidden:
            tokens, ids = [], set()
            for home in self.homes:
                if person.home is not home:
                    tokens += [home.open_token, home.hidden_token, home.closed_token]
                    ids |= self.reach[home.slug]["all"]
                elif person.is_partner:
                    tokens += [home.hidden_token, home.closed_token]
                    ids |= self.reach[home.slug][HIDDEN]
            self.forbidden[key] = [token.encode() for token in tokens], {str(pk).encode() for pk in ids}
        return self.forbidden[key]

    @staticmethod
    def _own(person: Person, arguments: dict[str, Any]) -> str:
        """Return the tenant that the person may write to at this address: their own, or the host that shared with them."""
        return person.home.slug if person.home and person.home.slug == arguments.get("org") else ""

    def _written_elsewhere(self, allowed: str) -> tuple[str, ...]:
        """Return the tenants, other than the allowed one, in which the request left an event or a row image."""
        with connection.cursor() as cursor:
            cursor.execute("select pg_current_xact_id_if_assigned()::text::bigint")
            (now,) = cursor.fetchone()
        if now is None:
            return ()
        found = []
        for home in self.homes:
            if home.slug == allowed:
                continue
            with scope(home.organization.pk):
                mine = {"organization_id": home.organization.pk, "xact": now}
                set_up = Event.objects.filter(**mine, actor_process=SETUP.name).exists()
                if not set_up and (RowImage.objects.filter(**mine).exists() or Event.objects.filter(**mine).exists()):
                    found.append(home.slug)
        return tuple(found)

    def _same(
        self,
        operation: Operation,
        person: Person,
        method: str,
        what: str,
        one: tuple[int, bytes],
        two: tuple[int, bytes],
    ) -> None:
        if one != two:
            where = next((at for at, (a, b) in enumerate(zip(one[1], two[1], strict=False)) if a != b), 0)
            said = f"{one[0]} {one[1][max(0, where - 40) : where + 40]!r} against {two[0]} {two[1][max(0, where - 40) : where + 40]!r}"
            self._leak(operation, person, method, f"{what} is not answered like a missing one: {said}")

    def _leak(self, operation: Operation, person: Person, method: str, what: str) -> None:
        self.result.leaks[f"{operation.name} {method} as {person}: {what}"] += 1

    @staticmethod
    def _sent_away(answer: Answer) -> bool:
        return b"/accounts/" in answer.head

    def _judge_success(self) -> None:
        for operation in [*self.operations, *self.links]:
            wanted = (["GET"] if operation.get else []) + (["POST"] if operation.body is not None else [])
            for method in wanted if not operation.never_succeeds else []:
                if (operation.name, method) not in self.result.succeeded:
                    self.result.vacuous.append(f"{operation.name} {method} succeeds for nobody")
