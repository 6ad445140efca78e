"""Pictures of the main pages, as the demo's people see them: `docs/pictures/<page>-<look>.png`."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.urls import reverse
from PIL import Image

from accounts.models import User
from audit.sealing import seal
from onboarding.deployments.approval_links import path_of
from onboarding.deployments.models import ApprovalRequest, Change, Deployment, Item, Program
from onboarding.deployments.portfolio import rebuild
from onboarding.golive.models import GateReview
from onboarding.rosters.models import RosterImport
from onboarding.trackers.models import TrackerImport
from onboarding.vault.models import Paper
from tenancy.models import Organization, Site
from tenancy.scope import scope
from testing.browser import DESKTOP, PHONE, Windows, launched, served
from training.courses.models import CourseVersion
from training.learning.models import Assignment
from web.models import SavedView

HOST = "riverbend"
COLORS = 128
LIGHT, DARK, SMALL, SMALL_DARK = "light", "dark", "phone", "phone-dark"
LOOKS = {LIGHT: (DESKTOP, False), DARK: (DESKTOP, True), SMALL: (PHONE, False), SMALL_DARK: (PHONE, True)}
MANAGER, SPONSOR, OWNER = "implementation.manager", "executive.sponsor", "chief.operating.officer"


class NoDemoError(RuntimeError):
    """The demo is not loaded."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One page: by whom (nobody: signed out), where, and how."""

    name: str
    person: str
    address: str
    looks: tuple[str, ...] = (LIGHT,)


def take(folder: Path, only: str = "") -> Iterator[tuple[str, int]]:
    """Take every picture; yield name and size of each file. Raises NoDemoError where there is no demo."""
    host = Organization.objects.filter(slug=HOST).first()
    if host is None:
        raise NoDemoError("The demo is not loaded: bin/manage load_demo")
    with scope(host.pk):
        rebuild()  # no worker needs to run beside this command, which would carry and seal
        while seal(host.pk):
            pass
        wanted = [picture for picture in pictures() if any(part in picture.name for part in only.split(","))]
    people = {user.email: user for user in User.objects.filter(email__endswith=".example")}
    folder.mkdir(parents=True, exist_ok=True)
    with launched() as browser, served() as address:
        for picture in wanted:
            for look in picture.looks:
                windows = Windows(browser, address)
                size, dark = LOOKS[look]
                user = people[f"{picture.person}@riverbend.example"] if picture.person else None
                page = windows.open(user, size=size, dark=dark)
                answer = page.goto(picture.address, wait_until="load")
                if answer is None or answer.status not in (200, 404):
                    raise RuntimeError(f"{picture.address} answered {answer and answer.status}")
                path = folder / f"{picture.name}-{look}.png"
                path.write_bytes(reduced(page.screenshot()))
                windows.close()
                yield path.name, path.stat().st_size


def reduced(png: bytes) -> bytes:
    """Return the picture with a palette: a page of text and lines loses nothing one sees."""
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(COLORS, dither=Image.Dither.NONE).save(
        out, "PNG", optimize=True
    )
    return out.getvalue()


def pictures() -> list[Picture]:
    """Return what is pictured; to be called in the demo host's scope."""
    by_city = {one.site.city: one for one in Deployment.objects.select_related("site").order_by("-planned_at")}
    onboarding, meeting, live = by_city["Siler City"], by_city["Benton"], by_city["Lewistown"]
    blocked = Item.objects.filter(deployment=onboarding, state="blocked").order_by("number")[0]
    review = GateReview.objects.meeting().get(deployment=meeting)
    prescriber = Assignment.objects.filter(user__email="prescriber@riverbend.example").order_by("pk")[0]
    roster = RosterImport.objects.newest()[0]
    course = CourseVersion.objects.order_by("pk")[0]
    asked = ApprovalRequest.objects.waiting().with_item().order_by("asked_at")[0]
    risk = Paper.objects.get(shows="risk-analysis/risk-register")
    every = (LIGHT, DARK, SMALL)
    views = {one.title: f"{one.query}&view={one.pk}" for one in SavedView.objects.filter(page="checklist")}

    def to(name: str, **ids: Any) -> str:
        return reverse(f"org:{name}", kwargs={"org": HOST, **ids})

    lesson = to("learning:lesson", assignment=prescriber.pk, lesson=course_lesson(prescriber))
    return [
        Picture("sign-in", "", "/accounts/login/", (LIGHT, DARK, SMALL)),
        Picture("inbox", MANAGER, to("deployments:inbox") + "?who=everyone", (*every, SMALL_DARK)),
        Picture("portfolio", MANAGER, to("deployments:portfolio"), every),
        Picture("programs", MANAGER, to("deployments:programs")),
        Picture("program", MANAGER, to("deployments:program", program=Program.objects.order_by("pk")[0].pk)),
        Picture(
            "deployment",
            MANAGER,
            to("deployments:item", deployment=onboarding.pk, item=str(blocked.number)),
            (LIGHT, DARK),
        ),
        Picture("deployment", MANAGER, to("deployments:checklist", deployment=onboarding.pk), (SMALL,)),
        Picture(
            "views",
            MANAGER,
            f"{to('deployments:checklist', deployment=onboarding.pk)}?{views['This fortnight by owner']}",
        ),
        Picture("bulk", MANAGER, to("deployments:change_undo", change=Change.objects.order_by("-made_at")[0].pk)),
        Picture(
            "tracker", MANAGER, to("trackers:show", tracker=TrackerImport.objects.order_by("pk")[0].pk), (LIGHT, SMALL)
        ),
        Picture("log", MANAGER, to("logbook:deployment", deployment=onboarding.pk), (LIGHT, SMALL)),
        Picture("routines", MANAGER, to("logbook:routines", deployment=by_city["Lewistown"].pk)),
        Picture("stages", MANAGER, to("deployments:overview", deployment=live.pk)),
        Picture("team", MANAGER, to("deployments:team", deployment=onboarding.pk)),
        Picture("timeline", MANAGER, to("plans:timeline", deployment=onboarding.pk), every),
        Picture(
            "move-go-live",
            MANAGER,
            to("plans:move", deployment=onboarding.pk) + f"?item=&to={onboarding.go_live_on + timedelta(days=14)}",
            (LIGHT, SMALL),
        ),
        Picture("board", MANAGER, to("plans:board", deployment=onboarding.pk)),
        Picture(
            "month", MANAGER, to("plans:calendar", deployment=onboarding.pk) + f"?month={onboarding.go_live_on:%Y-%m}"
        ),
        Picture(
            "program-timeline", MANAGER, to("plans:program_timeline", program=onboarding.program_id), (LIGHT, DARK)
        ),
        Picture("waves", MANAGER, to("plans:waves", program=onboarding.program_id), (LIGHT, SMALL)),
        Picture("workload", MANAGER, to("plans:workload")),
        Picture("sharing", MANAGER, to("deployments:sharing", deployment=onboarding.pk)),
        Picture("gates", MANAGER, to("golive:gates", deployment=meeting.pk)),
        Picture("go-no-go", SPONSOR, to("golive:review", review=review.pk), every),
        Picture("waivers", SPONSOR, to("golive:waivers", deployment=meeting.pk)),
        Picture("cut-over", MANAGER, to("cutover:overview", deployment=live.pk), every),
        Picture("go-live", MANAGER, to("golive:go_live", deployment=meeting.pk)),
        Picture("sites", MANAGER, to("sites:list")),
        Picture("site", MANAGER, to("sites:show", site=Site.objects.get(pk=onboarding.site_id).pk)),
        Picture("imports", MANAGER, to("imports:list")),
        Picture("import", MANAGER, to("imports:show", roster=roster.pk)),
        Picture("vault", MANAGER, to("vault:index"), (LIGHT, DARK, SMALL)),
        Picture("vault-paper", MANAGER, to("vault:paper", paper=risk.pk), (LIGHT, SMALL)),
        Picture("vault-offers", MANAGER, to("vault:offers")),
        Picture("status", MANAGER, to("deployments:deployment_status", deployment=onboarding.pk), (LIGHT, SMALL)),
        Picture("status-program", MANAGER, to("deployments:program_status", program=onboarding.program_id)),
        Picture("approve", "", path_of(asked, HOST), (LIGHT, DARK, SMALL)),
        Picture(
            "ask-approval",
            MANAGER,
            to("deployments:item", deployment=asked.deployment_id, item=str(asked.item.number)),
        ),
        Picture("approvals-by-mail", OWNER, to("deployments:approval_policy")),
        Picture("vault-controls", MANAGER, to("vault:controls")),
        Picture("playbooks", MANAGER, to("playbooks:index")),
        Picture("my-learning", "prescriber", to("learning:mine"), (LIGHT, SMALL, SMALL_DARK)),
        Picture("lesson", "prescriber", lesson, (SMALL, SMALL_DARK)),
        Picture("readiness", MANAGER, to("training:coverage"), (LIGHT, DARK)),
        Picture("learners", MANAGER, to("training:people")),
        Picture("course", MANAGER, to("training:course", version=course.pk)),
        Picture("event-log", OWNER, to("audit:log"), (LIGHT, DARK)),
        Picture("people", OWNER, to("console:people")),
        Picture("invite", OWNER, to("console:invite")),
        Picture("roles", OWNER, to("console:roles")),
        Picture("api-tokens", OWNER, to("console:tokens")),
        Picture("reminders", OWNER, to("notices:policy")),
        Picture("deliveries", OWNER, to("notices:deliveries")),
        Picture("me", OWNER, "/me/"),
        Picture("not-found", MANAGER, to("deployments:item", deployment=onboarding.pk, item="9999")),
    ]


def course_lesson(assignment: Assignment) -> str:
    """The first lesson of the course."""
    return str(next(iter(assignment.version.content_keys)))
