"""Stage metrics of a deployment, of a program, and of the organization."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from access.require import NotAllowed
from api.viewsets import ScopedViewSet
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment, Program
from onboarding.metrics.reading import sites_of
from onboarding.metrics.stages import TITLES, together


class SiteStageSerializer(serializers.Serializer[Any]):
    """One stage of one deployment."""

    stage = serializers.IntegerField(help_text="1 to 8")
    title = serializers.CharField()
    applicable = serializers.IntegerField()
    done = serializers.IntegerField()
    proportion = serializers.FloatField(allow_null=True, help_text="0 to 1; null where nothing applies")
    first_on = serializers.DateField(allow_null=True)
    last_on = serializers.DateField(allow_null=True, help_text="The last activity that is done")
    days = serializers.IntegerField(allow_null=True)
    censored = serializers.BooleanField(help_text="Whether the stage still runs, or was stopped: days so far")


class SiteStagesSerializer(serializers.Serializer[Any]):
    """The stages of a deployment."""

    furthest_stage = serializers.IntegerField(allow_null=True)
    discontinued_on = serializers.DateField(allow_null=True)
    results = SiteStageSerializer(many=True)


class StageSerializer(serializers.Serializer[Any]):
    """One stage over several sites."""

    stage = serializers.IntegerField()
    title = serializers.SerializerMethodField()
    sites = serializers.IntegerField(help_text="Sites to which it applies")
    entered = serializers.IntegerField()
    complete = serializers.IntegerField()
    proportion = serializers.FloatField(allow_null=True, help_text="Mean over the sites")
    duration = serializers.IntegerField(allow_null=True, help_text="Median days in the stage (Kaplan and Meier)")
    time_to = serializers.IntegerField(allow_null=True, help_text="Median days until the stage (Kaplan and Meier)")

    def get_title(self, found: Any) -> str:
        """Return the stage's name."""
        return TITLES[found.stage]


class StagesSerializer(serializers.Serializer[Any]):
    """The stages over several sites."""

    results = StageSerializer(many=True)


class StageViewSet(ScopedViewSet):
    """Computed from the dates of the checklists in the moment it is asked for."""

    serializer_class = StagesSerializer
    needs = {
        "of_deployment": Permission.GATE_READ,
        "of_program": Permission.GATE_READ,
        "of_organization": Permission.GATE_READ,
    }
    pagination_class = None
    filter_backends = ()

    @extend_schema(responses=SiteStagesSerializer)
    def of_deployment(self, request: Request, **kwargs: Any) -> Response:
        """Show the stages of a deployment."""
        deployment = Lens.of(request._request).deployment(self.kwargs["deployment"])
        today, here = timezone.localdate(), sites_of([deployment])[deployment.pk]
        rows = []
        for stage, title in TITLES.items():
            found, observed = here.stages.get(stage), here.duration(stage, today)
            rows.append(
                {
                    "stage": stage,
                    "title": title,
                    "applicable": found.applicable if found else 0,
                    "done": found.done if found else 0,
                    "proportion": found.proportion if found else None,
                    "first_on": found.first if found else None,
                    "last_on": found.last if found else None,
                    "days": observed.days if observed else None,
                    "censored": observed is not None and not observed.ended,
                }
            )
        said = {"furthest_stage": here.furthest, "discontinued_on": here.discontinued_on, "results": rows}
        return Response(SiteStagesSerializer(said).data)

    @extend_schema(responses=StagesSerializer)
    def of_program(self, request: Request, **kwargs: Any) -> Response:
        """Show the stages over the sites of a program."""
        if not Program.objects.filter(pk=self.kwargs["program"]).exists():
            raise Http404
        deployments = Deployment.objects.filter(program_id=self.kwargs["program"])
        if not Lens.of(request._request).of_host and not deployments.exists():
            raise Http404
        return self._together(deployments)

    @extend_schema(responses=StagesSerializer)
    def of_organization(self, request: Request, **kwargs: Any) -> Response:
        """Show the stages over all sites."""
        if not Lens.of(request._request).of_host:
            raise NotAllowed(Permission.GATE_READ)
        return self._together(Deployment.objects.all())

    def _together(self, deployments: Any) -> Response:
        sites = sites_of(list(deployments.select_related("site")))
        return Response(StagesSerializer({"results": together(sites.values(), timezone.localdate())}).data)
