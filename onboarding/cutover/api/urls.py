"""Addresses of runs."""

from django.urls import path

from onboarding.cutover.api.runs import RunViewSet

RUN = "cut-over-runs/<uuid:pk>"
urlpatterns = [
    path("deployments/<uuid:deployment>/cut-over-runs", RunViewSet.as_view({"get": "list", "post": "plan"})),
    path(RUN, RunViewSet.as_view({"get": "retrieve"})),
    path(f"{RUN}/start", RunViewSet.as_view({"post": "start"})),
    path(f"{RUN}/steps/<int:number>/finish", RunViewSet.as_view({"post": "finish_step"})),
    path(f"{RUN}/steps/<int:number>/skip", RunViewSet.as_view({"post": "skip_step"})),
    path(f"{RUN}/hold", RunViewSet.as_view({"post": "hold"})),
    path(f"{RUN}/resume", RunViewSet.as_view({"post": "resume"})),
    path(f"{RUN}/rollback", RunViewSet.as_view({"post": "roll_back"})),
    path(f"{RUN}/abandon", RunViewSet.as_view({"post": "abandon"})),
    path(f"{RUN}/log", RunViewSet.as_view({"post": "say"})),
    path(f"{RUN}/figures", RunViewSet.as_view({"post": "report"})),
    path(f"{RUN}/alarms/<uuid:alarm>/decision", RunViewSet.as_view({"post": "decide"})),
]
