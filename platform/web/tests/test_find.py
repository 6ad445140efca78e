"""Find anything asks only what the person may see, and shows what people typed as text."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client

from access.permissions import Permission
from accounts.models import User
from testing.cast import World
from web import find
from web.find import Hit, Source

ClientOf = Callable[[User], Client]


@pytest.fixture(autouse=True)
def sources(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two sources: sites for those who may read them, courses for everybody. Returns who was asked for what."""
    monkeypatch.setattr(find, "_sources", {})
    asked: list[str] = []

    def sites(request: HttpRequest, words: list[str]) -> Iterable[Hit]:
        asked.append(f"sites {words}")
        for number in range(20):
            yield Hit(f"Main Street {number}", f"/sites/{number}", "Clinic")

    def courses(request: HttpRequest, words: list[str]) -> Iterable[Hit]:
        asked.append(f"courses {words}")
        yield Hit("<b>When item 9 is above zero</b>", "/courses/1")

    find.register(Source("Sites", "bank", sites, Permission.SITE_READ, order=10), Source("Courses", "book", courses))
    return asked


def test_found_things_are_grouped_and_cut_off_at_eight(world: World, client_of: ClientOf) -> None:
    text = client_of(world.owner).get(f"/o/{world.host.slug}/find", {"q": "main street"}).content.decode()
    assert text.count('href="/sites/') == 8
    assert "first 8" in text
    assert "&lt;b&gt;When item 9 is above zero&lt;/b&gt;" in text


def test_a_source_is_not_even_asked_for_somebody_who_may_not_see_it(
    world: World, client_of: ClientOf, sources: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.middleware.permissions_of", lambda roles, part: frozenset())
    text = client_of(world.learner).get(f"/o/{world.host.slug}/find", {"q": "main"}).content.decode()
    assert sources == ["courses ['main']"]
    assert "Main Street" not in text


def test_one_letter_asks_nobody(world: World, client_of: ClientOf, sources: list[str]) -> None:
    text = client_of(world.owner).get(f"/o/{world.host.slug}/find", {"q": "m"}).content.decode()
    assert sources == []
    assert "at least two letters" in text


def test_htmx_gets_the_list_alone(world: World, client_of: ClientOf) -> None:
    text = (
        client_of(world.owner)
        .get(f"/o/{world.host.slug}/find", {"q": "main"}, headers={"HX-Request": "true"})
        .content.decode()
    )
    assert text.strip().startswith('<div id="results"')


def test_nothing_found_repeats_the_words_as_text(
    world: World, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find, "_sources", {})
    text = client_of(world.owner).get(f"/o/{world.host.slug}/find", {"q": "<script>x"}).content.decode()
    assert "“&lt;script&gt;x”" in text
    assert "<script>x" not in text


def test_a_stranger_gets_the_404_of_every_missing_page(world: World, client_of: ClientOf, sources: list[str]) -> None:
    answer = client_of(world.stranger).get(f"/o/{world.host.slug}/find", {"q": "main"})
    assert answer.status_code == 404
    assert sources == []


def test_what_cannot_be_put_right_ends_the_looking(
    world: World, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []
    close = find.get_close_matches

    def comparing(word: str, *rest: Any, **named: Any) -> list[str]:
        compared.append(word)
        return close(word, *rest, **named)

    def nothing(request: HttpRequest, words: list[str]) -> Iterable[Hit]:
        return ()

    def names(request: HttpRequest, most: int) -> Iterable[str]:
        return ["Security review", "Business agreement"]

    monkeypatch.setattr(find, "get_close_matches", comparing)
    monkeypatch.setattr(find, "_sources", {})
    find.register(Source("Items", "list", nothing, names=names))
    client = client_of(world.owner)
    right = client.get(f"/o/{world.host.slug}/find", {"q": "secruity reviwe"}).content.decode()
    assert "This has “security review”" in right
    assert compared == ["secruity", "reviwe"]
    client.get(f"/o/{world.host.slug}/find", {"q": "xylophone secruity reviwe"})
    assert compared == ["secruity", "reviwe", "xylophone"]
