"""Leading waves over several organizations: their board, and each verb."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import require
from accounts.models import Membership
from onboarding.joint.actions import run_joint_wave, take_places
from onboarding.joint.models import JointLesson, JointPlace, JointProgram, JointWave, PlaceStaff
from onboarding.joint.web import board
from onboarding.joint.web.forms import StaffForm
from onboarding.joint.web.views.taking_part import at_home
from onboarding.plans.models.staged import WaveRefused
from web.formats import plural
from web.render import page, redirect_or_refresh, toast

VERBS = {"start": run_joint_wave.start, "expand": run_joint_wave.expand, "resume": run_joint_wave.resume}


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def begin(request: HttpRequest, org: str) -> HttpResponse:
    """Begin a joint program."""
    at_home(request)
    try:
        made = JointProgram.begin(_text(request, "title"), by=_by(request))
    except WaveRefused as refusal:
        toast(request, str(refusal))
        return redirect_or_refresh(request, reverse("org:joint:index", kwargs={"org": org}))
    return _back(request, made.pk)


@require(Permission.DEPLOYMENT_PLAN)
@require_safe
def program(request: HttpRequest, org: str, program: UUID) -> HttpResponse:
    """Each wave with its rules, its sites of whichever organization, whom they want at once, and what was learned."""
    found = _program(request, program)
    return page(request, "joint/program.html", board.context(found, org, today=timezone.localdate()))


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def add_wave(request: HttpRequest, org: str, program: UUID) -> HttpResponse:
    """Add the next wave."""
    found = _program(request, program)
    return _tried(request, program, lambda: found.add_wave(by=_by(request)))


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def offer(request: HttpRequest, org: str, program: UUID, wave: UUID) -> HttpResponse:
    """Offer places to the hosts of the ticked deployments."""
    found = _wave(request, program, wave)
    try:
        ids = [UUID(text) for text in request.POST.getlist("deployment")]
    except ValueError:
        ids = []
    if not ids:
        toast(request, "Nothing was offered. Tick deployments of your portfolio.")
        return _back(request, program)
    says = f"{plural(len(ids), 'place')} offered in {found.title}"
    return _tried(request, program, lambda: take_places.offer_places(found, ids, by=_by(request)), says)


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def take_back(request: HttpRequest, org: str, program: UUID, place: UUID) -> HttpResponse:
    """Take a place back."""
    found = _place(request, program, place)
    says = f"{found.site} goes live on its own again"
    return _tried(request, program, lambda: take_places.take_back(found, by=_by(request)), says)


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def rules(request: HttpRequest, org: str, program: UUID, wave: UUID) -> HttpResponse:
    """Set how a wave is run."""
    found = _wave(request, program, wave)
    form = board.rules_form(found, list(found.places.in_force().select_related("host")), data=request.POST)
    if not form.is_valid():
        toast(request, "Nothing was changed. Choose sites of the wave, and days between 0 and 365.")
        return _back(request, program)
    values = {**form.cleaned_data, "canaries": [UUID(pk) for pk in form.cleaned_data["canaries"]]}
    says = f"The rules of {found.title} are set"
    return _tried(request, program, lambda: found.set_rules(**values, by=_by(request)), says)


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def run(request: HttpRequest, org: str, program: UUID, wave: UUID, do: str) -> HttpResponse:
    """Start a wave, let all sites follow, halt it, or let it go on."""
    found = _wave(request, program, wave)
    if do == "halt":
        return _tried(request, program, lambda: run_joint_wave.halt(found, _text(request, "reason"), by=_by(request)))
    if do not in VERBS:
        raise Http404
    return _tried(request, program, lambda: VERBS[do](found, by=_by(request)))


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def learn(request: HttpRequest, org: str, program: UUID, wave: UUID) -> HttpResponse:
    """Write down what a wave learned."""
    found = _wave(request, program, wave)
    return _tried(request, program, lambda: JointLesson.learn(found, _text(request, "text"), by=_by(request)))


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def take_up(request: HttpRequest, org: str, program: UUID, lesson: UUID) -> HttpResponse:
    """Say what the next wave does about a lesson."""
    _program(request, program)
    found = _one(JointLesson.objects.filter(pk=lesson, wave__program_id=program))
    return _tried(request, program, lambda: found.take_up(_text(request, "answer"), by=_by(request)))


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def give_staff(request: HttpRequest, org: str, program: UUID, place: UUID) -> HttpResponse:
    """Give a site hours of one of the own people."""
    found = _place(request, program, place)
    form = StaffForm(request.POST, people=board.people())
    if not form.is_valid():
        toast(request, "Nothing was changed. Choose a person, 1 to 60 hours, and at most 26 weeks.")
        return _back(request, program)
    values = form.cleaned_data
    user = Membership.objects.active().select_related("user").get(user_id=values.pop("user")).user
    return _tried(request, program, lambda: PlaceStaff.give(found, user, **values, by=_by(request)))


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def take_off(request: HttpRequest, org: str, program: UUID, staff: UUID) -> HttpResponse:
    """Take a person off a site."""
    _program(request, program)
    found = _one(PlaceStaff.objects.select_related("place").filter(pk=staff, place__wave__program_id=program))
    return _tried(request, program, lambda: found.take_off(by=_by(request)))


def _tried(request: HttpRequest, program: UUID, verb: Callable[[], object], says: str = "") -> HttpResponse:
    """Call a verb; say how it went, and go back to the board."""
    try:
        verb()
    except ValueError as refusal:  # WaveRefused is one
        toast(request, f"Nothing was changed. {refusal}")
    else:
        if says:
            toast(request, says)
    return _back(request, program)


def _one(found: Any) -> Any:
    one = found.first()
    if one is None:
        raise Http404
    return one


def _program(request: HttpRequest, pk: UUID) -> Any:
    at_home(request)
    return _one(JointProgram.objects.filter(pk=pk))


def _wave(request: HttpRequest, program: UUID, pk: UUID) -> Any:
    at_home(request)
    return _one(JointWave.objects.select_related("program").filter(pk=pk, program_id=program))


def _place(request: HttpRequest, program: UUID, pk: UUID) -> Any:
    at_home(request)
    found = JointPlace.objects.select_related("wave__program", "host")
    return _one(found.filter(pk=pk, wave__program_id=program))


def _text(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\0", "")[:500]


def _by(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]


def _back(request: HttpRequest, program: UUID) -> HttpResponse:
    org = request.organization.slug  # type: ignore[attr-defined]
    return redirect_or_refresh(request, reverse("org:joint:program", kwargs={"org": org, "program": program}))
