"""Tickets of a deployment: a tool or a service desk reports here what it sees."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from api.filters import choice, words
from api.idempotency import once
from api.problems import refusing
from api.serializers import Body
from api.viewsets import ScopedViewSet
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment
from onboarding.hypercare.models import Ticket
from onboarding.hypercare.models.ticket import TicketRefused
from onboarding.hypercare.severity import Severity


class TicketSerializer(serializers.ModelSerializer[Ticket]):
    """A defect, a question or a request."""

    code = serializers.CharField(read_only=True, help_text="D, Q or R with its number")

    class Meta:
        model = Ticket
        fields = (
            "id",
            "deployment_id",
            "number",
            "code",
            "kind",
            "severity",
            "title",
            "detail",
            "topic",
            "safety",
            "state",
            "workaround",
            "plan",
            "item_id",
            "reported_at",
            "due_at",
            "taken_up_at",
            "fixed_at",
            "closed_at",
            "tier",
            "resolution",
            "safety_reviewed_at",
            "version",
        )


class TicketReport(Body):
    """What was seen. Never patient data."""

    kind = serializers.ChoiceField(Ticket.Kind.choices)
    severity = serializers.ChoiceField(
        Severity.values, required=False, allow_null=True, default=None, help_text="Of a defect: 1 to 4"
    )
    title = serializers.CharField(max_length=160)
    detail = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")
    topic = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    workaround = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    safety = serializers.BooleanField(required=False, default=False)


class TicketMove(Body):
    """Where it goes, and what was done."""

    state = serializers.ChoiceField(Ticket.State.choices)
    resolution = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    tier = serializers.ChoiceField(Ticket.Tier.values, required=False, allow_null=True, default=None)


class TicketViewSet(ScopedViewSet):
    """The register of a deployment; whoever sees its items sees it."""

    serializer_class = TicketSerializer
    needs = {
        "list": Permission.ITEM_READ,
        "retrieve": Permission.ITEM_READ,
        "create": Permission.ITEM_WORK,
        "move": Permission.ITEM_WORK,
    }
    filters = {
        "kind": choice("kind", Ticket.Kind.values, "Defects, questions or requests"),
        "state": choice("state", Ticket.State.values, "Tickets in one state"),
        "severity": choice("severity", Severity.values, "Defects of one severity"),
        "topic": words("topic", "Tickets of one topic"),
    }
    keyset = ("number", "id")

    def rows(self) -> QuerySet[Any]:
        """Return the deployment's tickets; raise Http404 without the deployment."""
        return Ticket.objects.filter(deployment=self._deployment())

    def get_object(self) -> Any:
        """Return the ticket of that number; raise Http404."""
        found = self.rows().filter(number=self.kwargs["number"]).first() if self.kwargs["number"] < 2**31 else None
        if found is None:
            raise Http404
        return found

    def version_of(self, found: Ticket) -> tuple[Any, ...]:
        """Rises with every change."""
        return (found.version,)

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List the tickets of a deployment, in the order in which they were reported."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show a ticket."""
        return super().retrieve(request, **kwargs)

    @extend_schema(request=TicketReport, responses={201: TicketSerializer})
    @once
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Report what was seen; a defect needs its severity, anything else has none."""
        deployment, body = self._deployment(), self.body(TicketReport)
        with refusing(TicketRefused):
            ticket = Ticket.report(deployment, by=self.by, **body)
        return self.answer(ticket, status=201)

    @extend_schema(request=TicketMove, responses=TicketSerializer)
    @once
    def move(self, request: Request, **kwargs: Any) -> Response:
        """Move it on: working, fixed, closed, declined, or open again."""
        ticket, body = self.get_object(), self.body(TicketMove)
        with refusing(TicketRefused):
            ticket.move(body["state"], by=self.by, resolution=body["resolution"], tier=body["tier"])
        return self.answer(self.get_object())

    def _deployment(self) -> Deployment:
        return Lens.of(self.request).deployment(self.kwargs["deployment"])
