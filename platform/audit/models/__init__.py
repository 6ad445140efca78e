"""What happened, and what every row looked like after it."""

from audit.models.event import Event
from audit.models.row_image import RowImage

__all__ = ["Event", "RowImage"]
