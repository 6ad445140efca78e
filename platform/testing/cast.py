"""The cast of the tests: an owner, a colleague and a stranger, each with the organization they belong to.

Named by role. `world` gives them all; `acting(person)` signs somebody in with two factors.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.test import Client

from access.permissions import Role
from accounts.actions.create_organization import create_organization
from accounts.models import Membership, User
from accounts.second_factor import DEVELOPMENT_FLAG
from audit.actor import Actor
from tenancy.models import Organization
from tenancy.scope import scope

__all__ = ["World", "acting", "client_of", "world"]

SETUP = Actor.system("test set-up")


@dataclass(frozen=True, slots=True)
class World:
    """A health organization with its people, and partners and a stranger who have nothing to do with it yet."""

    host: Organization
    owner: User
    manager: User
    contributor: User
    approver: User
    learner: User
    auditor: User
    vendor: Organization
    vendor_manager: User
    hub: Organization
    hub_manager: User
    funder: Organization
    funder_manager: User
    elsewhere: Organization
    stranger: User


def person(email: str, name: str) -> User:
    """Create a person with a verified address."""
    from allauth.account.models import EmailAddress

    user = User.objects.create_user(email, name=name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def _member(organization: Organization, email: str, name: str, *roles: Role) -> User:
    user = person(email, name)
    with scope(organization.pk):
        Membership.add(user, roles=list(roles), by=SETUP)
    return user


def _organization(slug: str, name: str, kind: str, owner: User) -> Organization:
    return create_organization(name=name, slug=slug, kind=kind, owner=owner, by=SETUP)


@pytest.fixture
def world(db: None) -> World:
    """The whole cast."""
    owner = person("owner@host.example", "Owner Host")
    vendor_manager = person("implementation.manager@vendor.example", "Manager Vendor")
    hub_manager = person("implementation.manager@hub.example", "Manager Hub")
    funder_manager = person("program.officer@funder.example", "Officer Funder")
    stranger = person("owner@elsewhere.example", "Owner Elsewhere")
    host = _organization("host", "Riverbend Community Health", Organization.Kind.HEALTH, owner)
    return World(
        host=host,
        owner=owner,
        manager=_member(host, "implementation.manager@host.example", "Manager Host", Role.IMPLEMENTATION_MANAGER),
        contributor=_member(host, "integration.analyst@host.example", "Analyst Host", Role.CONTRIBUTOR),
        approver=_member(host, "executive.sponsor@host.example", "Sponsor Host", Role.APPROVER),
        learner=_member(host, "prescriber@host.example", "Prescriber Host", Role.LEARNER),
        auditor=_member(host, "auditor@host.example", "Auditor Host", Role.AUDITOR),
        vendor=_organization("vendor", "Stillwater Health", Organization.Kind.VENDOR, vendor_manager),
        vendor_manager=vendor_manager,
        hub=_organization("hub", "Northern Technical Assistance Hub", Organization.Kind.HUB, hub_manager),
        hub_manager=hub_manager,
        funder=_organization("funder", "Lakeshore Health Plan", Organization.Kind.FUNDER, funder_manager),
        funder_manager=funder_manager,
        elsewhere=_organization("elsewhere", "Elsewhere Clinics", Organization.Kind.HEALTH, stranger),
        stranger=stranger,
    )


@pytest.fixture
def acting() -> Callable[[User, UUID], Actor]:
    """Return the actor that a person is inside an organization; to be called in its scope."""

    def build(user: User, organization_id: UUID | None = None) -> Actor:
        return (
            Membership.objects.active().get(user=user).actor
            if organization_id is None
            else user.acting(organization_id)
        )

    return build


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """Return a browser in which the person is signed in with two factors."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        session = client.session
        session[DEVELOPMENT_FLAG] = True
        session.save()
        return client

    return sign_in
