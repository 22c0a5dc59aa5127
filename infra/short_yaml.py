"""Short YAML: CloudFormation resources as text, with intrinsic functions in their short form."""

from typing import Any

import yaml

type Resources = dict[str, dict[str, Any]]


class Short(str):
    """A value in CloudFormation's short form, such as `!Sub monitoring-${Stage}`."""

    __slots__ = ("tag",)
    tag: str

    @classmethod
    def form(cls, tag: str, value: str) -> "Short":
        """Return `!tag value`."""
        short = cls(value)
        short.tag = tag
        return short


def sub(text: str) -> Short:
    """Return `!Sub text`."""
    return Short.form("!Sub", text)


def ref(name: str) -> Short:
    """Return `!Ref name`."""
    return Short.form("!Ref", name)


def get_att(name: str) -> Short:
    """Return `!GetAtt name`."""
    return Short.form("!GetAtt", name)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, _data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - PyYAML's signature
        super().increase_indent(flow, indentless=False)


_Dumper.add_representer(Short, lambda dumper, short: dumper.represent_scalar(short.tag, str(short)))


def render(resources: Resources) -> str:
    """Return resources as the YAML that belongs under `Resources:`."""
    text = yaml.dump(resources, Dumper=_Dumper, sort_keys=False, width=1_000, default_flow_style=None)
    return "".join(f"  {line}" for line in text.splitlines(keepends=True))
