"""Addresses of assignments."""

from django.urls import path

from training.learning.api.assignments import AssignmentViewSet

urlpatterns = [
    path("assignments", AssignmentViewSet.as_view({"get": "list"})),
    path("assignments/<uuid:pk>", AssignmentViewSet.as_view({"get": "retrieve"})),
]
