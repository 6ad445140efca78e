"""Addresses of gates and of the meetings over them."""

from django.urls import path

from onboarding.golive.api.gates import GateViewSet
from onboarding.golive.api.reviews import ReviewViewSet

urlpatterns = [
    path("deployments/<uuid:deployment>/gates", GateViewSet.as_view({"get": "index"})),
    path("deployments/<uuid:deployment>/gates/<slug:gate>", GateViewSet.as_view({"get": "show"})),
    path("deployments/<uuid:deployment>/gate-reviews", ReviewViewSet.as_view({"get": "list"})),
    path("gate-reviews/<uuid:pk>", ReviewViewSet.as_view({"get": "retrieve"})),
]
