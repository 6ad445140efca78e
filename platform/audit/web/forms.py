"""The filters of the event log, read from the address."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import BooleanField, F, Func, Value
from django.utils import timezone

from audit import vocabulary
from audit.models import Event
from audit.models.event import EventQuerySet
from tenancy import ids
from web.forms import Form

LAST_DAY = date.max - timedelta(days=1)


class LogFilters(Form):
    """Who, which action, which object, which deployment, from and to. An unreadable value says so and filters nothing."""

    who = forms.UUIDField(required=False)
    action = forms.CharField(required=False, max_length=60)
    object = forms.UUIDField(required=False)
    deployment = forms.UUIDField(required=False)
    since = forms.DateField(required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label="To", widget=forms.DateInput(attrs={"type": "date"}))
    after = forms.UUIDField(required=False)

    CONDITIONS = {"who": "actor_id", "action": "action", "object": "subject_id", "deployment": "deployment_id"}

    def clean_action(self) -> str:
        """Take only words of the vocabulary."""
        name = self.cleaned_data["action"]
        if name and name not in {found.name for found in vocabulary.every()}:
            raise forms.ValidationError(f"There is no action {name}.")
        return str(name)

    def apply(self, events: EventQuerySet) -> EventQuerySet:
        """Narrow the events to what is asked for, newest first: by number, or by moment where days are asked for.

        Either order has an index that begins where the page begins, however many events lie before it.
        """
        self.is_valid()
        asked: dict[str, Any] = {name: value for name, value in self.cleaned_data.items() if value}
        events = events.filter(**{self.CONDITIONS[name]: asked[name] for name in self.CONDITIONS.keys() & asked.keys()})
        if about := [asked[name] for name in ("object", "deployment") if name in asked]:
            events = events.since_made(*about)
        if "since" in asked:
            start = _midnight(asked["since"])  # and nothing is told before it happens
            events = events.filter(at__gte=start, pk__gte=ids.least(start, ids.SLACK))
        until = _midnight(min(asked["until"], LAST_DAY) + timedelta(days=1)) if "until" in asked else None
        if not asked.keys() & {"since", "until"}:
            return events.filter(pk__lt=asked["after"]).order_by("-id") if "after" in asked else events.order_by("-id")
        if "after" in asked:
            last = Event.objects.filter(pk=asked["after"]).first()
            if last is None:
                return events.none()
            if until is None or last.at < until:
                # As a row comparison, which one index answers; `at < … or at = … and id < …` would read from the start.
                # Beside a second bound of the same column the index begins at that one: it is left out, being implied.
                return events.filter(Before(last.at, last.pk)).order_by("-at", "-id")
        if until is not None:
            events = events.filter(at__lt=until)
        return events.order_by("-at", "-id")

    def newest(self, events: EventQuerySet, count: int) -> list[Event]:
        """Return the first so many of what is asked for."""
        found = self.apply(events)
        if any(self.cleaned_data.get(name) for name in ("since", "until")):
            return list(found[:count])
        return found.newest(count, before=self.cleaned_data.get("after"))


class Before(Func):
    """Whether an event comes after this place in a list that goes back in time."""

    template = "(%(expressions)s)"
    output_field = BooleanField()

    def __init__(self, at: datetime, pk: UUID) -> None:
        super().__init__(F("at"), F("id"), Value(at), Value(pk))

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """Write `(at, id) < (…, …)`."""
        parts = [compiler.compile(each) for each in self.source_expressions]
        values = [value for _, listed in parts for value in listed]
        return "({}, {}) < ({}, {})".format(*(text for text, _ in parts)), values


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
