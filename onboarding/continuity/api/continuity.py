"""What keeps a tool going at a site: the champion, a hand-over that goes on, and how long the money lasts."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from access.require import NotAllowed
from accounts.models import User
from api.idempotency import once
from api.problems import refusing
from api.serializers import Body, Nothing
from api.viewsets import ScopedViewSet
from onboarding.continuity.models import ChampionHandOver, FundingSource, MonthlyCost
from onboarding.continuity.models.funding import FundingRefused
from onboarding.continuity.models.hand_over import CHAMPION, STEPS, HandOverRefused
from onboarding.continuity.standing import cost_of, days_vacant, runway_of, state_runway
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment, TeamRole
from onboarding.deployments.people import host_people


class HandOverStep(serializers.Serializer[Any]):
    """One step of a hand-over."""

    key = serializers.CharField()
    title = serializers.CharField()
    done_on = serializers.DateField(allow_null=True)


class HandOverSerializer(serializers.Serializer[Any]):
    """A champion who leaves."""

    leaving_id = serializers.UUIDField()
    last_day = serializers.DateField()
    steps = HandOverStep(many=True)


class ContinuitySerializer(serializers.Serializer[Any]):
    """The champion and the money of a deployment."""

    champion_id = serializers.UUIDField(allow_null=True)
    deputy_id = serializers.UUIDField(allow_null=True)
    days_vacant = serializers.IntegerField(help_text="Days without a champion; 0 where there is one")
    hand_over = HandOverSerializer(allow_null=True)
    runway_months = serializers.FloatField(allow_null=True, help_text="Of the program; null where it is not known")


class Leaving(Body):
    """The champion's last day."""

    last_day = serializers.DateField()


class Successor(Body):
    """Who takes the role up."""

    person_id = serializers.UUIDField()


class FundingNote(Body):
    """Money that pays for the program; the same title again says what is left of it."""

    title = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(FundingSource.Kind.choices)
    left = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0)
    begins_on = serializers.DateField()
    ends_on = serializers.DateField(required=False, allow_null=True, default=None)


class MonthlyCostNote(Body):
    """What the program costs a month from now on."""

    amount = serializers.DecimalField(max_digits=12, decimal_places=2)


class FundingSourceSerializer(serializers.ModelSerializer[FundingSource]):
    """A funding source."""

    class Meta:
        model = FundingSource
        fields = ("id", "title", "kind", "left", "as_of", "begins_on", "ends_on")


class FundingSerializer(serializers.Serializer[Any]):
    """What a deployment's program lives on, for who reads contracts."""

    cost = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True, help_text="Of a month")
    runway_months = serializers.FloatField(allow_null=True, help_text="null where it is not known")
    sources = FundingSourceSerializer(many=True)


class FundingViewSet(ScopedViewSet):
    """The money behind one deployment's program, for the host's own people who read contracts."""

    serializer_class = FundingSerializer
    needs = {"show": Permission.BILLING_READ, "note": Permission.BILLING_MANAGE, "cost": Permission.BILLING_MANAGE}
    pagination_class = None
    filter_backends = ()

    @extend_schema(responses=FundingSerializer)
    def show(self, request: Request, **kwargs: Any) -> Response:
        """Show the sources, the cost of a month, and how long the money lasts."""
        return Response(FundingSerializer(_funding(self._deployment())).data)

    @extend_schema(request=FundingNote, responses=FundingSerializer)
    @once
    def note(self, request: Request, **kwargs: Any) -> Response:
        """Note a source, or what is left of one."""
        deployment, body = self._deployment(), self.body(FundingNote)
        with refusing(FundingRefused):
            FundingSource.note(deployment.program, **body, by=self.by)
        state_runway(deployment.program)
        return Response(FundingSerializer(_funding(deployment)).data)

    @extend_schema(request=MonthlyCostNote, responses=FundingSerializer)
    @once
    def cost(self, request: Request, **kwargs: Any) -> Response:
        """Note what a month costs."""
        deployment, body = self._deployment(), self.body(MonthlyCostNote)
        with refusing(FundingRefused):
            MonthlyCost.note(deployment.program, amount=body["amount"], by=self.by)
        state_runway(deployment.program)
        return Response(FundingSerializer(_funding(deployment)).data)

    def _deployment(self) -> Deployment:
        return _of_host(self, Permission.BILLING_READ)


class ContinuityViewSet(ScopedViewSet):
    """Continuity of one deployment, for the host's own people."""

    serializer_class = ContinuitySerializer
    needs = {
        "show": Permission.COMMENT_INTERNAL,
        "begin": Permission.DEPLOYMENT_PLAN,
        "tick": Permission.ITEM_WORK,
        "finish": Permission.DEPLOYMENT_PLAN,
        "withdraw": Permission.DEPLOYMENT_PLAN,
    }
    pagination_class = None
    filter_backends = ()

    @extend_schema(responses=ContinuitySerializer)
    def show(self, request: Request, **kwargs: Any) -> Response:
        """Show champion, hand-over and runway."""
        return Response(ContinuitySerializer(_standing(self._deployment())).data)

    @extend_schema(request=Leaving, responses=ContinuitySerializer)
    @once
    def begin(self, request: Request, **kwargs: Any) -> Response:
        """Begin the hand-over of a champion who leaves."""
        deployment, body = self._deployment(), self.body(Leaving)
        with refusing(HandOverRefused):
            ChampionHandOver.begin(deployment, last_day=body["last_day"], by=self.by)
        return Response(ContinuitySerializer(_standing(deployment)).data)

    @extend_schema(request=Nothing, responses=ContinuitySerializer)
    @once
    def tick(self, request: Request, **kwargs: Any) -> Response:
        """Say that a step of the hand-over is done."""
        deployment = self._deployment()
        self.body(Nothing)
        if self.kwargs["step"] not in STEPS:
            raise Http404
        going = self._going(deployment)
        with refusing(HandOverRefused):
            going.tick(self.kwargs["step"], by=self.by)
        return Response(ContinuitySerializer(_standing(deployment)).data)

    @extend_schema(request=Successor, responses=ContinuitySerializer)
    @once
    def finish(self, request: Request, **kwargs: Any) -> Response:
        """Hand the role over to the successor, once every step is done."""
        deployment, body = self._deployment(), self.body(Successor)
        if body["person_id"] not in {one.id for one in host_people(deployment.pk)}:
            raise Http404
        successor = User.objects.get(pk=body["person_id"])
        with refusing(HandOverRefused):
            self._going(deployment).finish(successor, by=self.by)
        return Response(ContinuitySerializer(_standing(deployment)).data)

    @extend_schema(request=Nothing, responses=ContinuitySerializer)
    @once
    def withdraw(self, request: Request, **kwargs: Any) -> Response:
        """The champion stays."""
        deployment = self._deployment()
        self.body(Nothing)
        self._going(deployment).withdraw(by=self.by)
        return Response(ContinuitySerializer(_standing(deployment)).data)

    def _going(self, deployment: Deployment) -> ChampionHandOver:
        going: ChampionHandOver | None = ChampionHandOver.objects.running().filter(deployment=deployment).first()
        if going is None:
            raise Http404
        return going

    def _deployment(self) -> Deployment:
        return _of_host(self, Permission.COMMENT_INTERNAL)


def _of_host(view: ScopedViewSet, permission: Permission) -> Deployment:
    lens = Lens.of(view.request._request)
    if not lens.of_host:
        raise NotAllowed(permission)
    return lens.deployment(view.kwargs["deployment"])


def _funding(deployment: Deployment) -> dict[str, Any]:
    program = deployment.program
    return {
        "cost": cost_of(program),
        "runway_months": runway_of(program),
        "sources": FundingSource.objects.filter(program=program).order_by("title"),
    }


def _standing(deployment: Deployment) -> dict[str, Any]:
    role = TeamRole.objects.filter(deployment=deployment, code=CHAMPION).first()
    going = ChampionHandOver.objects.running().filter(deployment=deployment).first()
    return {
        "champion_id": role.person_id if role else None,
        "deputy_id": role.deputy_id if role else None,
        "days_vacant": days_vacant(role, timezone.localdate()) if role else 0,
        "hand_over": {
            "leaving_id": going.leaving_id,
            "last_day": going.last_day,
            "steps": [{"key": key, "title": title, "done_on": going.done.get(key)} for key, title in STEPS.items()],
        }
        if going
        else None,
        "runway_months": runway_of(deployment.program),
    }
