"""Addresses of gates."""

from django.urls import path

from onboarding.golive.api.gates import GateViewSet

urlpatterns = [
    path("deployments/<uuid:deployment>/gates", GateViewSet.as_view({"get": "index"})),
    path("deployments/<uuid:deployment>/gates/<slug:gate>", GateViewSet.as_view({"get": "show"})),
]
