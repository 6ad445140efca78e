"""A site at work, as a machine that hypothesis drives: people do anything in any order, upgrades come and go.

All of it goes through the verbs to the rows of the database. What people did is looked up before and after each upgrade
and each undoing of one, and in a memory of the machine's own: what was adapted here, and which of it somebody gave up.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from itertools import count
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Model
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from onboarding.adaptations.actions.adapt import add_item, change_item, drop_item
from onboarding.adaptations.models import Adaptation
from onboarding.deployments.models import Comment, Deployment, Evidence, Item, ItemDependency, TeamRole
from onboarding.deployments.models.evidence import EvidenceVersion
from onboarding.deployments.models.item import ItemRefused
from onboarding.plans.actions.move_dates import move_go_live, move_item
from onboarding.plans.preview import CannotMoveDate
from onboarding.playbooks.document import PlaybookDocument
from onboarding.playbooks.shape import Dependency
from onboarding.playbooks.shape import Item as Wanted
from onboarding.upgrades.actions.upgrade import CannotUpgrade, DryRun, dry_run, undo_upgrade, upgrade
from onboarding.upgrades.merge import ITEM, OURS, THEIRS
from onboarding.upgrades.models import Upgrade
from onboarding.upgrades.situation import situations
from onboarding.upgrades.tests.later_version import publish
from onboarding.vault.files import StoredFile
from tenancy.scope import scope
from testing.scenes import Scene

KEYS = (
    "interest-recorded",
    "problem-statement",
    "sponsor-named",
    "champion-and-deputy",
    "core-team",
    "success-measures",
)
TITLES = ("One way", "Another way", "A third way")
OWNERS = ("SPM", "EXS", "IM")
DAYS = (date(2026, 11, 2), date(2026, 12, 1), date(2027, 1, 12))
FRAME = {
    "reason": "organization",
    "goal": "fit",
    "fidelity": "consistent",
    "planned": "planned_reactive",
    "decided_by": ["Site project manager"],
}
ADAPTABLE = ("title", "owner", "gate_class", "guidance")
SAID = ("done_at", "done_by_id", "assignee_id", "waived_until", "started_at", "blocked_since")
Adapted = dict[tuple[str, str], Any]
"""By item and field: what the site wants there instead of what its playbook says."""

keys = st.sampled_from(KEYS)
choices = st.sampled_from((OURS, THEIRS))


@st.composite
def items_of_a_version(draw: st.DrawFn) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """Some of the items, each with wording, owner, day, weight and condition of its own, waiting for earlier ones only."""
    found = []
    for place, key in enumerate(KEYS):
        if draw(st.integers(0, 4)) == 0 and place:
            continue
        waits = [one for one, _ in found if draw(st.integers(0, 4)) == 0]
        fields = {
            "title": draw(st.sampled_from(TITLES)),
            "owner": draw(st.sampled_from(OWNERS)),
            "offset_days": draw(st.sampled_from((-120, -90, -60))),
            "gate_class": draw(st.sampled_from(("blocks", "informs"))),
            "guidance": draw(st.sampled_from(("As the book says.", "As the new book says."))),
            "condition": draw(st.sampled_from((False, False, True))),
            "depends_on": tuple(Dependency(one, 0) for one in waits),
        }
        found.append((key, fields))
    return tuple(found)


def written(
    starter: PlaybookDocument, items: tuple[tuple[str, Mapping[str, Any]], ...], version: str
) -> PlaybookDocument:
    """The starter with these items alone; those with a condition are for schools."""
    schools = starter.item("school-and-minors").condition
    found: list[Wanted] = [
        replace(starter.item(key), **{**fields, "condition": schools if fields["condition"] else None})
        for key, fields in items
    ]
    return replace(starter, version=version, items=tuple(found))


@dataclass(frozen=True, slots=True)
class Applied:
    """An upgrade in force, and what somebody gave up for it."""

    ledger: Upgrade
    given_up: Adapted = field(default_factory=dict)


class SiteAtWork(RuleBasedStateMachine):
    """People at one deployment, and the upgrades of its playbook. `scene` and `starter` are set by the test."""

    scene: ClassVar[Scene]
    starter: ClassVar[PlaybookDocument]
    numbers: ClassVar[Any] = count(1)

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(scope(self.scene.world.host.pk))
        self.stack.enter_context(transaction.atomic())
        self.by = self.scene.manager
        self.adapted: Adapted = {}
        self.applied: list[Applied] = []

    def teardown(self) -> None:
        """Leave the database as it was for the next history."""
        transaction.set_rollback(True)
        self.stack.close()

    # What people do.

    @rule(key=keys)
    def start(self, key: str) -> None:
        self.do(key, lambda item: item.start(by=self.by))

    @rule(key=keys)
    def finish(self, key: str) -> None:
        def proved(item: Item) -> None:
            for wanted in item.required_evidence:
                self.prove(item, str(wanted["key"]))
            item.complete(by=self.by, may_accept=True)

        self.do(key, proved)

    @rule(key=keys)
    def waive(self, key: str) -> None:
        self.do(key, lambda item: item.waive(until=date(2027, 6, 1), by=self.by))

    @rule(key=keys)
    def block(self, key: str) -> None:
        self.do(key, lambda item: item.block(reason="The vendor is late.", waits_for="VEN", by=self.by))

    @rule(key=keys)
    def reopen(self, key: str) -> None:
        self.do(key, lambda item: item.reopen(reason="It has to be done again.", by=self.by))

    @rule(key=keys)
    def assign(self, key: str) -> None:
        self.do(key, lambda item: item.assign(self.scene.world.contributor, by=self.by))

    @rule(key=keys)
    def give_evidence(self, key: str) -> None:
        self.do(key, lambda item: self.prove(item, ""))

    @rule(key=keys)
    def remark(self, key: str) -> None:
        self.do(key, lambda item: Comment.add(item, body=f"Remark {next(self.numbers)}", by=self.by))

    @rule(key=keys, title=st.sampled_from(TITLES), owner=st.sampled_from(OWNERS), guidance=st.booleans())
    def adapt(self, key: str, title: str, owner: str, guidance: bool) -> None:
        values = {"title": title, "owner": owner} | ({"guidance": "As we do it here."} if guidance else {})
        self.do(key, lambda item: change_item(item, values, frame=FRAME, by=self.by))

    @rule(key=keys)
    def drop(self, key: str) -> None:
        self.do(key, lambda item: drop_item(item, frame=FRAME, by=self.by))

    @rule(number=st.integers(1, 2))
    def add_our_own(self, number: int) -> None:
        words: dict[str, Any] = {"title": f"Our own {number}", "stage": 1, "owner": "IM", "gate_class": "blocks"}
        add_item(self.scene.deployment, **words, due_on=DAYS[0], frame=FRAME, by=self.by)

    @rule(key=keys, day=st.sampled_from(DAYS))
    def set_the_date(self, key: str, day: date) -> None:
        def moved(item: Item) -> None:
            move_item(self.scene.deployment, item.pk, day, by=self.by, reason="The room is free then.")

        self.do(key, moved)

    @rule(day=st.sampled_from((date(2027, 2, 16), date(2027, 3, 2), date(2027, 4, 6))))
    def move_the_go_live(self, day: date) -> None:
        deployment = Deployment.objects.get(pk=self.scene.deployment.pk)
        move_go_live(deployment, day, by=self.by, reason="The clinic asked for it.")

    # What happens to the playbook.

    @rule(items=items_of_a_version(), data=st.data())
    def move_to_a_newer_version(self, items: Any, data: st.DataObject) -> None:
        self.applied.append(self.upgraded(items, data))

    @rule(items=items_of_a_version(), data=st.data())
    def upgrade_and_undo_at_once(self, items: Any, data: st.DataObject) -> None:
        before, adapted = self.everything(), dict(self.adapted)
        undo_upgrade(self.upgraded(items, data).ledger, by=self.by)
        assert self.everything() == before
        self.adapted = adapted

    @precondition(lambda self: self.applied)
    @rule()
    def undo_the_last_upgrade(self) -> None:
        before, precious = self.everything(), self.precious()
        last = self.applied[-1]
        try:
            undo_upgrade(last.ledger, by=self.by)
        except CannotUpgrade:
            assert self.everything() == before
            return
        self.applied.pop()
        self.adapted |= last.given_up
        self.lost_nothing(precious, self.precious(), given_up={})

    def upgraded(self, items: Any, data: st.DataObject) -> Applied:
        """Move the deployment, deciding every conflict one way or the other, and look whether anything was lost."""
        to = publish(written(self.starter, items, f"2.{next(self.numbers)}"), by=self.by)
        run = dry_run(self.scene.program, to)[0]
        decided = {one.name: data.draw(choices, label=f"{one.key} {one.field}") for one in run.merge.conflicts}
        given_up = {name for name, choice in decided.items() if choice == THEIRS}
        precious = self.precious()
        ledger = upgrade(
            self.scene.program,
            to,
            [self.scene.deployment.pk],
            by=self.by,
            decisions={self.scene.deployment.pk: decided},
        )
        assert ledger is not None
        self.lost_nothing(precious, self.precious(), given_up)
        self.twice_is_once(to)
        left = {name: value for name, value in self.adapted.items() if name in given_up}
        self.adapted = {name: value for name, value in self.adapted.items() if name not in given_up}
        return Applied(ledger, left)

    def twice_is_once(self, to: Any) -> None:
        """Asking again changes nothing, and neither would comparing the checklist with the same version again."""
        before = self.everything()
        mine = [self.scene.deployment.pk]
        assert upgrade(self.scene.program, to, mine, by=self.by, decisions={}) is None
        again = situations(list(Deployment.objects.for_page().filter(pk__in=mine)), to)[0]
        merged = DryRun(again, again.merge())
        assert (merged.merge.changes, merged.merge.conflicts) == ((), ())
        assert again.settled(()) == ()
        assert self.everything() == before

    # What must never be lost.

    @invariant()
    def what_was_adapted_here_stands(self) -> None:
        rows = {row.key: row for row in self.rows()}
        for (key, name), value in self.adapted.items():
            assert getattr(rows[key], name) == value, f"{key} {name}"
        for row in rows.values():
            for name in ADAPTABLE:  # where the playbook says it itself, it is no difference any more
                if row.playbook_item and getattr(row.playbook_item, name) == getattr(row, name):
                    self.adapted.pop((row.key, name), None)

    def lost_nothing(self, before: Mapping[str, Any], after: Mapping[str, Any], given_up: Any) -> None:
        """All that people did stands as it stood, but for what they decided to give up."""
        for name in ("evidence", "versions", "remarks", "adaptations"):
            assert after[name] == before[name], name
        for key, row in before["items"].items():
            kept = after["items"].get(key, {})
            for name, value in row.items():
                if name == "due_on" and (key, "due") in given_up:
                    continue
                if name == "open" and (key, ITEM) in given_up:
                    continue
                assert kept.get(name) == value, f"{key} {name}"

    def precious(self) -> dict[str, Any]:
        """Everything that somebody did here, by what it is."""
        mine = {"deployment": self.scene.deployment}
        return {
            "evidence": _all(Evidence, **mine),
            "versions": _all(EvidenceVersion, **mine),
            "remarks": _all(Comment, **mine),
            "adaptations": _all(Adaptation, **mine),
            "items": {row.key: _of_people(row) for row in self.rows()},
        }

    def rows(self) -> list[Item]:
        return list(
            Item.objects.filter(deployment=self.scene.deployment).select_related("playbook_item").order_by("key")
        )

    def everything(self) -> dict[str, Any]:
        """Every column of the deployment and of what belongs to it, but for counters, and what its gates have decided."""
        mine = {"deployment": self.scene.deployment}
        models = (Item, TeamRole, Evidence, EvidenceVersion, Comment, Adaptation)
        waits = ItemDependency.objects.filter(**mine).values_list("item_id", "predecessor_id", "lag_days")
        return {
            "deployment": Deployment.objects.filter(pk=self.scene.deployment.pk).values(*_columns(Deployment)).get(),
            "waits": set(waits),
            "sha256": situations(list(Deployment.objects.for_page().filter(pk=self.scene.deployment.pk)))[
                0
            ].fingerprint,
            **{model.__name__: _all(model, **mine) for model in models},
        }

    # How people do it.

    def do(self, key: str, act: Callable[[Item], Any]) -> None:
        """Let somebody do it, where it is not refused, and remember what is adapted since."""
        item = Item.objects.filter(deployment=self.scene.deployment, key=key).first()
        if item is None:
            return
        with suppress(ItemRefused, CannotMoveDate):
            act(item)
        row = Item.objects.get(pk=item.pk)
        for name in ADAPTABLE:
            if getattr(row, name) != getattr(item, name):
                self.adapted[key, name] = getattr(row, name)

    def prove(self, item: Item, wanted: str) -> None:
        text = f"Paper {next(self.numbers)}"
        file = StoredFile(f"{text}.txt", "text/plain", len(text), sha256(text.encode()).hexdigest())
        Evidence.give(item, file, wanted_key=wanted, by=self.by)


def _of_people(row: Item) -> dict[str, Any]:
    """What somebody did with an item, and nothing else: a retired one keeps the state that it had."""
    state = row.retired_from or row.state
    left_alone = state == Item.State.TODO or (state == Item.State.NOT_APPLICABLE and row.left_out_by_plan)
    kept = {name: getattr(row, name) for name in SAID if getattr(row, name)}
    if not left_alone:
        kept |= {"state": state, "note": row.note}
    if not left_alone and row.is_open:
        kept["open"] = True  # work under way is retired where somebody decides so, and not otherwise
    if row.due_fixed or state in (Item.State.ACCEPTED, Item.State.WAIVED):
        kept["due_on"] = row.due_on
    if row.playbook_item_id is None:
        kept |= {name: getattr(row, name) for name in (*ADAPTABLE, "stage", "number", "due_on")}
    return kept


def _all(model: type[Model], **mine: Any) -> dict[Any, Any]:
    manager: Any = model._default_manager
    return {row["id"]: row for row in manager.filter(**mine).values(*_columns(model))}


def _columns(model: type[Model]) -> list[str]:
    return [one.attname for one in model._meta.concrete_fields if one.name not in ("version", "gates")]
