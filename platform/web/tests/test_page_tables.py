"""Every table of a page as a file: read from what is shown, harmless in a spreadsheet, on every page that has one."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from openpyxl import load_workbook

from accounts.models import User
from testing.scenes import Scene
from web.page_tables import tables_of

SignIn = Callable[[User], Client]
PAGE = """<main><table class="table"><caption class="sr">Sites &amp; days</caption>
<thead><tr><th scope="col">Site</th><th scope="col" class="num">Due</th><th scope="col">Items</th>
<th scope="col"><span class="sr">Actions</span></th></tr></thead>
<tbody><tr class="grp"><th scope="rowgroup" colspan="4"><button type="button"><svg><use/></svg>Wave</button> Wave 1</th></tr>
<tr><th scope="row" rowspan="2"><a href="/x">Main Street</a><span class="sub">2 rooms</span></th>
<td><time datetime="2027-01-12">12 Jan</time></td><td>1,184.5</td><td><form><button>Ask</button></form></td></tr>
<tr><td>no date</td><td>−3</td><td></td></tr>
<tr><th scope="row"><details><summary>Folded</summary><p>Not shown</p></details></th><td><span aria-hidden="true">X</span></td>
<td>=1+1</td><td></td></tr></tbody></table>
<table><caption>Empty</caption><thead><tr><th>A</th></tr></thead><tbody></tbody></table></main>"""


def test_a_table_is_read_as_it_is_seen() -> None:
    (table,) = tables_of(PAGE)
    assert table.caption == "Sites & days"
    assert table.lines == [
        ["Site", "Due", "Items"],
        ["Wave 1", "", ""],
        ["Main Street · 2 rooms", "2027-01-12", 1184.5],
        ["Main Street · 2 rooms", "no date", -3],
        ["Folded", "", "=1+1"],
    ]


@pytest.mark.django_db
def test_a_page_with_a_table_has_a_link_to_it_and_answers_with_a_file(scene: Scene, client_of: SignIn) -> None:
    client = client_of(scene.world.owner)
    place = f"/o/host/programs/{scene.program.pk}/"
    page = client.get(f"{place}?q=a").content.decode()
    assert 'href="?q=a&amp;as=xlsx"' in page or 'href="?as=xlsx&amp;q=a"' in page
    answer = client.get(f"{place}?as=csv")
    assert answer["Content-Type"].startswith("text/csv")
    assert answer["Cache-Control"] == "private, no-store"
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert any("Main Street" in cell for line in lines for cell in line)
    book = load_workbook(io.BytesIO(client.get(f"{place}?as=xlsx").content))
    assert any(
        "Main Street" in str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row
    )


@pytest.mark.django_db
def test_a_file_needs_what_the_page_needs(scene: Scene, client_of: SignIn) -> None:
    place = f"/o/host/programs/{scene.program.pk}/?as=csv"
    assert Client().get(place).status_code == 302
    assert client_of(scene.world.stranger).get(place).status_code == 404


@pytest.mark.django_db
def test_what_begins_like_a_formula_is_marked_as_text(scene: Scene, client_of: SignIn) -> None:
    from onboarding.deployments.models import Program
    from tenancy.scope import scope

    with scope(scene.world.host.pk):
        Program.objects.update(title="=cmd|'/c calc'!A1")
    text = client_of(scene.world.owner).get("/o/host/programs/?as=csv").content.decode("utf-8-sig")
    assert "'=cmd|" in text
    assert not any(cell.startswith("=") for line in csv.reader(io.StringIO(text)) for cell in line)


def layouts() -> dict[str, str]:
    """Each page's template by name, with what it extends."""
    found = {}
    for path in Path(settings.BASE_DIR).glob("*/**/web/templates/**/*.html"):
        found[str(path).split("/templates/", 1)[1]] = path.read_text()
    return found


OUTSIDE = {"web/plain.html", "web/lesson.html"}
"""Layouts of pages for those who are signed out, and of a lesson."""
STATED = {
    "accounts/organizations.html": "one's own organizations, outside any of them",
    "accounts/me.html": "one's own sessions and settings, outside any organization",
    "mfa/index.html": "one's own second factors",
    "mfa/webauthn/authenticator_list.html": "one's own second factors",
    "accounts/development_sign_in.html": "a page of development",
    "notices/mailbox.html": "a page of development",
    "web/gallery.html": "a page of development",
    "deployments/status.html": "the status pack has files of its own",
}


def test_every_page_with_a_table_stands_in_the_layout_that_gives_files() -> None:
    found = layouts()

    def root(name: str) -> str:
        text = found.get(name, "")
        parent = text.partition('{% extends "')[2].partition('"')[0]
        return root(parent) if parent and parent not in OUTSIDE and parent != "web/html.html" else parent or name

    bare = [
        name
        for name, text in found.items()
        if "{% extends" in text
        and ("ui.table(" in text or "<table" in text)
        and name not in STATED
        and (root(name) in OUTSIDE or (root(name) != "web/html.html" and "ui.export" not in text))
    ]
    assert bare == []
