"""The things of the demo that pictures are taken of."""

from functools import cached_property

from accounts.models import Membership
from audit.models import Event
from billing.contracts.models import Contract
from billing.statements.models import Line, Statement
from onboarding.decommission.models import Certificate
from onboarding.deployments.models import ApprovalRequest, Change, Deployment, Item, Program, StatusLink
from onboarding.golive.models import GateReview
from onboarding.hypercare.models import Ticket
from onboarding.logbook.models import LogEntry
from onboarding.playbooks.models import PlaybookDraft, PlaybookVersion
from onboarding.rosters.models import RosterImport
from onboarding.trackers.models import TrackerImport
from onboarding.upgrades.models import Upgrade
from onboarding.vault.models import Paper
from tenancy.models import Organization, Site
from training.courses.models import CourseDraft, CourseVersion
from training.learning.models import Assignment, Completion
from web.models import SavedView


class Demo:
    """The demo's host as pictures name its things; to be used in its scope."""

    def __init__(self, host: Organization) -> None:
        self.host = host
        self.org = host.slug
        self._at = {one.site.city: one for one in Deployment.objects.select_related("site").order_by("-planned_at")}

    @property
    def onboarding(self) -> Deployment:
        """A deployment in the middle of its way."""
        return self._at["Siler City"]

    @property
    def meeting(self) -> Deployment:
        """One whose go/no-go is being held."""
        return self._at["Benton"]

    @property
    def live(self) -> Deployment:
        """One that went live."""
        return self._at["Lewistown"]

    @property
    def ended(self) -> Deployment:
        """One that was ended cleanly."""
        return Deployment.objects.get(state=Deployment.State.DISCONTINUED)

    @property
    def certificate(self) -> Certificate:
        """What its end certifies first."""
        return Certificate.objects.order_by("signed_at")[0]  # type: ignore[no-any-return]

    @property
    def site(self) -> Site:
        """The place of the deployment in the middle."""
        return Site.objects.get(pk=self.onboarding.site_id)

    @property
    def program(self) -> Program:
        """The program of the deployment in the middle."""
        return self.onboarding.program  # type: ignore[no-any-return]

    @property
    def blocked(self) -> Item:
        """An item somebody waits for."""
        return Item.objects.filter(deployment=self.onboarding, state="blocked").order_by("number")[0]

    @property
    def review(self) -> GateReview:
        """The go/no-go that is being held."""
        return GateReview.objects.meeting().get(deployment=self.meeting)

    @cached_property
    def asked(self) -> ApprovalRequest:
        """An approval asked for by mail."""
        return ApprovalRequest.objects.waiting().with_item().order_by("asked_at")[0]

    @property
    def change(self) -> Change:
        """A bulk change."""
        return Change.objects.order_by("-made_at")[0]  # type: ignore[no-any-return]

    @property
    def tracker(self) -> TrackerImport:
        """An imported tracker."""
        return TrackerImport.objects.order_by("pk")[0]

    @property
    def roster(self) -> RosterImport:
        """An imported roster."""
        return RosterImport.objects.newest()[0]

    @property
    def paper(self) -> Paper:
        """The risk register in the vault."""
        return Paper.objects.get(shows="risk-analysis/risk-register")

    @property
    def course(self) -> CourseVersion:
        """A course."""
        return CourseVersion.objects.order_by("pk")[0]

    @property
    def assignment(self) -> Assignment:
        """What the prescriber has to learn."""
        return Assignment.objects.filter(user__email=f"prescriber@{self.org}.example").order_by("pk")[0]

    @property
    def lesson(self) -> str:
        """The first lesson of what the prescriber has to learn."""
        return str(next(iter(self.assignment.version.content_keys)))

    @property
    def first_lesson(self) -> str:
        """The first lesson of the course."""
        return str(next(iter(self.course.content_keys)))

    @property
    def observable(self) -> Assignment:
        """A course whose skill somebody watches."""
        rows = Assignment.objects.select_related("version").order_by("pk")
        return next(one for one in rows if one.version.content.observation)

    @property
    def course_draft(self) -> CourseDraft:
        """An uploaded course."""
        return CourseDraft.objects.newest_first()[0]

    @property
    def draft_lesson(self) -> str:
        """The first lesson of the uploaded course."""
        return self.course_draft.content.lessons[0].key

    @property
    def certificate_code(self) -> str:
        """The code on a certificate."""
        return str(Completion.objects.order_by("pk")[0].code)

    @property
    def entry(self) -> LogEntry:
        """An entry of the log."""
        return LogEntry.objects.filter(deployment=self.onboarding).order_by("pk")[0]

    @property
    def playbook_version(self) -> PlaybookVersion:
        """The starter playbook."""
        return PlaybookVersion.objects.published().get(playbook__key="behavioral-health")

    @property
    def own_version(self) -> PlaybookVersion:
        """The organization's own playbook."""
        return PlaybookVersion.objects.published().exclude(parent=None).order_by("-published_at")[0]

    @property
    def draft(self) -> PlaybookDraft:
        """The next version in the making."""
        return PlaybookDraft.objects.open().order_by("-pk")[0]

    @property
    def upgrade(self) -> Upgrade:
        """A program moved to another version."""
        return Upgrade.objects.order_by("-at")[0]  # type: ignore[no-any-return]

    @property
    def adaptable(self) -> int:
        """The number of an open core item."""
        core = Item.objects.filter(deployment=self.onboarding, state="todo", playbook_item__core=True)
        return int(core.filter(completed_by_gate=False).order_by("number")[0].number)

    @property
    def ticket(self) -> int:
        """The number of a defect of the deployment that is live."""
        found = Ticket.objects.filter(deployment=self.live, kind="defect").order_by("number").values_list("number")
        return int(found[0][0])

    @property
    def contract(self) -> Contract:
        """The contract in force."""
        return Contract.objects.get(reference="SW-01")

    @cached_property
    def statement(self) -> Statement:
        """A finalized statement."""
        return Statement.objects.filter(state="finalized", lines__isnull=False).order_by("-period")[0]

    @property
    def line(self) -> Line:
        """A line of it."""
        return Line.objects.filter(statement=self.statement).order_by("pk")[0]

    @property
    def member(self) -> Membership:
        """Whoever manages implementations."""
        return Membership.objects.active().get(user__email=f"implementation.manager@{self.org}.example")

    @property
    def event(self) -> Event:
        """The go-live of a deployment, as the log keeps it."""
        return Event.objects.filter(action="deployment.went_live").order_by("-at")[0]

    @property
    def status_link(self) -> StatusLink:
        """A link for those without an account."""
        return StatusLink.objects.filter(revoked_at=None).order_by("pk")[0]

    def view(self, title: str) -> str:
        """Return the query of a saved view of the checklist."""
        view = SavedView.objects.get(page="checklist", title=title)
        return f"?{view.query}&view={view.pk}"
