"""The end of a deployment: begun, its steps done, certificates signed, completed by a second person."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from access.require import NotAllowed
from api.idempotency import once
from api.problems import refusing
from api.serializers import Body, Nothing, Reason
from api.viewsets import ScopedViewSet
from onboarding.decommission.models import Certificate, Decommission, DecommissionRefused, DecommissionStep
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment
from onboarding.golive.api.signing import SignatureBody, Signed, take_proof
from onboarding.golive.models.signature import SignatureRefused


class EndStep(serializers.ModelSerializer[DecommissionStep]):
    """One step of the end."""

    title = serializers.CharField()

    class Meta:
        model = DecommissionStep
        fields = ("key", "title", "due_on", "note", "done_at", "done_by_id")


class EndCertificate(Signed):
    """A signed certificate."""

    title = serializers.CharField()


class DecommissionSerializer(serializers.ModelSerializer[Decommission]):
    """A decommission with its steps and certificates."""

    steps = serializers.SerializerMethodField()
    certificates = serializers.SerializerMethodField()

    class Meta:
        model = Decommission
        fields = (
            "id",
            "deployment_id",
            "state",
            "cause",
            "reason",
            "last_day",
            "begun_at",
            "ended_at",
            "steps",
            "certificates",
        )

    @extend_schema_field(EndStep(many=True))
    def get_steps(self, made: Decommission) -> Any:
        """In their order."""
        return EndStep(made.steps.order_by("position"), many=True).data

    @extend_schema_field(EndCertificate(many=True))
    def get_certificates(self, made: Decommission) -> Any:
        """In the order in which they were signed."""
        found = Certificate.objects.filter(step__decommission=made).order_by("signed_at", "pk")
        return EndCertificate(found, many=True).data


class StepNote(Body):
    """What was done: how many, by whom, where it is filed."""

    note = serializers.CharField(max_length=1000)


class BeginEnd(Body):
    """Why the tool leaves this site, and the last day on which anybody uses it."""

    cause = serializers.ChoiceField(Decommission.Cause.choices)
    reason = serializers.CharField(max_length=1000)
    last_day = serializers.DateField()


class Certify(SignatureBody):
    """How it was done, and the signature."""

    how = serializers.CharField(max_length=1000)


class DecommissionViewSet(ScopedViewSet):
    """The decommission of one deployment, for the host's own people."""

    serializer_class = DecommissionSerializer
    needs = {
        "show": Permission.COMMENT_INTERNAL,
        "begin": Permission.GATE_SIGN,
        "finish": Permission.ITEM_WORK,
        "reopen": Permission.ITEM_WORK,
        "certify": Permission.GATE_SIGN,
        "complete": Permission.GATE_SIGN,
        "withdraw": Permission.GATE_SIGN,
    }
    pagination_class = None
    filter_backends = ()

    @extend_schema(responses=DecommissionSerializer)
    def show(self, request: Request, **kwargs: Any) -> Response:
        """Show the decommission that goes on, was completed, or was withdrawn last."""
        return self.answer(self._newest())

    @extend_schema(request=BeginEnd, responses=DecommissionSerializer)
    @once
    def begin(self, request: Request, **kwargs: Any) -> Response:
        """Begin the end: its steps appear; one that goes on is answered as it is."""
        deployment, body = self._deployment(), self.body(BeginEnd)
        with refusing(DecommissionRefused):
            Decommission.begin(deployment, **body, by=self.by)
        return self.answer(self._newest())

    @extend_schema(request=Nothing, responses=DecommissionSerializer)
    @once
    def complete(self, request: Request, **kwargs: Any) -> Response:
        """End the deployment, as a second person, once every step is done and certified."""
        made = self._newest()
        self.body(Nothing)
        with refusing(DecommissionRefused):
            made.complete(by=self.by)
        return self.answer(self._newest())

    @extend_schema(request=Reason, responses=DecommissionSerializer)
    @once
    def withdraw(self, request: Request, **kwargs: Any) -> Response:
        """Take it back while the data are there: the tool stays."""
        made, body = self._newest(), self.body(Reason)
        with refusing(DecommissionRefused):
            made.withdraw(by=self.by, reason=body["reason"])
        return self.answer(self._newest())

    @extend_schema(request=StepNote, responses=DecommissionSerializer)
    @once
    def finish(self, request: Request, **kwargs: Any) -> Response:
        """Say that a step is done; one that is certified is done with its signature."""
        step, body = self._step(), self.body(StepNote)
        with refusing(DecommissionRefused):
            step.finish(by=self.by, note=body["note"])
        return self.answer(self._newest())

    @extend_schema(request=Certify, responses=DecommissionSerializer)
    def certify(self, request: Request, **kwargs: Any) -> Response:
        """Certify with a signature what a step says, and close it."""
        step, body = self._step(), self.body(Certify)
        with refusing(DecommissionRefused, SignatureRefused):
            Certificate.sign(step, **take_proof(request, body), **body, by=self.by)
        return self.answer(self._newest())

    @extend_schema(request=Reason, responses=DecommissionSerializer)
    @once
    def reopen(self, request: Request, **kwargs: Any) -> Response:
        """Take a step up again that was not done after all."""
        step, body = self._step(), self.body(Reason)
        with refusing(DecommissionRefused):
            step.reopen(by=self.by, reason=body["reason"])
        return self.answer(self._newest())

    def _deployment(self) -> Deployment:
        lens = Lens.of(self.request._request)
        if not lens.of_host:
            raise NotAllowed(Permission.COMMENT_INTERNAL)
        return lens.deployment(self.kwargs["deployment"])

    def _newest(self) -> Decommission:
        made: Decommission | None = (
            Decommission.objects.filter(deployment=self._deployment()).order_by("-begun_at").first()
        )
        if made is None:
            raise Http404
        return made

    def _step(self) -> DecommissionStep:
        step: DecommissionStep | None = self._newest().steps.filter(key=self.kwargs["key"]).first()
        if step is None:
            raise Http404
        return step
