"""The rules, on series that are made up: what is told of which trouble, and that nothing is told of none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from rules.alerts import alerts
from rules.files import FILES
from rules.objectives import BURNS, FIRST_TOKEN_S, WINDOWS
from rules.recorded import BUDGET, OBJECTIVES

from firsttoken.analyse.budget_rules import SEVERITIES
from firsttoken.semconv import own
from firsttoken.semconv.prometheus import series

from .promtool import FOLDER, checked, promtool, told
from .test_board import emitted_names

RUNBOOKS = Path(__file__).resolve().parents[2] / "docs" / "alerts.md"
WHOSE = 'job="shop", deployment_environment_name="prod"'
OF_MODEL = f'{WHOSE}, gen_ai_provider_name="openai", gen_ai_request_model="gpt-5"'
CALLS, COST, ERRORS, LOSSES, UNPRICED = map(series, (own.CALLS, own.COST, own.ERRORS, own.LOSSES, own.UNPRICED_CALLS))
WAITS = own.FIRST_TOKEN_TIME
WEEK = 7 * 24 * 4
"""In steps of a quarter of an hour."""


def calls(each_step: str, outcome: str = "completed") -> dict[str, str]:
    return {f'{CALLS}{{{OF_MODEL}, firsttoken_outcome="{outcome}"}}': each_step}


def first_tokens(within_1_s: str, within_3_s: str, all_of_them: str) -> dict[str, str]:
    bucket = series(WAITS, "bucket")
    counts = {"1": within_1_s, "3": within_3_s, "10": all_of_them, "+Inf": all_of_them}
    return {f'{bucket}{{{OF_MODEL}, le="{bound}"}}': count for bound, count in counts.items()} | {
        f"{series(WAITS, 'count')}{{{OF_MODEL}}}": all_of_them
    }


def money(each_step: str, currency: str = "USD") -> dict[str, str]:
    return {f'{COST}{{{OF_MODEL}, firsttoken_cost_currency="{currency}"}}': each_step}


def paid_calls(each_step: str, currency: str = "USD") -> dict[str, str]:
    labels = f'{OF_MODEL}, firsttoken_outcome="completed", firsttoken_cost_currency="{currency}"'
    return {f"{CALLS}{{{labels}}}": each_step}


def errors(each_step: str, kind: str) -> dict[str, str]:
    return {f'{ERRORS}{{{OF_MODEL}, firsttoken_error_category="{kind}"}}': each_step}


def lost(what: str, each_step: str, reason: str = "queue_full") -> dict[str, str]:
    return {f'{LOSSES}{{{WHOSE}, firsttoken_lost="{what}", firsttoken_lost_reason="{reason}"}}': each_step}


def both(promise: str) -> tuple[str, str]:
    """The alerts on it."""
    return f"Firsttoken{promise}Fast", f"Firsttoken{promise}Slowly"


def _again(each_step: str) -> str:
    """Ten times from the start."""
    return " ".join([each_step] * 10)


@dataclass(frozen=True)
class Trouble:
    """What happened, which alerts say so with which words at that time, and for which it is too small."""

    series: Mapping[str, str]
    at: str
    told: Mapping[str, str] = field(default_factory=dict)
    step: str = "1m"
    too_small_for: tuple[str, ...] = ()


FAILING = "20% of the calls of shop fail"
SILENT = "shop makes hardly any of the calls that it made a week ago"
SPENDS = "spend USD 43.2 times as fast as the monthly budget allows"
TROUBLES = {
    "all is well": Trouble(
        calls("0+100x200")
        | calls("0+0x200", "failed")
        | calls("0+20x200", "cancelled")
        | first_tokens("0+90x200", "0+99x200", "0+100x200")
        | money("0+0.01x200")
        | {f'{BUDGET}{{firsttoken_cost_currency="USD"}}': "1000x200"},
        "3h",
    ),
    "one call of five fails": Trouble(
        calls("0+8x100") | calls("0+2x100", "failed"),
        "90m",
        {"FirsttokenFailuresFast": FAILING, "FirsttokenFailuresSlowly": FAILING},
    ),
    "one call of five times out": Trouble(
        calls("0+8x100") | calls("0+2x100", "timed_out"),
        "90m",
        {"FirsttokenFailuresFast": FAILING, "FirsttokenFailuresSlowly": FAILING},
    ),
    "callers cancel everything": Trouble(calls("0+10x100", "cancelled") | calls("0+0x100", "failed"), "90m"),
    "an outage that is over wakes nobody any more": Trouble(
        calls("0+8x60 488+10x60") | calls("0+2x60 120x60", "failed"),
        "2h",
        {"FirsttokenFailuresSlowly": "10.02% of the calls of shop fail"},
    ),
    "the only call of an hour fails": Trouble(calls("0+0.02x720") | calls("0+0.02x720", "failed"), "12h"),
    "nothing is heard of anybody": Trouble({"up": "1x100"}, "90m"),
    "one call at night fails": Trouble(
        calls("0+0.05x160") | calls("0x60 1x100", "failed") | errors("0x60 1x100", "server"),
        "63m",
        too_small_for=both("Failures"),
    ),
    "one call at night is refused": Trouble(
        calls("0+0.05x160") | calls("0x60 1x100", "failed") | errors("0x60 1x100", "auth"),
        "67m",
        too_small_for=("FirsttokenRefused",),
    ),
    "one first token at night is late": Trouble(
        first_tokens("0+0.05x160", "0+0.05x160", "0+0.05x60 4+0.05x100"), "63m", too_small_for=both("SlowFirstTokens")
    ),
    "one call at night has no price": Trouble(
        calls("0+0.05x160") | {f'{UNPRICED}{{{OF_MODEL}, firsttoken_cost_unpriced="unknown_model"}}': "0x60 1x100"},
        "63m",
        too_small_for=both("UnpricedSpend"),
    ),
    "one call at night is lost": Trouble(
        calls("0+0.05x160") | lost("calls", "0x60 1x100"),
        "76m",
        too_small_for=("FirsttokenTelemetryLost", *both("TelemetryLoss")),
    ),
    "a program is started anew again and again": Trouble(
        calls(_again("0+100x19"))
        | calls(_again("0+0.5x19"), "failed")
        | first_tokens(_again("0+90x19"), _again("0+98x19"), _again("0+100x19"))
        | money(_again("0+0.01x19"))
        | errors(_again("0+0x19"), "auth")
        | lost("calls", _again("0+0x19"))
        | {f'{BUDGET}{{firsttoken_cost_currency="USD"}}': "1000x200"},
        "3h",
    ),
    "a month's money is spent evenly": Trouble(
        money("0+0.3472x330") | {f'{BUDGET}{{firsttoken_cost_currency="USD"}}': "1001x330"},
        "3d8h",
        step="15m",
        too_small_for=both("BudgetBurns"),
    ),
    "a few first tokens are later than a week ago": Trouble(
        first_tokens(f"0+10x{WEEK} {10 * WEEK}+0x8", f"0+10x{WEEK + 9}", f"0+10x{WEEK + 9}"),
        "7d2h",
        step="15m",
        too_small_for=("FirsttokenFirstTokenRegression",),
    ),
    "a few calls cost more than a week ago": Trouble(
        paid_calls(f"0+10x{WEEK + 9}") | money(f"0+1x{WEEK} {WEEK}+2x8"),
        "7d2h",
        step="15m",
        too_small_for=("FirsttokenCostRegression",),
    ),
    "a service that makes few calls makes none": Trouble(
        calls(f"0+10x{WEEK} {10 * WEEK}x9"), "7d2h", step="15m", too_small_for=("FirsttokenServiceSilent",)
    ),
    "a service is new": Trouble(
        calls("0+100x9") | money("0+1x9") | first_tokens("0+50x9", "0+99x9", "0+100x9"), "2h", step="15m"
    ),
    "first tokens are late": Trouble(
        first_tokens("0+0x100", "0+2x100", "0+10x100"),
        "90m",
        {
            "FirsttokenSlowFirstTokensFast": "80% of the streams of shop have a late first token",
            "FirsttokenSlowFirstTokensSlowly": "80% of the streams of shop have a late first token",
        },
    ),
    "a new model has no price": Trouble(
        calls("0+10x100") | {f'{UNPRICED}{{{OF_MODEL}, firsttoken_cost_unpriced="unknown_model"}}': "0+8x100"},
        "90m",
        {
            "FirsttokenUnpricedSpendFast": "80% of the calls of shop have no known cost",
            "FirsttokenUnpricedSpendSlowly": "80% of the calls of shop have no known cost",
        },
    ),
    "a tenth of all calls is lost": Trouble(
        calls("0+9x100") | lost("calls", "0+1x100"),
        "90m",
        {
            "FirsttokenTelemetryLossFast": "10% of the calls of shop are lost to telemetry",
            "FirsttokenTelemetryLossSlowly": "10% of the calls of shop are lost to telemetry",
            "FirsttokenTelemetryLost": "shop loses calls: queue_full",
        },
    ),
    "a process loses everything": Trouble(
        lost("calls", "0+1x100"),
        "90m",
        {
            "FirsttokenTelemetryLossFast": "100% of the calls of shop are lost to telemetry",
            "FirsttokenTelemetryLossSlowly": "100% of the calls of shop are lost to telemetry",
            "FirsttokenTelemetryLost": "shop loses calls: queue_full",
        },
    ),
    "exports of metrics fail": Trouble(
        calls("0+9x100") | lost("metrics", "0+1x100", "export_failed"),
        "90m",
        {"FirsttokenTelemetryLost": "shop loses metrics: export_failed"},
    ),
    "money is spent too fast": Trouble(
        money("0+1x100") | {f'{BUDGET}{{firsttoken_cost_currency="USD"}}': "1000x100"},
        "90m",
        {
            "FirsttokenBudgetBurnsFast": f"all services {SPENDS}",
        },
    ),
    "a service spends its own budget too fast": Trouble(
        money("0+1x100")
        | {
            f'{BUDGET}{{firsttoken_cost_currency="USD", job="shop"}}': "1000x100",
            f'{BUDGET}{{firsttoken_cost_currency="USD"}}': "100000x100",
        },
        "90m",
        {"FirsttokenBudgetBurnsFast": f"shop {SPENDS}"},
    ),
    "money is spent somewhat too fast for days": Trouble(
        money("0+1x330") | {f'{BUDGET}{{firsttoken_cost_currency="USD"}}': "1000x330"},
        "3d8h",
        {
            "FirsttokenBudgetBurnsSlowly": "all services spend USD 2.9 times as fast as the monthly budget allows",
        },
        "15m",
    ),
    "money without a budget": Trouble(money("0+100x100"), "90m"),
    "money in another currency than the budget": Trouble(
        money("0+100x100") | {f'{BUDGET}{{firsttoken_cost_currency="EUR"}}': "1x100"}, "90m"
    ),
    "a key is refused": Trouble(
        errors("0+1x60", "auth"),
        "30m",
        {"FirsttokenRefused": "openai refuses calls of shop: auth"},
    ),
    "a key is refused to the only three callers of the night": Trouble(
        errors("0x60 1x10 2x10 3x60", "auth"),
        "90m",
        {"FirsttokenRefused": "openai refuses calls of shop: auth"},
    ),
    "a program ends with its first refusal, and is started anew again and again": Trouble(
        {
            f'{ERRORS}{{{OF_MODEL}, firsttoken_error_category="auth", instance="{start}"}}': f"_x{start} 1x3 stale"
            for start in range(0, 50, 5)
        },
        "45m",
    ),
    "a provider is overloaded for a moment": Trouble(errors("0+1x60", "overloaded"), "30m"),
    "first tokens are later than a week ago": Trouble(
        first_tokens(f"0+95x{WEEK} {95 * WEEK}+0x8", f"0+99x{WEEK} {99 * WEEK}+97x8", f"0+100x{WEEK + 9}"),
        "7d2h",
        {"FirsttokenFirstTokenRegression": "the first token of gpt-5 in shop takes 3.0 times as long as a week ago"},
        "15m",
    ),
    "calls cost more than a week ago": Trouble(
        paid_calls(f"0+100x{WEEK + 9}") | calls(f"0+50x{WEEK} {50 * WEEK}+500x8") | money(f"0+1x{WEEK} {WEEK}+2x8"),
        "7d2h",
        {"FirsttokenCostRegression": "a call of gpt-5 in shop costs 2.0 times as much USD as a week ago"},
        "15m",
    ),
    "calls in one of two currencies cost more than a week ago": Trouble(
        paid_calls(f"0+100x{WEEK + 9}")
        | money(f"0+1x{WEEK + 9}")
        | paid_calls(f"0+300x{WEEK + 9}", "EUR")
        | money(f"0+1x{WEEK} {WEEK}+2x8", "EUR"),
        "7d2h",
        {"FirsttokenCostRegression": "a call of gpt-5 in shop costs 2.0 times as much EUR as a week ago"},
        "15m",
    ),
    "calls that cost the same are paid in one currency and no more in two": Trouble(
        paid_calls(f"0+100x{WEEK} {100 * WEEK}+200x8")
        | money(f"0+1x{WEEK} {WEEK}+2x8")
        | paid_calls(f"0+100x{WEEK} {100 * WEEK}+0x8", "EUR")
        | money(f"0+1x{WEEK} {WEEK}+0x8", "EUR"),
        "7d2h",
        step="15m",
    ),
    "a service falls silent": Trouble(
        calls(f"0+100x{WEEK} {100 * WEEK}x9"), "7d2h", {"FirsttokenServiceSilent": SILENT}, "15m"
    ),
    "a service is gone": Trouble(calls(f"0+100x{WEEK} stale"), "7d2h", {"FirsttokenServiceSilent": SILENT}, "15m"),
}


@pytest.mark.system
@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
def test_what_is_told_of_a_trouble(trouble, tmp_path):
    severities = {alert.name: alert.severity for alert in alerts() if alert.name in trouble.told}

    found = told(tmp_path, trouble.step, trouble.at, trouble.series, severities)

    assert (severities, sorted(trouble.told.values())) == (found.alerts, found.sentences)


def test_every_alert_has_a_trouble_of_which_it_tells_and_one_that_is_too_small():
    every = {alert.name for alert in alerts()}

    assert every == {name for trouble in TROUBLES.values() for name in trouble.told}
    assert every == {name for trouble in TROUBLES.values() for name in trouble.too_small_for}


PLACED = {'firsttoken:places{grafana="https://g.example", runbook="https://r.example/alerts"}': "1x100"}


@pytest.mark.system
@pytest.mark.parametrize(
    ("places", "grafana", "runbook"),
    [({}, "", "docs/alerts.md"), (PLACED, "https://g.example", "https://r.example/alerts")],
)
def test_an_alert_leads_to_its_board_and_its_entry(places, grafana, runbook, tmp_path):
    trouble = Trouble(calls("0+8x100") | calls("0+2x100", "failed") | places, "90m")

    found = told(tmp_path, trouble.step, trouble.at, trouble.series, ["FirsttokenFailuresFast"]).annotations

    began = (90 * 60 - 6 * 3600) * 1000
    chosen = "&var-service=shop&var-environment=prod"
    assert [f"{grafana}/d/firsttoken-errors?from={began}&to=now{chosen}"] == found["dashboard_url"]
    assert [f"{runbook}#firsttokenfailuresfast"] == found["runbook_url"]
    assert "1% of all calls may fail" in found["description"][0]


@pytest.mark.system
def test_promtool_accepts_all_rules():
    result = promtool("check", "rules", *(FOLDER / name for name in FILES))

    assert (result.returncode, result.stderr) == (0, "")


def test_every_alert_has_an_entry_in_the_runbook_and_every_entry_an_alert():
    entries = re.findall(r"^## (Firsttoken\w+)$", RUNBOOKS.read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert sorted([*(alert.name for alert in alerts()), *SEVERITIES]) == sorted(entries)


@pytest.mark.system
def test_every_query_of_the_runbook_parses_and_names_what_is_emitted(tmp_path):
    queries = re.findall(
        r"^    ((?:sum|topk|histogram_quantile)\b.+)$", RUNBOOKS.read_text(encoding="utf-8"), flags=re.MULTILINE
    )

    result = checked(tmp_path, queries)
    assert (result.returncode, result.stderr) == (0, "")
    assert len(queries) > 5
    assert set(re.findall(r"firsttoken_client_\w+", " ".join(queries))) <= emitted_names()


def test_no_burn_asks_for_more_than_everything_to_be_bad():
    assert all(burn.factor * (1 - objective) < 1 for burn in BURNS for objective in OBJECTIVES.values())


def test_every_window_of_a_burn_is_recorded():
    assert {window for burn in BURNS for window in (burn.long, burn.short)} == set(WINDOWS)


def test_the_limit_of_first_tokens_is_a_bound_of_their_histogram():
    assert FIRST_TOKEN_S in WAITS.buckets


def test_what_is_recorded_is_recorded_once():
    groups = yaml.safe_load((FOLDER / "recording.yaml").read_text(encoding="utf-8"))["groups"]
    names = [rule["record"] for group in groups for rule in group["rules"]]

    assert len(names) == len(set(names))
