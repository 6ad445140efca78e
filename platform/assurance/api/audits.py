"""Audits, what they found, and packs, for programs: read, answered and asked for."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from accounts.models import Membership, User
from api.filters import choice, identifier
from api.idempotency import once
from api.problems import refusing
from api.serializers import Body
from api.viewsets import ScopedViewSet
from assurance.models import AuditPack, AuditRefused, Definition, Finding, Line, Run
from assurance.registry import UnknownCheck
from assurance.tasks import make_pack
from tenancy.models import Site


class AuditSerializer(serializers.ModelSerializer[Definition]):
    """A scheduled audit. `check_name` says which rule looks; `criteria` are those of a composed one."""

    criteria = serializers.JSONField()
    sites = serializers.ListField(child=serializers.UUIDField())

    class Meta:
        model = Definition
        fields = ("id", "check_name", "title", "must_hold", "criteria", "rhythm", "next_on", "finish_in", "sample", "sites",
                  "owner_id", "retired_at")  # fmt: skip


class AuditLineSerializer(serializers.ModelSerializer[Line]):
    """One thing that was looked at."""

    class Meta:
        model = Line
        fields = ("number", "subject_type", "subject_id", "title", "holds", "says", "decision", "reason", "decided_by_id",
                  "decided_at", "finding_id")  # fmt: skip


class AuditRunSerializer(serializers.ModelSerializer[Run]):
    """One time that an audit was carried out. The sample is drawn again from `seed` and the population's ids."""

    class Meta:
        model = Run
        fields = ("id", "definition_id", "number", "state", "planned_on", "due_on", "began_at", "seed", "population",
                  "population_sha256", "statement", "signed_by_id", "signed_at", "sha256")  # fmt: skip


class AuditRunDetailSerializer(AuditRunSerializer):
    """A run with every line."""

    lines = serializers.SerializerMethodField()

    class Meta(AuditRunSerializer.Meta):
        fields = (*AuditRunSerializer.Meta.fields, "lines")  # type: ignore[assignment]

    @extend_schema_field(AuditLineSerializer(many=True))
    def get_lines(self, run: Run) -> Any:
        """Return the lines in order."""
        return AuditLineSerializer(run.lines.order_by("number"), many=True).data


class AuditFindingSerializer(serializers.ModelSerializer[Finding]):
    """What did not hold, and what became of it."""

    class Meta:
        model = Finding
        fields = ("id", "run_id", "number", "text", "state", "owner_id", "due_on", "raised_at", "correction", "corrected_at",
                  "retested_at", "retest_says", "closed_at", "closed_by_id")  # fmt: skip


class AuditPackSerializer(serializers.ModelSerializer[AuditPack]):
    """A pack. The finished file is downloaded by a link of its page, which belongs to one person for an hour."""

    class Meta:
        model = AuditPack
        fields = ("id", "deployment_id", "title", "since", "until", "state", "asked_by_id", "asked_at", "ready_at", "size",
                  "sha256", "manifest_sha256")  # fmt: skip


class AuditWanted(Body):
    """What is scheduled. Title, words, rhythm and sample are the check's own where they are left out."""

    check_name = serializers.CharField(max_length=40)
    first_on = serializers.DateField(help_text="Moved to a working day")
    owner_id = serializers.UUIDField(help_text="Who answers for it: a member who sees audits")
    title = serializers.CharField(max_length=120, required=False, default="")
    must_hold = serializers.CharField(max_length=500, required=False, default="")
    rhythm = serializers.ChoiceField(Definition.Rhythm.choices, required=False)
    finish_in = serializers.IntegerField(min_value=1, max_value=60, required=False, default=10)
    sample = serializers.IntegerField(min_value=1, required=False, allow_null=True, default=None)
    sites = serializers.ListField(child=serializers.UUIDField(), required=False, default=list, max_length=1000)
    criteria = serializers.DictField(
        required=False, default=dict, help_text="Of the check `facts`: an expression over facts and papers"
    )


class FindingRetest(Body):
    """What was looked at, for a finding that no rule looks at again."""

    holds = serializers.BooleanField(required=False, allow_null=True, default=None)
    says = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class FindingClosing(Body):
    """What convinced whoever closes it."""

    statement = serializers.CharField(max_length=500)


class FindingHandOver(Body):
    """Another owner, another day, and why."""

    owner_id = serializers.UUIDField()
    due_on = serializers.DateField()
    reason = serializers.CharField(max_length=300)


class Correction(Body):
    """What was done."""

    what = serializers.CharField(max_length=1000)


class PackWanted(Body):
    """What a pack is over; without a deployment, the whole organization."""

    deployment_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    since = serializers.DateField()
    until = serializers.DateField()


READ = {"list": Permission.AUDIT_READ, "retrieve": Permission.AUDIT_READ}


class AuditViewSet(ScopedViewSet):
    """Scheduled audits."""

    serializer_class = AuditSerializer
    needs = {**READ, "schedule": Permission.AUDIT_RUN}

    def rows(self) -> QuerySet[Any]:
        """Return all of them."""
        return Definition.objects.all()

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List the audits, oldest first, those that were ended among them."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show an audit."""
        return super().retrieve(request, **kwargs)

    @extend_schema(request=AuditWanted, responses={201: AuditSerializer})
    @once
    def schedule(self, request: Request, **kwargs: Any) -> Response:
        """Schedule an audit; one of the check `facts` brings its own criteria, over facts and papers."""
        said = self.body(AuditWanted)
        name, owner = said.pop("check_name"), _person(said.pop("owner_id"))
        if Site.objects.filter(pk__in=said["sites"]).count() != len(set(said["sites"])):
            raise serializers.ValidationError({"sites": "One of these sites is none of this organization's."})
        with refusing(AuditRefused, UnknownCheck):
            made = Definition.schedule(name, owner=owner, by=self.by, **said)
        return Response(self.get_serializer(made).data, status=201)


class AuditRunViewSet(ScopedViewSet):
    """Each time an audit was carried out."""

    serializer_class = AuditRunSerializer
    needs = READ
    filters = {
        "audit": identifier("definition_id", "Runs of one audit"),
        "state": choice("state", Run.State.values, "Runs in one state"),
    }

    def get_serializer_class(self) -> Any:
        """Give the lines with a single run only."""
        return AuditRunDetailSerializer if self.action == "retrieve" else AuditRunSerializer

    def rows(self) -> QuerySet[Any]:
        """Return all of them."""
        return Run.objects.all()

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List the runs, oldest first."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show a run with what it looked at."""
        return super().retrieve(request, **kwargs)


class AuditFindingViewSet(ScopedViewSet):
    """What audits found."""

    serializer_class = AuditFindingSerializer
    needs = {
        **READ,
        "correct": Permission.AUDIT_READ,
        "retest": Permission.AUDIT_RUN,
        "close": Permission.AUDIT_RUN,
        "hand_over": Permission.AUDIT_RUN,
    }
    filters = {
        "run": identifier("run_id", "Findings of one run"),
        "state": choice("state", Finding.State.values, "Findings in one state"),
    }

    def rows(self) -> QuerySet[Any]:
        """Return all of them."""
        return Finding.objects.all()

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List the findings, oldest first."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show a finding."""
        return super().retrieve(request, **kwargs)

    @extend_schema(request=Correction, responses=AuditFindingSerializer)
    @once
    def correct(self, request: Request, **kwargs: Any) -> Response:
        """Say what was done about a finding that one owns."""
        said = self.body(Correction)
        return self._do(lambda found: found.correct(said["what"], by=self.by))

    @extend_schema(request=FindingRetest, responses=AuditFindingSerializer)
    @once
    def retest(self, request: Request, **kwargs: Any) -> Response:
        """Look again at what was corrected: by the rule where the finding has lines, else by what is said."""
        said = self.body(FindingRetest)
        return self._do(lambda found: found.retest(by=self.by, **said))

    @extend_schema(request=FindingClosing, responses=AuditFindingSerializer)
    @once
    def close(self, request: Request, **kwargs: Any) -> Response:
        """Sign off what holds again, as somebody who neither owns nor corrected it."""
        said = self.body(FindingClosing)
        return self._do(lambda found: found.close(statement=said["statement"], by=self.by))

    @extend_schema(request=FindingHandOver, responses=AuditFindingSerializer)
    @once
    def hand_over(self, request: Request, **kwargs: Any) -> Response:
        """Give it another owner or another day."""
        said = self.body(FindingHandOver)
        owner = _person(said["owner_id"])
        return self._do(
            lambda found: found.hand_over(owner=owner, due_on=said["due_on"], reason=said["reason"], by=self.by)
        )

    def _do(self, verb: Callable[[Finding], object]) -> Response:
        found: Finding = self.get_object()
        with refusing(AuditRefused):
            verb(found)
        found.refresh_from_db()
        return Response(self.get_serializer(found).data)


class AuditPackViewSet(ScopedViewSet):
    """Audit packs."""

    serializer_class = AuditPackSerializer
    needs = {**READ, "ask": Permission.AUDIT_READ}

    def rows(self) -> QuerySet[Any]:
        """Return all of them."""
        return AuditPack.objects.all()

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List the packs, oldest first."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show how far a pack has come, and the hashes of a finished one."""
        return super().retrieve(request, **kwargs)

    @extend_schema(request=PackWanted, responses={201: AuditPackSerializer})
    @once
    def ask(self, request: Request, **kwargs: Any) -> Response:
        """Ask for a pack; it is made in the background."""
        said = self.body(PackWanted)
        with refusing(AuditRefused):
            made = AuditPack.ask(by=self.by, **said)
        make_pack.later(made.organization_id, made.pk)
        return Response(self.get_serializer(made).data, status=201)


def _person(pk: UUID) -> User:
    """Return a member's person; raise a problem that names the field."""
    member = Membership.objects.active().filter(user_id=pk).select_related("user").first()
    if member is None:
        raise serializers.ValidationError({"owner_id": "Nobody of that id belongs to this organization."})
    found: User = member.user
    return found
