"""The page of health: what arrives, what was refused and why, what goes, and what to do."""

from __future__ import annotations

import html
import re
from dataclasses import replace

from analyse.test_tracing import OTHER_SCOPE, call

from firsttoken.analyse import Health
from firsttoken.page.health_findings import findings
from firsttoken.store import Batch, Limits, Store, kept_within

from .samples import HOSTILE, HOSTILE_TEXT
from .site import Site, running_site

TAGS = re.compile(r"<[^>]*>")
HEALTHY = Health(1, 0, 0, 0, {}, {}, None)


def words(page: str) -> str:
    return " ".join(html.unescape(TAGS.sub(" ", page)).replace("\N{NO-BREAK SPACE}", " ").split())


def told(site: Site) -> str:
    answer = site.get("/health")
    assert answer.status == 200
    return words(answer.text)


def test_before_anything_arrives_it_says_why_that_may_be_and_where_to_send(site: Site) -> None:
    page = told(site)
    assert "Nothing has arrived yet" in page
    assert "firsttoken doctor -- python app.py" in page
    assert re.search(r"OTEL_EXPORTER_OTLP_ENDPOINT=http://127\.0\.0\.1:\d+ OTEL_EXPORTER_OTLP_PROTOCOL=grpc", page)


def test_each_instrumentation_stands_with_what_it_sent_and_doubles_count_once(site: Site) -> None:
    site.store.write(Batch(calls=(call(3, 2), call(2, None, OTHER_SCOPE, begin=9)))).result(30)
    page = told(site)
    assert "checkout firsttoken firsttoken 1 0 of 1 looked at" in page
    assert f"checkout firsttoken {OTHER_SCOPE} 1" in page
    assert "Each of these calls is billed once" in page


def test_what_strangers_wrote_is_text(site: Site) -> None:
    site.add(HOSTILE)
    assert HOSTILE_TEXT not in site.get("/health").text


def test_what_was_refused_is_told_with_what_to_do(site: Site) -> None:
    assert site.post("/v1/traces", b"", {}) in (404, 405)
    refused = replace(HEALTHY, refused_requests={"malformed": 2, "busy": 0}, refused_items={"time out of range": 1})
    found = findings(refused, None, 0)
    assert [finding.title for finding in found] == [
        "2 requests turned away: malformed",
        "1 span or log record not kept: time out of range",
    ]


def test_the_worst_stands_first() -> None:
    sick = replace(HEALTHY, store_failure="the disk is full", refused_requests={"busy": 1}, told_losses={"spans: x": 3})
    assert [finding.level for finding in findings(sick, None, 0)] == ["problem", "warning", "note"]


def test_limits_say_what_goes_and_when_they_were_last_looked_at(cache_of_these_tests: None) -> None:
    limits = Limits(max_age_s=86_400 * 30)
    with Store.open(None) as store, kept_within(store, limits, every_s=0.01), running_site(store) as site:
        page = told(site)
    assert "oldest that stays 30 days" in page
    assert "largest size any size" in page


def test_a_store_that_cannot_be_read_is_said_and_the_server_is_told_of_all_the_same(site: Site) -> None:
    site.store.close()
    page = told(site)
    assert "The store cannot be read the store in memory" in page
    assert "Since this server started" in page
