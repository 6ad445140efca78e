"""Runs of a runbook: where each step stands, and the verbs that move it on."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from access.require import NotAllowed
from api.filters import choice
from api.idempotency import once
from api.problems import refusing
from api.serializers import Nothing, Reason
from api.viewsets import ScopedViewSet
from onboarding.cutover.actions.alarms import decide
from onboarding.cutover.actions.report_figures import report_figures
from onboarding.cutover.api.shapes import (
    AlarmDecision,
    CutOverFigures,
    Done,
    LogLine,
    Plan,
    RunDetailSerializer,
    RunSerializer,
)
from onboarding.cutover.models import Alarm, Run, RunRefused
from onboarding.cutover.web.reading import may_close
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment


class RunViewSet(ScopedViewSet):
    """Runs of a deployment's runbook."""

    serializer_class = RunSerializer
    needs = {
        "list": Permission.ITEM_READ,
        "retrieve": Permission.ITEM_READ,
        "plan": Permission.GO_LIVE,
        "start": Permission.GO_LIVE,
        "finish_step": Permission.ITEM_WORK,
        "skip_step": Permission.GO_LIVE,
        "hold": Permission.GO_LIVE,
        "resume": Permission.GO_LIVE,
        "roll_back": Permission.GO_LIVE,
        "abandon": Permission.GO_LIVE,
        "say": Permission.ITEM_WORK,
        "report": Permission.GO_LIVE,
        "decide": Permission.ITEM_WORK,
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

    @extend_schema(request=Plan, responses={201: RunDetailSerializer})
    @once
    def plan(self, request: Request, **kwargs: Any) -> Response:
        """Plan a rehearsal or the cut-over; the open one of that kind is returned where there is one."""
        body, deployment = self.body(Plan), Lens.of(request._request).deployment(self.kwargs["deployment"])
        run = Run.plan(deployment, body["kind"], starts_at=body["starts_at"], by=self.by)
        return self.answer(run, status=201)

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

    @extend_schema(request=Reason, responses=RunDetailSerializer)
    @once
    def skip_step(self, request: Request, **kwargs: Any) -> Response:
        """Leave the running step out, saying why."""
        return self._because(lambda run, reason: run.skip_step(int(self.kwargs["number"]), by=self.by, reason=reason))

    @extend_schema(request=Reason, responses=RunDetailSerializer)
    @once
    def hold(self, request: Request, **kwargs: Any) -> Response:
        """Stop the clockwork: no step is closed until it goes on."""
        return self._because(lambda run, reason: run.hold(by=self.by, reason=reason))

    @extend_schema(request=Nothing, responses=RunDetailSerializer)
    @once
    def resume(self, request: Request, **kwargs: Any) -> Response:
        """Go on where it was held."""
        run = self.get_object()
        self.body(Nothing)
        with refusing(RunRefused):
            run.resume(by=self.by)
        return self.answer(self.get_object())

    @extend_schema(request=Reason, responses=RunDetailSerializer)
    @once
    def roll_back(self, request: Request, **kwargs: Any) -> Response:
        """Turn round: what was done is taken back, the last first."""
        return self._because(lambda run, reason: run.roll_back(by=self.by, reason=reason))

    @extend_schema(request=Reason, responses=RunDetailSerializer)
    @once
    def abandon(self, request: Request, **kwargs: Any) -> Response:
        """Give a run up; a cut-over that has begun is rolled back instead."""
        return self._because(lambda run, reason: run.abandon(by=self.by, reason=reason))

    @extend_schema(request=LogLine, responses=RunDetailSerializer)
    @once
    def say(self, request: Request, **kwargs: Any) -> Response:
        """Write a line into the command log."""
        run, body = self.get_object(), self.body(LogLine)
        with refusing(RunRefused):
            run.say(body["text"], by=self.by)
        return self.answer(self.get_object())

    @extend_schema(request=CutOverFigures, responses=RunDetailSerializer)
    @once
    def report(self, request: Request, **kwargs: Any) -> Response:
        """Report what the rollback triggers read; one beyond its limit for long enough asks for a decision at once."""
        run, body = self.get_object(), self.body(CutOverFigures)
        with refusing(RunRefused):
            report_figures(run, body, by=self.by)
        return self.answer(self.get_object())

    @extend_schema(request=AlarmDecision, responses=RunDetailSerializer)
    @once
    def decide(self, request: Request, **kwargs: Any) -> Response:
        """Go on or roll back after a trigger fired; for the host's people in the roles that decide."""
        run, body = self.get_object(), self.body(AlarmDecision)
        if request._request.part is not None:  # type: ignore[attr-defined]
            raise NotAllowed(Permission.GO_LIVE)
        alarm = Alarm.objects.filter(run=run, pk=self.kwargs["alarm"]).first()
        if alarm is None:
            raise Http404
        with refusing(RunRefused):
            decide(alarm, body["decision"], reason=body["reason"], by=self.by)
        return self.answer(self.get_object())

    def _because(self, verb: Callable[[Run, str], None]) -> Response:
        run, body = self.get_object(), self.body(Reason)
        with refusing(RunRefused):
            verb(run, body["reason"])
        return self.answer(self.get_object())
