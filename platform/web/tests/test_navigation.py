"""The sidebar shows what the person may open, and nothing else."""

from types import SimpleNamespace

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from web import navigation
from web.navigation import ADMIN, ORGANIZATION, WORK, Entry


@pytest.fixture(autouse=True)
def entries(monkeypatch: pytest.MonkeyPatch, settings: object) -> None:
    monkeypatch.setattr(navigation, "_entries", {})
    settings.ROOT_URLCONF = "web.tests.urls"  # type: ignore[attr-defined]
    navigation.register(
        Entry(ADMIN, "Audit log", "shield", "audit", "audit.read"),
        Entry(WORK, "Portfolio", "grid", "portfolio", "deployment.read", order=20, tab=True, key="p"),
        Entry(WORK, "Inbox", "inbox", "inbox", order=10, tab=True, key="i"),
        Entry(ORGANIZATION, "Sites", "bank", "sites", "site.read"),
        Entry(ORGANIZATION, "Nowhere", "bank", "not-installed"),
    )


def ask(path: str, *permissions: str, organization: bool = True) -> HttpRequest:
    request = RequestFactory().get(path)
    request.organization = (
        SimpleNamespace(slug="riverbend", name="Riverbend Community Health") if organization else None
    )
    request.permissions = frozenset(permissions)
    return request


def shown(request: HttpRequest) -> dict[str, list[str]]:
    return {section.title: [link.title for link in section.links] for section in navigation.sections(request)}


def test_who_may_nothing_sees_only_what_is_for_everybody() -> None:
    assert shown(ask("/o/riverbend/inbox")) == {"My work": ["Inbox"]}


def test_sections_and_entries_stand_in_their_order_under_the_organizations_name() -> None:
    assert shown(ask("/o/riverbend/inbox", "deployment.read", "site.read", "audit.read")) == {
        "My work": ["Inbox", "Portfolio"],
        "Riverbend Community Health": ["Sites"],
        "Admin": ["Audit log"],
    }


def test_an_entry_whose_page_does_not_exist_is_left_out() -> None:
    assert "Nowhere" not in str(shown(ask("/o/riverbend/inbox", "site.read")))


def test_one_entry_is_the_current_one_also_below_its_address() -> None:
    links = navigation.sections(ask("/o/riverbend/portfolio/waves", "deployment.read"))[0].links
    assert [(link.title, link.current) for link in links] == [("Inbox", False), ("Portfolio", True)]


def test_an_address_that_only_begins_alike_is_not_the_current_one() -> None:
    links = navigation.sections(ask("/o/riverbend/portfolio-archive", "deployment.read"))[0].links
    assert [link.current for link in links] == [False, False]


def test_outside_an_organization_there_is_no_navigation() -> None:
    assert shown(ask("/me/", "deployment.read", organization=False)) == {}


def test_an_unknown_section_is_refused_and_nothing_is_registered() -> None:
    before = navigation.registered()
    with pytest.raises(ValueError, match="'Inbx' names the unknown section 'Works'"):
        navigation.register(Entry("Works", "Inbx", "inbox", "inbox"))
    assert navigation.registered() == before
