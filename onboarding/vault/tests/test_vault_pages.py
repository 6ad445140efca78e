"""The vault's pages: adding, finding, reading, reviewing, and the item panel that uses it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import Event
from onboarding.deployments.models import Evidence, Item
from onboarding.vault.models import Paper
from onboarding.vault.tests.shelf import paper
from tenancy.scope import scope
from testing.scenes import Scene

ClientOf = Callable[[User], Client]
VAULT = "/o/host/vault/"


def there() -> date:
    """Today where the pages are read."""
    return timezone.localdate(timezone=ZoneInfo("America/New_York"))


def form(scene: Scene, **more: object) -> dict[str, object]:
    return {"title": "Risk analysis", "owner": str(scene.world.contributor.pk), "mapped": ["safe-use/ai"], **more}


def test_a_document_and_an_answer_are_added(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.contributor)
    until = there() + timedelta(days=100)
    document = form(scene, file=SimpleUploadedFile("risk.txt", b"Risks"), valid_until=until.isoformat())
    assert client.post(f"{VAULT}new/", document).status_code == 302
    answer = form(scene, title="Backups", question="How are backups tried?", words="Once a month.", unfinished="on")
    assert client.post(f"{VAULT}new/?kind=answer", answer).status_code == 302
    with scope(scene.world.host.pk):
        risk, backups = Paper.objects.order_by("-title")
        assert (risk.state, risk.valid_until, risk.owner_id) == ("ready", until, scene.world.contributor.pk)
        assert (backups.kind, backups.state) == ("answer", "not_ready")
        assert backups.version(1).answer == {"question": "How are backups tried?", "words": "Once a month."}


def test_a_past_date_and_a_program_are_refused_and_nothing_is_kept(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.contributor)
    yesterday = there() - timedelta(days=1)
    late = client.post(
        f"{VAULT}new/", form(scene, file=SimpleUploadedFile("a.txt", b"x"), valid_until=yesterday.isoformat())
    )
    assert (late.status_code, "This day is past" in late.content.decode()) == (422, True)
    program = client.post(f"{VAULT}new/", form(scene, file=SimpleUploadedFile("a.exe", b"MZ\x00")))
    assert (program.status_code, "cannot be stored" in program.content.decode()) == (422, True)
    with scope(scene.world.host.pk):
        assert not Paper.objects.exists()


def test_every_reading_of_a_file_is_written_down_and_shown(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        made = paper(scene.manager)
    client = client_of(scene.world.auditor)
    answer = client.get(f"{VAULT}{made.pk}/versions/1")
    assert b"".join(answer.streaming_content) == b"Assurance report, first version"
    assert answer["Content-Disposition"].startswith("attachment")
    assert client.get(f"{VAULT}{made.pk}/versions/2").status_code == 404
    with scope(scene.world.host.pk):
        opened = Event.objects.get(action="paper.opened")
        assert (opened.actor_id, opened.data["version"]) == (scene.world.auditor.pk, 1)
    assert "opened version 1" in client.get(f"{VAULT}{made.pk}/").content.decode()


def test_reviewing_needs_the_right_to_and_a_reason(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        made = paper(scene.manager, approved=False)
    place = f"{VAULT}{made.pk}/"
    for verb in ("approve", "flag", "revoke"):
        assert client_of(scene.world.contributor).post(place + verb, {"reason": "x"}).status_code == 403
    client = client_of(scene.world.manager)
    assert client.post(place + "flag", {"reason": ""}).status_code == 422
    assert client.post(place + "approve").status_code == 302
    assert client.post(place + "unready").status_code == 422
    with scope(scene.world.host.pk):
        assert Paper.objects.get().state == "approved"


def test_the_list_is_narrowed_by_the_address(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        paper(scene.manager, "Insurance", mapped=["vendor-assurance/insurance"])
        paper(scene.manager, "Penetration test", approved=False)
        soon = there() + timedelta(days=20)
        paper(scene.manager, "Attestation", valid_until=soon)
    client = client_of(scene.world.manager)

    def listed(query: str) -> list[str]:
        text = client.get(VAULT + query).content.decode()
        return [title for title in ("Attestation", "Insurance", "Penetration test") if f">{title}</a>" in text]

    assert listed("") == ["Attestation", "Insurance", "Penetration test"]
    assert listed("?show=review") == ["Penetration test"]
    assert listed("?show=expiring") == ["Attestation"]
    assert listed("?set=vendor-assurance") == ["Insurance"]
    assert listed("?q=insur") == ["Insurance"]
    assert "No paper matches" in client.get(f"{VAULT}?q=nothing").content.decode()
    assert "Expires in 20 days" in client.get(VAULT).content.decode()


def test_the_item_panel_offers_what_fits_first_and_uses_it(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        item = scene.item("vendor-security-review")
        kind = item.required_evidence[0]["key"]
        paper(scene.manager, "A plan")
        fits = paper(scene.manager, "Review of the vendor", shows=f"{item.key}/{kind}")
    client = client_of(scene.world.manager)
    place = f"/o/host/deployments/{scene.deployment.pk}/items/{item.number}/"
    text = client.get(place).content.decode()
    assert text.index("Fits this item") < text.index("Review of the vendor") < text.index("All other papers")
    assert client.post(f"{place}evidence/use", {"paper": str(fits.pk), "wanted_key": "nothing"}).status_code == 422
    assert client.post(f"{place}evidence/use", {"paper": str(item.pk), "wanted_key": kind}).status_code == 422
    with scope(scene.world.host.pk):
        assert not Evidence.objects.exists()
    assert client.post(f"{place}evidence/use", {"paper": str(fits.pk), "wanted_key": kind}).status_code == 302
    assert "of the vault, version 1" in client.get(place).content.decode()
    assert f"#{item.number} " in client.get(f"{VAULT}{fits.pk}/").content.decode()


def test_a_file_can_be_kept_in_the_vault_as_it_is_given(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        kind = scene.item("interest-recorded").required_evidence[0]["key"]
    data = {"file": SimpleUploadedFile("note.txt", b"Found"), "wanted_key": kind, "keep": "on"}
    client_of(scene.world.contributor).post(f"/o/host/deployments/{scene.deployment.pk}/items/1/evidence", data)
    with scope(scene.world.host.pk):
        assert Evidence.objects.get().paper_id == Paper.objects.get().pk


def test_a_partner_sees_used_papers_only_as_marked_evidence(scene: Scene, client_of: ClientOf) -> None:
    scene.share()
    with scope(scene.world.host.pk):
        item = Item.objects.filter(owner="VEN", deployment=scene.deployment).order_by("number")[0]
        evidence = Evidence.use(item, paper(scene.manager, "Terms of the deal"), by=scene.manager)
    client = client_of(scene.world.vendor_manager)
    place = f"/o/host/deployments/{scene.deployment.pk}/"
    assert "assurance report.txt" not in client.get(f"{place}items/{item.number}/").content.decode()
    assert client.get(f"{place}evidence/{evidence.pk}/1").status_code == 404
    with scope(scene.world.host.pk):
        evidence.mark_for_partners(True, by=scene.manager)
    text = client.get(f"{place}items/{item.number}/").content.decode()
    assert "assurance report.txt" in text
    assert "Terms of the deal" not in text
    assert client.post(f"{place}items/{item.number}/evidence/use", {"paper": str(evidence.paper_id)}).status_code == 403


def test_the_pages_cost_the_same_for_few_and_for_many(
    scene: Scene, client_of: ClientOf, django_assert_max_num_queries: Any
) -> None:
    client = client_of(scene.world.manager)

    def cost() -> tuple[int, int, int]:
        counts = []
        for place in ("", "controls/", f"{first.pk}/"):
            with django_assert_max_num_queries(40) as seen:
                assert client.get(VAULT + place).status_code == 200
            counts.append(len(seen.captured_queries))
        return counts[0], counts[1], counts[2]

    with scope(scene.world.host.pk):
        first = paper(scene.manager, mapped=["safe-use/ai"])
        items = list(Item.objects.filter(deployment=scene.deployment, completed_by_gate=False)[:30])
        Evidence.use(items[0], first, by=scene.manager)
    cost()
    few = cost()
    with scope(scene.world.host.pk):
        for number, item in enumerate(items[1:]):
            paper(scene.manager, f"Paper {number}", mapped=["safe-use/ai"])
            Evidence.use(item, first, by=scene.manager)
            first.renew(_next(number), by=scene.manager)
    assert cost() == few


def _next(number: int) -> Any:
    from onboarding.vault.tests.shelf import stored

    return stored(text=f"Version {number}")
