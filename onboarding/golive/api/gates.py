"""Gates of a deployment: where each stands now, with the sentence behind every criterion."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from api.viewsets import ScopedViewSet
from facts.criteria import Outcome
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment
from onboarding.golive.gates import outcome_of
from onboarding.golive.models import GatePass
from onboarding.golive.readings import DeploymentReadings

STATES = ("passed", "lapsed", "ready", "open")


class CriterionSerializer(serializers.Serializer[Any]):
    """One criterion as it stands."""

    holds = serializers.BooleanField(allow_null=True, help_text="null: nothing is known, or what is known is too old")
    says = serializers.CharField(help_text="Why, in a sentence")


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


def _gates(deployment: Deployment, key: str | None = None) -> list[dict[str, Any]]:
    readings = DeploymentReadings(deployment.pk)
    passed = dict(GatePass.objects.in_force().filter(deployment=deployment).values_list("gate", "passed_at"))
    return [
        _gate(gate, outcome_of(deployment, gate, readings), passed.get(gate["key"]))
        for gate in deployment.playbook_version.gates
        if key in (None, gate["key"])
    ]


def _gate(gate: dict[str, Any], outcome: Outcome, passed_at: Any) -> dict[str, Any]:
    yes, no = ("passed", "lapsed") if passed_at else ("ready", "open")
    return {
        **gate,
        "state": yes if outcome.holds else no,
        "passed_at": passed_at,
        "holds": outcome.holds,
        "criteria": outcome.parts or (outcome,),
    }
