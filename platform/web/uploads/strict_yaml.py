"""YAML that somebody gave: no aliases, no key twice, and one kind of error for whatever cannot be read."""

from collections.abc import Hashable
from typing import Any

import yaml


class _Refused(yaml.YAMLError):
    pass


class _StrictLoader(yaml.SafeLoader):
    """PyYAML keeps the last of two equal keys; an author who writes a field twice made a mistake.

    Aliases are refused: a few lines of them unfold to more than fits into memory.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise _Refused(f"line {mark.line + 1}: write it out, aliases (*name) are not read")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            if isinstance(key_node, yaml.ScalarNode):
                if key_node.value in seen:
                    raise _Refused(f"line {key_node.start_mark.line + 1}: the key '{key_node.value}' is written twice")
                seen.add(key_node.value)
        return super().construct_mapping(node, deep=deep)


def read(text: str) -> Any:
    """Return what a text of YAML holds; raise yaml.YAMLError for one that cannot be read, whatever is wrong with it."""
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506  (a SafeLoader)
    except RecursionError:
        raise _Refused("it is nested too deeply") from None
    except ValueError as error:  # a date that is none, a number of thousands of digits
        raise _Refused(str(error)) from None
