"""How the routes that read their bodies themselves describe them in the application's OpenAPI document."""

from typing import Any

import msgspec


def json_body(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The `openapi_extra` of a route whose JSON body is checked against a struct."""
    _, components = msgspec.json.schema_components([kind])
    schema = _inline(components[kind.__name__], components)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def binary_body(content_type: str) -> dict[str, Any]:
    """The `openapi_extra` of a route whose body is bytes of its own format."""
    schema = {"type": "string", "format": "binary"}
    return {"requestBody": {"required": True, "content": {content_type: {"schema": schema}}}}


def _inline(schema: Any, components: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_inline(item, components) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inline(components[schema["$ref"].rpartition("/")[2]], components)
    return {name: _inline(item, components) for name, item in schema.items()}
