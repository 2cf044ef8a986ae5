"""How much is told, and where, follows the settings and what the program says of single calls."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from observe.asking import streamed, using, whole
from observe.program import PROGRAMS
from observing import observing

import firsttoken
from firsttoken import Settings
from firsttoken.privacy.policy import Levels, levels_now
from firsttoken.semconv.read_messages import read_content
from firsttoken.settings import ContentLevel
from firsttoken.testing import CapturedTelemetry, ProviderServer, text_answer

EVERYWHERE = Settings(capture_content="SPAN_AND_EVENT", trace_content="full")
WORDS = "canary-Words-Qx7"
ANSWERED = "canary-Answer-Zk9"


def told(telemetry: CapturedTelemetry) -> dict[str, str]:
    """All that went out to each place, as text."""
    ((trace,), (details,)) = telemetry.provider_traces, telemetry.logs
    return {"spans": repr(telemetry.spans), "events": repr(details), "trace": repr(trace)}


def calling(settings: Settings, sdk: str = "openai", ask: Any = streamed, **level: Any) -> dict[str, str]:
    """What goes out of a call inside `content(**level)`."""

    async def work(client: Any) -> None:
        message = {"messages": [{"role": "user", "content": WORDS}]}
        with firsttoken.content(**level):
            stream = client.chat.completions if sdk == "openai" else client.messages
            more = {"max_tokens": 9} if sdk == "anthropic" else {}
            if ask is streamed:
                list(stream.create(model="m", stream=True, **message, **more))
            else:
                stream.create(model="m", **message, **more)

    with answering() as (telemetry, server), observing(telemetry, settings):
        using(PROGRAMS["sync"], sdk, server, work)
    return told(telemetry)


@contextlib.contextmanager
def answering() -> Iterator[tuple[CapturedTelemetry, ProviderServer]]:
    """Telemetry to capture, and a provider that always says the same."""
    with CapturedTelemetry() as telemetry, ProviderServer(lambda request: text_answer(ANSWERED)) as server:
        yield telemetry, server


def where_it_is(out: dict[str, str]) -> dict[str, bool]:
    said = {place: WORDS in text for place, text in out.items()}
    assert said == {place: ANSWERED in text for place, text in out.items()}
    return said


@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
@pytest.mark.parametrize("ask", [streamed, whole])
@pytest.mark.parametrize(
    ("settings", "spans", "events", "trace"),
    [
        (Settings(), False, False, False),
        (Settings(trace_content="metadata"), False, False, False),
        (Settings(trace_content="full"), False, False, True),
        (Settings(capture_content="SPAN_ONLY"), True, False, False),
        (Settings(capture_content="EVENT_ONLY", trace_content="metadata"), False, True, False),
        (EVERYWHERE, True, True, True),
    ],
)
def test_each_place_has_a_level_of_its_own(
    settings: Settings, spans: bool, events: bool, trace: bool, ask: Any, sdk: str
) -> None:
    assert where_it_is(calling(settings, sdk, ask)) == {"spans": spans, "events": events, "trace": trace}


@pytest.mark.parametrize(
    ("settings", "level", "where"),
    [
        (EVERYWHERE, {"level": "none"}, set()),
        (EVERYWHERE, {"level": "metadata"}, set()),
        (EVERYWHERE, {"trace": "none"}, {"spans", "events"}),
        (EVERYWHERE, {"spans": "none", "events": "metadata"}, {"trace"}),
        (Settings(), {"level": "full"}, {"spans", "events", "trace"}),
        (Settings(), {"trace": "full"}, {"trace"}),
        (Settings(), {"level": "full", "spans": "none"}, {"events", "trace"}),
        (Settings(), {}, set()),
    ],
)
def test_the_program_may_tell_less_or_more_of_single_calls(
    settings: Settings, level: dict[str, ContentLevel], where: set[str]
) -> None:
    assert {place for place, said in where_it_is(calling(settings, **level)).items() if said} == where


def test_the_shape_of_what_was_said_has_sizes_and_no_words() -> None:
    with answering() as (telemetry, server), observing(telemetry, EVERYWHERE), firsttoken.content("metadata"):
        using(PROGRAMS["sync"], "openai", server, lambda client: streamed(PROGRAMS["sync"], client))
    (span,) = telemetry.spans
    content = read_content(span["attributes"])
    assert content is not None
    ((asked,), (answered,)) = content.input or (), content.output
    assert (asked.role, answered.role) == ("user", "assistant")
    for message, size in ((asked, len("Say something.")), (answered, len(ANSWERED))):
        (part,) = message.parts
        assert (part.type, part.text, part.original_bytes, part.original_sha256) == ("text", "", size, None)  # type: ignore[union-attr]


def test_where_provider_traces_do_not_go_out_as_logs_nothing_is_captured_for_them() -> None:
    assert Levels.of(Settings(trace_content="full", provider_traces="span_events")) == Levels()


def test_an_inner_word_holds_for_the_places_that_it_names_and_ends_with_its_block() -> None:
    settled = Levels(spans="full")
    with firsttoken.content("metadata"):
        with firsttoken.content(trace="full"):
            assert levels_now(settled) == Levels("metadata", "metadata", "full")
        assert levels_now(settled) == Levels("metadata", "metadata", "metadata")
    assert levels_now(settled) is settled


def test_tasks_that_run_at_once_do_not_hear_each_other() -> None:
    async def one(level: ContentLevel, seen: dict[str, Levels]) -> None:
        with firsttoken.content(level):
            await asyncio.sleep(0)
            seen[level] = levels_now(Levels())

    async def main() -> dict[str, Levels]:
        seen: dict[str, Levels] = {}
        await asyncio.gather(one("full", seen), one("none", seen), one("metadata", seen))
        return seen

    assert asyncio.run(main()) == {level: Levels(level, level, level) for level in ("full", "none", "metadata")}  # type: ignore[arg-type]


@pytest.mark.parametrize("word", ["FULL", "all", "", True])
def test_another_word_is_refused(word: Any) -> None:
    with pytest.raises(ValueError, match="is none of none, metadata, full"), firsttoken.content(word):
        pass
