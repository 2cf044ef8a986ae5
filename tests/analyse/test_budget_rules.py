"""Budgets as alert rules: over a metric that we emit, by labels that it has, and Prometheus agrees."""

from __future__ import annotations

import json
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from firsttoken.analyse.budget_rules import alert_rules
from firsttoken.analyse.budgets import Budget
from firsttoken.errors import SettingsError


def budget(**parts: Any) -> Budget:
    return Budget(**{"name": "b", "limit": Decimal(50), "window": "hour", **parts})


HOSTILE = 'a"b\\c{{ .Labels }}\n- x: $value'
EVERY = (
    budget(name="all", window="month"),
    budget(name="user", each=("user", "model"), currency="EUR", window="rolling 90m"),
    budget(name="pattern", models=("gpt-4.1*", "a|b(c"), where={"feature": 'x"y\\z', "service": "shop"}, window="week"),
    budget(name=HOSTILE, where={"feature": HOSTILE}),
)


def expressions(text: str) -> list[str]:
    return [json.loads(line.partition("expr: ")[2]) for line in text.splitlines() if "expr: " in line]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({}, 'sum(increase(firsttoken_client_cost_total{firsttoken_cost_currency="USD"}[1h])) > 50'),
        (
            {"window": "month", "limit": Decimal("1E+2"), "each": ("user", "provider")},
            "sum by (user_id, gen_ai_provider_name) "
            '(increase(firsttoken_client_cost_total{firsttoken_cost_currency="USD"}[31d])) > 100',
        ),
        (
            {"models": ("gpt-4.1*", "o3"), "where": {"feature": "search", "service": "shop"}, "window": "rolling 90m"},
            'sum(increase(firsttoken_client_cost_total{firsttoken_cost_currency="USD",'
            'gen_ai_request_model=~"gpt\\\\-4\\\\.1.*|o3",feature="search",job="shop"}[90m])) > 50',
        ),
    ],
)
def test_a_limit_is_a_sum_over_the_metric_of_cost(parts: dict[str, Any], expected: str) -> None:
    assert expressions(alert_rules([budget(**parts)], ("user_id", "feature"))) == [expected]


def test_a_warning_is_a_rule_of_its_own() -> None:
    found = expressions(alert_rules([budget()], (), Decimal("0.8")))
    assert [expression.rpartition(")) ")[2] for expression in found] == [">= 40", "> 50"]


@pytest.mark.parametrize(
    ("parts", "setting"),
    [
        ({"each": ("user",)}, "FIRSTTOKEN_METRIC_ATTRIBUTES=team,user.id"),
        ({"where": {"feature": "search"}}, "FIRSTTOKEN_METRIC_ATTRIBUTES=feature,team"),
    ],
)
def test_a_limit_by_what_metrics_do_not_carry_is_refused_with_the_setting_to_change(
    parts: dict[str, Any], setting: str
) -> None:
    with pytest.raises(SettingsError, match=f"^budget 'b' is by .*, which metrics do not carry: set {setting} where"):
        alert_rules([budget(**parts)], ("team",))


@pytest.mark.parametrize("name", ["tags", "day", "outcome", "response.id"])
def test_a_limit_by_what_no_metric_can_carry_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match=f"is by {name}, which no metric can carry"):
        alert_rules([budget(each=(name,))], ("firsttoken.tags",))


def promtool(*arguments: object) -> subprocess.CompletedProcess[str]:
    found = shutil.which("promtool")
    if found is None:
        pytest.fail("promtool is not on PATH: install Debian's package `prometheus`, or put promtool on PATH")
    return subprocess.run([found, *map(str, arguments)], capture_output=True, text=True, check=False)


@pytest.mark.system
def test_promtool_takes_the_rules(tmp_path: Path) -> None:
    path = tmp_path / "rules.yml"
    path.write_text(alert_rules(EVERY, ("user", "user.id", "feature"), Decimal("0.8")), encoding="utf-8")
    done = promtool("check", "rules", path)
    assert done.returncode == 0, done.stderr
    assert "SUCCESS: 8 rules found" in done.stdout


@pytest.mark.system
def test_prometheus_fires_for_the_user_who_spent_too_much(tmp_path: Path) -> None:
    rules = alert_rules([budget(name="a user", each=("user",))], ("user.id",))
    (tmp_path / "rules.yml").write_text(rules, encoding="utf-8")
    cost = 'firsttoken_client_cost_total{firsttoken_cost_currency="USD",user_id="%s"}'
    expected = {
        "exp_labels": {"severity": "critical", "source": "firsttoken", "budget": "a user", "user_id": "spender"},
        "exp_annotations": {
            "summary": "Budget a user of user=spender: 120 of 50 USD were spent in the last 1h.",
            "runbook_url": "docs/alerts.md#firsttokenbudgetexceeded",
        },
    }
    case = {
        "interval": "1m",
        "input_series": [
            {"series": cost % "spender", "values": "0+2x120"},
            {"series": cost % "saver", "values": "0+0.5x120"},
        ],
        "alert_rule_test": [
            {"eval_time": "2h", "alertname": "FirsttokenBudgetExceeded", "exp_alerts": [expected]},
        ],
    }
    test = tmp_path / "test.yml"
    test.write_text(json.dumps({"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": [case]}))
    done = promtool("test", "rules", test)
    assert done.returncode == 0, done.stdout + done.stderr
