"""The boards and rules, over VictoriaMetrics in Prometheus's place."""

from __future__ import annotations

import pytest
from e2e.dashboards.filled import EMPTY, EVERY_QUERY, OF_EVERYBODY, asked_for, filled
from e2e.queries import values
from e2e.victoria import victoria_metrics

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def url(collector_binary, tmp_path_factory):
    with filled(collector_binary, tmp_path_factory.mktemp("victoria"), store=victoria_metrics) as (_, _, base_url):
        yield base_url


@EVERY_QUERY
def test_every_query_of_every_board_has_an_answer_there_too(url, query):
    found = values(url, asked_for(query.expression, "shop"))

    assert bool(found) != (str(query) in EMPTY)
    assert all(value >= 0 for value in found)


@EVERY_QUERY
def test_a_service_without_calls_gives_no_data_there_either(url, query):
    found = values(url, asked_for(query.expression, "nobody"))

    assert (found == []) != (str(query).startswith(OF_EVERYBODY) and str(query) not in EMPTY)
