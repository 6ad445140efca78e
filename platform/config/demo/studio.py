"""The demo's own playbook: a published version, a program moved to it, a draft in the making, and what sites do differently."""

from datetime import date, timedelta

from config.demo.cast import Cast
from config.demo.clock import at, days_ago
from onboarding.adaptations.actions.adapt import add_item, change_item
from onboarding.deployments.models import Deployment, Item, Program
from onboarding.playbooks.models import PlaybookDraft, PlaybookVersion
from onboarding.upgrades.actions.upgrade import upgrade

OWN = {
    "reminders": {
        "ladder": [-10, -5, -1, 0, 2, 5],
        "manager_after": 2,
        "sponsor_after": 5,
        "sla": {"deployments.question_due": 1},
    },
    "key": "riverbend-behavioral-health",
    "title": "Riverbend behavioral health",
    "version": "1.0",
}
NIGHT_DRILL = {
    "key": "night-drill",
    "number": 103,
    "stage": 6,
    "title": "Crisis alert rehearsed with the night shift",
    "guidance": "Run the drill once after 20:00. The on-call pool is another one than by day; the first wave learned it late.",
    "owner": "CSO",
    "effort_hours": 2,
    "offset_days": -12,
    "gate_class": "conditional",
    "gate": "G6",
    "tags": ["safety", "training"],
    "evidence": [{"key": "drill-record", "title": "Drill record", "kind": "document"}],
}


def keep_studio(cast: Cast, today: date) -> None:
    """Publish the own playbook, move the school program to it, and leave a draft and two adaptations open."""
    manager, owner = cast.actor_for("IM"), cast.actor("chief.operating.officer")
    starter = PlaybookVersion.objects.published().select_related("playbook").get(playbook__key="behavioral-health")
    with at(days_ago(today, 24), 10):
        draft = PlaybookDraft.begin({**starter.plain(), **OWN}, by=manager, made_from=str(starter), base=starter)
        _rewrite(draft, "network-test", by=manager, offset_days=-95, guidance=(
            "Ask for the firewall change before the interface is built: it has waited up to 13 days for a window."
        ))  # fmt: skip
        draft.write_item(NIGHT_DRILL, by=manager)
    with at(days_ago(today, 23), 15):
        version = draft.publish(by=owner)
    program = Program.objects.get(title="Harbor Parent")
    with at(days_ago(today, 20), 11):
        moving = list(Deployment.objects.running().filter(program=program).values_list("pk", flat=True))
        upgrade(program, version, moving, by=manager, decisions={}, for_new_sites=True)
    with at(days_ago(today, 2), 14):
        following = PlaybookDraft.begin(
            {**version.plain(), "version": "1.1"}, by=manager, made_from=str(version), base=version
        )
        _rewrite(following, "support-model", by=manager, offset_days=-70)
    _adapt(cast, today)


def _rewrite(draft: PlaybookDraft, key: str, *, by: object, **changes: object) -> None:
    item = next(one for one in draft.plain()["items"] if one["key"] == key)
    draft.write_item({**item, **changes}, key=key, by=by)  # type: ignore[arg-type]


def _adapt(cast: Cast, today: date) -> None:
    """Siler City asks for consent in Spanish first; its own item for the van clinic is offered to the playbook's author."""
    deployment = Deployment.objects.get(site__city="Siler City")
    with at(days_ago(today, 16), 10):
        change_item(
            Item.objects.get(deployment=deployment, key="baseline-collected"),
            {"guidance": "Collect the baseline in Spanish and English; most families here answer in Spanish."},
            frame={
                "reason": "recipient", "goal": "equity", "fidelity": "consistent", "planned": "planned_proactive",
                "decided_by": ["Equity lead", "Clinical champion"],
                "note": "Four of five families here speak Spanish at home.",
            },
            by=cast.actor_for("EQL"),
        )  # fmt: skip
    with at(days_ago(today, 12), 9):
        added = add_item(
            deployment,
            title="Tablet and hotspot ready in the mobile clinic",
            stage=5,
            owner="OPS",
            due_on=deployment.go_live_on - timedelta(days=21),
            gate_class="informs",
            frame={
                "reason": "organization", "goal": "reach", "fidelity": "consistent", "planned": "planned_reactive",
                "decided_by": ["Operations and service desk"],
                "note": "The van serves the poultry plant's late shift, where the clinic's own network does not reach.",
            },
            by=cast.actor_for("OPS"),
        )  # fmt: skip
        added.offer(by=cast.actor_for("IM"))
