"""Playbook files as people send and receive them."""

from typing import Any

from django.http import Http404, HttpResponse
from django.utils.text import get_valid_filename

from onboarding.playbooks.one_file import dump, parse
from onboarding.playbooks.plain import Plain
from onboarding.playbooks.spreadsheet import from_workbook, to_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def attachment(plain: Plain, name: str, kind: str) -> HttpResponse:
    """Return the playbook as a file to keep; raise Http404 for a kind that is neither yaml nor xlsx."""
    if kind == "yaml":
        answer = HttpResponse(dump(plain), content_type="application/yaml; charset=utf-8")
    elif kind == "xlsx":
        answer = HttpResponse(to_workbook(plain), content_type=XLSX)
    else:
        raise Http404
    answer["Content-Disposition"] = f'attachment; filename="{get_valid_filename(f"{name}.{kind}")}"'
    return answer


def read_upload(file: Any) -> Plain:
    """Return what stands in an uploaded file, told apart by its content; raises PlaybookError."""
    content = file.read()
    return from_workbook(content, file.name) if content[:4] == b"PK\x03\x04" else parse(content, file.name)
