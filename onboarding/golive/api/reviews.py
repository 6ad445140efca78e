"""Meetings over gates and their decisions: convened, voted in, and what was decided, on what evidence, signed by whom."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from access.require import NotAllowed
from api.filters import choice, words
from api.idempotency import once
from api.problems import refusing
from api.serializers import Body, Nothing, Reason
from api.viewsets import BY_API, ScopedViewSet
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment, Item
from onboarding.golive.actions.open_papers import opened
from onboarding.golive.api.signing import SignatureBody, take_proof
from onboarding.golive.models import Condition, GateReview, Vote
from onboarding.golive.models.review import ReviewRefused
from onboarding.golive.models.signature import SignatureRefused
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


class Voice(Body):
    """A vote for one role of the panel."""

    choice = serializers.ChoiceField(Vote.Choice.choices)
    reason = serializers.CharField(max_length=500, required=False, default="", help_text="A no-go needs one")


class ConditionBody(Body):
    """What may go along: an open item that does not block, or a demand of the meeting's own."""

    item_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    title = serializers.CharField(max_length=120, required=False, default="", help_text="Where no item is named")
    owner = serializers.CharField(max_length=4)
    workaround = serializers.CharField(max_length=500)
    expires_on = serializers.DateField()


class DecideBody(SignatureBody):
    """The decision, its reason as it should stand in the record, and the signature."""

    decision = serializers.ChoiceField(GateReview.Decision.choices)
    reason = serializers.CharField(max_length=4000)


class ReviewViewSet(ScopedViewSet):
    """Meetings over gates."""

    serializer_class = ReviewSerializer
    needs = {
        "list": Permission.GATE_READ,
        "retrieve": Permission.GATE_READ,
        "convene": Permission.GATE_CONVENE,
        "vote": Permission.GATE_VOTE,
        "condition": Permission.GATE_CONVENE,
        "freeze": Permission.GATE_CONVENE,
        "withdraw": Permission.GATE_CONVENE,
        "decide": Permission.GATE_SIGN,
        "countersign": Permission.GATE_READ,
    }
    filters = {
        "gate": words("gate", "Meetings over one gate, by its key"),
        "state": choice("state", GateReview.State.values, "Meetings in one state"),
        "decision": choice("decision", GateReview.Decision.values, "Meetings with one outcome"),
    }

    def get_serializer_class(self) -> Any:
        """Show one in full, a list in short."""
        return ReviewSerializer if self.action == "list" else ReviewDetailSerializer

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
        """Show a meeting and its decision. Whoever reads a signed record stands in the read log."""
        review: GateReview = self.get_object()
        if review.record and getattr(request._request, "part", None) is None:
            opened(review, by=self.by, how=BY_API)
        return self.answer(review)

    @extend_schema(request=Nothing, responses=ReviewDetailSerializer)
    @once
    def convene(self, request: Request, **kwargs: Any) -> Response:
        """Convene the meeting over a signed gate and freeze its evidence; one that is open is answered as it is."""
        self.body(Nothing)
        with refusing(ReviewRefused):
            review = GateReview.convene(self._deployment(), self.kwargs["gate"], by=self.by)
        return self.answer(review)

    @extend_schema(request=Voice, responses=ReviewDetailSerializer)
    @once
    def vote(self, request: Request, **kwargs: Any) -> Response:
        """Vote for a role of the panel that the caller holds or deputizes; it may be changed until the decision."""
        review, body = self.get_object(), self.body(Voice)
        seat = review.votes.filter(role=self.kwargs["role"]).first()
        if seat is None:
            raise Http404
        with refusing(ReviewRefused):
            seat.cast(body["choice"], reason=body["reason"], by=self.by)
        return self.answer(self.get_object())

    @extend_schema(request=ConditionBody, responses=ReviewDetailSerializer)
    @once
    def condition(self, request: Request, **kwargs: Any) -> Response:
        """Let something open go along, with owner, workaround and last day."""
        review, body = self.get_object(), self.body(ConditionBody)
        self._host_only()
        item = None
        if item_id := body.pop("item_id"):
            item = Item.objects.filter(pk=item_id, deployment_id=review.deployment_id).first()
            if item is None:
                raise Http404
        with refusing(ReviewRefused):
            review.set_condition(item, **body, by=self.by)
        return self.answer(self.get_object())

    @extend_schema(request=Nothing, responses=ReviewDetailSerializer)
    @once
    def freeze(self, request: Request, **kwargs: Any) -> Response:
        """Freeze the evidence as it stands now; where nothing changed, nothing is done."""
        review = self.get_object()
        self._host_only()
        self.body(Nothing)
        with refusing(ReviewRefused):
            review.freeze_again(by=self.by)
        return self.answer(self.get_object())

    @extend_schema(request=Reason, responses=ReviewDetailSerializer)
    @once
    def withdraw(self, request: Request, **kwargs: Any) -> Response:
        """Close the meeting without a decision."""
        review, body = self.get_object(), self.body(Reason)
        self._host_only()
        with refusing(ReviewRefused):
            review.withdraw(reason=body["reason"], by=self.by)
        return self.answer(self.get_object())

    @extend_schema(request=DecideBody, responses=ReviewDetailSerializer)
    def decide(self, request: Request, **kwargs: Any) -> Response:
        """Decide and sign, as somebody who neither convened nor chairs the meeting; password and one-time code with it."""
        review, body = self.get_object(), self.body(DecideBody)
        self._host_only()
        with refusing(ReviewRefused, SignatureRefused):
            review.decide(**take_proof(request, body), **body, by=self.by)
        return self.answer(self.get_object())

    @extend_schema(request=SignatureBody, responses=ReviewDetailSerializer)
    def countersign(self, request: Request, **kwargs: Any) -> Response:
        """Sign the record of a decision as its chair, or as one of the panel who voted."""
        review, body = self.get_object(), self.body(SignatureBody)
        with refusing(ReviewRefused, SignatureRefused):
            review.countersign(**take_proof(request, body), by=self.by)
        return self.answer(self.get_object())

    def _deployment(self) -> Deployment:
        self._host_only()
        return Lens.of(self.request._request).deployment(self.kwargs["deployment"])

    def _host_only(self) -> None:
        if not Lens.of(self.request._request).of_host:
            raise NotAllowed(Permission.GATE_CONVENE)
