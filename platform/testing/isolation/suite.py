"""Asks every address as everybody, for every tenant's objects, and reports whatever comes back that should not.

What may show a leak is always asked; the remaining combinations of role, method and tenant in a fixed order, up to a number.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zlib import crc32

from allauth.account.internal.flows.login import record_authentication
from django.db import transaction
from django.http import HttpRequest
from django.test import Client

from access.permissions import Part, Role
from accounts.models import Membership, User
from accounts.second_factor import DEVELOPMENT_FLAG
from onboarding.deployments.models import Deployment
from tenancy.scope import scope
from testing.isolation import registry
from testing.isolation.answers import Answer, Person, Result, unpacked
from testing.isolation.homes import ELSEWHERE, HIDDEN, LIMITED, SETUP, SHARED, Home
from testing.isolation.registry import Missing, Operation, Values
from testing.isolation.watch import Watch

ODD_METHODS = ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")
NOWHERE = "nowhere-at-all"
ENOUGH = 5500
PROVED = 120.0
"""Seconds after which a session's second factor is proved again."""
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
        self.homes, self.most, self.progress, self.found = homes, most, progress, found
        wanted = only.split(",")
        self.operations = [found for found in registry.operations() if any(name in found.name for name in wanted)]
        self.links = [found for found in registry.public_links() if any(name in found.name for name in wanted)]
        self.known = {str(pk).encode() for found in reach.values() for pk in found["all"]}
        self.known |= {home.bearer.partition("_")[2].encode() for home in homes}
        self.result = Result()
        self.clients: dict[str, Client] = {}
        self.proved: dict[str, float] = {}
        self.watch = Watch(homes, reach)
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
        yield Person(LIMITED, victim.people[LIMITED], victim)
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
            narrow = {role for role in able if role in {*Part, LIMITED}}
            chosen = set(able[: 2 if wide else 1]) | narrow or {Role.OWNER.value}
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
        if person.role == Role.OWNER:
            self.result.refused[operation.name, method] = answer.refusal
        if answer.status < 400 and not self._sent_away(answer):
            self.result.succeeded.add((operation.name, method))
            if person.role not in self.may[operation.name, method]:
                self.may[operation.name, method].append(person.role)
            if person.is_limited and method == "GET" and not operation.api:
                kind = ("csv", "xlsx")[crc32(operation.name.encode()) % 2]
                self._ask(operation, person, victim, method, own, own, {"as": kind})

    def _foreign(self, operation: Operation, person: Person, victim: Home, other: Home, method: str) -> None:
        """An id of another tenant, or of what is not shared with the person: the answer for an id of nobody."""
        own, hidden = victim.lanes[SHARED].things, victim.lanes[HIDDEN].things
        foreign, missing = other.lanes[SHARED].things, Missing(own)
        as_missing = self._plain(operation, person, victim, method, missing, missing)
        # Only ids: what a form gives back of the words would be taken for a leak.
        theirs = {**own, **{name: thing for name, thing in foreign.items() if isinstance(thing, UUID)}}
        as_foreign = self._plain(operation, person, victim, method, foreign, theirs)
        self._same(operation, person, method, "foreign id", as_foreign, as_missing)
        if person.sees_one_lane:
            # What both deployments have in common, their program say, is not hidden.
            apart = {name: thing for name, thing in hidden.items() if thing != own.get(name)}
            if person.is_limited:  # and the organization's own, a paper of the vault say, is theirs to read
                away = self.watch.reach[victim.slug][ELSEWHERE]
                apart = {name: thing for name, thing in apart.items() if thing in away}
            nobody = {**hidden, **Missing(apart)}
            unshared = self._ask(operation, person, victim, method, hidden, hidden)
            gone = self._ask(operation, person, victim, method, nobody, nobody)
            self._same(operation, person, method, "deployment not shared", unshared.plain(apart, victim.slug, self.known),
                       gone.plain({name: nobody[name] for name in apart}, victim.slug, self.known))  # fmt: skip
        if method == "POST" and operation.body:
            if operation.path(own):
                in_body = self._ask(operation, person, victim, method, own, theirs)
                without = self._ask(operation, person, victim, method, own, missing)
                self._same(operation, person, method, "foreign id in the body",
                           in_body.plain(foreign, victim.slug, self.known), without.plain(missing, victim.slug, self.known))  # fmt: skip
            if operation.body({**own, "slug": other.slug}) != operation.body({**own, "slug": NOWHERE}):
                self._same(operation, person, method, "words of others in the body",
                           *(self._with_words_of(slug, operation, person, victim, method) for slug in (other.slug, NOWHERE)))  # fmt: skip

    def _with_words_of(
        self, slug: str, operation: Operation, person: Person, victim: Home, method: str
    ) -> tuple[int, bytes]:
        """Answer to the own object with words, such as an address, that name somebody of another organization."""
        own = victim.lanes[SHARED].things
        answer = self._ask(operation, person, victim, method, own, {**own, "slug": slug})
        status, text = answer.plain(own, victim.slug, self.known)
        return status, text.replace(slug.encode(), b"<their slug>")

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
                    eyes = Person(f"{person}, by a link", person.user, victim) if operation.lends_eyes else person
                    answer = self._send(
                        operation, eyes, method, right, body, may_write=victim.slug, may_show=victim.open_token
                    )
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
        self,
        operation: Operation,
        person: Person,
        home: Home | None,
        method: str,
        path: Values,
        body: Values,
        asked: Mapping[str, str] | None = None,
    ) -> Answer:
        arguments = {"org": home.slug if home else NOWHERE, **operation.path(path)}
        sent = {str(thing).encode() for lane in (path, body) for thing in lane.values() if isinstance(thing, UUID)}
        query = operation.query(path) if operation.query and method != "POST" else {}
        if method == "GET" and not operation.path(path) and not operation.api:
            query = {name: thing for name, thing in path.items() if isinstance(thing, UUID)} | query
        query |= asked or {}
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
        may_show: str = "",
    ) -> Answer:
        address = registry.address(operation.name, arguments)
        if query:
            address = f"{address}?{urlencode(query)}"
        client = self._client(person)
        cookies = deepcopy(client.cookies)
        with transaction.atomic():
            if method == "POST":
                as_json: dict[str, Any] = {"content_type": "application/json"} if operation.api else {}
                response: Any = client.post(address, payload or {}, **as_json)
            else:
                response = client.generic(method, address)
            body = unpacked(b"".join(response.streaming_content) if response.streaming else response.content)
            elsewhere = (
                self.watch.written_elsewhere(may_write or self._allowed(person, arguments))
                if method not in {"GET", "HEAD"}
                else ()
            )
            transaction.set_rollback(True)
        if client.cookies.output() != cookies.output():
            client.cookies = cookies  # the session that they name is undone with the transaction
        kept = ("Location", "Content-Type", "Content-Disposition", "HX-Redirect", "Link")
        head = "\n".join(f"{name}: {response.headers[name]}" for name in kept if name in response.headers).encode()
        answer = Answer(response.status_code, head, body, elsewhere)
        self.result.requests += 1
        self.progress(self.result.requests)
        if answer.status >= 500:
            self.result.errors[f"{operation.name} {method} as {person.role}: {answer.status}"] += 1
        for what in self.watch.shown(person, answer, sent or set(), may_show):
            self._leak(operation, person, method, what)
        return answer

    def _client(self, person: Person) -> Client:
        key = str(person)
        if key not in self.clients:
            headers = {"Authorization": f"Bearer {person.bearer}"} if person.bearer else None
            client = Client(raise_request_exception=False, headers=headers)
            if person.user is not None and not person.bearer:
                client.force_login(person.user)
            self.clients[key] = client
        if person.user is not None and not person.bearer:
            self._prove(key, person.user)
        return self.clients[key]

    def _prove(self, key: str, user: User) -> None:
        """Say that the person proved who they are by two factors just now: signatures ask for that within five minutes."""
        if time.monotonic() - self.proved.get(key, -PROVED) < PROVED:
            return
        request = HttpRequest()
        request.session = self.clients[key].session
        request.session[DEVELOPMENT_FLAG] = True
        record_authentication(request, user, "password")
        record_authentication(request, user, "mfa", type="totp")
        request.session.save()
        if key not in self.proved:
            self.clients[key].get("/offline")  # outside what is undone: the session's activity is written once
        self.proved[key] = time.monotonic()

    @staticmethod
    def _allowed(person: Person, arguments: dict[str, Any]) -> str:
        """Return the tenant that the person may write to at this address: their own, or the host that shared with them."""
        own = person.home is not None and person.home.slug == arguments.get("org")
        return person.home.slug if person.home is not None and own else ""

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
                    told = self.result.refused.get((operation.name, method), "never asked")
                    self.result.vacuous.append(f"{operation.name} {method} succeeds for nobody; the owner: {told}")
