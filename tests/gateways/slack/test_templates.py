"""The template environment: nothing missing stops it, nothing foreign gets through it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jinja2 import TemplateNotFound

from chalicelib.gateways.slack.mrkdwn import DATE
from chalicelib.gateways.slack.templates import Rendered, Templates
from chalicelib.gateways.templates import COMPILED, ROOT

DETAIL = {"title": "a < b", "items": "field", "list": [1, {"x": "y"}], "null": None, "quote": 'it\'s "so" & so'}


def render(folder: Path, text: str, detail: Any = DETAIL) -> Rendered:
    (folder / "slack").mkdir()
    (folder / "slack" / "some.j2").write_text(text)
    return Templates(folder).render("some", {"detail": detail})


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ detail.title }}", "a &lt; b"),
        ("{{ detail.quote }}", "it's \"so\" &amp; so"),
        ("{{ \"it's\" }}", "it's"),
        ("<{{ detail.missing.deeper[0].still }}>", "<>"),
        ("<{{ detail.null.deeper }}>", "<>"),
        ("<{{ detail.title.upper }}>", "<>"),
        ("<{{ detail.list.append }}>", "<>"),
        ("{{ detail.items }}", "field"),
        ("<{% if detail.list[1].items or detail.list[1]['values'] or detail.missing.keys %}there{% endif %}>", "<>"),
        ("<{% if detail.list.count or detail.title.format %}there{% endif %}>", "<>"),
        ("{{ detail.list[1].get or 'none' }}, {{ detail.list[1].pop is defined }}", "none, false"),
        ("{{ detail.list[1].update.deeper | default('none') }}", "none"),
        ("<{% for each in detail.list[1].items %}{{ each }}{% endfor %}>", "<>"),
        ("{% for name, value in detail.list[1].items() %}{{ name }}={{ value }}{% endfor %}", "x=y"),
        ("{{ detail.list[1].get('z', 'none') }} {{ detail.title.upper() }}", "none A &lt; B"),
        ("{{ detail.list[1].x }}", "y"),
        ("<{{ detail.list[7] }}>", "<>"),
        ("{{ detail.list }}", '[1, {"x": "y"}]'),
        ("{% for each in detail.list | rows %}{{ each.x }}{% endfor %}", "y"),
        ("<{% for each in detail.title | rows %}{{ each }}{% endfor %}>", "<>"),
        ("<{% for each in detail.missing | rows %}{{ each }}{% endfor %}>", "<>"),
        ("{{ detail.title | bold }} {{ detail.title | code }}", "*a &lt; b* `a &lt; b`"),
        ("<{{ detail.missing | bold }}{{ detail.missing | code }}{{ detail.missing | code_block }}>", "<>"),
        ("<{{ detail.missing | date }}{{ detail.missing | duration }}{{ detail.missing | number }}>", "<>"),
        ("{{ 1772452800 | date }}", f"<!date^1772452800^{DATE}|2026-03-02 12:00 UTC>"),
        ("{{ 'Mon, 02 Mar 2026 12:00:00 GMT' | date }}", f"<!date^1772452800^{DATE}|2026-03-02 12:00 UTC>"),
        ("{{ '2026-03-02T12:00:00Z' | date }}", f"<!date^1772452800^{DATE}|2026-03-02 12:00 UTC>"),
        ("{{ 'some day' | date }}", "some day"),
        ("{{ 1772452800 | span(1772452859) }}", f"at <!date^1772452800^{DATE}|2026-03-02 12:00 UTC>"),
        ("{{ '2026-03-02T12:00:00Z' | span(detail.missing) }}", f"at <!date^1772452800^{DATE}|2026-03-02 12:00 UTC>"),
        ("{{ detail.missing | span('some day') }}", "at some day"),
        ("{{ 'one day' | span('another') }}", "from one day to another"),
        (
            "{{ 1772452859 | span('2026-03-02T12:01:00Z') }}",
            f"from <!date^1772452859^{DATE}|2026-03-02 12:00 UTC> to <!date^1772452860^{DATE}|2026-03-02 12:01 UTC>",
        ),
        ("{{ 'https://example.com/' | link(detail.title) }}", "<https://example.com/|a &lt; b>"),
        ("{{ detail.title | short(5) }}", "a …"),
        ("{% macro m(x) %}*{{ x }}*{% endmacro %}{{ m(detail.title) }}", "*a &lt; b*"),
    ],
)  # fmt: skip
def test_what_a_template_prints(template: str, text: str, tmp_path: Path) -> None:
    assert "".join(render(tmp_path, template).sections) == text


@pytest.mark.parametrize("detail", [None, 7, "text", [], [[]], {"state": "x"}, {"state": {"reason": {"a": []}}}, True])
def test_a_detail_of_any_shape_stops_nothing(detail: Any, tmp_path: Path) -> None:
    render(tmp_path, "{{ detail.state.reason }}{{ detail['status-details']['x'] }}{{ detail | code_block }}", detail)


def test_empty_lines_vanish_and_a_section_begins_where_one_is_called_for(tmp_path: Path) -> None:
    rendered = render(tmp_path, "\n\na\n  \n\nb\n{{ section }}\n\n{{ section }}\nc\n")
    assert rendered.sections == ("a\nb", "c")


def test_foreign_text_begins_no_section(tmp_path: Path) -> None:
    assert len(render(tmp_path, "{{ detail.x }} {{ detail.x | code_block }}", {"x": "a\fb\n\f\nc"}).sections) == 1


def test_a_template_names_what_the_link_opens(tmp_path: Path) -> None:
    assert render(tmp_path, "{% set action = 'Open it' %}a").action == "Open it"


def test_a_template_that_does_not_name_it_names_nothing(tmp_path: Path) -> None:
    assert render(tmp_path, "a").action == ""


def test_a_kind_without_a_template_gets_that_of_the_unknown() -> None:
    rendered = Templates().render_source("tomorrows", {"detail": {"some": "thing"}})
    assert '"some": "thing"' in "".join(rendered.sections)


@pytest.mark.parametrize("name", ["../../etc/passwd", "..", "/etc/passwd"])
def test_a_name_leads_nowhere_else(name: str) -> None:
    with pytest.raises(TemplateNotFound):
        Templates().render(name, {})


def test_the_package_has_the_templates_where_the_repository_has_them() -> None:
    """Chalice unpacks what is in vendor/ beside chalicelib/."""
    packaged = ROOT.parent / "vendor" / "templates"
    assert packaged.is_symlink()
    assert packaged.resolve() == ROOT.resolve()


def test_no_template_is_a_json_document() -> None:
    for template in (ROOT / "slack").glob("*.j2"):
        assert '"type"' not in template.read_text(), template.name


def test_nothing_slow_is_imported_before_a_message_is_due() -> None:
    """A cold start pays for what it imports, and most events are suppressed."""
    check = (
        "import sys, chalicelib.gateways.slack.webhook, chalicelib.gateways.slack.messages;"
        "import chalicelib.services.reporting.daily_report;"
        "print({'jinja2', 'urllib3'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", check], cwd=ROOT.parent, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


def test_templates_that_were_compiled_for_the_package_say_the_same(tmp_path: Path) -> None:
    Templates().compile(tmp_path / COMPILED)
    values = {"event": {"title": "Too <many> errors", "detail": {"n": 7}}, "detail": {"n": 7}}

    assert Templates(tmp_path).render("unknown", values) == Templates().render("unknown", values)
    assert Templates(tmp_path).render_source("no-such-source", values) == Templates().render("unknown", values)
