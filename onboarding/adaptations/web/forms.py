"""What the pages of adaptations accept: three taps, and the rest for those who want to say more."""

from typing import Any

from django import forms

from onboarding.adaptations.frame import Fidelity, Goal, Reason
from onboarding.adaptations.models import Adaptation
from onboarding.adaptations.models.proposal import WORDS
from onboarding.deployments.models import Item, TeamRole
from onboarding.playbooks.models import PlaybookItem
from web.forms import DateInput, Form

MORE = ("planned", "what", "level", "nature", "duration", "phase")


class FrameForm(Form):
    """Why, what for, and whether the core stays; in more detail where wanted."""

    reason = forms.ChoiceField(label="Why", choices=Reason.choices, widget=forms.RadioSelect)
    goal = forms.ChoiceField(label="What for", choices=Goal.choices, widget=forms.RadioSelect)
    fidelity = forms.ChoiceField(label="Does the core stay?", choices=Fidelity.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label="In your words", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, roles: list[tuple[str, str]] | None = None, **kwargs: Any) -> None:
        """`roles`: titles of the team's roles, to name who decided."""
        super().__init__(*args, **kwargs)
        for name in MORE:
            label = str(Adaptation._meta.get_field(name).verbose_name).capitalize()  # type: ignore[union-attr]
            choices = [("", "As it follows from the change"), *Adaptation._meta.get_field(name).choices]  # type: ignore[union-attr,misc]
            self.fields[name] = forms.ChoiceField(label=label, choices=choices, required=False)
        self.fields["decided_by"] = forms.MultipleChoiceField(
            label="Who decided", choices=roles or [], required=False, widget=forms.CheckboxSelectMultiple
        )

    def frame(self) -> dict[str, Any]:
        """Return what was said."""
        names = ("reason", "goal", "fidelity", "note", "decided_by", *MORE)
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}

    @property
    def taps(self) -> list[forms.BoundField]:
        """The three that are asked for."""
        return [self[name] for name in ("reason", "goal", "fidelity")]

    @property
    def more(self) -> list[forms.BoundField]:
        """The rest."""
        return [self[name] for name in ("note", *MORE, "decided_by")]


class ChangeForm(FrameForm):
    """How an item is done here."""

    title = forms.CharField(max_length=120)
    owner = forms.ChoiceField(label="Owner role")
    gate_class = forms.ChoiceField(label="What it does to its gate", choices=PlaybookItem.GateClass.choices)
    guidance = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 7}), help_text="Markdown.")

    def __init__(self, *args: Any, item: Item, roles: list[TeamRole], **kwargs: Any) -> None:
        """Show the item as it stands."""
        initial = {name: getattr(item, name) for name in ("title", "owner", "gate_class", "guidance")}
        super().__init__(*args, initial=initial, roles=[(one.title, one.title) for one in roles], **kwargs)
        self.fields["owner"].choices = [(one.code, one.title) for one in roles]  # type: ignore[attr-defined]
        if not item.is_core:
            for name in ("reason", "goal", "fidelity"):
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
        super().__init__(*args, roles=[(one.title, one.title) for one in roles], **kwargs)
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
