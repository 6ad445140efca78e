"""Forms of the admin console."""

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone

from access.permissions import SAYS, Permission, Role, grantable
from accounts.models import Membership
from accounts.models.membership import CannotLimit, check_limit
from accounts.web.forms import time_zones
from tenancy.models import Organization, Site
from web.forms import DateInput, Form

USUAL_DAYS = 90
ROLE_HINT = "Nobody gives what they do not hold: only an owner makes owners and approvers."


class RolesField(forms.TypedMultipleChoiceField):
    """Tick boxes for the roles that the actor may give."""

    def __init__(self, **kwargs: Any) -> None:
        """Draw tick boxes."""
        super().__init__(label="Roles", help_text=ROLE_HINT, widget=forms.CheckboxSelectMultiple, **kwargs)


class ReachForm(Form):
    """What a member may do, and at which sites."""

    def clean(self) -> dict[str, Any] | None:
        """Refuse sites with a role that reaches all of them."""
        found = super().clean() or self.cleaned_data
        try:
            check_limit(found.get("roles", []), found.get("sites", []))
        except CannotLimit as refused:
            self.add_error("sites", str(refused))
        return found


class SitesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Sites of the organization in scope; none chosen means all."""

    def __init__(self) -> None:
        """Start empty: sites are read in scope, per form."""
        super().__init__(
            queryset=Site.objects.none(),
            label="Sites",
            required=False,
            help_text="Choose none for all sites. With sites chosen, the person sees and changes nothing of any other.",
            widget=forms.SelectMultiple(attrs={"size": 6}),
        )


class InviteForm(ReachForm):
    """Whom to invite, as what."""

    email = forms.EmailField(label="Email address", max_length=254)
    roles = RolesField()
    title = forms.CharField(label="What they do there", max_length=120, required=False)
    sites = SitesField()

    def __init__(self, *args: Any, actor_roles: Collection[str], **kwargs: Any) -> None:
        """Offer the roles in the actor's reach."""
        super().__init__(*args, **kwargs)
        reach = grantable(list(actor_roles))
        self.fields["roles"].choices = [(role.value, role.title) for role in Role if role in reach]  # type: ignore[attr-defined]
        self.fields["sites"].queryset = Site.objects.open().order_by("name")  # type: ignore[attr-defined]


class MemberForm(ReachForm):
    """A member's roles and sites."""

    roles = RolesField()
    sites = SitesField()

    def __init__(self, data: Any, *, member: Membership, actor_roles: Collection[str]) -> None:
        """Offer what the member has and what the actor may give."""
        sites = list(member.site_limits.values_list("site_id", flat=True))
        super().__init__(data, initial={"roles": member.roles, "sites": sites})
        reach = grantable(list(actor_roles)) | set(map(Role, member.roles))
        self.fields["roles"].choices = [(role.value, role.title) for role in Role if role in reach]  # type: ignore[attr-defined]
        # A closed site stays in the list of whoever is limited to it: without it, saving would open all the others.
        offered = Site.objects.filter(Q(closed_on=None) | Q(pk__in=sites)).order_by("name")
        self.fields["sites"].queryset = offered  # type: ignore[attr-defined]


class OrganizationForm(Form):
    """What an organization says about itself."""

    name = forms.CharField(label="Name", max_length=120)
    time_zone = forms.ChoiceField(label="Time zone", help_text="For people who set none of their own.")
    country = forms.RegexField(
        r"^[A-Za-z]{2}$",
        label="Country",
        help_text="Two letters, as in US.",
        error_messages={"invalid": "Two letters."},
    )

    def __init__(self, data: Any, organization: Organization) -> None:
        """Start from what is there."""
        initial = {"name": organization.name, "time_zone": organization.time_zone, "country": organization.country}
        super().__init__(data, initial=initial)
        self.fields["time_zone"].choices = time_zones()  # type: ignore[attr-defined]


class TokenForm(Form):
    """A new API token."""

    name = forms.CharField(label="Name", max_length=80, help_text="What it is for, so that you know it again.")
    scopes = forms.MultipleChoiceField(
        label="What it may do", help_text="At most what you may do yourself.", widget=forms.CheckboxSelectMultiple
    )
    expires = forms.DateField(label="Works until", widget=DateInput(), help_text="At most a year.")

    def __init__(self, data: Any, held: Collection[Permission]) -> None:
        """Offer the permissions that the maker holds."""
        super().__init__(data, initial={"expires": timezone.localdate() + timedelta(days=USUAL_DAYS)})
        self.fields["scopes"].choices = [(kind.value, SAYS[kind]) for kind in Permission if kind in held]  # type: ignore[attr-defined]

    @property
    def expires_at(self) -> datetime:
        """The end of the chosen day, in UTC."""
        return datetime.combine(self.cleaned_data["expires"], time(23, 59), tzinfo=UTC)
