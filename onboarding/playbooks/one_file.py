"""A playbook as one YAML file: what is exported, and what may be brought back."""

from typing import Any

import yaml

from onboarding.playbooks.plain import Plain
from onboarding.playbooks.reading import PlaybookError, Problem, parse_table

LARGEST = 2_000_000
"""Bytes; the starter playbook has about 120,000."""
WIDTH = 120


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks, short lists of plain values in one line."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    style = "|" if "\n" in value or len(value) > WIDTH else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _list(dumper: yaml.SafeDumper, value: list[Any]) -> yaml.Node:
    short = all(isinstance(one, str | int) and len(str(one)) < 40 for one in value)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=short)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)


def dump(plain: Plain) -> str:
    """Write the mapping as YAML, fields in their order."""
    return yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)


def parse(content: bytes, name: str) -> Plain:
    """Read a file into a mapping; raise `PlaybookError` where it is no YAML mapping or too large.

    What stands in the mapping is not checked here: a draft may be unfinished.
    """
    if len(content) > LARGEST:
        raise PlaybookError([Problem(name, "", "", f"{len(content):,} bytes, at most {LARGEST:,} are read")])
    problems: list[Problem] = []
    table = parse_table(content, name, problems)
    if problems:
        raise PlaybookError(problems)
    return dict(table.raw)
