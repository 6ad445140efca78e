"""The pages of imports, through HTTP as a browser without script would use them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from onboarding.rosters.models import RosterImport
from onboarding.rosters.tasks import advance
from onboarding.rosters.tests.rosters import facilities, health_centers, workbook
from tenancy.models import Site
from tenancy.scope import scope

SMALL = b"Name,Street,ZIP,State,County\nNorth,1 Main St,6708,CT,New Haven\nSouth,2 Main St,36067,AL,Autauga\n,3 Main St,06708,CT,\n"


@pytest.fixture
def manager(world, client_of, reference):
    return client_of(world.manager)


def upload(client, content=SMALL, name="sites.csv", **data):
    file = SimpleUploadedFile(name, content)
    return client.post("/o/host/imports/upload", {"file": file, "country": "US", **data})


def columns_of(client, address):
    form = client.get(address).content.decode()
    chosen = {}
    for part in form.split("<select")[1:]:
        name = part.split('name="')[1].split('"')[0]
        chosen[name] = part.split(" selected>")[0].rsplit('value="', 1)[1].split('"')[0] if " selected>" in part else ""
    return chosen


def bring_in(client, content=SMALL, name="sites.csv"):
    address = upload(client, content, name).headers["Location"]
    client.post(address, columns_of(client, address))
    return address.removesuffix("columns")


def text(response):
    return response.content.decode()


def count_sites(world):
    with scope(world.host.pk):
        return Site.objects.count()


def test_a_roster_goes_from_upload_to_sites_and_back(manager, world):
    address = upload(manager).headers["Location"]
    assert address.endswith("/columns")
    page = text(manager.get(address))
    assert "Sure" in page
    assert "3 rows, 5 columns" in page
    answer = manager.post(address, columns_of(manager, address))
    shown = answer.headers["Location"]
    preview = text(manager.get(shown))
    assert "Import 2 sites" in preview
    assert "a leading zero was lost: ZIPs in CT begin so" in preview
    assert count_sites(world) == 0
    assert manager.post(f"{shown}start").headers["Location"] == shown
    assert "Undo this import" in text(manager.get(shown))
    assert count_sites(world) == 2
    manager.post(f"{shown}undo")
    page = text(manager.get(shown))
    assert "2 sites removed" in page
    assert page.count('<li><span class="dot">') >= 4  # its history: uploaded, previewed, imported, undone
    assert count_sites(world) == 0


def test_each_tab_of_the_preview_is_in_the_address(manager):
    shown = bring_in(manager)
    assert "North" not in text(manager.get(f"{shown}?show=errors"))
    assert "a site needs a name" in text(manager.get(f"{shown}?show=errors"))
    assert "South" not in text(manager.get(f"{shown}?show=unmatched"))
    assert "planning regions" in text(manager.get(f"{shown}?show=unmatched"))
    assert "South" not in text(manager.get(f"{shown}?show=repairs"))
    assert manager.get(f"{shown}?show=nonsense&after=-1").status_code == 200


def test_the_words_on_the_rows_come_as_a_table_that_a_spreadsheet_will_not_run(manager):
    shown = bring_in(manager, b"Name,Phone\n=cmd(),=1+1\n")
    answer = manager.get(f"{shown}rows.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "row,outcome,level,field,before,after,reason"
    assert not any(cell.startswith("=") for line in lines for cell in line.split(","))


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"%PDF-1.7", "sites.pdf", "sites.pdf is a PDF"),
        (b"", "empty.csv", "The file is empty"),
        (b'Name\n"open', "sites.csv", "quotation mark"),
    ],
)
def test_a_bad_file_is_refused_with_its_name_and_reason(manager, world, content, name, reason):
    answer = upload(manager, content, name)
    assert answer.status_code == 422
    assert reason in text(answer)
    with scope(world.host.pk):
        assert RosterImport.objects.count() == 0


def test_a_mapping_that_cannot_be_used_comes_back_with_every_reason(manager):
    address = upload(manager).headers["Location"]
    answer = manager.post(address, {"street": "Name", "city": "Name"})
    assert answer.status_code == 422
    assert "Two things to correct" in text(answer)
    assert "Name needs a column." in text(answer)


def test_a_large_roster_shows_its_progress_until_the_workers_are_done(manager, world):
    header, *lines = facilities().splitlines(keepends=True)
    shown = bring_in(manager, header + b"".join(lines[:600]), "facilities.csv")
    with scope(world.host.pk):
        roster = RosterImport.objects.get()
    page = text(manager.get(shown))
    assert "0 of 600 rows" in page
    assert 'hx-trigger="refresh"' in page
    advance(str(world.host.pk), str(roster.pk))
    fragment = manager.get(f"{shown}?progress=1", headers={"HX-Request": "true"})
    assert "500 of 600 rows" in text(fragment)
    assert "<html" not in text(fragment)
    version = text(fragment).split('data-version="')[1].split('"')[0]
    again = manager.get(
        f"{shown}?progress=1", headers={"HX-Request": "true", "If-None-Match": version.replace("&#34;", '"')}
    )
    assert again.status_code == 304
    advance(str(world.host.pk), str(roster.pk))
    assert manager.get(f"{shown}?progress=1", headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert "would be created" in text(manager.get(shown))


def test_a_workbook_and_the_health_center_roster_come_in_too(manager, world):
    for content, name in (
        (workbook([["Name", "ZIP", "State"], ["A", 6708, "CT"]]), "a.xlsx"),
        (health_centers(), "b.csv"),
    ):
        shown = bring_in(manager, content, name)
        manager.post(f"{shown}start")
    assert count_sites(world) == 11


def test_the_reading_of_kinds_is_shown_and_can_be_corrected(manager, world):
    shown = bring_in(manager, b"Name,Type\nA,MH\n")
    assert "MH → Community mental health center" in text(manager.get(shown))
    manager.post(f"{shown}kinds", {"word": ["MH"], "kind": ["hospital"]})
    assert "MH → Hospital" in text(manager.get(shown))
    assert manager.post(f"{shown}kinds", {"word": ["MH"], "kind": ["palace"]}).status_code == 409
    manager.post(f"{shown}start")
    with scope(world.host.pk):
        assert Site.objects.get().kind == "hospital"


def test_undo_that_is_refused_names_the_sites_and_changes_nothing(manager, world):
    shown = bring_in(manager)
    manager.post(f"{shown}start")
    with scope(world.host.pk):
        Site.objects.filter(name="North").update(phone="203-555-0111")
    answer = manager.post(f"{shown}undo")
    assert answer.status_code == 409
    assert "1 site stands in the way. Nothing was changed." in text(answer)
    assert "was edited since" in text(answer)
    assert count_sites(world) == 2


@pytest.mark.parametrize("who", ["contributor", "approver", "learner", "auditor"])
def test_others_of_the_organization_may_not_import(world, client_of, who):
    client = client_of(getattr(world, who))
    assert client.get("/o/host/imports/").status_code == 403
    assert upload(client).status_code == 403
    with scope(world.host.pk):
        assert RosterImport.objects.count() == 0


def test_a_strangers_import_is_not_there(manager, world, client_of):
    shown = bring_in(manager)
    stranger = client_of(world.stranger)
    elsewhere = shown.replace("/o/host/", "/o/elsewhere/")
    for path in ("", "columns", "rows.csv"):
        assert stranger.get(f"{shown}{path}").status_code == 404
        assert stranger.get(f"{elsewhere}{path}").status_code == 404
    for verb in ("start", "undo"):
        assert stranger.post(f"{elsewhere}{verb}").status_code == 404
    assert count_sites(world) == 0


def test_the_sites_are_listed_found_and_shown_with_their_profile(manager, world):
    shown = bring_in(manager)
    manager.post(f"{shown}start")
    page = text(manager.get("/o/host/sites/"))
    assert "North" in page
    assert "guessed" in page
    assert "South" not in text(manager.get("/o/host/sites/?state=CT"))
    assert "No site matches" in text(manager.get("/o/host/sites/?q=nowhere"))
    with scope(world.host.pk):
        site = Site.objects.get(name="South")
    page = text(manager.get(f"/o/host/sites/{site.pk}/"))
    assert "county as written, ZIP found" in page
    assert "created the site from row 3 of a roster" in page


def test_the_list_of_sites_turns_its_pages_without_losing_one(manager, world):
    with scope(world.host.pk):
        Site.objects.bulk_create([Site(name=f"Site {number % 7}") for number in range(120)])
    seen, address = [], "/o/host/sites/"
    while address:
        page = text(manager.get(address))
        seen += [part.split('"')[0] for part in page.split('href="/o/host/sites/')[1:] if part[8:9] == "-"]
        address = ""
        if 'rel="next"' in page:
            address = "/o/host/sites/" + page.split('" rel="next"')[0].rsplit('href="', 1)[1]
    assert (len(seen), len(set(seen))) == (120, 120)


def test_a_stranger_does_not_see_the_sites(world, client_of):
    with scope(world.host.pk):
        site = Site(name="North")
        site.save()
    stranger = client_of(world.stranger)
    for path in ("/o/host/sites/", f"/o/host/sites/{site.pk}/", f"/o/elsewhere/sites/{site.pk}/"):
        assert stranger.get(path).status_code == 404
