"""Facts: what is known, since when, and from whom."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from access.permissions import Permission
from access.require import can
from api.filters import Filter, flag, identifier, moment, words
from api.viewsets import ScopedViewSet
from facts.kinds import UnknownKind, find, private_names
from facts.models import Fact


class FactSerializer(serializers.ModelSerializer[Fact]):
    """A statement about a subject; a newer one of the same kind takes its place."""

    class Meta:
        model = Fact
        fields = (
            "id",
            "kind",
            "subject_type",
            "subject_id",
            "deployment_id",
            "value",
            "observed_at",
            "valid_until",
            "source",
            "evidence_id",
        )


def _known_kind(text: str) -> str:
    try:
        return find(text).name
    except UnknownKind as unknown:
        raise ValueError(str(unknown)) from None


def _current(facts: QuerySet[Fact], wanted: bool) -> QuerySet[Fact]:
    current = Fact.objects.current().values("pk")
    return facts.filter(pk__in=current) if wanted else facts.exclude(pk__in=current)


class FactViewSet(ScopedViewSet):
    """Statements in the order in which they were made."""

    serializer_class = FactSerializer
    needs = {"list": Permission.GATE_READ, "retrieve": Permission.GATE_READ}
    filters = {
        "kind": Filter("kind", "Facts of one kind", _known_kind, words("kind", "").schema),
        "subject": identifier("subject_id", "Facts about one subject"),
        "deployment": identifier("deployment_id", "Facts of one deployment"),
        "observed_since": moment("observed_at__gte", "Facts observed at this moment or later"),
        "current": flag(_current, "true: only the newest of each kind and subject; false: only what was replaced"),
    }

    def rows(self) -> QuerySet[Any]:
        """Return the facts in reach."""
        if can(self.request._request, Permission.BILLING_READ):
            return Fact.objects.all()
        return Fact.objects.exclude(kind__in=private_names())

    def list(self, request: Any, **kwargs: Any) -> Any:
        """List facts, oldest first."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Any, **kwargs: Any) -> Any:
        """Show a fact."""
        return super().retrieve(request, **kwargs)
