"""Reading JSON that a client sent, and making JSON that a schema asks for."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

SAMPLES: Mapping[str, JsonValue] = {
    "string": "Zürich",
    "integer": 3,
    "number": 2.5,
    "boolean": True,
    "null": None,
}
DEEPEST = 12


def member(value: JsonValue, *path: str | int) -> JsonValue:
    """What stands at the path; None where there is no such thing. A negative number counts from the end."""
    for key in path:
        if isinstance(value, dict) and isinstance(key, str):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and -len(value) <= key < len(value):
            value = value[key]
        else:
            return None
    return value


def sample_of(schema: JsonValue) -> JsonValue:
    """A value that a JSON schema of the everyday kind admits: objects, arrays, enums, unions and references."""
    return _sample(schema, schema, 0)


def _sample(schema: JsonValue, root: JsonValue, depth: int) -> JsonValue:
    """`root` resolves references; `depth` ends a schema that refers to itself."""
    if depth > DEEPEST:
        return None
    if isinstance(reference := member(schema, "$ref"), str):
        return _sample(member(root, *reference.removeprefix("#/").split("/")), root, depth + 1)
    for chosen in (member(schema, "const"), member(schema, "enum", 0)):
        if chosen is not None:
            return chosen
    for union in ("anyOf", "oneOf", "allOf"):
        if (option := member(schema, union, 0)) is not None:
            return _sample(option, root, depth + 1)
    if isinstance(properties := member(schema, "properties"), dict):
        return {name: _sample(of, root, depth + 1) for name, of in properties.items()}
    return _sample_of_type(schema, root, depth)


def _sample_of_type(schema: JsonValue, root: JsonValue, depth: int) -> JsonValue:
    kind = member(schema, "type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    if kind == "array":
        return [_sample(member(schema, "items"), root, depth + 1)]
    return SAMPLES.get(kind, "Zürich") if isinstance(kind, str) and kind != "object" else {}
