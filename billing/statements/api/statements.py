"""Statements of the organization that pays, with the lines that add up to them."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from api.filters import choice, day, identifier
from api.viewsets import ScopedViewSet
from billing.statements.models import Line, Statement


class LineSerializer(serializers.ModelSerializer[Line]):
    """One line: written once, never changed; the amount can be computed again from the snapshot."""

    snapshot = serializers.DictField(read_only=True, help_text="Rule, fact, formula and what they were computed from")

    class Meta:
        model = Line
        fields = ("id", "number", "kind", "title", "amount", "deployment_id", "snapshot", "sha256", "opened_at")


class StatementSerializer(serializers.ModelSerializer[Statement]):
    """A month of a contract."""

    contract = serializers.CharField(source="contract.reference", read_only=True)

    class Meta:
        model = Statement
        fields = (
            "id",
            "reference",
            "contract_id",
            "contract",
            "period",
            "state",
            "opened_at",
            "reviewed_at",
            "finalized_at",
            "due_on",
            "total",
            "sha256",
        )


class FullStatementSerializer(StatementSerializer):
    """A statement with its lines."""

    lines = LineSerializer(many=True, read_only=True)

    class Meta(StatementSerializer.Meta):
        fields = (*StatementSerializer.Meta.fields, "lines")  # type: ignore[assignment]


class StatementViewSet(ScopedViewSet):
    """Statements under the organization's contracts."""

    serializer_class = StatementSerializer
    needs = {"list": Permission.BILLING_READ, "retrieve": Permission.BILLING_READ}
    filters = {
        "state": choice("state", Statement.State.values, "Statements in one state"),
        "contract": identifier("contract_id", "Statements of one contract"),
        "period_from": day("period__gte", "Of this month or later, by its first day"),
        "period_until": day("period__lte", "Of this month or earlier, by its first day"),
    }

    def get_serializer_class(self) -> Any:
        """Give the lines with a single statement only."""
        return FullStatementSerializer if self.action == "retrieve" else StatementSerializer

    def rows(self) -> QuerySet[Any]:
        """Return the organization's statements."""
        return Statement.objects.for_page()

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List statements, oldest first."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show a statement with its lines."""
        return super().retrieve(request, **kwargs)
