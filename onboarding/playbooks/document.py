"""Load a playbook document: a folder of YAML, checked and typed. See docs/playbook-format.md.

`load` gives a `PlaybookDocument`, or raises `PlaybookError` with every problem found, each naming
file, item and field. Nothing here knows the database.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from onboarding.playbooks.consistency import inconsistencies
from onboarding.playbooks.parts import (
    read_gate,
    read_item,
    read_reminders,
    read_role,
    read_runbook,
    read_scorecard,
    read_stage,
)
from onboarding.playbooks.reading import PlaybookError, Problem, Table, read_table
from onboarding.playbooks.shape import Item, PlaybookDocument, Stage, as_data

__all__ = [
    "SCHEMA",
    "STARTER",
    "PlaybookDocument",
    "PlaybookError",
    "Problem",
    "as_data",
    "load",
    "read",
    "shortcomings",
]

SCHEMA = 1
STARTER = Path(__file__).parent / "content" / "behavioral-health"


def load(path: Path) -> PlaybookDocument:
    """Read and check the playbook in the folder `path`; raise `PlaybookError` with everything that is wrong."""
    problems: list[Problem] = []
    main = read_table(path / "playbook.yaml", problems)
    if problems:
        raise PlaybookError(problems)
    files = []
    for file in sorted(path.glob("*.y*ml")):
        if file.name == "playbook.yaml":
            continue
        if not file.name.startswith("items-"):
            problems.append(Problem(file.name, "", "", "not a playbook file: playbook.yaml or items-*.yaml"))
            continue
        table = read_table(file, problems)
        if table.raw:
            files.append(table)
    return _document(main, files, problems)


def read(plain: Mapping[str, Any], name: str = "") -> PlaybookDocument:
    """Check a whole playbook given as one mapping (see `plain`); raise `PlaybookError` with everything that is wrong.

    `name`: the file it came from, to be named in the problems.
    """
    problems: list[Problem] = []
    return _document(Table(plain, name, "", problems), [], problems)


def shortcomings(plain: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Return what is wrong with a playbook given as one mapping; nothing where it is sound."""
    try:
        read(plain)
    except PlaybookError as error:
        return error.problems
    return ()


def misshapen(plain: Mapping[str, Any]) -> list[Problem]:
    """Return where a value is of another kind than the format says: a list for a text, a text for a number."""
    return [problem for problem in shortcomings({**plain, "schema": SCHEMA}) if problem.shape]


def _document(main: Table, files: Sequence[Table], problems: list[Problem]) -> PlaybookDocument:
    schema = main.integer("schema")
    if schema != SCHEMA:
        if not problems:
            main.wrong("schema", f"{schema} is unknown, this program reads {SCHEMA}")
        raise PlaybookError(problems)
    key, title, version = main.slug("key"), main.text("title", longest=120), main.text("version", longest=20)
    summary, sources = main.text("summary"), main.texts("sources", required=True)
    roles = tuple(read_role(table) for table in main.tables("roles", "role", "code"))
    stages = tuple(read_stage(table) for table in main.tables("stages", "stage"))
    gates = tuple(read_gate(table) for table in main.tables("gates", "gate"))
    placed = _read_items(main, files, {stage.number: stage for stage in stages})
    items = tuple(sorted((item for item, _ in placed), key=lambda item: item.number))
    document = PlaybookDocument(
        schema=schema,
        key=key,
        title=title,
        version=version,
        summary=summary,
        sources=sources,
        roles=roles,
        stages=stages,
        gates=gates,
        scorecard=read_scorecard(main.table("scorecard", "scorecard"), items),
        runbook=read_runbook(main.table("runbook", "runbook")),
        items=items,
        reminders=read_reminders(main),
    )
    main.done()
    problems.extend(inconsistencies(document, placed))
    if problems:
        raise PlaybookError(problems)
    return document


def _read_items(main: Table, files: Sequence[Table], stages: dict[int, Stage]) -> list[tuple[Item, str]]:
    """Read the items of the main file, each with its stage, and of every items file; give each with the name of its file."""
    placed = [(_read_item(one, stages), main.file) for one in main.tables("items", "item", required=False)]
    for table in files:
        number = table.integer("stage")
        stage = stages.get(number)
        if stage is None and "stage" in table.raw:
            table.wrong("stage", f"unknown stage {number}")
        placed.extend((read_item(one, number, stage), table.file) for one in table.tables("items", "item"))
        table.done()
    return placed


def _read_item(one: Table, stages: dict[int, Stage]) -> Item:
    number = one.integer("stage")
    if number not in stages and one.has("stage"):
        one.wrong("stage", f"unknown stage {number}")
    return read_item(one, number, stages.get(number))
