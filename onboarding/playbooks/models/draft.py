"""A playbook in the making: may be unfinished, is changed freely, and becomes an immutable version when it is published."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.playbooks import audit
from onboarding.playbooks.document import misshapen, read, shortcomings
from onboarding.playbooks.lineage import breaks
from onboarding.playbooks.models.playbook import Playbook, PlaybookVersion
from onboarding.playbooks.plain import HEAD, Plain
from onboarding.playbooks.reading import PlaybookError, Problem
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel

ABOUT = ("key", "title", "version", "summary", "sources")
PARTS = ("roles", "stages", "gates", "scorecard", "runbook")


class DraftRefused(Exception):
    """A change of a draft is refused; the message says what would change that."""


class PlaybookDraftQuerySet(TenantQuerySet["PlaybookDraft"]):
    """Named filters over drafts."""

    def open(self) -> "PlaybookDraftQuerySet":
        """Drafts that are still worked on, the one touched last first."""
        return self.filter(state=PlaybookDraft.State.OPEN).order_by("-changed_at")


class PlaybookDraft(TenantModel):
    """Everything but the items of a playbook in the making; the items are rows."""

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", "Draft"
        PUBLISHED = "published", "Published"
        DISCARDED = "discarded", "Discarded"

    MOVES: dict[str, set[str]] = {
        State.OPEN: {State.PUBLISHED, State.DISCARDED},
        State.PUBLISHED: set(),
        State.DISCARDED: set(),
    }

    base: Any = TenantForeignKey(
        PlaybookVersion, on_delete=models.PROTECT, null=True, related_name="+", help_text="The version it started from"
    )
    onto: Any = TenantForeignKey(
        PlaybookVersion,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="The newer version of the playbook above that it is brought onto",
    )
    key = models.CharField(max_length=80)
    title = models.CharField(max_length=120)
    head = models.JSONField(help_text="Everything but the items, in the file format")
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    revision = models.PositiveIntegerField(default=1, help_text="Rises with every change")
    made_from = models.CharField(max_length=200, help_text="In words: a version, a file, a deployment")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    published: Any = TenantForeignKey(PlaybookVersion, on_delete=models.PROTECT, null=True, related_name="+")

    objects = TenantManager.from_queryset(PlaybookDraftQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["open", "published", "discarded"]), name="draft_state"),
            models.CheckConstraint(
                condition=Q(state="published", published__isnull=False)
                | (~Q(state="published") & Q(published__isnull=True)),
                name="draft_published_into",
            ),
        ]
        indexes = [models.Index(fields=["organization", "state", "changed_at"], name="drafts_by_change")]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"

    @property
    def version(self) -> str:
        """The number it will be published under."""
        return str(self.head.get("version") or "")

    @classmethod
    @transaction.atomic
    def begin(
        cls,
        plain: Plain,
        *,
        by: Actor,
        made_from: str,
        base: PlaybookVersion | None = None,
        onto: PlaybookVersion | None = None,
    ) -> "PlaybookDraft":
        """Start a draft from a playbook given as one mapping; it need not be sound yet.

        `base`: the version it started from; `onto`: the newer version of the playbook above that it is brought onto.
        Raises PlaybookError where an item has no key, number or stage of its own to be found by, or a stage no number,
        and for a value of another kind than the format says, which no page could show.
        """
        items = _placed(plain)
        draft = cls(
            base=base,
            onto=onto,
            key=str(plain.get("key") or "")[:80],
            title=str(plain.get("title") or "Untitled playbook")[:120],
            head={name: plain[name] for name in HEAD if plain.get(name) is not None},
            made_from=made_from[:200],
            started_by_id=by.person_id,
        )
        draft.save(force_insert=True)
        DraftItem.objects.bulk_create(DraftItem.holding(draft, item) for item in items)
        record(audit.DRAFT_STARTED, by=by, subject=draft, title=str(draft), made_from=draft.made_from)
        return draft

    def plain(self) -> Plain:
        """Return the draft as one mapping in the file format."""
        rows = DraftItem.objects.filter(draft=self).order_by("stage", "number")
        return {**self.head, "items": [row.data for row in rows]}

    def problems(self, plain: Plain | None = None) -> tuple[Problem, ...]:
        """Return what keeps the draft from being published."""
        plain = self.plain() if plain is None else plain
        return (*shortcomings(plain), *breaks(self.base, plain))

    @transaction.atomic
    def write_item(self, data: Mapping[str, Any], *, by: Actor, key: str = "", seen: int | None = None) -> "DraftItem":
        """Add an item, or change the one of that key; `seen`: its revision when the writer opened it.

        Raises DraftRefused for a key or number that another item has, and where somebody changed the item meanwhile.
        """
        draft = self._open()
        standing: DraftItem | None = DraftItem.objects.filter(draft=draft, key=key).first() if key else None
        if key and standing is None:
            raise DraftRefused(f"The draft has no item {key} any more.")
        if standing and seen is not None and standing.revision != seen:
            raise DraftRefused(f"Somebody changed #{standing.number} {standing.title} meanwhile: open it again.")
        row = DraftItem.holding(draft, dict(data))
        others = DraftItem.objects.filter(draft=draft).exclude(pk=standing.pk if standing else None)
        if others.filter(key=row.key).exists():
            raise DraftRefused(f"Another item has the key {row.key}.")
        if others.filter(number=row.number).exists():
            raise DraftRefused(f"Another item has the number {row.number}.")
        if standing is None:
            row.save(force_insert=True)
        else:
            if standing.data == row.data:
                return standing
            standing.key, standing.number, standing.stage, standing.data = row.key, row.number, row.stage, row.data
            standing.revision += 1
            standing.save(update_fields=["key", "number", "stage", "data", "revision"])
            row = standing
        action = audit.DRAFT_ITEM_CHANGED if standing else audit.DRAFT_ITEM_ADDED
        draft._touched(by, action, number=row.number, item=row.title)
        return row

    @transaction.atomic
    def remove_item(self, key: str, *, by: Actor) -> None:
        """Take an item out; what waits for it is told by the check before publishing."""
        draft = self._open()
        row = DraftItem.objects.filter(draft=draft, key=key).first()
        if row is None:
            return
        number, title = row.number, row.title
        row.delete()
        draft._touched(by, audit.DRAFT_ITEM_REMOVED, number=number, item=title)

    @transaction.atomic
    def write_part(self, values: Mapping[str, Any], *, by: Actor, seen: int | None = None) -> None:
        """Replace parts of the head: title and version, roles, stages, gates, scorecard, runbook.

        Raises DraftRefused where somebody changed the draft meanwhile (`seen`: its revision when it was opened), and for
        a value of another kind than the format says.
        """
        draft = self._open()
        if seen is not None and draft.revision != seen:
            raise DraftRefused("Somebody changed the draft meanwhile: open this part again.")
        head = {**draft.head, **values}
        if head == draft.head:
            return
        if problems := misshapen(values):
            raise DraftRefused("; ".join(map(str, problems)))
        draft.head = head
        draft.key, draft.title = str(head.get("key") or "")[:80], str(head.get("title") or "")[:120]
        draft._touched(by, audit.DRAFT_CHANGED, "head", "key", "title", part=", ".join(values))

    @transaction.atomic
    def write_scorecard(
        self, scorecard: Mapping[str, Any], domain_of: Mapping[str, str], *, by: Actor, seen: int | None = None
    ) -> None:
        """Replace the scorecard, and say for items by their keys which domain they score in ("": in none).

        Raises DraftRefused as `write_part` does.
        """
        self.write_part({"scorecard": dict(scorecard)}, by=by, seen=seen)
        for row in DraftItem.objects.filter(draft=self, key__in=list(domain_of)).order_by("number"):
            domain = domain_of[row.key]
            if domain != (row.data.get("domain") or ""):
                rest = {name: value for name, value in row.data.items() if name != "domain"}
                self.write_item(rest | ({"domain": domain} if domain else {}), key=row.key, by=by)

    @transaction.atomic
    def replace(self, plain: Plain, *, by: Actor) -> None:
        """Write the whole draft anew from a mapping; raises PlaybookError as `begin` does."""
        draft = self._open()
        items = _placed(plain)
        if draft.plain() == plain:
            return
        DraftItem.objects.filter(draft=draft).delete()
        DraftItem.objects.bulk_create(DraftItem.holding(draft, item) for item in items)
        draft.head = {name: plain[name] for name in HEAD if plain.get(name) is not None}
        draft.key, draft.title = str(plain.get("key") or "")[:80], str(plain.get("title") or "")[:120]
        draft._touched(by, audit.DRAFT_CHANGED, "head", "key", "title", part="all")

    @transaction.atomic
    def publish(self, *, by: Actor) -> PlaybookVersion:
        """Make it a version that never changes; twice is once.

        Raises PlaybookError with everything that is wrong, ValueError where the number is taken by other content.
        """
        draft: PlaybookDraft = self.locked(self.pk)
        if draft.state == self.State.PUBLISHED:
            return draft.published  # type: ignore[no-any-return]
        draft = self._open()
        plain = draft.plain()
        document = read(plain)
        broken = list(breaks(draft.base, plain))
        if broken:
            raise PlaybookError(broken)
        if Playbook.objects.filter(key=document.key, versions__version=document.version).exists():
            raise DraftRefused(f"{document.title} {document.version} is published already: choose another number.")
        version = PlaybookVersion.publish(document, by=by, source=draft.made_from, parent=draft.base, onto=draft.onto)
        draft.state, draft.published = self.State.PUBLISHED, version
        draft.save(update_fields=["state", "published"])
        return version

    @transaction.atomic
    def discard(self, *, by: Actor) -> None:
        """Put it away; its rows stay for the record."""
        draft: PlaybookDraft = self.locked(self.pk)
        if draft.state == self.State.DISCARDED:
            return
        draft = self._open()
        draft.state = self.State.DISCARDED
        draft.save(update_fields=["state"])
        record(audit.DRAFT_DISCARDED, by=by, subject=draft, title=str(draft))

    def _open(self) -> "PlaybookDraft":
        draft: PlaybookDraft = self.locked(self.pk)
        if draft.state != self.State.OPEN:
            raise DraftRefused(f"This draft is {draft.get_state_display().lower()}: start another one.")
        return draft

    def _touched(self, by: Actor, action: Any, *fields: str, **data: Any) -> None:
        self.revision += 1
        self.changed_at = timezone.now()
        self.save(update_fields=["revision", "changed_at", *fields])
        record(action, by=by, subject=self, title=str(self), **data)


class DraftItem(TenantModel):
    """An item in the making."""

    draft: Any = TenantForeignKey(PlaybookDraft, on_delete=models.CASCADE, related_name="items")
    key = models.CharField(max_length=80)
    number = models.PositiveSmallIntegerField()
    stage = models.PositiveSmallIntegerField()
    data = models.JSONField(help_text="The item in the file format, its stage included")
    revision = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "draft", "key"], name="draft_item_key_once"),
            models.UniqueConstraint(fields=["organization", "draft", "number"], name="draft_item_number_once"),
        ]

    @property
    def title(self) -> str:
        """The item's title, as far as it has one."""
        return str(self.data.get("title") or self.key)

    @classmethod
    def holding(cls, draft: PlaybookDraft, data: Plain) -> "DraftItem":
        """Return the unsaved row of an item in the file format."""
        return cls(draft=draft, key=data["key"], number=data["number"], stage=data["stage"], data=data)


def next_number(version: PlaybookVersion) -> str:
    """Return the next free number of the playbook: the last figure of the newest, raised by one."""
    taken = set(PlaybookVersion.objects.filter(playbook_id=version.playbook_id).values_list("version", flat=True))
    start, dot, last = version.version.rpartition(".")
    number = int(last) + 1 if last.isdecimal() else 1
    head = f"{start}{dot}" if last.isdecimal() else f"{version.version}."
    while f"{head}{number}" in taken:
        number += 1
    return f"{head}{number}"[:20]


def _placed(plain: Plain) -> list[Plain]:
    """Return the items, each a mapping with a key, a number and a stage of its own; raise PlaybookError as `begin` does."""
    problems, keys, numbers = [], set(), set()
    items = plain.get("items") or []
    if not isinstance(items, list):
        raise PlaybookError([Problem("", "", "items", "must be a list")])
    for place, item in enumerate(items, start=1):
        subject = f"item no. {place}"
        if not isinstance(item, dict):
            problems.append(Problem("", subject, "", "must be a mapping"))
            continue
        key, number = item.get("key"), item.get("number")
        if not isinstance(key, str) or not 0 < len(key) <= 80 or key in keys:
            problems.append(Problem("", subject, "key", "must be a text that no other item has, at most 80 characters"))
        if not _whole(number) or number in numbers:
            problems.append(Problem("", subject, "number", "must be a whole number that no other item has"))
        if not _whole(item.get("stage")):
            problems.append(Problem("", subject, "stage", "must be the number of a stage"))
        keys.add(str(key))
        numbers.add(number if isinstance(number, int) else None)
    problems = problems or misshapen(plain)
    for place, stage in enumerate([] if problems else plain.get("stages") or [], start=1):
        if not _whole(stage.get("number")):
            problems.append(Problem("", f"stage no. {place}", "number", "must be a whole number"))
    if problems:
        raise PlaybookError(problems)
    return items


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 32_767
