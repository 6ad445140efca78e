"""Addresses of statements."""

from django.urls import path

from billing.statements.api.statements import StatementViewSet

urlpatterns = [
    path("statements", StatementViewSet.as_view({"get": "list"})),
    path("statements/<uuid:pk>", StatementViewSet.as_view({"get": "retrieve"})),
]
