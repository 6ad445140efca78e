"""Addresses of programs, deployments and items."""

from django.urls import path

from onboarding.deployments.api.deployments import DeploymentViewSet
from onboarding.deployments.api.items import CommentViewSet, ItemViewSet
from onboarding.deployments.api.programs import ProgramViewSet

DEPLOYMENT = "deployments/<uuid:deployment>"
ITEM = f"{DEPLOYMENT}/items/<uuid:item>"
VERBS = ("start", "complete", "block", "unblock", "reopen")

urlpatterns = [
    path("programs", ProgramViewSet.as_view({"get": "list"})),
    path("programs/<uuid:pk>", ProgramViewSet.as_view({"get": "retrieve"})),
    path("deployments", DeploymentViewSet.as_view({"get": "list"})),
    path(DEPLOYMENT, DeploymentViewSet.as_view({"get": "retrieve"})),
    path(f"{DEPLOYMENT}/items", ItemViewSet.as_view({"get": "list"})),
    path(ITEM, ItemViewSet.as_view({"get": "retrieve"})),
    *(path(f"{ITEM}/{verb}", ItemViewSet.as_view({"post": verb})) for verb in VERBS),
    path(f"{ITEM}/comments", CommentViewSet.as_view({"get": "list", "post": "create"})),
]
