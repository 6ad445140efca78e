"""What happened to one object, or in one deployment, as people read it: who, what, when."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.auth import get_user_model

from audit.models import Event

SYSTEM = "System"
GONE = "Somebody who has left"
ICONS = {"system": "shield", "person": "hist", "token": "hist", "staff": "shield"}


@dataclass(frozen=True, slots=True)
class Entry:
    """An event with its actor's name; `ui.log` draws it."""

    event: Event
    who: str
    text: str
    at: datetime
    icon: str

    @property
    def thing(self) -> str:
        """What kind of object it was done to, in words."""
        try:
            return str(apps.get_model(self.event.subject_type)._meta.verbose_name)
        except LookupError:  # of a release before
            return self.event.subject_type.rpartition(".")[2]


def timeline(subject_id: UUID | None = None, *, deployment_id: UUID | None = None, limit: int = 50) -> list[Entry]:
    """Return the newest events of an object, or of a deployment and everything in it: two queries, however many people."""
    if (subject_id is None) == (deployment_id is None):
        raise ValueError("timeline() takes a subject or a deployment.")
    if subject_id is not None:
        events = Event.objects.about(subject_id)
    else:
        assert deployment_id is not None
        events = Event.objects.of_deployment(deployment_id)
    return entries(events[:limit])


def together(subject_ids: Collection[UUID], *, limit: int = 50) -> list[Entry]:
    """Return the newest events of several objects."""
    if not subject_ids:
        return []
    events = Event.objects.since_made(*subject_ids).filter(subject_id__in=subject_ids)
    return entries(events.order_by("-id")[:limit])


def entries(events: Iterable[Event]) -> list[Entry]:
    """Give events the names of their actors, with one query for all of them."""
    found = list(events)
    who = names({event.actor_id for event in found if event.actor_id})
    return [
        Entry(event, _who(event, who), event.sentence, event.at, ICONS.get(event.actor_kind, "hist")) for event in found
    ]


def names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of people by id; the log itself holds none."""
    people: dict[UUID, Any] = get_user_model()._default_manager.in_bulk(list(ids))
    return {pk: str(person) for pk, person in people.items()}


def _who(event: Event, known: dict[UUID, str]) -> str:
    if event.actor_id:
        return known.get(event.actor_id, GONE)
    return f"{SYSTEM}, {event.actor_process.replace('_', ' ')}" if event.actor_process else SYSTEM
