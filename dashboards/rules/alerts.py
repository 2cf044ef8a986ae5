"""What somebody is told: `page` wakes whoever is on call, `ticket` waits for the next working day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from boards import links
from boards import queries as ask
from boards.queries import CURRENCY, KIND, LOSSES, LOST, LOST_REASON, PROVIDER, SERVICE

from firsttoken.analyse.alert_links import board_url, runbook_url
from rules.objectives import (
    ANSWERED,
    BURNS,
    DEARER,
    DELIVERED,
    ENOUGH_CALLS,
    ENOUGH_REFUSED,
    FIRST_TOKEN_S,
    IN_TIME,
    PERIOD_DAYS,
    PRICED,
    QUIET,
    SLOWER,
    WINDOWS,
    Burn,
)
from rules.recorded import (
    COST_PER_CALL,
    OBJECTIVES,
    PRICED_CALLS,
    WAIT_P95,
    WAITS,
    WHOLES,
    WHOSE,
    amount,
    bad_share,
    budget_burn,
)

Severity = Literal["page", "ticket"]
SHARE: Final = "{{ $value | humanizePercentage }}"
TIMES: Final = '{{ $value | printf "%.1f" }}'
WHERE: Final = f"{{{{ $labels.{SERVICE} }}}}"
MODEL: Final = f"{{{{ $labels.{ask.MODEL} }}}}"
MENDABLE: Final = "auth|permission|quota"
"""Kinds of errors that go on until somebody does something."""


HOUR: Final = 3600
SHOWN_S: Final = {True: 6 * HOUR, False: 72 * HOUR}
"""What a board shows of an alert that is fast, and of one that is slow: the longest window that it looks at."""
LAST_WEEK_S: Final = 8 * 24 * HOUR
SPEEDS: Final = {
    True: "This fast, 2% of that goes in an hour, or 5% in six.",
    False: "This fast, 10% of that goes in a day, or in three.",
}
CHOICES: Final = {"service": SERVICE, "environment": ask.ENVIRONMENT, "provider": PROVIDER, "model": ask.MODEL}
"""Variables of boards, and the labels of alerts that choose them."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. `summary` is a sentence with the labels in it, `description` what it means and where to look first."""

    name: str
    expression: str
    wait: str
    severity: Severity
    summary: str
    description: str
    board: str
    shown_s: int
    labels: Mapping[str, str] = field(default_factory=dict[str, str])

    def as_rule(self) -> Mapping[str, Any]:
        return {
            "alert": self.name,
            "expr": self.expression,
            "for": self.wait,
            "labels": {"severity": self.severity, "source": "firsttoken", **self.labels},
            "annotations": {
                "summary": self.summary,
                "description": self.description,
                "runbook_url": runbook_url(self.name),
                "dashboard_url": board_url(self.board, self.shown_s, CHOICES),
            },
        }


@dataclass(frozen=True, slots=True)
class Promise:
    """What is said when the budget of a promise burns."""

    what: str
    name: str
    told: str
    promised: str
    look: str
    board: str
    fast: Severity = "page"


def _percent(objective: float) -> str:
    """Of how much the promise need not hold."""
    return f"{100 * (1 - objective):.3g}%"


PROMISES: Final = (
    Promise(
        "failed",
        "FirsttokenFailures",
        "of the calls of {whose} fail",
        f"In {PERIOD_DAYS} days, {_percent(ANSWERED)} of all calls may fail.",
        "Look at the kind of error, then whether it is one model or all of them.",
        links.ERRORS,
    ),
    Promise(
        "slow",
        "FirsttokenSlowFirstTokens",
        "of the streams of {whose} have a late first token",
        f"In {PERIOD_DAYS} days, {_percent(IN_TIME)} of all streams may take more than {FIRST_TOKEN_S:g} s to begin.",
        "Look whether it is one model or all of them, and whether calls are retried.",
        links.LATENCY,
    ),
    Promise(
        "unpriced",
        "FirsttokenUnpricedSpend",
        "of the calls of {whose} have no known cost",
        f"In {PERIOD_DAYS} days, {_percent(PRICED)} of all calls may be without a cost, which no budget sees.",
        "Look which models have no price, and for which reason.",
        links.COST,
        "ticket",
    ),
    Promise(
        "lost",
        "FirsttokenTelemetryLoss",
        "of the calls of {whose} are lost to telemetry",
        f"In {PERIOD_DAYS} days, {_percent(DELIVERED)} of all calls may be lost to telemetry; none is hurt by it.",
        "Look what is lost, and why: a full queue, or nobody who takes it.",
        links.FLEET,
        "ticket",
    ),
)


def alerts() -> Iterator[Alert]:
    for promise in PROMISES:
        yield from _burning(promise)
    yield from _spending()
    yield from _against_last_week()
    yield from _to_mend()


def groups() -> Iterator[Mapping[str, Any]]:
    yield {"name": "firsttoken-alerts", "interval": "1m", "rules": [alert.as_rule() for alert in alerts()]}


def _burning(promise: Promise) -> Iterator[Alert]:
    for is_fast in (True, False):
        yield Alert(
            f"{promise.name}{_speed(is_fast).title()}",
            " or ".join(_burn(promise.what, burn) for burn in BURNS if burn.is_fast is is_fast),
            "2m" if is_fast else "15m",
            promise.fast if is_fast else "ticket",
            f"{SHARE} {promise.told.format(whose=WHERE)}",
            f"{promise.promised} {SPEEDS[is_fast]} {promise.look}",
            promise.board,
            SHOWN_S[is_fast],
            {"promise": promise.what, "burns": _speed(is_fast)},
        )


def _speed(is_fast: bool) -> str:
    return "fast" if is_fast else "slowly"


def _burn(what: str, burn: Burn) -> str:
    """In both windows, and of so many calls that it says something."""
    limit = f"{burn.factor * (1 - OBJECTIVES[what]):.6g}"
    least = f"{ENOUGH_CALLS / WINDOWS[burn.long]:.6g}"
    bad = f"{bad_share(what, burn.long)} > {limit} and {bad_share(what, burn.short)} > {limit}"
    return f"({bad} and {amount(WHOLES[what], burn.long)} > {least})"


def _spending() -> Iterator[Alert]:
    whose = f"{{{{ with $labels.{SERVICE} }}}}{{{{ . }}}}{{{{ else }}}}all services{{{{ end }}}}"
    for is_fast in (True, False):
        yield Alert(
            f"FirsttokenBudgetBurns{_speed(is_fast).title()}",
            " or ".join(
                f"({budget_burn(burn.long)} > {burn.factor:g} and {budget_burn(burn.short)} > {burn.factor:g})"
                for burn in BURNS
                if burn.is_fast is is_fast
            ),
            "2m" if is_fast else "15m",
            "page" if is_fast else "ticket",
            f"{whose} spend {{{{ $labels.{CURRENCY} }}}} {TIMES} times as fast as the monthly budget allows",
            f"The budget is for {PERIOD_DAYS} days. {SPEEDS[is_fast]} Look which model and which service, and whether "
            "there are more calls or dearer ones.",
            links.COST,
            SHOWN_S[is_fast],
            {"promise": "spent", "burns": _speed(is_fast)},
        )


def _against_last_week() -> Iterator[Alert]:
    yield Alert(
        "FirsttokenFirstTokenRegression",
        f"{WAIT_P95} / ({WAIT_P95} offset 1w) > {SLOWER:g} and {WAITS} > {ENOUGH_CALLS} "
        f"and {WAITS} offset 1w > {ENOUGH_CALLS}",
        "30m",
        "ticket",
        f"the first token of {MODEL} in {WHERE} takes {TIMES} times as long as a week ago",
        "It is the 95th percentile of one hour, against the same hour of last week. Look for what changed in between.",
        links.LATENCY,
        LAST_WEEK_S,
    )
    yield Alert(
        "FirsttokenCostRegression",
        f"{COST_PER_CALL} / ({COST_PER_CALL} offset 1w > 0) > {DEARER:g} and {PRICED_CALLS} > {ENOUGH_CALLS} "
        f"and {PRICED_CALLS} offset 1w > {ENOUGH_CALLS}",
        "30m",
        "ticket",
        f"a call of {MODEL} in {WHERE} costs {TIMES} times as much {{{{ $labels.{CURRENCY} }}}} as a week ago",
        "It is the mean of one hour, against the same hour of last week, of the calls that were paid in this currency. "
        "Look at tokens for each call, and at caches.",
        links.COST,
        LAST_WEEK_S,
    )
    calls, least = amount("calls", "1h"), f"{ENOUGH_CALLS / WINDOWS['1h']:.6g}"
    whose = f"on ({', '.join(WHOSE)})"
    last_week = f"({calls} offset 1w > {least})"
    yield Alert(
        "FirsttokenServiceSilent",
        f"({calls} or {last_week} * 0) / {whose} {last_week} < {QUIET:g}",
        "30m",
        "ticket",
        f"{WHERE} makes hardly any of the calls that it made a week ago",
        "It is down, its telemetry has stopped, or nobody uses it today. Look when it was last heard of.",
        links.FLEET,
        LAST_WEEK_S,
    )


def _to_mend() -> Iterator[Alert]:
    by = f"sum by ({', '.join((*WHOSE, PROVIDER, KIND))})"
    errors = f'{ask.ERRORS}{{{KIND}=~"{MENDABLE}"}}'
    yield Alert(
        "FirsttokenRefused",
        f"{by} (increase({errors}[1h])) > {ENOUGH_REFUSED - 0.5:g} and {by} (increase({errors}[15m])) > 0",
        "5m",
        "page",
        f"{{{{ $labels.{PROVIDER} }}}} refuses calls of {WHERE}: {{{{ $labels.{KIND} }}}}",
        "It goes on until somebody does something. Look at the provider's message on one of the calls.",
        links.ERRORS,
        SHOWN_S[True],
    )
    yield Alert(
        "FirsttokenTelemetryLost",
        f"sum by ({', '.join((*WHOSE, LOST, LOST_REASON))}) (increase({LOSSES}[15m])) > 0",
        "15m",
        "ticket",
        f"{WHERE} loses {{{{ $labels.{LOST} }}}}: {{{{ $labels.{LOST_REASON} }}}}",
        "Boards and bills show less than there was. Look whether a Collector is full, or gone.",
        links.FLEET,
        SHOWN_S[True],
    )
