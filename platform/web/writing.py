"""How a compiled template writes: a value escaped as ever, but not wrapped in a `Markup` that is only joined to its page.

A page writes three thousand values, and the wrapping was nine tenths of what escaping one costs. And a block, an include and the page
itself each hand on one text: piece by piece, the seven thousand pieces of a long list passed through every template around it.
"""

from collections.abc import Iterable
from typing import Any

from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import Expr, Node
from markupsafe import Markup, _escape_inner, escape  # type: ignore[attr-defined]  # compiled, and escape's own


class Writing(CodeGenerator):
    """Compiles `{{ value }}` to a call of the environment's `written`, and joins what a block or a template writes."""

    def blockvisit(self, nodes: Iterable[Node], frame: Frame) -> None:
        if frame.parent is not None or frame.buffer is not None:
            super().blockvisit(nodes, frame)
        else:
            self.buffer(frame)
            super().blockvisit(nodes, frame)
            self.writeline(f"yield concat({frame.buffer})")

    def _output_child_pre(self, node: Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.written(")


def written(value: object) -> str:
    """Return what stands on the page for a value: the very characters of `markupsafe.escape`."""
    kind = type(value)
    if kind is str:
        return _escape_inner(value)  # type: ignore[arg-type]
    if kind is Markup:
        return value  # type: ignore[return-value]
    return str(value) if kind is int else escape(value)
