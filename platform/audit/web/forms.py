"""The filters of the event log, read from the address."""

from typing import Any

from django import forms

from audit import vocabulary
from audit.models.event import EventQuerySet
from web.forms import Form


class LogFilters(Form):
    """Who, which action, which object, which deployment, from and to. An unreadable value says so and filters nothing."""

    who = forms.UUIDField(required=False)
    action = forms.CharField(required=False, max_length=60)
    object = forms.UUIDField(required=False)
    deployment = forms.UUIDField(required=False)
    since = forms.DateField(required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label="To", widget=forms.DateInput(attrs={"type": "date"}))
    after = forms.UUIDField(required=False)

    CONDITIONS = {
        "who": "actor_id",
        "action": "action",
        "object": "subject_id",
        "deployment": "deployment_id",
        "since": "at__date__gte",
        "until": "at__date__lte",
        "after": "id__lt",
    }

    def clean_action(self) -> str:
        """Take only words of the vocabulary."""
        name = self.cleaned_data["action"]
        if name and name not in {found.name for found in vocabulary.every()}:
            raise forms.ValidationError(f"There is no action {name}.")
        return str(name)

    def apply(self, events: EventQuerySet) -> EventQuerySet:
        """Narrow the events to what is asked for."""
        self.is_valid()
        asked: dict[str, Any] = {name: value for name, value in self.cleaned_data.items() if value}
        return events.filter(**{self.CONDITIONS[name]: value for name, value in asked.items()})
