"""What tests of many parts describe: a request as it starts, and any value of a dataclass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from hypothesis import strategies as st

from firsttoken.call import Request

CHAT: Final = Request(
    operation="chat",
    provider="openai",
    api="openai.chat_completions",
    model="gpt-4o",
    stream=True,
    server_address="api.openai.com",
    server_port=443,
)


def any_of(
    kind: type[Any], of_type: Mapping[str, st.SearchStrategy[Any]], **given: st.SearchStrategy[Any]
) -> st.SearchStrategy[Any]:
    """Any value of a dataclass: of a field that is not given as its annotation, or else its type, allows."""
    free = {field.name: of_type[str(field.type)] for field in fields(kind) if str(field.type) in of_type}
    return st.builds(kind, **free | given)
