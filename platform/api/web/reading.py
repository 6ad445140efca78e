"""The OpenAPI document as people read it: operations by group, each schema as rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter, or a field of a body."""

    name: str
    kind: str
    required: bool
    says: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    id: str
    method: str
    address: str
    summary: str
    says: list[str]
    parameters: list[Row]
    body: list[Row]
    answer: list[Row]
    status: str
    refusals: list[tuple[str, str]]


def groups(document: dict[str, Any]) -> list[tuple[str, list[Operation]]]:
    """Return the operations by group, in the order of their addresses."""
    found: dict[str, list[Operation]] = {}
    for address, methods in document["paths"].items():
        for method, operation in methods.items():
            read = _operation(document, address, method, operation)
            found.setdefault(operation["tags"][0], []).append(read)
    return list(found.items())


def _operation(document: dict[str, Any], address: str, method: str, operation: dict[str, Any]) -> Operation:
    good = next(code for code in operation["responses"] if code.startswith("2"))
    parameters = [
        Row(
            one["name"],
            _kind(document, one["schema"]),
            one.get("required", False),
            " ".join(part for part in (f"In the {one['in']}.", one.get("description", "")) if part),
        )
        for one in operation.get("parameters", [])
    ]
    return Operation(
        operation["operationId"],
        method.upper(),
        address,
        operation["summary"],
        [part for part in operation["description"].split("\n\n") if part],
        parameters,
        list(_fields(document, _schema(operation.get("requestBody", {})))),
        list(_fields(document, _schema(operation["responses"][good]))),
        good,
        [(code, one["description"]) for code, one in operation["responses"].items() if not code.startswith("2")],
    )


def _schema(holder: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = holder.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "allOf" in schema and len(schema["allOf"]) == 1:
        return _resolved(document, schema["allOf"][0])
    for name in ("oneOf", "anyOf"):
        if name in schema:
            return _resolved(document, schema[name][0])
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return found


def _fields(document: dict[str, Any], schema: dict[str, Any], depth: int = 0) -> Iterator[Row]:
    found = _resolved(document, schema)
    if found.get("type") == "array":
        found = _resolved(document, found["items"])
    if depth > DEEPEST:
        return
    for name, inner in found.get("properties", {}).items():
        required = name in found.get("required", [])
        yield Row(name, _kind(document, inner), required, inner.get("description", ""), depth)
        yield from _fields(document, inner, depth + 1)


def _kind(document: dict[str, Any], schema: dict[str, Any]) -> str:
    found = _resolved(document, schema)
    if "enum" in found:
        return " or ".join(str(value) for value in found["enum"] if value is not None)
    kinds = found.get("type", "any value")
    if kinds == "array" or "array" in kinds:
        return f"list of {_kind(document, found['items'])}"
    text = " or ".join(kinds) if isinstance(kinds, list) else kinds
    return f"{text} ({found['format']})" if "format" in found else text
