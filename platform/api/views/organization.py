"""The organization itself."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from api.viewsets import ScopedViewSet
from tenancy.models import Organization


class OrganizationSerializer(serializers.ModelSerializer[Organization]):
    """What the directory says about an organization."""

    class Meta:
        model = Organization
        fields = ("id", "slug", "name", "kind", "country", "time_zone")


class OrganizationViewSet(ScopedViewSet):
    """The organization of the address."""

    serializer_class = OrganizationSerializer
    needs = {"show": Permission.DEPLOYMENT_READ}

    def show(self, request: Request, **kwargs: Any) -> Response:
        """Show the organization."""
        return self.answer(request.organization)  # type: ignore[attr-defined]
