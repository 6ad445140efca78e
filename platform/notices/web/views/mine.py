"""What Causeway tells the person who is signed in, and putting it off: with a reason, until a day."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from notices import judging, kinds
from notices.channels import IN_APP
from notices.described import step_in_words
from notices.models import DigestChoice, Reminder, ReminderPolicy, Snooze
from notices.models.reminder import OPEN, ReminderQuerySet, State
from notices.models.snooze import SnoozeRefused
from notices.web.forms import SnoozeForm
from web.render import page, redirect_or_refresh, toast

View = Callable[..., HttpResponse]
SHOWN = 100


def at_home(view: View) -> View:
    """Open a page to every member of the organization, whatever their roles; partners hear from their own organization."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.part is not None:  # type: ignore[attr-defined]
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@at_home
def mine(request: HttpRequest, org: str) -> HttpResponse:
    """List what arrived and was not put aside, what comes next, and what is put off."""
    me = request.actor.person_id  # type: ignore[attr-defined]
    arrived = _lines(list(_arrived(me).filter(read_at=None).order_by("-due_at", "-pk")[:SHOWN]))
    coming = _lines(list(_mine(me).filter(state__in=OPEN, message=None).order_by("due_at", "pk")[:SHOWN]))
    snoozes = list(Snooze.objects.running(timezone.localdate()).filter(user_id=me).order_by("until", "pk"))
    titles = _titles(snoozes)
    choice = DigestChoice.objects.filter(user=me).first()
    context = {
        "digest_comes": choice is None or choice.wants(timezone.localdate()),
        "arrived": arrived,
        "coming": coming,
        "step_in_words": step_in_words,
        "snoozes": [(one, titles[one.subject_id]) for one in snoozes if one.subject_id in titles],
    }
    return page(request, "notices/mine.html", context)


@require_POST
@at_home
def read(request: HttpRequest, org: str, pk: UUID) -> HttpResponse:
    """Put one aside."""
    me = request.actor.person_id  # type: ignore[attr-defined]
    if not _arrived(me).filter(pk=pk).exists():
        raise Http404
    Reminder.read([pk], person_id=me)
    return _back(request, org)


@require_POST
@at_home
def read_all(request: HttpRequest, org: str) -> HttpResponse:
    """Put all aside that have arrived."""
    me = request.actor.person_id  # type: ignore[attr-defined]
    Reminder.read(list(_arrived(me).filter(read_at=None).values_list("pk", flat=True)), person_id=me)
    toast(request, "All put aside")
    return _back(request, org)


@require_POST
@at_home
def digest(request: HttpRequest, org: str) -> HttpResponse:
    """Stop one's own digests of this organization, or get them again."""
    me = User.objects.get(pk=request.actor.person_id)  # type: ignore[attr-defined]
    if request.POST.get("wish") == "resume":
        DigestChoice.resume(me, by=request.actor)  # type: ignore[attr-defined]
        toast(request, "You get the digest again")
    else:
        DigestChoice.stop(me, by=request.actor)  # type: ignore[attr-defined]
        toast(request, "You get no digest any more; what is due stands in your work list")
    return _back(request, org)


@require_http_methods(["GET", "HEAD", "POST"])
@at_home
def snooze(request: HttpRequest, org: str, pk: UUID) -> HttpResponse:
    """Put off what a reminder is about; the reason stays in the record."""
    reminder = _mine(request.actor.person_id).filter(pk=pk).first()  # type: ignore[attr-defined]
    if reminder is None:
        raise Http404
    form = SnoozeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            Snooze.take(reminder, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except SnoozeRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, f"Put off until {form.cleaned_data['until']:%-d %b}")
            return _back(request, org)
    lines = _lines([reminder])
    title = lines[0]["about"].title if lines else kinds.find(reminder.kind).title
    urgent = ReminderPolicy.current().goes_alone(kinds.find(reminder.kind))
    context = {"form": form, "title": title, "urgent": urgent, "back": _address(org)}
    return page(request, "notices/snooze.html", context, status=422 if form.errors else 200)


@require_POST
@at_home
def end_snooze(request: HttpRequest, org: str, pk: UUID) -> HttpResponse:
    """Hear of it again as planned."""
    found = Snooze.objects.filter(pk=pk, user_id=request.actor.person_id).first()  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    found.end(by=request.actor)  # type: ignore[attr-defined]
    toast(request, "You are reminded again as planned")
    return _back(request, org)


def _mine(person: UUID) -> ReminderQuerySet:
    found: ReminderQuerySet = Reminder.objects.filter(recipient_id=person).select_related("recipient")
    return found


def _arrived(person: UUID) -> ReminderQuerySet:
    return _mine(person).filter(channel=IN_APP, state=State.SENT)


def _lines(rows: list[Reminder]) -> list[dict[str, Any]]:
    """Return the rows that still have something to say, one for each subject and day."""
    described, left_out = judging.judge(rows)
    seen: set[tuple[object, ...]] = set()
    lines = []
    for row in rows:
        key = (row.kind, row.subject_id, row.on, row.channel == IN_APP and row.state == State.SENT)
        if row.pk in described and row.pk not in left_out and key not in seen:
            seen.add(key)
            lines.append({"row": row, "about": described[row.pk], "late": _late(row, described[row.pk])})
    return lines


def _late(row: Reminder, about: kinds.Description) -> bool:
    return about.due_on is not None and about.due_on < timezone.localdate()


def _titles(snoozes: list[Snooze]) -> dict[UUID, kinds.Description]:
    found: dict[UUID, kinds.Description] = {}
    for name in {one.kind for one in snoozes}:
        try:
            found.update(kinds.find(name).describe([one.subject_id for one in snoozes if one.kind == name]))
        except kinds.UnknownKind:
            continue
    return found


def _back(request: HttpRequest, org: str) -> HttpResponse:
    return redirect_or_refresh(request, _address(org))


def _address(org: str) -> str:
    return reverse("org:notices:mine", kwargs={"org": org})
