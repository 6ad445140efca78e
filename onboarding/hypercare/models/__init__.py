"""Tickets, the period and its days, terms of support, articles, the command center's log."""

from onboarding.hypercare.models.article import Article
from onboarding.hypercare.models.command import CommandEntry
from onboarding.hypercare.models.day import CareDay
from onboarding.hypercare.models.extension import Extension, ExtensionApproval
from onboarding.hypercare.models.period import Hypercare
from onboarding.hypercare.models.terms import SupportTerms
from onboarding.hypercare.models.ticket import Ticket

__all__ = [
    "Article",
    "CareDay",
    "CommandEntry",
    "Extension",
    "ExtensionApproval",
    "Hypercare",
    "SupportTerms",
    "Ticket",
]
