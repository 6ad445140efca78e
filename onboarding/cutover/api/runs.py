"""Runs of a runbook: where each step stands, and the verbs that move it on."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from access.require import NotAllowed
from api.filters import choice
from api.idempotency import once
from api.problems import refusing
from api.serializers import Body, Nothing
from api.viewsets import ScopedViewSet
from onboarding.cutover.models import Run, RunRefused, Step
from onboarding.cutover.web.reading import may_close
from onboarding.deployments.models import Deployment


class RunSerializer(serializers.ModelSerializer[Run]):
    """A rehearsal, or the cut-over itself."""

    class Meta:
        model = Run
        fields = (
            "id",
            "deployment_id",
            "kind",
            "number",
            "state",
            "starts_at",
            "started_at",
            "ended_at",
            "float_minutes",
            "decides",
            "deputy",
            "reason",
            "version",
        )


class StepSerializer(serializers.ModelSerializer[Step]):
    """A step: planned minutes, when it ran, who closed it, and how it is taken back."""

    way = serializers.ChoiceField(choices=["forward", "back"], source="direction")

    class Meta:
        model = Step
        fields = (
            "way",
            "number",
            "title",
            "owner",
            "deputy",
            "minutes",
            "verification",
            "back_out",
            "point_of_no_return",
            "state",
            "started_at",
            "ended_at",
            "ended_by_id",
            "note",
        )


class RunDetailSerializer(RunSerializer):
    """A run with its steps: forward first, then the way back, each in its order."""

    steps = serializers.SerializerMethodField()

    class Meta(RunSerializer.Meta):
        fields = (*RunSerializer.Meta.fields, "steps")  # type: ignore[assignment]

    @extend_schema_field(StepSerializer(many=True))
    def get_steps(self, run: Run) -> Any:
        """Every step."""
        return StepSerializer(Step.objects.of_run(run), many=True).data


class Done(Body):
    """What showed that the step is done, and when it was, where that is not now."""

    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    at = serializers.DateTimeField(required=False, default=None, help_text="When it was done; not in the future")


class RunViewSet(ScopedViewSet):
    """Runs of a deployment's runbook."""

    serializer_class = RunSerializer
    needs = {
        "list": Permission.ITEM_READ,
        "retrieve": Permission.ITEM_READ,
        "start": Permission.GO_LIVE,
        "finish_step": Permission.ITEM_WORK,
    }
    filters = {
        "kind": choice("kind", Run.Kind.values, "Rehearsals, or the cut-over"),
        "state": choice("state", Run.State.values, "Runs in one state"),
    }

    def get_serializer_class(self) -> Any:
        """Show one with its steps, a list without."""
        return RunSerializer if self.action == "list" else RunDetailSerializer

    def rows(self) -> QuerySet[Any]:
        """Return the runs in reach; raise Http404 without the deployment."""
        deployment = self.kwargs.get("deployment")
        runs = Run.objects.select_related("deployment__site", "deployment__playbook_version")
        if deployment is None:
            return runs
        if not Deployment.objects.filter(pk=deployment).exists():
            raise Http404
        return runs.filter(deployment_id=deployment)

    def version_of(self, found: Run) -> tuple[Any, ...]:
        """Rises with every change."""
        return (found.version,)

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List the runs of a deployment, oldest first."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show a run with its steps."""
        return super().retrieve(request, **kwargs)

    @extend_schema(request=Nothing, responses=RunDetailSerializer)
    @once
    def start(self, request: Request, **kwargs: Any) -> Response:
        """Begin with the first step; a cut-over needs the signed go/no-go, and that it still holds."""
        run = self.get_object()
        self.body(Nothing)
        with refusing(RunRefused):
            run.start(by=self.by)
        return self.answer(self.get_object())

    @extend_schema(request=Done, responses=RunDetailSerializer)
    @once
    def finish_step(self, request: Request, **kwargs: Any) -> Response:
        """Close the running step; the next one begins, and the last one ends the run.

        409 with who was faster where somebody else closed it meanwhile. A partner closes steps of its own roles only.
        """
        run, body, number = self.get_object(), self.body(Done), int(self.kwargs["number"])
        if not may_close(request._request, run, number):  # type: ignore[arg-type]
            raise NotAllowed(Permission.GO_LIVE)
        with refusing(RunRefused):
            run.finish_step(number, by=self.by, note=body["note"], at=body["at"])
        return self.answer(self.get_object())
