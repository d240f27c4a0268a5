"""Parts of a page that change every second, as one JSON text that the page's script turns into elements.

Dash renders each component through a store of its own: a table of 60 layers took the browser more than half a second at
each refresh. The script changes only what differs, which also leaves the keyboard's focus where it is; for that the
place itself has to stay, so that a refresh sets its `data-tree` and never its children.
"""

import json
from typing import Any

from dash import html
from dash.development.base_component import Component


def tree(content: Any) -> str:
    """The text for `content`: Dash's html components, texts, lists, None."""
    return json.dumps(_plain(content), separators=(",", ":"), ensure_ascii=False)


def grown(name: str, text: str, style: str | None = None) -> html.Div:
    """The place of this id, with this class, whose elements the script makes from a tree's text."""
    return html.Div(id=name, className=style, **{"data-tree": text})


def _plain(content: Any) -> Any:
    """Elements as `[tag, attributes, children]`; children are None where the script fills the element itself."""
    if isinstance(content, list | tuple):
        return [part for item in content for part in _as_list(_plain(item))]
    if isinstance(content, Component):
        properties = content.to_plotly_json()["props"]
        children = properties.pop("children", None)
        return [[content._type.lower(), _attributes(properties), None if children is None else _children(children)]]
    return [] if content is None else [str(content)]


def _children(children: Any) -> list[Any]:
    return _as_list(_plain(children))


def _as_list(content: Any) -> list[Any]:
    return content if isinstance(content, list) else [content]


def _attributes(properties: dict[str, Any]) -> dict[str, str]:
    found = {}
    for name, value in properties.items():
        if value is None or value is False:
            continue
        if name == "style":
            value = ";".join(f"{key}:{text}" for key, text in value.items())
        found["class" if name == "className" else name.lower()] = "" if value is True else str(value)
    return found
