"""Each criterion that the builder offers, false at a deployment: its explanation leads to a page on which one can act."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from onboarding.cutover.tests.runs import FIVE
from onboarding.cutover.tests.test_alarms import cut_over
from onboarding.deployments.models import Item
from onboarding.golive.tests.test_builder import fields
from onboarding.golive.web.criteria_form import Node
from onboarding.hypercare.tests.sites import defect, live
from onboarding.playbooks.expressions import criterion_facts
from onboarding.playbooks.models import PlaybookDraft
from tenancy.scope import scope
from testing.scenes import Scene
from training.learning.models import Rollout

ClientOf = Callable[[User], Client]
LINK = re.compile(r'<a class="link" href="([^"]+)">')

ACTS = {
    "items.blocking_open": "/items/[^/]+/(start|complete|evidence)",
    "items.conditional_open": "/items/[^/]+/(start|complete|evidence)",
    "team.vacant_roles": "/team/[A-Z]+/fill",
    "training.coverage": "/training/(people|rules/new)/",
    "training.access_without_training": 'type="file"',
    "training.shifts_short_of_superusers": "Plan the shift",
    "champion.days_vacant": "/team/CHM/fill",
    "champion.has_deputy": "/team/CHM/fill",
    "cutover.*": "/figures",
    "hypercare.sev1_open": "/tickets/1/",
    "hypercare.sev2_open": "/tickets/2/",
    "hypercare.sev2_without_plan": "/tickets/2/",
    "hypercare.safety_events_unreviewed": "/tickets/2/",
    "hypercare.tickets_per_active_user_week": "/tickets/new",
    "hypercare.ticket_rate_falling_days": "/tickets/new",
    "hypercare.tier1_solved_share": "/tickets/new",
    "hypercare.top_issues_without_article": "kind=question",
    "hypercare.*": "Report the figures of today",
}
"""What the page holds with which the person who may makes the criterion true."""


def act_of(fact: str) -> str:
    return ACTS.get(fact) or ACTS[f"{fact.partition('.')[0]}.*"]


def explained(client: Client, scene: Scene, criteria: dict[str, object]) -> list[str]:
    """Try the criteria on the scene's deployment in the builder, and return where their explanation leads."""
    with scope(scene.world.host.pk):
        draft = PlaybookDraft.objects.first() or PlaybookDraft.begin(
            scene.deployment.playbook_version.plain(), by=scene.manager, made_from="the starter"
        )
    data = fields(Node.of(criteria))
    data["do"], data["deployment"] = "show", str(scene.deployment.pk)
    answer = client.post(f"/o/host/playbooks/drafts/{draft.pk}/gates/G6/", data)
    assert answer.status_code == 200
    tried = answer.content.decode().partition('id="try-t"')[2]
    assert "Does not hold" in tried
    return LINK.findall(tried)


def criterion(fact: str) -> dict[str, object]:
    """A criterion over the fact that never holds: no figure is below 0."""
    found: dict[str, object] = {"fact": fact, "op": "lt", "value": 0, "says": "Figure"}
    if criterion_facts()[fact] is bool:
        found |= {"op": "eq", "value": True}
    return found | ({"stages": [6]} if fact.startswith("items.") else {})


def act_is_there(client: Client, address: str, fact: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200, address
    assert re.search(act_of(fact), answer.content.decode()), (fact, address)


BEFORE = [name for name in criterion_facts() if name.partition(".")[0] in ("items", "team", "training", "champion")]
DURING = [name for name in criterion_facts() if name.startswith("cutover.")]
AFTER = [name for name in criterion_facts() if name.startswith("hypercare.")]


def test_every_kind_of_criterion_is_looked_at_here() -> None:
    assert sorted(BEFORE + DURING + AFTER) == sorted(criterion_facts())


@pytest.mark.parametrize("fact", BEFORE)
def test_before_the_cut_over_each_leads_to_where_one_acts(scene: Scene, client_of: ClientOf, fact: str) -> None:
    client = client_of(scene.world.manager)
    with scope(scene.world.host.pk):
        Rollout.introduce(
            scene.deployment.pk,
            title="Stillwater CBT",
            tool_version="4.2",
            site=scene.site,
            go_live_on=scene.deployment.go_live_on,
            by=scene.manager,
        )
        Item.objects.filter(deployment=scene.deployment, stage=6).update(owner="IM")
    found = explained(client, scene, criterion(fact))
    assert found
    act_is_there(client, found[0], fact)


@pytest.mark.parametrize("fact", DURING)
def test_during_the_cut_over_each_leads_to_the_figures_of_its_run(scene: Scene, client_of: ClientOf, fact: str) -> None:
    with scope(scene.world.host.pk), time_machine.travel(FIVE, tick=False):
        cut_over(scene)
    with time_machine.travel(FIVE + timedelta(minutes=1), tick=False):
        client = client_of(scene.world.manager)
        found = explained(client, scene, criterion(fact))
        assert len(found) == 1
        act_is_there(client, found[0], fact)


@pytest.mark.parametrize("fact", AFTER)
def test_after_go_live_each_leads_to_the_figures_or_the_defects(scene: Scene, client_of: ClientOf, fact: str) -> None:
    with scope(scene.world.host.pk):
        live(scene)
        defect(scene, 1)
        defect(scene, 2, "The wrong patient", safety=True)
    client = client_of(scene.world.manager)
    found = explained(client, scene, criterion(fact))
    assert len(found) == 1
    act_is_there(client, found[0], fact)


def test_what_is_joined_deep_is_led_to_as_well_and_below_a_not_the_other_way_round(
    scene: Scene, client_of: ClientOf
) -> None:
    client = client_of(scene.world.manager)
    vacant = {"fact": "team.vacant_roles", "op": "ge", "value": 1, "says": "Vacant roles"}
    deep = {"all": [{"any": [{"all": [{"not": vacant}]}]}]}
    found = explained(client, scene, deep)
    assert found == [f"/o/host/deployments/{scene.deployment.pk}/team/"]
    assert explained(client, scene, {"not": {"not": {"not": vacant}}}) == found
