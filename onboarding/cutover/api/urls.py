"""Addresses of runs."""

from django.urls import path

from onboarding.cutover.api.runs import RunViewSet

urlpatterns = [
    path("deployments/<uuid:deployment>/cut-over-runs", RunViewSet.as_view({"get": "list"})),
    path("cut-over-runs/<uuid:pk>", RunViewSet.as_view({"get": "retrieve"})),
    path("cut-over-runs/<uuid:pk>/start", RunViewSet.as_view({"post": "start"})),
    path("cut-over-runs/<uuid:pk>/steps/<int:number>/finish", RunViewSet.as_view({"post": "finish_step"})),
]
