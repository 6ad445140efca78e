"""The go-live of a wave, or of several deployments: what would move, and moving all of it at once."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from api import filters
from api.idempotency import once
from api.problems import BadParameter, refusing
from api.serializers import Body
from api.viewsets import ScopedViewSet
from onboarding.deployments.actions.edit_items import PreviewIsOld
from onboarding.deployments.models import Change, Deployment, Wave
from onboarding.deployments.models.deployment import CannotMove
from onboarding.plans.actions.move_many import LARGEST, Line, Target, digest, look, move_many, said
from onboarding.plans.api.plans import MoveSerializer, within_reach
from onboarding.plans.preview import reachable

WAVE = filters.identifier("", "The wave to move")
TO = filters.day("", "Go-live on this day")
FARTHEST = 366
"""Calendar days by which a go-live moves at most, as on the page."""


class GoLiveLineSerializer(serializers.Serializer[Line]):
    """What the move means for one deployment, or why it is left as it is."""

    deployment_id = serializers.UUIDField(source="deployment.pk")
    refused = serializers.CharField(help_text="Empty where it moves")
    move = MoveSerializer(source="preview", allow_null=True)


class GoLivesPreviewSerializer(serializers.Serializer[Any]):
    """Every shift of every deployment. Nothing is moved."""

    seen = serializers.CharField(help_text="A mark of what is shown: send it with the move")
    results = GoLiveLineSerializer(many=True)


class MoveGoLives(Body):
    """A wave or deployments, a date or a number of days, and why; `seen` is the mark of the preview."""

    wave = serializers.UUIDField(required=False)
    deployments = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=LARGEST)
    to = serializers.DateField(required=False, validators=[within_reach])
    days = serializers.IntegerField(required=False, min_value=-FARTHEST, max_value=FARTHEST)
    reason = serializers.CharField(max_length=500)
    seen = serializers.CharField(max_length=64)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse both, or neither, of what excludes each other."""
        for one, other in (("wave", "deployments"), ("to", "days")):
            if (one in attrs) == (other in attrs):
                raise serializers.ValidationError(f"Give {one} or {other}, and not both.")
        return attrs


class ChangeSerializer(serializers.ModelSerializer[Change]):
    """The entry in the ledger of changes; undone there."""

    class Meta:
        model = Change
        fields = ("id", "kind", "title", "made_at")


class GoLiveMoveViewSet(ScopedViewSet):
    """Moving several go-lives at once."""

    serializer_class = GoLivesPreviewSerializer
    pagination_class = None
    filter_backends = ()
    needs = {"preview": Permission.DEPLOYMENT_PLAN, "move": Permission.DEPLOYMENT_PLAN}
    parameters = {"preview": {"wave", "deployments", "to", "days"}}

    @extend_schema(
        parameters=[
            OpenApiParameter("wave", OpenApiTypes.UUID, description=WAVE.says),
            OpenApiParameter("deployments", OpenApiTypes.STR, description="Or ids of deployments, with commas"),
            OpenApiParameter("to", OpenApiTypes.DATE, description=TO.says),
            OpenApiParameter("days", OpenApiTypes.INT, description="Or so many calendar days later; negative: earlier"),
        ],
        responses=GoLivesPreviewSerializer,
    )
    def preview(self, request: Request, **kwargs: Any) -> Response:
        """Show every due date that would move in a wave or in several deployments. Nothing is moved."""
        asked = request.query_params
        for one, other in (("wave", "deployments"), ("to", "days")):
            if (one in asked) == (other in asked):
                raise BadParameter(one, f"Give {one} or {other}, and not both.")
        wave = _read("wave", asked["wave"], WAVE.reads) if "wave" in asked else None
        ids = _read("deployments", asked.get("deployments", ""), _ids) if wave is None else []
        to = _read("to", asked["to"], lambda text: reachable(TO.reads(text))) if "to" in asked else None
        target = Target(to, _read("days", asked.get("days", "0"), _days))
        lines = look(_deployments(wave, ids), target, today=timezone.localdate())
        return Response(GoLivesPreviewSerializer({"seen": digest(lines), "results": lines}).data)

    @extend_schema(request=MoveGoLives, responses={200: ChangeSerializer, 204: None})
    @once
    def move(self, request: Request, **kwargs: Any) -> Response:
        """Move them as the preview showed, in one transaction; 204 where all of them stand there already."""
        body = self.body(MoveGoLives)
        ids = _deployments(body.get("wave"), body.get("deployments", []))
        target = Target(body.get("to"), body.get("days", 0))
        with refusing(CannotMove, PreviewIsOld, ValueError):
            change = move_many(ids, target, by=self.by, reason=body["reason"], said=said(target), expected=body["seen"])
        return Response(status=204) if change is None else Response(ChangeSerializer(change).data)


def _deployments(wave: UUID | None, ids: list[UUID]) -> list[UUID]:
    if wave is None:
        return list(Deployment.objects.filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
    found = Wave.objects.filter(pk=wave).first()
    if found is None:
        raise Http404
    return list(Deployment.objects.running().filter(wave=found).order_by("pk").values_list("pk", flat=True)[:LARGEST])


def _read(name: str, text: str, reads: Any) -> Any:
    try:
        return reads(text)
    except ValueError as error:
        raise BadParameter(name, str(error)) from None


def _ids(text: str) -> list[UUID]:
    found = text.split(",")
    if len(found) > LARGEST:
        raise ValueError(f"Give at most {LARGEST}.")
    return [WAVE.reads(one.strip()) for one in found]


def _days(text: str) -> int:
    if not text.removeprefix("-").isdecimal() or abs(int(text[:6])) > FARTHEST:
        raise ValueError(f"Give a whole number between -{FARTHEST} and {FARTHEST}.")
    return int(text)
