"""Addresses of playbooks, below `/o/<org>/playbooks/`."""

from django.urls import URLPattern, URLResolver, include, path

from onboarding.playbooks.web.views import drafts, offers, parts, playbooks, rebase, runbook

app_name = "playbooks"

draft_urls: list[URLPattern | URLResolver] = [
    path("", drafts.overview, name="draft"),
    path("changes/", drafts.changes, name="draft_changes"),
    path("preview/", drafts.preview, name="draft_preview"),
    path("export.<str:kind>", drafts.export, name="draft_export"),
    path("publish", drafts.publish, name="draft_publish"),
    path("discard", drafts.discard, name="draft_discard"),
    path("about/", parts.about, name="draft_about"),
    path("roles/<str:code>/", parts.role, name="draft_role"),
    path("stages/<int:number>/", parts.stage, name="draft_stage"),
    path("scorecard/", parts.scorecard, name="draft_scorecard"),
    path("runbook/", runbook.runbook, name="draft_runbook"),
    path("runbook/steps/<int:place>/", runbook.step, name="draft_step"),
    path("runbook/triggers/<int:place>/", runbook.trigger, name="draft_trigger"),
    path("runbook/<slug:part>/<int:place>/arrange", runbook.arrange, name="draft_arrange"),
    path("text/<slug:part>/", parts.text, name="draft_text"),
    path("reminders/", parts.reminders, name="draft_reminders"),
    path("items/new/", parts.new_item, name="draft_item_new"),
    path("items/<slug:key>/edit/", parts.item, name="draft_item"),
    path("items/<slug:key>/remove", parts.remove_item, name="draft_item_remove"),
]

urlpatterns = [
    path("", playbooks.index, name="index"),
    path("adopt", playbooks.adopt, name="adopt"),
    path("import/", drafts.bring, name="import"),
    path("drafts/<uuid:draft>/", include(draft_urls)),
    path("offers/", offers.overview, name="offers"),
    path("offers/given/<uuid:offer>/withdraw", offers.withdraw, name="offer_withdraw"),
    path("offers/received/<uuid:received>/accept", offers.accept, name="offer_accept"),
    path("offers/received/<uuid:received>/decline", offers.decline, name="offer_decline"),
    path("<uuid:version>/offer", offers.make, name="offer"),
    path("<uuid:version>/", playbooks.version, name="version"),
    path("<uuid:version>/export.<str:kind>", playbooks.export, name="export"),
    path("<uuid:version>/changes/", playbooks.changes, name="changes"),
    path("<uuid:version>/inheritance/", playbooks.inheritance, name="inheritance"),
    path("<uuid:version>/up-to-date/", rebase.up_to_date, name="rebase"),
    path("<uuid:version>/draft", playbooks.begin_draft, name="begin_draft"),
    path("<uuid:version>/own/", playbooks.inherit, name="inherit"),
]
