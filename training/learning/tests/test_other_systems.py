"""Completions of a hospital's own learning system, and access lists that a directory pushes."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from api.tests.callers import caller
from audit.models import Event
from facts.models import Fact
from tenancy.scope import scope
from training.learning.actions.import_completions import guess, judge, lines_of, take
from training.learning.models import AccessList, Completion, ExternalRecord, LmsImport
from training.learning.models.lms_import import WrongMoment
from training.learning.tests.classroom import DEPLOYMENT, Classroom

ClientOf = Callable[[User], Client]
KEY = "prescriber-risk-protocol"
HEAD = "Employee E-mail;Course Name;Completion Date;Record ID\n"


def file(*rows: str) -> str:
    return HEAD + "\n".join(rows) + "\n"


def begun(classroom: Classroom, text: str) -> LmsImport:
    columns = {"email": "employeeemail", "course": "coursename", "completed": "completiondate", "id": "recordid"}
    found = LmsImport.begin(text, source="HealthStream", file_name="done.csv", columns=columns, by=classroom.manager)
    found.map(columns=columns, courses={"PHQ-9 safety": KEY}, by=classroom.manager)
    return found


def weeks_ago(count: int) -> date:
    return timezone.localdate() - timedelta(weeks=count)


def taken(classroom: Classroom, found: LmsImport) -> list[str]:
    lines = lines_of(found)
    return [one.says for one in take(lines, source=found.source, courses=found.courses, by=classroom.manager, lms_import=found)]  # fmt: skip


def test_a_dry_run_says_what_becomes_of_each_row_and_writes_nothing(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        found = begun(
            classroom,
            file(
                f"prescriber@host.example;PHQ-9 safety;{weeks_ago(4):%m/%d/%Y};a1",
                f"prescriber@host.example;PHQ-9 safety;{weeks_ago(4):%m/%d/%Y};a1",
                "prescriber@host.example;Fire safety;2026-01-05;a2",
                "locum@host.example;PHQ-9 safety;2026-01-05;a3",
                "prescriber@host.example;PHQ-9 safety;soon;a4",
                f"prescriber@host.example;PHQ-9 safety;{weeks_ago(60):%m/%d/%Y};a5",
                "prescriber@host.example;PHQ-9 safety;2099-01-05;a6",
            ),
        )
        before = Event.objects.count()
        says = [one.says for one in judge(lines_of(found), source=found.source, courses=found.courses)]
        assert says[:2] == ["new", "known"]
        assert says[2] == "“Fire safety” is not mapped to a course here"
        assert says[3].startswith("locum@host.example does not have to take ")
        assert says[4] == "“soon” is no date"
        assert says[5].startswith("ran out on ")
        assert says[6] == "2099-01-05 is in the future"
        assert (Completion.objects.count(), Event.objects.count()) == (0, before)


def test_what_is_taken_counts_keeps_its_row_and_is_taken_once(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        row = f"prescriber@host.example;PHQ-9 safety;{weeks_ago(4):%Y-%m-%d};a1"
        first = begun(classroom, file(row))
        assert taken(classroom, first) == ["new"]
        completion = Completion.objects.get()
        assert (completion.kind, completion.passed_at.date()) == ("imported", weeks_ago(4))
        assert completion.expires_on == weeks_ago(4).replace(year=weeks_ago(4).year + 1)
        kept = ExternalRecord.objects.get()
        assert (kept.source, kept.external_id, kept.lms_import_id, kept.row["recordid"]) == ("HealthStream", "a1", first.pk, "a1")  # fmt: skip
        assert Fact.objects.about(DEPLOYMENT).filter(kind="training.coverage").current().get().value == 1
        with pytest.raises(WrongMoment, match="taken already"):
            taken(classroom, first)
        assert taken(classroom, begun(classroom, file(row))) == ["known"]
        assert Completion.objects.count() == 1


def test_the_columns_are_guessed_and_the_courses_remembered(classroom: Classroom) -> None:
    assert guess(["emailaddress", "coursename", "completiondate", "recordid"])["completed"] == "completiondate"
    with scope(classroom.world.host.pk):
        taken(classroom, begun(classroom, file(f"prescriber@host.example;PHQ-9 safety;{weeks_ago(4)};a1")))
        again = LmsImport.begin(
            "email\nx\n", source="HealthStream", file_name="b.csv", columns={}, by=classroom.manager
        )
        assert again.courses == {"PHQ-9 safety": KEY}


def test_a_manager_uploads_maps_looks_and_takes(classroom: Classroom, client_of: ClientOf) -> None:
    client, place = client_of(classroom.world.manager), "/o/host/training/other-systems/"
    text = f"email,course name,completed on\nprescriber@host.example,PHQ-9 safety,{weeks_ago(2)}\n"
    sent = client.post(place, {"source": "HealthStream", "file": SimpleUploadedFile("d.csv", text.encode())})
    assert sent.status_code == 302
    address = sent.headers["Location"]
    assert "not mapped to a course here" in client.get(address).content.decode()
    mapping = {"column-email": "email", "column-course": "coursename", "column-completed": "completedon"}
    client.post(address, {**mapping, "theirs": "PHQ-9 safety", "ours": KEY})
    assert "Take 1 completion" in client.get(address).content.decode()
    assert client.get(f"{address}?as=csv").status_code == 200
    client.post(f"{address}decision/", {"decision": "take"})
    assert client_of(classroom.world.learner).get(place).status_code == 403
    with scope(classroom.world.host.pk):
        assert (Completion.objects.count(), LmsImport.objects.get().counts) == (1, {"new": 1, "known": 0, "problem": 0})


@pytest.fixture
def call(classroom: Classroom) -> Callable[..., Any]:
    return caller(classroom.world, classroom.world.manager).post


def test_the_api_takes_completions_after_a_dry_run_and_only_once(
    classroom: Classroom, call: Callable[..., Any]
) -> None:
    body = {"source": "Cornerstone", "completions": [
        {"id": "7", "email": "prescriber@host.example", "course": KEY, "completed_on": weeks_ago(1).isoformat()},
        {"id": "8", "email": "prescriber@host.example", "course": "nope", "completed_on": weeks_ago(1).isoformat()},
    ]}  # fmt: skip
    assert [row["result"] for row in call("completions?dry_run=true", body).json()] == ["new", "problem"]
    with scope(classroom.world.host.pk):
        assert not Completion.objects.exists()
    assert [row["result"] for row in call("completions", body).json()] == ["new", "problem"]
    assert [row["result"] for row in call("completions", body).json()] == ["known", "problem"]
    with scope(classroom.world.host.pk):
        assert Completion.objects.get().kind == "imported"


def test_a_directory_pushes_who_has_access_and_the_fact_follows(classroom: Classroom, call: Callable[..., Any]) -> None:
    body = {
        "deployment_id": str(DEPLOYMENT),
        "source": "Entra",
        "emails": ["prescriber@host.example", "locum@x.example"],
    }
    answer = call("access-lists", body)
    assert (answer.status_code, answer.json()["people"], answer.json()["without_training"]) == (201, 2, 2)
    call("access-lists", body)
    with scope(classroom.world.host.pk):
        assert AccessList.objects.count() == 1
        fact = Fact.objects.about(DEPLOYMENT).filter(kind="training.access_without_training").current().get()
        assert fact.value == 2


def test_the_api_maps_their_names_of_courses_and_says_where_a_completion_comes_from(
    classroom: Classroom, call: Callable[..., Any]
) -> None:
    row = {
        "id": "7",
        "email": "prescriber@host.example",
        "course": "PHQ-9 safety",
        "completed_on": weeks_ago(1).isoformat(),
    }
    body = {"source": "Cornerstone", "completions": [row]}
    assert [one["result"] for one in call("completions?dry_run=true", body).json()] == ["problem"]
    mapped = {**body, "courses": {"PHQ-9 safety": KEY}}
    assert [one["result"] for one in call("completions?dry_run=true", mapped).json()] == ["new"]
    assert [one["result"] for one in call("completions", mapped).json()] == ["new"]
    program = caller(classroom.world, classroom.world.manager)
    [completion] = program.get("completions").json()["results"]
    [said] = completion["provenance"]
    assert (said["source"], said["external_id"], said["row"]) == ("Cornerstone", "7", row)
    with scope(classroom.world.host.pk):
        fact = Fact.objects.about(DEPLOYMENT).filter(kind="training.coverage").current().get()
        assert fact.value == 1
