"""Playbooks, their versions, and the items of a version."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from api.filters import choice, flag, words
from api.viewsets import ScopedViewSet
from onboarding.playbooks.models import Playbook, PlaybookItem, PlaybookVersion


class PlaybookSerializer(serializers.ModelSerializer[Playbook]):
    """A line of versions under one key."""

    class Meta:
        model = Playbook
        fields = ("id", "key", "title")


class PlaybookVersionSerializer(serializers.ModelSerializer[PlaybookVersion]):
    """A version: immutable once published."""

    class Meta:
        model = PlaybookVersion
        fields = ("id", "playbook_id", "version", "sha256", "source", "published_at")


class PlaybookContentSerializer(PlaybookVersionSerializer):
    """A version with its stages, gates, roles, scorecard and runbook."""

    content = serializers.JSONField(read_only=True, help_text="Everything but the items, in the playbook format")

    class Meta(PlaybookVersionSerializer.Meta):
        fields = (*PlaybookVersionSerializer.Meta.fields, "content")  # type: ignore[assignment]


class PlaybookItemSerializer(serializers.ModelSerializer[PlaybookItem]):
    """A piece of work; its key is the same at every site and in every version."""

    class Meta:
        model = PlaybookItem
        fields = (
            "id",
            "number",
            "key",
            "stage",
            "title",
            "guidance",
            "owner",
            "also",
            "effort_hours",
            "evidence",
            "depends_on",
            "anchor",
            "offset_days",
            "offset_from",
            "until_days",
            "gate_class",
            "gate",
            "completed_by_gate",
            "condition",
            "light",
            "core",
            "domain",
            "tags",
            "epis",
            "stage_metric",
        )


class PlaybookViewSet(ScopedViewSet):
    """The organization's playbooks."""

    serializer_class = PlaybookSerializer
    needs = {"list": Permission.PLAYBOOK_READ, "retrieve": Permission.PLAYBOOK_READ}
    filters = {"key": words("key", "The playbook of this key")}

    def rows(self) -> QuerySet[Any]:
        """Return all playbooks."""
        return Playbook.objects.all()

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List playbooks."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show a playbook."""
        return super().retrieve(request, **kwargs)


class PlaybookVersionViewSet(ScopedViewSet):
    """The versions of a playbook."""

    serializer_class = PlaybookVersionSerializer
    needs = {"list": Permission.PLAYBOOK_READ, "retrieve": Permission.PLAYBOOK_READ}
    filters = {
        "version": words("version", "The version of this number"),
        "published": flag(
            lambda versions, wanted: versions.filter(published_at__isnull=not wanted), "true: published; false: drafts"
        ),
    }

    def get_serializer_class(self) -> Any:
        """Give the content with a single version only: it is long."""
        return PlaybookContentSerializer if self.action == "retrieve" else PlaybookVersionSerializer

    def rows(self) -> QuerySet[Any]:
        """Return the playbook's versions; raise Http404 without the playbook."""
        if not Playbook.objects.filter(pk=self.kwargs["playbook"]).exists():
            raise Http404
        return PlaybookVersion.objects.filter(playbook_id=self.kwargs["playbook"])

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List a playbook's versions, oldest first."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show a version with its stages, gates and roles."""
        return super().retrieve(request, **kwargs)

    def version_of(self, found: PlaybookVersion) -> tuple[Any, ...]:
        """A version's content has a hash."""
        return found.sha256, found.published_at


class PlaybookItemViewSet(ScopedViewSet):
    """The items of a version, in order."""

    serializer_class = PlaybookItemSerializer
    needs = {"list": Permission.PLAYBOOK_READ}
    filters = {
        "key": words("key", "The item of this key"),
        "gate_class": choice("gate_class", PlaybookItem.GateClass.values, "What an open item does to its gate"),
        "owner": words("owner", "Items that a team role owns, by its code"),
    }
    keyset = ("number", "id")

    def rows(self) -> QuerySet[Any]:
        """Return the version's items; raise Http404 without the version."""
        version = PlaybookVersion.objects.filter(pk=self.kwargs["version"], playbook_id=self.kwargs["playbook"])
        if not version.exists():
            raise Http404
        return PlaybookItem.objects.filter(version_id=self.kwargs["version"])

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List the items of a version, in order."""
        return super().list(request, **kwargs)
