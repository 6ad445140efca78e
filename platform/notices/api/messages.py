"""The delivery ledger: what was said to whom, why, and what became of it."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from api.filters import choice, day, identifier, moment, words
from api.viewsets import ScopedViewSet
from notices.models import MessageEvent, Reminder
from notices.models.reminder import State


class MessageEventSerializer(serializers.ModelSerializer[MessageEvent]):
    """One try to hand the message over, or one word that came back about it."""

    class Meta:
        model = MessageEvent
        fields = ("at", "outcome", "source", "words", "provider_id", "resends")


class MessageSerializer(serializers.ModelSerializer[Reminder]):
    """One thing said to one person; several that went out as one mail share its Message-ID."""

    recipient = serializers.UUIDField(source="recipient_id", read_only=True)
    message_id = serializers.SerializerMethodField(help_text="Empty before it is first taken up")
    events = serializers.SerializerMethodField(help_text="In order, of the whole mail")

    class Meta:
        model = Reminder
        fields: ClassVar[Any] = (
            "id", "recipient", "sent_to", "kind", "subject_type", "subject_id", "deployment_id", "title", "step", "reason",
            "on", "time_zone", "due_at", "state", "attempt", "possible_duplicate", "last_error", "sent_at", "message_id",
            "events",
        )  # fmt: skip

    def get_message_id(self, row: Reminder) -> str:
        """Return the Message-ID of the copy sent last."""
        return row.message_id if row.message else ""

    @extend_schema_field(MessageEventSerializer(many=True))
    def get_events(self, row: Reminder) -> Any:
        """Return what happened to the mail."""
        return MessageEventSerializer(self.context["events"].get(row.message, []), many=True).data


class MessageViewSet(ScopedViewSet):
    """Messages, the earliest due first."""

    serializer_class = MessageSerializer
    needs = {"list": Permission.LEDGER_READ, "retrieve": Permission.LEDGER_READ}
    filters = {
        "state": choice("state", State.values, "Messages in one state"),
        "kind": words("kind", "Messages of one kind"),
        "recipient": identifier("recipient_id", "Messages to one person"),
        "subject": identifier("subject_id", "Messages about one object"),
        "deployment": identifier("deployment_id", "Messages about a deployment and everything in it"),
        "on": day("on", "Messages for one day of their recipients"),
        "since": moment("due_at__gte", "Messages due at this moment or later"),
    }
    keyset = ("due_at", "id")

    def rows(self) -> QuerySet[Any]:
        """Return every message of the organization."""
        return Reminder.objects.all()

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List messages, planned ones too."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show a message."""
        return super().retrieve(request, **kwargs)

    def shown(self, rows: Any) -> Any:
        """Return the rows with what happened to each, read in one statement."""
        return MessageSerializer(rows, many=True, context=self._events(rows)).data

    def get_serializer_context(self) -> dict[str, Any]:
        """Give the serializer of one row what happened to it."""
        context = dict(super().get_serializer_context())
        context.update(self._events([self.get_object()]) if "pk" in self.kwargs else {"events": {}})
        return context

    def _events(self, rows: Any) -> dict[str, Any]:
        events: dict[Any, list[MessageEvent]] = {}
        wanted = [row.message for row in rows if row.message]
        for event in MessageEvent.objects.filter(message__in=wanted).order_by("at", "id"):
            events.setdefault(event.message, []).append(event)
        return {"events": events}
