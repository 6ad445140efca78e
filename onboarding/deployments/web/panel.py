"""One item, as the panel beside the list shows it: facts, what may be done, evidence, remarks and history."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from access.permissions import Permission
from accounts.models import User
from audit.models import Event
from notices.models.snooze import shown
from onboarding.deployments import approvals
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment, Evidence, EvidenceVersion, Item, ItemDependency, TeamRole, Watch
from onboarding.deployments.people import host_people
from onboarding.deployments.web.checklist import CLASSES, look_of
from onboarding.deployments.web.shelf import papers_for
from web.formats import MINUS, plural
from web.render import etag
from web.statuses import status

S = Item.State
EVIDENCE = {"in_review": "in_review", "accepted": "accepted", "returned": "refused"}
HISTORY = 40
ICONS = {
    "item.blocked": "s-stop",
    "item.completed": "s-done",
    "item.submitted": "s-eye",
    "item.assigned": "people",
    "item.due_moved": "cal",
}


def panel(request: HttpRequest, lens: Lens, deployment: Deployment, item: Item) -> dict[str, Any]:
    """Return the context of the panel."""
    today = timezone.localdate()
    team = {
        role.code: role
        for role in TeamRole.objects.filter(deployment_id=deployment.pk).select_related("person", "deputy")
    }
    works = lens.may_work_on(item, {code: role.side for code, role in team.items()})
    look, _ = look_of(item.state, item.due_on, item.waived_until, today)
    before, after = _neighbours(lens, deployment, item)
    given = _evidence(lens, item)
    organization: str = request.organization.slug  # type: ignore[attr-defined]
    here = reverse(
        "org:deployments:item", kwargs={"org": organization, "deployment": deployment.pk, "item": item.number}
    )
    gate = next((one for one in deployment.playbook_version.gates if one["key"] == item.gate), None)
    wanted = _wanted(lens, item, given)
    does = _actions(lens, item, works, bool([one for one in before if one.state in Item.OPEN]))
    return {
        "item": item,
        "item_look": look,
        "item_place": here,
        "item_back": reverse("org:deployments:checklist", kwargs={"org": organization, "deployment": deployment.pk}),
        "item_overdue": item.overdue_days(today),
        "item_role": team.get(item.owner),
        "item_also": [team[code] for code in item.also if code in team],
        "item_offset": offset(item),
        "item_gate": gate,
        "item_class": CLASSES[item.gate_class][1].lower(),
        "item_effort": f"{item.playbook_item.effort_hours:g}" if item.playbook_item else "",
        "item_guidance": item.guidance,
        "waits_for": before,
        "open_before": [one for one in before if one.state in Item.OPEN],
        "holds_up": after,
        "blocking_role": team.get(item.blocked_by_role),
        "wanted": wanted,
        "wanted_choices": [(one["key"], one["title"]) for one in wanted],
        "first_wanted": next((one["key"] for one in wanted if not one["answered"]), ""),
        "others": [one for one in given if not one["wanted_key"]],
        **approvals.beside(request, lens, item, does),
        "entries": _log(lens, item, [one["id"] for one in given]),
        "people_choices": _people(deployment, team.values()) if works and lens.of_host else [],
        "role_choices": [(role.code, role.title) for role in sorted(team.values(), key=lambda role: role.title)],
        "does": does,
        "vault": papers_for(item, [one["key"] for one in wanted]) if does["evidence"] and lens.of_host else None,
        "reads_internal": lens.reads_internal,
        "item_etag": etag(fingerprint(item, before, today)),
        "put_off": shown(item.pk) if lens.of_host else [],
        "follows": Watch.of(request.actor.person_id, deployment.pk, item),  # type: ignore[attr-defined]
        "refused": "",
        "said": "",
        "position": "",
        "previous": None,
        "next": None,
    }


def fingerprint(item: Item, before: list[Item], today: object) -> str:
    """Return what changes whenever the panel would look different."""
    return f"{item.pk}:{item.version}:{sum(one.version for one in before)}:{today}"


def offset(item: Item) -> str:
    """Say the due rule in words: "go-live − 49 days"."""
    days = item.offset_days
    if item.playbook_item and item.playbook_item.until_days is not None:
        days = item.playbook_item.until_days
    if days == 0:
        return "on go-live"
    return f"go-live {MINUS if days < 0 else '+'} {plural(abs(days), 'day')}"


def _neighbours(lens: Lens, deployment: Deployment, item: Item) -> tuple[list[Item], list[Item]]:
    """Return the items this one waits for and those it holds up, as far as the person sees them."""
    edges = ItemDependency.objects.filter(deployment_id=deployment.pk)
    before = set(edges.filter(item_id=item.pk).values_list("predecessor_id", flat=True))
    found = (
        lens.items(deployment.pk)
        .filter(pk__in=before | set(edges.filter(predecessor_id=item.pk).values_list("item_id", flat=True)))
        .only("id", "number", "title", "state", "due_on", "owner", "version")
    )
    waits: list[Item] = []
    holds: list[Item] = []
    for one in found:
        (waits if one.pk in before else holds).append(one)
    return waits, holds


def _evidence(lens: Lens, item: Item) -> list[dict[str, Any]]:
    """Return each paper with its versions, newest first; one query."""
    by_paper: dict[Any, list[EvidenceVersion]] = defaultdict(list)
    versions = (
        EvidenceVersion.objects.filter(evidence__in=lens.evidence(item.deployment_id).filter(item_id=item.pk))
        .select_related("by", "evidence__paper__source" if lens.of_host else "evidence")
        .order_by("evidence_id", "-number")
    )
    for version in versions:
        by_paper[version.evidence_id].append(version)
    today = timezone.localdate()
    papers = []
    for found in by_paper.values():
        paper = found[0].evidence
        lapsed = paper.valid_until is not None and paper.valid_until < today
        papers.append(
            {
                "id": paper.pk,
                "paper": paper,
                "wanted_key": paper.wanted_key,
                "versions": found,
                "newest": found[0],
                "lapsed": lapsed,
                "look": status("expired", "Lapsed")
                if lapsed
                else status(EVIDENCE[paper.state], paper.get_state_display()),
                "reviews": lens.of_host and lens.can(Permission.ITEM_REVIEW) and paper.state == "in_review",
                "marks": lens.of_host and lens.can(Permission.DEPLOYMENT_SHARE),
                "from_vault": paper.paper if lens.of_host and paper.paper_id else None,
                "keeps": lens.of_host
                and lens.can(Permission.EVIDENCE_ADD)
                and not paper.paper_id
                and paper.state != "returned",
            }
        )
    return papers


def _wanted(lens: Lens, item: Item, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the kinds asked for, with the papers the person may open; a paper it may not open still answers its kind."""
    usable = {paper["wanted_key"] for paper in given if paper["paper"].state != "returned" and not paper["lapsed"]}
    if not lens.of_host:
        usable = set(Evidence.objects.filter(item_id=item.pk).usable().values_list("wanted_key", flat=True))
    wanted = []
    for one in item.evidence_wanted:
        if one["kind"] == "none":
            continue
        papers = [paper for paper in given if paper["wanted_key"] == one["key"]]
        wanted.append({**one, "papers": papers, "answered": one["key"] in usable})
    return wanted


def _people(deployment: Deployment, team: Iterable[TeamRole]) -> list[tuple[Any, str]]:
    """Return who may be given the item: the organization's people, and partners' people who stand in the team."""
    choices = {one.id: one.label for one in host_people(deployment.pk)}
    for role in team:
        for person in (role.person, role.deputy):
            if person:
                choices.setdefault(person.pk, f"{person}, {role.title}")
    return list(choices.items())


def _log(lens: Lens, item: Item, papers: list[Any]) -> list[dict[str, Any]]:
    """Return remarks and events in the order they happened."""
    entries: list[dict[str, Any]] = [
        {
            "who": str(comment.author),
            "at": comment.at,
            "say": comment.body,
            "role": "internal" if comment.internal else "",
        }
        for comment in lens.comments(item)
    ]
    events = list(
        Event.objects.since_made(item.deployment_id)
        .filter(subject_id__in=[item.pk, *papers])
        .exclude(action="evidence.opened")
        .order_by("-id")[:HISTORY]
    )
    names = User.objects.in_bulk({event.actor_id for event in events if event.actor_id})
    for event in events:
        actor = names.get(event.actor_id)
        who = str(actor) if actor else event.actor_process.capitalize() or "System"
        reason = event.data.get("reason", "")
        text = event.sentence.replace(f"#{item.number} {item.title}", "this")
        entries.append(
            {
                "who": who,
                "at": event.at,
                "text": f"{text}: {reason}" if reason else text,
                "icon": ICONS.get(event.action, "clip" if event.action.startswith("evidence") else "hist"),
            }
        )
    return sorted(entries, key=lambda entry: entry["at"])


def _actions(lens: Lens, item: Item, works: bool, waits: bool) -> dict[str, bool]:
    """Return which verbs the panel offers; the verbs themselves decide again."""
    reviews = lens.of_host and lens.can(Permission.ITEM_REVIEW)
    open_, gate = item.state in Item.OPEN, item.completed_by_gate
    ready = open_ and not gate and not waits and item.state != S.BLOCKED
    return {
        "start": works and item.state == S.TODO and not gate,
        "complete": works and ready and item.state != S.IN_REVIEW and not reviews,
        "accept": reviews and ready,
        "give_back": reviews and item.state == S.IN_REVIEW,
        "differently": reviews and lens.of_host and open_ and not item.completed_by_gate,
        "reopen": reviews and not open_ and not gate and item.state != S.RETIRED,
        "assign": works and lens.of_host and open_,
        "ask": works and lens.of_host and ready,
        "block": works and open_ and item.state != S.BLOCKED and not gate,
        "unblock": works and item.state == S.BLOCKED,
        "not_applicable": reviews and open_ and not gate,
        "move_due": lens.of_host and lens.can(Permission.DEPLOYMENT_PLAN) and open_,
        "evidence": (works or (lens.of_host and reviews))
        and lens.can(Permission.EVIDENCE_ADD)
        and item.state != S.RETIRED,
        "comment": works or (lens.of_host and lens.can(Permission.COMMENT_INTERNAL) and reviews),
    }
