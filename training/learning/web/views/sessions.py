"""Live sessions as learners see them, and the list of who was there as the one who holds a session fills it in."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.permissions import Permission
from access.require import can, require
from training.learning.actions.live_sessions import give_up as give_back
from training.learning.actions.live_sessions import note_attendance
from training.learning.actions.live_sessions import sign_up as take
from training.learning.calendar import organization_today
from training.learning.ical import session_entry
from training.learning.models import Assignment, LiveSession, SessionSeat
from training.learning.models.session_seat import NoSeat
from web.ical import calendar
from web.language import speaks
from web.render import page, toast


@require_safe
@require(Permission.TRAINING_LEARN)
@speaks
def mine(request: HttpRequest, org: str) -> HttpResponse:
    """List the sessions of one's own courses, and those that one holds."""
    return _list(request)


@require_POST
@require(Permission.TRAINING_LEARN)
@speaks
def sign_up(request: HttpRequest, org: str, session: UUID) -> HttpResponse:
    """Take a seat, or a place on the waiting list."""
    found = _open(request, session)
    assignment = _own(request).filter(course_id=found.course_id).order_by("due_on", "id").first()
    if assignment is None:
        raise Http404
    try:
        seat = take(found, assignment, by=request.actor)  # type: ignore[attr-defined]
    except NoSeat as refused:
        return _list(request, str(refused), status=422)
    toast(request, _("You have a seat.") if seat.state == "seated" else _("You are on the waiting list."))
    return HttpResponseRedirect(reverse("org:learning:sessions", kwargs={"org": org}))


@require_POST
@require(Permission.TRAINING_LEARN)
@speaks
def give_up(request: HttpRequest, org: str, session: UUID) -> HttpResponse:
    """Give one's own place back."""
    seat = _seat(request, session)
    try:
        give_back(seat, by=request.actor)  # type: ignore[attr-defined]
    except NoSeat as refused:
        return _list(request, str(refused), status=422)
    toast(request, _("Your place is free again."))
    return HttpResponseRedirect(reverse("org:learning:sessions", kwargs={"org": org}))


@require_safe
@require(Permission.TRAINING_LEARN)
@speaks
def session_calendar(request: HttpRequest, org: str, session: UUID) -> HttpResponse:
    """Give a session in which one has a seat as an entry for one's calendar."""
    seat = _seat(request, session)
    if seat.state == SessionSeat.State.WAITING:
        raise Http404
    found = seat.session
    address = request.build_absolute_uri(reverse("org:learning:sessions", kwargs={"org": org}))
    text = calendar([session_entry(found, address)], title=found.title, stamp=timezone.now(), product="Training")
    headers = {
        "Content-Disposition": 'attachment; filename="session.ics"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(text, content_type="text/calendar; charset=utf-8", headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.TRAINING_LEARN)
@speaks
def attendance(request: HttpRequest, org: str, session: UUID) -> HttpResponse:
    """Note who was there: for the one who holds the session, and for those who manage training."""
    found = LiveSession.objects.for_page().filter(pk=session).first()
    if found is None or (found.trainer_id != request.user.pk and not can(request, Permission.TRAINING_MANAGE)):
        raise Http404
    refused = ""
    if request.method == "POST":
        there = [key for text in request.POST.getlist("there") if (key := _uuid(text))]
        try:
            new = note_attendance(found, there, by=request.actor)  # type: ignore[attr-defined]
            toast(request, _("Noted: %(count)s were there.") % {"count": new})
            return HttpResponseRedirect(request.path)
        except NoSeat as reason:
            refused = str(reason)
    seats = {seat.user_id: seat for seat in SessionSeat.objects.filter(session=found).standing().select_related("user")}
    there_now = [seat for seat in seats.values() if seat.state == SessionSeat.State.ATTENDED]
    context: dict[str, Any] = {
        "session": found,
        "refused": refused,
        "there": there_now,
        "choices": _choices(found, seats, request.user.pk),
    }
    return page(request, "learning/attendance.html", context, status=422 if refused else 200)


def _choices(session: LiveSession, seats: dict[UUID, SessionSeat], me: Any) -> list[tuple[Assignment, Any]]:
    """One assignment for each person of the course who was not noted as there: with a place first, then by name."""
    rows = Assignment.objects.active(organization_today()).filter(course_id=session.course_id).exclude(user_id=me)
    if session.site_id:
        rows = rows.filter(site_id=session.site_id)
    first: dict[Any, Assignment] = {}
    for row in rows.select_related("user").order_by("user__name", "user__email", "due_on", "id"):
        first.setdefault(row.user_id, row)
    found = [(row, seats.get(key)) for key, row in first.items()]
    open_ = [(row, seat) for row, seat in found if not seat or seat.state != SessionSeat.State.ATTENDED]
    return sorted(open_, key=lambda pair: pair[1] is None)


def _list(request: HttpRequest, refused: str = "", status: int = 200) -> HttpResponse:
    own = list(_own(request).select_related("course"))
    sessions = [
        session
        for session in LiveSession.objects.to_come()
        .filter(course_id__in={row.course_id for row in own})
        .for_page()
        .select_related("trainer")
        if session.site_id in {None, *(row.site_id for row in own if row.course_id == session.course_id)}
    ]
    seats = SessionSeat.objects.filter(session__in=sessions, user_id=_me(request)).standing()
    held = LiveSession.objects.filter(trainer_id=request.user.pk, cancelled_at=None).for_page()
    context = {
        "sessions": sessions,
        "places": {seat.session_id: seat for seat in seats},
        "held": list(held.reverse()[:20]),
        "refused": refused,
    }
    return page(request, "learning/sessions.html", context, status=status)


def _own(request: HttpRequest) -> Any:
    return Assignment.objects.active(organization_today()).filter(user_id=_me(request))


def _me(request: HttpRequest) -> UUID:
    assert request.user.pk is not None
    return request.user.pk


def _open(request: HttpRequest, pk: UUID) -> LiveSession:
    found = LiveSession.objects.for_page().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _seat(request: HttpRequest, pk: UUID) -> SessionSeat:
    rows = SessionSeat.objects.filter(session_id=pk, user_id=_me(request)).standing()
    found = rows.select_related("session__course", "session__site", "session__organization", "assignment").first()
    if found is None:
        raise Http404
    return found


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
