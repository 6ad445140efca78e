"""Addresses of audits."""

from django.urls import path

from assurance.api.audits import AuditFindingViewSet, AuditPackViewSet, AuditRunViewSet, AuditViewSet

urlpatterns = [
    path("audits", AuditViewSet.as_view({"get": "list", "post": "schedule"})),
    path("audits/<uuid:pk>", AuditViewSet.as_view({"get": "retrieve"})),
    path("audit-runs", AuditRunViewSet.as_view({"get": "list"})),
    path("audit-runs/<uuid:pk>", AuditRunViewSet.as_view({"get": "retrieve"})),
    path("audit-findings", AuditFindingViewSet.as_view({"get": "list"})),
    path("audit-findings/<uuid:pk>", AuditFindingViewSet.as_view({"get": "retrieve"})),
    path("audit-findings/<uuid:pk>/correct", AuditFindingViewSet.as_view({"post": "correct"})),
    path("audit-findings/<uuid:pk>/retest", AuditFindingViewSet.as_view({"post": "retest"})),
    path("audit-findings/<uuid:pk>/close", AuditFindingViewSet.as_view({"post": "close"})),
    path("audit-findings/<uuid:pk>/hand-over", AuditFindingViewSet.as_view({"post": "hand_over"})),
    path("audit-packs", AuditPackViewSet.as_view({"get": "list", "post": "ask"})),
    path("audit-packs/<uuid:pk>", AuditPackViewSet.as_view({"get": "retrieve"})),
]
