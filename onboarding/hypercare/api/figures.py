"""Hypercare of a deployment: what ends it, and the figures that a tool reports each day."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from access.require import NotAllowed
from api.idempotency import once
from api.problems import refusing
from api.serializers import Body, Reason
from api.viewsets import ScopedViewSet
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment
from onboarding.golive.api.signing import SignatureBody, take_proof
from onboarding.golive.models.signature import SignatureRefused
from onboarding.hypercare.actions.report_figures import UnknownFigure, report_figures
from onboarding.hypercare.exit import outcome_now
from onboarding.hypercare.models import Extension, Hypercare
from onboarding.hypercare.models.period import HypercareRefused


class FigureSerializer(serializers.Serializer[Any]):
    """One of the criteria as it stands."""

    holds = serializers.BooleanField(allow_null=True, help_text="null: nothing is known, or what is known is too old")
    says = serializers.CharField()


class ExtensionSerializer(serializers.ModelSerializer[Extension]):
    """More weeks: asked for, and what became of it. The approval is a signature."""

    class Meta:
        model = Extension
        fields = (
            "id",
            "until",
            "reason",
            "state",
            "asked_by_id",
            "asked_at",
            "answered_by_id",
            "answered_at",
            "answer",
        )


class HypercareSerializer(serializers.Serializer[Any]):
    """Where hypercare stands."""

    state = serializers.ChoiceField([*Hypercare.State.values, "not_begun"])
    began_on = serializers.DateField(allow_null=True)
    until = serializers.DateField(allow_null=True)
    holds = serializers.BooleanField(allow_null=True, help_text="Whether all figures of the day hold now")
    figures = FigureSerializer(many=True)
    extensions = ExtensionSerializer(many=True, help_text="None for partners")


class Figures(Body):
    """The figures of a day; what is left out is not reported. Shares go from 0 to 1."""

    active_users = serializers.IntegerField(min_value=0, required=False)
    message_success = serializers.FloatField(min_value=0, max_value=1, required=False)
    deliverers_active_share = serializers.FloatField(min_value=0, max_value=1, required=False)
    tickets_per_active_user_week = serializers.FloatField(min_value=0, required=False)
    ticket_rate_falling_days = serializers.IntegerField(min_value=0, required=False)
    tier1_solved_share = serializers.FloatField(min_value=0, max_value=1, required=False)
    top_issues_without_article = serializers.IntegerField(min_value=0, required=False)


class ExtensionBody(Body):
    """Until when, and why it takes longer."""

    until = serializers.DateField()
    reason = serializers.CharField(max_length=500)


class HypercareViewSet(ScopedViewSet):
    """Hypercare of one deployment."""

    serializer_class = HypercareSerializer
    needs = {
        "show": Permission.GATE_READ,
        "report": Permission.GO_LIVE,
        "extend": Permission.DEPLOYMENT_PLAN,
        "approve": Permission.GATE_SIGN,
        "refuse": Permission.GATE_SIGN,
    }
    pagination_class = None
    filter_backends = ()

    @extend_schema(responses=HypercareSerializer)
    def show(self, request: Request, **kwargs: Any) -> Response:
        """Show where hypercare stands and what its exit still needs."""
        return Response(HypercareSerializer(self._standing()).data)

    @extend_schema(request=Figures, responses=HypercareSerializer)
    @once
    def report(self, request: Request, **kwargs: Any) -> Response:
        """Report the figures of a day. The desk's four are refused where the register computes them."""
        deployment, body = self._deployment(), self.body(Figures)
        if not Lens.of(self.request).of_host:
            raise NotAllowed(Permission.GO_LIVE)
        with refusing(UnknownFigure):
            report_figures(deployment, body, by=self.by)
        return Response(HypercareSerializer(self._standing()).data)

    @extend_schema(request=ExtensionBody, responses=HypercareSerializer)
    @once
    def extend(self, request: Request, **kwargs: Any) -> Response:
        """Ask for more weeks; a second person approves with a signature."""
        deployment, body = self._deployment(), self.body(ExtensionBody)
        if not Lens.of(self.request).of_host:
            raise NotAllowed(Permission.DEPLOYMENT_PLAN)
        period = Hypercare.objects.running().filter(deployment=deployment).first()
        if period is None:
            raise Http404
        with refusing(HypercareRefused):
            Extension.ask(period, until=body["until"], reason=body["reason"], by=self.by)
        return Response(HypercareSerializer(self._standing()).data)

    @extend_schema(request=SignatureBody, responses=HypercareSerializer)
    def approve(self, request: Request, **kwargs: Any) -> Response:
        """Approve the weeks that were asked for, with a signature, as a second person."""
        asked, body = self._asked(), self.body(SignatureBody)
        with refusing(HypercareRefused, SignatureRefused):
            asked.approve(**take_proof(request, body), by=self.by)
        return Response(HypercareSerializer(self._standing()).data)

    @extend_schema(request=Reason, responses=HypercareSerializer)
    @once
    def refuse(self, request: Request, **kwargs: Any) -> Response:
        """Refuse the weeks that were asked for, with a reason."""
        asked, body = self._asked(), self.body(Reason)
        with refusing(HypercareRefused):
            asked.refuse(reason=body["reason"], by=self.by)
        return Response(HypercareSerializer(self._standing()).data)

    def _asked(self) -> Extension:
        """Return the question that waits; raise NotAllowed for partners, and Http404."""
        deployment = self._deployment()
        if not Lens.of(self.request).of_host:
            raise NotAllowed(Permission.GATE_SIGN)
        asked: Extension | None = Extension.objects.waiting().filter(deployment=deployment).first()
        if asked is None:
            raise Http404
        return asked

    def _standing(self) -> dict[str, Any]:
        return _standing(self._deployment(), of_host=Lens.of(self.request).of_host)

    def _deployment(self) -> Deployment:
        return Lens.of(self.request).deployment(self.kwargs["deployment"])


def _standing(deployment: Deployment, *, of_host: bool) -> dict[str, Any]:
    period = Hypercare.objects.filter(deployment=deployment).order_by("-began_on", "-pk").first()
    outcome = outcome_now(deployment)
    return {
        "state": period.state if period else "not_begun",
        "began_on": period.began_on if period else None,
        "until": period.until if period else None,
        "holds": outcome.holds if outcome else None,
        "figures": outcome.parts if outcome else (),
        "extensions": Extension.objects.filter(hypercare=period).order_by("asked_at") if period and of_host else (),
    }
