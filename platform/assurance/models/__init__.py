"""What is audited and when, each time it was, and what was found."""

from assurance.models.definition import AuditRefused, Definition
from assurance.models.finding import Finding
from assurance.models.run import Line, Run

__all__ = ["AuditRefused", "Definition", "Finding", "Line", "Run"]
