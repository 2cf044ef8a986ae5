"""The words of OpenAI Responses that we know, be they read or not. Others are counted and passed on.

Source: OpenAI API reference, "Streaming events" and "The response object".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SNAPSHOTS: Final = frozenset(
    f"response.{moment}"
    for moment in ("created", "queued", "in_progress", "completed", "failed", "incomplete", "cancelled")
)
"""Events that carry the whole response as it then stands."""

MOMENTS: Final[Mapping[str, str]] = {
    "audio": "delta done",
    "audio.transcript": "delta done",
    "code_interpreter_call": "in_progress interpreting completed",
    "code_interpreter_call_code": "delta done",
    "compaction": "compacting",
    "content_part": "added done",
    "custom_tool_call_input": "delta done",
    "file_search_call": "in_progress searching completed",
    "function_call_arguments": "delta done",
    "image_generation_call": "in_progress generating partial_image completed",
    "mcp_call": "in_progress completed failed",
    "mcp_call_arguments": "delta done",
    "mcp_list_tools": "in_progress completed failed",
    "output_item": "added done",
    "output_text": "delta done",
    "output_text.annotation": "added",
    "reasoning_summary_part": "added done",
    "reasoning_summary_text": "delta done",
    "reasoning_text": "delta done",
    "refusal": "delta done",
    "shell_call_command": "added delta done",
    "shell_call_output_content": "delta done",
    "steer": "accepted pending failed",
    "web_search_call": "in_progress searching completed",
}
"""What happens to each part of a response."""

EVENTS: Final = SNAPSHOTS | {
    "error",
    "keepalive",
    *(f"response.{part}.{moment}" for part, moments in MOMENTS.items() for moment in moments.split()),
}

CALLS: Final = frozenset(
    f"{tool}_call"
    for tool in (
        *("apply_patch", "code_interpreter", "computer", "custom_tool", "file_search", "function", "image_generation"),
        *("local_shell", "mcp", "shell", "tool_search", "web_search"),
    )
)
RESULTS: Final = frozenset(
    f"{tool}_output"
    for tool in (
        *("apply_patch_call", "computer_call", "custom_tool_call", "function_call", "local_shell_call", "program"),
        *("shell_call", "tool_search"),
    )
)
ITEMS: Final = (
    CALLS
    | RESULTS
    | {"additional_tools", "compaction", "mcp_approval_request", "mcp_approval_response", "mcp_list_tools", "message"}
    | {"program", "reasoning"}
)

ENDED: Final = frozenset({"completed", "failed", "incomplete", "cancelled"})
"""Statuses after which nothing follows."""
STATUSES: Final = ENDED | {"queued", "in_progress"}

REASONS: Final = frozenset({"max_output_tokens", "max_messages", "content_filter", "steered"})
"""Why a response is incomplete."""

KNOWN_COUNTS: Final = frozenset(
    {
        "cost",
        "cost_details",
        "cost_in_usd_ticks",
        "input_tokens",
        "input_tokens_details",
        "is_byok",
        "output_tokens",
        "output_tokens_details",
        "total_tokens",
    }
)
"""Every member of `usage`, with what some compatible servers say of its cost."""
