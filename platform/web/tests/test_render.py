"""What a view can answer."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails
from jinja2 import UndefinedError

from web import render
from web.gallery import examples

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w{64}"')


def ask(path: str = "/dev/components", **headers: str) -> HttpRequest:
    request = RequestFactory().get(path, headers=headers)
    request.user = AnonymousUser()
    request.htmx = HtmxDetails(request)
    request._messages = CookieStorage(request)
    return request


def test_a_page_renders_with_the_frame_and_forbids_shared_caches() -> None:
    answer = render.page(ask(), "web/gallery.html", examples(ask()))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert '<main class="page" id="main"' in text
    assert "private" in answer["Cache-Control"]
    assert {"HX-Request", "Cookie"} <= {name.strip() for name in answer["Vary"].split(",")}


def test_a_fragment_carries_the_csrf_token_in_its_forms() -> None:
    answer = render.render_fragment(ask(), "web/gallery.html", "main", examples(ask()))
    text = answer.content.decode()
    assert "<html" not in text
    forms = text.count('method="post"')
    assert forms >= 5
    assert len(TOKEN.findall(text)) == forms


def test_the_page_and_its_fragment_paint_the_same_thing() -> None:
    strip = lambda text: re.sub(r'value="\w{64}"', "", text)  # noqa: E731 - each rendering masks the token anew
    request, context = ask(), examples(ask())
    whole = render.page(request, "web/gallery.html", context).content.decode()
    part = render.render_fragment(request, "web/gallery.html", "main", context).content.decode()
    assert strip(part).strip() in strip(whole)


def test_what_the_view_gives_wins_over_what_every_page_has() -> None:
    assert render.names(ask(), {"organization": "theirs"})["organization"] == "theirs"


def test_a_name_that_nobody_gave_is_an_error_and_not_an_empty_place() -> None:
    with pytest.raises(UndefinedError, match="is undefined"):
        render.page(ask(), "web/gallery.html", {})


def test_htmx_gets_the_block_and_everybody_else_the_page() -> None:
    context = examples(ask())
    assert (
        "<html"
        not in render.htmx_or_page(ask(**{"HX-Request": "true"}), "web/gallery.html", "main", context).content.decode()
    )
    for headers in (
        {},
        {"HX-Request": "true", "HX-Boosted": "true"},
        {"HX-Request": "true", "HX-History-Restore-Request": "true"},
    ):
        assert "<html" in render.htmx_or_page(ask(**headers), "web/gallery.html", "main", context).content.decode()


def test_a_redirect_under_htmx_moves_the_whole_page() -> None:
    assert render.redirect_or_refresh(ask(), "/x").status_code == 302
    answer = render.redirect_or_refresh(ask(**{"HX-Request": "true"}), "/x")
    assert (answer.status_code, answer["HX-Redirect"]) == (200, "/x")
    assert render.redirect_or_refresh(ask(**{"HX-Request": "true"}), "/x", refresh=True)["HX-Refresh"] == "true"


def test_a_caller_that_shows_the_version_gets_304_and_others_get_none() -> None:
    tag = render.etag("item 61 version 7")
    answer = render.not_modified(ask(**{"If-None-Match": tag}), "item 61 version 7")
    assert answer is not None
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)
    assert render.not_modified(ask(**{"If-None-Match": tag}), "item 61 version 8") is None
    assert render.not_modified(ask(), "item 61 version 7") is None


def test_an_entity_tag_does_not_tell_what_it_stands_for() -> None:
    assert re.fullmatch(r'"[0-9a-f]{20}"', render.etag("item 61, results write-back test"))
    assert render.etag("a") != render.etag("b")


def test_a_toast_shows_once_with_its_undo() -> None:
    request = ask()
    render.toast(request, "3 deployments moved", "/o/riverbend/undo/1")
    text = render.page(request, "web/gallery.html", examples(request)).content.decode()
    assert "3 deployments moved" in text
    assert 'action="/o/riverbend/undo/1"' in text
