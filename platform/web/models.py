"""Saved views: a list's filters, grouping, order and columns under a name."""

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict

from audit.actor import Actor
from audit.models.event import record
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel
from web import audit

PASSING = ("after", "before", "view")
"""What stands in an address for a moment and belongs to no view."""


class ViewRefused(ValueError):
    """A view cannot be saved so; the message says what would change it."""


class SavedViewQuerySet(TenantQuerySet["SavedView"]):
    """Named filters over saved views."""

    def seen_by(self, user_id: Any, page: str) -> "SavedViewQuerySet":
        """Views of a page that are one's own or shared, by title; `chosen` says which of them the page opens with."""
        chosen = DefaultView.objects.filter(user_id=user_id, page=page, view_id=OuterRef("pk"))
        return (
            self.filter(Q(owner_id=user_id) | Q(shared=True), page=page)
            .select_related("owner")
            .annotate(chosen=Exists(chosen))
            .order_by("title", "id")
        )


class SavedView(TenantModel):
    """A view of one page: what stands in its address. Its owner's, or shared with the whole organization."""

    page = models.CharField(max_length=20)
    title = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True)
    shared = models.BooleanField(default=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantManager.from_queryset(SavedViewQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "page", "owner", "title"], name="saved_view_title_once")
        ]

    @classmethod
    @transaction.atomic
    def keep(cls, page: str, title: str, query: str, *, by: Actor, shared: bool = False) -> "SavedView":
        """Save what stands in an address under a name; one's own view of that name is replaced.

        Raises ViewRefused without a name, or for an address that is too long.
        """
        title, query = title.strip(), tidy(query)
        if not title:
            raise ViewRefused("Give the view a name.")
        if len(title) > 60 or len(query) > 1000:
            raise ViewRefused("The name or the number of filters is too long for a view.")
        standing = cls.objects.filter(page=page, title=title, owner_id=by.person_id).select_for_update().first()
        view = standing or cls(page=page, title=title, owner_id=by.person_id)
        if standing and (standing.query, standing.shared) == (query, shared):
            return standing
        view.query, view.shared = query, shared
        view.save()
        record(audit.VIEW_SAVED, by=by, subject=view, page=page)
        return view

    @transaction.atomic
    def share(self, shared: bool, *, by: Actor) -> None:
        """Show the view to the whole organization, or to its owner alone again."""
        view = self.locked(self.pk)
        view._own(by)
        if view.shared == shared:
            return
        view.shared = shared
        view.save(update_fields=["shared"])
        if not shared:
            DefaultView.objects.filter(view=view).exclude(user_id=view.owner_id).delete()
        record(audit.VIEW_SHARED if shared else audit.VIEW_UNSHARED, by=by, subject=view, page=view.page)

    @transaction.atomic
    def remove(self, *, by: Actor) -> None:
        """Take the view away, for everybody who saw it."""
        self._own(by)
        record(audit.VIEW_REMOVED, by=by, subject=self, page=self.page)
        self.delete()

    @transaction.atomic
    def choose(self, *, by: Actor) -> None:
        """Open the page with this view from now on; for this person alone."""
        standing = DefaultView.objects.filter(user_id=by.person_id, page=self.page).first()
        if standing and standing.view_id == self.pk:
            return
        chosen = standing or DefaultView(user_id=by.person_id, page=self.page)
        chosen.view = self
        chosen.save()
        record(audit.VIEW_CHOSEN, by=by, subject=self, page=self.page)

    @transaction.atomic
    def unchoose(self, *, by: Actor) -> None:
        """Open the page as it comes again."""
        gone, _ = DefaultView.objects.filter(user_id=by.person_id, view=self).delete()
        if gone:
            record(audit.VIEW_UNCHOSEN, by=by, subject=self, page=self.page)

    def _own(self, by: Actor) -> None:
        if self.owner_id != by.person_id:
            raise ViewRefused(f"“{self.title}” is {self.owner}’s view: save one of your own under the same name.")


class DefaultView(TenantModel):
    """The view a person opens a page with."""

    page = models.CharField(max_length=20)
    view: Any = TenantForeignKey(SavedView, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "user", "page"], name="default_view_once")]


def tidy(query: str) -> str:
    """Return a query string without what is only passing, in a fixed order."""
    values = QueryDict(query.lstrip("?")[:2000], mutable=True)
    for name in PASSING:
        values.pop(name, None)
    kept = QueryDict(mutable=True)
    for name in sorted(values):
        kept.setlist(name, [value for value in values.getlist(name) if value])
    return kept.urlencode()
