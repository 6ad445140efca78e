"""The demo: loaded once, whole, by verbs, with dates around today."""

import io
from collections import Counter

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import Membership
from assurance.models import Finding
from assurance.models import Run as Audit
from audit.models import Event
from billing.contracts.models import Contract
from billing.statements.actions.settle import settle
from billing.statements.checking import findings
from billing.statements.models import Line, Statement
from config.demo.load import load
from onboarding.cutover.models import Alarm, Run
from onboarding.decommission.models import Certificate
from onboarding.deployments.models import Deployment
from onboarding.golive.models import GateReview, Signature, Waiver
from onboarding.reviews.models import ReviewDecision
from tenancy.models import Organization, Site
from tenancy.scope import scope
from training.learning.models import Completion


@pytest.mark.slow
@pytest.mark.django_db
def test_the_demo_tells_seven_histories_and_leaves_work_for_today() -> None:
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
            "Roxboro": "discontinued",
        }
        assert Event.objects.filter(action="deployment.rolled_back").count() == 1
        assert GateReview.objects.meeting().count() == 1
        runs = Run.objects.order_by("state", "kind").values_list("state", "kind")
        assert Counter(runs) == {
            ("finished", "rehearsal"): 6, ("finished", "live"): 4, ("rolled_back", "live"): 1, ("planned", "live"): 1,
        }  # fmt: skip
        assert [one.stands for one in Certificate.objects.all()] == [True, True, True]
        alarms = Alarm.objects.order_by("fired_at").values_list("trigger", "decision")
        assert list(alarms) == [("crisis-alert-lost", "roll_back"), ("messages-failing", "")]
        assert [one.stands for one in ReviewDecision.objects.select_related("review")] == [True, True]
        assert Waiver.objects.waiting().count() == 1
        assert all(one.is_valid(one.review.record) for one in Signature.objects.select_related("review"))
        assert Completion.objects.count() >= 12
        assert not Event.objects.filter(at__gt=timezone.now()).exists()
        assert Site.objects.exclude(ruca1=None).count() > 30
        assert_money_follows()
        assert Audit.objects.filter(state="signed").count() == 1
        assert Finding.objects.open().count() == 1
        everybody = set(Membership.objects.active().values_list("user__email", flat=True))
        assert Audit.objects.get(definition__check_name="access_review").lines.filter(decision="keep").count() == 4
    listed = Client().get("/dev/sign-in").content.decode()
    assert [one for one in sorted(everybody) if one not in listed] == []
    assert listed.index("chief.operating.officer@") < listed.index("administrator@riverbend")


def assert_money_follows() -> None:
    """What went live is paid for: the months that are over are closed by two people, and every line still holds."""
    assert set(Contract.objects.values_list("reference", "state")) == {("SW-01", "active"), ("SW-02", "draft")}
    statements = list(Statement.objects.for_page().order_by("period"))
    states = [one.state for one in statements]
    assert states.count("finalized") >= 1
    assert states.count("in_review") == 1
    assert [problem for one in statements for problem in findings(one)] == []
    assert Line.objects.filter(kind="reversal").count() == 1
    # Four clinics have signed and went live, one of them a second time after its rollback.
    assert Line.objects.filter(milestone__trigger="deployment.went_live", kind="milestone").count() == 5
    contract = Contract.objects.get(reference="SW-01")
    before = Line.objects.count()
    assert settle(contract.pk) == []
    assert Line.objects.count() == before
