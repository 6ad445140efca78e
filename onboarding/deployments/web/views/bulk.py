"""One thing done to many items: asked for on the list, looked at on a page of its own, then done and undoable."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from access.permissions import Permission
from access.require import NotAllowed, require
from onboarding.deployments.actions.edit_items import Edit, Line, PreviewIsOld, digest, edit_items, look
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Item, TeamRole
from onboarding.deployments.models.item import ItemRefused
from onboarding.deployments.people import host_people
from onboarding.deployments.web.checklist import look_of, tail_of
from onboarding.deployments.web.forms import BlockForm, BulkForm, chosen_person
from onboarding.deployments.web.frame import frame
from onboarding.deployments.web.telling import tell_of
from onboarding.deployments.web.views.checklist import refused_list
from web.formats import day
from web.render import page, redirect_or_refresh

LARGEST_BULK = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that the bulk bar offers: the verb, what it is called once done, what it asks for, who may."""

    title: str
    done: str
    asks: tuple[str, ...] = ()
    permission: Permission = Permission.ITEM_WORK


CHOICES = {
    "complete": Choice("Complete", "completed"),
    "start": Choice("Start", "started"),
    "assign": Choice("Assign", "assigned", ("person",)),
    "block": Choice("Block", "blocked", ("reason", "waits_for")),
    "unblock": Choice("Clear the block of", "no longer blocked"),
    "due": Choice("Move the due date of", "moved", ("due_on", "days"), Permission.DEPLOYMENT_PLAN),
    "not_needed": Choice("Mark as not needed:", "not needed here", ("reason",), Permission.ITEM_REVIEW),
    "reopen": Choice("Reopen", "open again", ("reason",), Permission.ITEM_REVIEW),
}


@require(Permission.ITEM_WORK)
@require_POST
def bulk(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """Show what would change and what is refused; with `apply` and the mark of that preview, do it."""
    lens = Lens.of(request)
    if not lens.of_host:
        raise NotAllowed(Permission.ITEM_WORK)
    do = request.POST.get("do", "")
    if do not in CHOICES:
        return refused_list(request, deployment, "Choose what to do with the ticked items.")
    choice = CHOICES[do]
    if not lens.can(choice.permission):
        raise NotAllowed(choice.permission)
    picked = {text for text in request.POST.getlist("picked")[:LARGEST_BULK] if is_uuid(text)}
    items = list(lens.items(deployment).filter(pk__in=picked).select_related("assignee", "deployment__site"))
    if not picked:
        return refused_list(request, deployment, "Tick the items first.")
    if len(items) != len(picked):
        return refused_list(request, deployment, "One of the ticked items is not there any more: load the page again.")
    form = BulkForm(request.POST if "given" in request.POST or do == "assign" else None, asks=choice.asks)
    if choice.asks and not form.is_valid():
        return _preview(request, lens, deployment, do, items, form, None, status=422 if form.is_bound else 200)
    try:
        edit, said = _edit(do, form, deployment)
    except ItemRefused as refusal:
        return refused_list(request, deployment, str(refusal))
    accepts = lens.can(Permission.ITEM_REVIEW)
    if "apply" in request.POST:
        try:
            change = edit_items(
                picked,
                edit,
                by=request.actor,  # type: ignore[attr-defined]
                may_accept=accepts,
                said=said(accepts),
                expected=request.POST.get("seen", "-"),
            )
        except PreviewIsOld:
            return _preview(request, lens, deployment, do, items, form, edit, old=True, status=409)
        tell_of(request, change)
        place = reverse("org:deployments:checklist", kwargs={"org": org, "deployment": deployment})
        return redirect_or_refresh(request, place + tail_of(request))
    return _preview(request, lens, deployment, do, items, form, edit)


def is_uuid(text: str) -> bool:
    """Whether the text is an id at all."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _edit(do: str, form: BulkForm, deployment: UUID) -> tuple[Edit, Any]:
    values = form.cleaned_data if form.is_bound and form.is_valid() else {}
    person = chosen_person(values.get("person") or "", deployment)
    BlockForm.check_role(values.get("waits_for", ""), deployment)

    def said(accepts: bool) -> str:
        if do == "complete":
            return "accepted" if accepts else "sent to review"
        if do == "assign":
            return f"assigned to {person}" if person else "given back to their team roles"
        return CHOICES[do].done

    edit = Edit(
        do,
        reason=values.get("reason", ""),
        waits_for=values.get("waits_for", ""),
        person=person,
        due_on=values.get("due_on"),
        days=values.get("days") or 0,
    )
    return edit, said


def _preview(
    request: HttpRequest,
    lens: Lens,
    deployment_id: UUID,
    do: str,
    items: list[Item],
    form: BulkForm,
    edit: Edit | None,
    *,
    old: bool = False,
    status: int = 200,
) -> HttpResponse:
    deployment = lens.deployment(deployment_id)
    roles = list(TeamRole.objects.filter(deployment_id=deployment_id).order_by("title").values_list("code", "title"))
    people = [(str(one.id), one.label) for one in host_people(deployment_id)]
    if choices := form.fields.get("waits_for"):
        choices.widget.choices = [("", "Somebody outside the team"), *roles]
    if choices := form.fields.get("person"):
        choices.widget.choices = [("", "Nobody: the team role"), *people]
    lines = (
        look(items, edit, by=request.actor, may_accept=lens.can(Permission.ITEM_REVIEW))  # type: ignore[attr-defined]
        if edit
        else []
    )
    context = {
        **frame(request, deployment, "Checklist"),
        "do": do,
        "choice": CHOICES[do],
        "form": form,
        "old": old,
        "items": items,
        "previewed": edit is not None,
        "changing": [_shown(line, edit) for line in lines if line.after],
        "refused": [line for line in lines if line.refused],
        "seen": digest(lines) if edit else "",
    }
    return page(request, "deployments/bulk_preview.html", context, status=status)


def _shown(line: Line, edit: Edit | None) -> dict[str, Any]:
    """Say in words what an item is and what it becomes."""
    item = line.item
    if "due_on" in line.after:
        now, then = day(line.before["due_on"]), day(line.after["due_on"])
    elif "assignee_id" in line.after:
        now = str(item.assignee) if item.assignee else "Nobody"
        then = str(edit.person) if edit and edit.person else "Nobody"
    else:
        today = item.due_on
        now = look_of(item.state, item.due_on, item.waived_until, today)[0].word
        then = Item.State(line.after.get("state", item.state)).label
    return {"item": item, "now": now, "then": then}
