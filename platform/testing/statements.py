"""Which statements count: not those that only open, close or label a transaction."""

from collections.abc import Iterable

UNCOUNTED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "SELECT SET_CONFIG")


def counts(statement: str) -> bool:
    """Whether a statement is work, and not bookkeeping of the transaction or of its scope."""
    return not statement.lstrip().upper().startswith(UNCOUNTED)


def counted(captured: Iterable[dict[str, str]]) -> list[str]:
    """Return the statements of a CaptureQueriesContext that count."""
    return [query["sql"] for query in captured if counts(query["sql"])]
