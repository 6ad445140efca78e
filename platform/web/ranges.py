"""A stored file shown inside a page, whole or in the part that a browser asks for (RFC 9110, 14): videos start and jump by it."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

ONE_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
PIECE = 64 * 1024
DAY = 24 * 60 * 60


def shown_file(request: HttpRequest, path: Path, content_type: str, sha256: str) -> HttpResponseBase:
    """Return the file or its part, kept by the reader's browser for a day; nothing of it runs in the product's origin.

    Raises Http404 where it does not lie in the store. Several ranges at once get the whole file, as the RFC allows.
    """
    if not path.exists():
        raise Http404
    size, tag = path.stat().st_size, f'"{sha256}"'
    headers = {
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "inline",
        "Cache-Control": f"private, max-age={DAY}",
        "Accept-Ranges": "bytes",
        "ETag": tag,
    }
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers=headers)
    asked = ONE_RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None or asked[1] == asked[2] == "" or request.headers.get("If-Range", tag) != tag:
        return _sent(path, 0, size, content_type, headers)
    first, last = _part(asked[1], asked[2], size)
    if first > last:
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return _sent(path, first, last - first + 1, content_type, headers, status=206)


def _part(first: str, last: str, size: int) -> tuple[int, int]:
    """First and last byte; "-500" asks for the last 500."""
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1


def _sent(
    path: Path, first: int, length: int, content_type: str, headers: dict[str, str], status: int = 200
) -> HttpResponseBase:
    return StreamingHttpResponse(
        _read(path, first, length),
        content_type=content_type,
        status=status,
        headers={**headers, "Content-Length": str(length)},
    )


def _read(path: Path, first: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(first)
        while length > 0 and (piece := file.read(min(PIECE, length))):
            length -= len(piece)
            yield piece
