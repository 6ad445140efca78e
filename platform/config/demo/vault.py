"""The demo's vault: papers of the host, two that came from the vendor, and the items on which they stand."""

from datetime import date, timedelta
from uuid import UUID

from audit.actor import Actor
from config.demo.cast import Cast
from config.demo.clock import at, days_ago
from onboarding.deployments.models import ApprovalPolicy, ApprovalRequest, Deployment, Evidence, Item
from onboarding.vault.actions import hand_over
from onboarding.vault.files import StoredFile, store
from onboarding.vault.models import Paper, ReceivedPaper
from tenancy.scope import scope

# title, file, kind of evidence it shows, who keeps it (team role), days until it lapses
PAPERS: list[tuple[str, str, str, str, int | None]] = [
    ("Business associate agreement with Stillwater", "agreement.txt", "business-associate-agreement/signed-agreement", "PRV", 410),
    ("Subprocessors of Stillwater", "subprocessors.txt", "business-associate-agreement/subprocessors", "PRV", None),
    ("Risk analysis of Stillwater CBT", "risk-analysis.txt", "risk-analysis/risk-register", "SEC", 52),
    ("Incident runbook", "incident-runbook.txt", "incident-process/incident-runbook", "SEC", 240),
    ("Part 2 determination", "part-2-determination.txt", "substance-use-records/determination", "PRV", None),
    ("Data flows of Stillwater CBT", "data-flows.txt", "data-inventory/flow-diagram", "INT", 180),
    ("Continuity plan", "continuity-plan.txt", "continuity-plan/continuity-plan", "EXS", 300),
]  # fmt: skip
OFFERED: list[tuple[str, str, str, int]] = [
    ("SOC 2 Type II report", "soc-2-report.txt", "vendor-security-review/attestations", 76),
    ("Penetration test summary", "penetration-test.txt", "vendor-security-review/penetration-test", 205),
    ("Accessibility report, version 4.2", "accessibility-report.txt", "accessibility-check/accessibility-report", 320),
]


def fill(cast: Cast, today: date) -> None:
    """Put the papers in, let two of the vendor's cross, and use them where they are wanted."""
    manager = cast.actor_for("IM")
    papers = []
    for number, (title, name, shows, role, days) in enumerate(PAPERS):
        until = today + timedelta(days=days) if days else None
        with at(days_ago(today, 60 - number), 10):
            made = Paper.add(
                _file(cast.host.pk, name, title), by=cast.actor_for(role), title=title, valid_until=until, shows=shows
            )
        with at(days_ago(today, 55 - number), 15):
            made.approve(by=manager)
        papers.append(made)
    papers += _from_the_vendor(cast, today, manager)
    with at(days_ago(today, 3), 11):
        Paper.add(
            _file(cast.host.pk, "answer.txt", "How are backups tried?\n\nA restore is tried every month."),
            by=cast.actor_for("SEC"),
            title="How backups are tried",
            answer={
                "question": "How are backups tried, and how long may the data be gone?",
                "words": "A restore of the whole system is tried every month, last on the first Monday. At most four hours of entries are lost, and the system is back within 72 hours.",
            },
            mapped=["hipaa-risk-analysis/contingency"],
        )
    with at(days_ago(today, 10), 9):
        _use(papers, manager)


def ask_for_approval(cast: Cast, today: date) -> None:
    """Let mail answer at this organization, and ask the sponsor about an item of Siler City that is ready."""
    by = cast.actor_for("IM")
    with at(days_ago(today, 30), 9):
        ApprovalPolicy.change(by=cast.actor("administrator"), by_mail=True)
    going = Item.objects.filter(deployment__site__city="Siler City", completed_by_gate=False).open()
    for item in going.exclude(state="blocked").order_by("due_on", "number"):
        if item.predecessors().filter(state__in=Item.OPEN).exists():
            continue
        with at(days_ago(today, 1), 10):
            for wanted in item.required_evidence:
                file = _file(cast.host.pk, f"{item.key}.txt", wanted["title"])
                Evidence.give(item, file, by=by, wanted_key=wanted["key"])
            ApprovalRequest.ask(
                item, cast.by_role["EXS"], by=by, question="The second paragraph is new: is that what we agreed?"
            )
        return


def _from_the_vendor(cast: Cast, today: date, manager: Actor) -> list[Paper]:
    vendor = cast.organizations["stillwater"]
    by = cast.actor("implementation.manager", "stillwater")
    with scope(vendor.pk):
        for number, (title, name, shows, days) in enumerate(OFFERED):
            with at(days_ago(today, 50 - number), 13):
                until = today + timedelta(days=days)
                made = Paper.add(_file(vendor.pk, name, title), by=by, title=title, valid_until=until, shows=shows)
                made.approve(by=by)
                hand_over.offer(made, cast.host, by=by)
    taken = []
    for received in ReceivedPaper.objects.exclude(title=OFFERED[-1][0]).order_by("received_at"):
        with at(days_ago(today, 44), 10):
            copied = hand_over.accept(received, by=manager)
        with at(days_ago(today, 43), 16):
            copied.approve(by=manager)
        taken.append(Paper.objects.get(pk=copied.pk))
    return taken


def _use(papers: list[Paper], by: Actor) -> None:
    cbt = Deployment.objects.filter(tool_version__tool__title="Stillwater CBT")
    for paper in papers:
        key, wanted = paper.shows.split("/")
        for item in Item.objects.filter(deployment__in=cbt, key=key, state="accepted").order_by("pk"):
            Evidence.use(item, Paper.objects.get(pk=paper.pk), by=by, wanted_key=wanted)


def _file(organization_id: UUID, name: str, text: str) -> StoredFile:
    words = f"{text}\n\nWritten for the demonstration; it describes no real person or organization.\n"
    return store(organization_id, name, [words.encode()])
