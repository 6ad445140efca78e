"""A series of windows: a chain that runs from one day, with somebody who keeps it."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Membership, User
from audit.actor import Actor
from audit.models.event import record
from notices import times
from onboarding.deployments.models import Deployment
from onboarding.windows import audit
from onboarding.windows.chains import START, Chain, Step
from onboarding.windows.models.window import Window
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Organization, TenantModel

MOST = 60
"""Windows of one step; a daily report for ever is no window."""


class SeriesRefused(ValueError):
    """It cannot be done to a series like this; the message says what would change it."""


class SeriesQuerySet(TenantQuerySet["Series"]):
    """Named filters over series."""

    def running(self) -> "SeriesQuerySet":
        """Series with a window to come."""
        return self.filter(state=Series.State.RUNNING)


class Series(TenantModel):
    """One run of a chain. It keeps the rule as it was when it began. About a cohort or a filing, never about a patient."""

    class State(models.TextChoices):
        """Whether anything is to come."""

        RUNNING = "running", "Running"
        COMPLETED = "completed", "Completed"
        ENDED = "ended", "Ended"

    MOVES: dict[str, set[str]] = {
        State.RUNNING: {State.COMPLETED, State.ENDED},
        State.COMPLETED: {State.RUNNING},  # a report was taken back
        State.ENDED: {State.RUNNING},  # the window that ended it was met in time after all, or is open still
    }

    title = models.CharField(max_length=120, help_text="The cohort or filing; never a patient")
    chain = models.CharField(max_length=40)
    chain_title = models.CharField(max_length=120)
    source = models.CharField(max_length=200, blank=True)
    steps = models.JSONField(help_text="The rule of the day on which it began")
    starts_on = models.DateField()
    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, null=True, related_name="+")
    keeper = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.RUNNING)
    ended_reason = models.CharField(max_length=300, blank=True)

    objects = TenantManager.from_queryset(SeriesQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "chain", "title", "starts_on"], name="window_series_once"),
            models.CheckConstraint(
                condition=Q(state__in=["running", "completed", "ended"]), name="window_series_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chain_title}: {self.title}"

    @classmethod
    @transaction.atomic
    def begin(
        cls, chain: Chain, *, title: str, starts_on: date, keeper: User, by: Actor, deployment: Deployment | None = None
    ) -> "Series":
        """Open the windows that count from this day; the same again is once.

        Raises SeriesRefused without a title or a keeper who belongs here.
        """
        title = title.strip()[:120]
        if not title:
            raise SeriesRefused("Name the cohort or filing; never a patient.")
        _known(keeper)
        standing: Series | None = cls.objects.filter(chain=chain.key, title=title, starts_on=starts_on).first()
        if standing:
            return standing
        series = cls(
            title=title,
            chain=chain.key,
            chain_title=chain.title,
            source=chain.source,
            steps=[step.as_data() for step in chain.steps],
            starts_on=starts_on,
            deployment=deployment,
            keeper=keeper,
        )
        series.save(force_insert=True)
        record(audit.BEGUN, by=by, subject=series, chain=chain.title, title=title, starts_on=f"{starts_on:%-d %b %Y}")
        for step in series.rule:
            if step.after == START:
                series._open(step, starts_on, 1)
        return series

    @property
    def rule(self) -> list[Step]:
        """The steps as they were when the series began."""
        return [Step.from_data(data) for data in self.steps]

    @property
    def today(self) -> date:
        """The day that it is where the work is: at the deployment's site, else at the organization's home."""
        home = Organization.objects.values_list("time_zone", flat=True).get(pk=self.organization_id)
        return times.day_at(timezone.now(), self.deployment.site.time_zone if self.deployment_id else "", home)

    @transaction.atomic
    def meet(self, window: Window, *, on: date, by: Actor, note: str = "") -> Window:
        """Note that it was handed in on a day of the window; what counts from it opens. The same day again changes nothing.

        Raises SeriesRefused for a day outside the window or to come, and for a window that is taken back.
        """
        series, found = self._locked_with(window)
        if found.state == Window.State.MET and found.met_on == on:
            return found
        if Window.State.MET not in Window.MOVES[found.state]:
            raise SeriesRefused(f"{found} is {found.get_state_display().lower()}: nothing is to be handed in.")
        series._check_day(found, on)
        found.state, found.met_on, found.met_by_id, found.note = Window.State.MET, on, by.person_id, note.strip()[:500]
        found.save(update_fields=["state", "met_on", "met_by", "note"])
        record(audit.MET, by=by, subject=found, window=str(found), title=series.title, on=f"{on:%-d %b %Y}")
        if series._ended_by(found):
            series._take_up()
        series._follow(found, on, by)
        return found

    @transaction.atomic
    def correct(self, window: Window, *, on: date, by: Actor, reason: str) -> Window:
        """Say that it was handed in on another day of the window; what counts from it moves. The same day changes nothing.

        Raises SeriesRefused without a reason, for a day outside the window or to come, for what was not handed in, and
        where what counts from it was handed in or missed already.
        """
        series, found = self._locked_with(window)
        series._check_met(found, reason)
        if found.met_on == on:
            return found
        series._check_day(found, on)
        series._check_free(found)
        before, found.met_on = found.met_on, on
        found.save(update_fields=["met_on"])
        days: dict[str, Any] = {"before": f"{before:%-d %b %Y}", "on": f"{on:%-d %b %Y}"}
        record(
            audit.CORRECTED,
            by=by,
            subject=found,
            window=str(found),
            title=series.title,
            reason=reason.strip()[:300],
            **days,
        )
        series._follow(found, on, by)
        return found

    @transaction.atomic
    def take_back(self, window: Window, *, by: Actor, reason: str) -> Window:
        """Say that it was not handed in after all, or was refused: it is to be handed in still, and what counted from it waits.

        Raises SeriesRefused without a reason, for what was not handed in, for a series that somebody ended, and where what
        counts from it was handed in or missed already. A window that has closed is noted as missed in the night.
        """
        series, found = self._locked_with(window)
        if found.state == Window.State.PLANNED:
            return found
        series._check_met(found, reason)
        if series.state == self.State.ENDED:
            raise SeriesRefused("The series has ended: nothing is to be handed in any more.")
        series._check_free(found)
        found.state, found.met_on, found.met_by, found.note = Window.State.PLANNED, None, None, ""
        found.save(update_fields=["state", "met_on", "met_by", "note"])
        series._waiting(found).update(state=Window.State.WITHDRAWN)
        if series.state == self.State.COMPLETED:
            series._take_up()
        record(
            audit.TAKEN_BACK, by=by, subject=found, window=str(found), title=series.title, reason=reason.strip()[:300]
        )
        return found

    @transaction.atomic
    def count_from(self, day: date, *, by: Actor, reason: str) -> None:
        """Say that the whole series counts from another day; its windows move. The same day again changes nothing.

        A window that was missed and is open by the new day is to be handed in again, and a series that ended with it goes on.
        Raises SeriesRefused without a reason, where a report would lie outside its window, and where one that counts from
        a missed window was handed in or missed already.
        """
        series: Series = self.locked(self.pk)
        if series.starts_on == day:
            return
        if not reason.strip():
            raise SeriesRefused("Say why it counts from another day.")
        if Series.objects.filter(chain=series.chain, title=series.title, starts_on=day).exists():
            raise SeriesRefused("There is a series of this name that counts from that day.")
        before, series.starts_on = series.starts_on, day
        series.save(update_fields=["starts_on"])
        for step in series.rule:
            if step.after == START:
                series._move(step, by)
        days: dict[str, Any] = {"before": f"{before:%-d %b %Y}", "starts_on": f"{day:%-d %b %Y}"}
        record(audit.COUNTED_ANEW, by=by, subject=series, title=series.title, reason=reason.strip()[:300], **days)

    @transaction.atomic
    def miss(self, window: Window, *, by: Actor) -> Window:
        """Note that a window closed and nothing was handed in; the nightly job calls this. Twice is once.

        The chain goes on, counted from the closing day, unless the rule says that it ends here. Raises SeriesRefused
        for a window that is open still.
        """
        series, found = self._locked_with(window)
        if found.state != Window.State.PLANNED:
            return found
        if found.closes_on >= series.today:
            raise SeriesRefused(f"{found} closes on {found.closes_on:%-d %b %Y}.")
        found.state, found.missed_at = Window.State.MISSED, timezone.now()
        found.save(update_fields=["state", "missed_at"])
        closes_on = f"{found.closes_on:%-d %b %Y}"
        record(audit.MISSED, by=by, subject=found, window=str(found), title=series.title, closes_on=closes_on)
        broken = series._broken(found)
        if broken:
            series._end(broken, by)
        else:
            series._follow(found, found.closes_on, by)
        return found

    @transaction.atomic
    def end(self, *, by: Actor, reason: str) -> None:
        """Take back what is to come; raise SeriesRefused without a reason. Twice is once."""
        series: Series = self.locked(self.pk)
        if series.state != self.State.RUNNING:
            return
        if not reason.strip():
            raise SeriesRefused("Say why it ends: nobody will be reminded any more.")
        series._end(reason.strip()[:300], by)

    @transaction.atomic
    def hand_on(self, keeper: User, *, by: Actor) -> None:
        """Give it to somebody else to keep; raise SeriesRefused for who does not belong here."""
        series: Series = self.locked(self.pk)
        if series.keeper_id == keeper.pk:
            return
        _known(keeper)
        series.keeper = keeper
        series.save(update_fields=["keeper"])
        record(audit.HANDED_ON, by=by, subject=series, title=series.title, keeper=str(keeper))

    def _locked_with(self, window: Window) -> tuple["Series", Window]:
        series: Series = self.locked(self.pk)
        return series, Window.objects.select_for_update(no_key=True, of=("self",)).get(pk=window.pk, series=series)

    def _step(self, window: Window) -> Step:
        return next(step for step in self.rule if step.key == window.key)

    def _follow(self, window: Window, day: date, by: Actor) -> None:
        """Open what counts from this window, move what counted from another day before, and see whether all is done."""
        if self.state == self.State.ENDED:
            return
        for step, number in self._after(window):
            self._open(step, day, number)
        if self.state == self.State.RUNNING and not self.windows.filter(state=Window.State.PLANNED).exists():
            self.state = self.State.COMPLETED
            self.save(update_fields=["state"])
            record(audit.COMPLETED, by=by, subject=self, title=self.title)

    def _open(self, step: Step, day: date, number: int) -> None:
        opens_on, closes_on = step.opens.after(day), step.closes.after(day)
        standing = self.windows.filter(key=step.key, number=number).first()
        beyond = step.until is not None and opens_on >= step.until.after(self.starts_on)
        if standing:
            if standing.state in (Window.State.PLANNED, Window.State.WITHDRAWN):
                standing.counted_from, standing.opens_on, standing.closes_on = day, opens_on, closes_on
                standing.state = Window.State.WITHDRAWN if beyond else Window.State.PLANNED
                standing.save(update_fields=["counted_from", "opens_on", "closes_on", "state"])
            return
        if beyond:
            return
        Window(
            series=self,
            deployment_id=self.deployment_id,
            key=step.key,
            number=number,
            title=step.title,
            counted_from=day,
            opens_on=opens_on,
            closes_on=closes_on,
        ).save(force_insert=True)

    def _after(self, window: Window) -> list[tuple[Step, int]]:
        """Return which windows count from this one: each by its step and number."""
        own = self._step(window)
        found = [(own, window.number + 1)] if own.repeats and window.number < MOST else []
        first = window.number == 1 or not own.repeats
        return found + [(step, 1) for step in self.rule if step.after == own.key and first]

    def _waiting(self, window: Window) -> "QuerySet[Window]":
        """Return the windows that count from this one and are still to come."""
        named = Q(pk__in=[])
        for step, number in self._after(window):
            named |= Q(key=step.key, number=number)
        return Window.objects.filter(named, series=self, state=Window.State.PLANNED)

    def _check_free(self, window: Window) -> None:
        """Raise SeriesRefused where something that counts from this window is over already."""
        for step, number in self._after(window):
            over = self.windows.filter(key=step.key, number=number, state__in=[Window.State.MET, Window.State.MISSED])
            for one in over:
                words = "handed in" if one.state == Window.State.MET else "missed"
                raise SeriesRefused(f"{one} counts from it and was {words} already: take that back first.")

    def _check_day(self, window: Window, on: date) -> None:
        if on > self.today:
            raise SeriesRefused("Give the day on which it was handed in, today at the latest.")
        if on < window.opens_on:
            raise SeriesRefused(f"{window} opens on {window.opens_on:%-d %b %Y}: what comes before does not count.")
        if on > window.closes_on:
            raise SeriesRefused(f"{window} closed on {window.closes_on:%-d %b %Y}: what comes later counts as missed.")

    def _check_met(self, window: Window, reason: str) -> None:
        if window.state != Window.State.MET:
            raise SeriesRefused(f"{window} was not handed in.")
        if not reason.strip():
            raise SeriesRefused("Say why: it stands in the record.")

    def _move(self, step: Step, by: Actor) -> None:
        """Count the window of a step that follows the start from the day that the series counts from now."""
        window = self.windows.get(key=step.key, number=1)
        opens_on, closes_on = step.opens.after(self.starts_on), step.closes.after(self.starts_on)
        met_on = window.met_on if window.state == Window.State.MET else None
        missed = window.state == Window.State.MISSED
        if met_on and not opens_on <= met_on <= closes_on:
            outside = (
                f"{window} was handed in on {met_on:%-d %b %Y}, outside {opens_on:%-d %b} to {closes_on:%-d %b %Y}"
            )
            raise SeriesRefused(f"{outside}: correct or take back that report first.")
        if missed:
            self._check_free(window)
        ended = self._ended_by(window)
        window.counted_from, window.opens_on, window.closes_on = self.starts_on, opens_on, closes_on
        open_again = missed and closes_on >= self.today
        if open_again:
            window.state = Window.State.PLANNED
        window.save(update_fields=["counted_from", "opens_on", "closes_on", "state"])
        if open_again:
            if ended:
                self._take_up()
            self._waiting(window).update(state=Window.State.WITHDRAWN)
        elif missed:
            self._follow(window, closes_on, by)
        elif met_on:
            self._follow(window, met_on, by)  # the last day of what repeats has moved

    def _ended_by(self, window: Window) -> bool:
        """Whether the series ended because this window was missed, and not because somebody said so."""
        return self.state == self.State.ENDED and self.ended_reason == self._broken(window)

    def _broken(self, window: Window) -> str:
        breaks = self._step(window).breaks
        return f"{window} was missed. {breaks}" if breaks else ""

    def _take_up(self) -> None:
        """Go on after all: what the end took back is to come again."""
        was_ended, self.state, self.ended_reason = self.state == self.State.ENDED, self.State.RUNNING, ""
        self.save(update_fields=["state", "ended_reason"])
        if was_ended:
            self.windows.filter(state=Window.State.WITHDRAWN).update(state=Window.State.PLANNED)

    def _end(self, reason: str, by: Actor) -> None:
        self.state, self.ended_reason = self.State.ENDED, reason
        self.save(update_fields=["state", "ended_reason"])
        self.windows.filter(state=Window.State.PLANNED).update(state=Window.State.WITHDRAWN)
        record(audit.ENDED, by=by, subject=self, title=self.title, reason=reason)


def _known(keeper: User) -> None:
    if not Membership.objects.active().filter(user=keeper).exists():
        raise SeriesRefused("Choose a keeper who belongs to the organization.")
