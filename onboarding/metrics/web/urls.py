"""Addresses of stage metrics, below `/o/<org>/`."""

from django.urls import path

from onboarding.metrics.web import views

app_name = "metrics"
urlpatterns = [
    path("stage-metrics/", views.organization, name="organization"),
    path("stage-metrics/peers", views.choose, name="choose"),
    path("programs/<uuid:program>/stage-metrics/", views.program, name="program"),
    path("deployments/<uuid:deployment>/stage-metrics/", views.deployment, name="deployment"),
]
