"""The register: reported from here or by API, defects, questions and requests each in a list of their own."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.permissions import Permission
from access.require import can, require
from audit.timeline import timeline
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment
from onboarding.deployments.web.frame import frame
from onboarding.hypercare.models import Article, Ticket
from onboarding.hypercare.models.terms import desk_is_elsewhere
from onboarding.hypercare.models.ticket import TicketRefused
from onboarding.hypercare.severity import MEANING
from onboarding.hypercare.web.forms import ChangeForm, GradeForm, ReportForm
from web.render import page, redirect_or_refresh, toast
from web.tables import Column, table_file

PAGE = 200
LOOKS = {"open": "to_do", "working": "in_progress", "fixed": "in_review", "closed": "done", "declined": "not_needed"}
MOVE_WORDS = {
    "open": "Open it again", "working": "Take it up", "fixed": "Fixed…", "closed": "Confirm that it is gone",
    "declined": "Decline…",
}  # fmt: skip
TABLE: list[Column] = [
    ("No.", "code"), ("Kind", lambda one: one.get_kind_display()), ("Severity", lambda one: one.get_severity_display() or ""),
    ("Title", "title"), ("Topic", "topic"), ("State", lambda one: one.get_state_display()), ("Safety event", "safety"),
    ("Workaround", "workaround"), ("Plan", "plan"), ("Owner", lambda one: str(one.owner or "")),
    ("Reported", "reported_at"), ("Reported by", lambda one: str(one.reported_by)), ("Target", "due_at"),
    ("Taken up", "taken_up_at"), ("Fixed", "fixed_at"), ("Closed", "closed_at"),
    ("Solved by", lambda one: one.get_tier_display() or ""), ("What was done", "resolution"),
]  # fmt: skip


@require(Permission.ITEM_READ)
@require_safe
def register(request: HttpRequest, org: str, deployment: UUID) -> HttpResponseBase:
    """List the defects, the questions or the requests of a deployment, the worst first."""
    found = Lens.of(request).deployment(deployment)
    kind = request.GET.get("kind", "")
    kind = kind if kind in Ticket.Kind.values else Ticket.Kind.DEFECT
    everything = request.GET.get("show") == "all"
    every = Ticket.objects.filter(deployment=found)
    tickets = every.filter(kind=kind)
    if not everything:
        tickets = tickets.open()
    tickets = tickets.worst_first().for_list()
    if file := table_file(request, f"{kind}s", TABLE, tickets):
        return file
    now = timezone.now()
    open_by_kind = list(every.open().values_list("kind", flat=True))
    context = {
        **frame(request, found, "Defects"),
        "kind": kind,
        "kinds": [
            {
                "title": f"{label}s {open_by_kind.count(value)}",
                "address": f"?kind={value}{'&show=all' if everything else ''}",
                "current": value == kind,
            }
            for value, label in Ticket.Kind.choices
        ],
        "everything": everything,
        "rows": [_row(one, now) for one in tickets[:PAGE]],
        "articles": list(Article.objects.filter(deployment=found).order_by("topic")) if kind == "question" else [],
        "topics": _topics(found),
        "desk_elsewhere": desk_is_elsewhere(found.pk),
        "works": can(request, Permission.ITEM_WORK),
        "longest": PAGE,
    }
    return page(request, "hypercare/tickets.html", context)


@require(Permission.ITEM_WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """Report what was seen."""
    found = Lens.of(request).deployment(deployment)
    kind = request.GET.get("kind", "")
    first = {"kind": kind if kind in Ticket.Kind.values else Ticket.Kind.DEFECT}
    form = ReportForm(found, request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            ticket = Ticket.report(found, by=request.actor, **form.said)  # type: ignore[attr-defined]
        except TicketRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, f"{ticket.code} reported")
            return redirect_or_refresh(request, _address(request, ticket))
    context = {**frame(request, found, "Defects"), "form": form, "topics": _topics(found)}
    return page(request, "hypercare/report.html", context, status=422 if form.errors else 200)


@require(Permission.ITEM_READ)
@require_safe
def show(request: HttpRequest, org: str, deployment: UUID, number: int) -> HttpResponse:
    """One ticket: what is known, what may be done, what happened."""
    return page(request, "hypercare/ticket.html", _ticket_page(request, *_find(request, deployment, number)))


@require(Permission.ITEM_WORK)
@require_POST
def change(request: HttpRequest, org: str, deployment: UUID, number: int) -> HttpResponse:
    """Change what it says."""
    found, ticket = _find(request, deployment, number)
    form = ChangeForm(found, request.POST)
    if form.is_valid():
        return _verb(request, found, ticket, "changed", lambda by: ticket.change(by=by, **form.said), change_form=form)
    return page(request, "hypercare/ticket.html", _ticket_page(request, found, ticket, change_form=form), status=422)


@require(Permission.ITEM_WORK)
@require_POST
def grade(request: HttpRequest, org: str, deployment: UUID, number: int) -> HttpResponse:
    """Say that it is something else, or more or less grave."""
    found, ticket = _find(request, deployment, number)
    form = GradeForm(request.POST, prefix="grade")
    if form.is_valid():
        return _verb(
            request, found, ticket, "graded", lambda by: ticket.grade(by=by, **form.cleaned_data), grade_form=form
        )
    return page(request, "hypercare/ticket.html", _ticket_page(request, found, ticket, grade_form=form), status=422)


@require(Permission.ITEM_WORK)
@require_POST
def move(request: HttpRequest, org: str, deployment: UUID, number: int) -> HttpResponse:
    """Take it up, say that it is fixed, confirm it, decline it, or open it again."""
    found, ticket = _find(request, deployment, number)
    said = request.POST
    state, tier = said.get("state", ""), said.get("tier", "")
    if state not in Ticket.State.values:
        refused = "Choose where it goes."
        return page(request, "hypercare/ticket.html", _ticket_page(request, found, ticket, refused=refused), status=422)
    chosen = int(tier) if tier in {str(one) for one in Ticket.Tier.values} else None
    resolution = said.get("resolution", "").replace("\0", "")[:500]
    word = str(Ticket.State(state).label).lower()
    return _verb(request, found, ticket, word, lambda by: ticket.move(state, by=by, resolution=resolution, tier=chosen))


@require(Permission.ITEM_WORK)
@require_POST
def review_safety(request: HttpRequest, org: str, deployment: UUID, number: int) -> HttpResponse:
    """Note what a look at the safety event found."""
    found, ticket = _find(request, deployment, number)
    finding = request.POST.get("finding", "").replace("\0", "")[:500]
    return _verb(request, found, ticket, "reviewed", lambda by: ticket.review_safety(by=by, finding=finding))


@require(Permission.ITEM_WORK)
@require_POST
def write_article(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """Name the article of a topic."""
    found = Lens.of(request).deployment(deployment)
    said = {name: request.POST.get(name, "").replace("\0", "").strip() for name in ("topic", "title", "address")}
    back = f"{reverse('org:hypercare:tickets', kwargs={'org': org, 'deployment': deployment})}?kind=question"
    if said["address"] and not said["address"].startswith(("https://", "http://")):
        said["address"] = f"https://{said['address']}"
    try:
        Article.write(
            found,
            topic=said["topic"][:60],
            title=said["title"][:160],
            address=said["address"][:300],
            by=request.actor,  # type: ignore[attr-defined]
        )
    except TicketRefused as refusal:
        toast(request, str(refusal))
    else:
        toast(request, f"Article on “{said['topic'][:60]}” named")
    return redirect_or_refresh(request, back)


def _verb(
    request: HttpRequest,
    deployment: Deployment,
    ticket: Ticket,
    said: str,
    verb: Callable[[Any], None],
    **forms: Any,
) -> HttpResponse:
    try:
        verb(request.actor)  # type: ignore[attr-defined]
    except TicketRefused as refusal:
        context = _ticket_page(request, deployment, ticket, refused=str(refusal), **forms)
        return page(request, "hypercare/ticket.html", context, status=422)
    toast(request, f"{ticket.code} {said}")
    return redirect_or_refresh(request, _address(request, ticket))


def _ticket_page(
    request: HttpRequest,
    deployment: Deployment,
    ticket: Ticket,
    *,
    change_form: ChangeForm | None = None,
    grade_form: GradeForm | None = None,
    refused: str = "",
) -> dict[str, Any]:
    names = ("title", "detail", "topic", "workaround", "plan", "safety")
    initial = {name: getattr(ticket, name) for name in names} | {"owner": str(ticket.owner_id or "")}
    graded = {"kind": ticket.kind, "severity": ticket.severity or ""}
    now = timezone.now()
    works = can(request, Permission.ITEM_WORK)
    return {
        **frame(request, deployment, "Defects"),
        "ticket": ticket,
        "look": LOOKS[ticket.state],
        "late": ticket.is_late(now),
        "meaning": MEANING.get(ticket.severity or 0, ""),
        "moves": [(state, MOVE_WORDS[state]) for state, _ in ticket.moves] if works else [],
        "tiers": Ticket.Tier.choices,
        "works": works,
        "change_form": change_form or ChangeForm(deployment, initial=initial),
        "grade_form": grade_form or GradeForm(initial=graded, prefix="grade"),
        "topics": _topics(deployment),
        "refused": refused,
        "history": timeline(ticket.pk) if request.part is None else [],  # type: ignore[attr-defined]
    }


def _row(ticket: Ticket, now: datetime) -> dict[str, Any]:
    return {"ticket": ticket, "look": LOOKS[ticket.state], "late": ticket.is_late(now)}


def _topics(deployment: Deployment) -> list[str]:
    found = Ticket.objects.filter(deployment=deployment).exclude(topic="")
    return list(found.order_by("topic").values_list("topic", flat=True).distinct())


def _find(request: HttpRequest, deployment: UUID, number: int) -> tuple[Deployment, Ticket]:
    found = Lens.of(request).deployment(deployment)
    if number > 2_000_000_000:
        raise Http404
    related = ("owner", "reported_by", "item", "run", "tool_version", "safety_reviewed_by", "deployment__site")
    ticket = Ticket.objects.filter(deployment=found, number=number).select_related(*related).first()
    if ticket is None:
        raise Http404
    return found, ticket


def _address(request: HttpRequest, ticket: Ticket) -> str:
    org = request.organization.slug  # type: ignore[attr-defined]
    return reverse(
        "org:hypercare:ticket", kwargs={"org": org, "deployment": ticket.deployment_id, "number": ticket.number}
    )
