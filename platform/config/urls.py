"""Every address of the product. `/o/<org>/…` is resolved by accounts.middleware before any of these views runs."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from accounts.web.views.home import organization_home
from config.health import livez, readyz
from config.metrics import metrics
from onboarding.rosters.web import urls as rosters
from web.find import find

organization_urls: list[URLPattern | URLResolver] = [
    path("", organization_home, name="home"),
    # What is asked for most comes first: an include without a prefix tries all of its own before the next has its turn.
    path("api/v1/", include("api.web.urls")),
    path("api/v1/", include("config.api")),
    path("", include("onboarding.deployments.web.urls")),
    path("admin/audit/", include("audit.web.urls")),
    path("audits/", include("assurance.web.urls")),
    path("find", find, name="find"),
    path("views/", include("web.view_urls")),
    path("admin/", include("accounts.web.console_urls")),
    path("", include("onboarding.golive.web.urls")),
    path("joint/", include("onboarding.joint.web.urls")),
    path("", include("onboarding.cutover.web.urls")),
    path("", include("onboarding.hypercare.web.urls")),
    path("", include("onboarding.reviews.web.urls")),
    path("", include("onboarding.windows.web.urls")),
    path("", include("onboarding.metrics.web.urls")),
    path("", include("onboarding.continuity.web.urls")),
    path("", include("onboarding.decommission.web.urls")),
    path("", include("onboarding.logbook.web.urls")),
    path("", include("onboarding.trackers.web.urls")),
    path("billing/", include("billing.statements.web.urls")),
    path("imports/", include((rosters.import_urls, "imports"))),
    path("learning/", include("training.learning.web.urls")),
    path("training/", include("training.learning.web.training_urls")),
    path("certificates/", include("training.credentials.web.urls")),
    path("sites/", include((rosters.site_urls, "sites"))),
    path("vault/", include("onboarding.vault.web.urls")),
    path("", include("notices.web.urls")),
    path("", include("onboarding.adaptations.web.urls")),
    path("", include("onboarding.upgrades.web.urls")),
    path("", include("onboarding.plans.web.urls")),
    path("playbooks/", include("onboarding.playbooks.web.urls")),
]

urlpatterns = [
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("", include("web.urls")),
    path("", include("accounts.web.urls")),
    path("", include("notices.web.public_urls")),
    path("", include("onboarding.deployments.web.public_urls")),
    path("", include("onboarding.plans.web.public_urls")),
    path("", include("training.credentials.web.public_urls")),
    path("", include("onboarding.decommission.web.public_urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/engine/", include("notices.web.staff_urls")),
    path("admin/", admin.site.urls),
    path("o/<slug:org>/", include((organization_urls, "org"))),
]

handler400 = "web.errors.bad_request"
handler403 = "web.errors.forbidden"
handler404 = "web.errors.not_found"
handler500 = "web.errors.server_error"
