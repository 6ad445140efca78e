"""Jobs: each runs once for an organization and day, is made up for when its hour was missed, and can run again."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail

from accounts.models import User
from audit.actor import Actor
from audit.models import Event
from audit.timeline import timeline
from notices import engine, jobs
from notices.models import DigestChoice, JobRun, Reminder, Wanted
from notices.models.job_run import LEASE, TRIES
from notices.tests.subjects import ITEM
from tenancy.models import Organization, Site
from tenancy.scope import scope
from testing.cast import World

pytestmark = pytest.mark.django_db(databases=["default", "steward"])
MONDAY = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
SOMEBODY = Actor.system("test")


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MONDAY, tick=False) as moved:
        yield moved


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """One job, declared for this test alone, that counts what it is called for."""
    called: list[str] = []

    def work(organization: Organization) -> dict[str, int]:
        called.append(organization.slug)
        Site.objects.create(name="made by the job")
        if len(called) <= failing["times"]:
            raise RuntimeError("not today")
        return {"seen": len(called)}

    failing = {"times": 0}
    monkeypatch.setattr(jobs, "_jobs", {"count": jobs.Job("count", "Count", work, 9, frozenset())})

    def names() -> list[str]:
        return called

    names.failing = failing  # type: ignore[attr-defined]
    return names


def run_of(world: World, job: str = "count") -> JobRun:
    with scope(world.host.pk):
        found: JobRun = JobRun.objects.get(job=job)
        return found


def test_a_run_is_planned_once_an_hour_for_every_organization(world: World, counting: Any) -> None:
    assert jobs.plan_due() == 5
    assert jobs.plan_due() == 0
    assert (run_of(world).on, run_of(world).state) == (date(2026, 11, 23), "due")


def test_before_its_hour_there_is_no_run(world: World, counting: Any, clock: time_machine.Traveller) -> None:
    clock.move_to(MONDAY - timedelta(hours=1))
    jobs.plan_due()
    clock.move_to(MONDAY)
    with scope(world.host.pk):
        assert list(JobRun.objects.values_list("on", flat=True)) == []
    jobs.plan_due()
    assert run_of(world).on == date(2026, 11, 23)


def test_a_missed_hour_is_made_up_for(world: World, counting: Any, clock: time_machine.Traveller) -> None:
    clock.move_to(MONDAY + timedelta(hours=11))
    jobs.plan_due()
    assert run_of(world).on == date(2026, 11, 23)


def test_a_run_counts_and_is_not_done_twice(world: World, counting: Any) -> None:
    jobs.plan_due()
    pk = run_of(world).pk
    assert [jobs.run(world.host.pk, pk), jobs.run(world.host.pk, pk)] == [True, False]
    assert counting() == ["host"]
    assert (run_of(world).state, run_of(world).counts) == ("done", {"seen": 1})
    with scope(world.host.pk):
        assert Event.objects.filter(action="job.finished").count() == 1


def test_a_failure_is_undone_tried_again_and_given_up_at_last(
    world: World, counting: Any, clock: time_machine.Traveller
) -> None:
    counting.failing["times"] = 99
    jobs.plan_due()
    pk = run_of(world).pk
    for _ in range(TRIES):
        assert jobs.run(world.host.pk, pk) is False
        clock.shift(timedelta(hours=1))
    assert (run_of(world).state, run_of(world).last_error) == ("failed", "RuntimeError: not today")
    with scope(world.host.pk):
        assert Site.objects.count() == 0
        assert Event.objects.filter(action="job.failed").count() == 1
        run_of(world).rerun(by=SOMEBODY)
    counting.failing["times"] = 0
    assert jobs.run(world.host.pk, pk) is True


def test_a_run_whose_worker_died_is_taken_up_again(world: World, counting: Any, clock: time_machine.Traveller) -> None:
    jobs.plan_due()
    pk = run_of(world).pk
    with scope(world.host.pk):
        assert JobRun.claim(pk) is not None  # and it dies here
    assert jobs.run(world.host.pk, pk) is False
    clock.shift(LEASE)
    assert jobs.run(world.host.pk, pk) is True


def test_another_organizations_run_is_out_of_reach(world: World, counting: Any) -> None:
    jobs.plan_due()
    assert jobs.run(world.elsewhere.pk, run_of(world).pk) is False
    assert counting() == []


def test_the_weekly_digest_goes_to_those_who_lead_on_monday(world: World, clock: time_machine.Traveller) -> None:
    jobs.plan_due()
    assert jobs.run(world.host.pk, run_of(world, "weekly_digest").pk) is True
    assert run_of(world, "weekly_digest").counts == {"people": 2}
    clock.move_to(MONDAY + timedelta(hours=4))
    assert engine.send_due(world.host.pk) == 0  # nothing happened that week: no mail
    with scope(world.host.pk):
        assert set(Reminder.objects.values_list("state", flat=True)) == {"cancelled"}
    assert mail.outbox == []


def test_a_week_with_something_to_say_is_said_in_each_readers_language(
    world: World, clock: time_machine.Traveller
) -> None:
    User.objects.filter(pk=world.manager.pk).update(language="es")
    Organization.objects.filter(pk=world.host.pk).update(name="O'Neil & Sons")
    with scope(world.host.pk):
        site = Site.objects.create(name="Main Street")
        Reminder.schedule([Wanted(world.learner, ITEM, "tenancy.site", site.pk, "0", date(2026, 11, 20), "Yours.")])
    clock.move_to(MONDAY + timedelta(hours=4))
    engine.send_due(world.host.pk)
    jobs.plan_due()
    jobs.run(world.host.pk, run_of(world, "weekly_digest").pk)
    assert engine.send_due(world.host.pk) == 2
    letter = next(m for m in mail.outbox if m.to == [world.owner.email])
    assert letter.subject == "Your week: The last seven days"
    assert "Messages sent: 1. People who got one: 1." in letter.body
    assert "Open O'Neil & Sons: http" in letter.body
    assert "by Causeway for O'Neil & Sons." in letter.body
    stop = letter.extra_headers["List-Unsubscribe"].strip("<>")
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"Pause or stop this digest: {stop}" in letter.body
    spanish = next(m for m in mail.outbox if m.to == [world.manager.email])
    assert spanish.subject.endswith("Los últimos siete días")
    assert "Mensajes enviados: 1. Personas que recibieron alguno: 1." in spanish.body


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("training_audit", "ran the job “Training audit” of 23 Nov 2026"),
        ("long_gone", "ran the job “long gone” of 23 Nov 2026"),
    ],
)
def test_the_log_calls_a_job_what_people_do(world: World, name: str, says: str) -> None:
    with scope(world.host.pk):
        JobRun.plan(name, MONDAY.date())
        claimed = JobRun.claim(run_of(world, name).pk)
        assert claimed is not None
        claimed.finish({}, by=Actor.system(f"job {name}"))
        [entry] = timeline(claimed.pk)
    assert (entry.text, entry.who) == (says, f"System, job {name.replace('_', ' ')}")


def test_whoever_stopped_digests_gets_no_week_and_who_leads_beside_them_does(
    world: World, clock: time_machine.Traveller
) -> None:
    with scope(world.host.pk):
        site = Site.objects.create(name="Main Street")
        Reminder.schedule([Wanted(world.learner, ITEM, "tenancy.site", site.pk, "0", date(2026, 11, 20), "Yours.")])
        DigestChoice.stop(world.manager, by=SOMEBODY)
    clock.move_to(MONDAY + timedelta(hours=4))
    engine.send_due(world.host.pk)
    jobs.plan_due()
    jobs.run(world.host.pk, run_of(world, "weekly_digest").pk)
    assert engine.send_due(world.host.pk) == 1
    with scope(world.host.pk):
        kept = Reminder.objects.get(kind="weekly_digest", recipient=world.manager)
        assert (kept.state, kept.last_error) == ("cancelled", "The person stopped or paused the digest.")
