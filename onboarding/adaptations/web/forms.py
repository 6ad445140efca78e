"""What the pages of adaptations accept: what FRAME asks of people, and the rest for those who want to say more."""

from typing import Any

from django import forms

from onboarding.adaptations.frame import ASKED, Fidelity, Goal, Planned, Reason
from onboarding.adaptations.models import Adaptation
from onboarding.adaptations.models.proposal import WORDS
from onboarding.deployments.models import Item, TeamRole
from onboarding.playbooks.models import PlaybookItem
from web.forms import DateInput, Form

MORE = ("what", "level", "nature", "duration", "phase")


class FrameForm(Form):
    """Why, what for, and whether the core stays; in more detail where wanted."""

    reason = forms.ChoiceField(label="Why", choices=Reason.choices, widget=forms.RadioSelect)
    goal = forms.ChoiceField(label="What for", choices=Goal.choices, widget=forms.RadioSelect)
    fidelity = forms.ChoiceField(label="Does the core stay?", choices=Fidelity.choices, widget=forms.RadioSelect)
    planned = forms.ChoiceField(
        label="Was it planned?", choices=Planned.choices, widget=forms.RadioSelect, initial=Planned.REACTIVE
    )
    decided_by = forms.MultipleChoiceField(label="Who decided", widget=forms.CheckboxSelectMultiple)
    note = forms.CharField(
        label="In your words", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    always = True
    """Whether a record is made in any case; else only where something of it is said, and then all of it."""

    def __init__(self, *args: Any, roles: list[TeamRole], me: Any = None, **kwargs: Any) -> None:
        """`roles`: the team's, to name who decided; those that `me` fills are ticked to begin with."""
        super().__init__(*args, **kwargs)
        self.fields["decided_by"].choices = [(one.title, one.title) for one in roles]  # type: ignore[attr-defined]
        self.fields["decided_by"].initial = [one.title for one in roles if me and me == one.person_id]
        for name in MORE:
            label = str(Adaptation._meta.get_field(name).verbose_name).capitalize()  # type: ignore[union-attr]
            choices = [("", "As it follows from the change"), *Adaptation._meta.get_field(name).choices]  # type: ignore[union-attr,misc]
            self.fields[name] = forms.ChoiceField(label=label, choices=choices, required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for the whole record where a part of it is said."""
        found = super().clean() or {}
        if not self.always and self._said(found):
            for name in ASKED:
                if not found.get(name) and name not in self.errors:
                    self.add_error(name, forms.Field.default_error_messages["required"])
        return found

    def frame(self) -> dict[str, Any]:
        """Return what was said; nothing where no record is made."""
        names = (*ASKED, "note", *MORE)
        found = {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}
        return found if self.always or self._said(found) else {}

    @staticmethod
    def _said(found: dict[str, Any]) -> bool:
        """Whether anything is said that does not stand there to begin with."""
        return any(found.get(name) for name in ("reason", "goal", "fidelity", "note", *MORE))

    @property
    def taps(self) -> list[forms.BoundField]:
        """The three that are asked for, and the two that are there to begin with."""
        return [self[name] for name in ASKED]

    @property
    def more(self) -> list[forms.BoundField]:
        """The rest."""
        return [self[name] for name in ("note", *MORE)]


class ChangeForm(FrameForm):
    """How an item is done here."""

    title = forms.CharField(max_length=120)
    owner = forms.ChoiceField(label="Owner role")
    gate_class = forms.ChoiceField(label="What it does to its gate", choices=PlaybookItem.GateClass.choices)
    guidance = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 7}), help_text="Markdown.")

    def __init__(self, *args: Any, item: Item, roles: list[TeamRole], **kwargs: Any) -> None:
        """Show the item as it stands."""
        initial = {name: getattr(item, name) for name in ("title", "owner", "gate_class", "guidance")}
        super().__init__(*args, initial=initial, roles=roles, **kwargs)
        self.always = item.is_core
        self.fields["owner"].choices = [(one.code, one.title) for one in roles]  # type: ignore[attr-defined]
        if not item.is_core:
            for name in ASKED:
                self.fields[name].required = False

    def values(self) -> dict[str, Any]:
        """Return the item's fields."""
        found = {name: self.cleaned_data[name] for name in ("title", "owner", "gate_class", "guidance")}
        return found | {"guidance": found["guidance"].replace("\r\n", "\n")}

    @property
    def own(self) -> list[forms.BoundField]:
        """The fields of the item."""
        return [self[name] for name in ("title", "owner", "gate_class", "guidance")]


class LearnForm(Form):
    """What a playbook made from a deployment is called."""

    title = forms.CharField(max_length=120)
    key = forms.SlugField(max_length=80, help_text="Lower case letters, digits and hyphens; stays the same for good.")
    as_it_went = forms.BooleanField(
        label="Count days as the items were really finished",
        required=False,
        help_text="Else the playbook's own days stay.",
    )


class ProposeForm(Form):
    """What is said to the playbook's author with a change."""

    words = forms.CharField(
        label="Say something with it",
        required=False,
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What you learned from it. No names and no patient data: it leaves your organization.",
    )


class AddForm(FrameForm):
    """An item of the site's own."""

    title = forms.CharField(max_length=120)
    stage = forms.TypedChoiceField(coerce=int)
    owner = forms.ChoiceField(label="Owner role")
    due_on = forms.DateField(label="Due", widget=DateInput)
    gate_class = forms.ChoiceField(
        label="What it does to its gate", choices=PlaybookItem.GateClass.choices, initial="informs"
    )
    guidance = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 4}), help_text="Markdown.")

    def __init__(self, *args: Any, stages: list[dict[str, Any]], roles: list[TeamRole], **kwargs: Any) -> None:
        """Offer the stages of the playbook and the roles of the team."""
        super().__init__(*args, roles=roles, **kwargs)
        self.fields["stage"].choices = [(one["number"], f"{one['number']} {one['title']}") for one in stages]  # type: ignore[attr-defined]
        self.fields["owner"].choices = [(one.code, one.title) for one in roles]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Return the item's fields."""
        return {
            name: self.cleaned_data[name] for name in ("title", "stage", "owner", "due_on", "gate_class", "guidance")
        }

    @property
    def own(self) -> list[forms.BoundField]:
        """The fields of the item."""
        return [self[name] for name in ("title", "stage", "owner", "due_on", "gate_class", "guidance")]
