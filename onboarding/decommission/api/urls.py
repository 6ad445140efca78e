"""Addresses of decommissions."""

from django.urls import path

from onboarding.decommission.api.decommission import DecommissionViewSet

HERE = "deployments/<uuid:deployment>/decommission"
urlpatterns = [
    path(HERE, DecommissionViewSet.as_view({"get": "show", "post": "begin"})),
    path(f"{HERE}/complete", DecommissionViewSet.as_view({"post": "complete"})),
    path(f"{HERE}/withdraw", DecommissionViewSet.as_view({"post": "withdraw"})),
    path(f"{HERE}/steps/<slug:key>/finish", DecommissionViewSet.as_view({"post": "finish"})),
    path(f"{HERE}/steps/<slug:key>/certify", DecommissionViewSet.as_view({"post": "certify"})),
    path(f"{HERE}/steps/<slug:key>/reopen", DecommissionViewSet.as_view({"post": "reopen"})),
]
