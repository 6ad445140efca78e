"""Addresses of continuity."""

from django.urls import path

from onboarding.continuity.api.continuity import ContinuityViewSet

HERE = "deployments/<uuid:deployment>/continuity"
urlpatterns = [
    path(HERE, ContinuityViewSet.as_view({"get": "show"})),
    path(f"{HERE}/hand-over", ContinuityViewSet.as_view({"post": "begin"})),
    path(f"{HERE}/hand-over/steps/<slug:step>", ContinuityViewSet.as_view({"post": "tick"})),
]
