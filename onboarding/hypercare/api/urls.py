"""Addresses of hypercare and of the register."""

from django.urls import path

from onboarding.hypercare.api.figures import HypercareViewSet
from onboarding.hypercare.api.tickets import TicketViewSet

urlpatterns = [
    path("deployments/<uuid:deployment>/hypercare/extension", HypercareViewSet.as_view({"post": "extend"})),
    path("deployments/<uuid:deployment>/hypercare/extension/approve", HypercareViewSet.as_view({"post": "approve"})),
    path("deployments/<uuid:deployment>/hypercare/extension/refuse", HypercareViewSet.as_view({"post": "refuse"})),
    path("deployments/<uuid:deployment>/hypercare", HypercareViewSet.as_view({"get": "show", "post": "report"})),
    path("deployments/<uuid:deployment>/tickets", TicketViewSet.as_view({"get": "list", "post": "create"})),
    path("deployments/<uuid:deployment>/tickets/<int:number>", TicketViewSet.as_view({"get": "retrieve"})),
    path("deployments/<uuid:deployment>/tickets/<int:number>/move", TicketViewSet.as_view({"post": "move"})),
]
