"""Programs: one organization's adoption of one tool."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from api.filters import choice, words
from api.viewsets import ScopedViewSet
from onboarding.deployments.models import Deployment, Program
from onboarding.playbooks.models import ToolVersion


class ToolSerializer(serializers.ModelSerializer[ToolVersion]):
    """A release of a tool."""

    title = serializers.CharField(source="tool.title", read_only=True)
    vendor_id = serializers.UUIDField(source="tool.vendor_id", read_only=True, allow_null=True)

    class Meta:
        model = ToolVersion
        fields = ("id", "title", "version", "vendor_id")


class ProgramSerializer(serializers.ModelSerializer[Program]):
    """A tool version and a playbook version, to be brought to sites together."""

    tool = ToolSerializer(source="tool_version", read_only=True)

    class Meta:
        model = Program
        fields = ("id", "title", "tool", "playbook_version_id", "tier", "created_at")


class ProgramViewSet(ScopedViewSet):
    """Programs; a partner sees those of the deployments shared with it."""

    serializer_class = ProgramSerializer
    needs = {"list": Permission.DEPLOYMENT_READ, "retrieve": Permission.DEPLOYMENT_READ}
    filters = {
        "tier": choice("tier", Program.Tier.values, "How much of the playbook applies"),
        "title": words("title__icontains", "Programs whose title holds this text"),
    }

    def rows(self) -> QuerySet[Any]:
        """Return the programs in reach."""
        programs = Program.objects.select_related("tool_version__tool")
        if self.request.part:  # type: ignore[attr-defined]
            return programs.filter(pk__in=Deployment.objects.values("program_id"))
        return programs

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List programs, oldest first."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show a program."""
        return super().retrieve(request, **kwargs)
