"""Where the bytes of a course's pictures and videos lie: in the organization's store, as its evidence does."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

from django.apps import apps
from django.db.models import Model, Q
from django.utils import timezone

from tenancy.models import TenantModel
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
        if (there := kept.path_of(organization_id, file.sha256)).exists():
            there.touch()  # wanted again: see `drop_unused`
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


REST = timedelta(days=1)
"""A file that was wanted so lately may belong to an upload that is not committed yet."""


def drop_unused(hashes: Collection[str]) -> list[str]:
    """Delete those files of the organization in scope that nothing names any more; return their hashes.

    The store is everybody's: a file stays while any row of any app has its hash, or a course, draft or translation shows it.
    """
    gone = []
    for sha256 in sorted(set(hashes)):
        path = kept.path_of(current().organization_id, sha256)
        if not path.exists() or timezone.now() - datetime.fromtimestamp(path.stat().st_mtime, UTC) < REST:
            continue
        if not any(model._default_manager.filter(named).exists() for model, named in _naming(sha256)):
            path.unlink()
            gone.append(sha256)
    return gone


def _naming(sha256: str) -> list[tuple[type[Model], Q]]:
    """Return where a file may be named: columns called sha256, and the media of documents of courses."""
    found: list[tuple[type[Model], Q]] = []
    for model in apps.get_models():
        columns = {field.name for field in model._meta.concrete_fields}
        if not issubclass(model, TenantModel):
            continue
        if "sha256" in columns:
            found.append((model, Q(sha256=sha256)))
        if model._meta.app_label == "courses" and "document" in columns:
            found.append((model, Q(document__contains={"media": [{"sha256": sha256}]})))
    return found
