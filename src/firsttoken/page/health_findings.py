"""What of the health of a server and its store wants somebody's attention, and what to do about it: a line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from firsttoken.analyse.answers import Health
from firsttoken.analyse.arriving import Emitter, StoreHealth
from firsttoken.page import figures
from firsttoken.page.wording import UNPRICED_WORDS as UNPRICED

Level = Literal["problem", "warning", "note"]

REFUSED_REQUESTS: Final[Mapping[str, str]] = {
    "malformed": "They were no OTLP. Look at the exporter's endpoint and protocol: gRPC and HTTP have a port each.",
    "too_large": "They were larger than this server takes: set OTEL_BSP_MAX_EXPORT_BATCH_SIZE lower at the sender.",
    "unknown_type": "Their content type or encoding is not known here. Use OTLP as protobuf or JSON, plain or gzip.",
    "busy": "More came than can be written. The senders were told to try again, and most do: nothing may be missing.",
    "store": "The store did not write. The senders were told to try again.",
}
"""What to do about whole requests that were turned away, by the reason that is counted."""
REFUSED_ITEMS: Final = (
    "Whoever made them gave them an id or a time that cannot be. The others of their requests were kept."
)
CAPTURE: Final = (
    "Set OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=SPAN_ONLY where the calls are made, if it may be kept."
)
CLOCKS: Final = (
    "The clock there or the one here is wrong: set it. Until then views of a time that goes on leave such calls out."
)
NOTHING_YET: Final = (
    "The program sends elsewhere: its OTEL_EXPORTER_OTLP_ENDPOINT is not one of the lines below.",
    "Nothing in it makes spans: start it with firsttoken run, or call firsttoken.instrument() before its first call.",
    "OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER=none or a sampler keeps its spans back.",
    "It ended before its spans were sent: call firsttoken.shutdown() at its end.",
    "It is in a container or on another machine, where 127.0.0.1 is not this one: send through a Collector.",
)
"""Why nothing may have come, the most frequent reason first. `firsttoken doctor` finds the one that holds."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is so, and what to do."""

    level: Level
    title: str
    what_to_do: str


def findings(server: Health | None, store: StoreHealth | None, now_unix_ns: int) -> tuple[Finding, ...]:
    """The worst first. None is what cannot be asked."""
    found = [*(_of_server(server) if server is not None else ()), *(_of_store(store) if store is not None else ())]
    if store is not None:
        found += _of_clocks(store, now_unix_ns)
    order: Sequence[Level] = ("problem", "warning", "note")
    return tuple(sorted(found, key=lambda finding: order.index(finding.level)))


def _of_server(server: Health) -> Iterator[Finding]:
    if server.store_failure is not None:
        yield Finding(
            "problem", f"The store does not write: {server.store_failure}", "Until it does, senders are told to wait."
        )
    if server.keeping is not None and server.keeping.failure is not None:
        yield Finding("problem", "What is too old or too much could not go.", server.keeping.failure)
    for reason, number in server.refused_requests.items():
        if number:
            meaning = REFUSED_REQUESTS.get(reason, "The server's log says more.")
            level: Level = "note" if reason == "busy" else "warning"
            yield Finding(level, f"{figures.counted(number, 'request')} turned away: {reason}", meaning)
    for reason, number in server.refused_items.items():
        if number:
            yield Finding(
                "warning", f"{figures.counted(number, 'span or log record')} not kept: {reason}", REFUSED_ITEMS
            )
    for what, number in server.told_losses.items():
        if number:
            yield Finding(
                "warning",
                f"Senders lost {what}: {number:,}",
                "They said so themselves, for it never came here. Give them a larger queue: see docs/delivery.md.",
            )


def _of_store(store: StoreHealth) -> Iterator[Finding]:
    for emitter in store.emitters:
        if emitter.unread_spans:
            spans = figures.counted(emitter.unread_spans, "span")
            yield Finding(
                "warning",
                f"{spans} of {_named(emitter)} count tokens in words that firsttoken does not read.",
                "They are no calls here. Observe the program with firsttoken, or by the conventions.",
            )
    for unpriced in store.unpriced:
        model, provider = unpriced.model or "an unnamed model", unpriced.provider or "an unnamed provider"
        reason = unpriced.reason
        yield Finding(
            "warning",
            f"{figures.calls(unpriced.calls)} of {model} at {provider} without a price: {UNPRICED.get(reason, reason)}",
            unpriced.fix,
        )
    silent = dict.fromkeys(
        emitter.service
        for emitter in store.emitters
        if emitter.looked_at and not _has_content(store.emitters, emitter.service)
    )
    for service in silent:
        yield Finding("note", f"What was said in calls of {service or 'an unnamed service'} is not captured.", CAPTURE)


def _of_clocks(store: StoreHealth, now_unix_ns: int) -> Iterator[Finding]:
    latest: dict[str, int] = {}
    for emitter in store.emitters:
        latest[emitter.service] = max(emitter.last_unix_ns, latest.get(emitter.service, 0))
    for service, unix_ns in latest.items():
        if (ahead_ns := figures.ahead_ns(unix_ns, now_unix_ns)) > 0:
            ahead = figures.age(ahead_ns / 1e9)
            yield Finding("warning", f"Times of {service or 'an unnamed service'} are up to {ahead} ahead.", CLOCKS)


def _has_content(emitters: Sequence[Emitter], service: str) -> bool:
    return any(emitter.with_content for emitter in emitters if emitter.service == service)


def _named(emitter: Emitter) -> str:
    return f"{emitter.scope or 'an unnamed scope'} in {emitter.service or 'an unnamed service'}"
