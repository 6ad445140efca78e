"""Reminders of windows: before one opens, before it closes, and when it was missed."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.models import User
from audit.actor import Actor
from notices.kinds import AHEAD, Description, kind
from notices.ladder import DEPUTY, OWNER, Plan, plan_many
from notices.models import Reminder
from notices.once import say_once
from notices.planners import planner
from onboarding.deployments.models import TeamRole
from onboarding.deployments.models.calendar import working_calendars
from onboarding.deployments.notices import MANAGER_ROLE, SPONSOR_ROLE, teams_of, terms_of
from onboarding.windows.models import Window
from tenancy.models import Organization
from web.language import named

REASONS = {OWNER: gettext_noop("You keep it."), DEPUTY: gettext_noop("You run the deployment.")}


def describe_opening(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe windows that are to come; one that has opened meanwhile by its last day."""
    today = timezone.localdate() - timedelta(days=1)  # in the evening of Hawaii it is tomorrow in UTC
    return {
        one.pk: _described(one, named("%(window)s opens", window=str(one)), opening=True)
        if one.opens_on >= today
        else _described(one, named("%(window)s is open", window=str(one)))
        for one in _full(Window.objects.planned().filter(pk__in=ids))
    }


def describe_closing(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe windows that are not met yet."""
    found = Window.objects.planned().filter(pk__in=ids)
    return {one.pk: _described(one, named("%(window)s closes", window=str(one))) for one in _full(found)}


def describe_missed(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe windows that were missed."""
    found = Window.objects.filter(pk__in=ids, state=Window.State.MISSED)
    return {one.pk: _described(one, named("%(window)s was missed", window=str(one))) for one in _full(found)}


WINDOW_OPENS = kind("windows.opens", "A window opens", describe=describe_opening, ladder=AHEAD)
WINDOW_CLOSES = kind("windows.closes", "A window closes", describe=describe_closing, ladder=AHEAD)
WINDOW_MISSED = kind("windows.missed", "A window was missed", describe=describe_missed, apart=True)


@planner(WINDOW_OPENS, WINDOW_CLOSES)
def windows() -> Iterable[Plan]:
    """Windows to come: the keeper hears before one opens; before it closes the manager hears as well."""
    return plans_of(Window.objects.planned().order_by("pk"))


def plan_windows(found: Iterable[Window], *, by: Actor) -> None:
    """Bring the reminders of these windows in line with their days; what was met or taken back needs none."""
    rows = list(found)
    over = [one.pk for one in rows if one.state != Window.State.PLANNED]
    if over:
        Reminder.cancel(over, by=by, reason="The window was met, missed or taken back.")
    plan_many(plans_of(Window.objects.planned().filter(pk__in=[one.pk for one in rows])), by=by)


def plans_of(found: Iterable[Window]) -> list[Plan]:
    """Return two plans for each: around its opening, and around its closing."""
    rows = _full(found)
    deployments = {one.deployment_id for one in rows if one.deployment_id}
    teams, terms = teams_of(deployments), terms_of(deployments)
    calendars = working_calendars(one.deployment.site for one in rows if one.deployment_id)
    plans = []
    for one in rows:
        at_site = one.deployment.site if one.deployment_id else None
        zone, calendar = (at_site.time_zone, calendars[at_site.pk]) if at_site else ("", None)
        keeper = [(one.series.keeper, OWNER)]
        manager = _holder(teams, one, MANAGER_ROLE)
        both = [*keeper, (manager, DEPUTY)] if manager else keeper
        rules = terms.get(one.deployment_id, {}) if one.deployment_id else {}
        for what, day, people in ((WINDOW_OPENS, one.opens_on, keeper), (WINDOW_CLOSES, one.closes_on, both)):
            plans.append(Plan(one, what, day, zone, people, calendar, one.deployment_id, terms=rules, reasons=REASONS))
    return plans


def tell_missed(window: Window) -> None:
    """Tell keeper, manager and sponsor at once."""
    teams = teams_of({window.deployment_id} if window.deployment_id else set())
    listed = [window.series.keeper, *(_holder(teams, window, code) for code in (MANAGER_ROLE, SPONSOR_ROLE))]
    say_once(
        WINDOW_MISSED,
        window,
        {one.pk: one for one in listed if one}.values(),
        gettext_noop("Nothing was handed in before it closed."),
        deployment_id=window.deployment_id,
        stand_in=True,
    )


def _full(found: Iterable[Window]) -> list[Window]:
    return list(found.with_series()) if hasattr(found, "with_series") else list(found)


def _described(window: Window, title: str, *, opening: bool = False) -> Description:
    slug = Organization.slug_in_scope()
    where = f" · {window.deployment}" if window.deployment_id else ""
    return Description(
        title,
        f"{window.series}{where}",
        reverse("org:windows:show", kwargs={"org": slug, "series": window.series_id}),
        window.opens_on if opening else window.closes_on,
    )


def _holder(teams: dict[UUID, dict[str, TeamRole]], window: Window, code: str) -> User | None:
    role = teams.get(window.deployment_id, {}).get(code) if window.deployment_id else None
    return role.person if role else None
