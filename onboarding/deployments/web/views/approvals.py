"""Asking for an approval from the item, answering signed in, taking it back; and whether mail may answer."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from access.permissions import Permission
from access.require import require
from accounts.models import Membership
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import ApprovalPolicy, ApprovalRequest, Item
from onboarding.deployments.models.approval import ApprovalRefused
from onboarding.deployments.models.item import ItemRefused
from onboarding.deployments.web.forms import ReasonForm
from onboarding.deployments.web.views.bulk import is_uuid
from onboarding.deployments.web.views.items import verb
from web.forms import Form
from web.render import page, toast
from web.whole_tables import shown_rows

SHOWN = 100


class PolicyForm(Form):
    """Whether mail may answer."""

    OFF, LINK, CODE = "off", "link", "code"
    SAID = {
        OFF: "Approvals by mail are off",
        LINK: "Approvals by mail are on",
        CODE: "Approvals by mail are on, with a code",
    }
    way = forms.ChoiceField(
        label="Approvals of items by mail",
        choices=[
            (OFF, "Off: whoever is asked signs in"),
            (LINK, "By a link"),
            (CODE, "By a link, and a code from a second mail"),
        ],
        widget=forms.RadioSelect,
        help_text="Switching it off ends every link that was sent. With a code, whoever gets hold of one mail alone answers nothing.",
    )

    @classmethod
    def now(cls) -> str:
        """Return what is permitted at present."""
        if not ApprovalPolicy.permits_mail():
            return cls.OFF
        return cls.CODE if ApprovalPolicy.wants_code() else cls.LINK


@verb(Permission.ITEM_WORK, host_only=True)
def ask(request: HttpRequest, lens: Lens, item: Item) -> str:
    """Ask somebody to approve the item."""
    text = request.POST.get("person", "")
    # Among the members only: an id from elsewhere must not tell whose it is.
    member = Membership.objects.active().filter(user_id=text).select_related("user").first() if is_uuid(text) else None
    if member is None:
        raise ItemRefused("Choose who should approve it.")
    try:
        ApprovalRequest.ask(
            item,
            member.user,
            by=request.actor,  # type: ignore[attr-defined]
            question=request.POST.get("question", "").strip()[:500],
        )
    except ApprovalRefused as refusal:
        raise ItemRefused(str(refusal)) from refusal
    return f"{member} is asked to approve #{item.number}"


@verb(Permission.ITEM_WORK, host_only=True)
def withdraw(request: HttpRequest, lens: Lens, item: Item) -> str:
    """Take a question back."""
    text = request.POST.get("approval", "")
    found = ApprovalRequest.objects.filter(pk=text, item=item).first() if is_uuid(text) else None
    if found is None:
        raise ItemRefused("That question is not there any more.")
    found.withdraw(by=request.actor, reason="Whoever asked took it back.")  # type: ignore[attr-defined]
    return f"The question to {found.person} is taken back"


@verb(Permission.ITEM_REVIEW, host_only=True)
def answer(request: HttpRequest, lens: Lens, item: Item) -> str:
    """Approve or refuse, signed in, what one was asked about."""
    found = ApprovalRequest.objects.with_item().filter(item=item, person_id=request.user.pk, state="asked").first()
    if found is None:
        raise ItemRefused("Nobody waits for your answer here.")
    try:
        if request.POST.get("answer") == "approve":
            found.approve(by=request.actor)  # type: ignore[attr-defined]
            return f"#{item.number} approved"
        found.refuse(by=request.actor, reason=ReasonForm.reason(request.POST))  # type: ignore[attr-defined]
    except ApprovalRefused as refusal:
        raise ItemRefused(str(refusal)) from refusal
    return f"#{item.number} refused"


@require(Permission.POLICY_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest, org: str) -> HttpResponse:
    """Whether a mailed link may approve an item of this organization."""
    if request.part is not None:  # type: ignore[attr-defined]
        raise Http404
    form = PolicyForm(request.POST if request.method == "POST" else None, initial={"way": PolicyForm.now()})
    if request.method == "POST" and form.is_valid():
        way = form.cleaned_data["way"]
        ApprovalPolicy.change(by=request.actor, by_mail=way != form.OFF, with_code=way == form.CODE)  # type: ignore[attr-defined]
        toast(request, form.SAID[way])
        return redirect("org:deployments:approval_policy", org=org)
    waiting = ApprovalRequest.objects.waiting().with_item().order_by("expires_at")
    return page(
        request,
        "deployments/approval_policy.html",
        {"form": form, "waiting": shown_rows(request.GET, waiting, SHOWN)},
        status=422 if form.is_bound else 200,
    )
