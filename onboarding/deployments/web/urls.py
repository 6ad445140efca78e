"""Addresses of deployments and what they consist of, below `/o/<org>/`."""

from django.urls import include, path

from onboarding.deployments.web.views import checklist, evidence, items

app_name = "deployments"

item_urls = [
    path("", checklist.item, name="item"),
    path("start", items.start, name="item_start"),
    path("complete", items.complete, name="item_complete"),
    path("accept", items.accept, name="item_accept"),
    path("return", items.give_back, name="item_return"),
    path("reopen", items.reopen, name="item_reopen"),
    path("not-needed", items.not_applicable, name="item_not_applicable"),
    path("assign", items.assign, name="item_assign"),
    path("block", items.block, name="item_block"),
    path("unblock", items.unblock, name="item_unblock"),
    path("due", items.move_due, name="item_due"),
    path("comments", items.comment, name="item_comment"),
    path("evidence", items.add_evidence, name="item_evidence"),
]

deployment_urls = [
    path("", checklist.enter, name="checklist"),
    path("gates/", checklist.overview, name="overview"),
    path("items/bulk", items.bulk, name="items_bulk"),
    path("items/<str:item>/", include(item_urls)),
    path("evidence/<uuid:evidence>/<int:number>", evidence.download, name="evidence"),
    path("evidence/<uuid:evidence>/accept", evidence.accept, name="evidence_accept"),
    path("evidence/<uuid:evidence>/return", evidence.give_back, name="evidence_return"),
    path("evidence/<uuid:evidence>/partners", evidence.mark, name="evidence_mark"),
]

urlpatterns = [
    path("deployments/<uuid:deployment>/", include(deployment_urls)),
]
