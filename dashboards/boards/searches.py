"""What Jaeger is asked most often, as addresses of its search page: it keeps no searches itself.

Jaeger looks for equal tags, and for no more or less. What is more than an amount has a tag of its own from
`jaeger/tags.yaml`. The usual `error=true` is not used: the memory store of Jaeger 2.13 finds nothing by it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from firsttoken.call import Category, Outcome
from firsttoken.semconv import names, own

LOOKBACK: Final = "2d"
"""What Jaeger searches where an address has no moments in it."""
MOST: Final = 50
LATE: Final = "late_first_token"
COSTLY: Final = "costly"
RETRIED: Final = "retried"
STALLED: Final = "stalled"
ADDED: Final = (LATE, COSTLY, RETRIED, STALLED)
"""Tags that a Collector with `jaeger/tags.yaml` puts on spans."""


@dataclass(frozen=True, slots=True)
class Search:
    """One search, by what it is called in the menu."""

    title: str
    question: str
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    longer_than: str = ""

    @property
    def typed(self) -> str:
        """What goes into the field for tags."""
        return " ".join(f"{name}={_quoted(value)}" for name, value in self.tags.items())

    def parameters(self, service: str) -> dict[str, str]:
        """Of `/search` on the page and of `/api/traces`, which take the same."""
        asked = {"service": service, "lookback": LOOKBACK, "limit": str(MOST)}
        if self.tags:
            asked["tags"] = json.dumps(self.tags, separators=(",", ":"))
        if self.longer_than:
            asked["minDuration"] = self.longer_than
        return asked

    def address(self, service: str) -> str:
        return f"/search?{urlencode(self.parameters(service))}"


def _quoted(value: str) -> str:
    """As logfmt has it."""
    return json.dumps(value) if re.search(r'[\s="]', value) else value


SAVED: Final = (
    Search("Failed", "Which calls did the provider or the connection fail?", {own.OUTCOME: Outcome.FAILED}),
    Search(
        "Rate limited",
        "Where did a rate limit hurt? Calls that a retry saved are found too: their failed attempt has the tag.",
        {own.ERROR_CATEGORY: Category.RATE_LIMIT},
    ),
    Search("Overloaded", "When had the provider too much to do?", {own.ERROR_CATEGORY: Category.OVERLOADED}),
    Search("Timed out", "Which calls were not answered in time?", {own.OUTCOME: Outcome.TIMED_OUT}),
    Search("Cancelled", "Whose task was cancelled while he waited?", {own.OUTCOME: Outcome.CANCELLED}),
    Search("Closed early", "Which streams did the caller close before their end?", {own.OUTCOME: Outcome.CLOSED}),
    Search("Truncated", "Which answers hit the limit of tokens?", {names.GEN_AI_RESPONSE_FINISH_REASONS: '["length"]'}),
    Search("Without final counts", "Of which streams did the usage never come?", {own.USAGE_PARTIAL: "true"}),
    Search("Without a price", "Which models are in no price list?", {own.COST_UNPRICED: "unknown_model"}),
    Search("Longer than 30 s", "Which calls took long?", {names.GEN_AI_OPERATION_NAME: "chat"}, "30s"),
    Search("Late first token", "Who waited more than 2 s for a first token?", {LATE: "true"}),
    Search("Stalled", "Which streams stood still?", {STALLED: "true"}),
    Search("Retried", "Which calls needed more than one attempt?", {RETRIED: "true"}),
    Search("Costly", "Which calls cost more than 0.50?", {COSTLY: "true"}),
)
"""Those that need no value of one's own: the menu has them for each service."""

BY_VALUE: Final = (
    Search("Model", "What was this model asked?", {names.GEN_AI_REQUEST_MODEL: "gpt-4.1"}),
    Search("Kind of error", "Where else does this error occur?", {names.ERROR_TYPE: "rate_limit_error"}),
    Search("User", "What did this user wait for?", {names.USER_ID: "u-1007"}),
    Search("Session", "What happened in this session?", {names.SESSION_ID: "s-0714"}),
    Search("Conversation", "All turns of one conversation", {names.GEN_AI_CONVERSATION_ID: "conv_1"}),
    Search("Request id", "Which call does the provider's support ask about?", {own.REQUEST_ID: "req_011C"}),
    Search("Response id", "Which call gave this answer?", {names.GEN_AI_RESPONSE_ID: "chatcmpl-1"}),
    Search("Agent", "What did this agent do?", {names.GEN_AI_AGENT_NAME: "workshop"}),
    Search("Tool", "Which runs used this tool?", {names.GEN_AI_TOOL_NAME: "search_manual"}),
    Search("Release", "Since when? Tags of the resource are found like those of spans.", {"service.version": "1.9.0"}),
)
"""Tags whose values are one's own."""


def typed(title: str) -> str:
    """What goes into the field for tags for one of those that are saved."""
    [search] = [each for each in SAVED if each.title == title]
    return search.typed
