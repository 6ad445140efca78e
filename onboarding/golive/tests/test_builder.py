"""The gate builder: criteria composed by fields, tried on a deployment, written into the draft."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from audit.models import Event
from facts.criteria import check
from facts.kinds import every
from facts.kinds import find as find_kind
from onboarding.golive.tests.readiness import settle_stages
from onboarding.golive.web.criteria_form import Node, act, comparisons, facts
from onboarding.playbooks.expressions import criterion_facts
from onboarding.playbooks.models import PlaybookDraft
from tenancy.scope import scope
from testing.scenes import Scene

SignIn = Callable[[User], Client]

FACTS = criterion_facts()
LEAF = st.builds(
    lambda fact, op, value, age, stages, roles: {
        "fact": fact,
        **({"stages": sorted(stages)} if fact.startswith("items.") else {}),
        **({"roles": sorted(roles)} if fact == "team.vacant_roles" and roles else {}),
        "op": "eq" if FACTS[fact] is bool else op,
        "value": {float: round(value / 1000, 3), bool: value % 2 == 0}.get(FACTS[fact], value),
        **({"max_age_days": age} if age else {}),
        "says": "Figure",
    },
    st.sampled_from(sorted(FACTS)),
    st.sampled_from(["eq", "ne", "ge", "le", "gt", "lt"]),
    st.integers(0, 1000),
    st.integers(0, 30),
    st.sets(st.integers(0, 10), min_size=1),
    st.sets(st.sampled_from(["EXS", "CHM", "IM"])),
)
CRITERIA = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts, "says": "One of them."}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=6,
)


def fields(root: Node) -> QueryDict:
    """What a browser sends of the form that shows this expression."""
    data = QueryDict(mutable=True)
    for place, node in root.walk():
        data[f"{place}:kind"] = node.kind
        data[f"{place}:size"] = str(len(node.parts))
        for name in ("fact", "op", "value", "age", "says"):
            data[f"{place}:{name}"] = getattr(node, name)
        data.setlist(f"{place}:stages", node.stages)
        data.setlist(f"{place}:roles", node.roles)
    return data


@given(CRITERIA)
def test_every_expression_comes_back_from_its_fields_as_it_was(criteria: dict[str, Any]) -> None:
    root = Node.read(fields(Node.of(criteria)))
    assert root.plain() == criteria
    assert not root.mistakes()
    check(root.plain())


@given(CRITERIA, st.text(max_size=12), st.integers(0, 3))
def test_no_button_breaks_the_form(criteria: dict[str, Any], word: str, number: int) -> None:
    for verb in ("add", "all", "any", "not", "remove", "up", "down", "wrap", word):
        for place in ("r", f"r.{number}", f"r.0.{number}", word):
            again = act(Node.of(criteria), f"{verb}:{place}")
            assert Node.read(fields(again)).plain() == again.plain()


def test_buttons_add_move_and_remove() -> None:
    root = Node.of({"all": [{"fact": "training.coverage", "op": "ge", "value": 0.95, "says": "Coverage"}]})
    assert root.parts[0].value == "95"
    root = act(act(root, "add:r"), "any:r")
    assert [part.kind for part in root.parts] == ["fact", "fact", "any"]
    root = act(root, "up:r.2")
    assert [part.kind for part in root.parts] == ["fact", "any", "fact"]
    root = act(root, "remove:r.0")
    assert [part.kind for part in root.parts] == ["any", "fact"]
    assert act(root, "up:r.0").parts[0].kind == "any"
    once = act(act(root, "not:r"), "add:r.2")
    assert len(once.parts[2].parts) == 1  # a not has one part


@pytest.fixture
def draft(scene: Scene) -> PlaybookDraft:
    with scope(scene.world.host.pk):
        version = scene.deployment.playbook_version
        return PlaybookDraft.begin(version.plain(), by=scene.manager, made_from="the starter", base=version)


def address(draft: PlaybookDraft) -> str:
    return f"/o/host/playbooks/drafts/{draft.pk}/gates/G5/"


def criteria_of(draft: PlaybookDraft) -> Any:
    head = PlaybookDraft.objects.get(pk=draft.pk).head
    return next(one["criteria"] for one in head["gates"] if one["key"] == "G5")


def test_criteria_are_composed_and_written_into_the_draft(
    scene: Scene, draft: PlaybookDraft, client_of: SignIn
) -> None:
    browser = client_of(scene.world.manager)
    shown = browser.get(address(draft)).content.decode()
    assert "Share of required, active learners" in shown
    assert 'value="95"' in shown
    with scope(scene.world.host.pk):
        root = Node.of(criteria_of(draft))
        before = Event.objects.count()
    more = browser.post(address(draft), {**fields(root).dict(), "r.0:stages": "5", "do": "add:r"})
    assert more.status_code == 200
    with scope(scene.world.host.pk):
        assert Event.objects.count() == before
    root.parts[1].value, root.parts[1].age = "90", "7"
    data = fields(root)
    data["do"], data["revision"] = "save", "1"
    assert browser.post(address(draft), data.dict() | {"r.0:stages": "5"}).status_code == 302
    with scope(scene.world.host.pk):
        written = criteria_of(draft)["all"][1]
        assert (written["value"], written["max_age_days"]) == (0.9, 7)
        assert not PlaybookDraft.objects.get(pk=draft.pk).problems()
    old = browser.post(address(draft), data.dict() | {"r.0:stages": "5", "r.1:value": "80"})
    assert old.status_code == 409
    assert "Somebody changed the draft meanwhile" in old.content.decode()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("r.1:value", "most", "Give a number to compare with."),
        ("r.1:says", "", "Say in a few words what the figure is."),
        ("r.1:fact", "weather.sunny", "Choose a fact."),
        ("r.1:age", "soon", "Give the age in whole days."),
        ("r.0:stages", [], "Tick the stages whose items count."),
        ("r.1:fact", "\0", "Choose a fact."),
    ],
)
def test_what_is_not_whole_is_marked_and_nothing_is_written(
    scene: Scene, draft: PlaybookDraft, client_of: SignIn, name: str, value: Any, words: str
) -> None:
    with scope(scene.world.host.pk):
        data = fields(Node.of(criteria_of(draft))).dict() | {"r.0:stages": ["5"], "do": "save", name: value}
        before = criteria_of(draft)
    answer = client_of(scene.world.manager).post(address(draft), data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    with scope(scene.world.host.pk):
        assert criteria_of(draft) == before


def test_it_is_tried_on_a_deployment_as_it_stands(scene: Scene, draft: PlaybookDraft, client_of: SignIn) -> None:
    tried = f"{address(draft)}?deployment={scene.deployment.pk}"
    text = client_of(scene.world.manager).get(tried).content.decode()
    assert "Does not hold" in text
    assert "nothing is known yet" in text
    with scope(scene.world.host.pk):
        settle_stages(scene, 5)
    data = {"r:kind": "fact", "r:fact": "items.blocking_open", "r:op": "eq", "r:value": "0", "r:stages": "5"}
    data |= {"r:says": "Open", "deployment": str(scene.deployment.pk), "do": "show"}
    assert "Holds" in client_of(scene.world.manager).post(address(draft), data).content.decode()
    assert client_of(scene.world.manager).get(f"{address(draft)}?deployment=%00x").status_code == 200
    assert client_of(scene.world.manager).get(address(draft).replace("G5", "G99")).status_code == 404


def test_a_form_that_nobody_filled_in_by_hand_is_refused(scene: Scene, draft: PlaybookDraft, client_of: SignIn) -> None:
    deep = {f"r{'.0' * depth}:{name}": value for depth in range(40) for name, value in (("kind", "all"), ("size", "1"))}
    answer = client_of(scene.world.manager).post(address(draft), deep | {"do": "save"})
    assert answer.status_code == 422
    wide = {"r:kind": "all", "r:size": "900", "do": "save"}
    assert client_of(scene.world.manager).post(address(draft), wide).status_code == 422


def test_a_contributor_builds_no_gate(scene: Scene, draft: PlaybookDraft, client_of: SignIn) -> None:
    assert client_of(scene.world.contributor).get(address(draft)).status_code == 403


def test_every_fact_that_is_stated_about_a_deployment_is_offered_and_no_money() -> None:
    offered = dict(facts())
    for name in (
        "training.shifts_short_of_superusers",
        "champion.days_vacant",
        "champion.has_deputy",
        "hypercare.active_users",
    ):
        assert offered[name] == find_kind(name).says
    stated = {one.name for one in every() if one.subject == "deployment" and one.value_type is not dict}
    assert set(offered) - stated == {"items.blocking_open", "items.conditional_open", "team.vacant_roles"}
    assert stated - set(offered) == {one.name for one in every() if one.private}
    assert all(find_kind(name).page for name in offered if name in stated)  # each leads to what would make it true


@pytest.mark.parametrize(
    ("op", "value", "mistake"),
    [("eq", "yes", ""), ("ne", "No", ""), ("eq", "1", "Say yes or no."), ("ge", "yes", "Yes and no are compared")],
)
def test_yes_and_no_are_compared_as_such(op: str, value: str, mistake: str) -> None:
    node = Node(fact="champion.has_deputy", op=op, value=value, says="The champion has a deputy")
    plain = node.plain()
    assert node.mistake.startswith(mistake)
    assert bool(node.mistake) == bool(mistake)
    if not mistake:
        assert plain["value"] is (value == "yes")
        assert Node.of(plain).value in ("yes", "no")
    assert [name for name, _ in comparisons(node)] == ["eq", "ne"]
