"""docker-compose.yaml: what the specification accepts, whole and harmless, of files that the real programs accept."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest
import yaml
from patience import until

from e2e.programs import CONFIGURATIONS, ROOT, built
from e2e.queries import asked, values
from e2e.shipped.composition import addresses, inside, loaded, mounts, seen
from e2e.shipped.wall import wall
from e2e.sink import http_sink
from e2e.testbed.alertmanager import ALERTMANAGER
from e2e.testbed.debian import DEBIAN
from e2e.testbed.manifests import MANIFESTS
from firsttoken.provided import configurations, text_of

pytestmark = pytest.mark.timeout(900)

LISTENS = {
    "collector": {4317, 4318, 8888, 8889},
    "jaeger": {4317, 8890, 16686},
    "prometheus": {9090},
    "alertmanager": {9093},
    "loki": {3100},
    "grafana": {3000},
    "application": set[int](),
}
"""Ports, as the programs have them by default and gateway.yaml says."""
PAGE = (ROOT / "docs" / "collector" / "docker-compose.md").read_text(encoding="utf-8")
UNASKABLE = {"collector", "jaeger", "application"}
"""Images without a program that could ask."""


@pytest.fixture(scope="module")
def services():
    return loaded(CONFIGURATIONS)


def test_a_member_that_the_specification_does_not_know_would_be_noticed(tmp_path):
    file = tmp_path / "docker-compose.yaml"
    file.write_text("services: {jaeger: {image: jaeger, port: [16686]}}")
    done = subprocess.run([built(MANIFESTS, "compose"), file], capture_output=True, text=True, check=False)

    assert done.returncode != 0


def test_every_image_is_of_one_release(services):
    images = {name: service["image"] for name, service in services.items()}

    assert set(images) == set(LISTENS)
    assert [image for image in images.values() if not re.fullmatch(r"[\w./-]+:v?\d+\.\d+(\.\d+)?(-slim)?", image)] == []


def test_nothing_is_allowed_that_is_not_needed(services):
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service.get("read_only") or name == "grafana"
        assert {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices"}.isdisjoint(service)
        assert {port["host_ip"] for port in service.get("ports", ())} <= {"127.0.0.1"}
        assert all(each.get("read_only") for each in service.get("volumes", ()) if each["type"] == "bind")
        assert not [key for key in service.get("environment") or {} if re.search("PASSWORD|TOKEN|SECRET|KEY", key)]


def test_the_application_installs_the_clone_that_it_sees_and_nothing_by_a_name_that_is_not_ours(services):
    application = services["application"]
    (installed,) = re.findall(r"pip install (?:--\S+(?: /tmp/site)? )+(.+)", " ".join(application["command"]))

    source, _, _ = installed.strip("'").partition("[")
    assert mounts(application)[source] == ROOT


def test_every_service_that_can_say_so_is_asked_whether_it_is_healthy(services):
    assert {name for name, service in services.items() if "healthcheck" not in service} == UNASKABLE


@pytest.mark.parametrize("where", ["clone", "written"])
def test_every_file_that_is_mounted_is_there(services, tmp_path, where):
    if where == "written":
        for name in configurations()["docker-compose"].files:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text_of(name), encoding="utf-8")
        services = loaded(tmp_path / "collector-config")
    mounted = [path for service in services.values() for path in mounts(service).values()]

    assert len(mounted) > 10
    assert [path for path in mounted if not path.exists()] == []
    top = tmp_path if where == "written" else ROOT
    assert all(path == top or top in path.parents for path in mounted)


def test_every_address_is_that_of_a_service_and_of_a_port_it_listens_on(services):
    named = set().union(*map(addresses, services.values()))
    others = {(name, port) for name, port in named if name != "localhost"}

    assert others == {
        ("collector", 4317),
        ("collector", 8888),
        ("collector", 8889),
        ("jaeger", 4317),
        ("jaeger", 8890),
        ("jaeger", 16686),
        ("prometheus", 9090),
        ("loki", 3100),
        ("alertmanager", 9093),
    }
    assert all(port in LISTENS[name] for name, port in others)
    published = {name: {port["target"] for port in each.get("ports", ())} for name, each in services.items()}
    assert all(ports <= LISTENS[name] for name, ports in published.items())


def test_the_collector_accepts_its_files_and_its_environment_without_a_warning(services, collector_binary, tmp_path):
    service = services["collector"]
    arguments = inside(seen(service, tmp_path), service["command"])
    environment = {"PATH": os.environ["PATH"], **service["environment"], "QUEUE_FOLDER": str(tmp_path / "queue")}
    done = subprocess.run(
        [collector_binary, "validate", *arguments], env=environment, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "GOMEMLIMIT" in service["environment"]


@pytest.mark.parametrize("name", ["collector", "jaeger"])
def test_no_variable_is_set_that_no_file_reads(services, name):
    text = "".join(path.read_text() for path in mounts(services[name]).values())
    read = set(re.findall(r"\$\{env:(\w+)", text))

    assert set(services[name]["environment"]) - read == {"GOMEMLIMIT"}


@pytest.mark.parametrize(
    ("name", "tool", "file"),
    [
        ("prometheus", ["promtool", "check", "config"], "etc/prometheus/prometheus.yaml"),
        ("alertmanager", ["amtool", "check-config"], "etc/alertmanager/alertmanager.yaml"),
    ],
    ids=["prometheus", "alertmanager"],
)
def test_the_real_program_accepts_its_file_and_what_it_names(services, tmp_path, name, tool, file):
    root = seen(services[name], tmp_path)
    found = built(ALERTMANAGER, "amtool") if tool[0] == "amtool" else built(DEBIAN, f"usr/bin/{tool[0]}")
    command = [found, *tool[1:], root / file]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"--config.file=/{file}" in services[name]["command"]


def test_grafana_finds_boards_and_data_sources_that_know_each_other(services, tmp_path):
    grafana = services["grafana"]
    root = seen(grafana, tmp_path)
    provisioning = root / "etc/grafana/provisioning"
    [provider] = yaml.safe_load((provisioning / "dashboards/firsttoken.yaml").read_text())["providers"]
    text = (provisioning / "datasources/firsttoken.yaml").read_text()
    boards = [
        json.loads(path.read_text()) for path in (root / provider["options"]["path"].lstrip("/")).glob("*/*.json")
    ]

    assert len({board["uid"] for board in boards}) == len(boards) == 7
    assert set(re.findall(r"(?<!\$)\$([A-Z_]+)", text)) == {
        name for name in grafana["environment"] if name[-3:] == "URL"
    }
    kinds = {source["type"] for source in yaml.safe_load(text)["datasources"]}
    wanted = {each["query"] for board in boards for each in board["templating"]["list"] if each["type"] == "datasource"}
    assert wanted == kinds
    assert (root / grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"].lstrip("/")).exists()


def test_calls_of_the_application_are_in_prometheus_jaeger_and_loki(services, collector_binary, tmp_path):
    """As many as the page says of a round."""
    of_the_page = [
        int(number) for number in re.search(r"a round is (\d+) calls.*?(\d+) log records", PAGE, re.S).groups()
    ]
    with (
        http_sink() as (loki_url, loki),
        wall(services, collector_binary, tmp_path, int(loki_url.split(":")[2].split("/")[0])) as up,
    ):
        up.calls()
        calls, records = of_the_page
        loki.wait_for("logs", records)
        until(lambda: up.jaeger.services() == ["demo"])
        until(lambda: len(up.jaeger.asked("/api/traces", service="demo", limit="100")["data"]) == calls)
        counted = 'sum(firsttoken_client_calls_total{job="demo", deployment_environment_name="demo"})'
        until(lambda: values(up.prometheus, counted) == [calls])
        # The program has ended, and told of its calls once: what rose from nothing is counted all the same.
        risen = "sum(increase(firsttoken_client_calls_total[1h]))"
        until(lambda: values(up.prometheus, risen) == [pytest.approx(calls, rel=0.1)])
        buckets = "firsttoken_client_time_to_first_token_seconds_bucket"
        p95 = f"histogram_quantile(0.95, sum by (le) (rate({buckets}[1h])))"
        until(lambda: [0] < values(up.prometheus, p95) < [60])
        until(lambda: values(up.prometheus, "min(up)") == [1] and len(values(up.prometheus, "up")) == 4)
        assert len(asked(up.prometheus, "rules")["groups"]) > 3

    assert len(loki.logs) == records
