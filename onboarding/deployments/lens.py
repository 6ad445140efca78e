"""What of a deployment a person sees: the host's people all of it, a partner what its part opens.

The database already narrows a partner to the deployments shared with it (tenancy.schema); this module is the only
place that narrows further, inside one deployment. Pages, the API and exports ask it and never decide themselves.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest

from access.permissions import Part, Permission
from access.require import NotAllowed
from onboarding.deployments.models import Comment, Deployment, Evidence, Item, ItemDependency, TeamRole
from onboarding.deployments.models.item import ItemQuerySet
from tenancy.prepared import prepared


@dataclass(frozen=True, slots=True)
class Lens:
    """One person's view of the deployments of the organization in scope."""

    organization_id: UUID
    """The organization the person belongs to: a partner's differs from the host."""
    part: str | None
    permissions: Collection[Any]

    @classmethod
    def of(cls, request: HttpRequest) -> "Lens":
        """Return the lens of whoever asks."""
        return cls(request.seat.organization_id, request.part, request.permissions)  # type: ignore[attr-defined]

    @property
    def of_host(self) -> bool:
        """Whether the person belongs to the host itself."""
        return self.part is None

    def can(self, permission: Permission) -> bool:
        """Whether the person has the permission here."""
        return permission in self.permissions

    def deployment(self, pk: Any) -> Deployment:
        """Return a deployment with what a page's head names; raise Http404 for one that is not open to the person."""
        found = _deployment(_uuid(str(pk)))
        if not found:
            raise Http404
        one: Deployment = found[0]
        return one

    def items(self, deployment_id: Any) -> ItemQuerySet:
        """Return the items the person sees, in order. A funder sees none: raise NotAllowed.

        A vendor sees the items of its side (a role of side "vendor" owns them or works on them) and those that hold
        these up, so that it knows what it waits for.
        """
        if not self.can(Permission.ITEM_READ):
            raise NotAllowed(Permission.ITEM_READ)
        return self._narrowed(Item.objects.of_deployment(deployment_id), deployment_id)

    def items_everywhere(self) -> ItemQuerySet:
        """Return the items the person sees of all deployments in reach; none for those who see no items."""
        if not self.can(Permission.ITEM_READ):
            return Item.objects.none()
        return self._narrowed(Item.objects.all())

    @property
    def sees_every_item(self) -> bool:
        """Whether nothing narrows `items`."""
        return self.can(Permission.ITEM_READ) and self.part != Part.VENDOR

    def item(self, deployment_id: Any, name: str) -> Item:
        """Return an item by its number or id; raise Http404 for one the person does not see."""
        named = Q(number=int(name)) if name.isdecimal() and len(name) < 5 else Q(pk=_uuid(name))
        found = self.items(deployment_id).filter(named).select_related("assignee", "playbook_item").first()
        if found is None:
            raise Http404
        return found

    def may_work_on(self, item: Item, sides: Mapping[str, str]) -> bool:
        """Whether the person may change the item; `sides` maps the team's role codes to host, vendor or hub.

        What merely holds a vendor's items up is for reading.
        """
        if not self.can(Permission.ITEM_WORK):
            return False
        return self.part != Part.VENDOR or "vendor" in {sides.get(code) for code in (item.owner, *item.also)}

    def comments(self, item: Item) -> Any:
        """Return the remarks the person may read, oldest first; internal ones are for the host's own people."""
        return self._readable(Comment.objects.filter(item=item)).select_related("author").order_by("at", "id")

    def comments_everywhere(self) -> Any:
        """Return the remarks the person may read on all items they see."""
        return self._readable(Comment.objects.filter(item__in=self.items_everywhere()))

    def _readable(self, comments: Any) -> Any:
        return comments if self.reads_internal else comments.filter(internal=False)

    @property
    def reads_internal(self) -> bool:
        """Whether internal remarks are open: to the host's own people whose role says so."""
        return self.of_host and self.can(Permission.COMMENT_INTERNAL)

    def evidence(self, deployment_id: Any) -> Any:
        """Return the evidence the person may open: a partner what it gave or what is marked for partners.

        Whoever sees items opens the evidence of those alone; a funder, who sees none, whatever is marked.
        """
        found = Evidence.objects.filter(deployment_id=deployment_id)
        if self.of_host or not self.can(Permission.ITEM_READ):
            return self._open_to(found)
        return self._open_to(found.filter(item__in=self.items(deployment_id)))

    @property
    def opens_all_evidence(self) -> bool:
        """Whether nothing narrows `evidence`."""
        return self.of_host and self.can(Permission.EVIDENCE_READ)

    def evidence_everywhere(self) -> Any:
        """Return the evidence the person may open on all items they see."""
        return self._open_to(Evidence.objects.filter(item__in=self.items_everywhere()))

    def _open_to(self, found: Any) -> Any:
        if not self.can(Permission.EVIDENCE_READ):
            return found.none()
        if self.of_host:
            return found
        return found.filter(Q(for_partners=True) | Q(given_by_organization_id=self.organization_id))

    def _narrowed(self, items: ItemQuerySet, deployment_id: Any = None) -> ItemQuerySet:
        """Leave a vendor its own side's items, and those that hold these up; of one deployment or of all in reach."""
        if self.part != Part.VENDOR:
            return items
        where = {} if deployment_id is None else {"deployment_id": deployment_id}
        sides = TeamRole.objects.filter(side="vendor", **where).values_list("deployment_id", "code")
        codes: dict[UUID, list[str]] = defaultdict(list)
        for owner, code in sides.order_by("code"):
            codes[owner].append(code)
        alike: dict[tuple[str, ...], list[UUID]] = defaultdict(list)
        for owner, held in codes.items():
            alike[tuple(held)].append(owner)
        own = Q(pk__in=[])
        for roles, owners in alike.items():
            own |= Q(deployment_id__in=owners) & (Q(owner__in=roles) | Q(also__overlap=list(roles)))
        holding_up = ItemDependency.objects.filter(item__in=Item.objects.filter(own), **where)
        return items.filter(own | Q(pk__in=holding_up.values("predecessor_id")))


@prepared
def _deployment(pk: UUID) -> QuerySet[Deployment]:
    return Deployment.objects.for_page().filter(pk=pk)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
