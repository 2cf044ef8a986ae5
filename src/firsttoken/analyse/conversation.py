"""What was said in a call, as its span or its details event carries it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from firsttoken.analyse.answers import CallDetail
from firsttoken.semconv import names
from firsttoken.semconv.read_messages import read_content

DETAILS: Final = names.EVENT_GEN_AI_CLIENT_INFERENCE_OPERATION_DETAILS


def with_content(detail: CallDetail) -> CallDetail:
    """The call with its content, where it was captured: from the span, else from the event."""
    events = [event for event in detail.log_events if event.name == DETAILS]
    carriers = (detail.attributes, *(event.attributes for event in events))
    content = next((found for carrier in carriers if (found := read_content(carrier)) is not None), None)
    return replace(detail, row=replace(detail.row, call=replace(detail.row.call, content=content)))
