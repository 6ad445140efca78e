"""Windows: what opens and closes when, who keeps it, and what was handed in."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.permissions import Permission
from access.require import NotAllowed, can, require
from audit.timeline import timeline
from onboarding.windows.chains import CHAINS
from onboarding.windows.models import Series, SeriesRefused, Window
from onboarding.windows.web.forms import BeginForm, CorrectForm, CountFromForm, KeeperForm, MeetForm
from web.forms import ReasonForm
from web.render import page, toast
from web.tables import Column, table_file

LOOKS = {
    "ahead": ("later", "Opens later"),
    "open": ("in_progress", "Open"),
    "closing": ("at_risk", "Closes soon"),
    "closed": ("overdue", "Closed"),
    "met": ("done", "Handed in"),
    "missed": ("failed", "Missed"),
    "withdrawn": ("not_needed", "Taken back"),
}
TABLE: list[Column] = [
    ("Window", str), ("Of", lambda one: one.series.title), ("Rule", lambda one: one.series.chain_title),
    ("Deployment", lambda one: str(one.deployment or "")), ("Opens", "opens_on"), ("Closes", "closes_on"),
    ("State", lambda one: one.get_state_display()), ("Handed in", "met_on"), ("Noted as missed", "missed_at"),
    ("Kept by", lambda one: str(one.series.keeper)),
]  # fmt: skip
SHOWN = 200


@require(Permission.COMMENT_INTERNAL)
@require_safe
def index(request: HttpRequest, org: str) -> HttpResponseBase:
    """List windows to come, the first to close first; with what was missed in the last 90 days, or all of them."""
    _host_only(request)
    everything = request.GET.get("show") == "all"
    found = Window.objects.with_series().order_by("closes_on", "pk")
    if not everything:
        missed = found.filter(state=Window.State.MISSED, missed_at__gt=timezone.now() - timedelta(days=90))
        found = found.planned() | missed
    if file := table_file(request, "windows", TABLE, found):
        return file
    today = timezone.localdate()
    rows = [(one, LOOKS[one.standing(today)]) for one in found[:SHOWN]]
    context = {
        "rows": rows,
        "everything": everything,
        "longest": SHOWN,
        "chains": CHAINS,
        "may_begin": can(request, Permission.DEPLOYMENT_PLAN),
    }
    return page(request, "windows/list.html", context)


@require(Permission.DEPLOYMENT_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, org: str) -> HttpResponse:
    """Begin a series: a rule, what it is about, the day it counts from, and who keeps it."""
    _host_only(request)
    me = str(request.actor.person_id)  # type: ignore[attr-defined]
    form = BeginForm(request.POST or None, initial={"keeper": me, "chain": request.GET.get("rule", "")})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            series = Series.begin(
                form.rule, title=said["title"], starts_on=said["starts_on"], keeper=form.person, deployment=form.at,
                by=request.actor,  # type: ignore[attr-defined]
            )  # fmt: skip
        except SeriesRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, f"{series.title} begun")
            return redirect("org:windows:show", org=org, series=series.pk)
    return page(request, "windows/begin.html", {"form": form, "chains": CHAINS}, status=422 if form.errors else 200)


@require(Permission.COMMENT_INTERNAL)
@require_safe
def show(request: HttpRequest, org: str, series: UUID) -> HttpResponse:
    """One series: its rule, its windows in order, and its record."""
    return page(request, "windows/show.html", _context(request, _find(request, series)))


@require(Permission.ITEM_WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def meet(request: HttpRequest, org: str, series: UUID, window: UUID) -> HttpResponse:
    """Note that something was handed in."""
    found, one = _find_window(request, series, window)
    form = MeetForm(request.POST or None, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            found.meet(one, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except SeriesRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, f"{one} handed in")
            return redirect("org:windows:show", org=org, series=series)
    return page(
        request, "windows/meet.html", {"form": form, "window": one, "series": found}, status=422 if form.errors else 200
    )


@require(Permission.ITEM_WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, org: str, series: UUID, window: UUID) -> HttpResponse:
    """Say that something was handed in on another day; what counts from it moves."""
    found, one = _find_window(request, series, window)
    form = CorrectForm(request.POST or None, initial={"on": one.met_on})
    if request.method == "POST" and form.is_valid():
        try:
            said = form.cleaned_data
            found.correct(one, on=said["on"], by=request.actor, reason=said["why"])  # type: ignore[attr-defined]
        except SeriesRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, f"{one} corrected")
            return redirect("org:windows:show", org=org, series=series)
    return _correcting(request, found, one, form, ReasonForm())


@require(Permission.ITEM_WORK)
@require_POST
def take_back(request: HttpRequest, org: str, series: UUID, window: UUID) -> HttpResponse:
    """Say that something was not handed in after all, or refused."""
    found, one = _find_window(request, series, window)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            found.take_back(one, by=request.actor, reason=form.cleaned_data["reason"])  # type: ignore[attr-defined]
        except SeriesRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, f"{one} taken back")
            return redirect("org:windows:show", org=org, series=series)
    return _correcting(request, found, one, CorrectForm(initial={"on": one.met_on}), form)


def _correcting(
    request: HttpRequest, series: Series, window: Window, form: CorrectForm, back: ReasonForm
) -> HttpResponse:
    context = {"form": form, "back_form": back, "window": window, "series": series}
    return page(request, "windows/correct.html", context, status=422 if form.errors or back.errors else 200)


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def count_from(request: HttpRequest, org: str, series: UUID) -> HttpResponse:
    """Say that the series counts from another day."""
    found, form = _find(request, series), CountFromForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            found.count_from(said["starts_on"], by=request.actor, reason=said["why"])  # type: ignore[attr-defined]
        except SeriesRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, f"{found.title} counts from {said['starts_on']:%-d %b %Y}")
            return redirect("org:windows:show", org=org, series=series)
    return page(request, "windows/show.html", {**_context(request, found), "start_form": form}, status=422)


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def end(request: HttpRequest, org: str, series: UUID) -> HttpResponse:
    """End a series: what is to come is taken back."""
    found, form = _find(request, series), ReasonForm(request.POST)
    if form.is_valid():
        found.end(by=request.actor, reason=form.cleaned_data["reason"])  # type: ignore[attr-defined]
        toast(request, f"{found.title} ended")
        return redirect("org:windows:show", org=org, series=series)
    return page(request, "windows/show.html", {**_context(request, found), "end_form": form}, status=422)


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def hand_on(request: HttpRequest, org: str, series: UUID) -> HttpResponse:
    """Give it to somebody else to keep."""
    found, form = _find(request, series), KeeperForm(request.POST)
    if form.is_valid():
        found.hand_on(form.person, by=request.actor)  # type: ignore[attr-defined]
        toast(request, f"{form.person} keeps it now")
        return redirect("org:windows:show", org=org, series=series)
    return page(request, "windows/show.html", {**_context(request, found), "keeper_form": form}, status=422)


def _context(request: HttpRequest, series: Series) -> dict[str, Any]:
    today = series.today
    windows = list(series.windows.select_related("met_by").order_by("opens_on", "closes_on", "number"))
    plans = can(request, Permission.DEPLOYMENT_PLAN)
    return {
        "series": series,
        "windows": [(one, LOOKS[one.standing(today)], _may_meet(one, today)) for one in windows],
        "rule": series.rule,
        "titles": {step.key: step.title for step in series.rule},
        "may_work": can(request, Permission.ITEM_WORK),
        "may_plan": plans and series.state == Series.State.RUNNING,
        "start_form": CountFromForm(initial={"starts_on": series.starts_on}) if plans else None,
        "end_form": ReasonForm() if plans else None,
        "keeper_form": KeeperForm(initial={"keeper": str(series.keeper_id)}) if plans else None,
        "history": timeline(series.pk),
    }


def _may_meet(window: Window, today: Any) -> bool:
    missed = window.state == Window.State.MISSED
    return missed or (window.state == Window.State.PLANNED and window.opens_on <= today)


def _find(request: HttpRequest, pk: UUID) -> Series:
    _host_only(request)
    found: Series | None = (
        Series.objects.filter(pk=pk)
        .select_related("keeper", "deployment__site", "deployment__tool_version__tool")
        .first()
    )
    if found is None:
        raise Http404
    return found


def _find_window(request: HttpRequest, series: UUID, window: UUID) -> tuple[Series, Window]:
    found = _find(request, series)
    one: Window | None = found.windows.filter(pk=window).first()
    if one is None:
        raise Http404
    return found, one


def _host_only(request: HttpRequest) -> None:
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.COMMENT_INTERNAL)
