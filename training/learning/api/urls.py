"""Addresses of assignments, completions, access lists and live sessions."""

from django.urls import path

from training.learning.api.access_lists import AccessListViewSet
from training.learning.api.assignments import AssignmentViewSet
from training.learning.api.completions import CompletionViewSet
from training.learning.api.live_sessions import LiveSessionViewSet

urlpatterns = [
    path("assignments", AssignmentViewSet.as_view({"get": "list"})),
    path("assignments/<uuid:pk>", AssignmentViewSet.as_view({"get": "retrieve"})),
    path("completions", CompletionViewSet.as_view({"get": "list", "post": "create"})),
    path("completions/<uuid:pk>", CompletionViewSet.as_view({"get": "retrieve"})),
    path("access-lists", AccessListViewSet.as_view({"get": "list", "post": "create"})),
    path("access-lists/<uuid:pk>", AccessListViewSet.as_view({"get": "retrieve"})),
    path("live-sessions", LiveSessionViewSet.as_view({"get": "list", "post": "create"})),
    path("live-sessions/<uuid:pk>", LiveSessionViewSet.as_view({"get": "retrieve"})),
    path("live-sessions/<uuid:pk>/change", LiveSessionViewSet.as_view({"post": "change"})),
    path("live-sessions/<uuid:pk>/cancel", LiveSessionViewSet.as_view({"post": "cancel"})),
    path("live-sessions/<uuid:pk>/attend", LiveSessionViewSet.as_view({"post": "attend"})),
]
