"""Pages go compressed over the wire; static files were compressed when they were collected."""

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class PageCompression(GZipMiddleware):
    """Compresses HTML alone: the API's entity tags are strong, and a file is what it is.

    Django pads each answer with a random length, so that its size tells nothing about a secret on the page.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress a page for a browser that takes it."""
        if not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)
