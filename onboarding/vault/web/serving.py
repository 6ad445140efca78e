"""A stored file as a download: nothing of it runs in the product's origin."""

from uuid import UUID

from django.http import FileResponse, Http404

from onboarding.vault.files import StoredFile
from web.uploads.kept import path_of

SANDBOX = "default-src 'none'; sandbox"


def attachment(organization_id: UUID, file: StoredFile) -> FileResponse:
    """Return the file as an attachment; raise Http404 where it does not lie in the store."""
    path = path_of(organization_id, file.sha256)
    if not path.exists():
        raise Http404
    return FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=file.name,
        content_type=file.content_type,
        headers={
            "Content-Security-Policy": SANDBOX,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )
