"""What is audited and when, each time it was, and what was found."""

from assurance.models.definition import AuditRefused, Definition
from assurance.models.finding import Finding
from assurance.models.pack import AuditPack
from assurance.models.run import Line, Run

__all__ = ["AuditPack", "AuditRefused", "Definition", "Finding", "Line", "Run"]
