"""Where a text is looked for in a call, and in which forms it may stand there: conditions in SQL, with parameters.

Letters are compared without their case, as the engine makes small ones of both sides; nothing in a text is a pattern.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any, Final

Parameters = MutableMapping[str, Any]

TEXTS: Final = (
    *("name", "service", "run_id", "scope", "operation", "provider", "api", "model", "response_model"),
    *("server_address", "conversation_id", "system_fingerprint"),
    *("user_id", "session_id", "agent_id", "step_id", "organization_id", "project_id", "context_run_id", "call_type"),
    *("retry_group", "outcome", "response_status", "error_category", "error_type", "error_code", "error_message"),
    *("exception_type", "unpriced_reason"),
)
"""The columns of texts in which it is looked for."""
HEXADECIMAL_IDS: Final = ("trace_id", "span_id", "parent_span_id")
"""In small letters."""
HEXADECIMAL: Final = re.compile("[0-9a-f]*", re.IGNORECASE | re.ASCII)
PROVIDERS_IDS: Final = ("response_id", "request_id", "previous_response_id")
"""Random letters: one is found by how it begins, as almost any short word stands somewhere in one of a million."""
JSON: Final = ("attributes", "context_more")
"""The columns of JSON, or maps of texts."""
TAGS: Final = "array_to_string(tags, ' ')"
LOG_JSON: Final = ("attributes", "body")


def in_row(text: str, parameters: Parameters, more_json: Iterable[str] = ()) -> list[str]:
    """The ways in which the row of a call may have it: in a column of its own, in an id or in one of JSON."""
    plain, forms = _parameters(text, parameters)
    return [
        *(f"starts_with({column}, lower(${plain}))" for column in HEXADECIMAL_IDS if HEXADECIMAL.fullmatch(text)),
        *(f"starts_with({column}, ${plain})" for column in PROVIDERS_IDS),
        *(_has(column, plain) for column in TEXTS),
        f"(tags IS NOT NULL AND {_has(TAGS, plain)})",
        *(any_of(_has(column, form) for form in forms) for column in (*JSON, *more_json)),
    ]


def in_log(text: str, parameters: Parameters) -> str:
    """Whether a log record has it."""
    _, forms = _parameters(text, parameters)
    return any_of(_has(column, form) for column in LOG_JSON for form in forms)


def in_content(text: str, parameters: Parameters) -> str:
    """Whether one of the texts of `contents` has it."""
    _, forms = _parameters(text, parameters)
    return any_of(_has("text", form) for form in forms)


def any_of(conditions: Iterable[str]) -> str:
    return f"({' OR '.join(conditions)})"


def _parameters(text: str, parameters: Parameters) -> tuple[str, list[str]]:
    """The name of the text itself, and those of all forms that it has in JSON."""
    forms = list(dict.fromkeys(_forms(text)))
    names = [f"search_{number}" for number, _ in enumerate(forms)]
    parameters.update(zip(names, forms, strict=True))
    return names[0], names


def _forms(text: str) -> Iterator[str]:
    """As it is, as it stands in JSON, and in JSON within a text of JSON: with every letter, or with ASCII alone."""
    yield text
    for is_ascii in (False, True):
        once = json.dumps(text, ensure_ascii=is_ascii)[1:-1]
        yield from (once, json.dumps(once, ensure_ascii=is_ascii)[1:-1])


def _has(expression: str, parameter: str) -> str:
    return f"contains(lower({expression}), lower(${parameter}))"
