"""Sites: places of care and their profile."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from api.filters import choice, flag, words
from api.idempotency import once
from api.problems import refusing
from api.serializers import Body, Nothing
from api.viewsets import ScopedViewSet
from onboarding.deployments.models import Deployment
from onboarding.rosters.actions.add_site import add_site
from onboarding.rosters.actions.close_site import CannotClose, close_site, reopen_site
from onboarding.rosters.actions.edit_site import edit_site
from onboarding.rosters.actions.place_site import CannotPlace, choose_county, offered_counties, set_time_zone
from onboarding.rosters.shaping import FIELDS
from tenancy.models import Site


class SiteSerializer(serializers.ModelSerializer[Site]):
    """A place of care; codes are null where nothing matched."""

    rural = serializers.BooleanField(read_only=True, allow_null=True, help_text="RUCA 4 or above; null: not known")

    class Meta:
        model = Site
        fields = (
            "id",
            *FIELDS,
            "county_fips",
            "county_chosen",
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


class Edit(Body, serializers.ModelSerializer[Site]):
    """The fields to change; what is left out stays."""

    class Meta:
        model = Site
        fields = FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Need no field."""
        super().__init__(*args, **{**kwargs, "partial": True})


class Close(Body):
    """When a site closed, and why."""

    on = serializers.DateField()
    reason = serializers.CharField(max_length=500)


class ChooseCounty(Body):
    """A county of the index, by its FIPS code."""

    county_fips = serializers.CharField(max_length=5)


class SetTimeZone(Body):
    """An IANA name."""

    time_zone = serializers.CharField(max_length=64)


class CountySerializer(serializers.Serializer[Any]):
    """A county of the index."""

    fips = serializers.CharField()
    name = serializers.CharField()


class CountiesSerializer(serializers.Serializer[Any]):
    """The counties of the site's state."""

    likely = CountySerializer(many=True, help_text="Those that the name in the roster may mean; none is ever guessed")
    others = CountySerializer(many=True)


class SiteViewSet(ScopedViewSet):
    """The organization's sites; a partner sees those of the deployments shared with it."""

    serializer_class = SiteSerializer
    needs = {
        "list": Permission.SITE_READ,
        "retrieve": Permission.SITE_READ,
        "counties": Permission.SITE_READ,
        **dict.fromkeys(
            ("create", "edit", "close", "reopen", "choose_county", "set_time_zone"), Permission.SITE_MANAGE
        ),
    }
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
        """Add a site; county, codes and time zone are joined from its address."""
        return self.answer(add_site(by=self.by, **self.body(NewSite)), status=201)

    @extend_schema(request=Edit, responses=SiteSerializer)
    @once
    def edit(self, request: Request, **kwargs: Any) -> Response:
        """Change fields of a site's profile. Another address is matched anew."""
        return self.answer(edit_site(self.get_object(), by=self.by, **self.body(Edit)))

    @extend_schema(request=Close, responses=SiteSerializer)
    @once
    def close(self, request: Request, **kwargs: Any) -> Response:
        """Close a site: nothing is planned there any more. What runs there goes on until somebody ends it."""
        found, body = self.get_object(), self.body(Close)
        with refusing(CannotClose):
            return self.answer(close_site(found, by=self.by, **body))

    @extend_schema(request=Nothing, responses=SiteSerializer)
    @once
    def reopen(self, request: Request, **kwargs: Any) -> Response:
        """Open a closed site again."""
        found = self.get_object()
        self.body(Nothing)
        return self.answer(reopen_site(found, by=self.by))

    @extend_schema(responses=CountiesSerializer)
    def counties(self, request: Request, **kwargs: Any) -> Response:
        """List the counties of the site's state, first those that the roster's name may mean."""
        likely, others = offered_counties(self.get_object())
        return Response(CountiesSerializer({"likely": likely, "others": others}).data)

    @extend_schema(request=ChooseCounty, responses=SiteSerializer)
    @once
    def choose_county(self, request: Request, **kwargs: Any) -> Response:
        """Say which county a site lies in; the county's vulnerability is joined."""
        found, body = self.get_object(), self.body(ChooseCounty)
        with refusing(CannotPlace):
            return self.answer(choose_county(found, body["county_fips"], by=self.by))

    @extend_schema(request=SetTimeZone, responses=SiteSerializer)
    @once
    def set_time_zone(self, request: Request, **kwargs: Any) -> Response:
        """Confirm the guessed time zone or give another."""
        found, body = self.get_object(), self.body(SetTimeZone)
        with refusing(CannotPlace):
            return self.answer(set_time_zone(found, body["time_zone"], by=self.by))
