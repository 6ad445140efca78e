"""The demo: loaded once, whole, by verbs, with dates around today."""

import io

import pytest
from django.core.management import call_command
from django.utils import timezone

from audit.models import Event
from config.demo.load import load
from onboarding.deployments.models import Deployment
from onboarding.golive.models import GateReview, Signature, Waiver
from tenancy.models import Organization, Site
from tenancy.scope import scope
from training.learning.models import Completion


@pytest.mark.slow
@pytest.mark.django_db
def test_the_demo_tells_six_histories_and_leaves_work_for_today() -> None:
    call_command("load_reference", stdout=io.StringIO())
    assert load(lambda text: None)
    assert not load(lambda text: None)
    host = Organization.objects.get(slug="riverbend")
    with scope(host.pk):
        states = dict(Deployment.objects.values_list("site__city", "state"))
        assert states == {
            "Morrisville": "live",
            "Wenatchee": "live",
            "Lewistown": "live",
            "Benton": "onboarding",
            "Siler City": "onboarding",
            "Washburn": "onboarding",
        }
        assert Event.objects.filter(action="deployment.rolled_back").count() == 1
        assert GateReview.objects.meeting().count() == 1
        assert Waiver.objects.waiting().count() == 1
        assert all(one.is_valid(one.review.record) for one in Signature.objects.select_related("review"))
        assert Completion.objects.count() >= 12
        assert not Event.objects.filter(at__gt=timezone.now()).exists()
        assert Site.objects.exclude(ruca1=None).count() > 30
