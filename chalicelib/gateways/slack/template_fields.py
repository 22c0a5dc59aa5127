"""Template fields: `detail.items` in a template is a field of the JSON; the method of that name only if called.

Jinja2 alone would find the method first. This is needed to compile templates, not to render them.
"""

from typing import Any

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

METHODS = frozenset(name for kind in (dict, list, str) for name in dir(kind) if not name.startswith("_"))
# A filter of the environment, by which a field is looked up that has the name of a method.
FILTER = "field"


class _FieldsFirst(NodeTransformer):
    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - the name is Jinja2's
        called = node.node
        if not isinstance(called, nodes.Getattr):
            return self.generic_visit(node)
        called.node = self.visit(called.node)
        node.args = [self.visit(each) for each in node.args]
        node.kwargs = [self.visit(each) for each in node.kwargs]
        return node

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:  # noqa: N802 - the same
        self.generic_visit(node)
        return _field(node.node, node.attr) if node.attr in METHODS else node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802 - the same
        self.generic_visit(node)
        name: Any = node.arg.value if isinstance(node.arg, nodes.Const) else None
        return _field(node.node, name) if name in METHODS else node


def _field(node: nodes.Expr, name: str) -> nodes.Filter:
    return nodes.Filter(node, FILTER, [nodes.Const(name)], [], None, None, lineno=node.lineno)


def with_fields_first(template: nodes.Template) -> nodes.Template:
    """Return a template whose fields come before methods of the same name; it is changed in place."""
    changed: nodes.Template = _FieldsFirst().visit(template)
    return changed
