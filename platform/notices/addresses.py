"""Telling the administrators that a person's address takes no mail."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from access.permissions import Role
from accounts.models import Membership
from notices import times
from notices.kinds import Description, kind, said
from notices.models import Reminder, Suppression, Wanted
from tenancy.models import Organization
from tenancy.scope import current

ADMINISTRATORS = (Role.OWNER, Role.ADMINISTRATOR)


def describe(subjects: Collection[UUID]) -> Mapping[UUID, Description]:
    """Describe the addresses to which nothing is sent now."""
    slug = Organization.slug_in_scope()
    return {
        row.pk: Description(
            said(_("%(person)s gets no mail"), person=row.user.name),
            row.get_cause_display(),
            reverse("org:notices:suppressions", kwargs={"org": slug}),
        )
        for row in Suppression.objects.standing().filter(pk__in=subjects).select_related("user")
    }


ADDRESS_SUPPRESSED = kind("notices.address_suppressed", "An address takes no mail", describe=describe)


def tell_administrators(row: Suppression) -> None:
    """Put it into the next digest of everybody who can mend it."""
    home = Organization.objects.get(pk=current().organization_id)
    members = Membership.objects.active().reaching_all().select_related("user")
    people = [one.user for one in members if set(one.roles) & set(ADMINISTRATORS) and one.user_id != row.user_id]
    now = timezone.now()
    Reminder.schedule(
        Wanted(
            recipient=person,
            kind=ADDRESS_SUPPRESSED,
            subject_type="notices.suppression",
            subject_id=row.pk,
            step="told",
            on=now.astimezone(times.zone_of(person.time_zone, home.time_zone)).date(),
            reason=_("You administer this organization."),
            zone=home.time_zone,
        )
        for person in people
    )
