"""One thing done to many rows of the portfolio: looked at on a page of its own, then done and undoable."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from access.permissions import Permission
from access.require import NotAllowed, require
from accounts.models import User
from onboarding.deployments.actions.edit_deployments import DeploymentEdit, digest, edit_deployments, look
from onboarding.deployments.actions.edit_items import PreviewIsOld
from onboarding.deployments.models import PortfolioRow, TeamRole
from onboarding.deployments.people import host_people
from onboarding.deployments.web.forms import BulkTeamForm
from onboarding.deployments.web.telling import tell_of
from onboarding.deployments.web.views.bulk import is_uuid
from web.render import page, redirect_or_refresh, toast

LARGEST = 200
MOVES_GO_LIVE = "go_live"


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def bulk(request: HttpRequest, org: str) -> HttpResponse:
    """Show what would change and what is refused; with `apply` and the mark of that preview, do it."""
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.DEPLOYMENT_PLAN)
    place = reverse("org:deployments:portfolio", kwargs={"org": org})
    do = request.POST.get("do", "")
    if do == MOVES_GO_LIVE:  # dates are the plan's: it shows every shift, and asks with the same form
        moved = HttpResponse(status=307)
        moved["Location"] = reverse("org:plans:move_many", kwargs={"org": org})
        return moved
    picked = [UUID(text) for text in dict.fromkeys(request.POST.getlist("picked")[:LARGEST]) if is_uuid(text)]
    rows = list(PortfolioRow.objects.filter(deployment_id__in=picked).order_by("host_name", "site"))
    if do != "team" or not rows:
        toast(request, "Tick the deployments first." if do == "team" else "Choose what to do with the ticked rows.")
        return HttpResponseRedirect(place)
    own = [row.deployment_id for row in rows if not row.part]
    others = [(f"{row.title}, {row.site}", f"{row.host_name} runs it: ask them.") for row in rows if row.part]
    form = BulkTeamForm(request.POST if "given" in request.POST else None)
    roles = TeamRole.objects.filter(deployment_id__in=own).order_by("title").values_list("code", "title").distinct()
    form.offer(list(dict(roles).items()), [(str(one.id), one.label) for one in host_people(*own)])
    context = {
        "do": do,
        "title": "Put a person in a team role of",
        "form": form,
        "rows": rows,
        "old": False,
        "previewed": False,
    }
    context |= {"changing": [], "refused": others, "seen": ""}
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return page(request, "deployments/bulk_deployments.html", context, status=status)
    person = User.objects.get(pk=form.cleaned_data["person"])
    edit = DeploymentEdit(code=form.cleaned_data["code"], person=person)
    said = f"{person} put in as {edit.code}"
    if "apply" in request.POST:
        try:
            change = edit_deployments(
                own,
                edit,
                by=request.actor,  # type: ignore[attr-defined]
                said=said,
                expected=request.POST.get("seen", "-"),
            )
        except PreviewIsOld:
            context["old"] = True
        else:
            tell_of(request, change)
            return redirect_or_refresh(request, place)
    lines = look(own, edit)
    refused = [(str(line.deployment), line.refused) for line in lines if line.refused]
    context |= {
        "previewed": True,
        "changing": [line for line in lines if not line.refused],
        "refused": [*others, *refused],
        "seen": digest(lines),
    }
    return page(request, "deployments/bulk_deployments.html", context, status=409 if context["old"] else 200)
