"""The same limits as alert rules of Prometheus, over the metric of cost. One rule file, in YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

from firsttoken.analyse.alert_links import runbook_url
from firsttoken.analyse.budgets import Budget
from firsttoken.analyse.windows import longest
from firsttoken.errors import SettingsError
from firsttoken.semconv import names, own
from firsttoken.semconv.context import ATTRIBUTES, attribute_named
from firsttoken.semconv.prometheus import label, series
from firsttoken.store.call_names import KNOWN

SETTING: Final = "FIRSTTOKEN_METRIC_ATTRIBUTES"
MODEL: Final = label(names.GEN_AI_REQUEST_MODEL)
ALWAYS: Final[Mapping[str, str]] = {
    "model": names.GEN_AI_REQUEST_MODEL,
    "provider": names.GEN_AI_PROVIDER_NAME,
    "operation": names.GEN_AI_OPERATION_NAME,
    "service": "job",
    "service.name": "job",
    **{
        attribute: attribute
        for attribute in (
            *(names.GEN_AI_REQUEST_MODEL, names.GEN_AI_RESPONSE_MODEL, names.GEN_AI_PROVIDER_NAME),
            *(names.GEN_AI_OPERATION_NAME, names.SERVER_ADDRESS, names.SERVER_PORT),
        )
    },
}
"""What every metric of ours carries, by the names that a budget may use. Prometheus calls a service a job."""
LISTS: Final = frozenset({own.TAGS})
"""Attributes that are lists, which no label can be compared with."""
EXCEEDED: Final = "FirsttokenBudgetExceeded"
NEAR: Final = "FirsttokenBudgetNearlySpent"
SEVERITIES: Final = {EXCEEDED: "critical", NEAR: "warning"}

Labels = Sequence[tuple[str, str]]
"""What a budget holds for each of: by its name there, and the metric's label."""


def alert_rules(budgets: Iterable[Budget], carried: Collection[str], warn: Decimal | None = None) -> str:
    """`carried` is what FIRSTTOKEN_METRIC_ATTRIBUTES lists. Raises SettingsError for what no metric carries."""
    lines = [
        "# Written by `firsttoken budget rules`. Prometheus knows no calendar: a rule looks as far back as the window",
        "# of its budget may last, so that it may fire where `firsttoken budget check` does not yet.",
        "groups:",
        "- name: firsttoken-budgets",
        "  rules:",
    ]
    metric_attributes = frozenset(map(attribute_named, carried))
    for budget in budgets:
        each = [(name, _label(budget, name, metric_attributes)) for name in budget.each]
        spent = _spent(budget, each, metric_attributes)
        if warn is not None:
            lines += _rule(NEAR, budget, each, f"{spent} >= {_number(warn * budget.limit)}")
        lines += _rule(EXCEEDED, budget, each, f"{spent} > {_number(budget.limit)}")
    return "\n".join(lines) + "\n"


def _rule(alert: str, budget: Budget, each: Labels, expression: str) -> Iterator[str]:
    """Texts are JSON's, which are YAML's too."""
    limit, span = f"{_number(budget.limit)} {budget.currency}", _span(longest(budget.window))
    of = "".join(f" of {_literal(name)}={{{{ $labels.{key} }}}}" for name, key in each)
    spent = '{{ $value | printf "%.4g" }}'
    what = f"Budget {_literal(budget.name)}{of}: {spent} of {limit} were spent in the last {span}."
    yield f"  - alert: {alert}"
    yield f"    expr: {_quoted(expression)}"
    yield "    labels:"
    yield f"      severity: {SEVERITIES[alert]}"
    yield "      source: firsttoken"
    yield f"      budget: {_quoted(_literal(budget.name))}"
    yield "    annotations:"
    yield f"      summary: {_quoted(what)}"
    yield f"      runbook_url: {_quoted(runbook_url(alert))}"


def _spent(budget: Budget, each: Labels, carried: Collection[str]) -> str:
    matchers = [f"{label(own.COST_CURRENCY)}={_quoted(budget.currency)}"]
    if budget.models:
        matchers.append(f"{MODEL}=~{_quoted('|'.join(map(_pattern, budget.models)))}")
    matchers += [f"{_label(budget, name, carried)}={_quoted(value)}" for name, value in budget.where.items()]
    by = ", ".join(key for _, key in each)
    increase = f"increase({series(own.COST)}{{{','.join(matchers)}}}[{_span(longest(budget.window))}])"
    return f"sum by ({by}) ({increase})" if by else f"sum({increase})"


def _label(budget: Budget, name: str, carried: Collection[str]) -> str:
    """Of the metric. Raises SettingsError where it has none."""
    always = ALWAYS.get(name)
    if always is not None:
        return label(always)
    attribute = _attribute(name)
    if attribute in LISTS or (attribute not in carried and name in KNOWN and attribute not in ATTRIBUTES.values()):
        raise SettingsError(
            f"budget {budget.name!r} is by {name}, which no metric can carry: leave it out of the file for rules"
        )
    if attribute not in carried:
        listed = ",".join(sorted({*carried, attribute}))
        raise SettingsError(
            f"budget {budget.name!r} is by {name}, which metrics do not carry: set {SETTING}={listed} where the calls "
            "are made, and here"
        )
    return label(attribute)


def _attribute(name: str) -> str:
    """`user` is `user.id`."""
    known = KNOWN.get(name)
    return ATTRIBUTES.get(known.expression, name) if known is not None else name


def _pattern(model: str) -> str:
    """For RE2, which holds it against the whole label."""
    return ".*".join(map(re.escape, model.split("*")))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _literal(text: str) -> str:
    """So that a template shows it as it is."""
    return text.replace("{{", '{{"{{"}}')


def _number(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _span(length: timedelta) -> str:
    """As Prometheus writes it."""
    minutes = length // timedelta(minutes=1)
    for unit, size in (("d", 1440), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"
