"""Calls as a busy application makes them: ids, times, tokens and costs that differ from call to call, by a seed."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from firsttoken.call import Call, CallContext, Ledger, Outcome, Parameters, Request, Response, Timing, Usage

START_UNIX_NS: Final = 1_795_000_000_000_000_000
CALLS_PER_S: Final = 20
"""How many start in each second, on average."""
ID_LETTERS: Final = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Model:
    """What calls of one model are like."""

    provider: str
    api: str
    name: str
    answered_as: str
    host: str
    response_id: str
    """What the provider's ids begin with."""
    request_id: str
    input_usd: Decimal
    """Of one token; a cached one is a tenth of it."""
    output_usd: Decimal
    first_token_s: float


def _openai(name: str, answered_as: str, price: str, output: str, first_token_s: float) -> Model:
    prices = Decimal(price).scaleb(-6), Decimal(output).scaleb(-6)
    api, host = "openai.chat_completions", "api.openai.com"
    return Model("openai", api, name, answered_as, host, "chatcmpl-", "req_", *prices, first_token_s)


def _anthropic(name: str, price: str, output: str, first_token_s: float) -> Model:
    prices = Decimal(price).scaleb(-6), Decimal(output).scaleb(-6)
    api, host = "anthropic.messages", "api.anthropic.com"
    return Model("anthropic", api, name, name, host, "msg_01", "req_011C", *prices, first_token_s)


MODELS: Final = (
    _openai("gpt-4o-mini", "gpt-4o-mini-2024-07-18", "0.15", "0.6", 0.35),
    _openai("gpt-4o", "gpt-4o-2024-08-06", "2.5", "10", 0.45),
    _openai("gpt-4.1", "gpt-4.1-2025-04-14", "2", "8", 0.5),
    _anthropic("claude-sonnet-4-6", "3", "15", 0.8),
    _anthropic("claude-haiku-4-5", "1", "5", 0.5),
)


def made_calls(count: int, *, seed: int = 1) -> Iterator[Call]:
    """So many calls, in the order of their starts."""
    chance = random.Random(seed)  # noqa: S311  repeatable, and nothing to guard
    started = START_UNIX_NS
    for _ in range(count):
        started += int(chance.expovariate(CALLS_PER_S) * 1e9)
        yield _call(chance, chance.choice(MODELS), started)


def _call(chance: random.Random, model: Model, started: int) -> Call:
    usage = _usage(chance)
    return Call(
        request=Request(
            operation="chat",
            provider=model.provider,
            api=model.api,
            model=model.name,
            stream=True,
            server_address=model.host,
            server_port=443,
            parameters=Parameters(max_tokens=4096, temperature=chance.choice((None, 0.0, 0.2, 0.7, 1.0))),
            context=CallContext(
                user_id=f"user-{chance.randrange(5000)}",
                session_id=f"session-{chance.randrange(20_000)}",
                more={"app.feature": chance.choice(("search", "chat", "summary"))},
            ),
        ),
        timing=_timing(chance, model, started, usage),
        outcome=Outcome.COMPLETED,
        response=Response(
            id=model.response_id + "".join(chance.choices(ID_LETTERS, k=22)),
            model=model.answered_as,
            finish_reasons=(chance.choice(("stop", "stop", "tool_calls")),),
            request_id=model.request_id + chance.randbytes(16).hex(),
            status_code=200,
            service_tier="default",
        ),
        usage=usage,
        raw_usage=_raw(usage),
        cost=_cost(model, usage),
    )


def _usage(chance: random.Random) -> Usage:
    asked, answered = int(chance.lognormvariate(7, 1)) + 1, int(chance.lognormvariate(5.5, 1)) + 2
    cached = int(asked * chance.random()) if chance.random() < 0.5 else 0
    return Usage(asked, answered, cache_read_tokens=cached, cache_write_tokens=0, reasoning_tokens=0)


def _timing(chance: random.Random, model: Model, started: int, usage: Usage) -> Timing:
    headers = int(model.first_token_s * 1e9 * chance.lognormvariate(-0.3, 0.4))
    first_chunk = headers + int(chance.expovariate(50) * 1e9)
    first_token = first_chunk + int(chance.expovariate(20) * 1e9)
    last_chunk = first_token + int((usage.output_tokens or 0) * chance.lognormvariate(2.5, 0.3) * 1e6)
    duration = last_chunk + int(chance.expovariate(5000) * 1e9)
    consumer = int(chance.expovariate(200) * 1e9)
    return Timing(
        started_unix_ns=started,
        duration_ns=duration,
        headers_ns=headers,
        first_chunk_ns=first_chunk,
        first_token_ns=first_token,
        last_chunk_ns=last_chunk,
        chunk_count=(usage.output_tokens or 0) + 3,
        largest_gap_ns=int(chance.lognormvariate(17.5, 0.7)),
        provider_wait_ns=max(duration - consumer, 0),
        consumer_wait_ns=min(consumer, duration),
        stall_count=0,
    )


def _raw(usage: Usage) -> str:
    counted = {
        "completion_tokens": usage.output_tokens,
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "prompt_tokens": usage.input_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cache_read_tokens},
        "total_tokens": (usage.input_tokens or 0) + (usage.output_tokens or 0),
    }
    return json.dumps(counted, separators=(",", ":"))


def _cost(model: Model, usage: Usage) -> Ledger:
    cached = usage.cache_read_tokens or 0
    return Ledger(
        input=model.input_usd * ((usage.input_tokens or 0) - cached),
        cache_read=model.input_usd / 10 * cached,
        cache_write=Decimal(0),
        output=model.output_usd * (usage.output_tokens or 0),
        currency="USD",
        source="genai-prices 0.2.3",
        price_date="2026-03-13",
    )
