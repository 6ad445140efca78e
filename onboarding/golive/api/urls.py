"""Addresses of gates and of the meetings over them."""

from django.urls import path

from onboarding.golive.api.gates import GateViewSet
from onboarding.golive.api.reviews import ReviewViewSet

urlpatterns = [
    path("deployments/<uuid:deployment>/gates", GateViewSet.as_view({"get": "index"})),
    path("deployments/<uuid:deployment>/gates/<slug:gate>", GateViewSet.as_view({"get": "show"})),
    path("deployments/<uuid:deployment>/gate-reviews", ReviewViewSet.as_view({"get": "list"})),
    path("deployments/<uuid:deployment>/gates/<slug:gate>/convene", ReviewViewSet.as_view({"post": "convene"})),
    path("gate-reviews/<uuid:pk>", ReviewViewSet.as_view({"get": "retrieve"})),
    path("gate-reviews/<uuid:pk>/votes/<slug:role>", ReviewViewSet.as_view({"post": "vote"})),
    path("gate-reviews/<uuid:pk>/conditions", ReviewViewSet.as_view({"post": "condition"})),
    path("gate-reviews/<uuid:pk>/freeze", ReviewViewSet.as_view({"post": "freeze"})),
    path("gate-reviews/<uuid:pk>/withdraw", ReviewViewSet.as_view({"post": "withdraw"})),
    path("gate-reviews/<uuid:pk>/decide", ReviewViewSet.as_view({"post": "decide"})),
    path("gate-reviews/<uuid:pk>/countersign", ReviewViewSet.as_view({"post": "countersign"})),
]
