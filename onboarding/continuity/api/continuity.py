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
from api.idempotency import once
from api.problems import refusing
from api.serializers import Body, Nothing
from api.viewsets import ScopedViewSet
from onboarding.continuity.models import ChampionHandOver
from onboarding.continuity.models.hand_over import CHAMPION, STEPS, HandOverRefused
from onboarding.continuity.standing import days_vacant, runway_of
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment, TeamRole


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


class ContinuityViewSet(ScopedViewSet):
    """Continuity of one deployment, for the host's own people."""

    serializer_class = ContinuitySerializer
    needs = {
        "show": Permission.COMMENT_INTERNAL,
        "begin": Permission.DEPLOYMENT_PLAN,
        "tick": Permission.ITEM_WORK,
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
        going = ChampionHandOver.objects.running().filter(deployment=deployment).first()
        if going is None or self.kwargs["step"] not in STEPS:
            raise Http404
        with refusing(HandOverRefused):
            going.tick(self.kwargs["step"], by=self.by)
        return Response(ContinuitySerializer(_standing(deployment)).data)

    def _deployment(self) -> Deployment:
        lens = Lens.of(self.request._request)
        if not lens.of_host:
            raise NotAllowed(Permission.COMMENT_INTERNAL)
        return lens.deployment(self.kwargs["deployment"])


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
