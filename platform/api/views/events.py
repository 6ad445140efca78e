"""The event log, to be followed: a caller that comes back with the last `next` misses nothing and sees nothing twice."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Func, QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from api.filters import Filter, identifier, moment, words
from api.viewsets import ScopedViewSet
from audit import vocabulary
from audit.models import Event
from audit.models.event import TransactionId
from tenancy.prepared import once


class OldestRunning(Func):
    """Below it no transaction can still commit an event."""

    template = "pg_snapshot_xmin(pg_current_snapshot())"
    output_field = TransactionId()


class EventSerializer(serializers.ModelSerializer[Event]):
    """Something that a verb did; people stand in it by id only."""

    sentence = serializers.CharField(read_only=True, help_text="What happened, to be read after the actor's name")

    class Meta:
        model = Event
        fields = (
            "id",
            "action",
            "sentence",
            "subject_type",
            "subject_id",
            "deployment_id",
            "actor_kind",
            "actor_id",
            "actor_organization_id",
            "actor_process",
            "data",
            "at",
            "recorded_at",
        )


def _known_action(text: str) -> str:
    try:
        return vocabulary.find(text).name
    except vocabulary.UnknownAction as unknown:
        raise ValueError(str(unknown)) from None


class EventViewSet(ScopedViewSet):
    """Events in the order in which they were committed."""

    serializer_class = EventSerializer
    needs = {"list": Permission.AUDIT_READ, "retrieve": Permission.AUDIT_READ}
    filters = {
        "action": Filter("action", "Events of one action", _known_action, words("action", "").schema),
        "subject": identifier("subject_id", "Events about one object"),
        "deployment": identifier("deployment_id", "Events of a deployment and everything in it"),
        "actor": identifier("actor_id", "What one person, or their tokens, did"),
        "since": moment("at__gte", "Events at this moment or later"),
    }
    keyset = ("xact", "id")
    follows = True

    def rows(self) -> QuerySet[Any]:
        """Return the events that no running transaction can come before."""
        return Event.objects.filter(xact__lt=OldestRunning())

    def read(self, rows: QuerySet[Any]) -> Sequence[Any]:
        """Read one page over every month of the log, for none may be left out, with a plan that is made once."""
        return once(rows)

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List events, oldest first.

        `next` is there at the end too: come back with it for what has happened since. An event appears once every
        transaction that began before it has ended, within moments.
        """
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show an event."""
        return super().retrieve(request, **kwargs)
