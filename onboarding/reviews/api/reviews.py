"""Reviews after go-live: read with their figures, held, and decided with a signature."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from access.require import NotAllowed, can
from api.filters import choice
from api.idempotency import once
from api.problems import refusing
from api.serializers import Body
from api.viewsets import ScopedViewSet
from onboarding.deployments.lens import Lens
from onboarding.golive.api.signing import SignatureBody, Signed, take_proof
from onboarding.golive.models.signature import SignatureRefused
from onboarding.reviews.figures import filled_in
from onboarding.reviews.models import Finding, Review, ReviewRefused
from onboarding.reviews.models.review import Found


class ReviewFigure(serializers.Serializer[Any]):
    """One figure of a review: as it stood when the review was held, else as it stands now."""

    part = serializers.CharField()
    says = serializers.CharField()
    value = serializers.CharField(allow_null=True, help_text="In words; null: not known")
    at = serializers.DateTimeField(allow_null=True)
    stale = serializers.BooleanField()


class ReviewFinding(serializers.Serializer[Any]):
    """What was found, and the item that came of it."""

    number = serializers.IntegerField()
    text = serializers.CharField()
    item_id = serializers.UUIDField()


class ReviewSignature(Signed):
    """The signature under a decision."""

    meaning = serializers.CharField()


class SiteReviewSerializer(serializers.ModelSerializer[Review]):
    """A review 30, 60, 90, 180 or 365 days after go-live."""

    class Meta:
        model = Review
        fields = (
            "id",
            "deployment_id",
            "days",
            "due_on",
            "state",
            "missed_on",
            "held_at",
            "held_by_id",
            "attendees",
            "summary",
            "decision",
            "decision_reason",
            "decided_at",
            "decided_by_id",
        )


class SiteReviewDetailSerializer(SiteReviewSerializer):
    """A review with its figures and findings. Money is for who may read contracts."""

    figures = serializers.SerializerMethodField()
    findings = serializers.SerializerMethodField()
    signature = serializers.SerializerMethodField()

    class Meta(SiteReviewSerializer.Meta):
        fields = (*SiteReviewSerializer.Meta.fields, "figures", "findings", "signature")  # type: ignore[assignment]

    @extend_schema_field(ReviewFigure(many=True))
    def get_figures(self, review: Review) -> Any:
        """Frozen when it was held; until then filled in anew."""
        rows = review.figures if review.state == Review.State.HELD else filled_in(review.deployment)
        reads_money = can(self.context["request"]._request, Permission.BILLING_READ)
        return ReviewFigure([one for one in rows if reads_money or not one.get("private")], many=True).data

    @extend_schema_field(ReviewFinding(many=True))
    def get_findings(self, review: Review) -> Any:
        """In their order."""
        return ReviewFinding(Finding.objects.filter(review=review).order_by("number"), many=True).data

    @extend_schema_field(ReviewSignature(allow_null=True))
    def get_signature(self, review: Review) -> Any:
        """The one under its decision; null before it."""
        found = review.signatures.select_related("review").first()
        return ReviewSignature(found).data if found else None


class FindingBody(Body):
    """What is done, which team role does it, until when."""

    text = serializers.CharField(max_length=300)
    owner = serializers.CharField(max_length=4)
    due_on = serializers.DateField()


class Hold(Body):
    """Who took part, what was seen, and at most three findings."""

    attendees = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=50)
    summary = serializers.CharField(max_length=4000)
    findings = serializers.ListField(child=FindingBody(), required=False, default=list, max_length=3)


class DecideReview(SignatureBody):
    """Scale, fix or stop, why, and the signature."""

    decision = serializers.ChoiceField(Review.Decision.choices)
    reason = serializers.CharField(max_length=1000)


class SiteReviewViewSet(ScopedViewSet):
    """Reviews, for the host's own people."""

    serializer_class = SiteReviewSerializer
    needs = {
        "list": Permission.COMMENT_INTERNAL,
        "retrieve": Permission.COMMENT_INTERNAL,
        "hold": Permission.ITEM_REVIEW,
        "decide": Permission.GATE_SIGN,
    }
    filters = {"state": choice("state", Review.State.values, "Reviews in one state")}
    keyset = ("due_on", "id")

    def get_serializer_class(self) -> Any:
        """Show one with its figures, a list without."""
        return SiteReviewSerializer if self.action == "list" else SiteReviewDetailSerializer

    def rows(self) -> QuerySet[Any]:
        """Return the reviews; raise NotAllowed for partners, and Http404 without the deployment."""
        lens = Lens.of(self.request._request)
        if not lens.of_host:
            raise NotAllowed(Permission.COMMENT_INTERNAL)
        reviews = Review.objects.select_related("deployment__site", "deployment__program")
        if "deployment" in self.kwargs:
            return reviews.filter(deployment=lens.deployment(self.kwargs["deployment"]))
        return reviews

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List the reviews of a deployment, the first due first."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show a review with its figures and findings."""
        return super().retrieve(request, **kwargs)

    @extend_schema(request=Hold, responses=SiteReviewDetailSerializer)
    @once
    def hold(self, request: Request, **kwargs: Any) -> Response:
        """Hold a review: its figures are frozen, and each finding becomes an item."""
        review, body = self.get_object(), self.body(Hold)
        findings = [Found(**one) for one in body["findings"]]
        with refusing(ReviewRefused):
            review.hold(attendees=body["attendees"], summary=body["summary"], findings=findings, by=self.by)
        return self.answer(self.get_object())

    @extend_schema(request=DecideReview, responses=SiteReviewDetailSerializer)
    def decide(self, request: Request, **kwargs: Any) -> Response:
        """Scale, fix or stop, signed by somebody else than who held the review; stop begins the decommission."""
        review, body = self.get_object(), self.body(DecideReview)
        with refusing(ReviewRefused, SignatureRefused):
            review.decide(**take_proof(request, body), **body, by=self.by)
        return self.answer(self.get_object())
