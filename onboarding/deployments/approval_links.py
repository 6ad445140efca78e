"""The link in a mail that asks for an approval: signed over organization, request, person, item and the request's key.

It lets one person answer one question about one item, once, until the question ends. The state decides, not the link: an
answered, expired, withdrawn or handed-over request makes every link to it worthless.
"""

from datetime import timedelta
from uuid import UUID

from django.core import signing
from django.urls import reverse

from onboarding.deployments.models import ApprovalRequest
from tenancy.models import Organization

LINK, PAGE = "deployments.approval", "deployments.approval.page"
PAGE_LASTS = timedelta(hours=2)


def path_of(request: ApprovalRequest, slug: str) -> str:
    """Return the address of the confirm page. For the eyes of the one person who was asked."""
    token = signing.dumps(_bound(request), salt=LINK, compress=False)
    return reverse("approval", kwargs={"org": slug, "token": token})


def read(token: str, organization: Organization) -> ApprovalRequest | None:
    """Return the request of a link, in the organization's scope; None if anything of it was changed or exchanged."""
    try:
        bound = signing.loads(token, salt=LINK)
        found = ApprovalRequest.objects.with_item().filter(pk=UUID(bound[1])).first()
    except (signing.BadSignature, ValueError, TypeError, IndexError, AttributeError):
        return None
    if found is None or bound != _bound(found) or bound[0] != str(organization.pk):
        return None
    return found


def page_token(request: ApprovalRequest, browser: str) -> str:
    """Return what the confirm page's form carries: the answer is to what was read there, in that browser."""
    return signing.dumps([*_bound(request), request.item.version, browser], salt=PAGE, compress=False)


def was_read(token: str, request: ApprovalRequest, browser: str) -> bool:
    """Whether the token is of this request's page, of this browser, and of the item as it still is."""
    try:
        found = signing.loads(token, salt=PAGE, max_age=PAGE_LASTS)
    except signing.BadSignature:
        return False
    return bool(browser) and found == [*_bound(request), request.item.version, browser]


def _bound(request: ApprovalRequest) -> list[str]:
    ids = (request.organization_id, request.pk, request.person_id, request.item_id)
    return [*map(str, ids), request.key]
