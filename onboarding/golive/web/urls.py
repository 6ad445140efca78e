"""Gates, reviews, waivers, go-live and rollback, below `/o/<org>/`."""

from django.urls import path

from onboarding.golive.web.views import builder, cut_over, gates, packs, reviews, waivers

app_name = "golive"
urlpatterns = [
    # /deployments/<id>/…
    path("deployments/<uuid:deployment>/gates/", gates.overview, name="gates"),
    path("deployments/<uuid:deployment>/gates/<slug:gate>/", gates.gate, name="gate"),
    path("deployments/<uuid:deployment>/gates/<str:gate>/convene/", reviews.convene, name="convene"),
    path("deployments/<uuid:deployment>/go-live/", cut_over.go_live, name="go_live"),
    path("deployments/<uuid:deployment>/rollback/", cut_over.roll_back, name="rollback"),
    path("deployments/<uuid:deployment>/gates/<slug:gate>/as-of/", gates.gate_as_of, name="gate_as_of"),
    path("deployments/<uuid:deployment>/waivers/", waivers.overview, name="waivers"),
    # /gate-reviews/<id>/…
    path("gate-reviews/<uuid:review>/", reviews.room, name="review"),
    path("gate-reviews/<uuid:review>/votes/<str:role>/", reviews.vote, name="vote"),
    path("gate-reviews/<uuid:review>/conditions/", reviews.set_condition, name="condition"),
    path("gate-reviews/<uuid:review>/conditions/<uuid:condition>/drop/", reviews.drop_condition, name="drop_condition"),
    path("gate-reviews/<uuid:review>/chair/", reviews.take_chair, name="take_chair"),
    path("gate-reviews/<uuid:review>/packs/", reviews.freeze, name="freeze"),
    path("gate-reviews/<uuid:review>/packs/<int:number>/", packs.contents, name="pack"),
    path("gate-reviews/<uuid:review>/packs/<int:number>.json", packs.download, name="pack_file"),
    path("gate-reviews/<uuid:review>/packs/<int:number>.zip", packs.archive, name="pack_archive"),
    path("gate-reviews/<uuid:review>/record.json", packs.record, name="record"),
    path("gate-reviews/<uuid:review>/countersignature/", reviews.countersign, name="countersign"),
    path("gate-reviews/<uuid:review>/decision/", reviews.decide, name="decide"),
    path("gate-reviews/<uuid:review>/withdrawal/", reviews.withdraw, name="withdraw"),
    # /playbooks/drafts/<id>/…
    path("playbooks/drafts/<uuid:draft>/gates/<slug:gate>/", builder.build, name="build_gate"),
    # /waivers/<id>/…
    path("waivers/<uuid:waiver>/grant/", waivers.grant, name="grant_waiver"),
    path("waivers/<uuid:waiver>/refusal/", waivers.refuse, name="refuse_waiver"),
]
