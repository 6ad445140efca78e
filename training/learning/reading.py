"""Lists that people upload: CSV as Excel and other systems write it, every problem named by row."""

import csv
import io
import re

LARGEST = 2 * 1024 * 1024
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class ListProblems(ValueError):
    """A list cannot be taken; `problems` names row and reason, one line each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def rows_of(content: bytes) -> list[dict[str, str]]:
    """Return the rows under their lower-case headings; a comma, semicolon or tab separates. Raises ListProblems."""
    if len(content) > LARGEST:
        raise ListProblems([f"The file is larger than {LARGEST // 1024 // 1024} MB."])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise ListProblems(["This is no text file: save the sheet as CSV."])
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise ListProblems(["The file is empty."])
    separator = max(",;\t", key=lines[0].count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    return [
        {
            _heading(name): (value or "").strip()
            for name, value in row.items()
            if isinstance(name, str) and not isinstance(value, list)
        }
        for row in reader
        if any(isinstance(value, str) and value.strip() for value in row.values())
    ]


def _heading(name: str) -> str:
    return re.sub(r"[^a-z]+", "", name.lower())
