"""The boards and rules, over VictoriaMetrics in Prometheus's place."""

from __future__ import annotations

import pytest
from e2e.dashboards.filled import EVERY_QUERY, check_answered, check_silent, filled
from e2e.victoria import victoria_metrics

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def url(collector_binary, tmp_path_factory):
    with filled(collector_binary, tmp_path_factory.mktemp("victoria"), store=victoria_metrics) as (_, _, base_url):
        yield base_url


@EVERY_QUERY
def test_every_query_of_every_board_has_an_answer_there_too(url, query):
    check_answered(url, query)


@EVERY_QUERY
def test_a_service_without_calls_gives_no_data_there_either(url, query):
    check_silent(url, query)
