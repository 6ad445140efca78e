"""Whatever is uploaded: an answer a person can act on, never a server error, and nothing half-written."""

import io
import zipfile
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from onboarding.rosters.models import RosterImport, RosterRow
from onboarding.rosters.tests.rosters import workbook
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import World

HEADERS = ["Name", "Street", "ZIP", "State", "County", "Country", "Phone", "Lat", "Lon", "Status", "Type", "", "Nombre"]
CELL = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["06708", "2139.0", "=1+1", "#REF!", "NaN", "1e400", "-0", "41,5", "CT", "Deutschland", "\x85", "٣٤", "x" * 400]),
)  # fmt: skip
ROW = st.lists(CELL, max_size=8)


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    """Text that means to be a table."""
    separator = draw(st.sampled_from([",", ";", "\t", "|"]))
    rows = [draw(st.lists(st.sampled_from(HEADERS), min_size=1, max_size=8)), *draw(st.lists(ROW, max_size=6))]
    text = draw(st.sampled_from(["\n", "\r\n", "\r"])).join(separator.join(row) for row in rows)
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "utf-32"]))
    return text.encode(encoding, errors="replace")


@st.composite
def workbooks(draw: st.DrawFn) -> bytes:
    """A workbook, some of its bytes changed."""
    value = st.one_of(
        st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=20),
    )  # fmt: skip
    rows = [["Name", "ZIP", "State"], *draw(st.lists(st.lists(value, max_size=5), max_size=5))]
    content = bytearray(workbook(rows))
    for place in draw(st.lists(st.integers(0, 10**6), max_size=3)):
        content[place % len(content)] = draw(st.integers(0, 255))
    return bytes(content)


@st.composite
def parts(draw: st.DrawFn) -> bytes:
    """A workbook with one of its parts replaced."""
    out = io.BytesIO()
    wrong = draw(
        st.binary(max_size=60) | st.sampled_from([b"", b"<x/>", b"<worksheet><sheetData><row r='x'/></sheetData>"])
    )
    with zipfile.ZipFile(io.BytesIO(workbook([["Name", "ZIP"], ["North", "06708"]]))) as source:
        replaced = draw(st.sampled_from(source.namelist()))
        with zipfile.ZipFile(out, "w") as target:
            for name in source.namelist():
                target.writestr(name, wrong if name == replaced else source.read(name))
    return out.getvalue()


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=400), tables(), workbooks(), parts()))
def test_any_file_is_taken_or_refused_whole(world: World, client_of: Callable[[User], Client], content: bytes) -> None:
    client = client_of(world.manager)
    with scope(world.host.pk):
        before = (RosterImport.objects.count(), RosterRow.objects.count(), Site.objects.count())
    answer = client.post("/o/host/imports/upload", {"file": SimpleUploadedFile("sites.csv", content), "country": "US"})
    with scope(world.host.pk):
        after = (RosterImport.objects.count(), RosterRow.objects.count(), Site.objects.count())
        newest = RosterImport.objects.newest().first()
    if answer.status_code == 422:
        assert after == before
        return
    assert answer.status_code == 302
    assert newest is not None
    assert after == (before[0] + 1, before[1] + newest.row_count, before[2])
    place = answer["Location"]
    assert client.get(place).status_code == 200
    mapped = client.post(place, newest.mapping)
    if mapped.status_code == 422:
        assert "name" not in newest.mapping
        return
    show = place.removesuffix("columns")
    assert client.get(show).status_code == 200
    assert client.get(f"{show}rows.csv").status_code == 200
    assert client.post(f"{show}start").status_code == 302
    with scope(world.host.pk):
        newest.refresh_from_db()
        assert newest.state == RosterImport.objects.get(pk=newest.pk).state == "imported"
        assert Site.objects.count() == before[2] + newest.counts["created"]
    assert client.post(f"{show}undo").status_code == 302
    with scope(world.host.pk):
        assert Site.objects.count() == before[2]
