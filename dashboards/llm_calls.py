"""The board "LLM calls": first chunk, duration, traffic, errors, tokens and cost by model."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import (
    Dashboard,
    DashboardCursorSync,
    Panel,
    VariableModel,
    VariableOption,
    VariableRefresh,
    VariableSort,
)
from panels import DATA_SOURCE, Column, Query, Words, figure, lines, rows
from prometheus_names import series
from queries import (
    CALLS,
    CURRENCY,
    ERROR,
    KIND,
    MODEL,
    PROVIDER,
    RANGE,
    RATE,
    UNPRICED,
    beyond_last_bucket,
    percentile,
    ratio,
    share,
    total,
)

from firsttoken.semconv import names, own

PanelBuilder = Builder[Panel]
VariableBuilder = Builder[VariableModel]

UID: Final = "firsttoken-llm-calls"

DURATION: Final = names.GEN_AI_CLIENT_INFERENCE_DURATION
FIRST_CHUNK: Final = names.GEN_AI_CLIENT_INFERENCE_TIME_TO_FIRST_CHUNK
BETWEEN_CHUNKS: Final = names.GEN_AI_CLIENT_INFERENCE_TIME_PER_OUTPUT_CHUNK
LAST_BOUND: Final = f"{FIRST_CHUNK.buckets[-1]:g} s" if FIRST_CHUNK.buckets else ""
COST: Final = series(own.COST)
ERRORS: Final = series(own.ERRORS)
RETRIES: Final = series(own.RETRIES)
UNPRICED_CALLS: Final = series(own.UNPRICED_CALLS)
TOKENS: Final = (
    (names.GEN_AI_CLIENT_INFERENCE_USAGE_INPUT_TOKENS, "input"),
    (names.GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_READ_INPUT_TOKENS, "input, read from a cache"),
    (names.GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_WRITE_INPUT_TOKENS, "input, written to a cache"),
    (names.GEN_AI_CLIENT_INFERENCE_USAGE_OUTPUT_TOKENS, "output"),
    (names.GEN_AI_CLIENT_INFERENCE_USAGE_REASONING_OUTPUT_TOKENS, "output, reasoning"),
)
FAILED: Final = (f'{ERROR}!=""',)
BY_MODEL: Final = f"{{{{{MODEL}}}}}"

NO_CALLS: Final = "no calls in this time range"
NO_STREAMS: Final = "no streamed calls in this time range"
NO_FAILURES: Final = "no failed calls in this time range"
NO_COST: Final = "no priced calls in this time range"
CAP: Final = (
    f"A percentile is estimated within a bucket of the histogram and never exceeds its last bound, {LAST_BOUND}: "
    "see “Off the scale”."
)


def llm_calls() -> Dashboard:
    board = (
        dashboard.Dashboard("LLM calls")
        .uid(UID)
        .description("First chunk, duration, traffic, errors, tokens and cost of LLM calls, from firsttoken's metrics.")
        .tags(["firsttoken", "llm", "opentelemetry"])
        .time("now-1h", "now")
        .refresh("30s")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .readonly()
        .variables(_variables())
    )
    for title, panels in (
        ("Overview", _overview()),
        ("First chunk and duration", _timing()),
        ("Traffic and errors", _traffic()),
        ("Tokens and cost", _spending()),
    ):
        board = board.with_row(dashboard.Row(title))
        for panel in panels:
            board = board.with_panel(panel)
    built = board.build()
    for number, panel in enumerate(built.panels or [], start=1):
        panel.id_val = number
    return built


def _overview() -> list[PanelBuilder]:
    calls = total("increase", CALLS, RANGE)
    cached, given = (
        total("increase", series(metric), RANGE)
        for metric in (
            names.GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_READ_INPUT_TOKENS,
            names.GEN_AI_CLIENT_INFERENCE_USAGE_INPUT_TOKENS,
        )
    )
    return [
        figure(Words("Calls", "Calls that ended in this time range.", NO_CALLS), "short", Query(f"{calls} > 0")),
        figure(
            Words("Failed", "Share of calls that ended in an error. A caller's own cancellation is not one.", NO_CALLS),
            "percentunit",
            Query(ratio(total("increase", CALLS, RANGE, where=FAILED), calls)),
            warn_above=0.05,
        ),
        figure(
            Words("First chunk p95", f"From the start of a streamed call to its first chunk. {CAP}", NO_STREAMS),
            "s",
            Query(percentile(FIRST_CHUNK, 0.95, RANGE, by=())),
        ),
        figure(
            Words("Duration p95", f"From the start of a call to its last byte or its end. {CAP}", NO_CALLS),
            "s",
            Query(percentile(DURATION, 0.95, RANGE, by=())),
        ),
        figure(
            Words(
                "Off the scale",
                f"Share of values above {LAST_BOUND}. Where it is not zero, the high percentiles are too low.",
                NO_CALLS,
            ),
            "percentunit",
            Query(beyond_last_bucket(FIRST_CHUNK), "first chunk"),
            Query(beyond_last_bucket(DURATION), "duration"),
            warn_above=0.01,
        ),
        figure(
            Words("Cost", "Sum over the calls that have a price, by currency. Unpriced calls are not in it.", NO_COST),
            "short",
            Query(f"{total('increase', COST, RANGE, (CURRENCY,))} > 0", f"{{{{{CURRENCY}}}}}"),
        ),
        figure(
            Words("Unpriced", "Share of calls whose cost is unknown, which is not zero.", NO_CALLS),
            "percentunit",
            Query(ratio(total("increase", UNPRICED_CALLS, RANGE), calls)),
            warn_above=0.05,
        ),
        figure(
            Words("Input from cache", "Share of input tokens that were read from a cache.", "no reported input tokens"),
            "percentunit",
            Query(ratio(cached, given)),
        ),
    ]


def _timing() -> list[PanelBuilder]:
    return [
        lines(
            Words("Time to first chunk", f"Streamed calls only, by model. {CAP}", NO_STREAMS),
            "s",
            *(Query(percentile(FIRST_CHUNK, q), f"p{q * 100:g} {BY_MODEL}") for q in (0.5, 0.95, 0.99)),
            exemplars=True,
        ),
        lines(
            Words("Duration", f"From the start of a call to its last byte or its end, by model. {CAP}", NO_CALLS),
            "s",
            *(Query(percentile(DURATION, q), f"p{q * 100:g} {BY_MODEL}") for q in (0.5, 0.95)),
            exemplars=True,
        ),
        lines(
            Words(
                "Time between chunks p95",
                f"Time from one chunk of a stream to the next, by model: what a reader feels as stutter. {CAP}",
                NO_STREAMS,
            ),
            "s",
            Query(percentile(BETWEEN_CHUNKS, 0.95), BY_MODEL),
            exemplars=True,
            width=24,
        ),
    ]


def _traffic() -> list[PanelBuilder]:
    labels = (PROVIDER, MODEL)
    failed = total("increase", CALLS, RANGE, (*labels, ERROR), FAILED)
    return [
        lines(
            Words("Calls per second", "Calls that ended, by model.", NO_CALLS),
            "reqps",
            Query(total("rate", CALLS, RATE, (MODEL,)), BY_MODEL),
            stacked=True,
            width=8,
        ),
        lines(
            Words("Failed calls by error", "Share of all calls that ended in each error.", NO_FAILURES),
            "percentunit",
            Query(share(total("rate", CALLS, RATE, (ERROR,), FAILED), total("rate", CALLS, RATE)), f"{{{{{ERROR}}}}}"),
            stacked=True,
            width=8,
        ),
        rows(
            Words("Errors by model", "Failed calls of each model, and their share of all its calls.", NO_FAILURES),
            (
                Column(PROVIDER, "provider"),
                Column(MODEL, "model"),
                Column(ERROR, "error"),
                Column("Value #A", "calls", "short"),
                Column("Value #B", "share of calls", "percentunit"),
            ),
            Query(f"{failed} > 0"),
            Query(share(f"({failed} > 0)", total("increase", CALLS, RANGE, labels), labels)),
            width=8,
        ),
        lines(
            Words(
                "Failures per second by kind",
                "Failed calls, embeddings and fetches too, by what kind of error it was: one word for all providers.",
                NO_FAILURES,
            ),
            "reqps",
            Query(total("rate", ERRORS, RATE, (KIND,)), f"{{{{{KIND}}}}}"),
            stacked=True,
        ),
        lines(
            Words(
                "Retries per second by kind",
                "Attempts that an SDK followed by another. Most callers never see them; they rise before calls fail.",
                "no retries in this time range",
            ),
            "reqps",
            Query(total("rate", RETRIES, RATE, (KIND,)), f"{{{{{KIND}}}}}"),
            stacked=True,
        ),
    ]


def _spending() -> list[PanelBuilder]:
    per_second = total("rate", COST, RATE, (MODEL, CURRENCY))
    unpriced = total("rate", UNPRICED_CALLS, RATE, (UNPRICED,))
    return [
        lines(
            Words(
                "Tokens per second",
                "As the providers counted them. Cached tokens are part of the input, reasoning is part of the output, "
                "and calls without reported usage are in neither.",
                "no reported tokens in this time range",
            ),
            "short",
            *(Query(total("rate", series(metric), RATE), name) for metric, name in TOKENS),
            width=8,
        ),
        lines(
            Words("Cost per hour", "At the rate of the moment, by model. Unpriced calls are not in it.", NO_COST),
            "short",
            Query(f"{per_second} * 3600", f"{BY_MODEL} {{{{{CURRENCY}}}}}"),
            stacked=True,
            width=8,
        ),
        lines(
            Words(
                "Unpriced calls by reason",
                "Share of all calls whose cost is unknown. docs/prices.md says what each reason means.",
                "no unpriced calls in this time range",
            ),
            "percentunit",
            Query(share(unpriced, total("rate", CALLS, RATE)), f"{{{{{UNPRICED}}}}}"),
            stacked=True,
            width=8,
        ),
    ]


def _variables() -> list[VariableBuilder]:
    values = (("job", "Service", "job"), ("provider", "Provider", PROVIDER), ("model", "Model", MODEL))
    return [
        dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus"),
        *(
            dashboard.QueryVariable(name)
            .label(shown)
            .datasource(DATA_SOURCE)
            .query(f"label_values({CALLS}, {source})")
            .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
            .sort(VariableSort.ALPHABETICAL_ASC)
            .multi(True)
            .include_all(True)
            .all_value(".*")
            .current(VariableOption(selected=True, text="All", value="$__all"))
            for name, shown, source in values
        ),
    ]
