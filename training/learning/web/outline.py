"""A course as its learner sees it: modules, what is done, and the one next thing."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from training.courses.marks import FINAL
from training.courses.models.translation import spoken
from training.learning.actions.settle import Missing, missing
from training.learning.calendar import organization_today
from training.learning.kinds import taught
from training.learning.models import Assignment, Attestation, LessonProgress, ObservedCompetency
from training.learning.models.assignment import NotOpen
from training.learning.models.attempt import asked, pass_mark
from web.formats import day
from web.language import counted, named


@dataclass(frozen=True, slots=True)
class Next:
    """What to do next: where, and how long it takes."""

    title: str
    minutes: int
    text: str
    address: str
    action: str


class Outline:
    """Built once for a page; `org` is the organization's slug."""

    def __init__(self, assignment: Assignment, org: str) -> None:
        self.assignment = assignment
        self.org = org
        self.spoken = spoken(assignment.version)
        self.content = self.spoken.content
        self.progress = {
            row.lesson: row
            for row in LessonProgress.objects.of_round(assignment)
            if assignment.version.marks.get(row.lesson) == row.mark
        }

    @cached_property
    def missing(self) -> Missing:
        """What is still wanted."""
        return missing(self.assignment)

    @property
    def total(self) -> int:
        """How many lessons there are, the final test among them."""
        return len(self.assignment.version.content_keys)

    @property
    def done(self) -> int:
        """How many are passed."""
        return self.total - len(self.missing.lessons)

    @property
    def label(self) -> str:
        """The count in words."""
        return named("%(done)s of %(total)s lessons passed", done=self.done, total=self.total)

    def address(self, name: str, **kwargs: str) -> str:
        """Return an address about this assignment."""
        return reverse(f"org:learning:{name}", kwargs={"org": self.org, "assignment": self.assignment.pk, **kwargs})

    def title(self, key: str) -> str:
        """Return a lesson's title."""
        return _("Final test") if key == FINAL else next(one.title for one in self.content.lessons if one.key == key)

    def minutes(self, key: str) -> int:
        """Return how long a lesson takes."""
        if key == FINAL:
            return int(self.content.final_minutes)
        return next(int(one.minutes) for one in self.content.lessons if one.key == key)

    @cached_property
    def opens_on(self) -> date | None:
        """The day on which the training window opens, as long as it is shut for this learner."""
        try:
            self.assignment.demand_open(organization_today())
        except NotOpen:
            return self.assignment.opens_on
        return None

    @property
    def next(self) -> Next | None:
        """The first thing that is missing and that the learner can do."""
        if self.opens_on:
            return None
        if self.missing.lessons:
            key = self.missing.lessons[0]
            begun = key in self.progress and self.progress[key].steps_read > 0
            text = _("Your place is kept. Go on where you stopped.") if begun else self._promise(key)
            address = self.address("lesson", lesson=key)
            return Next(self.title(key), self.minutes(key), text, address, _("Continue") if begun else _("Start"))
        if self.missing.attestation and self.content.attestation:
            text = _("Read the text once more and sign it with your name.")
            return Next(self.content.attestation.title, 1, text, self.address("attestation"), _("Read and sign"))
        return None

    def _promise(self, key: str) -> str:
        if promise := taught(self.content, key).promise():
            return promise
        count = len(asked(self.content, key))
        questions = counted("%(num)s question.", "%(num)s questions.", count) if count else _("No questions.")
        return " ".join([questions, _("You can stop at any time; your place is kept.")])

    @property
    def modules(self) -> list[dict[str, Any]]:
        """The modules with their lessons as `ui.modules` draws them."""
        found = [
            {
                "title": module.title,
                "items": [self._item(key) for key in module.lessons],
                "done": sum(key not in self.missing.lessons for key in module.lessons),
            }
            for module in self.content.modules
        ]
        if last := self._last():
            found.append(
                {"title": _("To finish"), "items": last, "done": sum(item["state"] == "done" for item in last)}
            )
        return found

    def _item(self, key: str) -> dict[str, Any]:
        row = self.progress.get(key)
        minutes, mark = named("%(num)s min", num=self.minutes(key)), pass_mark(self.content, key)
        address = self.address("lesson", lesson=key)
        if key not in self.missing.lessons:
            passed = (named("Passed %(day)s", day=day(row.passed_at)) if row and row.passed_at else _("Passed")) + " · "
            right = f"{row.score} %" if row and row.score is not None else ""
            return self._row("done", _("Passed"), self.title(key), passed + minutes, right, address)
        rule = " · " + _("every answer must be right") if mark == 100 else ""
        if self.opens_on:
            opens = named("Opens %(day)s", day=day(self.opens_on))
            return self._row("lock", _("Opens later"), self.title(key), minutes + " · " + opens, "", None)
        if key == self.missing.lessons[0]:
            return self._row("now", _("Next"), self.title(key), minutes + rule, _("Next"), address)
        if key == FINAL and self.missing.lessons != [FINAL]:
            return self._row(
                "lock", _("Opens later"), _("Final test"), _("Opens when the lessons are passed"), "", None
            )
        return self._row("todo", _("To do"), self.title(key), minutes + rule, "", address)

    def _last(self) -> list[dict[str, Any]]:
        items = [self._item(FINAL)] if FINAL in self.assignment.version.marks else []
        if self.content.attestation:
            title, signed = self.content.attestation.title, Attestation.of(self.assignment)
            if signed:
                items.append(
                    self._row("done", _("Signed"), title, named("Signed %(day)s", day=day(signed.signed_at)), "", None)
                )
            elif self.missing.lessons:
                items.append(
                    self._row("lock", _("Opens later"), title, _("To sign when the lessons are passed"), "", None)
                )
            else:
                items.append(
                    self._row("now", _("Next"), title, _("Read and sign"), _("Next"), self.address("attestation"))
                )
        if self.content.observation:
            title, seen = self.content.observation.title, ObservedCompetency.passing(self.assignment)
            meta = (
                named("Seen %(day)s by %(person)s", day=day(seen.observed_at), person=seen.observer_name)
                if seen
                else _("A superuser watches you once")
            )
            items.append(
                self._row("done" if seen else "todo", _("Passed") if seen else _("To do"), title, meta, "", None)
            )
        return items

    def _row(self, state: str, word: str, title: str, meta: str, right: str, address: str | None) -> dict[str, Any]:
        return {"state": state, "word": word, "title": title, "meta": meta, "right": right, "address": address}
