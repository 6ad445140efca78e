"""The plan of a deployment: what moves, what is possible, and where go-live is heading."""

from datetime import date
from typing import Any

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
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment
from onboarding.deployments.models.deployment import CannotMove
from onboarding.plans.actions.move_dates import move_go_live, move_item, move_kick_off
from onboarding.plans.models import DateMove, GoLiveForecast
from onboarding.plans.preview import Preview, preview_go_live, preview_item, preview_kick_off, reachable
from onboarding.plans.standing import standing

DAY = filters.day("", "The date to try")


class PlanConflictSerializer(serializers.Serializer[Any]):
    """Something that does not fit."""

    kind = serializers.CharField(help_text="closed, blackout, gone, past, order, late or beyond")
    item_id = serializers.UUIDField(source="key", allow_null=True, help_text="null: go-live itself")
    says = serializers.CharField()


class ShiftSerializer(serializers.Serializer[Any]):
    """One due date that moves."""

    item_id = serializers.UUIDField(source="item.id")
    number = serializers.IntegerField(source="item.number")
    title = serializers.CharField(source="item.title")
    before = serializers.DateField()
    after = serializers.DateField()


class MoveSerializer(serializers.Serializer[Any]):
    """A move: what it is about, every due date that moves with it, and the conflicts it brings."""

    kind = serializers.ChoiceField(DateMove.Kind.choices)
    before = serializers.DateField()
    after = serializers.DateField()
    shifts = ShiftSerializer(many=True)
    conflicts = PlanConflictSerializer(source="new", many=True)


def within_reach(day: date) -> None:
    """Refuse a date so far away that nothing is planned there."""
    try:
        reachable(day)
    except ValueError as error:
        raise serializers.ValidationError(str(error)) from None


class MoveGoLive(Body):
    """The new date and why."""

    go_live_on = serializers.DateField(validators=[within_reach])
    reason = serializers.CharField(max_length=500)


class MoveKickOff(Body):
    """The new date and why."""

    kick_off_on = serializers.DateField(validators=[within_reach])
    reason = serializers.CharField(max_length=500)


class MoveItem(Body):
    """The new date and why."""

    due_on = serializers.DateField(validators=[within_reach])
    reason = serializers.CharField(max_length=500)


class ScheduledItemSerializer(serializers.Serializer[Any]):
    """An item in the plan; the window is that of an open item which go-live needs."""

    item_id = serializers.UUIDField()
    number = serializers.IntegerField()
    key = serializers.CharField()
    state = serializers.CharField()
    due_on = serializers.DateField()
    due_fixed = serializers.BooleanField(help_text="Set by hand: it stays when go-live moves")
    baseline_due_on = serializers.DateField()
    earliest_finish = serializers.DateField(allow_null=True)
    latest_finish = serializers.DateField(allow_null=True)
    slack = serializers.IntegerField(allow_null=True, help_text="Working days; negative: it can no longer be in time")
    critical = serializers.BooleanField(allow_null=True)
    waits_for = serializers.ListField(child=serializers.UUIDField())


class ScheduleSerializer(serializers.Serializer[Any]):
    """The plan of a deployment as it stands today."""

    go_live_on = serializers.DateField()
    baseline_go_live_on = serializers.DateField()
    results = ScheduledItemSerializer(many=True)


class DriverSerializer(serializers.Serializer[Any]):
    """An item that drives the forecast."""

    item_id = serializers.UUIDField()
    number = serializers.IntegerField()
    title = serializers.CharField()
    days = serializers.FloatField(help_text="Working days it adds on average")
    share = serializers.FloatField(help_text="Share of the runs in which go-live waits for it")


class ForecastSerializer(serializers.ModelSerializer[GoLiveForecast]):
    """Where go-live is heading."""

    drivers = DriverSerializer(many=True)
    computed_at = serializers.DateTimeField(source="at")

    class Meta:
        model = GoLiveForecast
        fields = ("p50", "p80", "from_history", "from_playbook", "drivers", "computed_at")


class PlanViewSet(ScopedViewSet):
    """Dates of a deployment."""

    serializer_class = MoveSerializer
    pagination_class = None
    filter_backends = ()
    needs = {
        "schedule": Permission.ITEM_READ,
        "forecast": Permission.DEPLOYMENT_READ,
        "preview_move": Permission.DEPLOYMENT_PLAN,
        "move_go_live": Permission.DEPLOYMENT_PLAN,
        "preview_kick_off": Permission.DEPLOYMENT_PLAN,
        "move_kick_off": Permission.DEPLOYMENT_PLAN,
        "preview_item": Permission.DEPLOYMENT_PLAN,
        "move_item": Permission.DEPLOYMENT_PLAN,
    }
    parameters = {"preview_move": {"go_live_on"}, "preview_kick_off": {"kick_off_on"}, "preview_item": {"due_on"}}

    @extend_schema(responses=ScheduleSerializer)
    def schedule(self, request: Request, **kwargs: Any) -> Response:
        """Show the plan: due dates, baseline, what is possible, slack and the critical path.

        A partner gets the items that it sees.
        """
        lens, found, today = Lens.of(request._request), self._deployment(), timezone.localdate()
        plan, seen = standing(found), set(lens.items(found.pk).order_by().values_list("pk", flat=True))
        windows = plan.windows(found.go_live_on, today)
        results = []
        for key, row in plan.rows.items():
            if row.id not in seen:
                continue
            window = windows.get(key)
            results.append(
                {
                    "item_id": row.id,
                    "number": row.number,
                    "key": row.key,
                    "state": row.state,
                    "due_on": row.due_on,
                    "due_fixed": row.fixed,
                    "baseline_due_on": row.baseline,
                    "earliest_finish": window and window.earliest_finish,
                    "latest_finish": window and window.latest_finish,
                    "slack": window and window.slack,
                    "critical": window and window.critical,
                    "waits_for": [link.before for link in plan.network[key].after if link.before in seen],
                }
            )
        body = {
            "go_live_on": found.go_live_on,
            "baseline_go_live_on": found.baseline_go_live_on,
            "results": results,
        }
        return Response(ScheduleSerializer(body).data)

    @extend_schema(responses=ForecastSerializer)
    def forecast(self, request: Request, **kwargs: Any) -> Response:
        """Show where go-live is heading, and the items that drive it as far as the caller sees them."""
        lens, found = Lens.of(request._request), self._deployment()
        kept = GoLiveForecast.objects.filter(deployment=found).first()
        if kept is None:
            raise Http404
        seen: set[str] = set()
        if lens.can(Permission.ITEM_READ):
            seen = {str(pk) for pk in lens.items(found.pk).order_by().values_list("pk", flat=True)}
        names = ("item_id", "number", "title", "days", "share")
        kept.drivers = [dict(zip(names, one, strict=True)) for one in kept.drivers if one[0] in seen]
        return Response(ForecastSerializer(kept).data)

    @extend_schema(
        parameters=[OpenApiParameter("go_live_on", OpenApiTypes.DATE, required=True, description=DAY.says)],
        responses=MoveSerializer,
    )
    def preview_move(self, request: Request, **kwargs: Any) -> Response:
        """Show which due dates another go-live date would move, and what would not fit. Nothing is moved."""
        day = self._day(request, "go_live_on")
        return self._shown(preview_go_live(self._deployment(), day, today=timezone.localdate()))

    @extend_schema(request=MoveGoLive, responses=MoveSerializer)
    @once
    def move_go_live(self, request: Request, **kwargs: Any) -> Response:
        """Move go-live, and with it the open items planned from it. The baseline stays."""
        found, body = self._deployment(), self.body(MoveGoLive)
        seen = preview_go_live(found, body["go_live_on"], today=timezone.localdate())
        with refusing(CannotMove, ValueError):
            move_go_live(found, body["go_live_on"], by=self.by, reason=body["reason"])
        return self._shown(seen)

    @extend_schema(
        parameters=[OpenApiParameter("kick_off_on", OpenApiTypes.DATE, required=True, description=DAY.says)],
        responses=MoveSerializer,
    )
    def preview_kick_off(self, request: Request, **kwargs: Any) -> Response:
        """Show which due dates another kick-off would move, and what would not fit. Nothing is moved."""
        day = self._day(request, "kick_off_on")
        with refusing(ValueError):
            return self._shown(preview_kick_off(self._deployment(), day, today=timezone.localdate()))

    @extend_schema(request=MoveKickOff, responses=MoveSerializer)
    @once
    def move_kick_off(self, request: Request, **kwargs: Any) -> Response:
        """Move kick-off, and with it the open items counted from it. Go-live and the baseline stay."""
        found, body = self._deployment(), self.body(MoveKickOff)
        with refusing(CannotMove, ValueError):
            seen = preview_kick_off(found, body["kick_off_on"], today=timezone.localdate())
            move_kick_off(found, body["kick_off_on"], by=self.by, reason=body["reason"])
        return self._shown(seen)

    @extend_schema(
        parameters=[OpenApiParameter("due_on", OpenApiTypes.DATE, required=True, description=DAY.says)],
        responses=MoveSerializer,
    )
    def preview_item(self, request: Request, **kwargs: Any) -> Response:
        """Show what another date of an item would move, and what would not fit. Nothing is moved."""
        day, found = self._day(request, "due_on"), self._deployment()
        item = Lens.of(request._request).item(found.pk, str(self.kwargs["item"]))
        with refusing(ValueError):
            return self._shown(preview_item(found, item.pk, day, today=timezone.localdate()))

    @extend_schema(request=MoveItem, responses=MoveSerializer)
    @once
    def move_item(self, request: Request, **kwargs: Any) -> Response:
        """Set an item's date by hand, and move what waits for it later where it must."""
        found, body = self._deployment(), self.body(MoveItem)
        item = Lens.of(request._request).item(found.pk, str(self.kwargs["item"]))
        with refusing(CannotMove, ValueError):
            seen = preview_item(found, item.pk, body["due_on"], today=timezone.localdate())
            move_item(found, item.pk, body["due_on"], by=self.by, reason=body["reason"])
        return self._shown(seen)

    def _deployment(self) -> Deployment:
        return Lens.of(self.request._request).deployment(self.kwargs["deployment"])

    def _day(self, request: Request, name: str) -> date:
        text = request.query_params.get(name)
        if text is None:
            raise BadParameter(name, "Give the date to try.")
        try:
            day = reachable(DAY.reads(text))
        except ValueError as error:
            raise BadParameter(name, str(error)) from None
        return day

    def _shown(self, preview: Preview) -> Response:
        return Response(MoveSerializer(preview).data)
