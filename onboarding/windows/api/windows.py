"""Windows by rule: series, their windows, and handing in."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from accounts.models import Membership
from api.filters import choice, identifier
from api.idempotency import once
from api.problems import refusing
from api.serializers import Body
from api.viewsets import ScopedViewSet
from onboarding.deployments.models import Deployment
from onboarding.windows.chains import CHAINS, find
from onboarding.windows.models import Series, SeriesRefused, Window


class WindowSerializer(serializers.ModelSerializer[Window]):
    """A window: open from `opens_on` to `closes_on`, both days included."""

    class Meta:
        model = Window
        fields = (
            "id", "series_id", "deployment_id", "key", "number", "title", "counted_from", "opens_on", "closes_on", "state",
            "met_on", "met_by_id", "missed_at", "note",
        )  # fmt: skip


class SeriesSerializer(serializers.ModelSerializer[Series]):
    """A run of a rule: what its windows count from, and who keeps it."""

    steps = serializers.JSONField(help_text="The rule as it was when the series began")

    class Meta:
        model = Series
        fields = (
            "id", "title", "chain", "chain_title", "source", "steps", "starts_on", "deployment_id", "keeper_id", "state",
            "ended_reason",
        )  # fmt: skip


class Begin(Body):
    """A rule to begin with, and what it is about; never a patient."""

    chain = serializers.ChoiceField(choices=[one.key for one in CHAINS])
    title = serializers.CharField(max_length=120)
    starts_on = serializers.DateField()
    keeper = serializers.UUIDField(help_text="A member of the organization")
    deployment = serializers.UUIDField(required=False, allow_null=True, default=None)


class End(Body):
    """Why it ends."""

    reason = serializers.CharField(max_length=300)


class Meet(Body):
    """The day on which it was handed in, within the window."""

    on = serializers.DateField()
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class Correct(Body):
    """The day on which it was handed in indeed, and why."""

    on = serializers.DateField()
    reason = serializers.CharField(max_length=300)


class TakeBack(Body):
    """Why it was not handed in after all."""

    reason = serializers.CharField(max_length=300)


class CountFrom(Body):
    """The day from which a series counts indeed, and why."""

    starts_on = serializers.DateField()
    reason = serializers.CharField(max_length=300)


class SeriesViewSet(ScopedViewSet):
    """Series of windows."""

    serializer_class = SeriesSerializer
    needs = {
        "list": Permission.COMMENT_INTERNAL,
        "retrieve": Permission.COMMENT_INTERNAL,
        "create": Permission.DEPLOYMENT_PLAN,
        "end": Permission.DEPLOYMENT_PLAN,
        "count_from": Permission.DEPLOYMENT_PLAN,
    }
    filters = {
        "state": choice("state", Series.State.values, "Series in one state"),
        "deployment": identifier("deployment_id", "Series of one deployment"),
    }

    def rows(self) -> QuerySet[Any]:
        """Return the series."""
        return Series.objects.all()

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List series, oldest first."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show a series."""
        return super().retrieve(request, **kwargs)

    @extend_schema(request=Begin, responses={201: SeriesSerializer})
    @once
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Begin a series; the same rule, title and day again is the series that stands."""
        said = self.body(Begin)
        keeper = Membership.objects.active().filter(user_id=said["keeper"]).select_related("user").first()
        if keeper is None:
            raise ValidationError({"keeper": "That is no member of the organization."})
        deployment = None
        if said["deployment"]:
            deployment = Deployment.objects.filter(pk=said["deployment"]).first()
            if deployment is None:
                raise ValidationError({"deployment": "That is no deployment here."})
        chain = find(said["chain"])
        assert chain  # one of the choices
        with refusing(SeriesRefused):
            series = Series.begin(
                chain,
                title=said["title"],
                starts_on=said["starts_on"],
                keeper=keeper.user,
                deployment=deployment,
                by=self.by,
            )
        return Response(SeriesSerializer(series).data, status=201)

    @extend_schema(request=End, responses=SeriesSerializer)
    @once
    def end(self, request: Request, **kwargs: Any) -> Response:
        """End a series: what is to come is taken back."""
        with refusing(SeriesRefused):
            self.get_object().end(by=self.by, reason=self.body(End)["reason"])
        return Response(SeriesSerializer(self.get_object()).data)

    @extend_schema(request=CountFrom, responses=SeriesSerializer)
    @once
    def count_from(self, request: Request, **kwargs: Any) -> Response:
        """Count a series from another day: its windows move."""
        said = self.body(CountFrom)
        with refusing(SeriesRefused):
            self.get_object().count_from(said["starts_on"], by=self.by, reason=said["reason"])
        return Response(SeriesSerializer(self.get_object()).data)


class WindowViewSet(ScopedViewSet):
    """Windows."""

    serializer_class = WindowSerializer
    needs = {
        "list": Permission.COMMENT_INTERNAL,
        "retrieve": Permission.COMMENT_INTERNAL,
        "meet": Permission.ITEM_WORK,
        "correct": Permission.ITEM_WORK,
        "take_back": Permission.ITEM_WORK,
    }
    filters = {
        "state": choice("state", Window.State.values, "Windows in one state"),
        "series": identifier("series_id", "Windows of one series"),
        "deployment": identifier("deployment_id", "Windows of one deployment"),
    }

    def rows(self) -> QuerySet[Any]:
        """Return the windows."""
        return Window.objects.select_related("series")

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List windows, oldest first."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show a window."""
        return super().retrieve(request, **kwargs)

    @extend_schema(request=Meet, responses=WindowSerializer)
    @once
    def meet(self, request: Request, **kwargs: Any) -> Response:
        """Note that it was handed in on a day within the window; what counts from it opens."""
        window, said = self.get_object(), self.body(Meet)
        with refusing(SeriesRefused):
            window.series.meet(window, by=self.by, **said)
        return Response(WindowSerializer(self.get_object()).data)

    @extend_schema(request=Correct, responses=WindowSerializer)
    @once
    def correct(self, request: Request, **kwargs: Any) -> Response:
        """Correct the day on which it was handed in; what counts from it moves."""
        window, said = self.get_object(), self.body(Correct)
        with refusing(SeriesRefused):
            window.series.correct(window, by=self.by, **said)
        return Response(WindowSerializer(self.get_object()).data)

    @extend_schema(request=TakeBack, responses=WindowSerializer)
    @once
    def take_back(self, request: Request, **kwargs: Any) -> Response:
        """Take a report back that was refused, or never handed in: the window waits for one again."""
        window, said = self.get_object(), self.body(TakeBack)
        with refusing(SeriesRefused):
            window.series.take_back(window, by=self.by, **said)
        return Response(WindowSerializer(self.get_object()).data)
