"""Every address of the API, below `/o/<org>/api/v1/`. The OpenAPI document is drawn from this list."""

from django.urls import path

from api.views.events import EventViewSet
from api.views.facts import FactViewSet
from api.views.organization import OrganizationViewSet
from assurance.api import urls as assurance
from billing.statements.api import urls as statements
from notices.api import urls as messages
from onboarding.adaptations.api import urls as adaptations
from onboarding.continuity.api import urls as continuity
from onboarding.cutover.api import urls as cutover
from onboarding.decommission.api import urls as decommission
from onboarding.deployments.api import urls as deployments
from onboarding.golive.api import urls as golive
from onboarding.hypercare.api import urls as hypercare
from onboarding.joint.api import urls as joint
from onboarding.metrics.api import urls as metrics
from onboarding.plans.api import urls as plans
from onboarding.playbooks.api import urls as playbooks
from onboarding.reviews.api import urls as reviews
from onboarding.rosters.api import urls as rosters
from onboarding.upgrades.api import urls as upgrades
from onboarding.vault.api import urls as vault
from onboarding.windows.api import urls as windows
from training.learning.api import urls as learning

urlpatterns = [
    path("organization", OrganizationViewSet.as_view({"get": "show"})),
    *rosters.urlpatterns,
    *playbooks.urlpatterns,
    *deployments.urlpatterns,
    *plans.urlpatterns,
    *joint.urlpatterns,
    *golive.urlpatterns,
    *cutover.urlpatterns,
    *hypercare.urlpatterns,
    *reviews.urlpatterns,
    *continuity.urlpatterns,
    *decommission.urlpatterns,
    *metrics.urlpatterns,
    *upgrades.urlpatterns,
    *adaptations.urlpatterns,
    *vault.urlpatterns,
    *windows.urlpatterns,
    *learning.urlpatterns,
    *statements.urlpatterns,
    *messages.urlpatterns,
    *assurance.urlpatterns,
    path("facts", FactViewSet.as_view({"get": "list"})),
    path("facts/<uuid:pk>", FactViewSet.as_view({"get": "retrieve"})),
    path("events", EventViewSet.as_view({"get": "list"})),
    path("events/<uuid:pk>", EventViewSet.as_view({"get": "retrieve"})),
]
