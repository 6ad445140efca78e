"""Addresses of continuity."""

from django.urls import path

from onboarding.continuity.api.continuity import ContinuityViewSet, FundingViewSet

HERE = "deployments/<uuid:deployment>/continuity"
urlpatterns = [
    path(HERE, ContinuityViewSet.as_view({"get": "show"})),
    path(f"{HERE}/hand-over", ContinuityViewSet.as_view({"post": "begin"})),
    path(f"{HERE}/hand-over/steps/<slug:step>", ContinuityViewSet.as_view({"post": "tick"})),
    path(f"{HERE}/hand-over/finish", ContinuityViewSet.as_view({"post": "finish"})),
    path(f"{HERE}/hand-over/withdraw", ContinuityViewSet.as_view({"post": "withdraw"})),
    path("deployments/<uuid:deployment>/funding", FundingViewSet.as_view({"get": "show"})),
    path("deployments/<uuid:deployment>/funding/sources", FundingViewSet.as_view({"post": "note"})),
    path("deployments/<uuid:deployment>/funding/cost", FundingViewSet.as_view({"post": "cost"})),
]
