"""Every page of the product, as a tenant of the isolation suite sees it."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from django.urls import reverse

from accounts.models import User
from testing.browser import session
from testing.isolation import registry
from testing.isolation.homes import SHARED, Home

SIGNED_OUT = [
    "/accounts/login/", "/accounts/login/code/", "/accounts/signup/", "/accounts/password/reset/", "/offline",
    "/dev/sign-in", "/no-such-page",
]  # fmt: skip
OF_A_PERSON = [
    "/organizations/", "/me/", "/me/reminders/", "/accounts/second-factor/", "/accounts/2fa/", "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/", "/accounts/2fa/webauthn/add/", "/accounts/email/", "/accounts/password/change/",
    "/accounts/logout/", "/dev/components",
]  # fmt: skip
OTHERWISE = {"/accounts/signup/": 403, "/no-such-page": 404}
# Permissions overlap: the first who may open a page shows it.
ORDER = ["owner", "learner", "implementation_manager", "approver", "auditor"]


def pages(home: Home) -> Iterator[tuple[str, str, User | None]]:
    """Every address that answers an HTML page: its name, where it is, and somebody to whom it answers."""
    for address in SIGNED_OUT:
        yield address, address, None
    for address in OF_A_PERSON:
        yield address, address, home.people["owner"]
    clients = {role: Client(headers={"accept": "text/html"}) for role in ORDER}
    for role, client in clients.items():
        client.cookies["sessionid"] = session(home.people[role])
    things = home.lanes[SHARED].things
    for operation in registry.operations():
        if not operation.get or operation.api:
            continue
        address = registry.address(operation.name, {"org": home.slug, **operation.path(things)})
        query = operation.query(things) if operation.query else {}
        query = {name: thing for name, thing in query.items() if thing is not None}
        address += f"?{urlencode(query)}" if query else ""
        for role in ORDER:
            answer = clients[role].get(address)
            answer.close()
            if answer.status_code == 200:
                if is_page(answer):
                    yield operation.name, address, home.people[role]
                break
    for link in registry.public_links():
        address = reverse(link.name, kwargs=link.path(things))
        if link.get and is_page(Client(headers={"accept": "text/html"}).get(address)):
            yield link.name, address, None


def is_page(answer: Any) -> bool:
    """Whether a browser shows the answer as a page: it is no file to save, and no fragment of another page."""
    whole = not answer.streaming and b"<html" in answer.content[:200]
    answer.close()
    return whole and "attachment" not in str(answer.get("Content-Disposition", ""))
