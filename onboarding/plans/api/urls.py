"""Addresses of plans."""

from django.urls import path

from onboarding.deployments.api.urls import DEPLOYMENT, ITEM
from onboarding.plans.api.many import GoLiveMoveViewSet
from onboarding.plans.api.plans import PlanViewSet

urlpatterns = [
    path("go-live-moves", GoLiveMoveViewSet.as_view({"get": "preview", "post": "move"})),
    path(f"{DEPLOYMENT}/schedule", PlanViewSet.as_view({"get": "schedule"})),
    path(f"{DEPLOYMENT}/forecast", PlanViewSet.as_view({"get": "forecast"})),
    path(f"{DEPLOYMENT}/move-go-live", PlanViewSet.as_view({"get": "preview_move", "post": "move_go_live"})),
    path(f"{DEPLOYMENT}/move-kick-off", PlanViewSet.as_view({"get": "preview_kick_off", "post": "move_kick_off"})),
    path(f"{ITEM}/move", PlanViewSet.as_view({"get": "preview_item", "post": "move_item"})),
]
