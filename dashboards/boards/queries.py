"""PromQL over the metrics of calls. Every name comes from the package."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from firsttoken.call import OPERATIONS
from firsttoken.semconv import names, own
from firsttoken.semconv.metric import Metric
from firsttoken.semconv.prometheus import label, series

SERVICE: Final = "job"
"""What Prometheus makes of `service.namespace` and `service.name`."""
ENVIRONMENT_ATTRIBUTE: Final = "deployment.environment.name"
ENVIRONMENT: Final = label(ENVIRONMENT_ATTRIBUTE)
"""An attribute of the resource: on the series where the Collector or Prometheus was told to put it there."""
RESOURCES: Final = "target_info"
"""The series that Prometheus has of every resource, whatever else it sends."""

OPERATION: Final = label(names.GEN_AI_OPERATION_NAME)
PROVIDER: Final = label(names.GEN_AI_PROVIDER_NAME)
MODEL: Final = label(names.GEN_AI_REQUEST_MODEL)
ERROR: Final = label(names.ERROR_TYPE)
STREAM: Final = label(names.GEN_AI_REQUEST_STREAM)
KIND: Final = label(own.ERROR_CATEGORY)
OUTCOME: Final = label(own.OUTCOME)
USAGE: Final = label(own.USAGE_KNOWN)
TRUNCATED: Final = label(own.RESPONSE_TRUNCATED)
EMPTY: Final = label(own.RESPONSE_EMPTY)
STAGE: Final = label(own.STALL_STAGE)
CURRENCY: Final = label(own.COST_CURRENCY)
EFFECT: Final = label(own.CACHE_EFFECT)
UNPRICED: Final = label(own.COST_UNPRICED)
LOST: Final = label(own.LOST)
LOST_REASON: Final = label(own.LOST_REASON)
STREAM_END: Final = label(own.STREAM_END)

CALLS: Final = series(own.CALLS)
DURATION: Final = names.GEN_AI_CLIENT_INFERENCE_DURATION
OTHER_DURATION: Final = names.GEN_AI_CLIENT_OPERATION_DURATION
FIRST_TOKEN: Final = own.FIRST_TOKEN_TIME
GENERATION: Final = own.GENERATION_TIME
BETWEEN_CHUNKS: Final = names.GEN_AI_CLIENT_INFERENCE_TIME_PER_OUTPUT_CHUNK
INPUT: Final = series(names.GEN_AI_CLIENT_INFERENCE_USAGE_INPUT_TOKENS)
OUTPUT: Final = series(names.GEN_AI_CLIENT_INFERENCE_USAGE_OUTPUT_TOKENS)
CACHE_READ: Final = series(names.GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_READ_INPUT_TOKENS)
CACHE_WRITE: Final = series(names.GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_WRITE_INPUT_TOKENS)
REASONING: Final = series(names.GEN_AI_CLIENT_INFERENCE_USAGE_REASONING_OUTPUT_TOKENS)
COST: Final = series(own.COST)
CUT_COST: Final = series(own.CUT_COST)
SAVINGS: Final = series(own.CACHE_SAVINGS)
UNPRICED_CALLS: Final = series(own.UNPRICED_CALLS)
ERRORS: Final = series(own.ERRORS)
RETRIES: Final = series(own.RETRIES)
RETRY_TIME: Final = series(own.RETRY_TIME)
STALLS: Final = series(own.STALLS)
EMPTY_RESPONSES: Final = series(own.EMPTY_RESPONSES)
LOSSES: Final = series(own.LOSSES)
ACTIVE_CALLS: Final = series(own.ACTIVE_CALLS)
ACTIVE_STREAMS: Final = series(own.ACTIVE_STREAMS)
STREAM_ENDS: Final = series(own.STREAM_ENDS)
STREAM_DURATION: Final = own.STREAM_DURATION

STREAMED: Final = f'{STREAM}="true"'
GENERATES_NOTHING: Final = (
    f'{OPERATION}=~"{"|".join(name for name, operation in OPERATIONS.items() if not operation.is_inference)}"'
)
"""Under `FIRSTTOKEN_CONVENTIONS=both` the duration of other operations has inferences too."""
CUT_BY_CALLER: Final = f'{OUTCOME}=~"closed|abandoned|cancelled"'
FAILED: Final = f'{OUTCOME}=~"failed|timed_out"'

PRICED: Final = f'{CURRENCY}!=""'
"""Of calls: those that have a cost. Which currency it is in, they say themselves."""
IN_CURRENCY: Final = f'{CURRENCY}=~"$currency"'
"""Money that is stacked is added up, which that of two currencies never is."""

RATE: Final = "[$__rate_interval]"
RANGE: Final = "[$__range]"

OF_PROCESSES: Final = (f'{SERVICE}=~"$service"', f'{ENVIRONMENT}=~"$environment"')
"""What the variables of a board select of any series."""
OF_CALLS: Final = (
    *OF_PROCESSES,
    f'{PROVIDER}=~"$provider"',
    f'{MODEL}=~"$model"',
    f'{OPERATION}=~"$operation"',
)
"""And of those of calls. "All" is `.*`, which also takes a call without a model and a series without an environment."""


def selected(name: str, *conditions: str, of: Iterable[str] = OF_CALLS) -> str:
    return f"{name}{{{', '.join((*of, *conditions))}}}"


def of_process(name: str, *conditions: str) -> str:
    """Of a series that is about a process and not about calls."""
    return selected(name, *conditions, of=OF_PROCESSES)


def now(name: str, by: Iterable[str] = ()) -> str:
    """The sum of a gauge."""
    return f"sum{_grouping(by)} ({_chosen(name)})"


def total(function: str, name: str, window: str, by: Iterable[str] = (), where: Iterable[str] = ()) -> str:
    """The sum of `rate` or `increase` of a series, or of what `of_process` gave."""
    return f"sum{_grouping(by)} ({function}({_chosen(name, *where)}{window}))"


def per_minute(name: str, by: Iterable[str] = ()) -> str:
    """How many in a minute: of calls to models that is a number, and in a second a small part of one."""
    return f"60 * {total('rate', name, RATE, by)}"


def whole(amount: str) -> str:
    """Of what is counted: Prometheus makes 49.1 of 49 calls, for the ends of a time range lie between two reports."""
    return f"round({amount})"


def percentile(metric: Metric, quantile: float, window: str = RATE, by: Iterable[str] = (MODEL,)) -> str:
    """Nothing where nothing was measured. Never above the last bound, however slow: see `beyond_last_bucket`."""
    buckets = total("rate", series(metric, "bucket"), window, (*by, "le"))
    return f"histogram_quantile({quantile:g}, {buckets}) >= 0"


def mean(metric: Metric, window: str = RATE, by: Iterable[str] = ()) -> str:
    sum_, count = (total("rate", series(metric, part), window, by) for part in ("sum", "count"))
    return f"{sum_} / ({count} > 0)"


def buckets(metric: Metric) -> str:
    """How many values came into each bucket, for a heat map."""
    return total("increase", series(metric, "bucket"), RATE, ("le",))


def time_of_calls(function: str, window: str) -> str:
    """What all calls took together, whatever was asked for."""
    inferences = total(function, series(DURATION, "sum"), window)
    others = total(function, series(OTHER_DURATION, "sum"), window, where=(GENERATES_NOTHING,))
    return f"({inferences} + {others} or {inferences} or {others})"


def beyond_last_bucket(metric: Metric) -> str:
    """The share of values that only the bucket without an upper bound holds."""
    if not metric.buckets:
        raise ValueError(f"{metric.name} has no buckets")
    within = total("increase", series(metric, "bucket"), RANGE, where=(le(metric.buckets[-1]),))
    return f"clamp_min(1 - {within} / ({total('increase', series(metric, 'count'), RANGE)} > 0), 0)"


def le(bound: float) -> str:
    """The bucket of a histogram up to this bound, however Prometheus has written the number: 5 or 5.0."""
    return f'le=~"{bound:g}([.]0)?"' if float(bound).is_integer() else f'le="{bound:g}"'


def ratio(part: str, whole: str) -> str:
    """Zero where the whole is there and the part is not; nothing, rather than a division by zero, without the whole."""
    return f"({part} or {whole} * 0) / ({whole} > 0)"


def share(part: str, whole: str, within: Iterable[str] = ()) -> str:
    """Each line of the part, against the whole with the same labels `within`."""
    return f"{part} / on ({', '.join(within)}) group_left () ({whole} > 0)"


def net(gains: str, losses: str) -> str:
    """The difference of two sums of which either may never have been anything."""
    return f"({gains} or {losses} * 0) - ({losses} or {gains} * 0)"


def net_savings(function: str, window: str, by: Iterable[str] = (CURRENCY,)) -> str:
    """What caches saved less what writing to them cost more."""
    saved, surcharge = (
        total(function, SAVINGS, window, by, (f'{EFFECT}="{effect}"',)) for effect in ("saved", "surcharge")
    )
    return net(saved, surcharge)


def cost_per_call(window: str, by: Iterable[str] = (CURRENCY,)) -> str:
    """Of each currency, over the calls that were paid in it. `by` has the currency among it."""
    spent, calls = total("increase", COST, window, by), total("increase", CALLS, window, by, (PRICED,))
    return f"{spent} / ({calls} > 0)"


def named(label_name: str) -> str:
    """The value of a label, in the name of a line."""
    return f"{{{{{label_name}}}}}"


def _grouping(by: Iterable[str]) -> str:
    labels = ", ".join(by)
    return f" by ({labels})" if labels else ""


def _chosen(name: str, *conditions: str) -> str:
    return name if name.endswith("}") else selected(name, *conditions)
