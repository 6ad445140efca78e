"""Help at the elbow, superusers on shift, and every record as one file."""

import csv
import io
from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Membership, User
from audit.actor import Actor
from audit.models import Event
from facts.models import Fact
from tenancy.scope import scope
from testing.cast import person
from training.learning.actions.answer_quiz import attest
from training.learning.actions.enroll import enroll
from training.learning.coverage import coverage_of
from training.learning.facts import state_training
from training.learning.models import Shift, SupportContact
from training.learning.models.support import NotLogged
from training.learning.shifts import shifts_of
from training.learning.tests.classroom import DEPLOYMENT, Classroom

ClientOf = Callable[[User], Client]


def superuser(classroom: Classroom) -> User:
    """A superuser of whom nothing is required yet, so trained."""
    user = person("super@host.example", "Super User")
    Membership.add(user, roles=["learner"], by=Actor.system("test"))
    enroll(user, job_role="superuser", site=classroom.site, started_on=date(2026, 11, 1), by=classroom.manager)
    return user


def short() -> object:
    fact = Fact.objects.about(DEPLOYMENT).filter(kind="training.shifts_short_of_superusers").current().first()
    return fact.value if fact else None


def test_a_contact_is_logged_once_for_its_token_and_nothing_wrong_is(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        values = {"job_role": "front-desk", "topic": "enroll", "on": date(2026, 11, 26), "note": " a  b "}
        token = uuid4()
        for _ in range(2):
            SupportContact.log(classroom.rollout, **values, minutes=6, token=token, by=classroom.manager)
        assert [(row.minutes, row.note) for row in SupportContact.objects.all()] == [(6, "a b")]
        assert Event.objects.filter(action="support.logged").count() == 1
        with pytest.raises(NotLogged, match="1 to 240 minutes, not 0"):
            SupportContact.log(classroom.rollout, **values, minutes=0, token=uuid4(), by=classroom.manager)
        assert SupportContact.objects.count() == 1


def test_a_superuser_logs_on_the_phone_and_a_manager_sees_where_the_minutes_went(
    classroom: Classroom, client_of: ClientOf
) -> None:
    with scope(classroom.world.host.pk):
        user = superuser(classroom)
    client = client_of(user)
    assert "Log help" in client.get("/o/host/learning/").content.decode()
    sent = {
        "rollout": str(DEPLOYMENT),
        "job_role": "prescriber",
        "topic": "risk",
        "minutes": "12",
        "token": str(uuid4()),
    }
    assert client.post("/o/host/learning/support/", sent).status_code == 302
    refused = client.post("/o/host/learning/support/", {**sent, "minutes": "900", "token": str(uuid4())})
    assert refused.status_code == 422
    seen = client_of(classroom.world.manager).get("/o/host/training/support/").content.decode()
    assert "12 minutes logged" in seen
    assert "Risk protocol" in seen
    # A prescriber is no superuser: the page offers no place, and the address takes none.
    learner = client_of(classroom.world.learner)
    assert "Superusers log here" in learner.get("/o/host/learning/support/").content.decode()
    assert learner.post("/o/host/learning/support/", {**sent, "token": str(uuid4())}).status_code == 422
    with scope(classroom.world.host.pk):
        assert SupportContact.objects.count() == 1


def test_a_shift_is_short_until_enough_certified_superusers_stand_by(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        assert short() is None
        Shift.plan(
            classroom.rollout, "Evening", users=11, superusers=[classroom.world.learner.pk], by=classroom.manager
        )
        state_training([DEPLOYMENT])
        assert short() == 1
        [found] = shifts_of([classroom.rollout], coverage_of([DEPLOYMENT]))[DEPLOYMENT]
        assert (found.needed, found.certified, found.short, found.ratio) == (2, 0, 2, "none")


def test_a_shift_of_the_same_name_is_changed_and_one_taken_out_counts_no_more(
    classroom: Classroom, client_of: ClientOf
) -> None:
    client, address = client_of(classroom.world.manager), f"/o/host/training/deployments/{DEPLOYMENT}/shifts/"
    for users in ("8", "8", "9"):
        assert client.post(address, {"name": "Evening", "users": users}).status_code == 302
    with scope(classroom.world.host.pk):
        shift = Shift.objects.get()
        assert (shift.users, short()) == (9, 1)
        assert Event.objects.filter(action="shift.planned").count() == 2
    assert "1 shift short" in client.get("/o/host/training/").content.decode()
    client.post(f"/o/host/training/shifts/{shift.pk}/end/")
    with scope(classroom.world.host.pk):
        fact = Fact.objects.about(DEPLOYMENT).filter(kind="training.shifts_short_of_superusers").current().get()
        assert fact.valid_until == fact.observed_at


def test_every_record_is_one_file_with_what_counts_today(classroom: Classroom, client_of: ClientOf) -> None:
    address = "/o/host/training/records.csv"
    with scope(classroom.world.host.pk):
        classroom.pass_lessons()
        attest(classroom.assignment, typed_name="Prescriber Host", address=None, device="", by=classroom.learner)
        user = person("=cmd@host.example", "=HYPERLINK(1)")
        Membership.add(user, roles=["learner"], by=Actor.system("test"))
        enroll(user, job_role="prescriber", site=classroom.site, started_on=date(2026, 11, 1), by=classroom.manager)
    answer = client_of(classroom.world.manager).get(address)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = sorted(csv.DictReader(io.StringIO(text)), key=lambda row: row["State"], reverse=True)
    assert [(row["Person"], row["State"]) for row in rows] == [
        ("Prescriber Host", "passed"),
        ("'=HYPERLINK(1)", "open"),
    ]
    assert rows[0]["How"] == "passed"
    assert client_of(classroom.world.learner).get(address).status_code == 403
    assert client_of(classroom.world.stranger).get(address).status_code == 404
