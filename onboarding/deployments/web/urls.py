"""Addresses of deployments and what they consist of, below `/o/<org>/`."""

from django.urls import URLPattern, URLResolver, include, path

from onboarding.deployments.web.views import (
    approvals,
    as_of,
    bulk,
    bulk_deployments,
    changes,
    checklist,
    evidence,
    history,
    inbox,
    items,
    portfolio,
    programs,
    sharing,
    status,
    team,
    watching,
)

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
    path("comments", items.comment, name="item_comment"),
    path("approvals/ask", approvals.ask, name="item_ask_approval"),
    path("approvals/answer", approvals.answer, name="item_answer_approval"),
    path("approvals/withdraw", approvals.withdraw, name="item_withdraw_approval"),
    path("evidence", items.add_evidence, name="item_evidence"),
    path("evidence/use", items.use_paper, name="item_use_paper"),
    path("follow", watching.item, name="item_follow"),
]

deployment_urls: list[URLPattern | URLResolver] = [
    path("", checklist.enter, name="checklist"),
    path("stages/", checklist.overview, name="overview"),
    path("history/", history.history, name="history"),
    path("history/as-of/", as_of.as_of, name="as_of"),
    path("team/", team.overview, name="team"),
    path("team/<str:code>/fill", team.fill, name="team_fill"),
    path("team/<str:code>/vacate", team.vacate, name="team_vacate"),
    path("sharing/", sharing.overview, name="sharing"),
    path("sharing/<uuid:partner>/withdraw", sharing.withdraw, name="share_withdraw"),
    path("follow", watching.deployment, name="follow"),
    path("names", watching.names, name="names"),
    path("items/bulk", bulk.bulk, name="items_bulk"),
    path("status/", status.deployment, name="deployment_status"),
    path("status/pdf", status.deployment, {"kind": "pdf"}, name="deployment_status_pdf"),
    path("status/xlsx", status.deployment, {"kind": "xlsx"}, name="deployment_status_xlsx"),
    path("status/links", status.make_link, name="deployment_status_link"),
    path("items/<str:item>/", include(item_urls)),
    path("evidence/<uuid:evidence>/<int:number>", evidence.download, name="evidence"),
    path("evidence/<uuid:evidence>/accept", evidence.accept, name="evidence_accept"),
    path("evidence/<uuid:evidence>/return", evidence.give_back, name="evidence_return"),
    path("evidence/<uuid:evidence>/partners", evidence.mark, name="evidence_mark"),
    path("evidence/<uuid:evidence>/keep", evidence.keep, name="evidence_keep"),
]

urlpatterns = [
    path("deployments/<uuid:deployment>/", include(deployment_urls)),
    path("admin/approvals/", approvals.policy, name="approval_policy"),
    path("changes/", changes.ledger, name="changes"),
    path("changes/<uuid:change>/", changes.undo, name="change_undo"),
    path("inbox/", inbox.my_work, name="inbox"),
    path("portfolio/", portfolio.portfolio, name="portfolio"),
    path("portfolio/bulk", bulk_deployments.bulk, name="portfolio_bulk"),
    path("programs/", programs.index, name="programs"),
    path("programs/start/", programs.start, name="program_start"),
    path("programs/<uuid:program>/", programs.detail, name="program"),
    path("programs/<uuid:program>/sites/", programs.add_sites, name="program_sites"),
    path("programs/<uuid:program>/status/", status.program, name="program_status"),
    path("programs/<uuid:program>/status/pdf", status.program, {"kind": "pdf"}, name="program_status_pdf"),
    path("programs/<uuid:program>/status/xlsx", status.program, {"kind": "xlsx"}, name="program_status_xlsx"),
    path("programs/<uuid:program>/status/links", status.make_link, name="program_status_link"),
    path("status-links/<uuid:link>/revoke", status.revoke_link, name="status_link_revoke"),
]
