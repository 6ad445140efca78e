"""Addresses of stage metrics."""

from django.urls import path

from onboarding.metrics.api.stages import StageViewSet

urlpatterns = [
    path("stage-metrics", StageViewSet.as_view({"get": "of_organization"})),
    path("programs/<uuid:program>/stage-metrics", StageViewSet.as_view({"get": "of_program"})),
    path("deployments/<uuid:deployment>/stage-metrics", StageViewSet.as_view({"get": "of_deployment"})),
]
