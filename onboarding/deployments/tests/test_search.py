"""Finding things: the attacks first. Nothing is found that its page would not show."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from onboarding.deployments.models import Comment, Evidence, Item
from onboarding.deployments.portfolio import rebuild
from onboarding.deployments.tests.test_checklist_page import counted
from onboarding.logbook.models import LogEntry
from onboarding.vault.files import store
from onboarding.vault.tests.shelf import paper
from tenancy.scope import scope
from testing.scenes import Scene
from web import find

ClientOf = Callable[[User], Client]
PARTNERS = ["vendor_manager", "hub_manager", "funder_manager"]


@pytest.fixture
def full(scene: Scene) -> Scene:
    """A shared deployment with remarks and evidence that not everybody may see."""
    scene.share()
    with scope(scene.world.host.pk):
        by = scene.by(scene.world.contributor)
        vendors = Item.objects.filter(owner="VEN").order_by("number")[0]
        hosts = scene.item("interest-recorded")
        Comment.add(vendors, body="Zebrafish: the vendor is late again", by=by, internal=True)
        Comment.add(vendors, body="Quokka for everybody on this item", by=by)
        Comment.add(hosts, body="Narwhal stays on the host's own item", by=by)
        closed = store(scene.world.host.pk, "closed.txt", [b"closed"])
        Evidence.give(vendors, closed, by=by, wanted_key="")
        Evidence.objects.update(title="Ocelot agreement")
        paper(scene.manager, "Pangolin report")
        LogEntry.write(
            program=scene.program, deployment=scene.deployment, kind="decision", title="Axolotl first", by=scene.manager
        )
        rebuild()
    return scene


def found(client: Client, words: str, org: str = "host") -> str:
    answer = client.get(f"/o/{org}/find", {"q": words})
    assert answer.status_code == 200
    return answer.content.decode().split('id="results"', 1)[1].split("</main>", 1)[0]


@pytest.mark.parametrize("partner", PARTNERS)
def test_an_internal_remark_is_found_by_no_partner(full: Scene, client_of: ClientOf, partner: str) -> None:
    text = found(client_of(getattr(full.world, partner)), "zebrafish")
    assert "vendor is late" not in text
    assert "vendor is late" in found(client_of(full.world.manager), "zebrafish")


def test_a_vendor_finds_remarks_of_its_own_items_alone(full: Scene, client_of: ClientOf) -> None:
    client = client_of(full.world.vendor_manager)
    assert "Quokka" in found(client, "quokka")
    assert "Narwhal stays" not in found(client, "narwhal")
    assert "Narwhal stays" in found(client_of(full.world.hub_manager), "narwhal")


@pytest.mark.parametrize("words", ["quokka", "narwhal", "interest", "#1", "ocelot"])
def test_a_funder_finds_neither_items_nor_remarks_nor_evidence(full: Scene, client_of: ClientOf, words: str) -> None:
    text = found(client_of(full.world.funder_manager), words)
    assert "/items/" not in text


@pytest.mark.parametrize("partner", PARTNERS)
def test_evidence_that_is_not_open_to_partners_is_not_found(full: Scene, client_of: ClientOf, partner: str) -> None:
    assert "Ocelot agreement" not in found(client_of(getattr(full.world, partner)), "ocelot")
    with scope(full.world.host.pk):
        Evidence.objects.update(for_partners=True)
    if partner != "funder_manager":
        assert "Ocelot agreement" in found(client_of(getattr(full.world, partner)), "ocelot")


@pytest.mark.parametrize("words", ["pangolin", "axolotl", "pangolni"])
def test_papers_of_the_vault_and_the_log_are_found_by_the_hosts_people_alone(
    full: Scene, client_of: ClientOf, words: str
) -> None:
    assert "data-row" in found(client_of(full.world.manager), words)
    for partner in PARTNERS:
        assert "data-row" not in found(client_of(getattr(full.world, partner)), words)


@pytest.mark.parametrize("partner", PARTNERS)
def test_a_partner_finds_neither_the_hosts_people_nor_its_sites(full: Scene, client_of: ClientOf, partner: str) -> None:
    client = client_of(getattr(full.world, partner))
    assert "Analyst Host" not in found(client, "analyst")
    assert "/sites/" not in found(client, "main")
    assert "Analyst Host" in found(client_of(full.world.manager), "analyst")


def test_nothing_of_a_deployment_is_found_once_its_share_is_withdrawn(full: Scene, client_of: ClientOf) -> None:
    client = client_of(full.world.vendor_manager)
    assert "Quokka" in found(client, "quokka")
    with scope(full.world.host.pk):
        full.deployment.withdraw_share(full.world.vendor, by=full.manager)
    assert client.get("/o/host/find", {"q": "quokka"}).status_code == 404


def test_another_organization_finds_nothing_of_this_one(full: Scene, client_of: ClientOf) -> None:
    client = client_of(full.world.stranger)
    for words in ("quokka", "stillwater", "main", "ocelot", "analyst"):
        text = found(client, words, "elsewhere")
        assert "/items/" not in text
        assert "/o/host/" not in text


def test_a_learner_finds_no_items(full: Scene, client_of: ClientOf) -> None:
    text = found(client_of(full.world.learner), "interest")
    assert "/items/" not in text


@pytest.mark.parametrize("words", ["sec rev", "SECURITY", "#61", "61", "write", "secur main"])
def test_the_beginnings_of_words_find_items(full: Scene, client_of: ClientOf, words: str) -> None:
    assert "/items/" in found(client_of(full.world.manager), words)


@pytest.mark.parametrize(
    ("slip", "right"),
    [
        ("secruity reveiw", "security review"),
        ("SECURTY", "security"),
        ("Main Steet", "main street"),
        ("anaylst", "analyst"),
    ],
)
def test_a_slip_is_put_right_where_nothing_has_it(full: Scene, client_of: ClientOf, slip: str, right: str) -> None:
    text = found(client_of(full.world.manager), slip)
    assert f"Nothing has “{slip}” in its name. This has “{right}”." in text
    assert "data-row" in text


@pytest.mark.parametrize("words", ["security", "zzzzzz", "sec", "secz", "9999"])
def test_what_is_right_and_what_is_like_nothing_stays_as_it_is(full: Scene, client_of: ClientOf, words: str) -> None:
    assert "This has" not in found(client_of(full.world.manager), words)


@pytest.mark.parametrize(
    ("who", "slip"),
    [
        ("vendor_manager", "ocelto"),
        ("funder_manager", "securtiy"),
        ("vendor_manager", "anaylst"),
        ("learner", "securtiy"),
    ],
)
def test_no_slip_is_put_right_by_the_name_of_what_one_may_not_see(
    full: Scene, client_of: ClientOf, who: str, slip: str
) -> None:
    assert "This has" not in found(client_of(getattr(full.world, who)), slip)


@pytest.mark.parametrize(
    "words", ["a' & b:*", "!!! |", "main\\", "<-> foo", "'; drop table", "%_", ":* :*", "\u0000ab"]
)
def test_odd_words_find_nothing_and_break_nothing(full: Scene, client_of: ClientOf, words: str) -> None:
    found(client_of(full.world.manager), words)


def test_a_deployment_of_a_partner_is_found_at_home(full: Scene, client_of: ClientOf) -> None:
    text = found(client_of(full.world.vendor_manager), "stillwater main", "vendor")
    assert f"/o/host/deployments/{full.deployment.pk}/" in text


def test_it_takes_as_many_statements_for_many_deployments_as_for_one(full: Scene, client_of: ClientOf) -> None:
    client = client_of(full.world.manager)
    found(client, "security")
    with CaptureQueriesContext(connection) as captured:
        found(client, "security")
    assert len(counted(captured)) <= 20, "\n".join(counted(captured))


def test_the_palette_offers_places_actions_and_the_pages_of_this_deployment(full: Scene, client_of: ClientOf) -> None:
    here = f"/o/host/deployments/{full.deployment.pk}/items/1/"
    client = client_of(full.world.manager)
    answer = client.get("/o/host/find", {"q": "", "here": here}, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert text.strip().startswith('<div id="palette-found"')
    for wanted in ("Go to", "Portfolio", "Start a program", "Move go-live", "Gates"):
        assert wanted in text
    other = client_of(full.world.contributor).get("/o/host/find", {"here": here}, headers={"HX-Request": "true"})
    assert "Start a program" not in other.content.decode()
    assert "Move go-live" not in other.content.decode()


@pytest.mark.parametrize("here", ["/o/elsewhere/", "https://elsewhere.example/", "/o/host/deployments/x/", "//", ""])
def test_a_made_up_place_yields_nothing_of_its_own(full: Scene, client_of: ClientOf, here: str) -> None:
    answer = client_of(full.world.manager).get("/o/host/find", {"here": here}, headers={"HX-Request": "true"})
    assert "On this page" not in answer.content.decode()


def test_of_names_no_more_are_read_than_slips_are_put_right_by(
    full: Scene, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find, "MOST_NAMES", 7)
    client = client_of(full.world.owner)
    with CaptureQueriesContext(connection) as captured:
        found(client, "zzzzzz")
    bounded = [one for one in captured.captured_queries if one["sql"].endswith("LIMIT 7")]
    assert len(bounded) == sum(source.names is not None for source in find._sources.values()) == 6
