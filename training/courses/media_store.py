"""Where the bytes of a course's pictures and videos lie: in the organization's store, as its evidence does."""

import hashlib
from collections.abc import Mapping

from tenancy.scope import current
from training.courses.document import CONTENT
from training.courses.shape import Course
from web.uploads import kept


def keep_media(course: Course, given: Mapping[str, bytes]) -> None:
    """See that every file of the course lies in the store of the organization in scope; what is there is not written anew.

    From `given`, by name, else from what ships with the product. Raises ValueError naming what is nowhere, FileRefused
    over the quota or where the scanner objects.
    """
    organization_id = current().organization_id
    for file in course.media:
        if kept.path_of(organization_id, file.sha256).exists():
            continue
        shipped = CONTENT / course.key / "media" / file.name
        own = file.name not in given and shipped.exists()
        content = shipped.read_bytes() if own else given.get(file.name, b"")
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise ValueError(f"{course.title}: media/{file.name} is not there: upload the course as one .zip.")
        kept.keep(organization_id, file.name, content, shipped=own)


def stored_media(course: Course) -> dict[str, bytes]:
    """Return the files of a course of the organization in scope, by name; to be packed."""
    organization_id = current().organization_id
    return {file.name: kept.path_of(organization_id, file.sha256).read_bytes() for file in course.media}
