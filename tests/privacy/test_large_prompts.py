"""A prompt of 20 MB costs bounded memory, and what goes out of it is small."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
from observe.asking import resource, using
from observe.program import PROGRAMS
from observing import observing

from firsttoken import Settings
from firsttoken.call.bounds import Budget
from firsttoken.privacy.bodies import Limits, prepared
from firsttoken.privacy.redaction import Redaction, sights_for
from firsttoken.testing import CapturedTelemetry, ProviderServer

MEGABYTE = 1024 * 1024
LINE = "It was a bright cold day in April, and the clocks were striking thirteen. "
PROMPT = LINE * (20 * MEGABYTE // len(LINE))


@pytest.mark.parametrize(
    ("prompt", "times"),
    [(PROMPT, 0.2), (PROMPT.replace("April", "Avril à"), 4.5), (f"{PROMPT} sk-abcdefghij0123456789ABCD", 2.2)],
    ids=["plain", "beyond ascii", "with a key"],
)
def test_what_is_held_at_once_is_a_few_times_the_text_at_most(prompt: str, times: float) -> None:
    """Where nothing has to be taken out, hardly anything; else the pieces and a copy of them, and more beyond ASCII."""
    request = {"messages": [{"role": "user", "content": prompt}]}
    redact, limits = Redaction(sights_for([])), Limits(Budget(262_144, 131_072), lambda text, sha256: None)
    tracemalloc.start()
    try:
        told = prepared(request, None, "full", redact, limits)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < times * len(prompt.encode()) + 4 * MEGABYTE
    assert told.truncations[0].original_bytes > 19 * MEGABYTE


def test_its_records_are_far_below_what_a_message_of_otlp_may_be_and_say_what_was_cut() -> None:
    settings = Settings(capture_content="SPAN_AND_EVENT", trace_content="full")

    async def work(client: Any) -> None:
        resource(client).create(model="m", messages=[{"role": "user", "content": PROMPT}])

    with (
        CapturedTelemetry() as telemetry,
        ProviderServer() as server,
        observing(telemetry, settings, flush_s=60),
    ):
        using(PROGRAMS["sync"], "openai", server, work)
    (truncation,) = telemetry.provider_traces[0].truncations
    assert truncation.original_bytes == len(PROMPT)
    assert "bytes cut" in telemetry.spans[0]["attributes"]["gen_ai.input.messages"]
    for record in (telemetry.spans, telemetry.logs, telemetry.provider_trace_logs):
        assert 100_000 < len(repr(record)) < MEGABYTE
