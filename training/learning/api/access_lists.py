"""Access lists: who can sign in to production at a deployment, as the tool's own directory pushes it."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from api.filters import identifier
from api.idempotency import once
from api.serializers import Body
from api.viewsets import ScopedViewSet
from training.learning.coverage import access_without_training, coverage_of
from training.learning.facts import state_training
from training.learning.models import AccessList, Rollout

MOST = 10_000


class AccessListSerializer(serializers.ModelSerializer[AccessList]):
    """One list; the newest of a deployment counts."""

    deployment_id = serializers.UUIDField(source="rollout_id", read_only=True)
    people = serializers.SerializerMethodField()
    without_training = serializers.SerializerMethodField(
        help_text="Addresses with access and no valid training; must be 0"
    )

    class Meta:
        model = AccessList
        fields = ("id", "deployment_id", "source", "sha256", "imported_at", "people", "without_training")

    def get_people(self, row: AccessList) -> int:
        """How many addresses are on it."""
        return row.entries.count()

    def get_without_training(self, row: AccessList) -> int | None:
        """How many of the newest list are not trained; null for a list that counts no more."""
        newest = AccessList.objects.newest_of(row.rollout)
        if newest is None or newest.pk != row.pk:
            return None
        return len(access_without_training(row.rollout, coverage_of([row.rollout_id])[row.rollout_id]) or [])


class PushedList(Body):
    """Everybody who can sign in to production now; it takes the place of the last list."""

    deployment_id = serializers.UUIDField()
    source = serializers.CharField(max_length=160, help_text="The directory that says so")  # type: ignore[assignment]
    emails = serializers.ListField(child=serializers.EmailField(), allow_empty=True, max_length=MOST)


class AccessListViewSet(ScopedViewSet):
    """Lists of people with production access."""

    serializer_class = AccessListSerializer
    needs = {
        "list": Permission.TRAINING_NAMES, "retrieve": Permission.TRAINING_NAMES, "create": Permission.TRAINING_MANAGE,
    }  # fmt: skip
    filters = {"deployment": identifier("rollout_id", "Lists of one deployment")}

    def rows(self) -> QuerySet[Any]:
        """Return the lists in reach."""
        return AccessList.objects.select_related("rollout")

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List access lists, oldest first."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show an access list."""
        return super().retrieve(request, **kwargs)

    @extend_schema(request=PushedList, responses={201: AccessListSerializer})
    @once
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Push the list as it stands; the same addresses again change nothing."""
        body = self.body(PushedList)
        rollout = Rollout.objects.filter(pk=body["deployment_id"]).first()
        if rollout is None:
            raise Http404
        taken = AccessList.take(rollout, body["emails"], source=body["source"], by=self.by)
        state_training([rollout.pk])
        return self.answer(taken, status=201)
