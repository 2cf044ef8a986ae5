"""The ways in which a call is made, what each is answered, and what has to be known of it in the end."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Final

from firsttoken.call import Call, Cost, Ledger, Outcome, Parameters, RateLimits, Request, Response, Timing, Usage
from firsttoken.testing import Answer, Delivery, ErrorAnswer, ReceivedRequest
from firsttoken.testing.script import Reply

PIECES: Final = ("Zürich", " ist", " sonnig", ".")
FIRST_AFTER_S: Final = 0.05
PRICES: Final = """\
[[price]]
model = "priced*"
input = 2
cache_read = 0.5
cache_write = 3
output = 8
from = 2026-01-01
"""
APIS: Final = {"openai": "openai.chat_completions", "anthropic": "anthropic.messages"}
REASONS: Final = {"openai": "stop", "anthropic": "end_turn"}
LIMITS: Final = {"openai": (10_000, 9_999), "anthropic": (4_000, 3_999)}
"""On requests, and what is left of them, as the provider server says."""
TIERS: Final = {"openai": "default", "anthropic": "standard"}
PARAMETERS: Final = {"openai": Parameters(temperature=0.5), "anthropic": Parameters(max_tokens=64)}
CHUNKS: Final = {"openai": len(PIECES) + 2, "anthropic": len(PIECES) + 5}
"""As the caller sees them: no chunk that only brings usage, and no ping."""


@dataclass(frozen=True, slots=True)
class Way:
    """One of the ways to make a call; `prefix` keeps apart those that travel differently."""

    prefix: str
    sdk: str
    mode: str
    delivery: str

    def __str__(self) -> str:
        return f"{self.sdk} {self.mode} {self.delivery} ({self.prefix})"

    @property
    def model(self) -> str:
        """Its own, so that a request and a row can be told by it."""
        return f"{self.prefix}-{self.sdk}-{self.mode}-{self.delivery}"

    @property
    def streams(self) -> bool:
        return self.delivery == "stream"

    @property
    def usage(self) -> Usage:
        """Numbers of this way alone."""
        number = sum(self.model.encode())
        split = {"cache_write_5m_tokens": 40, "cache_write_1h_tokens": 0} if self.sdk == "anthropic" else {}
        return Usage(
            input_tokens=1000 + number,
            output_tokens=number,
            cache_read_tokens=100,
            cache_write_tokens=40,
            reasoning_tokens=7,
            **split,
        )

    @property
    def printed(self) -> list[object]:
        """What the program was given, and told."""
        return [CHUNKS[self.sdk] if self.streams else None, "".join(PIECES)]

    def cost(self) -> Ledger:
        """At the prices of the file."""
        usage = self.usage
        uncached = (usage.input_tokens or 0) - 140
        million = Decimal(1_000_000)
        return Ledger(
            input=Decimal(2) * uncached / million,
            cache_read=Decimal("0.5") * 100 / million,
            cache_write=Decimal(3) * 40 / million,
            output=Decimal(8) * (usage.output_tokens or 0) / million,
            currency="USD",
            source="override prices.toml",
            price_date="2026-01-01",
        )

    def call(self, port: int, sent: ReceivedRequest, timing: Timing, cost: Cost) -> Call:
        """What was sent and answered, as a record."""
        return Call(
            request=Request(
                operation="chat",
                provider=self.sdk,
                api=APIS[self.sdk],
                model=self.model,
                stream=self.streams,
                server_address="127.0.0.1",
                server_port=port,
                parameters=PARAMETERS[self.sdk],
            ),
            timing=timing,
            outcome=Outcome.COMPLETED,
            response=Response(
                id=f"id-{self.model}",
                model=f"{self.model}-2026",
                finish_reasons=(REASONS[self.sdk],),
                request_id=f"req_{sent.serial}",
                status_code=200,
                service_tier=TIERS[self.sdk],
                system_fingerprint="fp_1" if self.sdk == "openai" else None,
                hidden_reasoning=self.streams,
            ),
            usage=self.usage,
            cost=cost,
            rate_limits=RateLimits(*LIMITS[self.sdk]),
        )


def ways(prefix: str) -> list[Way]:
    """In the order in which the program goes them."""
    return [Way(prefix, *each) for each in product(("openai", "anthropic"), ("sync", "async"), ("stream", "whole"))]


def reply_to(request: ReceivedRequest) -> Reply:
    """The script of the provider server: the model that is asked for says which way it is."""
    parts = (request.model or "").split("-")
    if len(parts) != 4:
        return ErrorAnswer(status=404)
    way = Way(*parts)
    return Answer(
        text=PIECES,
        usage=way.usage,
        id=f"id-{way.model}",
        model=f"{way.model}-2026",
        system_fingerprint="fp_1",
        delivery=Delivery(first_after=FIRST_AFTER_S),
    )
