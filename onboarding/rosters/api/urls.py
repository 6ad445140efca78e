"""Addresses of sites."""

from django.urls import path

from onboarding.rosters.api.sites import SiteViewSet

urlpatterns = [
    path("sites", SiteViewSet.as_view({"get": "list", "post": "create"})),
    path("sites/<uuid:pk>", SiteViewSet.as_view({"get": "retrieve"})),
    path("sites/<uuid:pk>/edit", SiteViewSet.as_view({"post": "edit"})),
    path("sites/<uuid:pk>/close", SiteViewSet.as_view({"post": "close"})),
    path("sites/<uuid:pk>/reopen", SiteViewSet.as_view({"post": "reopen"})),
    path("sites/<uuid:pk>/counties", SiteViewSet.as_view({"get": "counties"})),
    path("sites/<uuid:pk>/choose-county", SiteViewSet.as_view({"post": "choose_county"})),
    path("sites/<uuid:pk>/set-time-zone", SiteViewSet.as_view({"post": "set_time_zone"})),
]
