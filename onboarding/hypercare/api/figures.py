"""Hypercare of a deployment: what ends it, and the figures that a tool reports each day."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from access.require import NotAllowed
from api.idempotency import once
from api.problems import refusing
from api.serializers import Body
from api.viewsets import ScopedViewSet
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment
from onboarding.hypercare.actions.report_figures import UnknownFigure, report_figures
from onboarding.hypercare.exit import outcome_now
from onboarding.hypercare.models import Hypercare


class FigureSerializer(serializers.Serializer[Any]):
    """One of the criteria as it stands."""

    holds = serializers.BooleanField(allow_null=True, help_text="null: nothing is known, or what is known is too old")
    says = serializers.CharField()


class HypercareSerializer(serializers.Serializer[Any]):
    """Where hypercare stands."""

    state = serializers.ChoiceField([*Hypercare.State.values, "not_begun"])
    began_on = serializers.DateField(allow_null=True)
    until = serializers.DateField(allow_null=True)
    holds = serializers.BooleanField(allow_null=True, help_text="Whether all figures of the day hold now")
    figures = FigureSerializer(many=True)


class Figures(Body):
    """The figures of a day; what is left out is not reported. Shares go from 0 to 1."""

    active_users = serializers.IntegerField(min_value=0, required=False)
    message_success = serializers.FloatField(min_value=0, max_value=1, required=False)
    deliverers_active_share = serializers.FloatField(min_value=0, max_value=1, required=False)
    tickets_per_active_user_week = serializers.FloatField(min_value=0, required=False)
    ticket_rate_falling_days = serializers.IntegerField(min_value=0, required=False)
    tier1_solved_share = serializers.FloatField(min_value=0, max_value=1, required=False)
    top_issues_without_article = serializers.IntegerField(min_value=0, required=False)


class HypercareViewSet(ScopedViewSet):
    """Hypercare of one deployment."""

    serializer_class = HypercareSerializer
    needs = {"show": Permission.GATE_READ, "report": Permission.GO_LIVE}
    pagination_class = None
    filter_backends = ()

    @extend_schema(responses=HypercareSerializer)
    def show(self, request: Request, **kwargs: Any) -> Response:
        """Show where hypercare stands and what its exit still needs."""
        return Response(HypercareSerializer(_standing(self._deployment())).data)

    @extend_schema(request=Figures, responses=HypercareSerializer)
    @once
    def report(self, request: Request, **kwargs: Any) -> Response:
        """Report the figures of a day. The desk's four are refused where the register computes them."""
        deployment, body = self._deployment(), self.body(Figures)
        if not Lens.of(self.request).of_host:
            raise NotAllowed(Permission.GO_LIVE)
        with refusing(UnknownFigure):
            report_figures(deployment, body, by=self.by)
        return Response(HypercareSerializer(_standing(self._deployment())).data)

    def _deployment(self) -> Deployment:
        return Lens.of(self.request).deployment(self.kwargs["deployment"])


def _standing(deployment: Deployment) -> dict[str, Any]:
    period = Hypercare.objects.filter(deployment=deployment).order_by("-began_on", "-pk").first()
    outcome = outcome_now(deployment)
    return {
        "state": period.state if period else "not_begun",
        "began_on": period.began_on if period else None,
        "until": period.until if period else None,
        "holds": outcome.holds if outcome else None,
        "figures": outcome.parts if outcome else (),
    }
