"""Statements as files: PDF to read and keep, CSV for the ledger."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from access.permissions import Permission
from billing.statements.csv_lines import csv_of
from billing.statements.pdf import pdf_of
from billing.statements.web.doors import at_home
from billing.statements.web.reading import find_statement


@at_home(Permission.BILLING_READ)
def pdf(request: HttpRequest, org: str, statement: UUID) -> HttpResponse:
    """Return the statement as a tagged PDF."""
    document = find_statement(statement).document
    return _file(pdf_of(document), "application/pdf", _name(document["reference"], "pdf"))


@at_home(Permission.BILLING_READ)
def lines_csv(request: HttpRequest, org: str, statement: UUID) -> HttpResponse:
    """Return the lines as CSV."""
    document = find_statement(statement).document
    return _file(csv_of(document), "text/csv; charset=utf-8", _name(document["reference"], "csv"))


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type=kind, headers=headers)


def _name(reference: str, ending: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in reference) + f".{ending}"
