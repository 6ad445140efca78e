"""The scorecard and the runbook of a draft as forms: saved unchanged they change nothing, and the check leads to them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from audit.models import Event
from onboarding.playbooks.models import DraftItem, PlaybookDraft
from tenancy.scope import scope
from testing.forms import filled as fields_of
from testing.scenes import Scene

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def author(scene: Scene, client_of: SignIn) -> Client:
    return client_of(scene.world.manager)


@pytest.fixture
def draft(scene: Scene, author: Client) -> PlaybookDraft:
    """A draft of the next version of the starter playbook."""
    author.post(f"/o/host/playbooks/{scene.program.playbook_version_id}/draft")
    with scope(scene.world.host.pk):
        return PlaybookDraft.objects.select_related("base").get()


def place(draft: PlaybookDraft, rest: str = "") -> str:
    return f"/o/host/playbooks/drafts/{draft.pk}/{rest}"


def filled(client: Client, address: str) -> dict[str, Any]:
    """What a browser would send back of the form on the page, unchanged."""
    answer = client.get(address)
    assert answer.status_code == 200
    return fields_of(answer.content.decode())


def read(scene: Scene, draft: PlaybookDraft) -> dict[str, Any]:
    with scope(scene.world.host.pk):
        return PlaybookDraft.objects.get(pk=draft.pk).plain()


def steps(scene: Scene, draft: PlaybookDraft) -> list[str]:
    return [one["key"] for one in read(scene, draft)["runbook"]["steps"]]


EVERY_PART = [
    "scorecard/",
    "runbook/",
    *(f"runbook/steps/{number}/" for number in range(1, 15)),
    *(f"runbook/triggers/{number}/" for number in range(1, 6)),
]


def test_saving_every_part_unchanged_changes_nothing(scene: Scene, author: Client, draft: PlaybookDraft) -> None:
    before = read(scene, draft)
    for part in EVERY_PART:
        answer = author.post(place(draft, part), filled(author, place(draft, part)))
        assert answer.status_code == 302, (part, answer.content.decode().partition("data-errors")[2][100:400])
    assert read(scene, draft) == before
    with scope(scene.world.host.pk):
        assert PlaybookDraft.objects.get().revision == 1
        assert (
            not Event.objects.filter(action__startswith="playbook_draft.")
            .exclude(action="playbook_draft.started")
            .exists()
        )


def test_a_domain_is_weighted_anew_and_another_added_with_its_questions(
    scene: Scene, author: Client, draft: PlaybookDraft
) -> None:
    address = place(draft, "scorecard/")
    values = filled(author, address)
    values |= {"domain-0-weight": "15", "domain-7-title": "Money", "domain-7-weight": "5"}
    assert author.post(address, values).status_code == 302
    with scope(scene.world.host.pk):
        asked = DraftItem.objects.get(draft=draft, key="commercial-contract")
    values = filled(author, address) | {f"asks-{asked.number}": "money"}
    assert author.post(address, values).status_code == 302

    plain = read(scene, draft)
    weights = {one["key"]: one["weight"] for one in plain["scorecard"]["domains"]}
    assert weights == {
        "technical": 15, "integration": 15, "clinical-safety": 20, "people": 20, "operations": 10, "privacy-security": 10,
        "equity": 5, "money": 5,
    }  # fmt: skip
    assert next(one for one in plain["items"] if one["key"] == "commercial-contract")["domain"] == "money"
    with scope(scene.world.host.pk):
        assert PlaybookDraft.objects.get().problems() == ()
        assert Event.objects.filter(action="playbook_draft.item_changed").count() == 1
    changes = author.get(place(draft, "changes/")).content.decode()
    assert "Scorecard domain" in changes
    assert "Money" in changes


def test_a_domain_that_is_taken_out_takes_its_questions_out_and_the_weights_are_asked_for(
    scene: Scene, author: Client, draft: PlaybookDraft
) -> None:
    address = place(draft, "scorecard/")
    values = filled(author, address)
    del values["domain-6-title"]
    answer = author.post(address, values, follow=True)
    assert "The weights sum to 95, not 100" in answer.content.decode()
    plain = read(scene, draft)
    assert "equity" not in {one["key"] for one in plain["scorecard"]["domains"]}
    assert not [one for one in plain["items"] if one.get("domain") == "equity"]
    with scope(scene.world.host.pk):
        problems = [str(one) for one in PlaybookDraft.objects.get().problems()]
    assert problems == ["scorecard: domains: the weights sum to 95, not 100"]
    overview = author.get(place(draft)).content.decode()
    assert f'<a href="{address}">scorecard: domains: the weights sum to 95, not 100</a>' in overview
    assert "To correct before publishing" in author.get(address).content.decode()


def test_the_bars_are_numbers_from_1_to_100(scene: Scene, author: Client, draft: PlaybookDraft) -> None:
    before = read(scene, draft)
    address = place(draft, "scorecard/")
    assert author.post(address, filled(author, address) | {"go": "101"}).status_code == 422
    assert read(scene, draft) == before


def test_a_step_is_added_changed_moved_and_taken_out(scene: Scene, author: Client, draft: PlaybookDraft) -> None:
    was = steps(scene, draft)
    new = {
        "title": "Tell the crisis line", "owner": "CSO", "deputy": "CHM", "minutes": "5",
        "verification": "They read the number back.", "back_out": "Tell them that it is off.",
    }  # fmt: skip
    assert author.post(place(draft, "runbook/steps/0/"), new).status_code == 302
    assert steps(scene, draft) == [*was, "tell-the-crisis-line"]
    assert author.post(place(draft, "runbook/steps/15/arrange"), {"do": "up"}).status_code == 302
    assert steps(scene, draft) == [*was[:13], "tell-the-crisis-line", was[13]]

    changed = filled(author, place(draft, "runbook/steps/14/")) | {"minutes": "7"}
    assert author.post(place(draft, "runbook/steps/14/"), changed).status_code == 302
    found = read(scene, draft)["runbook"]["steps"]
    assert [one["number"] for one in found] == list(range(1, 16))
    assert found[13] == {
        "number": 14, "key": "tell-the-crisis-line", "title": "Tell the crisis line", "owner": "CSO", "deputy": "CHM",
        "minutes": 7, "verification": "They read the number back.", "back_out": "Tell them that it is off.",
        "point_of_no_return": False,
    }  # fmt: skip
    with scope(scene.world.host.pk):
        assert PlaybookDraft.objects.get().problems() == ()

    assert author.post(place(draft, "runbook/steps/14/arrange"), {"do": "remove"}).status_code == 302
    assert steps(scene, draft) == was


def test_one_step_is_the_point_of_no_return(scene: Scene, author: Client, draft: PlaybookDraft) -> None:
    address = place(draft, "runbook/steps/13/")
    assert author.post(address, filled(author, address) | {"point_of_no_return": "on"}).status_code == 302
    marked = [one["key"] for one in read(scene, draft)["runbook"]["steps"] if one["point_of_no_return"]]
    assert marked == ["first-patient"]
    values = filled(author, address)
    del values["point_of_no_return"]
    author.post(address, values)
    runbook = place(draft, "runbook/")
    overview = author.get(place(draft)).content.decode()
    assert f'<a href="{runbook}">runbook: steps: exactly one step is the point of no return, not 0</a>' in overview


def test_an_unfinished_step_is_kept_and_its_check_leads_to_it(
    scene: Scene, author: Client, draft: PlaybookDraft
) -> None:
    assert author.post(place(draft, "runbook/steps/0/"), {"title": "Open the doors"}).status_code == 302
    overview = author.get(place(draft)).content.decode()
    address = place(draft, "runbook/steps/15/")
    for field in ("owner", "deputy", "minutes", "verification", "back_out"):
        assert f'<a href="{address}">runbook: step &#39;open-the-doors&#39;: {field}: missing</a>' in overview
    assert author.post(place(draft, "publish")).status_code in (403, 422)
    with scope(scene.world.host.pk):
        assert PlaybookDraft.objects.get().state == "open"


def test_a_trigger_watches_a_share_in_percent(scene: Scene, author: Client, draft: PlaybookDraft) -> None:
    new = {
        "title": "Too many cannot sign in", "fact": "cutover.sign_in_failure_share", "op": "gt", "limit": "2.5",
        "for_minutes": "10",
    }  # fmt: skip
    assert author.post(place(draft, "runbook/triggers/0/"), new).status_code == 302
    trigger = read(scene, draft)["runbook"]["triggers"][-1]
    assert trigger == {
        "key": "too-many-cannot-sign-in",
        "title": "Too many cannot sign in",
        "for_minutes": 10,
        "when": {
            "fact": "cutover.sign_in_failure_share", "op": "gt", "value": 0.025, "says": "Share of users who cannot sign in"
        },
    }  # fmt: skip
    page = author.get(place(draft, "runbook/")).content.decode()
    assert "Share of users who cannot sign in is more than 2.5 %" in page
    with scope(scene.world.host.pk):
        assert PlaybookDraft.objects.get().problems() == ()


def test_what_no_trigger_can_watch_is_not_published_and_leads_to_its_form(
    scene: Scene, author: Client, draft: PlaybookDraft
) -> None:
    runbook = read(scene, draft)["runbook"]
    events = {"fact": "cutover.safety_events", "op": "ge", "value": 1, "says": "Events"}
    for when in ({"any": [events]}, {**events, "op": "le"}):
        triggers = [{**runbook["triggers"][0], "when": when}, *runbook["triggers"][1:]]
        with scope(scene.world.host.pk):
            PlaybookDraft.objects.get().write_part({"runbook": {**runbook, "triggers": triggers}}, by=scene.manager)
        overview = author.get(place(draft)).content.decode()
        address = place(draft, "runbook/triggers/1/")
        assert f'<a href="{address}">runbook: trigger &#39;safety-event&#39;: when: compares one figure' in overview
        assert author.get(address).status_code == 200


def test_a_figure_needs_its_limit(scene: Scene, author: Client, draft: PlaybookDraft) -> None:
    before = read(scene, draft)
    answer = author.post(
        place(draft, "runbook/triggers/0/"),
        {"title": "Messages", "fact": "cutover.message_failure_share", "op": "gt", "for_minutes": "0"},
    )
    assert answer.status_code == 422
    assert "Enter the limit." in answer.content.decode()
    assert read(scene, draft) == before


def test_who_decides_and_within_which_time(scene: Scene, author: Client, draft: PlaybookDraft) -> None:
    address = place(draft, "runbook/")
    values = filled(author, address) | {"decides": "EXS", "decide_within_minutes": "10"}
    assert author.post(address, values).status_code == 302
    runbook = read(scene, draft)["runbook"]
    assert (runbook["decides"], runbook["decide_within_minutes"], len(runbook["steps"])) == ("EXS", 10, 14)
    values = filled(author, address)
    del values["decide_within_minutes"]
    author.post(address, values)
    assert "decide_within_minutes" not in read(scene, draft)["runbook"]


@pytest.mark.parametrize("part", ["scorecard/", "runbook/", "runbook/steps/1/", "runbook/triggers/1/"])
def test_who_opened_a_part_before_somebody_changed_it_is_told(
    scene: Scene, author: Client, draft: PlaybookDraft, part: str
) -> None:
    mine = filled(author, place(draft, part))
    author.post(place(draft, "runbook/steps/1/arrange"), {"do": "down"})
    before = read(scene, draft)
    answer = author.post(place(draft, part), mine)
    assert answer.status_code == 422
    assert "Somebody changed the draft meanwhile" in answer.content.decode()
    again = author.post(place(draft, part), fields_of(answer.content.decode()))
    assert again.status_code == 422
    assert read(scene, draft) == before


def test_a_step_is_not_taken_from_an_order_that_changed(scene: Scene, author: Client, draft: PlaybookDraft) -> None:
    seen = filled(author, place(draft, "runbook/"))["revision"]
    author.post(place(draft, "runbook/steps/1/arrange"), {"do": "down", "revision": seen})
    before = steps(scene, draft)
    author.post(place(draft, "runbook/steps/1/arrange"), {"do": "remove", "revision": seen})
    assert steps(scene, draft) == before


def test_parts_that_a_file_once_broke_are_opened_and_mended_one_by_one(
    scene: Scene, author: Client, draft: PlaybookDraft
) -> None:
    sound = draft.head["scorecard"]
    with scope(scene.world.host.pk):
        standing = PlaybookDraft.objects.get()
        standing.head |= {"scorecard": [], "runbook": {"steps": 5}}
        standing.save(update_fields=["head"])
        standing.write_part({"scorecard": sound}, by=scene.manager)
        assert PlaybookDraft.objects.get().head["scorecard"] == sound
        standing.refresh_from_db()
        standing.head |= {"scorecard": []}
        standing.save(update_fields=["head"])
    assert author.get(place(draft, "scorecard/")).status_code == 200
    assert author.get(place(draft, "runbook/")).status_code == 200
    assert author.get(place(draft, "runbook/steps/1/")).status_code == 404


def test_who_may_only_read_playbooks_edits_neither(
    scene: Scene, draft: PlaybookDraft, client_of: SignIn, author: Client
) -> None:
    reader = client_of(scene.world.contributor)
    for part in ("scorecard/", "runbook/", "runbook/steps/1/", "runbook/triggers/1/"):
        assert reader.get(place(draft, part)).status_code in (403, 404)
    before = read(scene, draft)
    assert reader.post(place(draft, "runbook/steps/1/arrange"), {"do": "remove"}).status_code in (403, 404)
    assert read(scene, draft) == before
