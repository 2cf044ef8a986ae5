"""What Prometheus works out ahead of being asked: how much there is of everything, and what share is bad.

By service and environment; what is about money by currency too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from boards import queries as ask
from boards.queries import CURRENCY, ENVIRONMENT, MODEL, PROVIDER, SERVICE

from firsttoken.semconv.metric import Metric
from firsttoken.semconv.prometheus import series
from rules.objectives import ANSWERED, DELIVERED, FIRST_TOKEN_S, IN_TIME, PERIOD_DAYS, PRICED, WINDOWS

Rule = Mapping[str, Any]

WHOSE: Final = (SERVICE, ENVIRONMENT)
OF_MODELS: Final = (*WHOSE, PROVIDER, MODEL)
ALL_STREAMS: Final = series(ask.FIRST_TOKEN, "count")
BUDGET: Final = "firsttoken:monthly_budget"
"""Money for `PERIOD_DAYS`, by currency, of one service where it has its label and of all where it has none."""
PERIOD_S: Final = PERIOD_DAYS * 86_400
LONG: Final = ("1d", "3d")
"""Windows that change little from one minute to the next."""

OBJECTIVES: Final = {"failed": ANSWERED, "slow": IN_TIME, "unpriced": PRICED, "lost": DELIVERED}
"""Which share of what may be bad at most is one less this."""
WHOLES: Final = {"failed": "calls", "slow": "streams", "unpriced": "calls", "lost": "made"}


def amount(what: str, window: str) -> str:
    """The name of the series of so many of something each second."""
    return f"firsttoken:{what}:rate{window}"


def bad_share(what: str, window: str) -> str:
    """The name of the series of a share that should be small."""
    return f"firsttoken:{what}_ratio:rate{window}"


def budget_burn(window: str) -> str:
    return f"firsttoken:budget_burn:rate{window}"


def burn(what: str, window: str, of: Iterable[str] = ()) -> str:
    """How many times too fast the objective's budget is used up."""
    return f"{_where(bad_share(what, window), tuple(of))} / {1 - OBJECTIVES[what]:.6g}"


WAIT_P95: Final = "firsttoken:first_token_seconds:p95_1h"
WAITS: Final = "firsttoken:first_tokens:increase1h"
COST_PER_CALL: Final = "firsttoken:cost_per_call:mean1h"
PRICED_CALLS: Final = "firsttoken:priced_calls:increase1h"


def groups() -> Iterator[Mapping[str, Any]]:
    short = [window for window in WINDOWS if window not in LONG]
    yield {"name": "firsttoken-windows", "interval": "1m", "rules": [rule for w in short for rule in _window(w)]}
    yield {"name": "firsttoken-long-windows", "interval": "5m", "rules": [rule for w in LONG for rule in _window(w)]}
    yield {"name": "firsttoken-models", "interval": "5m", "rules": list(_models())}


def _window(window: str) -> Iterator[Rule]:
    calls, streams, cost = (amount(what, window) for what in ("calls", "streams", "cost"))
    yield _record(calls, _rate(ask.CALLS, window))
    yield _record(streams, _rate(ALL_STREAMS, window))
    yield _record(cost, _rate(ask.COST, window, by=(*WHOSE, CURRENCY)))
    failed = _rate(ask.CALLS, window, ask.FAILED)
    yield _record(bad_share("failed", window), ask.ratio(failed, calls))
    yield _record(bad_share("slow", window), f"clamp_min(1 - {_in_time(window)} / ({streams} > 0), 0)")
    yield _record(bad_share("unpriced", window), ask.ratio(_rate(ask.UNPRICED_CALLS, window), calls))
    yield _record(amount("made", window), _made(window, calls))
    yield _record(bad_share("lost", window), _lost(window))
    yield _record(budget_burn(window), f"{_spent(cost, SERVICE)} or {_spent(cost)}")


def _made(window: str, calls: str) -> str:
    """Calls that were counted, and those of which not even that is known."""
    uncounted = _rate(ask.LOSSES, window, f'{ask.LOST}="calls"')
    return f"{calls} + {uncounted} or {calls} or {uncounted}"


def _lost(window: str) -> str:
    """Spans of other work may be lost as well, so that there can be more of them than calls."""
    lost = _rate(ask.LOSSES, window, f'{ask.LOST}=~"calls|spans"')
    return f"clamp_max({ask.ratio(lost, amount('made', window))}, 1)"


def _models() -> Iterator[Rule]:
    """What is compared with last week."""
    by = ", ".join(OF_MODELS)
    buckets = f"sum by ({by}, le) (rate({series(ask.FIRST_TOKEN, 'bucket')}[1h]))"
    paid = (*OF_MODELS, CURRENCY)
    priced, cost = _increase(_where(ask.CALLS, (ask.PRICED,)), by=paid), _increase(ask.COST, by=paid)
    yield _record(WAIT_P95, f"histogram_quantile(0.95, {buckets}) >= 0")
    yield _record(WAITS, _increase(ALL_STREAMS))
    yield _record(PRICED_CALLS, priced)
    yield _record(COST_PER_CALL, f"{cost} / ({priced} > 0)")


def _record(name: str, expression: str) -> Rule:
    return {"record": name, "expr": expression}


def _rate(name: str, window: str, *conditions: str, by: tuple[str, ...] = WHOSE) -> str:
    return f"sum by ({', '.join(by)}) (rate({_where(name, conditions)}[{window}]))"


def _increase(name: str, by: tuple[str, ...] = OF_MODELS) -> str:
    return f"sum by ({', '.join(by)}) (increase({name}[1h]))"


def _where(name: str, conditions: tuple[str, ...]) -> str:
    return f"{name}{{{', '.join(conditions)}}}" if conditions else name


def _in_time(window: str) -> str:
    within = _has_bound(ask.FIRST_TOKEN, FIRST_TOKEN_S)
    return _rate(series(ask.FIRST_TOKEN, "bucket"), window, ask.le(within))


def _has_bound(metric: Metric, bound_s: float) -> float:
    """A histogram says nothing exact of a limit that is between two of its bounds."""
    if bound_s not in (metric.buckets or ()):
        raise ValueError(f"{bound_s:g} s is no bound of {metric.name}: choose one of {metric.buckets}")
    return bound_s


def _spent(cost: str, *whose: str) -> str:
    """How fast the budget of one service is used up, or that of all of them."""
    labels = ", ".join((*whose, CURRENCY))
    budget = f'{BUDGET}{{{SERVICE}{"!=" if whose else "="}""}}'
    return f"sum by ({labels}) ({cost}) * {PERIOD_S} / on ({labels}) {budget}"
