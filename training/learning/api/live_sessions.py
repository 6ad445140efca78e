"""Live sessions: planned, moved, cancelled, and noted who was there, as a scheduling system does it."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from accounts.models import Membership
from api.filters import flag, identifier
from api.idempotency import once
from api.serializers import Body
from api.viewsets import ScopedViewSet
from tenancy.models import Site
from training.courses.models import Course
from training.learning.actions.live_sessions import cancel_session, change_session, note_attendance, plan_series
from training.learning.calendar import organization_today
from training.learning.models import Assignment, LiveSession, SessionSeat
from training.learning.models.live_session import NotHeld
from training.learning.models.session_seat import NoSeat

STATES = SessionSeat.State


class LiveSessionSerializer(serializers.ModelSerializer[LiveSession]):
    """When, where, and how full it is."""

    taken = serializers.IntegerField(
        read_only=True, help_text="Seats, those who were there and those who missed it among them"
    )
    waiting = serializers.IntegerField(read_only=True, help_text="On the waiting list")
    attended = serializers.IntegerField(read_only=True, help_text="Were there")

    class Meta:
        model = LiveSession
        fields = (
            "id", "course_id", "counts_for", "title", "site_id", "starts_at", "minutes", "place", "capacity", "trainer_id",
            "series", "cancelled_at", "cancelled_because", "taken", "waiting", "attended",
        )  # fmt: skip


class PlannedSession(Body):
    """One session, or a series at the same time of day."""

    course = serializers.CharField(max_length=80, help_text="The key of the course")
    counts_for = serializers.CharField(max_length=80, help_text="The key of a lesson of kind live, or observation")
    starts_at = serializers.DateTimeField()
    minutes = serializers.IntegerField()
    place = serializers.CharField(max_length=200)
    capacity = serializers.IntegerField()
    trainer = serializers.EmailField(help_text="A member; they note who was there")
    site_id = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="Empty: every site")
    times = serializers.IntegerField(required=False, default=1, help_text="How many")
    weeks = serializers.IntegerField(required=False, default=1, help_text="Every so many weeks")


class ChangedSession(Body):
    """What is different; what is left out stays."""

    starts_at = serializers.DateTimeField(required=False)
    minutes = serializers.IntegerField(required=False)
    place = serializers.CharField(required=False, max_length=200)
    capacity = serializers.IntegerField(required=False)
    later = serializers.BooleanField(
        required=False, default=False,
        help_text="The later ones of its series too: by as many days and hours, and in what else is different",
    )  # fmt: skip


class Cancellation(Body):
    """Why it is not held."""

    because = serializers.CharField(max_length=300)
    later = serializers.BooleanField(required=False, default=False, help_text="The later ones of its series too")


class Attendance(Body):
    """Who was there; all others with a seat were not."""

    emails = serializers.ListField(child=serializers.EmailField(), allow_empty=True, max_length=500)


class LiveSessionViewSet(ScopedViewSet):
    """Live sessions of the organization's courses."""

    serializer_class = LiveSessionSerializer
    needs = {
        "list": Permission.TRAINING_NAMES, "retrieve": Permission.TRAINING_NAMES, "create": Permission.TRAINING_MANAGE,
        "change": Permission.TRAINING_MANAGE, "cancel": Permission.TRAINING_MANAGE, "attend": Permission.TRAINING_MANAGE,
    }  # fmt: skip
    filters = {
        "course": identifier("course_id", "Sessions of one course"),
        "site": identifier("site_id", "Sessions for one site"),
        "series": identifier("series", "Sessions that were planned together"),
        "cancelled": flag(
            lambda rows, wanted: rows.filter(cancelled_at__isnull=not wanted), "true: cancelled; false: held"
        ),
    }

    def rows(self) -> QuerySet[Any]:
        """Return the sessions in reach, with their seats counted."""
        return LiveSession.objects.annotate(
            taken=Count("seats", filter=Q(seats__state__in=[STATES.SEATED, STATES.ATTENDED, STATES.MISSED])),
            waiting=Count("seats", filter=Q(seats__state=STATES.WAITING)),
            attended=Count("seats", filter=Q(seats__state=STATES.ATTENDED)),
        )

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List live sessions, those planned first first."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show a live session."""
        return super().retrieve(request, **kwargs)

    @extend_schema(request=PlannedSession, responses={201: LiveSessionSerializer(many=True)})
    @once
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Plan a session, or a series of them: all of it or nothing."""
        body = self.body(PlannedSession)
        course = Course.objects.filter(key=body["course"]).first()
        member = Membership.objects.active().filter(user__email__iexact=body["trainer"]).select_related("user").first()
        site = Site.objects.open().filter(pk=body["site_id"]).first() if body["site_id"] else None
        missing = {
            "course": "" if course else "No course here has this key.",
            "trainer": "" if member else "Nobody here has this address.",
            "site_id": "There is no such site." if body["site_id"] and site is None else "",
        }
        if any(missing.values()):
            raise serializers.ValidationError({name: text for name, text in missing.items() if text})
        assert course
        assert member
        fields = ("counts_for", "starts_at", "minutes", "place", "capacity", "times", "weeks")
        try:
            made = plan_series(
                course, site=site, trainer=member.user, by=self.by, **{name: body[name] for name in fields}
            )
        except NotHeld as refused:
            raise serializers.ValidationError(str(refused)) from None
        rows = self.rows().filter(pk__in=[row.pk for row in made]).order_by("starts_at", "id")
        return Response(self.shown(rows), status=201)

    @extend_schema(request=ChangedSession, responses={200: LiveSessionSerializer})
    @once
    def change(self, request: Request, **kwargs: Any) -> Response:
        """Move a session or change its seats; everybody with a place hears of a new time or place."""
        body, found = self.body(ChangedSession), self.get_object()
        new = {name: body.get(name, getattr(found, name)) for name in ("starts_at", "minutes", "place", "capacity")}
        try:
            change_session(found, **new, later=body["later"], by=self.by)
        except NotHeld as refused:
            raise serializers.ValidationError(str(refused)) from None
        return self.answer(self.get_object())

    @extend_schema(request=Cancellation, responses={200: LiveSessionSerializer})
    @once
    def cancel(self, request: Request, **kwargs: Any) -> Response:
        """Cancel a session; everybody with a place hears why."""
        body, found = self.body(Cancellation), self.get_object()
        try:
            cancel_session(found, body["because"], later=body["later"], by=self.by)
        except NotHeld as refused:
            raise serializers.ValidationError(str(refused)) from None
        return self.answer(self.get_object())

    @extend_schema(request=Attendance, responses={200: LiveSessionSerializer})
    @once
    def attend(self, request: Request, **kwargs: Any) -> Response:
        """Note who was there; what was noted before stays."""
        body, found = self.body(Attendance), self.get_object()
        wanted = {email.lower() for email in body["emails"]}
        rows = Assignment.objects.active(organization_today()).filter(course_id=found.course_id, user__email__in=wanted)
        if found.site_id:
            rows = rows.filter(site_id=found.site_id)
        there: dict[str, Any] = {}
        for row in rows.select_related("user").order_by("due_on", "id"):
            there.setdefault(row.user.email.lower(), row.pk)
        if strangers := sorted(wanted - set(there)):
            raise serializers.ValidationError(
                {"emails": [f"{one} does not take this course here." for one in strangers]}
            )
        try:
            note_attendance(found, list(there.values()), by=self.by)
        except NoSeat as refused:
            raise serializers.ValidationError(str(refused)) from None
        return self.answer(self.get_object())
