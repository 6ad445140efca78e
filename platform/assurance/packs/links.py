"""The signed address of a finished pack: bound to organization, pack, its key and one person, good for an hour."""

from datetime import timedelta
from uuid import UUID

from django.core import signing

from assurance.models import AuditPack
from tenancy.models import Organization
from web.addresses import reverse

SALT = "assurance.pack"
LASTS = timedelta(hours=1)


def address_of(pack: AuditPack, person_id: UUID, slug: str) -> str:
    """Return where this person downloads it. The person still signs in, and still has to be allowed then."""
    token = signing.dumps(_bound(pack, person_id), salt=SALT, compress=False)
    return reverse("org:assurance:pack_file", kwargs={"org": slug, "token": token})


def read(token: str, organization: Organization, person_id: UUID) -> AuditPack | None:
    """Return the pack of a link; None if it is late, changed, somebody else's, or of another organization."""
    try:
        bound = signing.loads(token, salt=SALT, max_age=LASTS)
        found = AuditPack.objects.filter(pk=UUID(bound[1])).first()
    except (signing.BadSignature, ValueError, TypeError, IndexError, AttributeError):
        return None
    if found is None or bound != _bound(found, person_id) or bound[0] != str(organization.pk):
        return None
    return found if found.state == AuditPack.State.READY else None


def _bound(pack: AuditPack, person_id: UUID) -> list[str]:
    return [str(pack.organization_id), str(pack.pk), pack.key, str(person_id)]
