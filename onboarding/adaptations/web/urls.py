"""Addresses of adaptations, below `/o/<org>/`."""

from django.urls import path

from onboarding.adaptations.web.views import adaptations, proposals

app_name = "adaptations"

urlpatterns = [
    path("adaptations/", adaptations.report, name="list"),
    path("adaptations/proposals/", proposals.received, name="proposals"),
    path("adaptations/proposals/<uuid:proposal>/take", proposals.take, name="proposal_take"),
    path("adaptations/proposals/<uuid:proposal>/decline", proposals.decline, name="proposal_decline"),
    path("adaptations/sent/<uuid:sent>/withdraw", proposals.withdraw, name="withdraw"),
    path("adaptations/<uuid:adaptation>/propose/", proposals.propose, name="propose"),
    path("adaptations/<uuid:adaptation>/offer", adaptations.offer, name="offer"),
    path("adaptations/<uuid:adaptation>/decline", adaptations.decline, name="decline"),
    path("adaptations/<uuid:adaptation>/take", adaptations.take_into, name="take"),
    path("deployments/<uuid:deployment>/make-playbook/", adaptations.learn, name="learn"),
    path("deployments/<uuid:deployment>/add-item/", adaptations.add, name="add"),
    path("deployments/<uuid:deployment>/items/<str:item>/differently/", adaptations.change, name="change"),
    path("deployments/<uuid:deployment>/items/<str:item>/leave-out/", adaptations.drop, name="drop"),
]
