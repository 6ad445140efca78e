"""Addresses of sites."""

from django.urls import path

from onboarding.rosters.api.sites import SiteViewSet

urlpatterns = [
    path("sites", SiteViewSet.as_view({"get": "list", "post": "create"})),
    path("sites/<uuid:pk>", SiteViewSet.as_view({"get": "retrieve"})),
]
