"""Who belonged to the organization at a moment, as what and at which sites."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from access.permissions import Role
from accounts import audit
from accounts.models import Membership, User
from audit.as_of import rows_at
from audit.models import Event
from tenancy.models import Site

ALL, UNKNOWN = "all sites", "not known"


@dataclass(frozen=True, slots=True)
class Stood:
    """A membership as it stood."""

    member_id: UUID
    user: User
    roles: tuple[str, ...]
    title: str
    joined_at: datetime
    sites: tuple[str, ...]
    """Names; empty: all of them."""
    sites_known: bool = True

    @property
    def role_words(self) -> str:
        """The roles as a page names them."""
        return ", ".join(Role(role).title for role in self.roles)

    @property
    def site_words(self) -> str:
        """The sites as a page names them."""
        return (", ".join(self.sites) or ALL) if self.sites_known else UNKNOWN


def members_at(at: datetime) -> list[Stood]:
    """Return the members of that moment, by name; six statements whatever their number.

    Roles are those of the row history. Sites are those that the last event by then named: rows of a limit that was lifted
    are gone, the event is not.
    """
    rows = rows_at(Membership, list(Membership.objects.values_list("pk", flat=True)), at)
    there = {pk: row for pk, row in rows.items() if row["ended_at"] is None}
    people = User.objects.in_bulk([row["user_id"] for row in there.values()])
    sites = _sites_at(set(there), at)
    names = dict(
        Site.objects.filter(pk__in={pk for ids in sites.values() for pk in ids or ()}).values_list("pk", "name")
    )
    found = []
    for pk, row in there.items():
        limits = sites.get(pk, set())
        found.append(
            Stood(
                pk, people[UUID(row["user_id"])], tuple(row["roles"]), row["title"],
                datetime.fromisoformat(row["joined_at"]),
                tuple(sorted(names.get(site, "a site that is gone") for site in limits or ())), limits is not None,
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: (str(one.user), str(one.member_id)))


def _sites_at(members: set[UUID], at: datetime) -> dict[UUID, set[UUID] | None]:
    """Return the limits of each member then; None where they were never written down."""
    told = Event.objects.filter(
        subject_id__in=members, action__in=[audit.MEMBER_ADDED.name, audit.MEMBER_SITES_CHANGED.name]
    ).order_by("id")
    found: dict[UUID, set[UUID] | None] = {}
    later: set[UUID] = set()
    for event in told:
        if event.recorded_at > at:
            later.add(event.subject_id)
            continue
        ids = event.data.get("site_ids")
        found[event.subject_id] = None if ids is None else {UUID(one) for one in ids}
    unsaid = [pk for pk in members if found.get(pk) is None and pk not in later]
    for member in Membership.objects.filter(pk__in=unsaid).prefetch_related("site_limits"):
        found[member.pk] = {one.site_id for one in member.site_limits.all()}  # nothing changed it since
    return found
