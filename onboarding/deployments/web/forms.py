"""What the pages of a deployment accept: each form names the mistake in words a person can act on."""

from typing import Any

from django import forms
from django.http import QueryDict

from access.permissions import Part
from accounts.models import User
from audit.actor import Actor
from onboarding.deployments.models import Item, Program, TeamRole
from onboarding.deployments.models.item import ItemRefused
from onboarding.deployments.people import host_people
from onboarding.playbooks.library import not_adopted
from onboarding.playbooks.models import PlaybookVersion
from onboarding.vault.models import Paper
from tenancy.models import Organization
from tenancy.scope import current
from web.forms import DateInput, Form


class Panel(Form):
    """A form of one or two fields inside the item panel; a mistake is said in the panel's own note."""

    @classmethod
    def cleaned(cls, *args: Any) -> dict[str, Any]:
        """Return the values; raise ItemRefused with the first mistake."""
        form = cls(*args)
        if not form.is_valid():
            raise ItemRefused(" ".join(str(text) for errors in form.errors.values() for text in errors[:1]))
        return form.cleaned_data


class ReasonForm(Panel):
    """Why."""

    reason_text = forms.CharField(
        max_length=500, error_messages={"required": "Say why: the reason is kept in the record."}
    )

    @classmethod
    def reason(cls, data: QueryDict) -> str:
        """Return the reason."""
        return str(cls.cleaned({"reason_text": data.get("reason", "")})["reason_text"])


class BlockForm(Panel):
    """What stops the work and whom it waits for."""

    reason = forms.CharField(
        max_length=500, error_messages={"required": "Say what blocks the item: the blocker is reminded, not you."}
    )
    waits_for = forms.CharField(max_length=4, required=False)

    @classmethod
    def read(cls, data: QueryDict, deployment_id: Any) -> dict[str, Any]:
        """Return reason and team role; raise ItemRefused for a role the team does not have."""
        values = cls.cleaned(data)
        cls.check_role(values["waits_for"], deployment_id)
        return values

    @staticmethod
    def check_role(code: str, deployment_id: Any) -> None:
        """Raise ItemRefused for a role that the team does not have."""
        if code and not TeamRole.objects.filter(deployment_id=deployment_id, code=code).exists():
            raise ItemRefused(f"The team has no role {code}: choose one from the list.")


class BulkForm(Form):
    """What a bulk edit asks for; `asks` names the fields, the others are left out."""

    person = forms.CharField(label="Assign to", required=False, widget=forms.Select())
    due_on = forms.DateField(
        label="Due on",
        required=False,
        widget=DateInput,
        error_messages={"invalid": "That is not a date: write it as 2026-11-24."},
    )
    days = forms.IntegerField(
        label="Or move by working days",
        required=False,
        min_value=-250,
        max_value=250,
        help_text="5 is a week later, -5 a week earlier. Each item keeps its distance to the others.",
    )
    reason = forms.CharField(
        label="Why",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why: the reason is kept in the record of each item."},
    )
    waits_for = forms.CharField(label="Who is waited for", max_length=4, required=False, widget=forms.Select())

    def __init__(self, *args: Any, asks: tuple[str, ...], **kwargs: Any) -> None:
        """Keep the fields that are asked for."""
        super().__init__(*args, **kwargs)
        self.fields = {name: self.fields[name] for name in asks}

    def clean(self) -> dict[str, Any]:
        """A date or a number of days, not both and not neither."""
        values: dict[str, Any] = super().clean() or {}
        if "days" in self.fields and bool(values.get("due_on")) == bool(values.get("days")):
            self.add_error("due_on", "Choose a date, or a number of working days.")
        return values


class BulkTeamForm(Form):
    """Who is put in which team role of many deployments."""

    code = forms.ChoiceField(label="Team role")
    person = forms.ChoiceField(label="Person")

    def offer(self, roles: list[tuple[str, str]], people: list[tuple[str, str]]) -> None:
        """Set what may be chosen."""
        self.fields["code"].choices = roles  # type: ignore[attr-defined]
        self.fields["person"].choices = people  # type: ignore[attr-defined]


def chosen_person(text: str, deployment_id: Any) -> Any:
    """Return the person of that id among those who may own work here; raise ItemRefused for anybody else."""
    if not text:
        return None
    allowed = {str(one.id) for one in host_people(deployment_id)}
    team = TeamRole.objects.filter(deployment_id=deployment_id).values_list("person_id", "deputy_id")
    allowed |= {str(one) for pair in team for one in pair if one}
    if text not in allowed:
        raise ItemRefused("Choose somebody of the organization or the team.")
    return User.objects.get(pk=text)


class CommentForm(Panel):
    """A remark."""

    body = forms.CharField(max_length=4000, error_messages={"required": "Write something before you comment."})
    internal = forms.BooleanField(required=False)

    @classmethod
    def read(cls, data: QueryDict) -> dict[str, Any]:
        """Return text and audience."""
        return cls.cleaned(data)


class EvidenceForm(Panel):
    """A file and which wanted kind it answers."""

    file = forms.FileField(max_length=200, allow_empty_file=True, error_messages={"required": "Choose a file."})
    wanted_key = forms.CharField(max_length=80, required=False)
    valid_until = forms.DateField(
        required=False, error_messages={"invalid": "Valid until is not a date: write it as 2026-11-24."}
    )
    for_partners = forms.BooleanField(required=False)
    keep = forms.BooleanField(required=False)

    @classmethod
    def read(cls, data: QueryDict, files: Any, item: Item) -> dict[str, Any]:
        """Return the values; raise ItemRefused for a kind that the item does not want."""
        values = cls.cleaned(data, files)
        check_wanted(values["wanted_key"], item)
        return values


class UsePaperForm(Panel):
    """A paper of the vault and which wanted kind it answers."""

    paper = forms.UUIDField(error_messages={"required": "Choose a paper.", "invalid": "Choose a paper."})
    wanted_key = forms.CharField(max_length=80, required=False)

    @classmethod
    def read(cls, data: QueryDict, item: Item) -> tuple[Paper, str]:
        """Return the paper and the kind; raise ItemRefused for one that is not in the organization's vault."""
        values = cls.cleaned(data)
        check_wanted(values["wanted_key"], item)
        paper = Paper.objects.filter(pk=values["paper"]).first()
        if paper is None:
            raise ItemRefused("Choose a paper of your vault.")
        return paper, values["wanted_key"]


def check_wanted(key: str, item: Item) -> None:
    """Raise ItemRefused for a kind of evidence that the item does not ask for."""
    if key and key not in {one["key"] for one in item.evidence_wanted}:
        raise ItemRefused(f"{item} does not ask for that kind of evidence.")


class ShareForm(Form):
    """Which organization, and what part it takes."""

    slug = forms.CharField(
        max_length=40, label="Address of the organization", help_text="The word after /o/ in its address, exactly."
    )
    part = forms.ChoiceField(label="Part", choices=[(part.value, part.value.capitalize()) for part in Part])

    def clean(self) -> dict[str, Any]:
        """Find the organization; it cannot be the host itself."""
        values: dict[str, Any] = super().clean() or {}
        if "slug" not in values:
            return values
        found = Organization.objects.filter(slug=values["slug"].strip().lower()).first()
        if found is None:
            self.add_error("slug", "No organization has this address.")
        elif found.pk == current().organization_id:
            self.add_error("slug", "This is your own organization.")
        else:
            values["partner"] = found
        return values


class ProgramForm(Form):
    """A tool, its release, a playbook and the track."""

    title = forms.CharField(
        label="Program", max_length=120, help_text="As people will call it, for example the tool's name."
    )
    tool = forms.CharField(label="Tool", max_length=120)
    version = forms.CharField(label="Version", max_length=40)
    playbook_version = forms.ChoiceField(
        label="Playbook",
        help_text="For a clinic or school of up to about twenty people take the playbook for a small site.",
    )
    tier = forms.ChoiceField(
        label="Track",
        choices=Program.Tier.choices,
        help_text="The light track takes the playbook's shorter list, for small sites; what guards safety and privacy stays.",
    )
    ehr_launched = forms.BooleanField(label="Opens from inside the electronic health record", required=False)
    substance_use_data = forms.BooleanField(label="Holds substance use records (42 CFR Part 2)", required=False)
    generative_ai = forms.BooleanField(label="Uses generative AI", required=False)
    regulated_device = forms.BooleanField(label="Is cleared or registered as a medical device", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the published playbooks of the organization in scope, and those of the library that it has not adopted."""
        super().__init__(*args, **kwargs)
        published = list(PlaybookVersion.objects.published().select_related("playbook").defer("content"))
        self._published = {str(one.pk): one for one in published}
        self._library = {f"library:{one.key}": one for one in not_adopted([one.sha256 for one in published])}
        self.fields["playbook_version"].choices = [  # type: ignore[attr-defined]
            *((key, str(one)) for key, one in self._published.items()),
            *((key, f"{one.title} {one.version}, from the library") for key, one in self._library.items()),
        ]

    def playbook(self, *, by: Actor) -> PlaybookVersion:
        """Return the chosen version, adopted where it comes from the library."""
        chosen = self.cleaned_data["playbook_version"]
        if chosen in self._library:
            return PlaybookVersion.adopt(self._library[chosen], by=by, source="library")
        return self._published[chosen]


class AddSitesForm(Form):
    """When the ticked sites go live, and in which wave."""

    go_live_on = forms.DateField(label="Go-live date", widget=DateInput)
    wave = forms.IntegerField(label="Wave", required=False, min_value=1, max_value=99)
