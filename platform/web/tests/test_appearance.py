"""Theme, density and shortcuts are kept for the device; the way back leads nowhere else."""

import pytest
from django.test import Client


def test_a_choice_is_kept_and_shows_on_the_next_page() -> None:
    client = Client()
    answer = client.post("/appearance", {"theme": "dark", "next": "/offline?a=1"})
    assert (answer.status_code, answer["Location"]) == (302, "/offline?a=1")
    assert client.cookies["causeway_theme"]["httponly"]
    assert b'<html lang="en" data-theme="dark">' in client.get("/offline").content


def test_density_and_shortcuts_travel_the_same_way() -> None:
    client = Client()
    client.post("/appearance", {"density": "compact", "keys": "off"})
    assert b'data-density="compact" data-keys="off"' in client.get("/offline").content


@pytest.mark.parametrize("value", ["pink", '"><script>', ""])
def test_an_unknown_choice_is_not_kept(value: str) -> None:
    client = Client()
    client.post("/appearance", {"theme": value})
    assert "causeway_theme" not in client.cookies


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_the_way_back_never_leaves_the_product(target: str) -> None:
    assert Client().post("/appearance", {"theme": "dark", "next": target})["Location"] == "/"


def test_a_cookie_somebody_made_up_does_not_reach_the_page() -> None:
    client = Client()
    client.cookies["causeway_theme"] = "x onload"
    assert b'<html lang="en">' in client.get("/offline").content


def test_a_get_changes_nothing() -> None:
    answer = Client().get("/appearance?theme=dark")
    assert answer.status_code == 405
    assert "causeway_theme" not in answer.cookies


def test_the_gallery_is_there_in_development_only(settings: object) -> None:
    assert Client().get("/dev/components").status_code == 200
    settings.DEVELOPMENT_SIGN_IN = False  # type: ignore[attr-defined]
    assert Client().get("/dev/components").status_code == 404


def test_small_addresses() -> None:
    client = Client()
    assert client.get("/robots.txt").content == b"User-agent: *\nDisallow: /\n"
    assert client.get("/favicon.ico")["Location"].endswith("/web/img/favicon.svg")
    assert "You are offline" in client.get("/offline").content.decode()
