"""The vault's list, one paper, and its versions."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.permissions import Permission
from access.require import can, require
from audit.timeline import timeline
from onboarding.vault import controls
from onboarding.vault.models import Paper, PaperOffer, PaperRefused, PaperVersion, ReceivedPaper
from onboarding.vault.web import reading
from onboarding.vault.web.forms import AddForm, DescribeForm, VersionForm
from onboarding.vault.web.serving import attachment
from tenancy.offers import may_receive
from web.render import page, toast
from web.tables import Column, table_file
from web.uploads import FileRefused

HISTORY = 60
TABLE: list[Column] = [
    ("Paper", "title"), ("Made of", lambda one: one.get_kind_display()), ("State", lambda one: one.get_state_display()),
    ("Version in force", "approved_version"), ("Versions", "versions_count"), ("Valid until", "valid_until"),
    ("Who keeps it", "owner"), ("From", "source"), ("Controls", "controls"), ("Why", "note"),
]  # fmt: skip


@require(Permission.EVIDENCE_READ)
@require_safe
def index(request: HttpRequest, org: str) -> HttpResponseBase:
    """The papers, 50 at a time; the filters are in the address."""
    reading.at_home(request)
    wanted = reading.narrowed(request)
    if file := table_file(request, "vault", TABLE, wanted.with_newest().order_by("title", "id")):
        return file
    counts = reading.figures()
    found = reading.after(request, wanted)
    chosen = next((one for one in controls.sets() if one.key == request.GET.get("set")), None)
    context = {
        "lines": reading.lines(found[: reading.PAGE]),
        "later": found[reading.PAGE - 1].pk if len(found) > reading.PAGE else None,
        "counts": counts,
        "tabs": _tabs(request, counts),
        "anything": counts["active"] + counts["revoked"] > 0,
        "set_choices": _set_choices(request),
        "chosen": chosen,
        "waiting": ReceivedPaper.objects.waiting().count(),
        "adds": can(request, Permission.EVIDENCE_ADD),
    }
    return page(request, "vault/index.html", context)


@require(Permission.EVIDENCE_READ)
@require_safe
def detail(request: HttpRequest, org: str, paper: UUID) -> HttpResponse:
    """One paper: what is in force, its versions, where it is used, to whom it is offered, and what happened."""
    reading.at_home(request)
    found = reading.find(paper)
    newest = found.versions.order_by("-number").first() if found.kind == Paper.Kind.ANSWER else None
    if newest:  # its words stand on the page itself
        found.opened(newest, by=request.actor)  # type: ignore[attr-defined]
    return page(request, "vault/paper.html", _paper(request, found))


@require(Permission.EVIDENCE_ADD)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, org: str) -> HttpResponse:
    """Put a paper into the vault."""
    reading.at_home(request)
    kind = Paper.Kind.ANSWER if request.GET.get("kind") == "answer" else Paper.Kind.DOCUMENT
    form = AddForm(request.POST or None, request.FILES or None, kind=kind, initial={"owner": request.user.pk})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            made = Paper.add(
                by=request.actor,  # type: ignore[attr-defined]
                title=values["title"],
                owner=values["owner"],
                mapped=values["mapped"],
                ready=not values["unfinished"],
                **form.keep(),
            )
        except (FileRefused, PaperRefused) as refused:
            form.add_error(None, str(refused))
        else:
            toast(request, f"{made.title} is in the vault")
            return redirect("org:vault:paper", org=org, paper=made.pk)
    context = {"form": form, "kind": kind}
    return page(request, "vault/add.html", context, status=422 if form.errors else 200)


@require(Permission.EVIDENCE_ADD)
@require_http_methods(["GET", "HEAD", "POST"])
def describe(request: HttpRequest, org: str, paper: UUID) -> HttpResponse:
    """Change title, owner and controls."""
    reading.at_home(request)
    found = reading.find(paper)
    initial = {"title": found.title, "owner": found.owner_id, "mapped": found.controls}
    form = DescribeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        found.describe(by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        toast(request, f"{form.cleaned_data['title']} changed")
        return redirect("org:vault:paper", org=org, paper=found.pk)
    return page(request, "vault/describe.html", {"form": form, "paper": found}, status=422 if form.errors else 200)


@require(Permission.EVIDENCE_ADD)
@require_POST
def renew(request: HttpRequest, org: str, paper: UUID) -> HttpResponse:
    """Add a newer version."""
    reading.at_home(request)
    found = reading.find(paper)
    form = VersionForm(request.POST, request.FILES, kind=found.kind)
    if form.is_valid():
        try:
            found.renew(by=request.actor, **form.keep())  # type: ignore[attr-defined]
        except (FileRefused, PaperRefused) as refused:
            form.add_error(None, str(refused))
        else:
            toast(request, "The new version waits for its review; the approved one stays in force")
            return redirect("org:vault:paper", org=org, paper=found.pk)
    return page(request, "vault/paper.html", _paper(request, found, form=form), status=422)


@require(Permission.EVIDENCE_READ)
@require_safe
def download(request: HttpRequest, org: str, paper: UUID, number: int) -> HttpResponseBase:
    """One version, always as a download, and written down."""
    reading.at_home(request)
    found = reading.find(paper)
    version = PaperVersion.objects.filter(paper=found, number=number).first()
    if version is None:
        raise Http404
    answer = attachment(found.organization_id, version.file)
    found.opened(version, by=request.actor)  # type: ignore[attr-defined]
    return answer


def refused(request: HttpRequest, found: Paper, words: str) -> HttpResponse:
    """Show the paper with why nothing was done."""
    return page(request, "vault/paper.html", {**_paper(request, found), "refused": words}, status=422)


def _paper(request: HttpRequest, paper: Paper, form: VersionForm | None = None) -> dict[str, Any]:
    offers = list(PaperOffer.objects.filter(paper=paper).select_related("partner").order_by("-offered_at"))
    known = controls.every()
    shares = can(request, Permission.DEPLOYMENT_SHARE) and paper.is_in_force and paper.source_id is None
    receivers = may_receive() if shares else []
    return {
        "paper": paper,
        "look": reading.look(paper, timezone.localdate()),
        "note": reading.note(paper),
        "versions": list(paper.versions.select_related("by").order_by("-number")),
        "uses": reading.where_used(paper),
        "offers": offers,
        "receivers": receivers,
        "receivers_choices": [(str(one.pk), one.name) for one in receivers],
        "mapped": [known[key] for key in paper.controls if key in known],
        "history": timeline(paper.pk, limit=HISTORY),
        "form": form or VersionForm(kind=paper.kind),
        "reviews": can(request, Permission.ITEM_REVIEW),
        "adds": can(request, Permission.EVIDENCE_ADD) and paper.state != Paper.State.REVOKED,
        "refused": "",
    }


def _set_choices(request: HttpRequest) -> list[tuple[str, str, bool]]:
    kept = request.GET.copy()
    kept.pop("after", None)
    choices = []
    for one in controls.sets():
        kept["set"] = one.key
        choices.append((one.title, f"?{kept.urlencode()}", one.key == request.GET.get("set")))
    return choices


def _tabs(request: HttpRequest, counts: dict[str, int]) -> list[dict[str, Any]]:
    here = reverse("org:vault:index", kwargs={"org": request.organization.slug})  # type: ignore[attr-defined]
    now = request.GET.get("show", "")
    return [
        {
            "title": title,
            "address": f"{here}?show={name}" if name else here,
            "current": now == name,
            "count": counts[name or "active"],
        }
        for name, title in reading.TABS
    ]
