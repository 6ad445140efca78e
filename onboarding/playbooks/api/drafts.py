"""Drafts of playbooks: started from a version or a document, replaced as a whole, checked, compared, published."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from api.filters import choice
from api.idempotency import once
from api.problems import refusing
from api.serializers import Body, Nothing
from api.viewsets import ScopedViewSet
from onboarding.playbooks.actions.bring_onto import bring_onto, comparison
from onboarding.playbooks.api.playbooks import PlaybookVersionSerializer
from onboarding.playbooks.diff import Difference, differences
from onboarding.playbooks.inheritance import newer, upstream
from onboarding.playbooks.models import PlaybookDraft, PlaybookVersion
from onboarding.playbooks.models.draft import DraftRefused
from onboarding.playbooks.reading import PlaybookError, Problem
from onboarding.playbooks.rebase import OURS, THEIRS, Conflict

ASK = "refuse"


class DraftSerializer(serializers.ModelSerializer[PlaybookDraft]):
    """A playbook in the making."""

    version = serializers.CharField(read_only=True)

    class Meta:
        model = PlaybookDraft
        fields = (
            "id",
            "key",
            "title",
            "version",
            "state",
            "base_id",
            "onto_id",
            "made_from",
            "revision",
            "changed_at",
            "published_id",
        )


class ProblemSerializer(serializers.Serializer[Problem]):
    """What keeps the draft from being published."""

    subject = serializers.CharField()
    field = serializers.CharField()
    message = serializers.CharField()


class FieldDifferenceSerializer(serializers.Serializer[Any]):
    """A field before and after; null where it is not written."""

    field = serializers.CharField()
    before = serializers.JSONField()
    after = serializers.JSONField()


class DifferenceSerializer(serializers.Serializer[Difference]):
    """A part that the draft adds, removes or changes against the version it started from."""

    kind = serializers.CharField()
    key = serializers.CharField()
    title = serializers.CharField()
    change = serializers.ChoiceField(choices=["added", "removed", "changed"])
    fields = FieldDifferenceSerializer(many=True)  # type: ignore[assignment]


class DraftDetailSerializer(DraftSerializer):
    """A draft with what is wrong and what it changes."""

    problems = serializers.SerializerMethodField()
    changes = serializers.SerializerMethodField()

    class Meta(DraftSerializer.Meta):
        fields = (*DraftSerializer.Meta.fields, "problems", "changes")  # type: ignore[assignment]

    @extend_schema(responses=ProblemSerializer(many=True))
    def get_problems(self, draft: PlaybookDraft) -> Any:
        """Return what the check finds."""
        found: Any = draft.problems()
        return ProblemSerializer(found, many=True).data

    def get_changes(self, draft: PlaybookDraft) -> list[dict[str, Any]]:
        """Return the differences from the version it started from."""
        found: Any = differences(draft.base.plain(), draft.plain()) if draft.base else []
        return list(DifferenceSerializer(found, many=True).data)


class BeginDraft(Body):
    """A version to start from, or a whole document in the playbook format (one of the two).

    With `onto`, the version is brought onto that newer version of the playbook it rests on; `decisions` says for each
    conflict (by its name, see the comparison) whose value counts, `undecided` for all others.
    """

    playbook_version = serializers.UUIDField(required=False)
    document = serializers.JSONField(required=False)
    onto = serializers.UUIDField(required=False)
    decisions = serializers.DictField(child=serializers.ChoiceField(choices=[OURS, THEIRS]), required=False)
    undecided = serializers.ChoiceField(choices=[ASK, OURS, THEIRS], default=ASK)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse both and neither."""
        if ("playbook_version" in attrs) == ("document" in attrs):
            raise serializers.ValidationError("Give playbook_version or document.")
        if "onto" in attrs and "document" in attrs:
            raise serializers.ValidationError({"onto": "Only a version is brought onto another."})
        if not isinstance(attrs.get("document", {}), dict):
            raise serializers.ValidationError({"document": "Must be a mapping in the playbook format."})
        return attrs


class DraftDocument(Body):
    """The whole draft in the playbook format, items included."""

    document = serializers.DictField()


class RebaseConflictSerializer(serializers.Serializer[Conflict]):
    """A field that both changed; `field` is empty where one side took the part out that the other changed."""

    name = serializers.CharField()
    kind = serializers.CharField()
    key = serializers.CharField()
    field = serializers.CharField()
    base = serializers.JSONField()
    ours = serializers.JSONField()
    theirs = serializers.JSONField()


class RebaseSerializer(serializers.Serializer[Any]):
    """What a newer version of the playbook above would bring. Nothing is written."""

    rests_on_id = serializers.UUIDField()
    onto_id = serializers.UUIDField()
    conflicts = RebaseConflictSerializer(many=True)
    changes = DifferenceSerializer(many=True)


class RebaseViewSet(ScopedViewSet):
    """A version of an own playbook compared with a newer version of what it rests on."""

    serializer_class = RebaseSerializer
    pagination_class = None
    filter_backends = ()
    needs = {"compare": Permission.PLAYBOOK_READ}

    def rows(self) -> QuerySet[Any]:
        """Return nothing: the version is the address."""
        return PlaybookVersion.objects.none()

    @extend_schema(responses=RebaseSerializer(many=True))
    def compare(self, request: Request, **kwargs: Any) -> Response:
        """Show, for each newer version, what it would bring and what would have to be decided."""
        version = _version(self.kwargs["version"], self.kwargs["playbook"])
        below = upstream(version)
        found = []
        for onto in newer(version):
            merged = comparison(version, onto)
            found.append(
                {
                    "rests_on_id": below and below.pk,
                    "onto_id": onto.pk,
                    "conflicts": merged.conflicts,
                    "changes": differences(merged.ours, merged.resolved({})),
                }
            )
        return Response(RebaseSerializer(found, many=True).data)


class PlaybookDraftViewSet(ScopedViewSet):
    """Drafts of playbooks. Authors write, publishers publish."""

    serializer_class = DraftSerializer
    needs = {
        "list": Permission.PLAYBOOK_READ,
        "retrieve": Permission.PLAYBOOK_READ,
        "begin": Permission.PLAYBOOK_AUTHOR,
        "document": Permission.PLAYBOOK_READ,
        "replace": Permission.PLAYBOOK_AUTHOR,
        "publish": Permission.PLAYBOOK_PUBLISH,
    }
    filters = {"state": choice("state", PlaybookDraft.State.values, "Drafts in one state")}

    def get_serializer_class(self) -> Any:
        """Give problems and changes with a single draft only."""
        return DraftDetailSerializer if self.action == "retrieve" else DraftSerializer

    def rows(self) -> QuerySet[Any]:
        """Return the drafts."""
        return PlaybookDraft.objects.select_related("base__playbook")

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List drafts, oldest first."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show a draft with what is wrong and what it changes."""
        return super().retrieve(request, **kwargs)

    @extend_schema(request=BeginDraft, responses={201: DraftSerializer})
    @once
    def begin(self, request: Request, **kwargs: Any) -> Response:
        """Start a draft from a version, or from a document in the playbook format."""
        body = self.body(BeginDraft)
        base, plain, made_from = None, body.get("document"), "the API"
        if "playbook_version" in body:
            base = _version(body["playbook_version"])
            plain, made_from = base.plain(), str(base)
        with refusing(PlaybookError, DraftRefused):
            if base and "onto" in body:
                draft = self._onto(base, _version(body["onto"]), body)
            else:
                draft = PlaybookDraft.begin(plain or {}, by=self.by, made_from=made_from, base=base)
        return Response(DraftSerializer(draft).data, status=201)

    def _onto(self, version: PlaybookVersion, onto: PlaybookVersion, body: dict[str, Any]) -> PlaybookDraft:
        decisions = dict(body.get("decisions", {}))
        if body["undecided"] != ASK:
            names = [one.name for one in comparison(version, onto).conflicts]
            decisions = dict.fromkeys(names, body["undecided"]) | decisions
        return bring_onto(version, onto, decisions, by=self.by)

    @extend_schema(responses=DraftDocument)
    def document(self, request: Request, **kwargs: Any) -> Response:
        """Show the whole draft in the playbook format."""
        return Response({"document": self.get_object().plain()})

    @extend_schema(request=DraftDocument, responses=DraftSerializer)
    @once
    def replace(self, request: Request, **kwargs: Any) -> Response:
        """Replace the whole draft; it need not be sound before it is published."""
        draft, body = self.get_object(), self.body(DraftDocument)
        with refusing(DraftRefused, PlaybookError):
            draft.replace(body["document"], by=self.by)
        return Response(DraftSerializer(self.get_object()).data)

    @extend_schema(request=Nothing, responses=PlaybookVersionSerializer)
    @once
    def publish(self, request: Request, **kwargs: Any) -> Response:
        """Make the draft a version that never changes; refused with everything that is wrong."""
        draft = self.get_object()
        with refusing(DraftRefused, PlaybookError):
            version = draft.publish(by=self.by)
        return Response(PlaybookVersionSerializer(version).data)


def _version(pk: UUID, playbook: UUID | None = None) -> PlaybookVersion:
    found = PlaybookVersion.objects.select_related("playbook").filter(pk=pk)
    version = (found.filter(playbook_id=playbook) if playbook else found).first()
    if version is None:
        raise Http404
    return version
