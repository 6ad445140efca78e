"""Upgrades of a program's deployments: the dry run, the move, the ledger, and the way back."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from api.filters import identifier
from api.idempotency import once
from api.problems import BadParameter, refusing
from api.serializers import Body, Nothing
from api.viewsets import ScopedViewSet
from onboarding.deployments.models import Program
from onboarding.playbooks.models import PlaybookVersion
from onboarding.upgrades.actions.upgrade import CannotUpgrade, DryRun, dry_run, undo_upgrade, upgrade
from onboarding.upgrades.merge import OURS, THEIRS
from onboarding.upgrades.models import DeploymentUpgrade, Upgrade

TO = identifier("", "The playbook version to move to")
ASK = "refuse"


class ConflictSerializer(serializers.Serializer[Any]):
    """The site and the playbook both changed it. `field` is "item" where the item itself left the playbook."""

    key = serializers.CharField()
    field = serializers.CharField()
    base = serializers.JSONField()
    ours = serializers.JSONField()
    theirs = serializers.JSONField()


class DryRunSerializer(serializers.Serializer[DryRun]):
    """What the upgrade would do to one deployment. Nothing is written."""

    deployment_id = serializers.UUIDField(source="deployment.pk")
    from_version_id = serializers.UUIDField(source="deployment.playbook_version_id")
    counts = serializers.DictField(child=serializers.IntegerField())
    conflicts = ConflictSerializer(source="merge.conflicts", many=True)
    opens_again = serializers.ListField(
        child=serializers.CharField(), help_text="Gates that are passed now and would not hold afterwards"
    )


class DecisionSerializer(serializers.Serializer[Any]):
    """What is decided on a conflict of one deployment."""

    deployment = serializers.UUIDField()
    key = serializers.CharField(max_length=80)
    field = serializers.CharField(max_length=40)
    decision = serializers.ChoiceField(choices=[OURS, THEIRS])


class MoveUpgrade(Body):
    """The version, the deployments, and what is decided; `undecided` says what happens to every other conflict."""

    to = serializers.UUIDField()
    deployments = serializers.ListField(child=serializers.UUIDField(), allow_empty=False, max_length=500)
    decisions = DecisionSerializer(many=True, required=False, default=list)
    undecided = serializers.ChoiceField(choices=[ASK, OURS, THEIRS], default=ASK)
    for_new_sites = serializers.BooleanField(default=False)


class DeploymentUpgradeSerializer(serializers.ModelSerializer[DeploymentUpgrade]):
    """What the upgrade did to one deployment."""

    decisions = serializers.JSONField()
    counts = serializers.JSONField()

    class Meta:
        model = DeploymentUpgrade
        fields = ("deployment_id", "from_version_id", "counts", "decisions", "before_sha256", "after_sha256")


class UpgradeSerializer(serializers.ModelSerializer[Upgrade]):
    """One move of a program's deployments to another playbook version."""

    counts = serializers.JSONField()

    class Meta:
        model = Upgrade
        fields = ("id", "program_id", "to_version_id", "counts", "by_id", "at", "undone_at", "undone_by_id")


class UpgradeDetailSerializer(UpgradeSerializer):
    """A move with what it did to each deployment."""

    deployments = DeploymentUpgradeSerializer(many=True)

    class Meta(UpgradeSerializer.Meta):
        fields = (*UpgradeSerializer.Meta.fields, "deployments")  # type: ignore[assignment]


class ProgramUpgradeViewSet(ScopedViewSet):
    """A program's dry run, and the move itself."""

    serializer_class = UpgradeSerializer
    pagination_class = None
    filter_backends = ()
    needs = {"preview": Permission.DEPLOYMENT_PLAN, "move": Permission.DEPLOYMENT_PLAN}
    parameters = {"preview": {"to"}}

    def rows(self) -> QuerySet[Any]:
        """Return nothing: the program is the address."""
        return Upgrade.objects.none()

    @extend_schema(
        parameters=[OpenApiParameter("to", OpenApiTypes.UUID, required=True, description=TO.says)],
        responses=DryRunSerializer(many=True),
    )
    def preview(self, request: Request, **kwargs: Any) -> Response:
        """Show what moving to a playbook version would do to each deployment of the program. Nothing is moved."""
        text = request.query_params.get("to")
        if text is None:
            raise BadParameter("to", "Give the playbook version to try.")
        try:
            to = TO.reads(text)
        except ValueError as error:
            raise BadParameter("to", str(error)) from None
        runs: Any = dry_run(self._program(), _version(to))
        return Response(DryRunSerializer(runs, many=True).data)

    @extend_schema(request=MoveUpgrade, responses={200: UpgradeSerializer, 204: None})
    @once
    def move(self, request: Request, **kwargs: Any) -> Response:
        """Move deployments to a playbook version, all or none; 204 where all of them are there already."""
        body = self.body(MoveUpgrade)
        to, program = _version(body["to"]), self._program()
        decisions: dict[UUID, dict[tuple[str, str], str]] = {pk: {} for pk in body["deployments"]}
        if body["undecided"] != ASK:
            for run in dry_run(program, to, body["deployments"]):
                decisions[run.deployment.pk] = {one.name: body["undecided"] for one in run.merge.conflicts}
        for one in body["decisions"]:
            decisions.setdefault(one["deployment"], {})[one["key"], one["field"]] = one["decision"]
        with refusing(CannotUpgrade):
            ledger = upgrade(
                program,
                to,
                body["deployments"],
                by=self.by,
                decisions=decisions,
                for_new_sites=body["for_new_sites"],
            )
        return Response(status=204) if ledger is None else Response(UpgradeSerializer(ledger).data)

    def _program(self) -> Program:
        found: Program | None = Program.objects.filter(pk=self.kwargs["program"]).first()
        if found is None:
            raise Http404
        return found


class UpgradeViewSet(ScopedViewSet):
    """The ledger of upgrades."""

    serializer_class = UpgradeSerializer
    needs = {
        "list": Permission.PLAYBOOK_READ,
        "retrieve": Permission.PLAYBOOK_READ,
        "undo": Permission.DEPLOYMENT_PLAN,
    }
    filters = {
        "program": identifier("program_id", "Upgrades of one program"),
        "deployment": identifier("deployments__deployment_id", "Upgrades of one deployment"),
    }

    def get_serializer_class(self) -> Any:
        """Give the deployments with a single upgrade only."""
        return UpgradeDetailSerializer if self.action == "retrieve" else UpgradeSerializer

    def rows(self) -> QuerySet[Any]:
        """Return all upgrades."""
        return Upgrade.objects.prefetch_related("deployments") if self.action == "retrieve" else Upgrade.objects.all()

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List upgrades, oldest first."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show an upgrade with what it did to each deployment."""
        return super().retrieve(request, **kwargs)

    @extend_schema(request=Nothing, responses=UpgradeSerializer)
    @once
    def undo(self, request: Request, **kwargs: Any) -> Response:
        """Take an upgrade back; refused where somebody has worked on what it brought."""
        found = self.get_object()
        with refusing(CannotUpgrade):
            undo_upgrade(found, by=self.by)
        return Response(UpgradeSerializer(self.get_object()).data)


def _version(pk: UUID) -> PlaybookVersion:
    found = PlaybookVersion.objects.published().select_related("playbook").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
