"""Deployments: where each stands, and its go-live date."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from api import filters
from api.filters import choice, identifier
from api.idempotency import once
from api.problems import BadParameter, refusing
from api.serializers import Body
from api.viewsets import ScopedViewSet
from onboarding.deployments.actions.move_go_live import Shift, move_go_live, preview_go_live
from onboarding.deployments.api.programs import ToolSerializer
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment
from onboarding.deployments.models.deployment import CannotMove
from tenancy.models import Site

GO_LIVE = filters.day("", "The date to try")


class SiteNameSerializer(serializers.ModelSerializer[Site]):
    """A site by name."""

    class Meta:
        model = Site
        fields = ("id", "name", "city", "region")


class DeploymentSerializer(serializers.ModelSerializer[Deployment]):
    """One tool version at one site; figures are rolled up from its items in the moment they change."""

    site = SiteNameSerializer(read_only=True)
    tool = ToolSerializer(source="tool_version", read_only=True)
    wave = serializers.IntegerField(source="wave.number", read_only=True, allow_null=True, default=None)
    stages = serializers.DictField(
        child=serializers.ListField(child=serializers.IntegerField()), help_text="Stage number to [done, counted]"
    )
    gates = serializers.DictField(child=serializers.DictField(), help_text="Gate key to where it stands")

    class Meta:
        model = Deployment
        fields = (
            "id",
            "program_id",
            "site",
            "wave",
            "tool",
            "playbook_version_id",
            "tier",
            "state",
            "planned_at",
            "go_live_on",
            "baseline_go_live_on",
            "went_live_at",
            "stage",
            "stages",
            "items_counted",
            "items_done",
            "items_blocked",
            "next_due_on",
            "gates",
            "version",
        )


class ShiftSerializer(serializers.Serializer[Shift]):
    """One due date that moves."""

    item_id = serializers.UUIDField(source="item.pk")
    number = serializers.IntegerField(source="item.number")
    title = serializers.CharField(source="item.title")
    before = serializers.DateField()
    after = serializers.DateField()


@dataclass(frozen=True, slots=True)
class Move:
    """What moving go-live does."""

    go_live_on: date
    shifts: list[Shift]


class MoveSerializer(serializers.Serializer[Move]):
    """A go-live date and every due date that moves with it."""

    go_live_on = serializers.DateField()
    shifts = ShiftSerializer(many=True)


class MoveGoLive(Body):
    """The new date and why."""

    go_live_on = serializers.DateField()
    reason = serializers.CharField(max_length=500)


class DeploymentViewSet(ScopedViewSet):
    """Deployments; a partner sees those shared with it."""

    serializer_class = DeploymentSerializer
    needs = {
        "list": Permission.DEPLOYMENT_READ,
        "retrieve": Permission.DEPLOYMENT_READ,
        "preview_move": Permission.DEPLOYMENT_PLAN,
        "move_go_live": Permission.DEPLOYMENT_PLAN,
    }
    parameters = {"preview_move": {"go_live_on"}}
    filters = {
        "state": choice("state", Deployment.State.values, "Deployments in one state"),
        "site": identifier("site_id", "Deployments at one site"),
        "program": identifier("program_id", "Deployments of one program"),
        "go_live_from": filters.day("go_live_on__gte", "Go-live on this day or later"),
        "go_live_until": filters.day("go_live_on__lte", "Go-live on this day or earlier"),
    }

    def rows(self) -> QuerySet[Any]:
        """Return the deployments in reach; without the playbook's content, which a page's head reads and a list does not."""
        return Deployment.objects.select_related("site", "wave", "tool_version__tool")

    def get_object(self) -> Any:
        """Return the deployment as the caller's lens shows it."""
        return Lens.of(self.request).deployment(self.kwargs["deployment"])

    def version_of(self, found: Deployment) -> tuple[Any, ...]:
        """Rises with every change of an item; gates follow facts as well."""
        return found.version, sorted(found.gates.items()), found.site.updated_at

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List deployments, oldest first."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show a deployment."""
        return super().retrieve(request, **kwargs)

    @extend_schema(
        parameters=[OpenApiParameter("go_live_on", OpenApiTypes.DATE, required=True, description=GO_LIVE.says)],
        responses=MoveSerializer,
    )
    def preview_move(self, request: Request, **kwargs: Any) -> Response:
        """Show which due dates another go-live date would move. Nothing is moved."""
        text = request.query_params.get("go_live_on")
        if text is None:
            raise BadParameter("go_live_on", "Give the date to try.")
        try:
            day = GO_LIVE.reads(text)
        except ValueError as error:
            raise BadParameter("go_live_on", str(error)) from None
        return Response(MoveSerializer(Move(day, preview_go_live(self.get_object(), day))).data)

    @extend_schema(request=MoveGoLive, responses=MoveSerializer)
    @once
    def move_go_live(self, request: Request, **kwargs: Any) -> Response:
        """Move go-live, and with it the open items planned from it. The baseline stays."""
        found, body = self.get_object(), self.body(MoveGoLive)
        with refusing(CannotMove, ValueError):
            shifts = move_go_live(found, body["go_live_on"], by=self.by, reason=body["reason"])
        return Response(MoveSerializer(Move(body["go_live_on"], shifts)).data)
