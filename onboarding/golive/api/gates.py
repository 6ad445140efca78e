"""Gates of a deployment: where each stands now, with the sentence behind every criterion."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from api.viewsets import ScopedViewSet
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment
from onboarding.golive.gates import Standing, standings

STATES = ("passed", "lapsed", "ready", "open")


class CriterionSerializer(serializers.Serializer[Any]):
    """One criterion as it stands."""

    holds = serializers.BooleanField(allow_null=True, help_text="null: nothing is known, or what is known is too old")
    stale = serializers.BooleanField(help_text="Whether something is known, but lapsed or too old")
    says = serializers.CharField(help_text="Why, in a sentence")
    lapses_at = serializers.DateTimeField(allow_null=True, help_text="When time alone may change it")


class GateSerializer(serializers.Serializer[Any]):
    """A gate, computed from facts in the moment it is asked for."""

    key = serializers.CharField()
    title = serializers.CharField()
    stage = serializers.IntegerField()
    kind = serializers.CharField(help_text="automatic or signed")
    state = serializers.ChoiceField(STATES)
    passed_at = serializers.DateTimeField(allow_null=True)
    holds = serializers.BooleanField(allow_null=True, help_text="Whether all criteria hold now")
    criteria = CriterionSerializer(many=True)


class GatesSerializer(serializers.Serializer[Any]):
    """All gates of a deployment, in order."""

    results = GateSerializer(many=True)


class GateViewSet(ScopedViewSet):
    """The gates of a deployment."""

    serializer_class = GateSerializer
    needs = {"index": Permission.GATE_READ, "show": Permission.GATE_READ}
    pagination_class = None
    filter_backends = ()

    @extend_schema(responses=GatesSerializer)
    def index(self, request: Request, **kwargs: Any) -> Response:
        """List the gates of a deployment, in order."""
        deployment = Lens.of(request._request).deployment(self.kwargs["deployment"])
        return Response({"results": GateSerializer(_gates(deployment), many=True).data})

    @extend_schema(responses=GateSerializer)
    def show(self, request: Request, **kwargs: Any) -> Response:
        """Show a gate, by its key."""
        deployment = Lens.of(request._request).deployment(self.kwargs["deployment"])
        for gate in _gates(deployment, self.kwargs["gate"]):
            return Response(GateSerializer(gate).data)
        raise Http404


def _gates(deployment: Deployment, *keys: str) -> list[dict[str, Any]]:
    return [_gate(one) for one in standings(deployment, *keys)]


def _gate(standing: Standing) -> dict[str, Any]:
    outcome = standing.outcome
    return {
        **standing.gate,
        "state": standing.state,
        "passed_at": standing.held.passed_at if standing.held else None,
        "holds": outcome.holds,
        "criteria": outcome.parts if outcome.joined == "all" else (outcome,),
    }
