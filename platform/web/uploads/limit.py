"""A request that carries more than any page takes is refused before it is read."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class UploadLimit(FileUploadHandler):
    """Stands before the handlers that keep files (settings.FILE_UPLOAD_HANDLERS) and counts what comes in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taken = 0

    def handle_raw_input(self, input_data: Any, meta: Any, content_length: int, *further: Any) -> None:
        """Raise RequestDataTooBig for a body that says it is larger than settings.LARGEST_UPLOAD."""
        self._refuse_over(content_length)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Hand the chunk on; raise RequestDataTooBig where the body said less than it brings."""
        self.taken += len(raw_data)
        self._refuse_over(self.taken)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Keep nothing: the next handler does."""

    @staticmethod
    def _refuse_over(size: int) -> None:
        if size > settings.LARGEST_UPLOAD:
            raise RequestDataTooBig(f"An upload has at most {settings.LARGEST_UPLOAD:,} bytes.")
