"""An audit asks for papers as it asks for facts: given, approved, in force, and for how long."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from assurance.models import AuditRefused, Definition
from assurance.tests.audits import begun, scheduled
from onboarding.deployments.models import Evidence, Item
from onboarding.deployments.papers import known
from onboarding.vault.tests.shelf import paper, stored
from tenancy.scope import scope
from testing.scenes import Scene

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]
CONTROL = "business-associate/signed"
ITEM, WANTED = "business-associate-agreement", "signed-agreement"


def asking(**leaf: Any) -> dict[str, Any]:
    """Criteria over one paper, that is in force unless something else is asked."""
    comparison = {"fact": "paper.state", "control": CONTROL, "op": "eq", "value": "in force", "says": "Agreement"}
    return {"all": [{**comparison, **leaf}]}


def seen(scene: Scene, **leaf: Any) -> tuple[bool | None, str]:
    """What an audit says of the scene's deployment now; in the host's scope."""
    run = begun(scene.world, "facts", criteria=asking(**leaf), title=f"Papers {Definition.objects.count()}")
    line = run.lines.get(subject_id=scene.deployment.pk)
    return line.holds, line.says


def test_a_paper_of_the_vault_is_missing_waits_is_in_force_and_ends(scene: Scene) -> None:
    today = timezone.localdate()
    with scope(scene.world.host.pk):
        assert seen(scene) == (False, "Agreement: missing; passes when it is in force.")
        given = paper(scene.manager, "Agreement", approved=False, mapped=[CONTROL])
        assert seen(scene) == (False, "Agreement: not approved; passes when it is in force.")
        assert seen(scene, op="ne", value="missing")[0] is True
        given.approve(by=scene.manager)
        assert seen(scene)[0] is True
        type(given).objects.filter(pk=given.pk).update(valid_until=today + timedelta(days=20))
        assert seen(scene)[0] is True
        assert seen(scene, for_days=20)[0] is True
        assert seen(scene, for_days=30) == (False, "Agreement: expiring; passes when it is in force.")
        type(given).objects.filter(pk=given.pk).update(valid_until=today - timedelta(days=1))
        assert seen(scene) == (False, "Agreement: expired; passes when it is in force.")
        assert seen(scene, op="in", value=["in force", "expired"])[0] is True
        given.revoke(by=scene.manager, reason="It was replaced.")
        assert seen(scene) == (False, "Agreement: missing; passes when it is in force.")


def test_the_best_of_several_papers_counts(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        paper(scene.manager, "Draft", approved=False, mapped=[CONTROL])
        paper(scene.manager, "Signed", mapped=[CONTROL])
        paper(scene.manager, "Something else", mapped=["safe-use/ai"])
        assert seen(scene)[0] is True


def test_evidence_on_an_item_of_the_deployment_counts_for_it_alone(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        item = Item.objects.get(deployment=scene.deployment, key=ITEM)
        given = Evidence.give(item, stored(), by=scene.manager, wanted_key=WANTED)
        assert seen(scene) == (False, "Agreement: not approved; passes when it is in force.")
        given.accept(by=scene.manager)
        assert seen(scene)[0] is True
        given.send_back(by=scene.manager, reason="The second page is missing.")
        assert seen(scene)[0] is False


@pytest.mark.parametrize(
    ("leaf", "told"),
    [
        ({"control": "no/such"}, "is no control"),
        ({"control": None}, "is no control"),
        ({"control": ["hipaa"]}, "is no control"),
        ({"fact": ["paper.state"]}, "is no name of a fact"),
        ({"op": ["eq"]}, "is none of"),
        ({"value": "good"}, "states of a paper are"),
        ({"op": "in", "value": "in force"}, "states of a paper are"),
        ({"op": "ge"}, "compared by eq, ne or in"),
        ({"for_days": -1}, "number of days"),
        ({"for_days": True}, "number of days"),
        ({"stages": [1]}, "stages means nothing here"),
        ({"fact": "nothing.at_all"}, "no fact that anything states"),
        ({"fact": "items.blocking_open"}, "of which stages"),
        ({"fact": "items.blocking_open", "stages": [1], "value": "none"}, "'none' is not a whole number"),
        ({"fact": "training.coverage", "op": "ge", "value": "high"}, "'high' is not a number"),
        ({"fact": "training.coverage", "op": "in", "value": 0.9}, "'in' needs a list"),
        ({"fact": "training.coverage_by_role", "op": "ge", "value": 1}, "compares with no value"),
        ({"fact": "champion.has_deputy", "op": "ge", "value": True}, "'ge' compares numbers"),
        ({"fact": "team.vacant_roles", "value": 0, "roles": 3}, "as a list of keys"),
        ({"fact": "items.blocking_open", "stages": [[1]]}, "as a list of numbers"),
    ],
)
def test_criteria_that_nobody_can_read_are_refused_when_the_audit_is_scheduled(
    scene: Scene, leaf: dict[str, Any], told: str
) -> None:
    with scope(scene.world.host.pk):
        with pytest.raises(AuditRefused, match=told):
            scheduled(scene.world, "facts", criteria={"any": [{"not": asking(**leaf)}]})
        assert not Definition.objects.exists()


def test_the_page_asks_for_papers_and_shows_what_it_asks(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.owner)
    form = {
        "check": "facts", "title": "Agreements", "must_hold": "An agreement is in force.", "rhythm": "quarterly",
        "next_on": "2027-04-05", "finish_in": "10", "owner": str(scene.world.auditor.pk),
    }  # fmt: skip
    empty = client.post("/o/host/audits/new", form)
    assert (empty.status_code, "Choose a fact or a paper" in empty.content.decode()) == (422, True)
    made = client.post("/o/host/audits/new", {**form, "paper_1": CONTROL, "asked_1": "for_90"})
    assert made.status_code == 302, made.content
    with scope(scene.world.host.pk):
        audit = Definition.objects.get()
    assert audit.criteria == {
        "all": [
            {
                "fact": "paper.state", "control": CONTROL, "op": "eq", "value": "in force", "for_days": 90,
                "says": dict(known())[CONTROL],
            }
        ]
    }  # fmt: skip
    page = client.get(made["Location"]).content.decode()
    assert "Business associate agreement: Agreement signed" in page
    assert "in force, for 90 more days" in page


def test_many_deployments_read_the_papers_once(scene: Scene, django_assert_max_num_queries: Callable[..., Any]) -> None:
    from onboarding.deployments.papers import Papers

    with scope(scene.world.host.pk), django_assert_max_num_queries(2):
        Papers([scene.deployment.pk] * 40)
