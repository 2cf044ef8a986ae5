"""What panels say of series that are made up."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from firsttoken.semconv import names, own
from firsttoken.semconv.prometheus import series

from .committed import every_promql, filled_in
from .promtool import answers

pytestmark = pytest.mark.system

CALLS, COST, LOSSES, RETRY_TIME = map(series, (own.CALLS, own.COST, own.LOSSES, own.RETRY_TIME))
INFERENCES = series(names.GEN_AI_CLIENT_INFERENCE_DURATION, "sum")
OPERATIONS = series(names.GEN_AI_CLIENT_OPERATION_DURATION, "sum")
OF_MODEL = 'job="shop", gen_ai_provider_name="openai", gen_ai_request_model="gpt-5"'


def shown(folder: Path, panel: str, told: Mapping[str, str], at: str = "30m", step: str = "1m") -> list[object]:
    """What each query of a panel says of the last ten minutes, by the value of its labels."""
    asked = [query for query in every_promql() if f"{query.board}: {query.panel['title']}" == panel]
    found = [answers(folder, filled_in(query.expression, "10m"), at, told, step) for query in asked]
    return [{" ".join(value for _, value in labels): each for labels, each in values.items()} for values in found]


def test_the_cost_of_a_call_is_that_of_those_that_were_paid_in_its_currency(tmp_path):
    told = {
        f'{CALLS}{{{OF_MODEL}, firsttoken_cost_currency="USD"}}': "0+3x30",
        f'{CALLS}{{{OF_MODEL}, firsttoken_cost_currency="EUR"}}': "0+1x30",
        f"{CALLS}{{{OF_MODEL}}}": "0+5x30",
        f'{COST}{{{OF_MODEL}, firsttoken_cost_currency="USD"}}': "0+6x30",
        f'{COST}{{{OF_MODEL}, firsttoken_cost_currency="EUR"}}': "0+5x30",
    }

    assert [{"USD": pytest.approx(2), "EUR": pytest.approx(5)}] == shown(tmp_path, "cost: Cost per call", told)


CHAT, EMBEDDINGS = (f'{OF_MODEL}, gen_ai_operation_name="{operation}"' for operation in ("chat", "embeddings"))
TIMES = {
    "inferences alone": ({f"{INFERENCES}{{{CHAT}}}": "0+10x30", f"{RETRY_TIME}{{{CHAT}}}": "0+1x30"}, 0.1),
    "embeddings alone": ({f"{OPERATIONS}{{{EMBEDDINGS}}}": "0+4x30", f"{RETRY_TIME}{{{EMBEDDINGS}}}": "0+1x30"}, 0.25),
    "both": (
        {
            f"{INFERENCES}{{{CHAT}}}": "0+6x30",
            f"{OPERATIONS}{{{EMBEDDINGS}}}": "0+4x30",
            f"{RETRY_TIME}{{{EMBEDDINGS}}}": "0+1x30",
        },
        0.1,
    ),
    "both, under older names too": (
        {
            f"{INFERENCES}{{{CHAT}}}": "0+6x30",
            f"{OPERATIONS}{{{CHAT}}}": "0+6x30",
            f"{OPERATIONS}{{{EMBEDDINGS}}}": "0+4x30",
            f"{RETRY_TIME}{{{CHAT}}}": "0+2x30",
        },
        0.2,
    ),
}


@pytest.mark.parametrize(("told", "expected"), TIMES.values(), ids=TIMES)
def test_the_time_that_retries_take_is_a_share_of_that_of_the_same_calls(told, expected, tmp_path):
    assert [{"": pytest.approx(expected)}] == shown(tmp_path, "errors: Time lost to retries", told)


def test_a_service_that_was_heard_of_in_the_time_range_says_how_long_ago_it_fell_silent(tmp_path):
    told = {
        f'{CALLS}{{job="shop", gen_ai_request_model="gpt-5"}}': "0+1x30",
        f'{CALLS}{{job="desk", gen_ai_request_model="gpt-5"}}': "0+1x21",
        f'{CALLS}{{job="desk", gen_ai_request_model="o3"}}': "0+1x22 stale",
        f'{CALLS}{{job="gone", gen_ai_request_model="gpt-5"}}': "0+1x10 stale",
    }

    _, since = shown(tmp_path, "fleet-health: Last heard", told)

    assert since == {"shop": 0, "desk": 8 * 60}


def test_a_queue_of_the_collector_is_as_full_as_that_of_the_fullest_collector(tmp_path):
    of = 'exporter="otlp", data_type="traces"'
    sizes, capacities = ("otelcol_exporter_queue_size", "otelcol_exporter_queue_capacity")
    told = {
        f'{sizes}{{{of}, instance="small"}}': "90x30",
        f'{capacities}{{{of}, instance="small"}}': "100x30",
        f'{sizes}{{{of}, instance="large"}}': "200x30",
        f'{capacities}{{{of}, instance="large"}}': "1000x30",
        f'{sizes}{{exporter="otlp", data_type="logs", instance="large"}}': "0x30",
        f'{capacities}{{exporter="otlp", data_type="logs", instance="large"}}': "0x30",
    }

    assert shown(tmp_path, "fleet-health: Queues of the Collector", told) == [{"traces otlp": 0.9}]


def test_what_was_lost_has_a_line_from_its_first_loss_on_and_what_could_have_been_has_none(tmp_path):
    told = {
        f'{LOSSES}{{{OF_MODEL}, firsttoken_lost="spans", firsttoken_lost_reason="queue_full"}}': "0x25 3x5",
        f'{LOSSES}{{{OF_MODEL}, firsttoken_lost="logs", firsttoken_lost_reason="queue_full"}}': "0x30",
    }

    assert shown(tmp_path, "fleet-health: Losses by service", told) == [{"spans queue_full shop": 3}]
    assert list(*shown(tmp_path, "fleet-health: Losses per minute", told)) == ["spans queue_full"]
    assert shown(tmp_path, "fleet-health: Losses per minute", told, at="24m") == [{}]
