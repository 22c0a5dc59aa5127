"""Modals as the page draws them: the few blocks and elements that an app's forms are made of."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from markupsafe import Markup

from local.slack import render
from local.slack.blockkit import accept

FIELD = Markup('<label class="input">{}{}<span class="error" data-error="{}"></span></label>')


def modal(view: Mapping[str, Any], now: datetime) -> Markup:
    """Draw a modal: its title, its blocks, and the buttons that close or submit it."""
    submit = view.get("submit") or {"text": "Done"}
    close = view.get("close") or {"text": "Close"}
    return Markup(
        '<h3>{}</h3><div class="body">{}</div><div class="block actions">'
        '<button type="button" class="button" data-close>{}</button>'
        '<button type="submit" class="button primary">{}</button></div>'
    ).format(view["title"]["text"], _all(_block(each, now) for each in view["blocks"]), close["text"], submit["text"])


def values_in(view: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """Return what was put into a modal as Slack sends it: by block and action."""
    values = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            text = given.get(block["block_id"], "")
            values[block["block_id"]] = {block["element"]["action_id"]: _value(block["element"], text)}
    return values


def _value(element: Mapping[str, Any], text: str) -> dict[str, Any]:
    if element["type"] != "static_select":
        return {"type": element["type"], "value": text or None}
    chosen = next((each for each in element["options"] if each["value"] == text), element.get("initial_option"))
    return {"type": element["type"], "selected_option": chosen}


def _block(block: Mapping[str, Any], now: datetime) -> Markup:
    if block["type"] != "input":
        return render.message(accept({"blocks": [block]}), now)
    optional = Markup(' <span class="optional">(optional)</span>') if block.get("optional") else ""
    label = Markup("<b>{}{}</b>").format(block["label"]["text"], optional)
    return FIELD.format(label, _element(block["element"], block["block_id"]), block["block_id"])


def _element(element: Mapping[str, Any], name: str) -> Markup:
    if element["type"] == "static_select":
        chosen = (element.get("initial_option") or {}).get("value")
        options = _all(_option(each, is_chosen=each["value"] == chosen) for each in element["options"])
        return Markup('<select name="{}">{}</select>').format(name, options)
    hint, longest = (element.get("placeholder") or {}).get("text", ""), element.get("max_length", 3_000)
    return Markup('<input name="{}" type="text" placeholder="{}" maxlength="{}">').format(name, hint, longest)


def _option(option: Mapping[str, Any], *, is_chosen: bool) -> Markup:
    chosen = Markup(" selected") if is_chosen else ""
    return Markup('<option value="{}"{}>{}</option>').format(option["value"], chosen, option["text"]["text"])


def _all(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)
