"""Answering an approval from the mail, without an account: a confirm page first, then one POST from that very page.

A mail scanner opens links, and some send forms. Opening (GET, HEAD) changes nothing. A POST counts only with the CSRF
token, with the page's own token, from the browser that opened the page, and with a choice that no page makes for one.
Where the organization wants it, a code from a second mail is needed as well (`models/approval_code.py`).
"""

import secrets
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.middleware import in_zone
from audit.actor import Actor
from onboarding.deployments import approval_links
from onboarding.deployments.actions.confirm_by_mail import confirm, send_code
from onboarding.deployments.models import ApprovalCode, ApprovalPolicy, ApprovalRequest, EvidenceVersion
from onboarding.deployments.models.approval import ApprovalRefused, approver
from onboarding.deployments.models.approval_code import TRIES
from onboarding.deployments.models.item import ItemRefused
from onboarding.vault.web.serving import attachment
from tenancy.models import Organization
from tenancy.scope import scope
from web.render import page

TEMPLATE = "deployments/approve.html"
COOKIE = "approval"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, org: str, token: str) -> HttpResponse:
    """Show what is asked; take the answer on POST. A link that was never one is answered like any missing page."""
    organization = _organization(org)
    with scope(organization.pk):
        asked = approval_links.read(token, organization)
        if asked is None:
            raise Http404
        with in_zone(asked.person.time_zone or organization.time_zone):
            return _answer(request, organization, asked)


@never_cache
@require_safe
def evidence(request: HttpRequest, org: str, token: str, sha256: str) -> HttpResponseBase:
    """One file of the item that is asked about, by its hash, while the question stands; the reading is written down."""
    organization = _organization(org)
    with scope(organization.pk):
        asked = approval_links.read(token, organization)
        if asked is None or _ended(request, asked):
            raise Http404
        version = next((one for one in _papers(asked) if one.sha256 == sha256), None)
        if version is None:
            raise Http404
        file = attachment(organization.pk, version.file)
        version.evidence.opened(version, by=_actor(asked), how="by a mailed link")
        return file


def _answer(request: HttpRequest, organization: Organization, asked: ApprovalRequest) -> HttpResponse:
    if ended := _ended(request, asked):
        return page(request, TEMPLATE, {"state": "ended", "why": ended, "host": organization}, status=410)
    if request.user.is_authenticated and request.user.pk != asked.person_id:
        return page(request, TEMPLATE, {"state": "other", "host": organization, "asked": asked}, status=403)
    if request.method != "POST":
        return _confirm_page(request, organization, asked)
    if not approval_links.was_read(request.POST.get("page", ""), asked, request.COOKIES.get(COOKIE, "")):
        again = "This page was changed or is out of date. Nothing was answered: read it again."
        return _confirm_page(request, organization, asked, again, status=409)
    browser = request.COOKIES.get(COOKIE, "")
    try:
        if "send_code" in request.POST and ApprovalPolicy.wants_code():
            send_code(asked, browser, by=_actor(asked))
            return _confirm_page(request, organization, asked)
        _take(request, asked, browser)
    except (ApprovalRefused, ItemRefused) as refusal:
        return _confirm_page(request, organization, asked, str(refusal), status=422)
    asked.refresh_from_db()
    confirm(asked, organization)
    return page(request, TEMPLATE, {"state": "done", "asked": asked, "host": organization})


def _take(request: HttpRequest, asked: ApprovalRequest, browser: str) -> None:
    """Take the answer; a code is tried last, so that a slip elsewhere costs none."""
    choice, reason = request.POST.get("answer", ""), request.POST.get("reason", "").replace("\0", "")[:500]
    if choice not in ("approve", "refuse"):
        raise ApprovalRefused("Choose whether you approve or refuse.")
    if choice == "refuse" and not reason.strip():
        raise ApprovalRefused("Say why: whoever asked reads it.")
    code = None
    if ApprovalPolicy.wants_code():
        code = ApprovalCode.tried(asked, browser, request.POST.get("code", "")[:20])
        if code is None:
            raise ApprovalRefused(_wrong_code(asked))
    if choice == "approve":
        asked.approve(by=_actor(asked), by_link=True, code=code)
    else:
        asked.refuse(by=_actor(asked), reason=reason, by_link=True, code=code)


def _wrong_code(asked: ApprovalRequest) -> str:
    newest = ApprovalCode.newest(asked)
    if newest is not None and newest.live:
        left = TRIES - newest.tries
        return f"This is not the code of the newest mail. {left} {'try is' if left == 1 else 'tries are'} left."
    return "There is no code that counts any more: ask for a new one."


def _confirm_page(
    request: HttpRequest, organization: Organization, asked: ApprovalRequest, refused: str = "", status: int = 200
) -> HttpResponse:
    browser = request.COOKIES.get(COOKIE) or secrets.token_urlsafe(16)
    context: dict[str, Any] = {
        "state": "ask",
        "asked": asked,
        "host": organization,
        "item": asked.item,
        "papers": _papers(asked),
        "guidance": asked.item.playbook_item.guidance if asked.item.playbook_item else "",
        "page_token": approval_links.page_token(asked, browser),
        "refused": refused,
        "wants_code": ApprovalPolicy.wants_code(),
        "code": ApprovalCode.newest(asked),
        "chosen": request.POST.get("answer", ""),
        "reason": request.POST.get("reason", ""),
        "place": request.path,
    }
    response = page(request, TEMPLATE, context, status=status)
    response.set_cookie(
        COOKIE, browser, path=f"/a/{organization.slug}/", httponly=True, samesite="Strict", secure=request.is_secure(),
        max_age=int(approval_links.PAGE_LASTS.total_seconds()),
    )  # fmt: skip
    response["X-Robots-Tag"] = "noindex"
    return response


def _papers(asked: ApprovalRequest) -> list[EvidenceVersion]:
    """Return the newest version of each paper that was not returned; one statement."""
    found = (
        EvidenceVersion.objects.filter(evidence__item_id=asked.item_id)
        .exclude(evidence__state="returned")
        .select_related("evidence", "by")
        .order_by("evidence_id", "-number")
        .distinct("evidence_id")
    )
    return list(found)


def _ended(request: HttpRequest, asked: ApprovalRequest) -> str:
    try:
        asked.refuse_unless_answerable(by_link=True)
    except ApprovalRefused as refusal:
        return str(refusal)
    return ""


def _actor(asked: ApprovalRequest) -> Actor:
    member = approver(asked.person, asked.item)
    if member is None:
        raise Http404
    return member.actor


def _organization(slug: str) -> Organization:
    found = Organization.objects.filter(slug=slug).first()
    if found is None:
        raise Http404
    return found
