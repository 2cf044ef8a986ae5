"""One call of which everything is known."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from described import CHAT

from firsttoken.call import (
    Attempt,
    Call,
    CallContext,
    Category,
    Failure,
    Ledger,
    Outcome,
    Parameters,
    Response,
    Stage,
    Timing,
    Usage,
)


@pytest.fixture(scope="session")
def full_call() -> Call:
    """A call with every field set."""
    return Call(
        request=replace(
            CHAT,
            parameters=Parameters(
                10,
                0.5,
                0.25,
                5,
                1.0,
                -1.0,
                ("END",),
                7,
                2,
                "high",
                "json",
                "flex",
                previous_response_id="resp_0",
                conversation_id="conv_1",
                stream_cursor="17",
                encoding_formats=("float",),
                dimension_count=256,
            ),
            context=CallContext(
                "user_1",
                "session_1",
                "agent_1",
                "run_1",
                "step_1",
                "organization_1",
                "project_1",
                "agent_step",
                "group_1",
                ("beta", "eu"),
                {"feature": "search", "attempt": 2, "share": 0.5, "trial": True, "parts": ("a", "b")},
            ),
        ),
        timing=Timing(1_700_000_000_000_000_000, 2_000_000_000, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
        outcome=Outcome.FAILED,
        response=Response(
            "id",
            "gpt-4o-2024-08-06",
            ("stop", "error"),
            "req_1",
            200,
            "default",
            "fast",
            "us",
            "fp_1",
            hidden_reasoning=True,
            status="completed",
            empty="no_content",
            compacted=True,
            counted_tokens=12,
            batch_requests=3,
            batch_failed=1,
            repeated=True,
        ),
        usage=Usage(100, 50, 20, 10, 6, 4, 25, 60, 40, 5, 6, 3, 2, 9, 8, 5, 1, partial=True),
        raw_usage='{"prompt_tokens":100}',
        failure=Failure(
            "rate_limit_exceeded",
            "Too fast.",
            "openai.RateLimitError",
            "Traceback …",
            Category.RATE_LIMIT,
            Stage.HEADERS,
            "rate_limit_exceeded",
            20_000_000_000,
        ),
        cost=Ledger(
            Decimal("0.1"),
            Decimal("0.02"),
            Decimal("0.003"),
            Decimal("0.4"),
            "USD",
            "list",
            "2026-01-01",
            tools=Decimal("0.05"),
        ),
        resend_count=2,
        attempts=(
            Attempt(1_000_000, 500_000_000, Category.OVERLOADED, 529, None, "overloaded_error", "req_0", 1_500_000_000),
            Attempt(2_000_000, 900_000_000, Category.TIMEOUT, exception_type="httpx.ReadTimeout"),
        ),
    )
