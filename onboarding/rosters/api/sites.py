"""Sites: places of care and their profile."""

from typing import Any
from zoneinfo import available_timezones

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from api.filters import choice, flag, words
from api.idempotency import once
from api.serializers import Body
from api.viewsets import ScopedViewSet
from onboarding.deployments.models import Deployment
from onboarding.rosters.actions.add_site import FIELDS, add_site
from tenancy.models import Site


class SiteSerializer(serializers.ModelSerializer[Site]):
    """A place of care; codes are null where nothing matched."""

    rural = serializers.BooleanField(read_only=True, allow_null=True, help_text="RUCA 4 or above; null: not known")

    class Meta:
        model = Site
        fields = (
            "id",
            *FIELDS,
            "county",
            "county_fips",
            "latitude",
            "longitude",
            "time_zone_guessed",
            "ruca1",
            "ruca2",
            "rural",
            "svi_percentile",
            "place_match",
            "closed_on",
            "created_at",
            "updated_at",
        )


class NewSite(Body, serializers.ModelSerializer[Site]):
    """A site to add; what is left out stays unknown."""

    class Meta:
        model = Site
        fields = FIELDS

    def validate_time_zone(self, name: str) -> str:
        """Take IANA names only."""
        if name and name not in available_timezones():
            raise serializers.ValidationError("That is no IANA time zone: write it as America/New_York.")
        return name


class SiteViewSet(ScopedViewSet):
    """The organization's sites; a partner sees those of the deployments shared with it."""

    serializer_class = SiteSerializer
    needs = {"list": Permission.SITE_READ, "retrieve": Permission.SITE_READ, "create": Permission.SITE_MANAGE}
    filters = {
        "kind": choice("kind", Site.Kind.values, "Sites of one kind"),
        "region": words("region", "Sites of a state or province, as written in the profile"),
        "name": words("name__icontains", "Sites whose name holds this text"),
        "source_id": words("source_id", "The site of this identifier in its roster"),
        "open": flag(
            lambda sites, wanted: sites.filter(closed_on__isnull=wanted), "true: sites in use; false: closed ones"
        ),
    }

    def rows(self) -> QuerySet[Any]:
        """Return the sites in reach."""
        if self.request.part:  # type: ignore[attr-defined]
            return Site.objects.filter(pk__in=Deployment.objects.values("site_id"))
        return Site.objects.all()

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List sites, oldest first."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show a site."""
        return super().retrieve(request, **kwargs)

    @extend_schema(request=NewSite, responses={201: SiteSerializer})
    @once
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Add a site."""
        return self.answer(add_site(by=self.by, **self.body(NewSite)), status=201)
