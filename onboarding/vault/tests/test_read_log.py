"""Who saw what: each opening leaves one event, shown by paper and by person, and nobody takes it back."""

from collections.abc import Callable

import pytest
from django.db import transaction
from django.db.utils import ProgrammingError
from django.test import Client

from accounts.models import User
from api.tests.callers import caller
from audit import vocabulary
from audit.models import Event
from onboarding.golive.models import GateReview
from onboarding.golive.tests.test_go_live import sign_go
from onboarding.vault.tests.shelf import paper, stored
from tenancy.scope import scope
from testing.scenes import Scene

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]
READS = "/o/host/admin/audit/reads/"


def test_what_counts_as_a_reading_is_declared() -> None:
    assert vocabulary.readings() == [
        "assurance.pack_opened", "decommission.certificate_opened", "evidence.opened", "gate_review.pack_opened",
        "gate_review.record_opened", "paper.opened",
    ]  # fmt: skip


@pytest.mark.asvs("V16.3.2")
def test_an_opening_stands_by_paper_and_by_person(scene: Scene, client_of: ClientOf) -> None:
    world = scene.world
    with scope(world.host.pk):
        seen = paper(scene.manager, "Business associate agreement")
        other = paper(scene.manager, "Penetration test")
    assert b"".join(client_of(world.contributor).get(f"/o/host/vault/{seen.pk}/versions/1"))  # type: ignore[arg-type]
    assert b"".join(client_of(world.manager).get(f"/o/host/vault/{other.pk}/versions/1"))  # type: ignore[arg-type]
    auditor = client_of(world.auditor)
    by_paper = auditor.get(READS, {"object": seen.pk}).content.decode()
    assert "opened version 1 of Business associate agreement" in by_paper
    assert "Penetration test" not in by_paper
    by_person = auditor.get(READS, {"who": world.contributor.pk}).content.decode()
    assert "Analyst Host" in by_person
    assert "Penetration test" not in by_person
    file = b"".join(auditor.get(READS, {"as": "csv"})).decode()  # type: ignore[arg-type]
    assert file.count("opened version 1") == 2
    assert client_of(world.manager).get(READS).status_code == 403


def test_words_that_stand_on_the_page_are_read_there(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        answer = paper(scene.manager, "Backups", approved=False, answer={"question": "Tried?", "words": "Monthly."})
        before = Event.objects.filter(action="paper.opened").count()
    client_of(scene.world.contributor).get(f"/o/host/vault/{answer.pk}/")
    with scope(scene.world.host.pk):
        assert Event.objects.filter(action="paper.opened").count() == before + 1


def test_words_that_a_program_reads_stand_there_with_how(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        answer = paper(scene.manager, "Backups", answer={"question": "Tried?", "words": "Monthly."})
        document = paper(scene.manager, "Agreement")
    program = caller(scene.world, scene.world.contributor)
    assert program.get(f"papers/{answer.pk}").json()["versions"][0]["answer"]["words"] == "Monthly."
    assert program.get(f"papers/{document.pk}").status_code == 200
    assert program.get("papers").status_code == 200
    with scope(scene.world.host.pk):
        [event] = Event.objects.filter(action="paper.opened")
    assert (event.subject_id, event.actor_kind, event.data["how"]) == (answer.pk, "token", "through the API")
    told = client_of(scene.world.auditor).get(READS).content.decode()
    assert "opened version 1 of Backups" in told
    assert "through the API" in told


def test_a_signed_record_that_a_program_reads_stands_there(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        sign_go(scene)
        review = GateReview.objects.get()
    program = caller(scene.world, scene.world.manager)
    assert program.get(f"deployments/{scene.deployment.pk}/gate-reviews").status_code == 200
    with scope(scene.world.host.pk):
        assert not Event.objects.filter(action="gate_review.record_opened").exists()
    assert program.get(f"gate-reviews/{review.pk}").json()["record"]
    with scope(scene.world.host.pk):
        [event] = Event.objects.filter(action="gate_review.record_opened")
    assert (event.subject_id, event.actor_kind, event.data["how"]) == (review.pk, "token", "through the API")


def test_an_opening_costs_one_statement(scene: Scene, django_assert_num_queries: Callable[..., object]) -> None:
    with scope(scene.world.host.pk):
        seen = paper(scene.manager, "Agreement")
        version, by = seen.versions.get(), scene.manager
        with django_assert_num_queries(1):  # type: ignore[attr-defined]
            seen.opened(version, by=by)


@pytest.mark.asvs("V16.4.2")
@pytest.mark.parametrize("attempt", ["delete", "update"])
def test_nobody_erases_that_something_was_read(scene: Scene, attempt: str) -> None:
    with scope(scene.world.host.pk):
        seen = paper(scene.manager, "Agreement")
        seen.opened(seen.versions.get(), by=scene.manager)
        reads = Event.objects.filter(action="paper.opened")
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            reads.delete() if attempt == "delete" else reads.update(actor_id=None)
        assert reads.count() == 1


def test_a_file_that_is_not_there_was_not_read(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        seen = paper(scene.manager, "Agreement")
        stored()
    assert client_of(scene.world.manager).get(f"/o/host/vault/{seen.pk}/versions/9").status_code == 404
    with scope(scene.world.host.pk):
        assert not Event.objects.filter(action="paper.opened").exists()
