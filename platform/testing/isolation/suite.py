"""Asks every address as everybody, for every tenant's objects, and reports whatever comes back that should not.

What may show a leak is always asked; the remaining combinations of role, method and tenant in a fixed order, up to a number.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zlib import crc32

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.db import connection, transaction
from django.test import Client

from access.permissions import Part, Role
from accounts.models import ApiToken, Membership
from accounts.second_factor import DEVELOPMENT_FLAG
from audit.models import Event, RowImage
from onboarding.deployments.models import Deployment
from tenancy.scope import scope
from testing.isolation import registry
from testing.isolation.answers import IDS, Answer, Person, Result
from testing.isolation.homes import HIDDEN, SETUP, SHARED, Home
from testing.isolation.registry import Missing, Operation, Values

ODD_METHODS = ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")
NOWHERE = "nowhere-at-all"
ENOUGH = 5500
ROLES_THAT_END = (Role.IMPLEMENTATION_MANAGER, Role.AUDITOR, Role.APPROVER, Role.LEARNER, Part.VENDOR, Part.HUB)
Probe = Callable[[], None]


class Suite:
    """The matrix over two tenants. Every request runs in a transaction that is undone."""

    def __init__(
        self,
        homes: list[Home],
        reach: dict[str, dict[str, set[UUID]]],
        only: str = "",
        most: int = ENOUGH,
        progress: Callable[[int], None] = lambda requests: None,
        found: Callable[[str], None] = lambda leak: None,
    ) -> None:
        self.homes, self.reach, self.most, self.progress, self.found = homes, reach, most, progress, found
        self.operations = [found for found in registry.operations() if only in found.name]
        self.links = [found for found in registry.public_links() if only in found.name]
        self.known = {str(pk).encode() for found in reach.values() for pk in found["all"]}
        self.result = Result()
        self.clients: dict[str, Client] = {}
        self.forbidden: dict[str, tuple[list[bytes], set[bytes]]] = {}
        self.may: dict[tuple[str, str], list[str]] = defaultdict(list)
        """For an address and a method, the roles that succeeded."""
        self.further: list[tuple[int, Probe]] = []

    def run(self) -> Result:
        """Ask what must be asked, then more until it is enough."""
        for operation in self.operations:
            for first, victim in enumerate(self.homes):
                other = next(home for home in self.homes if home is not victim)
                self._operation(operation, victim, other, wide=first == 0)
        for operation in self.links:
            self._public(operation)
        for _, probe in sorted(self.further, key=lambda entry: entry[0]):
            if self.result.requests >= self.most:
                break
            probe()
        self._judge_success()
        return self.result

    def _people(self, operation: Operation, victim: Home) -> Iterator[Person]:
        for role in (*Role, *Part):
            yield Person(role.value, victim.people[role.value], victim)
        if operation.api:
            yield Person("owner", victim.people["owner"], victim, bearer=victim.bearer)

    def _outsiders(self, operation: Operation, other: Home) -> Iterator[Person]:
        yield Person("owner", other.people["owner"], other)
        if operation.api:
            yield Person("owner", other.people["owner"], other, bearer=other.bearer)
        yield Person("vendor", other.people["vendor"], other)
        yield Person("anonymous", None, None)

    # --- One address -----------------------------------------------------------------------------------------------

    def _operation(self, operation: Operation, victim: Home, other: Home, *, wide: bool) -> None:
        """Ask for one address in one tenant: widely in the first, and in the other what the roles that may do it see."""
        people = list(self._people(operation, victim))
        for method in self._methods(operation):
            for person in people:
                must = (wide and method in operation.methods) or person.role == Role.OWNER
                self._plan(must, partial(self._own, operation, person, victim, method), operation, person, method)
            able = self.may[operation.name, method]
            chosen = set(able[: 2 if wide else 1]) | {role for role in able if role in set(Part)} or {Role.OWNER.value}
            for person in people:
                must = method in operation.methods and (person.role in chosen or bool(person.bearer))
                self._plan(
                    must, partial(self._foreign, operation, person, victim, other, method), operation, person, method, "foreign"
                )  # fmt: skip
            for person in self._outsiders(operation, other):
                must = wide and (person.role == Role.OWNER)
                self._plan(
                    must, partial(self._outsider, operation, person, victim, method), operation, person, method, "outsider"
                )  # fmt: skip
            ends = [role for role in ROLES_THAT_END if role.value in able] or [Role.IMPLEMENTATION_MANAGER]
            for role in ROLES_THAT_END:
                must = wide and role in (ends[0], *(part for part in ends if part in set(Part)))
                ended = Person(role.value, victim.people[role.value], victim)
                self._plan(
                    must, partial(self._revoked, operation, ended, victim, method), operation, ended, method, "revoked"
                )  # fmt: skip
        foreign = other.lanes[SHARED].things
        owner = people[0]
        outside = Person("owner", other.people["owner"], other)
        for at, method in enumerate(ODD_METHODS):
            must = wide and at == crc32(operation.name.encode()) % len(ODD_METHODS)
            self._plan(
                must,
                partial(self._ask, operation, owner, victim, method, foreign, foreign),
                operation,
                owner,
                method,
            )
            self._plan(
                False,
                partial(self._outsider, operation, outside, victim, method),
                operation,
                outside,
                method,
                "odd",
            )

    def _plan(self, must: bool, probe: Callable[[], Any], operation: Operation, *key: object) -> None:
        """Ask now, or note it for the rest, in an order that is the same in every run."""
        if must:
            probe()
        else:
            self.further.append((crc32(" ".join(map(str, (operation.name, *key))).encode()), probe))

    def _own(self, operation: Operation, person: Person, victim: Home, method: str) -> None:
        """The own object: answered, and for somebody with success."""
        own = victim.lanes[SHARED].things
        answer = self._ask(operation, person, victim, method, own, own)
        if answer.status < 400 and not self._sent_away(answer):
            self.result.succeeded.add((operation.name, method))
            if person.role not in self.may[operation.name, method]:
                self.may[operation.name, method].append(person.role)

    def _foreign(self, operation: Operation, person: Person, victim: Home, other: Home, method: str) -> None:
        """An id of another tenant, or of what is not shared with the person: the answer for an id of nobody."""
        own, hidden = victim.lanes[SHARED].things, victim.lanes[HIDDEN].things
        foreign, missing = other.lanes[SHARED].things, Missing(own)
        as_missing = self._plain(operation, person, victim, method, missing, missing)
        as_foreign = self._plain(operation, person, victim, method, foreign, foreign)
        self._same(operation, person, method, "foreign id", as_foreign, as_missing)
        if person.is_partner:
            # What both deployments have in common, their program say, is not hidden.
            apart = {name: thing for name, thing in hidden.items() if thing != own.get(name)}
            nobody = {**hidden, **Missing(apart)}
            unshared = self._ask(operation, person, victim, method, hidden, hidden)
            gone = self._ask(operation, person, victim, method, nobody, nobody)
            self._same(operation, person, method, "deployment not shared", unshared.plain(apart, victim.slug, self.known),
                       gone.plain({name: nobody[name] for name in apart}, victim.slug, self.known))  # fmt: skip
        if method == "POST" and operation.body and operation.path(own):
            # Only ids: what a form gives back of the words would be taken for a leak.
            theirs = {**own, **{name: thing for name, thing in foreign.items() if isinstance(thing, UUID)}}
            in_body = self._ask(operation, person, victim, method, own, theirs).plain(foreign, victim.slug, self.known)
            without = self._ask(operation, person, victim, method, own, missing).plain(missing, victim.slug, self.known)
            self._same(operation, person, method, "foreign id in the body", in_body, without)

    def _plain(
        self, operation: Operation, person: Person, home: Home, method: str, path: Values, body: Values
    ) -> tuple[int, bytes]:
        return self._ask(operation, person, home, method, path, body).plain(path, home.slug, self.known)

    def _outsider(self, operation: Operation, person: Person, victim: Home, method: str) -> None:
        """Who has no part in the organization gets the answer for one that does not exist."""
        own = victim.lanes[SHARED].things
        answer = self._ask(operation, person, victim, method, own, own)
        nowhere = self._ask(operation, person, None, method, own, own)
        self._same(operation, person, method, "organization of others", answer.plain(own, victim.slug, self.known),
                   nowhere.plain(own, NOWHERE, self.known))  # fmt: skip

    def _revoked(self, operation: Operation, person: Person, victim: Home, method: str) -> None:
        """A role, or a share, that ends between two requests of the same session."""
        own = victim.lanes[SHARED].things
        self._client(person)  # signed in before the transaction that is undone
        with transaction.atomic():
            with scope(victim.organization.pk):
                if person.is_partner:
                    deployment = Deployment.objects.get(pk=own["deployment"])
                    deployment.withdraw_share(victim.partners[person.role], by=SETUP)
                else:
                    Membership.objects.active().get(user=person.user).end(by=SETUP)
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
        query = operation.query(path) if operation.query and method != "POST" else {}
        if method == "GET" and not operation.path(path) and not operation.api:
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
        address = registry.address(operation.name, arguments)
        if query:
            address = f"{address}?{urlencode(query)}"
        client = self._client(person)
        cookies = client.cookies.output()
        with transaction.atomic():
            if method == "POST":
                as_json: dict[str, Any] = {"content_type": "application/json"} if operation.api else {}
                response: Any = client.post(address, payload or {}, **as_json)
            else:
                response = client.generic(method, address)
            body = b"".join(response.streaming_content) if response.streaming else response.content
            elsewhere = (
                self._written_elsewhere(may_write or self._allowed(person, arguments))
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
        self.progress(self.result.requests)
        if answer.status >= 500:
            self.result.errors[f"{operation.name} {method} as {person.role}: {answer.status}"] += 1
        self._look(operation, person, method, answer, sent or set())
        return answer

    def _client(self, person: Person) -> Client:
        key = str(person)
        if key not in self.clients:
            headers = {"Authorization": f"Bearer {person.bearer}"} if person.bearer else None
            client = Client(raise_request_exception=False, headers=headers)
            if person.user is not None and not person.bearer:
                client.force_login(person.user, backend="allauth.account.auth_backends.AuthenticationBackend")
                session = client.session
                session[DEVELOPMENT_FLAG] = True
                # Signatures ask for a factor proved within minutes; a mode takes no longer.
                session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "type": "totp", "at": time.time()}]
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
    def _allowed(person: Person, arguments: dict[str, Any]) -> str:
        """Return the tenant that the person may write to at this address: their own, or the host that shared with them."""
        own = person.home is not None and person.home.slug == arguments.get("org")
        return person.home.slug if person.home is not None and own else ""

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
                # A token's own organization notes when it was used; nothing else may be written there.
                images = RowImage.objects.filter(**mine).exclude(table=ApiToken._meta.db_table)
                if not set_up and (images.exists() or Event.objects.filter(**mine).exists()):
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
        leak = f"{operation.name} {method} as {person}: {what}"
        if leak not in self.result.leaks:
            self.found(leak)
        self.result.leaks[leak] += 1

    @staticmethod
    def _sent_away(answer: Answer) -> bool:
        return b"/accounts/" in answer.head

    def _judge_success(self) -> None:
        for operation in [*self.operations, *self.links]:
            for method in operation.methods if not operation.never_succeeds else []:
                if (operation.name, method) not in self.result.succeeded:
                    self.result.vacuous.append(f"{operation.name} {method} succeeds for nobody")
