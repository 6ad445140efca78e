"""Where the bytes of a course's pictures and videos lie: in the organization's store, as its evidence does."""

import hashlib
import os
import time
from collections.abc import Collection, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.apps import apps

from tenancy.models import TenantModel
from tenancy.scope import current
from training.courses.document import CONTENT
from training.courses.shape import Course
from web.uploads import kept


def keep_media(course: Course, given: Mapping[str, bytes]) -> None:
    """See that every file of the course lies in the store of the organization in scope; what is there is not written anew.

    From `given`, by name, else from what ships with the product. Raises ValueError naming what is nowhere, FileRefused
    over the quota or where the scanner objects; then nothing is kept.
    """
    organization_id = current().organization_id
    written: dict[Path, int] = {}
    try:
        for file in course.media:
            there = kept.path_of(organization_id, file.sha256)
            if _wanted_again(there):
                continue
            shipped = CONTENT / course.key / "media" / file.name
            own = file.name not in given and shipped.exists()
            content = shipped.read_bytes() if own else given.get(file.name, b"")
            if hashlib.sha256(content).hexdigest() != file.sha256:
                raise ValueError(f"{course.title}: media/{file.name} is not there: upload the course as one .zip.")
            kept.keep(organization_id, file.name, content, shipped=own)
            written[there] = there.stat().st_mtime_ns
    except BaseException:
        for path, at in written.items():
            _drop(path, at)
        raise


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
    places = {sha256: kept.path_of(current().organization_id, sha256) for sha256 in hashes}
    rested = time.time_ns() - REST // timedelta(microseconds=1) * 1000
    left = {sha256 for sha256, path in places.items() if path.exists() and path.stat().st_mtime_ns <= rested}
    return [sha256 for sha256 in sorted(left - _named(left)) if _drop(places[sha256], rested)] if left else []


def _named(hashes: Collection[str]) -> set[str]:
    """Return which of these any row names: columns called sha256, and the media of documents of courses; a query a model."""
    found: set[str] = set()
    for model in apps.get_models():
        columns = {field.name for field in model._meta.concrete_fields}
        if not issubclass(model, TenantModel):
            continue
        rows: Any = model._default_manager
        if "sha256" in columns:
            found.update(rows.filter(sha256__in=hashes).values_list("sha256", flat=True))
        if model._meta.app_label == "courses" and "document" in columns:
            every = rows.exclude(document__media=[]).values_list("document__media", flat=True)
            found.update(file["sha256"] for media in every for file in media or ())
    return found


def _wanted_again(path: Path) -> bool:
    """Give a file that is there the time of now, so that tonight's sweep leaves it; return whether it is there."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _drop(path: Path, at: int) -> bool:
    """Delete a file, unless somebody wanted it after that moment (nanoseconds); under another name nobody can any more."""
    aside = path.with_suffix(".gone")
    path.rename(aside)
    if aside.stat().st_mtime_ns > at:
        aside.rename(path)
        return False
    aside.unlink()
    return True
