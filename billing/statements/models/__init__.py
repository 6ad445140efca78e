"""Statements, their lines, and what a vendor receives of them."""

from billing.statements.models.line import Line
from billing.statements.models.received import Received
from billing.statements.models.statement import Statement

__all__ = ["Line", "Received", "Statement"]
