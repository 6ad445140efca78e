"""What happened, what every row looked like after it, what follows from it, and the seal on all of it."""

from audit.models.batch import Batch, Leaf
from audit.models.cursor import Cursor
from audit.models.event import Event
from audit.models.legal_hold import LegalHold
from audit.models.reaction import Reaction
from audit.models.row_image import RowImage

__all__ = ["Batch", "Cursor", "Event", "Leaf", "LegalHold", "Reaction", "RowImage"]
