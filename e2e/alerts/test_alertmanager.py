"""From calls that fail, by the gateway, Prometheus and Alertmanager, to somebody who is told of it."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from urllib.request import urlopen

import pytest
import yaml
from dashboards.promtool import FOLDER as RULES
from patience import until
from rules.alerts import alerts

from e2e.alerting import EXAMPLE, alertmanager, webhook
from e2e.application import COMPLETED, FAILED, application
from e2e.gateway import gateway
from e2e.programs import built, free_ports, prometheus
from e2e.queries import values
from e2e.sink import grpc_sink, http_sink
from e2e.testbed.alertmanager import ALERTMANAGER

pytestmark = pytest.mark.timeout(900)

OVERLOADED = replace(FAILED, request=COMPLETED.request, cost=COMPLETED.cost)
SEEN = 'sum(firsttoken_client_calls_total{firsttoken_outcome="%s"})'
FAST, SLOWLY = "FirsttokenFailuresFast", "FirsttokenFailuresSlowly"


@pytest.fixture(scope="module")
def outage(collector_binary, tmp_path_factory):
    """An hour's worth of calls that fail; and the same, after which many do not. Who is told, and where to ask."""
    folder = tmp_path_factory.mktemp("alerts")
    place, [alerting] = gateway(collector_binary, folder), free_ports(1)
    rules = [RULES / f"{name}.yaml" for name in ("recording", "alerts", "places.example")]
    with (
        http_sink(place.logs),
        grpc_sink(place.traces),
        webhook() as (webhook_url, told),
        alertmanager(folder, alerting, webhook_url),
        prometheus(folder, place.prometheus, rules, told=[alerting]) as prometheus_url,
        place.running(),
        application(f"127.0.0.1:{place.grpc}", "shop") as shop,
    ):

        def made(failed: int, completed: int) -> None:
            """So many in all."""
            for call, outcome, number in ((OVERLOADED, "failed", failed), (COMPLETED, "completed", completed)):
                for _ in range(number - int(sum(values(prometheus_url, SEEN % outcome)))):
                    shop.metrics.record(call, None)
            shop.send()
            until(lambda: values(prometheus_url, SEEN % "failed") == [failed])
            until(lambda: values(prometheus_url, SEEN % "completed") == [completed])

        made(1, 1)
        made(101, 1)
        told.wait_for("on-call", FAST)
        suppressed = inhibited(alerting)
        made(101, 3000)
        yield told, suppressed


def inhibited(port: int) -> dict[str, str]:
    """What Alertmanager keeps to itself, and because of which alert; asked until there is something."""
    found: dict[str, str] = {}

    def there_is() -> bool:
        with urlopen(f"http://127.0.0.1:{port}/api/v2/alerts", timeout=30) as response:
            alerts = json.load(response)
        names = {alert["fingerprint"]: alert["labels"]["alertname"] for alert in alerts}
        found.update(
            (alert["labels"]["alertname"], names[by]) for alert in alerts for by in alert["status"]["inhibitedBy"]
        )
        return bool(found)

    until(there_is)
    return found


def test_an_outage_is_told_with_what_to_do_about_it(outage):
    alert = outage[0].wait_for("on-call", FAST)

    assert alert["labels"] == {
        "alertname": FAST,
        "job": "shop",
        "deployment_environment_name": "prod",
        "severity": "page",
        "source": "firsttoken",
        "promise": "failed",
        "burns": "fast",
    }
    told = alert["annotations"]
    assert re.fullmatch(r"\d\d(\.\d+)?% of the calls of shop fail|100% of the calls of shop fail", told["summary"])
    assert told["description"].startswith("In 30 days, 1% of all calls may fail.")
    assert told["runbook_url"] == "https://wiki.example.com/firsttoken/alerts#firsttokenfailuresfast"
    assert re.fullmatch(
        r"https://grafana\.example\.com/d/firsttoken-errors\?from=\d{13}&to=now&var-service=shop&var-environment=prod",
        told["dashboard_url"],
    )


def test_what_burns_fast_is_not_told_a_second_time_as_what_burns_slowly(outage):
    assert outage[1] == {SLOWLY: FAST}


def test_the_end_of_an_outage_is_told_and_then_what_is_left_of_it(outage):
    told = outage[0]

    assert told.wait_for("on-call", FAST, "resolved")["endsAt"] > told.wait_for("on-call", FAST)["startsAt"]
    assert told.wait_for("tickets", SLOWLY)["labels"]["severity"] == "ticket"
    assert told.of("tickets", FAST) == told.of("on-call", SLOWLY) == []


def test_alertmanager_accepts_the_example():
    done = subprocess.run(
        [built(ALERTMANAGER, "amtool"), "check-config", EXAMPLE], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "3 inhibit rules" in done.stdout
    assert "5 receivers" in done.stdout


@pytest.mark.parametrize("alert", list(alerts()), ids=lambda alert: alert.name)
def test_every_alert_has_somebody_who_is_told(alert):
    labels = {"alertname": alert.name, **alert.as_rule()["labels"]}

    assert {"page": "on-call", "ticket": "tickets"}[alert.severity] == routed(labels)


@pytest.mark.parametrize(("severity", "whom"), [("critical", "on-call"), ("warning", "tickets")])
def test_a_budget_that_was_exported_has_somebody_who_is_told(severity, whom):
    assert whom == routed({"source": "firsttoken", "severity": severity})


def routed(labels: dict[str, str]) -> str:
    """To whom Alertmanager would tell it."""
    pairs = [f"{name}={value}" for name, value in labels.items()]
    command = [built(ALERTMANAGER, "amtool"), "config", "routes", "test", "--config.file", EXAMPLE, *pairs]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_no_secret_is_in_the_example():
    fields = re.findall(r"^\s*(?:- )?(\w+):", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)

    secrets = [name for name in fields if re.search("password|token|secret|key|api_url", name)]
    assert secrets
    assert all(name.endswith("_file") for name in secrets)
    assert yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))["route"]["receiver"] == "tickets"
