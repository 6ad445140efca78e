"""Completions that another learning system reports, row by row, with a dry run."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from api.filters import identifier
from api.idempotency import once
from api.serializers import Body
from api.viewsets import ScopedViewSet
from training.courses.models import Course
from training.learning.actions.import_completions import Judged, Line, judge, take
from training.learning.models import Completion, ExternalRecord

MOST = 1000


class ProvenanceSerializer(serializers.ModelSerializer[ExternalRecord]):
    """Which system says so, under which id, in which words."""

    class Meta:
        model = ExternalRecord
        fields = ("source", "external_id", "completed_on", "row", "taken_at")


class CompletionSerializer(serializers.ModelSerializer[Completion]):
    """A course passed, here or elsewhere."""

    provenance = ProvenanceSerializer(
        source="external", many=True, read_only=True, help_text="Empty for what was passed here"
    )

    class Meta:
        model = Completion
        fields = (
            "id", "assignment_id", "user_id", "course_id", "version_id", "kind", "passed_at", "expires_on", "revoked_at",
            "provenance",
        )  # fmt: skip


class ReportedRow(Body):
    """One completion as the other system has it."""

    id = serializers.CharField(
        max_length=160, help_text="The other system's own id of the record: sent twice, taken once"
    )
    email = serializers.EmailField()
    course = serializers.CharField(max_length=160, help_text="The key of a course here, or a name in `courses`")
    completed_on = serializers.DateField()
    expires_on = serializers.DateField(required=False, allow_null=True, default=None)


class Reported(Body):
    """What a learning system reports."""

    source = serializers.CharField(max_length=80, help_text="The system, as people call it")  # type: ignore[assignment]
    courses = serializers.DictField(
        child=serializers.CharField(max_length=80), required=False, default=dict,
        help_text="What their courses are called, to the key of ours",
    )  # fmt: skip
    completions = serializers.ListField(child=ReportedRow(), min_length=1, max_length=MOST)


class OutcomeSerializer(serializers.Serializer[Judged]):
    """What became of one row."""

    id = serializers.CharField(source="line.id")
    result = serializers.ChoiceField(["new", "known", "problem"], source="does")
    says = serializers.CharField(help_text="Of a problem: what would have to be different")
    expires_on = serializers.DateField(allow_null=True)


class CompletionViewSet(ScopedViewSet):
    """Completions by person, hence for those who may see names."""

    serializer_class = CompletionSerializer
    needs = {
        "list": Permission.TRAINING_NAMES, "retrieve": Permission.TRAINING_NAMES, "create": Permission.TRAINING_MANAGE,
    }  # fmt: skip
    filters = {
        "user": identifier("user_id", "Completions of one person"),
        "course": identifier("course_id", "Completions of one course"),
    }
    parameters = {"create": {"dry_run"}}

    def rows(self) -> QuerySet[Any]:
        """Return the completions in reach."""
        return Completion.objects.prefetch_related("external")

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List completions, oldest first."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show a completion."""
        return super().retrieve(request, **kwargs)

    @extend_schema(
        request=Reported,
        responses={200: OutcomeSerializer(many=True)},
        parameters=[
            OpenApiParameter("dry_run", bool, description="true: say what would become of it, and take nothing")
        ],
    )
    @once
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Report completions of another system; those that do not fit are named and left out."""
        body = self.body(Reported)
        lines = [
            Line(
                number, row["email"], row["course"], row["completed_on"].isoformat(),
                row["expires_on"].isoformat() if row["expires_on"] else "", row["id"],
                {name: str(value) for name, value in row.items() if value is not None},
            )
            for number, row in enumerate(body["completions"], start=1)
        ]  # fmt: skip
        courses = {key: key for key in Course.objects.values_list("key", flat=True)} | body["courses"]
        if request.query_params.get("dry_run") == "true":
            found = judge(lines, source=body["source"], courses=courses)
        else:
            found = take(lines, source=body["source"], courses=courses, by=self.by)
        outcomes: Any = found
        return Response(OutcomeSerializer(outcomes, many=True).data)
