"""A program as its users write it: a few dozen calls through both SDKs, with the troubles that such programs meet.

It knows nothing of being observed. Its troubles are scenarios of the provider server, asked for by a request header.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import anthropic
import openai
from anthropic import Anthropic, AsyncAnthropic
from openai import AsyncOpenAI, OpenAI

from firsttoken.testing.asking import (
    abandon_chat,
    call_anthropic_tool,
    call_openai_tool,
    cancel_chat,
    close_message,
    stream_chat,
    stream_chat_async,
    stream_message,
    stream_message_async,
    think,
    whole_chat,
    whole_chat_async,
    whole_message,
)

KEY = "not-a-real-key"


class UnexpectedSuccessError(Exception):
    """A call that was meant to fail did not, so that the workload would not show what it should."""


def run_workload(base_url: str) -> None:
    """Returns when every call has ended, after some 7 seconds at a pace of 1. Raises what was not meant to fail."""
    with ThreadPoolExecutor(len(LANES)) as threads:
        for lane in [threads.submit(lane, base_url) for lane in LANES]:
            lane.result()


def openai_questions(base_url: str) -> None:
    with OpenAI(base_url=f"{base_url}/v1", api_key=KEY) as client:
        stream_chat(client, "gpt-4o", "What should I see in Lisbon in one day?")
        whole_chat(client, "gpt-4o-mini", "Name the oldest café in Vienna.")
        stream_chat(client, "gpt-4.1", "Compare Porto and Lisbon for a weekend.", include_usage=False)
        stream_chat(client, "gpt-4o", "And in two days?", scenario="cache-read")
        stream_chat(client, "gpt-4o-mini", "Translate 'a table for two' into Portuguese.")
        whole_chat(client, "o4-mini", "Plan five museums in an order that wastes no walking.")
        call_openai_tool(client, "gpt-4.1", "Will it rain in Zürich?")
        stream_chat(client, "o4-mini", "Which of two routes is shorter if I skip the castle?")


def openai_troubles(base_url: str) -> None:
    with OpenAI(base_url=f"{base_url}/v1", api_key=KEY) as client:
        stream_chat(client, "gpt-4o-mini", "Is the museum open today?", scenario="rate-limit-once")
        with meant_to_fail(openai.APIError):
            stream_chat(client, "gpt-4o", "Tell me the whole history of Rome.", scenario="error-mid-stream")
        abandon_chat(client, "gpt-4.1", "List every bridge in Venice.")
        stream_chat(client, "gpt-4o", "Think of a rhyme for Tallinn.", scenario="slow-first-token")
        stream_chat(client, "atlas-travel-70b", "Recommend a night train.", scenario="reasoning")
        with meant_to_fail(openai.InternalServerError):
            whole_chat(client, "gpt-4o-mini", "What is the time in Oslo?", scenario="server-error")
        with meant_to_fail(openai.APITimeoutError):
            impatient = client.with_options(timeout=0.7, max_retries=0)
            whole_chat(impatient, "gpt-4.1", "Summarize this guide.", scenario="silent")


def anthropic_questions(base_url: str) -> None:
    with Anthropic(base_url=base_url, api_key=KEY) as client:
        stream_message(client, "claude-sonnet-4-6", "What makes Ghent worth a detour?", scenario="cache-write")
        stream_message(client, "claude-sonnet-4-6", "And Bruges?", scenario="cache-read")
        whole_message(client, "claude-haiku-4-5", "How late do trams run in Basel?")
        think(client, "claude-opus-4-5", "Order these nine stops so that no train is missed.")
        call_anthropic_tool(client, "claude-haiku-4-5", "Do I need an umbrella in Bergen?")
        stream_message(client, "claude-sonnet-4-6", "Describe a morning at the harbour of Trieste.")


def anthropic_troubles(base_url: str) -> None:
    with Anthropic(base_url=base_url, api_key=KEY) as client:
        stream_message(client, "claude-haiku-4-5", "Where can I leave my luggage?", scenario="rate-limit-once")
        stream_message(client, "claude-sonnet-4-6", "Write a sonnet about the Danube.", scenario="stall")
        with meant_to_fail(anthropic.APIStatusError):
            stream_message(client, "claude-sonnet-4-6", "Explain Gothic vaults.", scenario="error-mid-stream")
        close_message(client, "claude-opus-4-5", "Describe every room of the Prado.")
        with meant_to_fail(anthropic.AuthenticationError):
            whole_message(client, "claude-haiku-4-5", "Who am I?", scenario="unauthorized")
        stream_message(client, "claude-opus-4-5", "Find the quietest square in Madrid.", scenario="slow-first-token")


def async_questions(base_url: str) -> None:
    asyncio.run(ask_at_once(base_url))


async def ask_at_once(base_url: str) -> None:
    """Two waves of concurrent streams, then one that is cancelled while it waits."""
    cities = ("Graz", "Riga", "Split", "Turin", "Cork")
    async with (
        AsyncOpenAI(base_url=f"{base_url}/v1", api_key=KEY) as gpt,
        AsyncAnthropic(base_url=base_url, api_key=KEY) as claude,
    ):
        await asyncio.gather(
            *(stream_chat_async(gpt, "gpt-4o-mini", f"One sentence about {city}.") for city in cities),
            *(stream_message_async(claude, "claude-haiku-4-5", f"One dish from {city}.") for city in cities[:3]),
        )
        await asyncio.gather(
            *(whole_chat_async(gpt, "gpt-4.1", f"A hotel in {city}, as a name only.") for city in cities[:2]),
            stream_message_async(claude, "claude-sonnet-4-6", "A toast for a wedding in Kraków."),
            stream_message_async(claude, "claude-opus-4-5", "Which single street shows Naples best?"),
            stream_chat_async(gpt, "gpt-4.1", "Write a postcard from Ljubljana."),
        )
        await cancel_chat(gpt, "gpt-4o", "Every station between Lisbon and Vladivostok.")


@contextmanager
def meant_to_fail(*errors: type[Exception]) -> Generator[None]:
    """Swallows these errors, and raises UnexpectedSuccessError where none came."""
    try:
        yield
    except errors:
        return
    raise UnexpectedSuccessError(f"expected {errors}")


LANES: tuple[Callable[[str], None], ...] = (
    openai_questions,
    openai_troubles,
    anthropic_questions,
    anthropic_troubles,
    async_questions,
)
"""What runs side by side."""


def main() -> None:
    parser = argparse.ArgumentParser(description=run_workload.__doc__)
    parser.add_argument("--base-url", required=True, help="of the provider server, such as http://127.0.0.1:4320")
    run_workload(parser.parse_args().base_url)


if __name__ == "__main__":
    main()
