"""An import of a roster: uploaded, mapped, checked, previewed, imported, undone."""

from django.db import models, transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.rosters import audit
from onboarding.rosters.fields import FIELDS
from onboarding.rosters.mapping import UnusableMappingError
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Site, TenantModel


class State(models.TextChoices):
    """Where an import stands."""

    UPLOADED = "uploaded", "Uploaded"
    MAPPED = "mapped", "Mapped"
    CHECKING = "checking", "Being checked"
    PREVIEWED = "previewed", "Ready to import"
    IMPORTING = "importing", "Importing"
    IMPORTED = "imported", "Imported"
    FAILED = "failed", "Stopped"
    UNDONE = "undone", "Undone"


MOVES: dict[str, dict[State, State]] = {
    "map_columns": {
        State.UPLOADED: State.MAPPED,
        State.MAPPED: State.MAPPED,
        State.PREVIEWED: State.MAPPED,
    },
    "preview": {State.MAPPED: State.CHECKING},
    "finish_preview": {State.CHECKING: State.PREVIEWED},
    "start": {State.PREVIEWED: State.IMPORTING, State.FAILED: State.IMPORTING},
    "finish": {State.IMPORTING: State.IMPORTED},
    "fail": {State.CHECKING: State.MAPPED, State.IMPORTING: State.FAILED},
    "undo": {State.IMPORTED: State.UNDONE, State.FAILED: State.UNDONE},
}
RUNNING = (State.CHECKING, State.IMPORTING)


class WrongMomentError(Exception):
    """The import is not where this can be done to it."""


class RosterImportQuerySet(TenantQuerySet["RosterImport"]):
    """Named filters over imports."""

    def newest(self) -> "RosterImportQuerySet":
        """The latest first."""
        return self.order_by("-id")


class RosterImport(TenantModel):
    """A file with sites, on its way in."""

    steward_columns = ("id", "organization_id", "state", "moved_at")

    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    file_size = models.PositiveIntegerField()
    file_kind = models.CharField(max_length=4)
    sheet = models.CharField(max_length=100, blank=True)
    encoding = models.CharField(max_length=12, blank=True)
    notes = models.JSONField(default=list, help_text="What was noticed while the file was read")
    columns = models.JSONField(default=list, help_text="Labels of the columns that were kept")
    suggestions = models.JSONField(default=list)
    refused_columns = models.JSONField(
        default=list, help_text="Columns that name elected persons; their cells are not kept"
    )
    mapping = models.JSONField(default=dict, help_text="Field to column label")
    kinds = models.JSONField(default=dict, help_text="What a person said that the file's words for kinds of site mean")
    country = models.CharField(max_length=2, default="US", help_text="Meant where a row names none")
    state = models.CharField(max_length=9, choices=State.choices, default=State.UPLOADED)
    row_count = models.PositiveIntegerField()
    cursor = models.PositiveIntegerField(default=0, help_text="Number of the last row that was dealt with")
    done_rows = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    failure = models.CharField(max_length=300, blank=True)
    created_by = models.UUIDField(null=True)
    started_by = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField(default=timezone.now, help_text="When a batch was last done")
    finished_at = models.DateTimeField(null=True)

    objects = TenantManager.from_queryset(RosterImportQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="roster_import_state_known"),
            models.CheckConstraint(
                condition=models.Q(done_rows__lte=models.F("row_count")), name="roster_import_done_at_most_all"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-id"], name="roster_import_newest"),
            models.Index(
                fields=["moved_at"], condition=models.Q(state__in=["checking", "importing"]), name="queue_roster_import"
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def running(self) -> bool:
        """Whether batches are being done."""
        return self.state in RUNNING

    @property
    def actor(self) -> Actor:
        """The person who asked for what is being done, for the events of the batches."""
        person = self.started_by or self.created_by
        return Actor("person" if person else "system", person, "" if person else "roster import", self.organization_id)

    def move(self, verb: str) -> None:
        """Change the state by a verb; raise WrongMomentError where it does not lead anywhere from here."""
        wanted = MOVES[verb].get(State(self.state))
        if wanted is None:
            raise WrongMomentError(
                f"{self.file_name} is {State(self.state).label.lower()}; this cannot be done to it now."
            )
        self.state = wanted

    @transaction.atomic
    def map_columns(
        self, mapping: dict[str, str], *, by: Actor, country: str | None = None, kinds: dict[str, str] | None = None
    ) -> None:
        """Say which column fills which field, and what words for kinds of site mean; raise UnusableMappingError."""
        roster = self.locked(self.pk)
        wanted = {key: label for key, label in mapping.items() if label}
        check_mapping(roster, wanted)
        country = country or roster.country
        kinds = roster.kinds if kinds is None else kinds
        if strange := sorted(set(kinds.values()) - set(Site.Kind.values)):
            raise UnusableMappingError([f"There is no kind of site “{kind}”." for kind in strange])
        if roster.state in (State.MAPPED, State.PREVIEWED) and (
            roster.mapping,
            roster.country,
            roster.kinds,
        ) == (wanted, country, kinds):
            self.refresh_from_db()
            return
        roster.move("map_columns")
        roster.mapping, roster.country, roster.kinds, roster.failure = wanted, country, kinds, ""
        roster.save(update_fields=["state", "mapping", "country", "kinds", "failure"])
        record(
            audit.IMPORT_MAPPED,
            by=by,
            subject=roster,
            file=roster.file_name,
            mapping=wanted,
            country=country,
            kinds=kinds,
        )
        self.refresh_from_db()

    @transaction.atomic
    def preview(self, *, by: Actor) -> None:
        """Begin the dry run; nothing but the import itself is written."""
        roster = self.locked(self.pk)
        if roster.state in (State.CHECKING, State.PREVIEWED):
            self.refresh_from_db()
            return
        roster.move("preview")
        roster.rewind()
        roster.save(update_fields=["state", "cursor", "done_rows", "counts", "moved_at", "failure"])
        record(audit.IMPORT_PREVIEWED, by=by, subject=roster, file=roster.file_name)
        self.refresh_from_db()
        ring(roster)

    @transaction.atomic
    def start(self, *, by: Actor) -> None:
        """Begin the import, or go on with one that stopped. Started twice, it runs once."""
        roster = self.locked(self.pk)
        if roster.state in (State.IMPORTING, State.IMPORTED):
            self.refresh_from_db()
            return
        resumed = roster.state == State.FAILED
        roster.move("start")
        if not resumed:
            roster.rewind()
            roster.started_at = timezone.now()
        roster.started_by, roster.failure, roster.moved_at = by.id, "", timezone.now()
        roster.save(
            update_fields=["state", "cursor", "done_rows", "counts", "started_by", "started_at", "moved_at", "failure"]
        )
        record(audit.IMPORT_STARTED, by=by, subject=roster, file=roster.file_name, resumed=resumed)
        self.refresh_from_db()
        ring(roster)

    @transaction.atomic
    def fail(self, reason: str, *, by: Actor) -> None:
        """Stop where the last whole batch ended; it can be started again from there."""
        roster = self.locked(self.pk)
        if not roster.running:
            return
        roster.move("fail")
        roster.failure = reason[:300]
        roster.save(update_fields=["state", "failure"])
        record(audit.IMPORT_FAILED, by=by, subject=roster, file=roster.file_name, row=roster.cursor)
        self.refresh_from_db()

    def rewind(self) -> None:
        """Begin again at the first row."""
        self.cursor = self.done_rows = 0
        self.counts, self.failure, self.moved_at = {}, "", timezone.now()


def check_mapping(roster: RosterImport, mapping: dict[str, str]) -> dict[str, int]:
    """Return field to place of its column; raise UnusableMappingError with everything that is wrong."""
    from onboarding.rosters.mapping import check
    from onboarding.rosters.reading import Column, Table

    kept = tuple(Column(index, label, label) for index, label in enumerate(roster.columns))
    refused = [label for label in mapping.values() if label in roster.refused_columns]
    if refused:
        raise UnusableMappingError([f"“{label}” names elected persons and is not imported." for label in refused])
    return check(Table(roster.file_name, roster.file_kind, kept, roster.row_count, 1), mapping)


def ring(roster: RosterImport) -> None:
    """Ask a worker to do the next batch once this transaction is committed."""
    from onboarding.rosters.tasks import advance

    advance.later(roster.organization_id, roster.pk)


def fields_of(mapping: dict[str, str]) -> list[tuple[str, str]]:
    """Return (field label, column label) in the order of the fields."""
    return [(field.label, mapping[field.key]) for field in FIELDS if field.key in mapping]
