"""Deployments: where each stands, and its go-live date."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from api import filters
from api.filters import choice, identifier
from api.viewsets import ScopedViewSet
from onboarding.deployments.api.programs import ToolSerializer
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment
from tenancy.models import Site


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
            "kick_off_on",
            "baseline_go_live_on",
            "committed_on",
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


class DeploymentViewSet(ScopedViewSet):
    """Deployments; a partner sees those shared with it."""

    serializer_class = DeploymentSerializer
    needs = {
        "list": Permission.DEPLOYMENT_READ,
        "retrieve": Permission.DEPLOYMENT_READ,
    }
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
