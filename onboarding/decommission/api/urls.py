"""Addresses of decommissions."""

from django.urls import path

from onboarding.decommission.api.decommission import DecommissionViewSet

HERE = "deployments/<uuid:deployment>/decommission"
urlpatterns = [
    path(HERE, DecommissionViewSet.as_view({"get": "show"})),
    path(f"{HERE}/steps/<slug:key>/finish", DecommissionViewSet.as_view({"post": "finish"})),
    path(f"{HERE}/steps/<slug:key>/reopen", DecommissionViewSet.as_view({"post": "reopen"})),
]
