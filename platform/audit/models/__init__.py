"""What happened, and what every row looked like after it."""

from audit.models.cursor import Cursor
from audit.models.event import Event
from audit.models.reaction import Reaction
from audit.models.row_image import RowImage

__all__ = ["Cursor", "Event", "Reaction", "RowImage"]
