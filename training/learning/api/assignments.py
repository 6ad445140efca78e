"""Assignments: who has to pass which course by when, and how that stands. By person, hence for those who may see names."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from api.filters import day, flag, identifier
from api.viewsets import ScopedViewSet
from training.learning.models import Assignment
from training.learning.standing import Standing, standings

STATES = ("passed", "waived", "overdue", "open")


class AssignmentSerializer(serializers.Serializer[Standing]):
    """An assignment with what counts for it today."""

    id = serializers.UUIDField(source="assignment.pk")
    user_id = serializers.UUIDField(source="assignment.user_id")
    name = serializers.CharField(source="assignment.user.__str__")
    job_role = serializers.CharField(source="assignment.learner.job_role")
    course_id = serializers.UUIDField(source="assignment.course_id")
    course = serializers.CharField(source="assignment.course.title")
    site_id = serializers.UUIDField(source="assignment.site_id")
    deployment_id = serializers.UUIDField(source="assignment.deployment_id", allow_null=True)
    required = serializers.BooleanField(source="assignment.required")  # type: ignore[assignment]
    due_on = serializers.DateField(source="assignment.due_on", allow_null=True)
    cycle = serializers.IntegerField(source="assignment.cycle", help_text="Which round: renewals begin a new one")
    assigned_at = serializers.DateTimeField(source="assignment.assigned_at")
    withdrawn_at = serializers.DateTimeField(source="assignment.withdrawn_at", allow_null=True)
    state = serializers.SerializerMethodField()
    expires_on = serializers.DateField(
        source="completion.expires_on", allow_null=True, default=None, help_text="When the pass in force ends"
    )

    def get_state(self, standing: Standing) -> str:
        """passed, waived, overdue or open."""
        if standing.passed:
            return "passed"
        if standing.waived:
            return "waived"
        return "overdue" if standing.overdue else "open"


class AssignmentViewSet(ScopedViewSet):
    """Assignments of the organization's learners."""

    serializer_class = AssignmentSerializer
    needs = {"list": Permission.TRAINING_NAMES, "retrieve": Permission.TRAINING_NAMES}
    filters = {
        "deployment": identifier("deployment_id", "What one deployment asks for"),
        "site": identifier("site_id", "Assignments at one site"),
        "user": identifier("user_id", "Assignments of one person"),
        "course": identifier("course_id", "Assignments of one course"),
        "due_until": day("due_on__lte", "Due on this day or earlier"),
        "withdrawn": flag(
            lambda rows, wanted: rows.filter(withdrawn_at__isnull=not wanted), "true: taken back; false: in force"
        ),
    }

    def get_queryset(self) -> QuerySet[Any]:
        """Return the assignments in reach; nothing while the schema is drawn."""
        if getattr(self, "swagger_fake_view", False):
            return Assignment.objects.none()
        return Assignment.objects.select_related("user", "learner", "course")

    def shown(self, rows: Any) -> Any:
        """Return the rows with their standing: three queries, however many rows."""
        return self.get_serializer(standings(rows), many=True).data

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List assignments, oldest first."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show an assignment."""
        return Response(self.shown([self.get_object()])[0])
