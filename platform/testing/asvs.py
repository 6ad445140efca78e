"""Which requirements of OWASP ASVS 5.0.0 a test holds: read from the `asvs` marks on the tests, written to docs/security/asvs.md.

A mark says that the test fails when what the requirement asks for, as far as a machine can tell, is not so any more. The
words are our own; the standard's are at owasp.org. Numbers and levels are those of the release 5.0.0, as its table of requirements
(`5.0/docs_en` in the standard's repository) has them: the drafts before it number chapter V6 otherwise.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "security" / "asvs.md"
FOLDERS = ("platform", "onboarding", "training", "billing")
CHAPTERS = {
    "V1": "Encoding and sanitization", "V3": "Web frontend", "V5": "Files", "V6": "Authentication", "V7": "Sessions",
    "V8": "Authorization", "V16": "Logging and errors",
}  # fmt: skip
REQUIREMENTS: dict[str, tuple[int, str]] = {
    "V1.2.1": (1, "Output is encoded for where it stands"),
    "V1.2.10": (3, "What begins like a formula leaves as text in every table file"),
    "V1.3.1": (1, "HTML that people write is cleaned by a kept library"),
    "V1.3.5": (2, "Markdown keeps prose and drops what could act"),
    "V3.2.1": (1, "What is uploaded is never rendered as a page of ours"),
    "V3.3.1": (1, "Cookies are Secure and their names begin with __Host- or __Secure-"),
    "V3.3.2": (2, "Each cookie says SameSite"),
    "V3.3.3": (2, "Cookie names begin with __Host-"),
    "V3.3.4": (2, "No script reads the session's cookie"),
    "V3.4.1": (1, "HSTS for a year, subdomains too, on every answer"),
    "V3.4.3": (2, "A content security policy on every answer"),
    "V3.4.4": (2, "nosniff on every answer"),
    "V3.4.5": (2, "A referrer policy on every answer"),
    "V3.4.6": (2, "No answer may be framed"),
    "V3.5.1": (1, "A forged request from another site is refused"),
    "V3.5.3": (1, "Nothing changes by GET or HEAD"),
    "V5.2.1": (1, "Files too large to be processed are refused"),
    "V5.2.2": (1, "A file's content is what its name says"),
    "V5.2.3": (2, "Archives are measured before they are unpacked"),
    "V5.2.4": (3, "Storage has a quota"),
    "V5.3.2": (1, "Paths are made from our own data, never from a given name"),
    "V5.4.2": (2, "Names of downloads cannot inject into headers"),
    "V5.4.3": (2, "Files of others are scanned for malware"),
    "V6.3.1": (1, "Guessing passwords is stopped"),
    "V6.3.3": (2, "A second factor where a role asks for it"),
    "V6.3.4": (2, "Every way to sign in is known and equally strong"),
    "V6.3.8": (3, "A refusal does not tell who exists"),
    "V6.5.1": (2, "Codes work once"),
    "V7.4.2": (1, "A closed account has no session left"),
    "V7.5.3": (3, "A signature needs a fresh proof of who signs"),
    "V8.2.1": (1, "Functions open to explicit permissions only"),
    "V8.2.2": (1, "Objects open to explicit permissions only"),
    "V8.3.2": (3, "A change of rights counts at the next request"),
    "V8.4.1": (2, "Nothing crosses between tenants"),
    "V16.2.1": (2, "Each entry says when, who, where and what"),
    "V16.3.2": (2, "Openings of sensitive papers are logged, which is the part of level 3"),
    "V16.4.2": (2, "The log cannot be changed, and a change is found"),
    "V16.5.1": (2, "Errors tell nothing of the inside"),
    "V16.5.3": (2, "When recording fails, nothing happens at all"),
}  # fmt: skip


class UnknownRequirement(LookupError):
    """A test names a requirement that is not in the list."""


def marked() -> dict[str, list[str]]:
    """Return, by requirement, the tests that hold it; raise UnknownRequirement."""
    found: dict[str, list[str]] = defaultdict(list)
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("test_*.py")):
            text = path.read_text()
            if "mark.asvs(" in text:
                for test, name in _marks(ast.parse(text)):
                    if name not in REQUIREMENTS:
                        raise UnknownRequirement(f"{path.relative_to(ROOT)}::{test} names {name}.")
                    found[name].append(f"{path.relative_to(ROOT).as_posix()}::{test}")
    return found


def page() -> str:
    """Return docs/security/asvs.md."""
    tests = marked()
    held = [name for name in REQUIREMENTS if tests.get(name)]
    lines = [
        "# OWASP ASVS 5.0.0: what tests hold",
        "",
        "Written by `bin/manage asvs` from the `asvs` marks on the tests; a test fails when it is not current. It lists what a machine holds, in our own",
        "words, and nothing else: a requirement that is not here is not claimed. Numbers and levels are those of the release 5.0.0.",
        "",
        f"{len(held)} requirements, {sum(len(tests[name]) for name in held)} marks.",
    ]
    for chapter, title in CHAPTERS.items():
        rows = [name for name in held if name.split(".")[0] == chapter]
        if rows:
            lines += [
                "",
                f"## {chapter} {title}",
                "",
                "| Requirement | Level | What it asks for | Held by |",
                "|---|---|---|---|",
            ]
        for name in rows:
            level, says = REQUIREMENTS[name]
            by = "<br>".join(f"`{one}`" for one in sorted(tests[name]))
            lines.append(f"| {name} | {level} | {says} | {by} |")
    return "\n".join(lines) + "\n"


def _marks(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.asvs":
                    yield from ((node.name, str(each.value)) for each in mark.args if isinstance(each, ast.Constant))
