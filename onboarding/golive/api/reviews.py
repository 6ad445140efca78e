"""Meetings over gates and their decisions: what was decided, on what evidence, and who signed it."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from api.filters import choice, words
from api.viewsets import ScopedViewSet
from onboarding.deployments.models import Deployment
from onboarding.golive.models import Condition, GateReview, Vote
from onboarding.golive.verification import verified


class ReviewSerializer(serializers.ModelSerializer[GateReview]):
    """A meeting over a gate, and what came of it."""

    class Meta:
        model = GateReview
        fields = ("id", "deployment_id", "gate", "number", "state", "convened_at", "decision", "decided_at", "version")


class VoteSerializer(serializers.ModelSerializer[Vote]):
    """A panel role's voice."""

    class Meta:
        model = Vote
        fields = ("role", "title", "choice", "reason", "by_id", "at")


class ConditionSerializer(serializers.ModelSerializer[Condition]):
    """What a conditional go carries along, until its last day."""

    class Meta:
        model = Condition
        fields = ("id", "item_id", "title", "owner", "workaround", "expires_on")


class SignatureSerializer(serializers.Serializer[Any]):
    """An electronic signature on the record. Partners read no name."""

    capacity = serializers.CharField(help_text="decides, chair or panel")
    printed_name = serializers.CharField(allow_null=True)
    meaning = serializers.CharField()
    signed_at = serializers.DateTimeField()
    method = serializers.CharField(help_text="What the signer proved who they are with, joined by +")
    record_sha256 = serializers.CharField()
    valid = serializers.BooleanField(
        help_text="Whether it is whole, on this very record, and in the log as it was given"
    )


class PackSerializer(serializers.Serializer[Any]):
    """The evidence frozen last for the meeting."""

    number = serializers.IntegerField()
    frozen_at = serializers.DateTimeField()
    sha256 = serializers.CharField()


class ReviewDetailSerializer(ReviewSerializer):
    """A meeting with its votes, conditions, evidence, record and signatures; partners read the outcome."""

    signatures = serializers.SerializerMethodField()
    votes = serializers.SerializerMethodField()
    conditions = serializers.SerializerMethodField()
    evidence = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()
    record = serializers.SerializerMethodField(help_text="What was signed; empty before the decision")

    class Meta(ReviewSerializer.Meta):
        fields = (  # type: ignore[assignment]
            *ReviewSerializer.Meta.fields,
            "reason",
            "votes",
            "conditions",
            "evidence",
            "signatures",
            "record",
        )

    @property
    def _of_host(self) -> bool:
        return self.context["request"]._request.part is None

    @extend_schema_field(SignatureSerializer(many=True))
    def get_signatures(self, review: GateReview) -> Any:
        """Each with whether it stands."""
        return [
            {
                **{
                    name: getattr(one, name) for name in ("capacity", "meaning", "signed_at", "method", "record_sha256")
                },
                "printed_name": one.printed_name if self._of_host else None,
                "valid": valid,
            }
            for one, valid in verified(review)
        ]

    @extend_schema_field(VoteSerializer(many=True))
    def get_votes(self, review: GateReview) -> Any:
        """The panel's voices; none for partners."""
        return VoteSerializer(review.votes.order_by("id"), many=True).data if self._of_host else []

    @extend_schema_field(ConditionSerializer(many=True))
    def get_conditions(self, review: GateReview) -> Any:
        """What goes along; none for partners."""
        return ConditionSerializer(Condition.objects.of_review(review), many=True).data if self._of_host else []

    @extend_schema_field(PackSerializer(allow_null=True))
    def get_evidence(self, review: GateReview) -> Any:
        """The pack frozen last; null for partners."""
        pack = review.pack if self._of_host else None
        return PackSerializer(pack).data if pack else None

    def get_reason(self, review: GateReview) -> str:
        """Why, as it stands in the record; empty for partners."""
        return review.reason if self._of_host else ""

    @extend_schema_field(serializers.DictField())
    def get_record(self, review: GateReview) -> Any:
        """Its canonical JSON (sorted keys, nothing between them, UTF-8) has the hash that the signatures name."""
        return review.record if self._of_host else {}


class ReviewViewSet(ScopedViewSet):
    """Meetings over gates."""

    serializer_class = ReviewSerializer
    needs = {"list": Permission.GATE_READ, "retrieve": Permission.GATE_READ}
    filters = {
        "gate": words("gate", "Meetings over one gate, by its key"),
        "state": choice("state", GateReview.State.values, "Meetings in one state"),
        "decision": choice("decision", GateReview.Decision.values, "Meetings with one outcome"),
    }

    def get_serializer_class(self) -> Any:
        """Show one in full, a list in short."""
        return ReviewDetailSerializer if self.action == "retrieve" else ReviewSerializer

    def rows(self) -> QuerySet[Any]:
        """Return the meetings in reach; raise Http404 without the deployment."""
        deployment = self.kwargs.get("deployment")
        if deployment is None:
            return GateReview.objects.all()
        if not Deployment.objects.filter(pk=deployment).exists():
            raise Http404
        return GateReview.objects.filter(deployment_id=deployment)

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List the meetings over the gates of a deployment, oldest first."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show a meeting and its decision."""
        return super().retrieve(request, **kwargs)
