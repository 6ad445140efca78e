"""The demo's organizations and people. People are named by what they do."""

import hashlib
from base64 import b32encode
from dataclasses import dataclass, field

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings

from access.permissions import SECOND_FACTOR_ROLES, Role
from accounts.actions.create_organization import create_organization
from accounts.models import Membership, User
from audit.actor import Actor
from tenancy.models import Organization
from tenancy.scope import scope

SETUP = Actor.system("demo")
OWNER, ADMINISTRATOR, MANAGER = Role.OWNER, Role.ADMINISTRATOR, Role.IMPLEMENTATION_MANAGER
CONTRIBUTOR, APPROVER, LEARNER, AUDITOR = Role.CONTRIBUTOR, Role.APPROVER, Role.LEARNER, Role.AUDITOR

ORGANIZATIONS = [
    ("riverbend", "Riverbend Community Health", Organization.Kind.HEALTH, "America/New_York"),
    ("stillwater", "Stillwater Health", Organization.Kind.VENDOR, "America/Los_Angeles"),
    ("northern-reach", "Northern Reach Assistance Hub", Organization.Kind.HUB, "America/Chicago"),
    ("lakeshore", "Lakeshore Health Plan", Organization.Kind.FUNDER, "America/Chicago"),
]

# slug -> (mailbox, name, membership roles, team role codes)
PEOPLE: dict[str, list[tuple[str, str, list[Role], str]]] = {
    "riverbend": [
        ("chief.operating.officer", "Chief Operating Officer", [OWNER], ""),
        ("administrator", "Clinic Administrator", [ADMINISTRATOR], ""),
        ("executive.sponsor", "Executive Sponsor", [APPROVER], "EXS"),
        ("implementation.manager", "Implementation Manager", [MANAGER], "IM SPM"),
        ("clinical.champion", "Clinical Champion", [CONTRIBUTOR, LEARNER], "CHM"),
        ("clinical.safety.officer", "Clinical Safety Officer", [APPROVER], "CSO"),
        ("privacy.officer", "Privacy Officer", [CONTRIBUTOR], "PRV"),
        ("security.officer", "Security Officer", [CONTRIBUTOR], "SEC"),
        ("legal.counsel", "Legal Counsel", [CONTRIBUTOR], "LEG"),
        ("finance.director", "Finance Director", [APPROVER], "FIN"),
        ("integration.analyst", "EHR Integration Analyst", [CONTRIBUTOR], "INT"),
        ("training.lead", "Training Lead", [MANAGER], "TRN"),
        ("superuser.lead", "Superuser Lead", [CONTRIBUTOR, LEARNER], "SUP"),
        ("equity.lead", "Equity Lead", [CONTRIBUTOR], "EQL EVL"),
        ("operations.manager", "Operations Manager", [CONTRIBUTOR], "OPS COM"),
        ("prescriber", "Prescriber", [LEARNER], ""),
        ("front.desk", "Front Desk", [LEARNER], ""),
        ("auditor", "Auditor", [AUDITOR], ""),
    ],
    "stillwater": [
        ("owner", "Vendor Owner", [OWNER], ""),
        ("implementation.manager", "Vendor Implementation Manager", [MANAGER], ""),
        ("engineer", "Vendor Engineer", [CONTRIBUTOR], "VEN"),
    ],
    "northern-reach": [
        ("owner", "Hub Owner", [OWNER], ""),
        ("implementation.manager", "Hub Implementation Manager", [MANAGER], ""),
    ],
    "lakeshore": [("owner", "Plan Owner", [OWNER], ""), ("program.officer", "Program Officer", [MANAGER], "")],
}
DOMAINS = {
    "riverbend": "riverbend.example",
    "stillwater": "vendor.example",
    "northern-reach": "hub.example",
    "lakeshore": "funder.example",
}


@dataclass(slots=True)
class Cast:
    """Everybody, by mailbox and by team role."""

    organizations: dict[str, Organization] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    by_role: dict[str, User] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    @property
    def host(self) -> Organization:
        """The health organization."""
        return self.organizations["riverbend"]

    def actor_for(self, role: str) -> Actor:
        """Return who acts for a team role."""
        return self.actors[self.by_role[role].email]

    def actor(self, mailbox: str, slug: str = "riverbend") -> Actor:
        """Return a person as an actor."""
        return self.actors[f"{mailbox}@{DOMAINS[slug]}"]


def gather() -> Cast:
    """Create the organizations and their people."""
    cast = Cast()
    for slug, name, kind, zone in ORGANIZATIONS:
        owner_mailbox, owner_name, _, _ = PEOPLE[slug][0]
        owner = person(f"{owner_mailbox}@{DOMAINS[slug]}", owner_name)
        organization = create_organization(name=name, slug=slug, kind=kind, owner=owner, by=SETUP, time_zone=zone)
        cast.organizations[slug] = organization
        with scope(organization.pk):
            for mailbox, person_name, roles, team in PEOPLE[slug]:
                user = User.objects.filter(email=f"{mailbox}@{DOMAINS[slug]}").first() or person(
                    f"{mailbox}@{DOMAINS[slug]}", person_name
                )
                member = Membership.add(user, roles=[role.value for role in roles], by=SETUP, title=person_name)
                cast.people[user.email] = user
                cast.actors[user.email] = member.actor
                for code in team.split():
                    cast.by_role[code] = user
                if SECOND_FACTOR_ROLES & set(roles):
                    _second_factor(user)
    return cast


def totp_secret(email: str) -> str:
    """Return the seeded secret of a demo person: fixed per instance, worth nothing anywhere else."""
    return b32encode(hashlib.sha256(f"{settings.SECRET_KEY}:{email}".encode()).digest()[:20]).decode()


def person(email: str, name: str) -> User:
    """Create a person with a verified address."""
    user = User.objects.create_user(email, name=name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def _second_factor(user: User) -> None:
    if not Authenticator.objects.filter(user=user).exists():
        TOTP.activate(user, totp_secret(user.email))
        RecoveryCodes.activate(user)
