"""A background response whose stream is left and taken up again: two calls, each with what it saw."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Final

import pytest
from installed import needs

from firsttoken.testing import CapturedTelemetry, Cut, Delivery, ProviderServer, text_answer
from observe.asking import using
from observe.program import DONE, Program
from observe.watching import shown

Instrumented = Callable[..., AbstractContextManager[None]]

ANSWER: Final = replace(text_answer("One", " two", "."), id="resp_1")
EVENTS: Final = 11

pytestmark = needs("openai.resources.responses", "openai.lib.streaming.responses")


async def taken_up_by_retrieve(program: Program, client: Any, last_seen: int) -> Any:
    return await program.get(client.responses.retrieve("resp_1", stream=True, starting_after=last_seen))


async def taken_up_by_the_helper(program: Program, client: Any, last_seen: int) -> Any:
    return await program.enter(client.responses.stream(response_id="resp_1", starting_after=last_seen))


TAKING_UP: Final = {
    "retrieve": (taken_up_by_retrieve, "starting_after=4&stream=true", EVENTS - 5),
    "stream": (taken_up_by_the_helper, "stream=true", EVENTS),
}
"""How, what is then asked for, and how many events come. The helper asks for all, and hands over the rest."""


@pytest.mark.parametrize("way", TAKING_UP)
@pytest.mark.parametrize("lost", [False, True], ids=["closed", "lost"])
def test_a_stream_that_was_left_and_one_that_takes_it_up_are_two_calls_and_no_event_is_missed(
    way: str, lost: bool, program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    take_up, query, count = TAKING_UP[way]
    cut = replace(ANSWER, delivery=Delivery(stop_after=5, stop_by=Cut.CLOSE)) if lost else ANSWER

    async def work(client: Any) -> list[Any]:
        stream = await program.get(
            client.responses.create(model="gpt-4o", input="Think.", background=True, stream=True)
        )
        events, seen, number = program.iterate(stream), list[Any](), -1
        try:
            for _ in range(6 if lost else 5):
                event = await program.next(events)
                seen.append(shown(event))
                number = event.sequence_number
        except Exception as error:  # noqa: BLE001  its class differs from version to version
            seen.append(type(error).__name__)
        await program.close(stream)
        again = await take_up(program, client, number)
        rest = program.iterate(again)
        while (event := await program.next(rest)) is not DONE:
            seen.append(shown(event))
        await program.close(again)
        return seen

    def run() -> list[Any]:
        with ProviderServer() as server:
            server.enqueue(cut, ANSWER)
            seen = using(program, "openai", server, work)
            assert [request.query for request in server.requests] == ["", query]
        return seen

    bare = run()
    with instrumented():
        assert bare == run()
    made, fetched = [span["attributes"] for span in telemetry.spans]
    assert {
        "gen_ai.operation.name": "chat",
        "firsttoken.outcome": "failed" if lost else "closed",
        "firsttoken.chunk.count": 5,
        "firsttoken.cost.unpriced": "unknown_usage",
    }.items() <= made.items()
    assert {
        "gen_ai.operation.name": "fetch_response",
        "gen_ai.response.id": made["gen_ai.response.id"],
        "firsttoken.outcome": "completed",
        "gen_ai.response.status": "completed",
        "firsttoken.chunk.count": count,
    }.items() <= fetched.items()
    assert fetched.get("gen_ai.request.stream_cursor") == ("4" if "starting_after" in query else None)
    assert "gen_ai.usage.output_tokens" not in {**made, **fetched}
