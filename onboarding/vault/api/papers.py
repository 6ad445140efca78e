"""The vault: papers with their versions and uses, given, renewed and reviewed; what other organizations offer."""

import base64
import binascii
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from access.require import NotAllowed
from api.filters import choice, day, words
from api.idempotency import once
from api.problems import refusing
from api.serializers import Body, Nothing
from api.viewsets import BY_API, ScopedViewSet
from onboarding.deployments.models import Evidence
from onboarding.vault.actions import hand_over
from onboarding.vault.files import StoredFile, store
from onboarding.vault.models import Paper, PaperRefused, PaperVersion, ReceivedPaper
from tenancy.offers import OfferState
from tenancy.scope import current
from web.uploads import FileRefused

REFUSED = (PaperRefused, FileRefused)


class PaperSerializer(serializers.ModelSerializer[Paper]):
    """A document or an answer of the organization; `approved_version` is the one in force."""

    controls = serializers.ListField(child=serializers.CharField(), help_text="Keys of the control sets it answers")
    in_force = serializers.BooleanField(source="is_in_force")

    class Meta:
        model = Paper
        fields = (
            "id",
            "kind",
            "title",
            "state",
            "note",
            "owner_id",
            "controls",
            "versions_count",
            "approved_version",
            "in_force",
            "valid_until",
            "source_id",
            "source_paper_id",
            "created_at",
        )


class PaperVersionSerializer(serializers.ModelSerializer[PaperVersion]):
    """One state of a paper, kept for good."""

    answer = serializers.JSONField()

    class Meta:
        model = PaperVersion
        fields = ("number", "name", "content_type", "size", "sha256", "scan", "answer", "valid_until", "by_id", "at")


class UseSerializer(serializers.ModelSerializer[Evidence]):
    """An item that a paper is evidence of."""

    class Meta:
        model = Evidence
        fields = ("id", "deployment_id", "item_id", "state", "paper_version")


class PaperDetailSerializer(PaperSerializer):
    """A paper with its versions, newest first, and where it is used."""

    versions = serializers.SerializerMethodField()
    uses = serializers.SerializerMethodField()

    class Meta(PaperSerializer.Meta):
        fields = (*PaperSerializer.Meta.fields, "versions", "uses")  # type: ignore[assignment]

    @extend_schema(responses=PaperVersionSerializer(many=True))
    def get_versions(self, paper: Paper) -> Any:
        """Return every version."""
        return PaperVersionSerializer(paper.versions.order_by("-number"), many=True).data

    @extend_schema(responses=UseSerializer(many=True))
    def get_uses(self, paper: Paper) -> Any:
        """Return the items that rest on it."""
        return UseSerializer(Evidence.objects.filter(paper=paper).order_by("pk"), many=True).data


class ReceivedPaperSerializer(serializers.ModelSerializer[ReceivedPaper]):
    """A version that another organization offers; accepting it makes an own copy."""

    controls = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = ReceivedPaper
        fields = (
            "id",
            "source_id",
            "title",
            "kind",
            "name",
            "size",
            "sha256",
            "version",
            "valid_until",
            "controls",
            "state",
            "paper_id",
            "received_at",
            "answered_at",
        )


class Content(Body):
    """A file (its name and its bytes as base64), or an answer (question and words); one of the two."""

    name = serializers.CharField(max_length=160, required=False)
    content = serializers.CharField(required=False, help_text="The file's bytes as base64, at most about 3.5 MB")
    question = serializers.CharField(max_length=300, required=False)
    words = serializers.CharField(max_length=8000, required=False)
    valid_until = serializers.DateField(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse both, neither, and what is no base64."""
        if ("content" in attrs) == ("words" in attrs):
            raise serializers.ValidationError("Give content with its name, or words with their question.")
        if "words" in attrs and "question" not in attrs:
            raise serializers.ValidationError({"question": "Say what the words answer."})
        if "content" in attrs:
            if "name" not in attrs:
                raise serializers.ValidationError({"name": "Give the file's name."})
            try:
                attrs["bytes"] = base64.b64decode(attrs["content"], validate=True)
            except (binascii.Error, ValueError):
                raise serializers.ValidationError({"content": "This is not base64."}) from None
        if attrs["valid_until"] and attrs["valid_until"] < timezone.localdate():
            raise serializers.ValidationError({"valid_until": "This day is past."})
        return attrs


class Submit(Content):
    """A new paper."""

    title = serializers.CharField(max_length=160)
    controls = serializers.ListField(child=serializers.CharField(max_length=80), required=False, max_length=200)
    ready = serializers.BooleanField(default=True, help_text="False: nobody is asked to review it yet")


class Objection(Body):
    """What is wrong with it."""

    reason = serializers.CharField(max_length=400)


class OwnViewSet(ScopedViewSet):
    """The organization's own: no partner reaches it."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse partners after the permission was checked."""
        super().initial(request, *args, **kwargs)
        if getattr(request._request, "part", None) is not None:
            raise NotAllowed(Permission.EVIDENCE_READ)


class PaperViewSet(OwnViewSet):
    """Papers of the vault."""

    serializer_class = PaperSerializer
    needs = {
        "list": Permission.EVIDENCE_READ,
        "retrieve": Permission.EVIDENCE_READ,
        "submit": Permission.EVIDENCE_ADD,
        "renew": Permission.EVIDENCE_ADD,
        "ready": Permission.EVIDENCE_ADD,
        "unready": Permission.EVIDENCE_ADD,
        "approve": Permission.ITEM_REVIEW,
        "flag": Permission.ITEM_REVIEW,
        "revoke": Permission.ITEM_REVIEW,
    }
    filters = {
        "state": choice("state", Paper.State.values, "Papers in one state"),
        "control": words(
            lambda rows, key: rows.filter(controls__contains=[key]), "Papers that answer a control, by its key"
        ),
        "valid_before": day("valid_until__lt", "Papers that end before a day"),
    }

    def get_serializer_class(self) -> Any:
        """Give versions and uses with a single paper only."""
        return PaperDetailSerializer if self.action == "retrieve" else PaperSerializer

    def rows(self) -> QuerySet[Any]:
        """Return the papers."""
        return Paper.objects.all()

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List papers, oldest first."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show a paper with its versions and uses. Whoever reads an answer's words stands in the read log."""
        paper: Paper = self.get_object()
        if paper.kind == Paper.Kind.ANSWER and paper.versions_count:
            paper.opened(paper.version(paper.versions_count), by=self.by, how=BY_API)
        return self.answer(paper)

    @extend_schema(request=Submit, responses={201: PaperSerializer})
    @once
    def submit(self, request: Request, **kwargs: Any) -> Response:
        """Put a file or an answer into the vault; it waits for its review."""
        body = self.body(Submit)
        with refusing(*REFUSED):
            paper = Paper.add(
                _file(body),
                by=self.by,
                title=body["title"],
                answer=_answer(body),
                valid_until=body["valid_until"],
                mapped=body.get("controls"),
                ready=body["ready"],
            )
        return Response(PaperSerializer(paper).data, status=201)

    @extend_schema(request=Content, responses=PaperSerializer)
    @once
    def renew(self, request: Request, **kwargs: Any) -> Response:
        """Add a newer version; what is in force stays so until this one is approved."""
        paper, body = self.get_object(), self.body(Content)
        with refusing(*REFUSED):
            paper.renew(_file(body), by=self.by, answer=_answer(body), valid_until=body["valid_until"])
        return self._now()

    @extend_schema(request=Nothing, responses=PaperSerializer)
    @once
    def ready(self, request: Request, **kwargs: Any) -> Response:
        """Ask for the review of the newest version."""
        return self._do(lambda paper: paper.make_ready(by=self.by))

    @extend_schema(request=Nothing, responses=PaperSerializer)
    @once
    def unready(self, request: Request, **kwargs: Any) -> Response:
        """Take the newest version back to work on it."""
        return self._do(lambda paper: paper.take_back(by=self.by))

    @extend_schema(request=Nothing, responses=PaperSerializer)
    @once
    def approve(self, request: Request, **kwargs: Any) -> Response:
        """Bring the newest version into force, everywhere it is used."""
        return self._do(lambda paper: paper.approve(by=self.by))

    @extend_schema(request=Objection, responses=PaperSerializer)
    @once
    def flag(self, request: Request, **kwargs: Any) -> Response:
        """Say what is wrong with the newest version; in force it ends, and what rests on it opens again."""
        reason = self.body(Objection)["reason"]
        return self._do(lambda paper: paper.flag(by=self.by, reason=reason))

    @extend_schema(request=Objection, responses=PaperSerializer)
    @once
    def revoke(self, request: Request, **kwargs: Any) -> Response:
        """End the paper for good; what rests on it opens again."""
        reason = self.body(Objection)["reason"]
        return self._do(lambda paper: paper.revoke(by=self.by, reason=reason))

    def _do(self, verb: Any) -> Response:
        paper = self.get_object()
        with refusing(*REFUSED):
            verb(paper)
        return self._now()

    def _now(self) -> Response:
        return Response(PaperSerializer(self.get_object()).data)


class ReceivedPaperViewSet(OwnViewSet):
    """What other organizations offer."""

    serializer_class = ReceivedPaperSerializer
    needs = {
        "list": Permission.EVIDENCE_READ,
        "accept": Permission.ITEM_REVIEW,
        "decline": Permission.ITEM_REVIEW,
    }
    filters = {"state": choice("state", OfferState.values, "Offers in one state")}

    def rows(self) -> QuerySet[Any]:
        """Return the offers, with who makes them."""
        return ReceivedPaper.objects.select_related("source")

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List offers, oldest first."""
        return super().list(request, **kwargs)

    @extend_schema(request=Nothing, responses=PaperSerializer)
    @once
    def accept(self, request: Request, **kwargs: Any) -> Response:
        """Take an own copy, which waits for this organization's own review."""
        found = self.get_object()
        with refusing(*REFUSED):
            paper = hand_over.accept(found, by=self.by)
        return Response(PaperSerializer(paper).data)

    @extend_schema(request=Nothing, responses=ReceivedPaperSerializer)
    @once
    def decline(self, request: Request, **kwargs: Any) -> Response:
        """Say no; the giver sees it."""
        found = self.get_object()
        with refusing(*REFUSED):
            hand_over.decline(found, by=self.by)
        return Response(ReceivedPaperSerializer(self.get_object()).data)


def _file(body: dict[str, Any]) -> StoredFile:
    name, content = (
        (body["name"], body["bytes"])
        if "bytes" in body
        else ("answer.txt", f"{body['question']}\n\n{body['words']}\n".encode())
    )
    organization = current().organization_id
    if organization is None:
        raise Http404
    return store(organization, name, [content])


def _answer(body: dict[str, Any]) -> dict[str, str] | None:
    return {"question": body["question"], "words": body["words"]} if "words" in body else None
